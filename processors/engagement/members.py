"""On which days a person was present at an account, and how often.

Counts, not marks, since a presence moves when a better time for its fact arrives. Nearly everybody is
present on one day only, which packs into one integer: `day << 20 | count`.
"""

COUNT_BITS = 20
MOST = (1 << COUNT_BITS) - 1
"""More presences than this on a day do not fit beside its number."""

Presence = int | dict[int, int]
"""Day number -> presences on it. A dictionary here belongs to its account and is changed in place."""


def only(day: int) -> int:
    """One presence on `day`, and none elsewhere."""
    return day << COUNT_BITS | 1


def days_of(presence: Presence | None) -> dict[int, int]:
    """As a dictionary, whatever the form."""
    if presence is None:
        return {}
    return presence if isinstance(presence, dict) else {presence >> COUNT_BITS: presence & MOST}


def packed(days: dict[int, int]) -> Presence:
    """The small form where it is possible."""
    if len(days) == 1:
        ((day, count),) = days.items()
        if count < MOST:
            return day << COUNT_BITS | count
    return days


def has(presence: Presence, day: int) -> bool:
    return day in presence if isinstance(presence, dict) else presence >> COUNT_BITS == day


def first_day(presence: Presence) -> int:
    """The day of the earliest presence."""
    return min(presence) if isinstance(presence, dict) else presence >> COUNT_BITS


def with_one(presence: Presence | None, day: int) -> Presence:
    """One presence more on `day`."""
    if presence is None:
        return only(day)
    if isinstance(presence, int) and presence >> COUNT_BITS == day and presence & MOST < MOST:
        return presence + 1
    days = days_of(presence)
    days[day] = days.get(day, 0) + 1
    return days if len(days) > 1 else packed(days)


def without_one(presence: Presence, day: int) -> Presence | None:
    """One presence less on `day`; None when none is left anywhere."""
    days = dict(days_of(presence))
    days[day] = days.get(day, 0) - 1
    if days[day] <= 0:
        del days[day]
    return packed(days) if days else None
