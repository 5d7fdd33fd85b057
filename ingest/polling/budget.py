"""How fast an account may be polled: slower as its rate limit fills, not at all while it is full."""

import threading
from collections.abc import Callable

from ingest.platforms import Usage

SLOW_FROM = 0.75
SLOWEST_SECONDS = 1.0
"""The pause before each request when the limit is all but full."""
FIRST_STOP_SECONDS = 1.0
LONGEST_STOP_SECONDS = 900.0


class Budget:
    """Thread-safe. What the platform says about its limit decides; without its word, stops get longer each time."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._ratio = 0.0
        self._regain = 0.0
        self._stops = 0
        self._stopped_until = 0.0

    @property
    def stopped_until(self) -> float:
        """The monotonic time before which nothing may be asked."""
        return self._stopped_until

    def pause(self) -> float | None:
        """Seconds to wait before the next request; None: do not ask now."""
        with self._lock:
            if self._monotonic() < self._stopped_until:
                return None
            return SLOWEST_SECONDS * min(max(0.0, self._ratio - SLOW_FROM) / (1 - SLOW_FROM), 1.0)

    def note(self, usage: Usage) -> None:
        """Take in what an answer said; a full limit stops."""
        with self._lock:
            self._ratio = usage.ratio
            self._regain = usage.regain_seconds
            if usage.ratio < 1:
                self._stops = 0
        if usage.ratio >= 1:
            self.stop()

    def stop(self) -> None:
        """The limit is reached: ask nothing until access is regained."""
        with self._lock:
            now = self._monotonic()
            if now < self._stopped_until:
                return
            seconds = self._regain or min(FIRST_STOP_SECONDS * 2**self._stops, LONGEST_STOP_SECONDS)
            self._stops += 1
            self._stopped_until = now + seconds
