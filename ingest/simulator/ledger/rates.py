"""The views: totals of posts, and rates as (numerator, denominator, rate)."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.simulator.ledger.counting import UNSENT, Row, Rows, local_day
from ingest.simulator.ledger.observing import SCOPE

KINDS = ("likes", "comments", "shares")


def post_totals(tables: Mapping[str, Rows], connected_at: Mapping[str, dt.datetime]) -> Rows:
    """The best value of each kind for every post that anything is known of, and how much of it came as events."""
    events, metrics, posts = tables["engagement_by_post"], tables["post_metrics"], tables["posts"]
    keys = {*events, *posts, *(key[:3] for key in metrics)}
    return {key: _total(key, events.get(key), metrics, posts.get(key), connected_at) for key in keys}


def _total(
    key: tuple[Any, ...],
    events: Row | None,
    metrics: Rows,
    post: Row | None,
    connected_at: Mapping[str, dt.datetime],
) -> Row:
    def counter(metric: str) -> int | None:
        rows = (metrics.get((*key, metric, scope)) for scope in (SCOPE, "organic"))
        return next((row["value"] for row in rows if row is not None and row["value"] is not None), None)

    published = post["published_at"] if post else None
    is_covered = published is not None and published > connected_at[key[1]]
    row: Row = {}
    for kind in KINDS:
        told = counter(kind)
        is_sent = kind not in UNSENT.get(key[0], ())
        net = None if events is None or not is_sent else events[f"net_{kind}"]
        row[kind] = net if told is None else told
        row[f"{kind}_source"] = "platform" if told is not None else "events" if net is not None else None
        seen = 0 if events is None else events[f"net_{kind}"] + events[f"owner_{kind}"]
        row[f"coverage_{kind}"] = seen / told if is_covered and is_sent and told is not None and told > 0 else None
    row["views"], row["reach"] = counter("views"), counter("reach")
    parts = [row[kind] for kind in KINDS]
    row["engagements"] = None if parts == [None] * 3 else sum(part or 0 for part in parts)
    return row


class Followers:
    """How many followed an account, as far as its day figures tell."""

    def __init__(self, days: Rows) -> None:
        self._known = sorted(
            (key[1], key[4], row["value"])
            for key, row in days.items()
            if key[2] == "followers" and key[3] == SCOPE and row["value"] is not None
        )

    def at(self, account: str, day: dt.date | None) -> int | None:
        """On the latest known day not after `day`; None: the latest known."""
        values = [value for of, known, value in self._known if of == account and (day is None or known <= day)]
        return values[-1] if values else None


def rate(numerator: float | None, denominator: float | None, name: str, factor: float) -> Row:
    """One row of a rate view; a denominator that is 0 or unknown gives no rate."""
    is_defined = numerator is not None and denominator
    return {
        "numerator": None if numerator is None else float(numerator),
        "denominator": None if denominator is None else float(denominator),
        "denominator_name": name,
        "rate": numerator / denominator * factor if is_defined and numerator is not None and denominator else None,
    }


def post_rates(totals: Rows, posts: Rows, followers: Followers, zones: Mapping[str, str]) -> Rows:
    rows: Rows = {}
    for key, total in totals.items():
        post = posts.get(key)
        published = post["published_at"] if post else None
        day = None if published is None else local_day(int(published.timestamp() * 1000), zones[key[1]])
        audience = None if day is None else followers.at(key[1], day)
        engagements, views = total["engagements"], total["views"]
        weighted = None
        if engagements is not None:
            weighted = 0.1 * (total["likes"] or 0) + 0.5 * (total["comments"] or 0) + 1.0 * (total["shares"] or 0)
        rows[(*key, "O1")] = rate(engagements, total["reach"], "reach", 100)
        rows[(*key, "O3")] = rate(engagements, audience, "followers", 100)
        rows[(*key, "O4")] = rate(engagements, views, "views", 100)
        if post and post["format"] == "added_video":
            rows[(*key, "O6")] = rate(engagements, views, "views", 100)
        rows[(*key, "O7")] = rate(weighted, audience, "followers", 100)
        rows[(*key, "O13A")] = rate(total["shares"], views, "views", 100)
        rows[(*key, "O13C")] = rate(engagements, views, "views", 100)
    return rows


def account_rates(platform: str, accounts: Rows, tables: Mapping[str, Rows], followers: Followers) -> Rows:
    """One row per configured account and definition, over its posts that are not deleted."""
    rows: Rows = {}
    for key in accounts:
        posts = [
            (post, total)
            for post, total in tables["post_totals"].items()
            if post[:2] == key and tables["posts"].get(post, {}).get("deleted_at") is None
        ]
        for definition, row in _account_rows(posts, tables["post_rates"], followers.at(key[1], None)):
            rows[platform, key[1], definition] = row
    return rows


def _account_rows(
    posts: list[tuple[tuple[Any, ...], Row]], post_rates: Rows, now: int | None
) -> Iterator[tuple[str, Row]]:
    by_reach = [post_rates[(*post, "O1")]["rate"] for post, _ in posts]
    by_reach = [one for one in by_reach if one is not None]
    sums = {kind: _sum([total[kind] for _, total in posts]) for kind in KINDS}

    def per_post(kind: str) -> float | None:
        return None if sums[kind] is None or not posts else sums[kind] / len(posts)

    yield "O2", rate(_sum(by_reach), len(by_reach), "posts", 1)
    for definition, kind in (("O8A", "likes"), ("O9A", "comments"), ("O10A", "shares")):
        yield definition, rate(sums[kind], len(posts), "posts", 1)
    yield "O8B", rate(sums["likes"], now, "followers", 1)
    yield "O9B", rate(per_post("comments"), now, "followers", 1)
    yield "O10B", rate(per_post("shares"), now, "followers", 1)
    for definition, kind in (("O11L", "likes"), ("O11C", "comments"), ("O11S", "shares")):
        yield definition, rate(per_post(kind), now, "followers", 1000)
    yield "O12L", rate(sums["likes"], now, "followers", 100)
    yield "O12C", rate(sums["comments"], now, "followers", 100)


def _sum(values: list[Any]) -> Any:
    """As SQL does: unknown ones are left out; None when none is known."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def account_rates_day(days: Rows, followers: Followers) -> Rows:
    """Unknown where the platform tells only some of the kinds."""
    rows: Rows = {}
    for key, row in days.items():
        is_known = UNSENT.get(key[0], frozenset()).isdisjoint(KINDS)
        net = sum(row[f"net_{kind}"] for kind in KINDS) if is_known else None
        rows[(*key, "O5")] = rate(net, followers.at(key[1], key[2]), "followers", 100)
    return rows
