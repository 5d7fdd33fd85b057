"""Bytes <-> records: JSON by msgspec, with the schema version checked.

A decoder refuses what it does not know with `UndecodableRecord`, whose reason is a word of `contracts.reasons`.
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from contracts.events import SCHEMA

T = TypeVar("T")

encode: Callable[[object], bytes] = msgspec.json.Encoder().encode


class UndecodableRecord(ValueError):
    """A record that this version cannot read. `reason` is a word of `contracts.reasons`, `detail` quotes nothing."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class _Versioned(msgspec.Struct, gc=False):
    schema: int


_version = msgspec.json.Decoder(_Versioned).decode


def decoder(record_type: type[T]) -> Callable[[bytes], T]:
    """A function from bytes to `record_type`; it raises `UndecodableRecord` and nothing else.

    An invalid record of an unknown schema version is `unknown_schema`, since a newer version may well read it.
    """
    decode = msgspec.json.Decoder(record_type).decode

    def read(data: bytes) -> T:
        try:
            record = decode(data)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise _refusal(data, error) from None
        if getattr(record, "schema", SCHEMA) != SCHEMA:
            raise UndecodableRecord("unknown_schema", f"expected {SCHEMA}")
        return record

    return read


def _refusal(data: bytes, error: Exception) -> UndecodableRecord:
    try:
        known = _version(data).schema == SCHEMA
    except (msgspec.MsgspecError, ValueError, RecursionError):
        known = True
    if not known:
        return UndecodableRecord("unknown_schema", f"expected {SCHEMA}")
    return invalid(error)


def invalid(error: Exception) -> UndecodableRecord:
    """What msgspec refused, as `invalid_record`: the place where it stumbled, and none of what stood there."""
    path = str(error).rpartition(" - at `")[2].rstrip("`") if " - at `" in str(error) else ""
    return UndecodableRecord("invalid_record", f"{type(error).__name__} at {path[:80] or 'the root'}")
