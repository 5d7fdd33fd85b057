"""A supervised process is restarted as declared, stopped for certain, and leaves no child behind."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.keeper import Keeper
from deploy.local.process import Spec, StackError, Supervised, inherited_environment, is_running

PATIENCE = 30.0
SLEEP = "import time; time.sleep(600)"
Start = Callable[..., Supervised]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.02)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    keeper, running = Keeper(), list[Supervised]()

    def started(script: str, *, restarts: bool = True, stop_seconds: float = 10.0) -> Supervised:
        spec = Spec(
            name="one",
            command=[sys.executable, "-c", script],
            environment=inherited_environment(),
            log=tmp_path / "one.log",
            restarts_unless_stopped=restarts,
            ready=lambda: "ready" in (tmp_path / "one.log").read_text(),
            stop_seconds=stop_seconds,
        )
        running.append(Supervised(spec, keeper))
        running[-1].start()
        until(lambda: running[-1].pid is not None or running[-1].is_over)
        return running[-1]

    yield started
    for process in running:
        process.stop()
    keeper.close()


def test_a_killed_process_is_started_again(start: Start) -> None:
    process = start(SLEEP)
    first = process.pid
    assert process.kill() == first
    until(lambda: process.restarts == 1 and process.pid not in (None, first))
    assert process.exit_code == -signal.SIGKILL


def test_a_process_that_ends_is_started_again_and_again(start: Start) -> None:
    process = start("raise SystemExit(1)")
    until(lambda: process.restarts >= 2)


def test_a_one_shot_process_ends_with_its_exit_code(start: Start) -> None:
    process = start("raise SystemExit(3)", restarts=False)
    assert process.wait_over(PATIENCE) == 3
    assert process.restarts == 0


def test_waiting_for_a_process_that_ended_names_its_log(start: Start) -> None:
    process = start("raise SystemExit(3)", restarts=False)
    with pytest.raises(StackError, match=r"one ended with 3: see .*one\.log"):
        process.wait_ready(PATIENCE)


def test_a_stopped_process_stays_stopped(start: Start) -> None:
    process = start(SLEEP)
    pid = process.pid
    process.stop()
    assert process.pid is None
    assert pid is not None
    assert not is_running(pid)
    assert process.restarts == 0


def test_a_process_that_ignores_its_stop_signal_or_is_frozen_is_killed(start: Start) -> None:
    process = start(
        f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); {SLEEP}",
        stop_seconds=0.2,
    )
    process.wait_ready(PATIENCE)
    process.stop_signal()
    process.stop()
    assert process.exit_code == -signal.SIGKILL


def test_what_a_process_started_does_not_outlive_it(start: Start, tmp_path: Path) -> None:
    script = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {SLEEP!r}])\n"
        f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid)); print('ready', flush=True)\n"
        f"{SLEEP}"
    )
    process = start(script)
    process.wait_ready(PATIENCE)
    child = int((tmp_path / "child").read_text())
    assert is_running(child)
    process.signal(signal.SIGKILL)
    until(lambda: not is_running(child))
