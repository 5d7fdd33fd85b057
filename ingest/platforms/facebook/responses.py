"""What the Graph API answers -> posts, snapshots and events, with the identity that a webhook gives them.

Each item of a page is decoded apart: one that cannot be read is refused with its own bytes.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

import msgspec
from msgspec import Struct

from contracts.events import SCHEMA, EngagementEvent, Post
from contracts.outcome import Keep, Outcome
from ingest.fields import Unusable, described, from_iso, identifier, required, word
from ingest.measured import Measured, counter, snapshot
from ingest.meta import insights
from ingest.meta.actor import Actor
from ingest.meta.listing import Page
from ingest.people import person_of
from ingest.platforms import Answer, Fact, Part, Receipt
from ingest.platforms.facebook import facts
from ingest.platforms.facebook.requests import REACTION_ALIASES
from ingest.wire import Id, decoded, refused

PLATFORM = "facebook"


class _Summary(Struct):
    total_count: int | None = None


class _Edge(Struct):
    summary: _Summary | None = None


class _Shares(Struct):
    count: int | None = None


class _Parent(Struct):
    id: Id = None


class _Post(Struct):
    id: Id = None
    message: str | None = None
    created_time: str | None = None
    updated_time: str | None = None
    permalink_url: str | None = None
    status_type: str | None = None
    is_published: bool | None = None
    promotion_status: str | None = None
    shares: _Shares | None = None
    reactions: _Edge | None = None
    comments: _Edge | None = None
    like: _Edge | None = None
    love: _Edge | None = None
    care: _Edge | None = None
    haha: _Edge | None = None
    wow: _Edge | None = None
    sad: _Edge | None = None
    angry: _Edge | None = None


class _Comment(Struct, rename={"from_": "from"}):
    id: Id = None
    from_: Actor | None = None
    message: str | None = None
    created_time: str | None = None
    parent: _Parent | None = None
    permalink_url: str | None = None


class Listed(NamedTuple):
    """What the poller remembers of a post that it has seen: it decides what is worth reading again."""

    post_id: str
    published_at: int
    comments: int | None


_DAY_MS = 86_400_000
_post = msgspec.json.Decoder(_Post)
_comment = msgspec.json.Decoder(_Comment)


def posts(page_id: str, listing: Page, answer: Answer) -> tuple[list[Part], list[Listed]]:
    """Each post as it is now, and its counters."""
    parts: list[Part] = []
    listed: list[Listed] = []
    for raw in listing.data:
        try:
            post = decoded(_post, raw)
            record = _record(page_id, post, answer)
            counters = _counters(post)
        except Unusable as error:
            parts.append(refused(error, page_id, raw))
            continue
        parts.append(Part(Keep(record), page_id))
        for told in counters.values():
            kept = snapshot(PLATFORM, page_id, record.post_id, told, answer.as_of, answer.receipt)
            parts.append(Part(Keep(kept), page_id))
        listed.append(Listed(record.post_id, record.published_at or 0, counters["comments"].value))
    return parts, listed


def _record(page_id: str, post: _Post, answer: Answer) -> Post:
    text = described(post.message, "message") if post.message is not None else None
    updated = post.updated_time
    if post.created_time is None:
        raise Unusable("missing_field", "created_time")
    return Post(
        schema=SCHEMA,
        platform=PLATFORM,
        account_id=page_id,
        post_id=required(post.id, "id"),
        as_of=answer.as_of,
        received_at=answer.received_at,
        published_at=from_iso(post.created_time, "created_time", answer.received_at),
        permalink=word(post.permalink_url, "permalink_url", 2000),
        format=word(post.status_type, "status_type", 100),
        text_length=text.length if text else None,
        hashtags=text.hashtags if text else (),
        mentions=text.mentions if text else (),
        links=text.links if text else (),
        is_published=post.is_published,
        promotion_status=word(post.promotion_status, "promotion_status", 100),
        platform_updated_at=from_iso(updated, "updated_time", answer.received_at) if updated else None,
    )


def _counters(post: _Post) -> dict[str, Measured]:
    """By metric. A missing `shares` means that nothing was reported, which is not 0."""
    found = {
        "likes": _count(post.reactions),
        "comments": _count(post.comments),
        "shares": post.shares.count if post.shares else None,
    }
    for reaction in REACTION_ALIASES:
        edge: _Edge | None = getattr(post, reaction)
        if edge is not None:
            found[f"reactions.{reaction}"] = _count(edge)
    return {metric: counter(metric, value) for metric, value in found.items()}


def _count(edge: _Edge | None) -> int | None:
    return edge.summary.total_count if edge and edge.summary else None


def comments(page_id: str, post_id: str, listing: Page, answer: Answer) -> Iterator[Part]:
    """Each comment as the fact that it was added."""
    for raw in listing.data:
        try:
            comment = decoded(_comment, raw)
            outcome: Outcome[Fact] = Keep(_added(page_id, post_id, comment, answer.receipt))
            name = comment.from_.name if comment.from_ else None
            yield Part(outcome, page_id, person=person_of(outcome, answer.receipt, name))
        except Unusable as error:
            yield refused(error, page_id, raw)


def _added(page_id: str, post_id: str, comment: _Comment, receipt: Receipt) -> EngagementEvent:
    if comment.created_time is None:
        raise Unusable("missing_field", "created_time")
    created = from_iso(comment.created_time, "created_time", receipt.received_at)
    actor = identifier(comment.from_.id, "from.id") if comment.from_ else None
    return facts.comment(
        facts.Context(page_id, actor, created, True, receipt),
        action="add",
        comment_id=required(comment.id, "id"),
        post_id=post_id,
        parent_id=identifier(comment.parent.id, "parent.id") if comment.parent else None,
        edited_at=None,
        message=comment.message,
        permalink=word(comment.permalink_url, "permalink_url", 2000),
    )


def page_insights(page_id: str, metric: str, listing: Page, zone: tzinfo, answer: Answer) -> Iterator[Part]:
    """One snapshot a day: the day that ends at `end_time`, as a date of the account's zone."""
    for raw in listing.data:
        try:
            insight = insights.row(raw)
        except Unusable as error:
            yield refused(error, page_id, raw)
            continue
        for found in insight.values:
            try:
                end = _end(found, answer.received_at)
                told, window = Measured(metric, *insights.known(found.value)), f"day:{_day(end, zone)}"
            except Unusable as error:
                yield refused(error, page_id, raw)
                continue
            kept = snapshot(
                PLATFORM, page_id, None, told, answer.as_of, answer.receipt, window=window, source_end_time=end
            )
            yield Part(Keep(kept), page_id)


def _end(day: insights.Value, received_at: int) -> int:
    if day.end_time is None:
        raise Unusable("missing_field", "end_time")
    return from_iso(day.end_time, "end_time", received_at + _DAY_MS)


def post_insights(page_id: str, post_id: str, names: dict[str, str], listing: Page, answer: Answer) -> Iterator[Part]:
    """Lifetime values of a post; `names` maps the platform's metric to ours, others are left out."""
    for raw in listing.data:
        try:
            insight = insights.row(raw)
            if insight.name in names and insight.values:
                told = Measured(names[insight.name], *insights.known(insight.values[-1].value))
                yield Part(Keep(snapshot(PLATFORM, page_id, post_id, told, answer.as_of, answer.receipt)), page_id)
        except Unusable as error:
            yield refused(error, page_id, raw)


def _day(end_ms: int, zone: tzinfo) -> str:
    """The local date of the day that ends at `end_ms`.

    Its noon is looked at, so that an end that is not quite the zone's midnight (the platform keeps some pages on
    Pacific time) and days of 23 or 25 hours give the day that was meant.
    """
    noon = datetime.fromtimestamp(end_ms / 1000, UTC) - timedelta(hours=12)
    return noon.astimezone(zone).date().isoformat()
