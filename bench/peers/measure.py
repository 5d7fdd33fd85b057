"""Runs one engine as a process and reads what it uses from /proc, when it says FIRST and when it says LAST.

FIRST is said at the first delivery, LAST when the last one has had all its effects. What an engine publishes after
that is its work too, so it is left running for a moment, and its CPU seconds are also taken at its exit.
"""

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from bench import machine

ROOT = Path(__file__).parents[2]
GRACE_SECONDS = 4.0
PATIENCE_SECONDS = 600.0
STOP_SECONDS = 30.0


class Unfinished(RuntimeError):
    """The engine ended, or was ended, before its last delivery."""


class Mark(NamedTuple):
    """A moment: wall seconds, and CPU seconds that the engine and the broker had used."""

    at: float
    cpu: float
    broker_cpu: float


class Measured(NamedTuple):
    """What a run took. CPU in seconds: before the first delivery, from there to the last, from there to the exit."""

    seconds: float
    cpu_before: float
    cpu: float
    cpu_to_exit: float
    broker_cpu: float
    peak_memory_mib: int


def run(command: Sequence[str], environment: Mapping[str, str], log: Path, broker_pid: int) -> Measured:
    """Run `command` until it is done. Raises `Unfinished`, with the end of the log."""
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, env=dict(environment), cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, bufsize=0
        )
        patience = threading.Timer(PATIENCE_SECONDS, process.kill)
        patience.start()
        try:
            assert process.stdout is not None
            first = _await(process.stdout, b"FIRST", process.pid, broker_pid, errors)
            last = _await(process.stdout, b"LAST", process.pid, broker_pid, errors)
            rest = threading.Thread(target=shutil.copyfileobj, args=(process.stdout, errors), daemon=True)
            rest.start()
            time.sleep(GRACE_SECONDS)
            peak = machine.peak_memory_mib(process.pid)
            total = _stop(process)
            rest.join()
        except Unfinished:
            end = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise Unfinished(f"{' '.join(command[:3])} ended early: {end}") from None
        finally:
            patience.cancel()
            if process.returncode is None:
                process.kill()
                process.wait()
    return Measured(
        last.at - first.at, first.cpu, last.cpu - first.cpu, total - first.cpu, last.broker_cpu - first.broker_cpu, peak
    )


def _await(output: IO[bytes], word: bytes, pid: int, broker_pid: int, log: IO[bytes]) -> Mark:
    """Read until a line is `word`; everything else goes to the log."""
    for line in output:
        if line.strip() == word:
            return Mark(time.monotonic(), machine.cpu_seconds(pid), machine.cpu_seconds(broker_pid))
        log.write(line)
    raise Unfinished


def _stop(process: subprocess.Popen[bytes]) -> float:
    """Ask it to end, and kill it if it does not; returns all CPU seconds it has used."""
    kill = threading.Timer(STOP_SECONDS, process.kill)
    kill.start()
    process.send_signal(signal.SIGTERM)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    kill.cancel()
    return used.ru_utime + used.ru_stime
