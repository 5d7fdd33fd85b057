"""What YouTube answers -> posts, snapshots and events.

Each item of a page is decoded apart: one that cannot be read is refused with its own bytes.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from contracts.events import SCHEMA, EngagementEvent, Person, Post
from contracts.identity import split_key
from contracts.outcome import Keep
from ingest.fields import Unusable, described, from_iso, identifier, required
from ingest.measured import Measured, snapshot
from ingest.people import person_of
from ingest.platforms import Answer, Part, Receipt
from ingest.platforms.youtube import facts
from ingest.platforms.youtube.facts import PLATFORM, measured
from ingest.platforms.youtube.paging import Page
from ingest.wire import Unreadable, converted, decoded, dumps, loads, path, refused

Count = str | int | None
SHORT_SECONDS = 180
"""A Short is no longer than this; whether a video of that length is one is not told."""

_DURATION = re.compile(r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,6})S)?)?")


class _Snippet(Struct, frozen=True, rename="camel"):
    published_at: str | None = None
    title: str | None = None
    description: str | None = None
    live_broadcast_content: str | None = None


class _Content(Struct, frozen=True):
    duration: str | None = None


class _Status(Struct, frozen=True, rename="camel"):
    privacy_status: str | None = None


class _Statistics(Struct, frozen=True, rename="camel"):
    view_count: Count = None
    like_count: Count = None
    comment_count: Count = None


class _Video(Struct, frozen=True, rename="camel"):
    id: str | None = None
    snippet: _Snippet = _Snippet()
    content_details: _Content = _Content()
    status: _Status = _Status()
    statistics: _Statistics | None = None
    live_streaming_details: dict[str, Any] | None = None


class _Uploaded(Struct, frozen=True, rename="camel"):
    video_id: str | None = None


class _Item(Struct, frozen=True, rename="camel"):
    content_details: _Uploaded = _Uploaded()


class _Subscribers(Struct, frozen=True, rename="camel"):
    subscriber_count: Count = None
    hidden_subscriber_count: bool = False


class _Playlists(Struct, frozen=True):
    uploads: str | None = None


class _Related(Struct, frozen=True, rename="camel"):
    related_playlists: _Playlists = _Playlists()


class _Channel(Struct, frozen=True, rename="camel"):
    statistics: _Subscribers = _Subscribers()
    content_details: _Related = _Related()


class _AuthorId(Struct, frozen=True):
    value: str | None = None


class _Said(Struct, frozen=True, rename="camel"):
    """`author_display_name` may be anything: a name that is none costs the name alone."""

    author_display_name: Any = None
    author_channel_id: _AuthorId | None = None
    text_display: str | None = None
    text_original: str | None = None
    parent_id: str | None = None
    published_at: str | None = None
    updated_at: str | None = None


class _Comment(Struct, frozen=True):
    id: str | None = None
    snippet: _Said = _Said()


class _Top(Struct, frozen=True, rename="camel"):
    top_level_comment: _Comment = _Comment()
    total_reply_count: int = 0


class _Replies(Struct, frozen=True):
    comments: list[Raw] = []


class _Thread(Struct, frozen=True):
    snippet: _Top = _Top()
    replies: _Replies = _Replies()


class Listed(NamedTuple):
    """What the poller remembers of a video that it has seen: it decides what is worth reading again."""

    video_id: str
    published_at: int
    comments: int | None


class Said(NamedTuple):
    """A comment as it is listed. `edited`: its last edit. `has_more`: more replies than were listed with it."""

    added: EngagementEvent
    edited: EngagementEvent | None
    person: Person | None
    has_more: bool = False

    @property
    def comment_id(self) -> str:
        return split_key(self.added.interaction_key)[1]


_channel = msgspec.json.Decoder(_Channel)
_item = msgspec.json.Decoder(_Item)
_video = msgspec.json.Decoder(_Video)
_thread = msgspec.json.Decoder(_Thread)
_comment = msgspec.json.Decoder(_Comment)


def uploads(page: Page) -> str | None:
    """The playlist of a channel's uploads; None if there is no such channel."""
    for raw in page.items:
        try:
            return identifier(decoded(_channel, raw).content_details.related_playlists.uploads, "uploads")
        except Unusable:
            continue
    return None


def followers(account: str, day: str, page: Page, answer: Answer) -> Iterator[Part]:
    """How many subscribe to the channel, as the figure of the day on which it was asked. YouTube rounds it down."""
    for raw in page.items:
        try:
            told = decoded(_channel, raw).statistics
            count = measured("followers", told.subscriber_count, "unavailable")
        except Unusable as error:
            yield refused(error, account, raw)
            continue
        known = Measured("followers", None, "hidden") if told.hidden_subscriber_count else count
        kept = snapshot(PLATFORM, account, None, known, answer.as_of, answer.receipt, window=f"day:{day}")
        yield Part(Keep(kept), account)


def video_ids(account: str, page: Page) -> tuple[list[str], list[Part]]:
    """The videos of one page of uploads; and what could not be read."""
    found: list[str] = []
    spoiled: list[Part] = []
    for raw in page.items:
        try:
            video_id = required(decoded(_item, raw).content_details.video_id, "contentDetails.videoId")
            if "," in video_id:
                raise Unusable("invalid_field", "contentDetails.videoId")
            found.append(video_id)
        except Unusable as error:
            spoiled.append(refused(error, account, raw))
    return found, spoiled


