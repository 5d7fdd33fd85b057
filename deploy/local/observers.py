"""Prometheus and Grafana of the stack, where their programs are installed: the provisioned files, local addresses."""

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from deploy.local.compose import Service
from deploy.local.overrides import CONTAINER_SECRETS
from deploy.local.process import Spec, inherited_environment
from runtime.health import ask

METRICS = "metrics."
"""Prefix of the addresses at which processes of ours serve /metrics."""

PROGRAMS = {"prometheus": "prometheus", "grafana": "grafana"}


def is_installed(name: str) -> bool:
    return name in PROGRAMS and shutil.which(PROGRAMS[name]) is not None


def spec(
    declared: Service, deploy: Path, data_dir: Path, port: int, addresses: Mapping[str, str], secrets: Path
) -> Spec:
    """The observer `declared`, listening on `port`, watching what stands in `addresses`."""
    home = data_dir / declared.name
    home.mkdir(parents=True, exist_ok=True)
    build = _prometheus if declared.name == "prometheus" else _grafana
    command, environment, ready = build(declared, deploy, home, port, addresses, secrets)
    return Spec(
        name=declared.name,
        command=command,
        environment=inherited_environment() | environment,
        log=data_dir / "logs" / f"{declared.name}.log",
        ready=lambda: ask(f"http://127.0.0.1:{port}{ready}")[0],
        stop_seconds=declared.stop_grace,
    )


def _prometheus(
    declared: Service, deploy: Path, home: Path, port: int, addresses: Mapping[str, str], _secrets: Path
) -> tuple[list[str], dict[str, str], str]:
    provisioned = yaml.safe_load((deploy / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    configured = home / "prometheus.yml"
    configured.write_text(yaml.safe_dump(scraping(provisioned, addresses, deploy / "prometheus")))
    here = {"--config.file": str(configured), "--storage.tsdb.path": str(home / "data")}
    flags = [f"{flag}={here.get(flag, value)}" for flag, _, value in (one.partition("=") for one in declared.command)]
    command = [PROGRAMS["prometheus"], *flags, f"--web.listen-address=127.0.0.1:{port}"]
    return command, {}, "/-/ready"


def scraping(provisioned: Mapping[str, Any], addresses: Mapping[str, str], directory: Path) -> dict[str, Any]:
    """The provisioned configuration with each `service:port` target as the addresses of its processes here.

    Services that do not run here have no target; alerts are evaluated, but nobody is there to send them to.
    """

    def local(target: str) -> Iterator[str]:
        service = target.rpartition(":")[0]
        for name, url in addresses.items():
            if re.fullmatch(re.escape(METRICS + service) + r"(-\d+)?", name):
                yield url.removeprefix("http://")

    jobs = []
    for job in provisioned["scrape_configs"]:
        groups = [
            group | {"targets": [here for target in group["targets"] for here in local(target)]}
            for group in job.get("static_configs", ())
        ]
        jobs.append(job | {"static_configs": groups})
    rules = [str(directory / pattern) for pattern in provisioned.get("rule_files", ())]
    kept = {key: value for key, value in provisioned.items() if key != "alerting"}
    return kept | {"scrape_configs": jobs, "rule_files": rules}


def _grafana(
    declared: Service, deploy: Path, home: Path, port: int, addresses: Mapping[str, str], secrets: Path
) -> tuple[list[str], dict[str, str], str]:
    here = {
        "http://prometheus:9090": addresses.get("prometheus", ""),
        "postgres:5432": addresses.get("postgres", ""),
        "/etc/grafana/dashboards": str(deploy / "grafana" / "dashboards"),
        CONTAINER_SECRETS: f"{secrets}{os.sep}",
    }

    def localised(text: str) -> str:
        for there, value in here.items():
            text = text.replace(there, value)
        return text

    source = deploy / "grafana" / "provisioning"
    for path in source.rglob("*.y*ml"):
        target = home / "provisioning" / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(localised(path.read_text(encoding="utf-8")), encoding="utf-8")
    environment = {name: localised(value) for name, value in declared.environment.items()} | {
        "GF_SERVER_HTTP_ADDR": "127.0.0.1",
        "GF_SERVER_HTTP_PORT": str(port),
        "GF_PATHS_DATA": str(home / "data"),
        "GF_PATHS_LOGS": str(home / "logs"),
        "GF_PATHS_PROVISIONING": str(home / "provisioning"),
    }
    program = Path(str(shutil.which(PROGRAMS["grafana"]))).resolve()
    shares = (Path("/usr/share/grafana"), program.parent.parent)  # a package's home, an archive's home
    homepath = next((share for share in shares if (share / "conf").is_dir()), shares[0])
    return [str(program), "server", f"--homepath={homepath}"], environment, "/api/health"
