"""What is kept of a person at an account: when they were present, and what they added and took back, by local day.

The tally of a day is one integer: how often they were present in its lowest bits, and above it, for each kind of
interaction, how many more of it stood at the end of the day than before, negative if fewer. So the sum of the tallies
up to a day holds what stood at its end. Nearly everybody has one day only, which packs with its tally into one integer.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

DAY_BITS: Final = 24
DAY_MASK: Final = (1 << DAY_BITS) - 1
"""Of the number since 1970-01-01 of the day of a person with one day."""

_BITS: Final = 32
_HALF: Final = 1 << (_BITS - 1)
_MASK: Final = (1 << _BITS) - 1
PRESENT: Final = 1
"""Tally of one presence."""

KINDS: Final = ("reaction", "comment", "comment_reaction", "share", "reply", "follow", "mention")
UNITS: Final = {kind: 1 << _BITS * (place + 1) for place, kind in enumerate(KINDS)}
"""Tally of one more that stands. The most usual kind comes first, since that makes the smallest integer."""
_BIAS: Final = sum(_HALF * unit for unit in UNITS.values()) >> _BITS

Kept = int | dict[int, int]
"""Day and tally in one integer if there is one day and the person was present on it, else tallies by day number.

A dictionary belongs to its community and is changed in place.
"""


@lru_cache(1 << 14)
def only(day: int, tally: int) -> int:
    """What is kept of a person with one day: one object for the many of whom the same is kept."""
    return tally << DAY_BITS | day


def days_of(kept: Kept | None) -> dict[int, int]:
    """As a dictionary, whatever the form."""
    if kept is None:
        return {}
    return kept if isinstance(kept, dict) else {kept & DAY_MASK: kept >> DAY_BITS}


def changed(kept: Kept | None, day: int, tally: int) -> Kept | None:
    """With `tally` more on `day`; None when nothing is left anywhere."""
    if isinstance(kept, int) and kept & DAY_MASK == day:
        kept = {day: kept >> DAY_BITS}
    days = days_of(kept)
    days[day] = days.get(day, 0) + tally
    if not days[day]:
        del days[day]
    return packed(days)


def packed(days: dict[int, int]) -> Kept | None:
    """The smallest form."""
    if len(days) > 1:
        return days
    for day, tally in days.items():
        return only(day, tally) if tally > 0 and tally & _MASK else days
    return None


def is_present(tally: int) -> bool:
    return tally & _MASK > 0


def counts(total: int) -> list[int]:
    """How many of each of `KINDS` stand, from a sum of tallies."""
    biased = (total >> _BITS) + _BIAS
    return [(biased >> _BITS * place & _MASK) - _HALF for place in range(len(KINDS))]


def first_day(kept: Kept) -> int:
    return min(kept) if isinstance(kept, dict) else kept & DAY_MASK


def last_day(kept: Kept) -> int:
    return max(kept) if isinstance(kept, dict) else kept & DAY_MASK


def seen(days: dict[int, int], today: int) -> tuple[int, int]:
    """Active days as bits (bit k: k days before `today`), and the sum of tallies, of all days up to `today`."""
    bits = total = 0
    for day, tally in days.items():
        if day <= today:
            total += tally
            if tally & _MASK:
                bits |= 1 << (today - day)
    return bits, total


def backwards(days: dict[int, int], today: int) -> Iterator[tuple[int, int]]:
    """`seen` of today, of yesterday, and so on without an end."""
    bits, total = seen(days, today)
    while True:
        yield bits, total
        bits >>= 1
        total -= days.get(today, 0)
        today -= 1


def shortened(days: dict[int, int], first_kept: int) -> dict[int, int]:
    """With the days before `first_kept` folded together, as far as nothing but their sum is asked for.

    What is asked for still: the first day with a presence, and in which of the weeks after it there were any.
    """
    active = [day for day, tally in days.items() if tally & _MASK]
    first = min(active, default=first_kept)
    if first >= first_kept:
        return days
    kept = {day: tally for day, tally in days.items() if day >= first_kept}
    of_week: dict[int, int] = {}
    for day in sorted(days.keys() - kept.keys()):
        is_marked = days[day] & _MASK and week_of(day) - week_of(first) < MARKED_WEEKS
        place = of_week.setdefault(week_of(day), day) if is_marked else first
        kept[place] = kept.get(place, 0) + days[day]
    return kept


MARKED_WEEKS: Final = 64
"""Weeks from the first on of which it is remembered for as long as the person whether they were active."""


def week_of(day: int) -> int:
    """Number of the ISO week of a day; both count from 1970-01-01, a Thursday.

    >>> week_of(3), week_of(4)
    (0, 1)
    """
    return (day + 3) // 7


def last_of_week(week: int) -> int:
    """The Sunday of a week by its number.

    >>> week_of(last_of_week(9)), week_of(last_of_week(9) + 1)
    (9, 10)
    """
    return 7 * week + 3


def written(kept: Kept) -> str:
    """As text: day and tally in hex, the days parted by commas."""
    return ",".join([f"{day:x}.{tally:x}" for day, tally in days_of(kept).items()])


def read(text: str) -> Kept:
    """What `written` wrote.

    >>> read(written({20_000: -UNITS["share"], 20_400: 7})) == {20_000: -UNITS["share"], 20_400: 7}
    True
    """
    if "," not in text:
        only_one = _read_one(text)
        return {only_one[0]: only_one[1]} if isinstance(only_one, tuple) else only_one
    pairs = (part.partition(".") for part in text.split(","))
    return {int(day, 16): int(tally, 16) for day, _, tally in pairs}


@lru_cache(1 << 14)
def _read_one(text: str) -> int | tuple[int, int]:
    """One day: packed if it can be, else day and tally; the same for many people."""
    day, tally = (int(part, 16) for part in text.split("."))
    return only(day, tally) if tally > 0 and tally & _MASK else (day, tally)
