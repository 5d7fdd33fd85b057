"""What Instagram answers -> posts, snapshots and events, with the identity that a webhook gives them.

Each item of a page is decoded apart: one that cannot be read is refused with its own bytes.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from contracts.events import SCHEMA, EngagementEvent, Person, Post, Scope
from contracts.identity import split_key
from contracts.outcome import Keep
from ingest.fields import Unusable, described, from_iso, identifier, required, word
from ingest.measured import Measured, counter, snapshot
from ingest.meta import insights
from ingest.meta.actor import Actor
from ingest.meta.listing import Page, Paging
from ingest.people import person_of
from ingest.platforms import Answer, Part, Receipt
from ingest.platforms.instagram import facts
from ingest.platforms.instagram.facts import PLATFORM, Author, Context
from ingest.platforms.instagram.requests import MediaType
from ingest.wire import Id, decoded, refused


class _Media(Struct):
    id: Id = None
    caption: str | None = None
    media_type: str | None = None
    media_product_type: str | None = None
    permalink: str | None = None
    timestamp: str | None = None
    like_count: int | None = None
    comments_count: int | None = None
    total_like_count: int | None = None
    total_comments_count: int | None = None


class _Replies(Struct):
    data: list[Raw] = []
    paging: Paging | None = None


class _Comment(Struct, rename={"from_": "from"}):
    """`user` is told of the account's own comments alone."""

    id: Id = None
    text: str | None = None
    timestamp: str | None = None
    username: Any = None
    from_: Actor | None = None
    user: Actor | None = None
    hidden: bool | None = None
    parent_id: Id = None
    replies: _Replies | None = None


class _Account(Struct):
    followers_count: int | None = None


class Listed(NamedTuple):
    """What the poller remembers of a media that it has seen: it decides what is worth reading again."""

    media_id: str
    published_at: int
    comments: int | None
    type: MediaType


class Said(NamedTuple):
    """A comment as it is listed. `has_more`: more replies than were listed with it."""

    added: EngagementEvent
    person: Person | None
    is_hidden: bool
    has_more: bool

    @property
    def comment_id(self) -> str:
        return split_key(self.added.interaction_key)[1]


_media = msgspec.json.Decoder(_Media)
_comment = msgspec.json.Decoder(_Comment)
_account = msgspec.json.Decoder(_Account)


def media(account: str, page: Page, answer: Answer) -> tuple[list[tuple[Listed, list[Part]]], list[Part]]:
    """Each media as it is now with its counters; and what could not be read."""
    found: list[tuple[Listed, list[Part]]] = []
    spoiled: list[Part] = []
    for raw in page.data:
        try:
            one = decoded(_media, raw)
            post = _post(account, one, answer)
            counters = _counters(one)
        except Unusable as error:
            spoiled.append(refused(error, account, raw))
            continue
        parts = [Part(Keep(post), account)]
        for scope, told in counters:
            kept = snapshot(PLATFORM, account, post.post_id, told, answer.as_of, answer.receipt, scope=scope)
            parts.append(Part(Keep(kept), account))
        found.append((Listed(post.post_id, post.published_at or 0, one.comments_count, _type(one)), parts))
    return found, spoiled


def _type(one: _Media) -> MediaType:
    match one.media_product_type, one.media_type:
        case "REELS", _:
            return "REELS"
        case _, "CAROUSEL_ALBUM":
            return "CAROUSEL_ALBUM"
    return "FEED"


def _post(account: str, one: _Media, answer: Answer) -> Post:
    text = described(one.caption, "caption") if one.caption is not None else None
    if one.timestamp is None:
        raise Unusable("missing_field", "timestamp")
    native = one.media_product_type if _type(one) == "REELS" else one.media_type
    return Post(
        schema=SCHEMA,
        platform=PLATFORM,
        account_id=account,
        post_id=required(one.id, "id"),
        as_of=answer.as_of,
        received_at=answer.received_at,
        published_at=from_iso(one.timestamp, "timestamp", answer.received_at),
        permalink=word(one.permalink, "permalink", 2000),
        format=word(native.lower(), "media_type", 100) if native else None,
        text_length=text.length if text else None,
        hashtags=text.hashtags if text else (),
        mentions=text.mentions if text else (),
        links=text.links if text else (),
    )


