"""The whole stack on one machine, as docker-compose.yml declares it: start, address, kill, scale, stop.

    with LocalStack(Path(".data"), secrets={"meta_app_secrets": "..."}) as stack:
        stack.start()                       # or start("kafka", "postgres")
        stack.services["processor-organic"].kill()

Processes that die are restarted as declared. When the block ends, or this process dies, nothing is left running.
"""

import fcntl
import json
import os
import re
import sysconfig
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy import secrets as secret_files
from deploy.local import compose, kafka, observers, postgres, services
from deploy.local.keeper import Keeper
from deploy.local.ports import Ports
from deploy.local.process import Spec, StackError, Supervised
from deploy.local.settings import LocalSettings
from runtime.settings import PREFIX

DEPLOY = Path(str(files("deploy")))
EXAMPLE_CONFIG = DEPLOY / "engagement.example.toml"
ONE_SHOT_SECONDS = 300.0
STORES = ("kafka", "postgres")


def compose_file() -> Path:
    """At the root of a checkout, or among the shared data of the installed wheel."""
    checkout = DEPLOY.parent / "docker-compose.yml"
    installed = Path(sysconfig.get_path("data")) / "share" / "engagement-pipeline" / "docker-compose.yml"
    return checkout if checkout.exists() else installed


class LocalStack:
    """`overrides`: endpoint variables that the services declare. `secrets`: contents of secret files by name.

    `services` holds the running processes by name, `addresses` where they are reached; both fill as they start.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        settings: LocalSettings | None = None,
        overrides: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> None:
        self.settings = settings or LocalSettings.load()
        self.overrides = dict(overrides or {})
        self.data_dir = data_dir.resolve()
        self.secrets = self.data_dir / "secrets"
        self.services: dict[str, Supervised] = {}
        self.addresses: dict[str, str] = {}
        self.declared = compose.read(compose_file().read_text(encoding="utf-8"), _variables(self.secrets))
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._lock = (self.data_dir / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise StackError(f"another stack runs in {self.data_dir}") from None
        secret_files.make(self.secrets, secrets)
        self._ports = Ports(self.data_dir / "ports.json", self._configured_ports())
        self._keeper = Keeper()
        self._prepared: set[str] = set()
        self._adopt_external()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, *names: str) -> None:
        """Start the named services and what they depend on; without names all that can run here. Waits for health."""
        wanted = names or [name for name in self.declared if self._runs_here(name)]
        started = [one.name for one in compose.start_order(self.declared, wanted) if self._runs_here(one.name)]
        for name in started:
            if name not in self.services:
                for other, condition in self.declared[name].depends_on.items():
                    self._await(other, condition)
                self._launch(name, name)
        for name in started:
            completes = self.declared[name].restart == "no"
            self._await(name, "service_completed_successfully" if completes else "service_healthy")
        self._write_down()

    def scale(self, service: str, instances: int) -> list[Supervised]:
        """Run so many processes of a service; the second is called `<service>-2`. All of them, oldest first."""
        names = [service, *(f"{service}-{number}" for number in range(2, instances + 1))]
        for name in [name for name in self._instances(service) if name not in names]:
            self.services.pop(name).stop()
            self.addresses.pop(observers.METRICS + name, None)
        for name in names:
            if name not in self.services:
                self._launch(service, name)
        for name in names:
            self.services[name].wait_ready(self.declared[service].healthy_within)
        self._write_down()
        return [self.services[name] for name in names]

    def run(self, spec: Spec) -> Supervised:
        """Supervise a process that the compose file does not know, such as the simulator."""
        process = self.services[spec.name] = Supervised(spec, self._keeper)
        process.start()
        return process

    def stop(self) -> None:
        """Stages first, so that they drain; then what they drain to."""
        stages = [process for name, process in self.services.items() if name not in STORES]
        for group in (stages, [self.services[name] for name in STORES if name in self.services]):
            for process in group:
                process.ask_to_stop()
            for process in group:
                process.stop()
        self.services.clear()
        self._keeper.close()
        (self.data_dir / "stack.json").unlink(missing_ok=True)
        self._lock.close()

    def port(self, name: str) -> int:
        """A port of this stack for a process beside it; the same at each start of the directory."""
        return self._ports.take(name)

    @property
    def bootstrap_servers(self) -> str:
        return self.addresses["kafka"]

    def dsn(self, role: str = "migrator") -> str:
        """DSN of a login role: migrator, writer, reader or planner."""
        return self._dsns()[role]

    @property
    def superuser_dsn(self) -> str:
        """For what no role of the pipeline may do, such as making another database."""
        return postgres.dsn(self._ports.take("postgres"), postgres.SUPERUSER, self._superuser)

    def environment(self, service: str) -> dict[str, str]:
        """The environment a service's process gets here: for commands that are run beside the stack."""
        return dict(self._ours(service, service).environment)

    def _runs_here(self, name: str) -> bool:
        if name in STORES:
            return name not in self.addresses or name in self.services
        return self.declared[name].is_ours or observers.is_installed(name)

    def _await(self, name: str, condition: str) -> None:
        if name not in self.services:  # external, or nothing that this machine can run
            return
        process, declared = self.services[name], self.declared[name]
        if condition == "service_completed_successfully":
            if code := process.wait_over(ONE_SHOT_SECONDS):
                raise StackError(f"{name} ended with {code}: see {process.spec.log}")
        elif condition == "service_healthy":
            process.wait_ready(declared.healthy_within)
            if name == "postgres" and name not in self._prepared:
                postgres.prepare(
                    declared, self._ports.take(name), self._superuser, self.secrets, DEPLOY / "postgres" / "roles.sh"
                )
                self._prepared.add(name)

    def _launch(self, service: str, name: str) -> None:
        declared = self.declared[service]
        if service == "kafka":
            port = self._ports.take("kafka")
            controller = self._ports.take("kafka_controller")
            spec = kafka.spec(declared, self.data_dir / "kafka", self.settings.cache_dir, port, controller)
            self.addresses["kafka"] = f"127.0.0.1:{port}"
        elif service == "postgres":
            port = self._ports.take("postgres")
            spec = postgres.spec(declared, self.data_dir / "postgres", port, self._superuser)
            self.addresses["postgres"] = f"127.0.0.1:{port}"
            secret_files.write_logins(self.secrets, self._dsns())
        elif declared.is_ours:
            spec = self._ours(service, name)
        else:
            port = self._ports.take(service)
            self.addresses[service] = f"http://127.0.0.1:{port}"
            spec = observers.spec(declared, DEPLOY, self.data_dir, port, self.addresses, self.secrets)
        self.run(spec)

    def _ours(self, service: str, name: str) -> Spec:
        declared = self.declared[service]
        metrics_port = self._ports.take(f"{name}.metrics")
        here = {
            "METRICS_HOST": "127.0.0.1",
            "METRICS_PORT": str(metrics_port),
            "PROCESSOR_INSTANCE_ID": name,
            "WEBHOOKS_HOST": "127.0.0.1",
            "KAFKA_BOOTSTRAP_SERVERS": self.addresses.get("kafka", ""),
            "CONFIG": self._config,
        }
        if f"{PREFIX}METRICS_PORT" in declared.environment and declared.healthcheck:
            self.addresses[observers.METRICS + name] = f"http://127.0.0.1:{metrics_port}"
        if f"{PREFIX}WEBHOOKS_PORT" in declared.environment:
            here["WEBHOOKS_PORT"] = str(self._ports.take("webhooks"))
            self.addresses["webhooks"] = f"http://127.0.0.1:{here['WEBHOOKS_PORT']}"
        local = {PREFIX + key: value for key, value in here.items()} | self.overrides
        return services.spec(declared, name, local, self.secrets, self.data_dir)

    @property
    def _config(self) -> str:
        return str((self.settings.config or EXAMPLE_CONFIG).resolve())

    def _instances(self, service: str) -> list[str]:
        return [name for name in self.services if re.fullmatch(re.escape(service) + r"(-\d+)?", name)]

    def _adopt_external(self) -> None:
        if self.settings.kafka_bootstrap_servers:
            self.addresses["kafka"] = self.settings.kafka_bootstrap_servers
        if self.settings.postgres_dsn:
            self.addresses["postgres"] = "external"
            secret_files.write_logins(self.secrets, self._dsns())

    def _dsns(self) -> dict[str, str]:
        if self.settings.postgres_dsn:
            return dict.fromkeys(secret_files.ROLES, self.settings.postgres_dsn.get_secret_value())
        return secret_files.logins(self.secrets, self.addresses["postgres"])

    @property
    def _superuser(self) -> str:
        return (self.secrets / "postgres_password").read_text(encoding="utf-8")

    def _configured_ports(self) -> dict[str, int]:
        chosen = self.settings
        return {
            "kafka": chosen.kafka_port,
            "postgres": chosen.postgres_port,
            "prometheus": chosen.prometheus_port,
            "grafana": chosen.grafana_port,
            "webhooks": chosen.webhooks_port,
        }

    def _write_down(self) -> None:
        """For `status` and `down`, which run in another process."""
        known = {
            "pid": os.getpid(),
            "addresses": self.addresses,
            "config": self.overrides.get(f"{PREFIX}CONFIG", self._config),
            "secrets": str(self.secrets),
        }
        target = self.data_dir / "stack.json"
        target.write_text(json.dumps(known, indent=1), encoding="utf-8")


def _variables(secrets: Path) -> dict[str, str]:
    return {"ENGAGEMENT_SECRETS": str(secrets), "ENGAGEMENT_CONFIG": "configured here"} | os.environ
