"""Turns a declared service of ours into a process of this machine: same command, other endpoints."""

import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local.compose import ComposeError, Service
from deploy.local.overrides import localised
from deploy.local.process import Spec, inherited_environment
from runtime.health import ask
from runtime.settings import PREFIX

HEALTH_COMMAND = ("CMD", "engagement", "health")
RESTARTS = {"unless-stopped": True, "no": False}


def spec(service: Service, name: str, here: Mapping[str, str], secrets: Path, data_dir: Path) -> Spec:
    """The process `name` of a service of ours, with the endpoints `here`."""
    if service.restart not in RESTARTS:
        raise ComposeError(f"{service.name}: restart {service.restart!r} is not honoured here")
    if service.healthcheck not in ((), HEALTH_COMMAND):
        raise ComposeError(f"{service.name}: health check {shlex.join(service.healthcheck)} is not honoured here")
    environment = inherited_environment() | localised(service.environment, here, secrets)
    programs = Path(sys.executable).parent  # where `engagement` was installed beside this interpreter
    environment["PATH"] = f"{programs}:{environment.get('PATH', '')}"
    # The declared check is our own command; asking from here is the same question without a new process each time.
    url = f"http://127.0.0.1:{environment.get(PREFIX + 'METRICS_PORT')}/readyz"
    return Spec(
        name=name,
        command=[
            shutil.which(service.command[0], path=environment["PATH"]) or service.command[0],
            *service.command[1:],
        ],
        environment=environment,
        log=data_dir / "logs" / f"{name}.log",
        restarts_unless_stopped=RESTARTS[service.restart],
        ready=(lambda: ask(url)[0]) if service.healthcheck else (lambda: True),
        stop_seconds=service.stop_grace,
        working_directory=data_dir,
    )
