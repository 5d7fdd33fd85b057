"""How often somebody may come: token buckets in bounded memory. Pure; the caller brings the clock."""

from collections import OrderedDict


class Buckets:
    """A bucket for each name: `burst` at once, and `rate` a second in the long run.

    A bucket is the moment at which it will be full again. At most `most` names are remembered: whoever came longest ago
    is forgotten first, and finds a full bucket.
    """

    def __init__(self, rate: float, burst: int, most: int) -> None:
        self._interval = 1 / rate
        self._depth = burst / rate
        self._most = most
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, name: str, now: float) -> float:
        """Take one of `name`, at `now` in seconds of any steady clock: 0.0, or for how many seconds there is none."""
        full_at = max(self._full_at.get(name, now), now) + self._interval
        if (excess := full_at - now - self._depth) > 1e-9:
            return excess
        self._full_at[name] = full_at
        self._full_at.move_to_end(name)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
        return 0.0
