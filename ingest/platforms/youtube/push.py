"""A hub's notification -> what the poller is to read again, and which videos are gone.

A feed tells that a video was published or changed, and too little of it to make a post of: the poller is woken instead.
Nothing raises: what cannot be used is a `Refuse` with the bytes of that entry alone.
"""

import re
from collections.abc import Iterator, Mapping

from contracts.events import SCHEMA, Post, Wake
from contracts.outcome import Keep, Refuse
from ingest.fields import Unusable, from_iso, required
from ingest.platforms import Fact, Part, Receipt
from ingest.platforms.youtube import atom, websub
from ingest.platforms.youtube.atom import DELETED, Entry
from ingest.platforms.youtube.facts import PLATFORM
from ingest.platforms.youtube.lease import NAME as LEASE
from ingest.wire import Unreadable

WOKEN = "posts"
"""The source that reads a channel's videos, the newest of them first."""

_REF = "yt:video:"
_CHANNEL = re.compile(r"https?://www\.youtube\.com/channel/([\w-]{1,255})")


def parse(body: bytes, receipt: Receipt) -> Iterator[Part]:
    """Every entry of a notification, in order."""
    try:
        entries = atom.entries(body)
    except Unreadable:
        yield Part(Refuse("unreadable_body", "no XML in UTF-8"), None, body, whole=True)
        return
    except Unusable as error:
        yield Part(Refuse(error.reason, error.detail), None, body, whole=True)
        return
    for entry in entries:
        yield _part(entry, receipt)


def denied(query: Mapping[str, str], receipt: Receipt) -> Iterator[Part]:
    """The lease of a channel of ours is to be looked at."""
    channel = websub.denied(query)
    if channel is not None and channel in receipt.accounts:
        wake = Wake(SCHEMA, f"{PLATFORM}:{channel}:{LEASE}", PLATFORM, channel, receipt.received_at)
        yield Part(Keep(wake), channel)


def _part(entry: Entry, receipt: Receipt) -> Part:
    account = None
    try:
        account = _account(entry, receipt)
        fact: Fact = _deleted(entry, account, receipt) if entry.kind == DELETED else _changed(entry, account, receipt)
        return Part(Keep(fact), account)
    except Unusable as error:
        return Part(Refuse(error.reason, error.detail), account, entry.body)


def _account(entry: Entry, receipt: Receipt) -> str:
    """Whose video it is; of a deleted one only the author's address says so."""
    named = _CHANNEL.fullmatch(entry.author or "")
    channel = required(entry.channel_id or (named[1] if named else None), "channelId")
    if channel not in receipt.accounts:
        raise Unusable("unknown_account", "channelId")
    return channel


def _changed(entry: Entry, account: str, receipt: Receipt) -> Wake:
    required(entry.video_id or None, "videoId")
    return Wake(SCHEMA, f"{PLATFORM}:{account}:{WOKEN}", PLATFORM, account, receipt.received_at)


def _deleted(entry: Entry, account: str, receipt: Receipt) -> Post:
    if not (entry.ref or "").startswith(_REF):
        raise Unusable("missing_field" if not entry.ref else "invalid_field", "ref")
    if entry.when is None:
        raise Unusable("missing_field", "when")
    at = from_iso(entry.when, "when", receipt.received_at)
    video_id = required((entry.ref or "").removeprefix(_REF) or None, "ref")
    return Post(SCHEMA, PLATFORM, account, video_id, at, receipt.received_at, deleted_at=at)
