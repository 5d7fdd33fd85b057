"""What the Graph API answers -> posts, snapshots and events, with the identity that a webhook gives them.

Each item of a page is decoded apart: one that cannot be read is refused with its own bytes.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from contracts.events import LIFETIME, SCHEMA, EngagementEvent, Post, Snapshot, ValueState
from contracts.outcome import Keep, Outcome, Refuse
from ingest.platforms import Answer, Part, PollFailed, Receipt
from ingest.platforms.facebook import envelope, facts
from ingest.platforms.facebook.envelope import Actor, Id, Unreadable
from ingest.platforms.facebook.fields import Unusable, described, from_iso, identifier, required
from ingest.platforms.facebook.requests import REACTION_ALIASES

PLATFORM = "facebook"
T = TypeVar("T")


class Paging(Struct):
    next: str | None = None


class Page(Struct):
    """One page of a listing. Only the absence of `next` ends it: a page may be short or empty and have one."""

    data: list[Raw]
    paging: Paging | None = None

    @property
    def next_url(self) -> str | None:
        return self.paging.next if self.paging else None


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


class _Value(Struct):
    value: Raw | UnsetType = UNSET
    end_time: str | None = None


class _Insight(Struct):
    name: str = ""
    values: list[_Value] = []


class Listed(NamedTuple):
    """What the poller remembers of a post that it has seen: it decides what is worth reading again."""

    post_id: str
    published_at: int
    comments: int | None


_page = msgspec.json.Decoder(Page).decode
_post = msgspec.json.Decoder(_Post)
_comment = msgspec.json.Decoder(_Comment)
_insight = msgspec.json.Decoder(_Insight)


def page(answer: Answer) -> Page:
    """The listing of an answer; an answer without one ends the poll."""
    try:
        return _page(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        document = envelope.loads(answer.body)
        if isinstance(document, dict) and isinstance(document.get("data"), list):
            items = [Raw(envelope.dumps(item)) for item in document["data"]]
            return Page(items, msgspec.convert(document.get("paging"), Paging | None))
    except (Unreadable, msgspec.ValidationError):
        pass
    raise PollFailed("no_listing")


def posts(page_id: str, listing: Page, answer: Answer, receipt: Receipt) -> tuple[list[Part], list[Listed]]:
    """Each post as it is now, and its counters."""
    parts: list[Part] = []
    listed: list[Listed] = []
    for raw in listing.data:
        try:
            post = _decoded(_post, raw)
            record = _record(page_id, post, answer)
            known = _counters(post)
        except Unusable as error:
            parts.append(_refused(error, page_id, raw))
            continue
        parts.append(Part(Keep(record), page_id))
        for metric, value in known.items():
            parts.append(Part(Keep(_total(page_id, record.post_id, metric, value, answer, receipt)), page_id))
        listed.append(Listed(record.post_id, record.published_at or 0, known["comments"]))
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
        permalink=_word(post.permalink_url, "permalink_url", 2000),
        format=_word(post.status_type, "status_type", 100),
        text_length=text.length if text else None,
        hashtags=text.hashtags if text else (),
        mentions=text.mentions if text else (),
        links=text.links if text else (),
        is_published=post.is_published,
        promotion_status=_word(post.promotion_status, "promotion_status", 100),
        platform_updated_at=from_iso(updated, "updated_time", answer.received_at) if updated else None,
    )


def _word(value: str | None, name: str, longest: int) -> str | None:
    if value is not None and (len(value) > longest or not value.isprintable()):
        raise Unusable("invalid_field", name)
    return value


def _counters(post: _Post) -> dict[str, int | None]:
    """Metric -> value. A missing `shares` means that nothing was reported, which is not 0."""
    found = {
        "likes": _count(post.reactions),
        "comments": _count(post.comments),
        "shares": post.shares.count if post.shares else None,
    }
    for reaction in REACTION_ALIASES:
        edge: _Edge | None = getattr(post, reaction)
        if edge is not None:
            found[f"reactions.{reaction}"] = _count(edge)
    for metric, value in found.items():
        if value is not None and not 0 <= value < 2**63:
            raise Unusable("invalid_field", metric)
    return found


def _count(edge: _Edge | None) -> int | None:
    return edge.summary.total_count if edge and edge.summary else None


def comments(page_id: str, post_id: str, listing: Page, answer: Answer, receipt: Receipt) -> Iterator[Part]:
    """Each comment as the fact that it was added."""
    receipt = replace(receipt, received_at=answer.received_at)
    for raw in listing.data:
        try:
            yield Part(Keep(_added(page_id, post_id, _decoded(_comment, raw), receipt)), page_id)
        except Unusable as error:
            yield _refused(error, page_id, raw)


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
    )


def page_insights(
    page_id: str, metric: str, listing: Page, zone: tzinfo, answer: Answer, receipt: Receipt
) -> Iterator[Part]:
    """One snapshot a day: the day that ends at `end_time`, as a date of the account's zone."""
    for raw in listing.data:
        try:
            insight = _decoded(_insight, raw)
            for found in insight.values:
                if found.end_time is None:
                    raise Unusable("missing_field", "end_time")
                end = from_iso(found.end_time, "end_time", answer.received_at + _DAY_MS)
                value, state = _known(found.value)
                yield Part(
                    Keep(
                        _snapshot(page_id, None, metric, f"day:{_day(end, zone)}", value, state, answer, receipt, end)
                    ),
                    page_id,
                )
        except Unusable as error:
            yield _refused(error, page_id, raw)


