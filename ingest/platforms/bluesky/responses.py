"""What Bluesky answers -> posts, snapshots and events.

Each item of a page is decoded apart: one that cannot be read is refused with its own bytes.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from contracts.events import SCHEMA, EngagementEvent, Post
from contracts.outcome import Keep
from ingest.fields import EARLIEST, MOST_WORDS, Unusable, checked, described
from ingest.measured import Measured, counter, snapshot
from ingest.people import person_of
from ingest.platforms import Answer, Part, PollFailed, Receipt
from ingest.platforms.bluesky import facts, posts
from ingest.platforms.bluesky.facts import PLATFORM, Seen
from ingest.platforms.bluesky.posts import Record
from ingest.platforms.bluesky.uris import POST, Uri, is_did, parse
from ingest.wire import Unreadable, converted, decoded, dumps, loads, refused


class Page(Struct):
    """One page of any listing; only the absence of a cursor ends it."""

    cursor: str | None = None
    feed: list[Raw] = []
    likes: list[Raw] = []
    posts: list[Raw] = []


class Actor(Struct, frozen=True):
    did: str | None = None
    handle: Any = None


class _Counted(Struct, frozen=True, rename="camel"):
    followers_count: int | None = None


class PostView(Struct, frozen=True, rename="camel"):
    uri: str | None = None
    author: Actor = Actor()
    record: Record = Record()
    indexed_at: str | None = None
    like_count: int | None = None
    repost_count: int | None = None
    reply_count: int | None = None
    quote_count: int | None = None
    bookmark_count: int | None = None


class _FeedItem(Struct, frozen=True):
    post: PostView
    reason: Any = None


class _Like(Struct, frozen=True, rename="camel"):
    actor: Actor
    created_at: Any = None
    indexed_at: str | None = None


class _Node(Struct, frozen=True):
    """A place in a thread; one that is blocked or gone has no post."""

    post: Raw = Raw()
    replies: list[Raw] | None = None


class _Thread(Struct, frozen=True):
    thread: Raw


class Listed(NamedTuple):
    """A post of the account's, as far as reading on needs it."""

    uri: Uri
    indexed_at: int
    view: PostView


_page = msgspec.json.Decoder(Page)
_profile = msgspec.json.Decoder(_Counted)
_item = msgspec.json.Decoder(_FeedItem)
_like = msgspec.json.Decoder(_Like)
_view = msgspec.json.Decoder(PostView)
_node = msgspec.json.Decoder(_Node)
_thread = msgspec.json.Decoder(_Thread)


def page(answer: Answer) -> Page:
    """The listing of an answer; an answer without one ends the poll."""
    try:
        return _page.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        document = loads(answer.body)
        if isinstance(document, dict):
            lists = {name: document.get(name, []) for name in ("feed", "likes", "posts")}
            if all(isinstance(items, list) for items in lists.values()):
                cursor = converted(document.get("cursor"), str | None)
                return Page(cursor, **{name: [Raw(dumps(item)) for item in items] for name, items in lists.items()})
    except (Unreadable, msgspec.ValidationError):
        pass
    raise PollFailed("no_listing")


def followers(account: str, day: str, answer: Answer) -> Part:
    """How many follow the account, as the figure of the day on which it was asked."""
    raw = Raw(answer.body)
    try:
        told = counter("followers", decoded(_profile, raw).followers_count)
    except Unusable as error:
        return refused(error, account, raw)
    kept = snapshot(PLATFORM, account, None, told, answer.as_of, answer.receipt, window=f"day:{day}")
    return Part(Keep(kept), account)


def feed(account: str, items: list[Raw], answer: Answer) -> tuple[list[Listed], list[Part]]:
    """The account's own posts on a page, and what could not be read. What it reposted is not its own."""
    found: list[Listed] = []
    spoiled: list[Part] = []
    for raw in items:
        try:
            view = decoded(_item, raw).post
            uri = _uri(view.uri)
            if uri.did == account and uri.collection == POST:
                found.append(Listed(uri, _indexed(view.indexed_at, answer), view))
        except Unusable as error:
            spoiled.append(refused(error, account, raw))
    return found, spoiled


def post(account: str, listed: Listed, answer: Answer) -> list[Part]:
    """What a post is now, and its counters."""
    try:
        kept = [Part(Keep(_post(account, listed, answer)), account)]
        counters = _counters(listed.view)
    except Unusable as error:
        return [refused(error, account, Raw(msgspec.json.encode({"post": listed.view})))]
    return kept + [
        Part(Keep(snapshot(PLATFORM, account, listed.uri.rkey, told, answer.as_of, answer.receipt)), account)
        for told in counters
    ]


def _counters(view: PostView) -> list[Measured]:
    """A repost and a quotation are shares, both. Replies are those to the post itself, not those below them."""
    shares = None if view.repost_count is None or view.quote_count is None else view.repost_count + view.quote_count
    told = {
        "likes": view.like_count,
        "shares": shares,
        "reposts": view.repost_count,
        "quotes": view.quote_count,
        "direct_comments": view.reply_count,
        "saves": view.bookmark_count,
    }
    return [counter(metric, count) for metric, count in told.items()]


