"""How far in a person is, O20: from what stands of theirs, and from the days on which they came."""

import datetime as dt
from bisect import bisect
from collections.abc import Mapping, Sequence

WEIGHTS = {
    "likes": 1,
    "comment_reactions": 1,
    "follows": 1,
    "comments": 3,
    "replies": 4,
    "shares": 7,
    "mentions": 7,
}
"""The default weight of a kind, by the column that counts it."""

RINGS = {"exploring": 1, "participating": 4, "contributing": 7, "leading": 10}
"""Ring -> its weight, which is its lowest level, too."""

ACTIVE_WITHIN = 90
PRESENCE = ((4, 7, 2), (7, 30, 7), (10, 90, 30))
"""(level of the first period, its days, active days that each needs)."""


def activity_weight(standing: Mapping[str, int]) -> int:
    """The greatest weight of a kind of which something stands."""
    return max((weight for kind, weight in WEIGHTS.items() if standing.get(kind, 0) > 0), default=0)


def by_presence(days: Sequence[dt.date], day: dt.date) -> int:
    """What the active days up to that day give alone; 0 without any of the thresholds. `days` are in order."""
    found = 0
    for lowest, length, least in PRESENCE:
        for period in range(3):
            if active_within(days, day - dt.timedelta(days=period * length), length) < least:
                break
            found = lowest + period
    return found


def active_within(days: Sequence[dt.date], day: dt.date, length: int) -> int:
    """How many of the days lie in the period of that many days that ends with `day`."""
    return bisect(days, day) - bisect(days, day - dt.timedelta(days=length))


def level(days: Sequence[dt.date], standing: Mapping[str, int], day: dt.date) -> int:
    """1 to 12 at the end of that day; 0 for who was not active in the last 90 days."""
    if not active_within(days, day, ACTIVE_WITHIN):
        return 0
    presence = by_presence(days, day) if len(days) > 1 else 0
    return max(activity_weight(standing), presence, 1)


def ring(of_level: int) -> str | None:
    """The name of a level's ring; level 0 has none."""
    return next((name for name, lowest in reversed(RINGS.items()) if of_level >= lowest), None)
