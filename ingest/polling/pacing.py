"""How often what is read, and how much at a time. Pure."""

from random import Random

from ingest.platforms import Item

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
BUSY_SECONDS, OLD_SECONDS = 300.0, 21_600.0
AGES = ((HOUR_MS, 45.0), (DAY_MS, BUSY_SECONDS), (7 * DAY_MS, 1800.0))
"""What is younger than so much is read every so many seconds, what is older than all every `OLD_SECONDS`. The young are
read within a minute: 45 seconds, and what waiting and an answer take."""
FIRST_RETRY_SECONDS = 1.0
JITTER = 0.1
GROWTH = 10
"""Polls that it takes for the size of a page to grow back from nothing."""


def seconds_between(item: Item, now: int, scale: float = 1.0) -> float:
    """How often an item is read: by its age, or by how long ago it last moved if that is shorter, but one that is not
    young no more often than `BUSY_SECONDS`. `scale`: all of it so many times as slow.

    >>> [seconds_between(Item("a", -age * HOUR_MS), 0) for age in (0.5, 5, 50, 500)]
    [45.0, 300.0, 1800.0, 21600.0]
    >>> seconds_between(Item("a", -500 * HOUR_MS, active_at=-MINUTE_MS), 0)
    300.0
    """
    seconds = _by_age(now - item.published_at)
    if item.active_at is not None:
        seconds = min(seconds, max(BUSY_SECONDS, _by_age(now - item.active_at)))
    return seconds * scale


def _by_age(age: int) -> float:
    return next((seconds for limit, seconds in AGES if age < limit), OLD_SECONDS)


def sooner(seconds: float, random: Random) -> float:
    """An interval, a little shorter by chance, so that what began together drifts apart and nothing is late."""
    return seconds * (1 - JITTER * random.random())


def retry_seconds(failures: int, interval: float, random: Random) -> float:
    """How long to wait after so many failures in a row: twice as long each time, up to the interval."""
    longest = min(interval, FIRST_RETRY_SECONDS * 2 ** min(failures - 1, 20))
    return random.uniform(longest / 2, longest)


def next_page_size(size: int, halvings: int, largest: int) -> int:
    """The size to ask for in the next poll, after one in which the platform wanted less so many times.

    >>> next_page_size(100, 2, 100), next_page_size(25, 0, 100), next_page_size(95, 0, 100), next_page_size(1, 3, 100)
    (25, 35, 100, 1)
    """
    if halvings:
        return max(1, size >> halvings)
    return min(largest, size + max(1, largest // GROWTH))
