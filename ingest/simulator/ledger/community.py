"""Who the community is, today and at the end of each day. Worlds are shorter than people are remembered."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from ingest.simulator.ledger import levels
from ingest.simulator.ledger.counting import Row, Rows
from ingest.simulator.ledger.people import Life

AMBASSADOR_LEVEL = 7
AMBASSADOR_ADVOCACY = 2
REACTIVATED_AFTER = 28
BITS = 64
ONE_DAY = dt.timedelta(days=1)

NUMBERS = (
    *("active_1d", "active_7d", "active_28d", "new_engagers", "returning_engagers", "reactivated_engagers"),
    *levels.RINGS,
    *("joined", "moved_up", "held", "moved_down", "left_levels", "commitment"),
)


def members(platform: str, lives: Iterable[Life], today: Mapping[str, dt.date]) -> Rows:
    """`community_members`: everybody with a presence."""
    return {(platform, life.account, life.person): _member(life, today[life.account]) for life in lives if life.days}


def _member(life: Life, today: dt.date) -> Row:
    stands, first, last = life.standing(today), life.days[0], life.days[-1]
    level = levels.level(life.days, stands, today)
    met = {
        "level": level >= AMBASSADOR_LEVEL,
        "advocacy": stands["shares"] + stands["mentions"] >= AMBASSADOR_ADVOCACY,
    }
    is_recent = levels.active_within(life.days, today, levels.ACTIVE_WITHIN) > 0
    return {
        "reactions": stands["likes"],
        **{kind: stands[kind] for kind in levels.WEIGHTS if kind != "likes"},
        "first_seen_day": first,
        "last_seen_day": last,
        "active_days": len(life.days),
        "recent_days": bits((last - day).days for day in life.days),
        "active_weeks": bits((monday(day) - monday(first)).days // 7 for day in life.days),
        "activity_weight": levels.activity_weight(stands),
        "level_by_presence": levels.by_presence(life.days, today) if is_recent else 0,
        "level": level,
        "ring": levels.ring(level),
        "is_ambassador": all(met.values()),
        "ambassador_reasons": [reason for reason, is_met in met.items() if is_met],
    }


def monday(day: dt.date) -> dt.date:
    """The first day of its ISO week."""
    return day - dt.timedelta(days=day.weekday())


def bits(places: Iterable[int]) -> int:
    """A signed integer of 64 bits in which these are set; places beyond are left out.

    >>> bits([0, 2, 70]), bits([63])
    (5, -9223372036854775808)
    """
    value = sum(1 << place for place in set(places) if place < BITS)
    return value - (1 << BITS) if value >> (BITS - 1) else value


def by_account_day(platform: str, lives: Iterable[Life], today: Mapping[str, dt.date]) -> Rows:
    """`community_by_account_day`, up to each account's today."""
    counts: dict[tuple[str, dt.date], Counter[str]] = defaultdict(Counter)
    for life in lives:
        for day, found in _history(life, today[life.account]):
            counts[life.account, day].update(found)
    return {
        (platform, account, day): {name: numbers[name] for name in NUMBERS}
        for (account, day), numbers in counts.items()
        if any(numbers.values())
    }


def _history(life: Life, today: dt.date) -> Iterator[tuple[dt.date, Counter[str]]]:
    """What the person adds to the row of each day, from the first of theirs on."""
    before, last_seen = 0, None
    stands: Counter[str] = Counter()
    deeds, active = iter(life.deeds), set(life.days)
    deed = next(deeds, None)
    day = min([*life.days[:1], *(one.day for one in life.deeds[:1])])
    while day <= today:
        while deed is not None and deed.day <= day:
            stands[deed.column] += deed.number
            deed = next(deeds, None)
        found: Counter[str] = Counter()
        if day in active:
            found["active_1d"] = 1
            found["new_engagers" if last_seen is None else "returning_engagers"] = 1
            if last_seen is not None and (day - last_seen).days > REACTIVATED_AFTER:
                found["reactivated_engagers"] = 1
            last_seen = day
        if last_seen is not None:
            found["active_7d"] = int((day - last_seen).days < 7)
            found["active_28d"] = int((day - last_seen).days < 28)
        level = levels.level(life.days, stands, day)
        if level:
            ring = levels.ring(level) or ""
            found[ring] = 1
            found["commitment"] = levels.RINGS[ring] ** 2
        if movement := _movement(before, level):
            found[movement] = 1
        yield day, found
        before = level
        day += ONE_DAY


def _movement(before: int, now: int) -> str | None:
    if not before or not now:
        return "joined" if now else "left_levels" if before else None
    return "moved_up" if now > before else "moved_down" if now < before else "held"