def post_insights(
    page_id: str, post_id: str, names: dict[str, str], listing: Page, answer: Answer, receipt: Receipt
) -> Iterator[Part]:
    """Lifetime values of a post; `names` maps the platform's metric to ours, others are left out."""
    for raw in listing.data:
        try:
            insight = _decoded(_insight, raw)
            if insight.name in names and insight.values:
                value, state = _known(insight.values[-1].value)
                metric = names[insight.name]
                yield Part(
                    Keep(_snapshot(page_id, post_id, metric, LIFETIME, value, state, answer, receipt, None)),
                    page_id,
                )
        except Unusable as error:
            yield _refused(error, page_id, raw)


_DAY_MS = 86_400_000


def _day(end_ms: int, zone: tzinfo) -> str:
    """The local date of the day that ends at `end_ms`.

    Its noon is looked at, so that an end that is not quite the zone's midnight (the platform keeps some pages on
    Pacific time) and days of 23 or 25 hours give the day that was meant.
    """
    noon = datetime.fromtimestamp(end_ms / 1000, UTC) - timedelta(hours=12)
    return noon.astimezone(zone).date().isoformat()


def _known(raw: Raw | UnsetType) -> tuple[int | None, ValueState]:
    """A number, or that there is none: null, or a value that was never a number, is unavailable."""
    value = msgspec.json.decode(raw) if isinstance(raw, Raw) else None
    if isinstance(value, int) and not isinstance(value, bool):
        if not -(2**63) <= value < 2**63:
            raise Unusable("invalid_field", "value")
        return value, "known"
    return None, "unavailable"


def _total(page_id: str, post_id: str, metric: str, value: int | None, answer: Answer, receipt: Receipt) -> Snapshot:
    state: ValueState = "unavailable" if value is None else "known"
    return _snapshot(page_id, post_id, metric, LIFETIME, value, state, answer, receipt, None)


def _snapshot(
    page_id: str,
    post_id: str | None,
    metric: str,
    window: str,
    value: int | None,
    state: ValueState,
    answer: Answer,
    receipt: Receipt,
    source_end_time: int | None,
) -> Snapshot:
    return Snapshot(
        schema=SCHEMA,
        platform=PLATFORM,
        account_id=page_id,
        post_id=post_id,
        metric=metric,
        scope="total",
        window=window,
        value=value,
        value_state=state,
        as_of=answer.as_of,
        received_at=answer.received_at,
        poll_id=receipt.source_id,
        source_end_time=source_end_time,
    )


def _decoded(decoder: msgspec.json.Decoder[T], raw: Raw) -> T:
    try:
        return decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return msgspec.convert(envelope.loads(bytes(raw)), decoder.type)
    except Unreadable:
        raise Unusable("unreadable_body", "item") from None
    except msgspec.ValidationError as error:
        raise Unusable("invalid_field", envelope.path(error)) from None


def _refused(error: Unusable, page_id: str, raw: Raw) -> Part:
    outcome: Outcome[EngagementEvent | Post | Snapshot] = Refuse(error.reason, error.detail)
    return Part(outcome, page_id, bytes(raw))
