"""A load of signed deliveries by wrk, which takes so little of the machine that the receiver is what is measured."""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.deliveries import PATH, Delivery

SCRIPT = Path(__file__).with_name("wrk.lua")
GRACE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of a load. Latencies are milliseconds. `begun`: by thread, how many deliveries were begun, in the order
    of its share. `taken`: how often each delivery was answered 200, known with a thread for each connection only.
    """

    seconds: float
    p50: float
    p99: float
    slowest: float
    broken: int
    statuses: dict[str, int]
    begun: list[int]
    taken: Counter[int]

    @property
    def accepted(self) -> int:
        return self.statuses.get("200", 0)

    @property
    def refused(self) -> float:
        """The share of all answers that were not 200."""
        return 1 - self.accepted / max(sum(self.statuses.values()), 1)


class Load:
    """wrk at work for `seconds`, over `connections`; `answers` waits for its end. Needs Debian's package wrk."""

    def __init__(
        self,
        url: str,
        deliveries: Sequence[Delivery],
        directory: Path,
        *,
        seconds: int,
        connections: int,
        threads: int = 1,
    ) -> None:
        file = directory / "deliveries.tsv"
        file.write_bytes(b"".join(b"%s\t%s\t%s\n" % (PATH.encode(), d.signature.encode(), d.body) for d in deliveries))
        self._answers = directory / "answers"
        with suppress(FileNotFoundError):
            self._answers.unlink()
        self._seconds = seconds
        named = {"DELIVERIES": file, "ANSWERS": self._answers, "THREADS": threads, "CONNECTIONS": connections}
        self.process = subprocess.Popen(
            ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout=30s", f"-s{SCRIPT}", url],
            env=os.environ | {name: str(value) for name, value in named.items()},
            stdout=subprocess.DEVNULL,
        )

    def answers(self) -> Answers:
        """What came, when it is over."""
        assert self.process.wait(self._seconds + GRACE_SECONDS) == 0, "wrk failed"
        head, *lines = self._answers.read_text(encoding="utf-8").splitlines()
        return Answers(**json.loads(head), taken=Counter(map(int, lines)))
