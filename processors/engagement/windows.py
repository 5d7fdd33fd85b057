"""Where a time falls: UTC minutes and hours, local days, and what is too old for each."""

import datetime as dt
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from contracts.config import Retention

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
MOST_MINUTES = 1 << 16
"""Of which a zone remembers the day; clocks are changed at whole minutes."""
_EPOCH = dt.date(1970, 1, 1).toordinal()


class Day(NamedTuple):
    """A local day: its number since 1970-01-01, ISO date, and where it starts and ends in epoch milliseconds."""

    number: int
    date: str
    start: int
    end: int


class Zone:
    """Days of one IANA zone. A day lasts 23 to 25 hours when the clocks change."""

    def __init__(self, name: str) -> None:
        self._zone = ZoneInfo(name)
        self._days: dict[int, Day] = {}
        self._minutes: dict[int, Day] = {}

    def day(self, number: int) -> Day:
        """The day with this number since 1970-01-01."""
        known = self._days.get(number)
        if known is None:
            date = dt.date.fromordinal(number + _EPOCH)
            known = Day(number, date.isoformat(), self._start(date), self._start(date + dt.timedelta(1)))
            self._days[number] = known
        return known

    def day_of(self, time_ms: int) -> Day:
        """The day in which `time_ms` falls.

        >>> Zone("Europe/London").day_of(1793494800000).date  # 2026-11-01T01:00:00Z
        '2026-11-01'
        """
        minute = time_ms // MINUTE_MS
        known = self._minutes.get(minute)
        if known is None:
            local = dt.datetime.fromtimestamp(time_ms // 1000, self._zone).date()
            if len(self._minutes) >= MOST_MINUTES:
                self._minutes.clear()
            known = self._minutes[minute] = self.day(local.toordinal() - _EPOCH)
        return known

    def _start(self, date: dt.date) -> int:
        """First instant of the date; where midnight is skipped by a clock change, the first one after it."""
        midnight = dt.datetime(date.year, date.month, date.day, tzinfo=self._zone)
        return int(midnight.astimezone(dt.UTC).timestamp() * 1000)


@cache
def zone(name: str) -> Zone:
    """The zone, shared by all accounts in it."""
    return Zone(name)


def date_number(date: str) -> int:
    """Number since 1970-01-01 of an ISO date."""
    return dt.date.fromisoformat(date).toordinal() - _EPOCH


def date_of(number: int) -> str:
    """The ISO date of a day by its number since 1970-01-01."""
    return dt.date.fromordinal(number + _EPOCH).isoformat()


@dataclass(frozen=True, slots=True)
class Horizons:
    """How long rows live, in milliseconds. A window is too old when it ends at or before newest - retention."""

    minute: int
    hour: int
    day: int
    interaction: int
    recent: int
    """What is younger is too old for nothing."""

    @classmethod
    def of(cls, retention: Retention) -> "Horizons":
        minute, hour = retention.minute_days * DAY_MS, retention.hour_days * DAY_MS
        day, interaction = retention.day_days * DAY_MS, retention.interaction_days * DAY_MS
        return cls(minute, hour, day, interaction, min(minute, hour, day, interaction))


def last_before(sorted_starts: list[int], start: int) -> int | None:
    """The greatest element smaller than `start`."""
    position = bisect_left(sorted_starts, start)
    return sorted_starts[position - 1] if position else None
