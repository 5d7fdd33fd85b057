"""What follows from the tables of the community: cohorts, recency-frequency-value, health, gravity by month."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ingest.simulator.ledger.community import BITS, monday
from ingest.simulator.ledger.counting import Row, Rows
from ingest.simulator.ledger.figures import ratio
from ingest.simulator.ledger.levels import RINGS
from ingest.simulator.ledger.rates import Followers

FIFTHS = 5


def _by_account(rows: Rows) -> dict[tuple[str, str], list[tuple[tuple[Any, ...], Row]]]:
    found: dict[tuple[str, str], list[tuple[tuple[Any, ...], Row]]] = defaultdict(list)
    for key, row in rows.items():
        found[key[0], key[1]].append((key, row))
    return found


def cohorts(members: Rows) -> Rows:
    """`community_cohorts`, O18: of those who came first in one week, how many came in each week after it."""
    rows: Rows = {}
    for account, people in _by_account(members).items():
        newest = monday(max(row["last_seen_day"] for _, row in people))
        weeks: dict[dt.date, list[int]] = defaultdict(list)
        for _, row in people:
            weeks[monday(row["first_seen_day"])].append(row["active_weeks"])
        for week, active_weeks in weeks.items():
            for after in range(min((newest - week).days // 7, BITS - 1) + 1):
                active = sum(bits >> after & 1 for bits in active_weeks)
                rows[(*account, week, after)] = {
                    "members": len(active_weeks),
                    "active": active,
                    "retention": active / len(active_weeks),
                }
    return rows


def rfm(members: Rows) -> Rows:
    """`community_rfm`, O19."""
    rows: Rows = {}
    for people in _by_account(members).values():
        commitments = {key: _commitment(row) for key, row in people}
        recency = fifths((row["last_seen_day"], key[2], key) for key, row in people)
        frequency = fifths((row["active_days"], key[2], key) for key, row in people)
        value = fifths((commitments[key], key[2], key) for key, _ in people)
        for key, commitment in commitments.items():
            scores = (recency[key], frequency[key], value[key])
            rows[key] = {
                **dict(zip(("recency", "frequency", "value"), scores, strict=True)),
                "commitment": commitment,
                "segment": segment(*scores),
            }
    return rows


def _commitment(row: Row) -> int:
    light = sum(row[kind] or 0 for kind in ("reactions", "comment_reactions", "follows"))
    heavy = (row["shares"] or 0) + (row["mentions"] or 0)
    return int(light + 3 * (row["comments"] or 0) + 7 * heavy)


def fifths(ordered: Iterable[tuple[Any, str, Any]]) -> dict[Any, int]:
    """(value, name, key) in five parts as SQL's ntile makes them: in order, the first parts one larger.

    >>> list(fifths((n, "", n) for n in range(7)).values())
    [1, 1, 2, 2, 3, 4, 5]
    """
    keys = [key for _, _, key in sorted(ordered)]
    size, larger = divmod(len(keys), FIFTHS)
    parts = [part for part in range(1, FIFTHS + 1) for _ in range(size + (part <= larger))]
    return dict(zip(keys, parts, strict=True))


def segment(recency: int, frequency: int, value: int) -> str:
    """The first that holds."""
    if min(recency, frequency, value) >= 4:
        return "champion"
    if frequency >= 4:
        return "loyal"
    if recency >= 4:
        return "recent"
    if recency <= 2:
        return "at_risk" if frequency >= 3 else "asleep"
    return "regular"


def health(days: Rows, followers: Followers) -> Rows:
    """`community_health`: the days of the community with its followers and gravity (O22)."""
    return {key: row | _health(key, row, days, followers) for key, row in days.items()}


def _health(key: tuple[Any, ...], row: Row, days: Rows, followers: Followers) -> Row:
    platform, account, day = key
    back = {number: day - dt.timedelta(days=number) for number in (1, 28)}
    people = _people(row)
    now = followers.at(account, day)
    found: Row = {"people": people, "followers": now}
    for number, then in back.items():
        before = followers.at(account, then)
        found[f"follower_growth_{number}d"] = None if now is None or before is None else now - before
    earlier = days.get((platform, account, back[28]), {"commitment": 0})
    found["gravity_28d"] = ratio(row["commitment"] - earlier["commitment"], people)
    return found


def _people(row: Row) -> int:
    return int(sum(row[ring] for ring in RINGS))


def gravity_month(days: Rows) -> Rows:
    """`community_gravity_month`, O22: the last row of each month against that of the account's first."""
    rows: Rows = {}
    for account, of_days in _by_account(days).items():
        last = {key[2].replace(day=1): row for key, row in sorted(of_days, key=lambda one: one[0][2])}
        first = last[min(last)]["commitment"]
        for month, row in last.items():
            people, commitment = _people(row), row["commitment"]
            gravity = ratio(commitment - first, people)
            rows[(*account, month)] = {"people": people, "commitment": commitment, "gravity": gravity}
    return rows
