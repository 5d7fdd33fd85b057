"""Where a person stands on a day, and what that adds to the community's row of the day. Pure."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from contracts.config import Weights
from processors.engagement import levels
from processors.engagement.activity import DAY_BITS, DAY_MASK, KINDS, Kept, backwards, counts
from processors.engagement.levels import ACTIVE_DAYS, NOBODYS

SILENT, MONTHLY, WEEKLY, DAILY = range(4)
"""Not active in the last 28 days, active in them, in the last 7, on the day itself."""
_WEEK, _MONTH = 7, 28
NEW, RETURNING, REACTIVATED = 1, 2, 3
"""How somebody who is active on the day comes: for the first time, again, or after more than 28 silent days."""


class Standing(NamedTuple):
    """`activity` and `coming` as above (0 if not active on the day), the level and that of the day before."""

    activity: int
    coming: int
    level: int
    before: int


NOWHERE: Final = Standing(SILENT, 0, NOBODYS, NOBODYS)


class Rules:
    """The configured weights, as they apply to sums of tallies."""

    def __init__(self, weights: Weights) -> None:
        by_kind = [getattr(weights, kind) for kind in KINDS]
        # Few different sums make up nearly all people.
        self.weight = lru_cache(1 << 14)(
            lambda total: max((w for w, n in zip(by_kind, counts(total), strict=True) if n > 0), default=0)
        )
        """Greatest weight of a kind of which something stands, of a sum of tallies."""

    def standing(self, kept: Kept, day: int) -> Standing:
        """Where the person stands on that day."""
        if isinstance(kept, dict):
            return next(self._of_days(kept, day))
        return self._of_one_day(day - (kept & DAY_MASK), self.weight(kept >> DAY_BITS))

    def standings(self, kept: Kept | None, day: int) -> Iterator[Standing]:
        """Where the person stands on that day, on the day before, and so on without an end."""
        if isinstance(kept, dict):
            yield from self._of_days(kept, day)
        if isinstance(kept, int):
            weight = self.weight(kept >> DAY_BITS)
            for silent_days in range(day - (kept & DAY_MASK), -1, -1):
                yield self._of_one_day(silent_days, weight)
        while True:
            yield NOWHERE

    def _of_one_day(self, silent_days: int, weight: int) -> Standing:
        if silent_days == 0:
            return Standing(DAILY, NEW, weight or 1, NOBODYS)
        if silent_days > ACTIVE_DAYS or silent_days < 0:
            return NOWHERE
        activity = WEEKLY if silent_days < _WEEK else MONTHLY if silent_days < _MONTH else SILENT
        return Standing(activity, 0, NOBODYS if silent_days == ACTIVE_DAYS else weight or 1, weight or 1)

    def _of_days(self, days: dict[int, int], day: int) -> Iterator[Standing]:
        history = backwards(days, day)
        bits, total = next(history)
        level = levels.level(bits, self.weight(total))
        for bits_before, total_before in history:
            before = levels.level(bits_before, self.weight(total_before))
            yield Standing(_activity(bits), _coming(bits), level, before)
            bits, level = bits_before, before


def _activity(days: int) -> int:
    if days & 1:
        return DAILY
    if days & (1 << _WEEK) - 1:
        return WEEKLY
    return MONTHLY if days & (1 << _MONTH) - 1 else SILENT


def _coming(days: int) -> int:
    if not days & 1:
        return 0
    if days == 1:
        return NEW
    return RETURNING if days >> 1 & (1 << _MONTH) - 1 else REACTIVATED


def at_dawn(days: int, weight: int) -> Standing:
    """Where somebody stands on a day on which nothing has happened yet."""
    return Standing(_activity(days), 0, levels.level(days, weight), levels.level(days >> 1, weight))
