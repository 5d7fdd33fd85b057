"""The simulator in the place of the platforms: an endless world in real time, or one that is played in seconds."""

import secrets
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from deploy.local.process import Spec, StackError, inherited_environment
from deploy.local.stack import LocalStack
from ingest import platforms
from ingest.simulator import market, planning, shows
from ingest.simulator.cli import chosen, signing
from ingest.simulator.configuration import CONFIG, read_token
from ingest.simulator.ledger import paid_buyers
from ingest.simulator.market import ambassadors, exchange
from ingest.simulator.shows import Truth
from ingest.simulator.timeline import DAYS
from runtime.settings import variable

NAME = "simulator"
FINISH_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class World:
    """What is simulated: so many days in so many seconds. With `seconds` 0 it goes on for ever, in real time.

    `clock` is the pipeline's, too; empty is the wall clock.
    """

    seconds: float = 0.0
    seed: int = 7
    faults: str = "mild"
    clock: str = ""
    days: float = DAYS
    sources: str = "facebook"


def home(stack: LocalStack) -> Path:
    """Where the simulator keeps the pipeline's configuration, and the notes of its ledger."""
    return stack.data_dir / NAME


def prepare(stack: LocalStack, world: World) -> None:
    """Before the stages start: point them at the simulator, its accounts and its clock, with secrets that it knows."""
    done = subprocess.run(
        _command(stack, world, "--write-config-only"),
        env=inherited_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"the simulator wrote no configuration: {done.stderr.strip()}")
    stack.overrides[variable("config")] = str(home(stack) / CONFIG)
    for path in _signing(stack, world).values():
        if not path.read_text(encoding="utf-8"):
            path.write_text(f"{secrets.token_hex(16)},{secrets.token_hex(16)}", encoding="utf-8")
    at, receiver = f"127.0.0.1:{stack.port(NAME)}", f"http://127.0.0.1:{stack.port('webhooks')}"
    for show in chosen(world.sources).values():
        for name in show.platforms:
            if poll := platforms.load()[name].poll:
                (stack.secrets / poll.token.name).write_text(read_token(home(stack)), encoding="utf-8")
        for setting, address in show.addresses.items():
            stack.overrides[variable(setting)] = address.format(http=f"http://{at}", ws=f"ws://{at}", receiver=receiver)
    if world.clock:
        stack.overrides[variable("clock")] = world.clock


def spec(stack: LocalStack, world: World) -> Spec:
    """The simulator's process; the receiver must have its address already."""
    return Spec(
        name=NAME,
        command=_command(stack, world, "--port", str(stack.port(NAME)), "--receiver", stack.addresses["webhooks"]),
        environment=inherited_environment()
        | {f"{variable(name)}_FILE": str(path) for name, path in _signing(stack, world).items()},
        log=stack.data_dir / "logs" / f"{NAME}.log",
        restarts_unless_stopped=not world.seconds,  # a played world cannot be continued
    )


def state(stack: LocalStack) -> dict[str, Any]:
    """Phase, facts, answers, faults that took effect; raises `requests.RequestException` while it is not up."""
    found: dict[str, Any] = requests.get(f"{_address(stack)}/_control/state", timeout=10).json()
    return found


def expected_dead_letters(stack: LocalStack) -> dict[str, int]:
    """Reason -> how many of the deliveries and changes that were answered 200 must have become dead letters."""
    found: dict[str, int] = requests.get(f"{_address(stack)}/_control/dead-letters", timeout=10).json()
    return found


def finish(stack: LocalStack) -> dict[str, Any]:
    """Make no more facts; the state once every delivery is answered."""
    answer = requests.post(f"{_address(stack)}/_control/finish", timeout=FINISH_SECONDS)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def import_plans(stack: LocalStack, directory: Path | None = None) -> None:
    """Give the editorial plans that a world's pages left to the real command; by default those of the stack's own."""
    environment = inherited_environment() | {variable("postgres_dsn"): stack.dsn("planner")}
    made = [(name, planning.plans((directory or home(stack)) / name)) for name in shows.load()]
    for account, path in ((f"{name}:{page}", path) for name, plans in made for page, path in plans.items()):
        command = [sys.executable, "-m", "runtime.cli", "plan", "import", str(path), "--account", account]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StackError(f"{path.name} was not imported: {done.stderr.strip()}")


def import_rates(stack: LocalStack, directory: Path | None = None) -> None:
    """Give the rates of exchange that a world left to the real command."""
    environment = inherited_environment() | {variable("postgres_dsn"): stack.dsn("planner")}
    for path in sorted((directory or home(stack)).glob(f"*/{exchange.FILE}")):
        command = [sys.executable, "-m", "runtime.cli", "rates", "import", str(path), "--base", exchange.BASE]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StackError(f"{path} was not imported: {done.stderr.strip()}")


def import_people(stack: LocalStack, played: LocalStack | None = None) -> None:
    """Give whose code is whose, and who buys, to the real commands. `played`: the stack whose world left the files and
    whose identity key names people, if that is another one."""
    played = played or stack
    environment = inherited_environment() | {
        variable("postgres_dsn"): stack.dsn("planner"),
        variable("kafka_bootstrap_servers"): stack.bootstrap_servers,
        variable("config"): played.overrides[variable("config")],
        f"{variable('identity_key')}_FILE": str(played.secrets / "identity_key"),
    }
    lists = {ambassadors.AMBASSADORS: "ambassadors", ambassadors.BUYERS: "buyers"}
    found = [(path, word) for name, word in lists.items() for path in home(played).glob(f"*/{name}")]
    for path, word in found:
        command = [sys.executable, "-m", "runtime.cli", word, "import", str(path)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StackError(f"{path} was not imported: {done.stderr.strip()}")


def truths(stack: LocalStack, world: World) -> list[Truth]:
    """What must come out, by show; of those that are not played, nothing."""
    played = chosen(world.sources)
    return [show.truth(home(stack) / name if name in played else None) for name, show in shows.load().items()]


def filled(world: World) -> set[str]:
    """The tables in which something happens in that world."""
    played = chosen(world.sources)
    tables = {table for show in played.values() if show.is_whole for table in show.truth(None).evaluate()}
    return tables | (paid_buyers.views(defaultdict(dict)).keys() if market.SHOW.name in played else set())


def _signing(stack: LocalStack, world: World) -> dict[str, Path]:
    """Setting -> file of the secrets that deliveries are signed with."""
    return {name: stack.secrets / name for name in signing(chosen(world.sources).values())}


def _address(stack: LocalStack) -> str:
    return f"http://127.0.0.1:{stack.port(NAME)}"


def _command(stack: LocalStack, world: World, *arguments: str) -> Sequence[str]:
    command = [sys.executable, "-m", "runtime.cli", "simulate", "--data-dir", str(home(stack))]
    command += ["--seconds", f"{world.seconds:g}", "--seed", str(world.seed), "--faults", world.faults]
    command += ["--days", f"{world.days:g}", "--sources", world.sources]
    if world.clock:
        command += ["--clock", world.clock]
    return [*command, *arguments]
