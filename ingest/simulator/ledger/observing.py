"""The tables of what the platform says by itself: counters, account figures, posts."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ingest.simulator.ledger.counting import HOUR, Row, Rows, moment

SCOPE = "total"
"""What a value counts, unless it says that it leaves out what ads brought (`organic`)."""


class Observation(NamedTuple):
    """A value of a metric at the platform's time `as_of`; None unless known."""

    account: str
    post: str | None
    metric: str
    window: str
    as_of: int
    value: int | None
    state: str
    scope: str = SCOPE

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Greatest (as_of, value); unknown is smaller than any value."""
        return self.as_of, self.value is not None, self.value or 0


class Reading(NamedTuple):
    """A post's content as an answer showed it."""

    account: str
    post: str
    as_of: int
    columns: Mapping[str, Any]


def metric_tables(platform: str, observations: Iterable[Observation]) -> dict[str, Rows]:
    """`post_metrics`, `post_metrics_hour`, `account_metrics_day`."""
    series: dict[tuple[Any, ...], list[Observation]] = defaultdict(list)
    for seen in observations:
        series[seen.account, seen.post, seen.metric, seen.scope, seen.window].append(seen)
    posts: Rows = {}
    hours: Rows = {}
    days: Rows = {}
    for (account, post, metric, scope, window), seen_values in series.items():
        if post is None:
            day = dt.date.fromisoformat(window.removeprefix("day:"))
            days[platform, account, metric, scope, day] = _last(seen_values)
        else:
            key = (platform, account, post, metric, scope)
            posts[key] = _last(seen_values)
            hours |= {(*key, moment(hour)): row for hour, row in _by_hour(seen_values)}
    return {"post_metrics": posts, "post_metrics_hour": hours, "account_metrics_day": days}


def _known(seen: Iterable[Observation]) -> list[Observation]:
    return [one for one in seen if one.state == "known"]


def _last(seen: list[Observation]) -> Row:
    newest = max(seen, key=lambda one: one.rank)
    known = max(_known(seen), key=lambda one: one.rank, default=None)
    return {
        "value": None if known is None else known.value,
        "platform_as_of": None if known is None else moment(known.as_of),
        "value_state": newest.state,
        "observed_as_of": moment(newest.as_of),
    }


def _by_hour(seen: list[Observation]) -> list[tuple[int, Row]]:
    """(start of hour, row) for every hour in which a value was known."""
    last_of: dict[int, Observation] = {}
    for one in sorted(_known(seen), key=lambda one: one.rank):
        last_of[one.as_of - one.as_of % HOUR] = one
    rows = []
    before: Observation | None = None
    for hour, one in sorted(last_of.items()):
        row: Row = {
            "value": one.value,
            "platform_as_of": moment(one.as_of),
            "delta": None,
            "gap_seconds": None,
        }
        if before is not None:
            row["delta"] = (one.value or 0) - (before.value or 0)
            row["gap_seconds"] = (one.as_of - before.as_of) // 1000
        rows.append((hour, row))
        before = one
    return rows


_TIMES = ("published_at", "platform_updated_at")
_EMPTY: Row = {
    "published_at": None,
    "permalink": None,
    "format": None,
    "text_length": None,
    "hashtags": [],
    "mentions": [],
    "links": [],
    "is_published": None,
    "promotion_status": None,
    "platform_updated_at": None,
    "deleted_at": None,
    "observed_as_of": None,
}


def posts(platform: str, readings: Iterable[Reading], deletions: Iterable[tuple[str, str, int]]) -> Rows:
    """`posts`: content of the newest reading, the earliest deletion ever reported."""
    newest: dict[tuple[str, str], Reading] = {}
    for reading in readings:
        key = (reading.account, reading.post)
        if key not in newest or reading.as_of > newest[key].as_of:
            newest[key] = reading
    rows: Rows = {}
    for (account, post), reading in newest.items():
        columns = {**_EMPTY, **reading.columns, "observed_as_of": moment(reading.as_of)}
        for name in _TIMES:
            columns[name] = None if columns[name] is None else moment(columns[name])
        rows[platform, account, post] = columns
    earliest: dict[tuple[str, str], int] = {}
    for account, post, at in deletions:
        earliest[account, post] = min(at, earliest.get((account, post), at))
    for (account, post), at in earliest.items():
        rows.setdefault((platform, account, post), dict(_EMPTY))["deleted_at"] = moment(at)
    return rows
