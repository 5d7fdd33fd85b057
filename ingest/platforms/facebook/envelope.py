"""The wire shapes of a Page webhook, and how bytes become them.

A change is decoded apart from its neighbours, so that one that cannot be read costs only itself.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw, Struct

from ingest.fields import Unusable
from ingest.meta.actor import Actor
from ingest.wire import Id, converted, dumps, loads, path


class Value(Struct, rename={"from_": "from"}, gc=False):
    """The union of what `feed` changes carry, as far as it is read."""

    item: str | None = None
    verb: str | None = None
    from_: Actor | None = None
    sender_id: Id = None
    sender_name: Any = None
    user_id: Id = None
    post_id: Id = None
    parent_id: Id = None
    comment_id: Id = None
    share_id: Id = None
    created_time: int | None = None
    edited_time: int | None = None
    message: str | None = None
    reaction_type: str | None = None


class Change(Struct, gc=False):
    field: str
    value: Value


class Entry(Struct, gc=False):
    """`time` is when it was sent, in seconds. Without values only `changed_fields` is filled."""

    id: str | int
    time: int | None = None
    changes: list[Raw] | None = None
    changed_fields: list[Raw] | None = None
    messaging: list[Raw] | None = None
    standby: list[Raw] | None = None


class Envelope(Struct, gc=False):
    object: str
    entry: list[Entry]


_envelope = msgspec.json.Decoder(Envelope).decode
_change = msgspec.json.Decoder(Change).decode


def read(body: bytes) -> Iterator[Entry | Unusable]:
    """The entries of a delivery; those that are none come as `Unusable`.

    Raises `Unreadable` if the bytes are no JSON, `Unusable` if they are no envelope of this object.
    """
    try:
        envelope = _envelope(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _read_slowly(loads(body))
    if envelope.object != "page":
        raise Unusable("invalid_envelope", "object")
    return iter(envelope.entry)


def _read_slowly(document: object) -> Iterator[Entry | Unusable]:
    if not isinstance(document, dict) or document.get("object") != "page":
        raise Unusable("invalid_envelope", "object")
    entries = document.get("entry")
    if not isinstance(entries, list):
        raise Unusable("invalid_envelope", "entry")
    return (_entry(entry) for entry in entries)


def _entry(document: object) -> Entry | Unusable:
    if isinstance(document, dict):
        parts = {
            name: [Raw(dumps(part)) for part in parts] if isinstance(parts, list) else parts
            for name, parts in document.items()
            if name in ("changes", "changed_fields", "messaging", "standby")
        }
        try:
            return converted(document | parts, Entry)
        except msgspec.ValidationError as error:
            detail = f"entry {path(error)}"
    else:
        detail = "entry is no object"
    return Unusable("invalid_envelope", detail, dumps({"object": "page", "entry": [document]}))


def change(raw: Raw) -> Change:
    """One change. Raises `Unreadable` or `Unusable`; a field other than `feed` comes with an empty value."""
    try:
        return _change(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _change_slowly(loads(bytes(raw)))


def _change_slowly(document: object) -> Change:
    if isinstance(document, dict) and isinstance(document.get("field"), str) and document["field"] != "feed":
        return Change(document["field"], Value())
    try:
        return converted(document, Change)
    except msgspec.ValidationError as error:
        raise Unusable("invalid_field", path(error)) from None


def alone(entry: Entry, raw: Raw) -> bytes:
    """A valid delivery that holds one change and nothing else, with the change's own bytes."""
    time = b"" if entry.time is None else b'"time":%d,' % entry.time
    return b'{"object":"page","entry":[{"id":%b,%b"changes":[%b]}]}' % (dumps(entry.id), time, bytes(raw))


def identity(entry: Entry, raw: Raw) -> bytes:
    """What stays the same of a change when it is sent again: all but the time of sending."""
    return b"%b %b" % (dumps(entry.id), bytes(raw))
