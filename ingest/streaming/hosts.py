"""Which host is asked next, and how long is waited before it. Pure but for chance."""

import random
from collections.abc import Sequence

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0


class Hosts:
    """Stays with a host that works; goes on to the next one when it fails, round and round."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses
        self._place = 0
        self._failures = 0

    @property
    def current(self) -> str:
        return self._addresses[self._place]

    @property
    def failures(self) -> int:
        """In a row."""
        return self._failures

    def worked(self) -> None:
        """Something came from it."""
        self._failures = 0

    def failed(self) -> float:
        """On to the next; the seconds to wait first. Two connections that broke together do not come back together."""
        longest = min(FIRST_PAUSE_SECONDS * 2 ** min(self._failures, 10), LONGEST_PAUSE_SECONDS)
        self._failures += 1
        if self._failures > 1:
            self._place = (self._place + 1) % len(self._addresses)
        return random.uniform(longest / 2, longest)
