"""The simulator in the place of the platforms, for `engagement up --simulate`: an endless world in real time."""

import secrets
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.local.process import Spec, StackError, inherited_environment
from deploy.local.stack import LocalStack
from ingest.simulator.configuration import CONFIG, read_token
from runtime.settings import variable

NAME = "simulator"
APP_SECRETS, ACCESS_TOKEN = "meta_app_secrets", "meta_access_token"


def prepare(stack: LocalStack) -> None:
    """Before the stages start: point them at the simulator and its accounts, with secrets that it knows."""
    home = stack.data_dir / NAME
    command = _command(home, "--write-config-only")
    done = subprocess.run(command, env=inherited_environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(f"the simulator wrote no configuration: {done.stderr.strip()}")
    if not (stack.secrets / APP_SECRETS).read_text(encoding="utf-8"):
        (stack.secrets / APP_SECRETS).write_text(secrets.token_hex(16), encoding="utf-8")
    (stack.secrets / ACCESS_TOKEN).write_text(read_token(home), encoding="utf-8")
    stack.overrides[variable("config")] = str(home / CONFIG)
    stack.overrides[variable("meta_graph_url")] = f"http://127.0.0.1:{stack.port(NAME)}/v25.0"


def spec(stack: LocalStack) -> Spec:
    """The simulator's process; the receiver must have its address already."""
    deliveries = f"{stack.addresses['webhooks']}/webhooks/meta"
    arguments = ["--port", str(stack.port(NAME)), "--webhook-url", deliveries, "--faults", "mild"]
    return Spec(
        name=NAME,
        command=_command(stack.data_dir / NAME, *arguments),
        environment=inherited_environment() | {f"{variable(APP_SECRETS)}_FILE": str(stack.secrets / APP_SECRETS)},
        log=stack.data_dir / "logs" / f"{NAME}.log",
    )


def _command(home: Path, *arguments: str) -> Sequence[str]:
    return [sys.executable, "-m", "runtime.cli", "simulate", "--seconds", "0", "--data-dir", str(home), *arguments]
