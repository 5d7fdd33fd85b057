"""JSON as platforms write it, and how one part of it is read apart from its neighbours.

The fast way is msgspec into typed structs; what it refuses is read again by the standard library, which admits half
surrogate pairs (they are cleaned or refused field by field) but not what is no JSON.
"""

import json
from typing import Any, NoReturn, TypeVar, overload

import msgspec
from msgspec import Raw

from contracts.outcome import Refuse
from ingest.fields import Unusable
from ingest.platforms import Part

T = TypeVar("T")

Id = str | int | None
"""An id on the wire: a string, or a number in older shapes."""


class Unreadable(Exception):
    """Bytes that are no JSON in UTF-8, or JSON beyond what can be held."""


def dumps(document: object) -> bytes:
    """JSON in ASCII, so that half a surrogate pair survives as the escape that it came as."""
    return json.dumps(document, ensure_ascii=True, separators=(",", ":")).encode()


def loads(body: bytes) -> object:
    """Any JSON in UTF-8, without the constants that are none."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Unreadable from None


def _no_constant(_name: str) -> NoReturn:
    raise ValueError


def path(error: msgspec.ValidationError) -> str:
    """The place of a wrong field; it is made of our own field names, never of the payload."""
    return str(error).rpartition(" - at `")[2].rstrip("`") if " - at `" in str(error) else "$"


@overload
def converted(document: object, kind: type[T]) -> T: ...
@overload
def converted(document: object, kind: Any) -> Any: ...
def converted(document: object, kind: Any) -> Any:
    """`document` as that type. Raises `ValidationError`; where half a surrogate pair stands in place of a number or
    names a field, msgspec itself has another error."""
    try:
        return msgspec.convert(document, kind)
    except UnicodeEncodeError:
        raise msgspec.ValidationError("half a surrogate pair") from None


def decoded(decoder: msgspec.json.Decoder[T], raw: Raw) -> T:
    """One item of an answer. Raises `Unusable`."""
    try:
        return decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        return converted(loads(bytes(raw)), decoder.type)
    except Unreadable:
        raise Unusable("unreadable_body", "item") from None
    except msgspec.ValidationError as error:
        raise Unusable("invalid_field", path(error)) from None


def refused(error: Unusable, account_id: str, raw: Raw) -> Part:
    """An item of an answer that cannot be used, with its own bytes."""
    return Part(Refuse(error.reason, error.detail), account_id, bytes(raw))
