"""How long a source is usually silent, and whether it is now silent for longer. Pure.

A silence is compared with those of the last days that began at the same time of day. Of each hour the longest that
began in it is kept; of these a high quantile, and never the very longest, is usual. So neither a burst nor one outage
makes a habit.
"""

from collections.abc import Mapping

HOUR_MS = 3_600_000
DAYS = 7
QUANTILE = 0.9
FEWEST = 6
"""Silences that make a habit; with fewer in this hour of the day, those beside it and then all hours are asked."""
TIMES = 3
"""A silence so many times as long as usual is unusual."""
SHORTEST_MS = 15 * 60_000
"""No shorter silence is ever unusual: it may be ours, or the platform's way of sending."""

Silences = Mapping[int, int]
"""Hour since the epoch -> the longest silence that began in it, in milliseconds."""


def heard(silences: Silences, before: int, now: int) -> dict[int, int]:
    """The silences after something came at `now` and, before that, at `before` (epoch milliseconds).

    >>> heard({}, 0, 60_000), heard({0: 60_000}, 120_000, 150_000)
    ({0: 60000}, {0: 60000})
    """
    hour, newest = before // HOUR_MS, now // HOUR_MS
    kept = {at: longest for at, longest in silences.items() if at > newest - DAYS * 24}
    if hour > newest - DAYS * 24:
        kept[hour] = max(now - before, kept.get(hour, 0))
    return kept


def usual_gap(silences: Silences, since: int) -> int | None:
    """The longest silence that is usual for one that began at `since`; None where too little is known.

    >>> usual_gap({hour: 60_000 + hour for hour in range(24)}, 0) is None, usual_gap({0: 60_000}, 0)
    (False, None)
    """
    hour = since // HOUR_MS
    for width in (0, 1, 12):
        known = [longest for at, longest in silences.items() if (at - hour + width) % 24 <= 2 * width]
        if len(known) >= FEWEST:
            return sorted(known)[min(int(len(known) * QUANTILE), len(known) - 2)]
    return None


def quiet_from(silences: Silences, last_event_at: int) -> int | None:
    """When a silence that began then becomes unusual; None: never, as far as is known."""
    usual = usual_gap(silences, last_event_at)
    return None if usual is None else last_event_at + max(TIMES * usual, SHORTEST_MS)
