"""What a server answers -> posts, snapshots and comments.

Each item is decoded apart: one that cannot be read is refused with its own bytes.
"""

from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

from contracts.events import SCHEMA, EngagementEvent, Person, Post
from contracts.identity import split_key
from contracts.outcome import Keep
from ingest.fields import Unusable, required
from ingest.measured import Measured, counter, snapshot
from ingest.people import person_of
from ingest.platforms import Answer, Fact, Part, PollFailed, Receipt
from ingest.platforms.mastodon import facts, shapes
from ingest.platforms.mastodon.facts import PLATFORM, Context
from ingest.platforms.mastodon.shapes import Status
from ingest.wire import Unreadable, decoded, dumps, loads, refused

_COUNTERS = {
    "likes": "favourites_count",
    "reposts": "reblogs_count",
    "quotes": "quotes_count",
    "direct_comments": "replies_count",
}


class Listed(NamedTuple):
    """What the poller remembers of a status that it has seen: it decides what is worth reading again."""

    status_id: str
    published_at: int
    answers: int | None


class Said(NamedTuple):
    """An answer as it is listed in a thread, and its last edit."""

    added: EngagementEvent
    edited: EngagementEvent | None
    person: Person | None

    @property
    def status_id(self) -> str:
        return split_key(self.added.interaction_key)[1]


class _Account(Struct, frozen=True):
    followers_count: int | None = None


class _Thread(Struct, frozen=True):
    descendants: list[Raw]


_account = msgspec.json.Decoder(_Account)
_thread = msgspec.json.Decoder(_Thread)


def followers(account: str, day: str, answer: Answer) -> Part:
    """How many follow, as the figure of the day on which it was asked."""
    try:
        told = counter("followers", decoded(_account, Raw(answer.body)).followers_count)
    except Unusable as error:
        return refused(error, account, Raw(answer.body))
    kept = snapshot(PLATFORM, account, None, told, answer.as_of, answer.receipt, window=f"day:{day}")
    return Part(Keep(kept), account)


def posts(account: str, items: list[Raw], answer: Answer) -> tuple[list[tuple[Listed, list[Part]]], list[Part]]:
    """Each status that answers nobody, with its counters; and what could not be read."""
    found: list[tuple[Listed, list[Part]]] = []
    spoiled: list[Part] = []
    for raw in items:
        try:
            one = shapes.status(raw)
            if one.in_reply_to_id is not None or one.reblog is not None:
                continue
            post = _post(account, one, answer)
            counters = _counters(one)
        except Unusable as error:
            spoiled.append(refused(error, account, raw))
            continue
        told: list[Fact] = [post]
        told += [
            snapshot(PLATFORM, account, post.post_id, measured, answer.as_of, answer.receipt)
            for measured in counters.values()
        ]
        listed = Listed(post.post_id, post.published_at or 0, counters["direct_comments"].value)
        found.append((listed, [Part(Keep(fact), account) for fact in told]))
    return found, spoiled


def _counters(one: Status) -> dict[str, Measured]:
    """By metric. Shares are those with something said about them, too; servers before 4.5 have none of these."""
    found: dict[str, int | None] = {metric: getattr(one, name) for metric, name in _COUNTERS.items()}
    reposts, quotes = found["reposts"], found["quotes"]
    if quotes is None:
        del found["quotes"]
    found["shares"] = None if reposts is None else reposts + (quotes or 0)
    return {metric: counter(metric, count) for metric, count in found.items()}


def _post(account: str, one: Status, answer: Answer) -> Post:
    said, receipt = shapes.said(one, keep_text=False), answer.receipt
    return Post(
        schema=SCHEMA,
        platform=PLATFORM,
        account_id=account,
        post_id=required(one.id, "id"),
        as_of=answer.as_of,
        received_at=receipt.received_at,
        published_at=shapes.moment(one.created_at, "created_at", receipt),
        permalink=shapes.link(one),
        format="poll" if one.poll is not None else "media" if one.media_attachments else "text",
        text_length=said.length,
        hashtags=said.hashtags,
        mentions=said.mentions,
        links=said.links,
        is_published=True,
        platform_updated_at=None if one.edited_at is None else shapes.moment(one.edited_at, "edited_at", receipt),
    )


def thread(account: str, post_id: str, answer: Answer) -> tuple[list[Said], list[Part]]:
    """Everything below a post that can be seen, each an answer to the post or, flat, to one of the answers; and what
    could not be read."""
    found: list[Said] = []
    spoiled: list[Part] = []
    top: dict[str, str | None] = {post_id: None}
    for raw in _descendants(answer):
        try:
            one = shapes.status(raw)
            status_id = required(one.id, "id")
            above = required(one.in_reply_to_id, "in_reply_to_id")
            parent = (top[above] or above) if above in top and above != post_id else None
            top[status_id] = parent
            found.append(_said(account, post_id, parent, one, answer.receipt))
        except Unusable as error:
            spoiled.append(refused(error, account, raw))
    return found, spoiled


def _descendants(answer: Answer) -> list[Raw]:
    try:
        return _thread.decode(answer.body).descendants
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        document = loads(answer.body)
    except Unreadable:
        raise PollFailed("no_listing") from None
    below = document.get("descendants") if isinstance(document, dict) else None
    if not isinstance(below, list):
        raise PollFailed("no_listing")
    return [Raw(dumps(one)) for one in below]


def _said(account: str, post_id: str, parent: str | None, one: Status, receipt: Receipt) -> Said:
    at = shapes.moment(one.created_at, "created_at", receipt)
    changed = at if one.edited_at is None else shapes.moment(one.edited_at, "edited_at", receipt)
    author = one.account
    added = facts.comment(
        Context(account, at, receipt),
        shapes.actor(author, account, receipt),
        status_id=required(one.id, "id"),
        post_id=post_id,
        parent_id=parent,
        url=shapes.link(one),
        said=shapes.said(one, keep_text=receipt.keep_text),
    )
    person = person_of(Keep(added), receipt, author.display_name or author.acct, author.url) if author else None
    return Said(added, facts.edited(added, changed) if changed > at else None, person)
