"""What content works: by format, hashtag and hour, each post's features, and how fast engagement decays."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ingest.simulator.ledger.counting import Row, Rows
from ingest.simulator.ledger.figures import median, ratio

ENOUGH_POSTS = 10
DECAY_DAYS = 8
PERIODS = {"1h": dt.timedelta(hours=1), "24h": dt.timedelta(hours=24), "7d": dt.timedelta(days=7)}
KINDS = ("likes", "comments", "shares")

Key = tuple[Any, ...]


def is_shown(post: Row) -> bool:
    """Whether a post counts as content: published, and still there."""
    return post["published_at"] is not None and post["deleted_at"] is None and post["is_published"] is not False


class Published(NamedTuple):
    """A post that counts and whose engagement is known. `local`: when it was published, in the account's zone."""

    key: Key
    post: Row
    local: dt.datetime
    engagements: int
    rate: float | None


def published(tables: Mapping[str, Rows], zones: Mapping[str, str]) -> list[Published]:
    """`rate` is O1."""
    found = []
    for key, post in tables["posts"].items():
        engagements = tables["post_totals"][key]["engagements"]
        if is_shown(post) and engagements is not None:
            local = post["published_at"].astimezone(ZoneInfo(zones[key[1]]))
            rate = tables["post_rates"][(*key, "O1")]["rate"]
            found.append(Published(key, post, local, engagements, rate))
    return found


def _dimensions(one: Published) -> Iterator[tuple[str, str]]:
    yield "format", one.post["format"] or "unknown"
    for hashtag in set(one.post["hashtags"]):
        yield "hashtag", hashtag
    yield "weekday_hour", f"{one.local.isoweekday()} {one.local.hour:02}"


def performance(posts: list[Published]) -> Rows:
    """`content_performance`: groups of posts against all of their account."""
    accounts: dict[Key, list[Published]] = defaultdict(list)
    groups: dict[Key, list[Published]] = defaultdict(list)
    for one in posts:
        accounts[one.key[:2]].append(one)
        for dimension, value in _dimensions(one):
            groups[(*one.key[:2], dimension, value)].append(one)
    return {key: _compared(group, accounts[key[:2]]) for key, group in groups.items()}


def _compared(group: list[Published], everything: list[Published]) -> Row:
    rates = [one.rate for one in group if one.rate is not None]
    usual_rate = median([one.rate for one in everything if one.rate is not None])
    middle = median([one.engagements for one in group])
    usual = median([one.engagements for one in everything])
    return {
        "posts": len(group),
        "engagements": sum(one.engagements for one in group),
        "median_engagements": middle,
        "account_median_engagements": usual,
        "lift": ratio(middle, usual),
        "rated_posts": len(rates),
        "median_rate": median(rates),
        "account_median_rate": usual_rate,
        "rate_lift": ratio(median(rates), usual_rate),
    }


def best_times(compared: Rows) -> Rows:
    """`best_times_to_post`, O24: only hours with enough posts are ranked."""
    rows: Rows = {}
    ranked: dict[Key, list[tuple[float, int, int]]] = defaultdict(list)
    for (platform, account, dimension, value), group in compared.items():
        if dimension != "weekday_hour":
            continue
        weekday, hour = map(int, value.split())
        mean = group["engagements"] / group["posts"]
        has_enough = group["posts"] >= ENOUGH_POSTS
        if has_enough:
            ranked[platform, account].append((-mean, weekday, hour))
        rows[platform, account, weekday, hour] = {
            "posts": group["posts"],
            "mean_engagements": mean,
            "median_engagements": group["median_engagements"],
            "lift": group["lift"],
            "has_enough_posts": has_enough,
            "rank": None,
        }
    for account_key, hours in ranked.items():
        for rank, (_, weekday, hour) in enumerate(sorted(hours), start=1):
            rows[(*account_key, weekday, hour)]["rank"] = rank
    return rows


def features(posts: list[Published]) -> Rows:
    """`post_features`."""
    return {
        one.key: {
            **{name: one.post[name] for name in ("format", "text_length", "published_at", "permalink")},
            "hashtag_count": len(one.post["hashtags"]),
            "mention_count": len(one.post["mentions"]),
            "link_count": len(one.post["links"]),
            "weekday": one.local.isoweekday(),
            "hour": one.local.hour,
            "engagements": one.engagements,
        }
        for one in posts
    }


def decay(posts: Rows, minutes: Rows, connected_at: Mapping[str, dt.datetime]) -> Rows:
    """`engagement_decay`, O25: how much of a young post's engagement came within an hour, a day, a week."""
    if not minutes:
        return {}
    newest = max(key[3] for key in minutes)
    since = newest.replace(hour=0, minute=0, second=0) - dt.timedelta(days=DECAY_DAYS)
    of_post: dict[Key, list[tuple[dt.datetime, int]]] = defaultdict(list)
    for key, row in minutes.items():
        of_post[key[:3]].append((key[3], sum(row[f"net_{kind}"] for kind in KINDS)))
    return {
        key: _decayed(post["published_at"], of_post[key])
        for key, post in posts.items()
        if is_shown(post) and post["published_at"] > connected_at[key[1]] and post["published_at"] >= since
    }


def _decayed(published_at: dt.datetime, minutes: list[tuple[dt.datetime, int]]) -> Row:
    total = sum(number for _, number in minutes)
    row: Row = {"published_at": published_at, "engagements": total}
    for name, length in PERIODS.items():
        within = sum(number for minute, number in minutes if minute < published_at + length)
        row |= {f"engagements_{name}": within, f"share_{name}": ratio(within, total)}
    return row
