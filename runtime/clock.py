"""The process's clock: the wall clock, or a virtual one for simulated time.

A virtual clock is written `<virtual_ms>@<wall_ms>x<speed>`: it read `virtual_ms` when the wall clock read
`wall_ms`, and has since run `speed` times as fast. It never passes the wall clock.
"""

import re
import time
from dataclasses import dataclass

_FORM = re.compile(r"(\d+)@(\d+)x(\d+(?:\.\d+)?)")


def wall_ms() -> int:
    """Epoch milliseconds, now."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """Reads epoch milliseconds; the default instance is the wall clock."""

    virtual_ms: int = 0
    wall_ms: int = 0
    speed: float = 1.0

    @classmethod
    def parse(cls, text: str) -> "Clock":
        """Read the written form; empty text is the wall clock, anything else a ValueError."""
        if not text:
            return cls()
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError("a clock is written <virtual_ms>@<wall_ms>x<speed>")
        return cls(int(match[1]), int(match[2]), float(match[3]))

    def __str__(self) -> str:
        return f"{self.virtual_ms}@{self.wall_ms}x{self.speed:g}"

    def now_ms(self) -> int:
        """Epoch milliseconds on this clock."""
        wall = wall_ms()
        return min(wall, self.virtual_ms + int((wall - self.wall_ms) * self.speed))