def _post(account: str, listed: Listed, answer: Answer) -> Post:
    record = listed.view.record
    words = described(record.text, "text")
    tags = [tag.lower() for tag in posts.features(record.facets, "tag", "tag")]
    tags += [tag.lower() for tag in (record.tags if isinstance(record.tags, list) else ()) if isinstance(tag, str)]
    links = posts.features(record.facets, "link", "uri")
    external = record.embed.get("external") if isinstance(record.embed, dict) else None
    if isinstance(external, dict) and isinstance(external.get("uri"), str):
        links.append(external["uri"])
    return Post(
        schema=SCHEMA,
        platform=PLATFORM,
        account_id=account,
        post_id=listed.uri.rkey,
        as_of=answer.as_of,
        received_at=answer.received_at,
        published_at=_published(record, listed.indexed_at),
        permalink=listed.uri.page,
        format=_format(record.embed),
        text_length=words.length,
        hashtags=_every(words.hashtags, tags),
        mentions=words.mentions,
        links=_every(tuple(links), words.links),
    )


def _every(*some: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    found = dict.fromkeys(word for words in some for word in words if word.isprintable() and len(word) <= 1000)
    return tuple(found)[:MOST_WORDS]


def _published(record: Record, indexed_at: int) -> int:
    """What the client claims, unless it lies in the future of the index or before there was any network."""
    claimed = posts.claimed(record.created_at)
    return claimed if EARLIEST <= claimed <= indexed_at else indexed_at


_FORMATS = {"images": "images", "video": "video", "external": "link", "record": "quote"}


def _format(embed: object) -> str:
    """What the post shows beside its text; of a quotation with media, the media."""
    kind = embed.get("$type") if isinstance(embed, dict) else None
    if isinstance(embed, dict) and kind == "app.bsky.embed.recordWithMedia":
        return _format(embed.get("media"))
    name = kind.removeprefix("app.bsky.embed.") if isinstance(kind, str) else ""
    return _FORMATS.get(name, "text")


def likes(account: str, uri: Uri, items: list[Raw], answer: Answer) -> Iterator[tuple[int, Part]]:
    """Each like with when it was indexed."""
    for raw in items:
        try:
            one = decoded(_like, raw)
            at = _indexed(one.indexed_at, answer)
            seen = Seen(account, _did(one.actor), at, False, answer.receipt)
            event = facts.liked(seen, uri.rkey, posts.stamp(one.created_at, None))
        except Unusable as error:
            yield answer.as_of, refused(error, account, raw)
            continue
        yield at, _kept(event, one.actor, answer.receipt)


def said(account: str, items: list[Raw], answer: Answer) -> Iterator[tuple[int, Part]]:
    """Each post that concerns the account, a quotation or a reply, with when it was indexed."""
    for raw in items:
        try:
            one = decoded(_view, raw)
            at, uri = _indexed(one.indexed_at, answer), _uri(one.uri)
            event = posts.engagement(Seen(account, uri.did, at, False, answer.receipt), uri, one.record)
        except Unusable as error:
            yield answer.as_of, refused(error, account, raw)
            continue
        if event is not None:
            yield at, _kept(event, one.author, answer.receipt)


def replies(account: str, answer: Answer) -> tuple[list[Raw], list[Part]]:
    """All posts below a thread's first, in any order; and what could not be read."""
    found: list[Raw] = []
    spoiled: list[Part] = []
    try:
        waiting = [decoded(_thread, Raw(answer.body)).thread]
    except Unusable:
        raise PollFailed("no_thread") from None
    is_first = True
    while waiting:
        raw = waiting.pop()
        try:
            node = decoded(_node, raw)
        except Unusable as error:
            spoiled.append(refused(error, account, raw))
            continue
        if bytes(node.post) not in (b"", b"null") and not is_first:
            found.append(node.post)
        waiting += node.replies or []
        is_first = False
    return found, spoiled


def _kept(event: EngagementEvent, actor: Actor, receipt: Receipt) -> Part:
    person = person_of(Keep(event), receipt, actor.handle, f"https://bsky.app/profile/{actor.did}")
    return Part(Keep(event), event.account_id, person=person)


def _did(actor: Actor) -> str:
    if actor.did is None or not is_did(actor.did):
        raise Unusable("missing_field" if actor.did is None else "invalid_field", "actor.did")
    return actor.did


def _uri(text: str | None) -> Uri:
    uri = parse(text)
    if uri is None:
        raise Unusable("missing_field" if text is None else "invalid_field", "uri")
    return uri


def _indexed(text: str | None, answer: Answer) -> int:
    """When the index came to know of it; what is no time is out of range."""
    if text is None:
        raise Unusable("missing_field", "indexedAt")
    return checked(posts.claimed(text), "indexedAt", answer.received_at)
