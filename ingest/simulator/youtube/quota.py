"""The project's units: 10,000 a day, which begins at midnight Pacific time on the world's clock."""

import datetime as dt
from zoneinfo import ZoneInfo

UNITS = 10_000
_ZONE = ZoneInfo("America/Los_Angeles")


class Quota:
    """Each request costs one unit, whatever becomes of it."""

    def __init__(self, units: int = UNITS) -> None:
        self._units = units
        self._day: dt.date | None = None
        self.spent = 0

    def spend(self, second: int) -> bool:
        """Whether there was a unit left at that second.

        >>> quota = Quota(2)
        >>> midnight = 1_790_060_400  # 2026-09-22, 07:00 UTC
        >>> [quota.spend(at) for at in (midnight - 3, midnight - 2, midnight - 1, midnight)]
        [True, True, False, True]
        """
        day = dt.datetime.fromtimestamp(second, _ZONE).date()
        if day != self._day:
            self._day, self.spent = day, 0
        self.spent += 1
        return self.spent <= self._units