def _counters(one: _Media) -> list[tuple[Scope, Measured]]:
    """Likes of 0 may be hidden ones: the platform writes the same for both."""
    found: list[tuple[Scope, Measured]] = [
        ("organic", _likes(one.like_count)),
        ("organic", counter("comments", one.comments_count)),
    ]
    if one.total_like_count is not None:
        found.append(("total", _likes(one.total_like_count)))
    if one.total_comments_count is not None:
        found.append(("total", counter("comments", one.total_comments_count)))
    return found


def _likes(value: int | None) -> Measured:
    return Measured("likes", None, "hidden") if value == 0 else counter("likes", value)


def comments(
    account: str, media_id: str, page: Page, answer: Answer, *, parent_id: str | None = None
) -> tuple[list[Said], list[Part]]:
    """Each comment followed by those of its replies that came with it; and what could not be read.

    `parent_id`: the comment whose replies are listed.
    """
    found: list[Said] = []
    spoiled: list[Part] = []
    for raw in page.data:
        try:
            one = decoded(_comment, raw)
            said = _said(account, media_id, one, parent_id, answer.receipt)
        except Unusable as error:
            spoiled.append(refused(error, account, raw))
            continue
        found.append(said)
        if one.replies is not None and not said.has_more:
            below = Page(one.replies.data)
            more, bad = comments(account, media_id, below, answer, parent_id=said.comment_id)
            found += more
            spoiled += bad
    return found, spoiled


def _said(account: str, media_id: str, one: _Comment, parent_id: str | None, receipt: Receipt) -> Said:
    if one.timestamp is None:
        raise Unusable("missing_field", "timestamp")
    ids = [identifier(actor.id, "from.id") for actor in (one.from_, one.user) if actor is not None]
    event = facts.comment(
        Context(account, from_iso(one.timestamp, "timestamp", receipt.received_at), True, receipt),
        Author(next(filter(None, ids), None), account in ids),
        comment_id=required(one.id, "id"),
        media_id=media_id,
        parent_id=identifier(one.parent_id, "parent_id") or parent_id,
        text=one.text,
    )
    has_more = one.replies is not None and one.replies.paging is not None and one.replies.paging.next is not None
    person = person_of(Keep(event), receipt, one.username, facts.profile(one.username))
    return Said(event, person, one.hidden is True, has_more)


def followers(account: str, day: str, answer: Answer) -> Part:
    """How many follow the account, as the figure of the day on which it was asked."""
    raw = Raw(answer.body)
    try:
        measured = counter("followers", decoded(_account, raw).followers_count)
    except Unusable as error:
        return refused(error, account, raw)
    kept = snapshot(PLATFORM, account, None, measured, answer.as_of, answer.receipt, window=f"day:{day}")
    return Part(Keep(kept), account)


def account_insights(account: str, metric: str, day: str, end: int, page: Page, answer: Answer) -> Iterator[Part]:
    """The metric's total of one day, which ends at `end`; without a row there is none yet."""
    for measured in _rows(account, {metric: metric}, page, answer):
        if isinstance(measured, Part):
            yield measured
        else:
            window, as_of, receipt = f"day:{day}", answer.as_of, answer.receipt
            kept = snapshot(PLATFORM, account, None, measured, as_of, receipt, window=window, source_end_time=end)
            yield Part(Keep(kept), account)


def media_insights(account: str, media_id: str, names: Mapping[str, str], page: Page, answer: Answer) -> Iterator[Part]:
    """Lifetime values of a media. `names`: the platform's metric -> ours; without a row it is unavailable, not 0."""
    for measured in _rows(account, names, page, answer):
        if isinstance(measured, Part):
            yield measured
        else:
            kept = snapshot(PLATFORM, account, media_id, measured, answer.as_of, answer.receipt, scope="organic")
            yield Part(Keep(kept), account)


def _rows(account: str, names: Mapping[str, str], page: Page, answer: Answer) -> Iterator[Measured | Part]:
    missing = dict(names)
    for raw in page.data:
        try:
            row = insights.row(raw)
            metric = missing.get(row.name)
            value = row.total_value or (row.values[-1] if row.values else None)
            if metric is None or value is None:
                continue
            measured = Measured(metric, *insights.known(value.value))
        except Unusable as error:
            yield refused(error, account, raw)
            continue
        del missing[row.name]
        yield measured
    for metric in missing.values():
        yield Measured(metric, None, "unavailable")
