"""Every table of counts, from interactions."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from ingest.simulator.ledger import walk

Row = dict[str, Any]
Rows = dict[tuple[Any, ...], Row]

COUNTS = (
    *("likes", "likes_removed", "comments", "comments_removed", "replies", "replies_removed"),
    *("shares", "shares_removed", "comment_reactions", "comment_reactions_removed"),
    *("comments_hidden", "anonymous"),
    *("owner_likes", "owner_comments", "owner_shares", "owner_comment_reactions"),
)
FOLLOWS = (
    *("follows", "follows_removed", "owner_follows"),
    *("mentions", "mentions_removed", "owner_mentions"),
)


def _columns_of(*kinds: str) -> frozenset[str]:
    return frozenset(name for kind in kinds for name in (kind, f"{kind}_removed", f"owner_{kind}", f"net_{kind}"))


UNSENT: dict[str, frozenset[str]] = {
    "facebook": _columns_of("mentions"),
    "instagram": _columns_of("likes", "shares", "comment_reactions", "follows") | {"reactions"},
    "bluesky": _columns_of("comment_reactions"),
    "youtube": _columns_of("likes", "shares", "comment_reactions", "follows", "mentions") | {"reactions"},
    "mastodon": _columns_of("comment_reactions"),
}
"""Platform -> columns of kinds that it never sends as events: unknown, not 0."""
PEOPLE = ("unique_engagers", "new_engagers", "returning_engagers")

MINUTE, HOUR = 60_000, 3_600_000


def moment(at: int) -> dt.datetime:
    """Epoch milliseconds as an aware time."""
    return dt.datetime.fromtimestamp(at // 1000, dt.UTC).replace(microsecond=at % 1000 * 1000)


def local_day(at: int, zone: str) -> dt.date:
    """The date on the wall of somebody in `zone`."""
    return moment(at).astimezone(_zone(zone)).date()


_zone = cache(ZoneInfo)


def tables(platform: str, zones: Mapping[str, str], interactions: Iterable[walk.Interaction]) -> dict[str, Rows]:
    """All `engagement_*` tables and `reactions_by_post`."""
    counts: dict[str, dict[tuple[Any, ...], dict[str, int]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(int))
    )
    people: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    days: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    first_seen: dict[tuple[str, str], int] = {}
    for one in interactions:
        zone = zones[one.account]
        for effect in walk.effects(one):
            for table, key in _windows(platform, one, effect.at, zone, effect.column in FOLLOWS):
                if table.rpartition("_")[2] in effect.too_late_for:
                    continue
                counts[table][key][effect.column] += effect.number
        for reaction, number in walk.reactions(one):
            counts["reactions_by_post"][platform, one.account, one.post, reaction]["reactions"] += number
        for person, at in walk.presences(one):
            days[platform, one.account, local_day(at, zone)].add(person)
            first_seen[one.account, person] = min(at, first_seen.get((one.account, person), at))
            if one.post is not None:
                people[platform, one.account, one.post].add(person)
    for key, members in people.items():
        counts["engagement_by_post"][key]["unique_engagers"] = len(members)
    for key, members in days.items():
        _, account, day = key
        newcomers = sum(local_day(first_seen[account, person], zones[account]) == day for person in members)
        row = counts["engagement_by_account_day"][key]
        row["unique_engagers"], row["new_engagers"] = len(members), newcomers
        row["returning_engagers"] = len(members) - newcomers
    return {name: _rows(counts[name], columns) for name, columns in _COLUMNS.items()}


def without_unsent(platform: str, rows: Rows) -> Rows:
    """The rows as a reader sees them: what the platform never tells is None."""
    unsent = UNSENT.get(platform, frozenset())
    return {key: {name: None if name in unsent else value for name, value in row.items()} for key, row in rows.items()}


_COLUMNS: dict[str, tuple[str, ...]] = {
    "engagement_by_post": (*COUNTS, "unique_engagers"),
    "engagement_by_post_minute": COUNTS,
    "engagement_by_post_hour": COUNTS,
    "engagement_by_post_day": COUNTS,
    "engagement_by_account_minute": (*COUNTS, *FOLLOWS),
    "engagement_by_account_hour": (*COUNTS, *FOLLOWS),
    "engagement_by_account_day": (*COUNTS, *FOLLOWS, *PEOPLE),
    "reactions_by_post": ("reactions",),
}
TABLES = tuple(_COLUMNS)


def _windows(
    platform: str, one: walk.Interaction, at: int, zone: str, follow: bool
) -> list[tuple[str, tuple[Any, ...]]]:
    """The rows that an effect at that time belongs to; page likes and shares of unknown posts have no post."""
    minute, hour, day = moment(at - at % MINUTE), moment(at - at % HOUR), local_day(at, zone)
    account = (platform, one.account)
    rows: list[tuple[str, tuple[Any, ...]]] = [
        ("engagement_by_account_minute", (*account, minute)),
        ("engagement_by_account_hour", (*account, hour)),
        ("engagement_by_account_day", (*account, day)),
    ]
    if one.post is None or follow:
        return rows
    post = (*account, one.post)
    return [
        *rows,
        ("engagement_by_post", post),
        ("engagement_by_post_minute", (*post, minute)),
        ("engagement_by_post_hour", (*post, hour)),
        ("engagement_by_post_day", (*post, day)),
    ]


def _rows(counts: Mapping[tuple[Any, ...], Mapping[str, int]], columns: tuple[str, ...]) -> Rows:
    """Rows with any number other than zero, every column filled, net figures added."""
    rows: Rows = {}
    for key, numbers in counts.items():
        if any(numbers.values()):
            row: Row = {column: numbers.get(column, 0) for column in columns}
            if columns != ("reactions",):
                for kind in ("likes", "comments", "shares"):
                    row[f"net_{kind}"] = row[kind] - row[f"{kind}_removed"]
            rows[key] = row
    return rows
