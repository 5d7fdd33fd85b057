"""The wire shapes of an Instagram webhook, and how bytes become them.

Two envelopes are in use: `changes[]`, and a flat one with `field` and `value` on the entry; either may come in a list.
A flat entry is read as one with a single change. A change is decoded apart from its neighbours, so that one that
cannot be read costs only itself.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from ingest.fields import Unusable
from ingest.wire import Id, converted, dumps, loads, path

OBJECT = "instagram"

_NULL = Raw(b"null")
_MILLISECONDS_FROM = 10**11
"""A time from here on is in milliseconds: as seconds it would lie beyond the year 5000."""


class Author(Struct, gc=False):
    """`self_ig_scoped_id` is told when the account itself wrote. A wrong name spoils nothing."""

    id: Id = None
    username: Any = None
    self_ig_scoped_id: Id = None


class Media(Struct, gc=False):
    """`ad_id`: the ad that this media is shown by."""

    id: Id = None
    ad_id: Id = None


class Comment(Struct, rename={"from_": "from"}, gc=False):
    """Value of `comments` and `live_comments`; the id has one of two names."""

    id: Id = None
    comment_id: Id = None
    parent_id: Id = None
    text: str | None = None
    from_: Author | None = None
    media: Media | None = None


class Mention(Struct, gc=False):
    """Value of `mentions`: where, and nothing else. Without a comment it is the caption that mentions."""

    media_id: Id = None
    comment_id: Id = None


class Story(Struct, gc=False):
    """Value of `story_insights`: what a story has gathered when it ends."""

    media_id: Id = None
    impressions: int | UnsetType | None = UNSET
    reach: int | UnsetType | None = UNSET
    taps_forward: int | UnsetType | None = UNSET
    taps_back: int | UnsetType | None = UNSET
    exits: int | UnsetType | None = UNSET
    replies: int | UnsetType | None = UNSET


STORY_METRICS = tuple(name for name in Story.__struct_fields__ if name != "media_id")


class Change(Struct, gc=False):
    field: str
    value: Raw = _NULL


class Entry(Struct, gc=False):
    """`time` is when it was sent, in seconds or milliseconds. Flat: `field` and `value` in the place of changes."""

    id: str | int
    time: int | None = None
    changes: list[Raw] | None = None
    field: str | None = None
    value: Raw = _NULL
    changed_fields: list[Raw] | None = None
    messaging: list[Raw] | None = None
    standby: list[Raw] | None = None

    def all_changes(self) -> list[Raw]:
        """The changes, whichever way they came."""
        if self.changes is not None:
            return self.changes
        if self.field is None:
            return []
        return [Raw(b'{"field":%b,"value":%b}' % (dumps(self.field), bytes(self.value)))]

    def sent(self) -> int | None:
        """`time` in epoch milliseconds, unchecked."""
        return self.time if self.time is None or abs(self.time) >= _MILLISECONDS_FROM else self.time * 1000


class Envelope(Struct, gc=False):
    object: str
    entry: list[Entry]


_envelopes = msgspec.json.Decoder(Envelope | list[Envelope]).decode
_change = msgspec.json.Decoder(Change).decode


def read(body: bytes) -> Iterator[Entry | Unusable]:
    """The entries of a delivery; those that are none come as `Unusable`.

    Raises `Unreadable` if the bytes are no JSON, `Unusable` if they are no envelope of this object.
    """
    try:
        found = _envelopes(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return iter(_read_slowly(loads(body)))
    envelopes = found if isinstance(found, list) else [found]
    if not envelopes or any(envelope.object != OBJECT for envelope in envelopes):
        raise Unusable("invalid_envelope", "object")
    return (entry for envelope in envelopes for entry in envelope.entry)


def _read_slowly(document: object) -> list[Entry | Unusable]:
    found: list[Entry | Unusable] = []
    for envelope in document if isinstance(document, list) and document else [document]:
        if not isinstance(envelope, dict) or envelope.get("object") != OBJECT:
            raise Unusable("invalid_envelope", "object")
        entries = envelope.get("entry")
        if not isinstance(entries, list):
            raise Unusable("invalid_envelope", "entry")
        found += map(_entry, entries)
    return found


def _entry(document: object) -> Entry | Unusable:
    if isinstance(document, dict):
        parts: dict[str, object] = {
            name: [Raw(dumps(part)) for part in parts] if isinstance(parts, list) else parts
            for name, parts in document.items()
            if name in ("changes", "changed_fields", "messaging", "standby")
        }
        if "value" in document:
            parts["value"] = Raw(dumps(document["value"]))
        try:
            return converted(document | parts, Entry)
        except msgspec.ValidationError as error:
            detail = f"entry {path(error)}"
    else:
        detail = "entry is no object"
    return Unusable("invalid_envelope", detail, dumps({"object": OBJECT, "entry": [document]}))


def change(raw: Raw) -> Change:
    """One change, its value unread. Raises `Unreadable` or `Unusable`."""
    try:
        return _change(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        document = loads(bytes(raw))
    if isinstance(document, dict) and "value" in document:
        document = document | {"value": Raw(dumps(document["value"]))}
    try:
        return converted(document, Change)
    except msgspec.ValidationError as error:
        raise Unusable("invalid_field", path(error)) from None


def alone(entry: Entry, raw: Raw) -> bytes:
    """A valid delivery that holds one change and nothing else, with the change's own bytes."""
    time = b"" if entry.time is None else b'"time":%d,' % entry.time
    return b'{"object":"instagram","entry":[{"id":%b,%b"changes":[%b]}]}' % (dumps(entry.id), time, bytes(raw))


def identity(entry: Entry, raw: Raw) -> bytes:
    """What stays the same of a change when it is sent again: all but the time of sending."""
    return b"%b %b" % (dumps(entry.id), bytes(raw))