def videos(account: str, page: Page, answer: Answer) -> tuple[list[tuple[Listed, list[Part]]], list[Part]]:
    """Each video as it is now with its counters; and what could not be read."""
    found: list[tuple[Listed, list[Part]]] = []
    spoiled: list[Part] = []
    for raw in page.items:
        try:
            one = decoded(_video, raw)
            post = _post(account, one, answer)
            counters = _counters(one.statistics)
        except Unusable as error:
            spoiled.append(refused(error, account, raw))
            continue
        snapshots = [snapshot(PLATFORM, account, post.post_id, told, answer.as_of, answer.receipt) for told in counters]
        parts = [Part(Keep(post), account), *(Part(Keep(one), account) for one in snapshots)]
        comments = next(told.value for told in counters if told.metric == "comments")
        found.append((Listed(post.post_id, post.published_at or 0, comments), parts))
    return found, spoiled


def _post(account: str, one: _Video, answer: Answer) -> Post:
    """Its length is the title's: descriptions are long and the same under many videos."""
    video_id = required(one.id, "id")
    if one.snippet.published_at is None:
        raise Unusable("missing_field", "publishedAt")
    title = described(one.snippet.title, "title") if one.snippet.title is not None else None
    below = described(one.snippet.description or "", "description")
    privacy = one.status.privacy_status
    return Post(
        schema=SCHEMA,
        platform=PLATFORM,
        account_id=account,
        post_id=video_id,
        as_of=answer.as_of,
        received_at=answer.received_at,
        published_at=from_iso(one.snippet.published_at, "publishedAt", answer.received_at),
        permalink=f"https://www.youtube.com/watch?v={video_id}",
        format=_format(one),
        text_length=title.length if title else None,
        hashtags=_every(title.hashtags if title else (), below.hashtags),
        mentions=_every(title.mentions if title else (), below.mentions),
        links=_every(title.links if title else (), below.links),
        is_published=None if privacy is None else privacy == "public",
    )


def _every(*words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for some in words for word in some))


def _format(one: _Video) -> str:
    if one.live_streaming_details is not None or one.snippet.live_broadcast_content in ("live", "upcoming"):
        return "live"
    seconds = duration(one.content_details.duration)
    return "short_video" if seconds is not None and 0 < seconds <= SHORT_SECONDS else "video"


def duration(text: str | None) -> int | None:
    """Seconds of an ISO 8601 duration as YouTube writes it; None for what is none.

    >>> duration("PT1M30S"), duration("P1DT1S"), duration("P0D"), duration("soon")
    (90, 86401, 0, None)
    """
    found = _DURATION.fullmatch(text) if text is not None else None
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _counters(told: _Statistics | None) -> list[Measured]:
    """Likes are missing where the owner hides them, comments where there are none to have."""
    if told is None:
        return [Measured(metric, None, "unavailable") for metric in ("views", "likes", "comments")]
    return [
        measured("views", told.view_count, "unavailable"),
        measured("likes", told.like_count, "hidden"),
        measured("comments", told.comment_count, "unavailable"),
    ]


def threads(account: str, video_id: str, page: Page, answer: Answer) -> tuple[list[Said], list[Part]]:
    """Each comment, followed by its replies if all of them came with it; and what could not be read."""
    found: list[Said] = []
    spoiled: list[Part] = []
    for raw in page.items:
        try:
            thread = _read_thread(raw)
            said = _said(account, video_id, None, thread.snippet.top_level_comment, answer.receipt)
        except Unusable as error:
            spoiled.append(refused(error, account, raw))
            continue
        below = thread.replies.comments
        said = said._replace(has_more=thread.snippet.total_reply_count > len(below))
        found.append(said)
        if not said.has_more:
            more, bad = replies(account, video_id, said.comment_id, Page(below), answer)
            found += more
            spoiled += bad
    return found, spoiled


def _read_thread(raw: Raw) -> _Thread:
    """One thread, its replies unread, so that one that cannot be read costs only itself."""
    try:
        return _thread.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        document = loads(bytes(raw))
        below = document.get("replies") if isinstance(document, dict) else None
        if isinstance(document, dict) and isinstance(below, dict) and isinstance(below.get("comments"), list):
            document = document | {"replies": {"comments": [Raw(dumps(reply)) for reply in below["comments"]]}}
        return converted(document, _Thread)
    except Unreadable:
        raise Unusable("unreadable_body", "item") from None
    except msgspec.ValidationError as error:
        raise Unusable("invalid_field", path(error)) from None


def replies(account: str, video_id: str, parent_id: str, page: Page, answer: Answer) -> tuple[list[Said], list[Part]]:
    """Each reply to a comment; and what could not be read."""
    found: list[Said] = []
    spoiled: list[Part] = []
    for raw in page.items:
        try:
            found.append(_said(account, video_id, parent_id, decoded(_comment, raw), answer.receipt))
        except Unusable as error:
            spoiled.append(refused(error, account, raw))
    return found, spoiled


def _said(account: str, video_id: str, parent_id: str | None, one: _Comment, receipt: Receipt) -> Said:
    told = one.snippet
    if told.published_at is None:
        raise Unusable("missing_field", "publishedAt")
    author = identifier(told.author_channel_id.value, "authorChannelId") if told.author_channel_id else None
    at = from_iso(told.published_at, "publishedAt", receipt.received_at)
    added = facts.comment(
        account,
        receipt,
        comment_id=required(one.id, "id"),
        video_id=video_id,
        parent_id=parent_id,
        author=author,
        text=told.text_original if told.text_original is not None else told.text_display,
        at=at,
    )
    changed = at if told.updated_at is None else from_iso(told.updated_at, "updatedAt", receipt.received_at)
    person = person_of(Keep(added), receipt, told.author_display_name, f"https://www.youtube.com/channel/{author}")
    return Said(added, facts.edited(added, changed) if changed > at else None, person)
