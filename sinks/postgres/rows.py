"""From a record of an aggregate topic to a row: its value decoded, its line of COPY written.

Pure. A record that cannot be read raises `UndecodableRecord` with a reason, and nothing else.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

import msgspec
from msgspec.structs import astuple

from contracts import identity, platforms
from contracts.codec import UndecodableRecord, invalid
from contracts.table import PLATFORM, VERSION, Column, Table, row_struct
from sinks.postgres import statements

VERSION_HEADER = VERSION.name
"""Header of a tombstone: the version up to which the row is gone, in decimal ASCII."""

Grain = tuple[str | int, ...]
"""The values of a row's key columns; times as epoch milliseconds, dates as ISO text."""

_NULL = "\\N"
_COPY_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Row(Protocol):
    """A decoded value: the wire columns of its table as attributes, and its version."""

    @property
    def version(self) -> int: ...


def decoder(table: Table) -> Callable[[bytes], Row]:
    """A function from a record's value to its row."""
    decode = msgspec.json.Decoder(row_struct(table)).decode

    def read(value: bytes) -> Row:
        try:
            return cast("Row", decode(value))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise invalid(error) from None

    return read


def liner(table: Table) -> Callable[[Row, int], bytes]:
    """A function from a row and its broker time (epoch ms) to a line of COPY in text format.

    Ints, floats, dates and booleans need no conversion; the others are converted by place, since most columns are
    counts. A count of a kind that the row's platform never sends is NULL, whatever the row says.
    """
    columns = statements.written(table)
    line = "\t".join(["%s"] * len(columns)) + "\n"
    conversions = [(place, _conversion(column)) for place, column in enumerate(columns) if _is_special(column)]
    platform_place = columns.index(PLATFORM) if PLATFORM in columns else None
    unknown = {
        platform: tuple(place for place, column in enumerate(columns) if column.kind in platforms.unsent(platform))
        for platform in platforms.SENDS
    }

    def write(row: Row, updated_at: int) -> bytes:
        values = [*astuple(cast("msgspec.Struct", row)), updated_at]
        if platform_place is not None:
            for place in unknown.get(values[platform_place], ()):
                values[place] = _NULL
        for place, convert in conversions:
            values[place] = convert(values[place])
        return (line % tuple(values)).encode()

    return write


def _is_special(column: Column) -> bool:
    return column.nullable or column.type in ("text", "text[]")


def _conversion(column: Column) -> Callable[[Any], str]:
    convert: Callable[[Any], str] = {"text": _escaped, "text[]": _array}.get(column.type, str)
    return (lambda value: _NULL if value is None else convert(value)) if column.nullable else convert


def _escaped(text: str) -> str:
    r"""Text as COPY reads it.

    >>> _escaped("a\tb")
    'a\\tb'
    """
    return text if text.isprintable() and "\\" not in text else text.translate(_COPY_ESCAPES)


def _array(texts: Sequence[str]) -> str:
    quoted = ('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts)
    return _escaped("{" + ",".join(quoted) + "}")


def grain_reader(table: Table) -> Callable[[bytes | None], Grain]:
    """A function from a record's key to its grain: all that a tombstone says about the row."""
    are_times = [column.type == "timestamptz" for column in table.key]

    def read(key: bytes | None) -> Grain:
        try:
            parts = identity.split_key((key or b"").decode())
            return tuple(int(part) if is_time else part for part, is_time in zip(parts, are_times, strict=True))
        except ValueError:
            raise UndecodableRecord("invalid_record", "the key is not the table's grain") from None

    return read


def tombstone_version(headers: Sequence[tuple[str, bytes | None]]) -> int:
    """The version that a tombstone carries."""
    for name, value in headers:
        if name == VERSION_HEADER and value is not None and value.isdigit():
            return int(value)
    raise UndecodableRecord("invalid_record", "a tombstone without a version")
