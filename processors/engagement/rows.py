"""Rows in memory and on the wire.

A row is a plain list, since it is touched several times for every event:
`[dirty, table number, record key, published, grain, value, value, ...]`. `dirty` is 1 while the row waits to be
written; `published` says whether its topic holds it, so that a row that is gone needs a deletion.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from contracts import tables
from contracts.codec import encode
from contracts.table import row_struct

DIRTY, TABLE, KEY, PUBLISHED, GRAIN = range(5)
VALUES = 5
"""Position of the first value in a row."""

Row = list[Any]

_TABLES = tuple(tables.load().values())
NUMBER = {table.name: number for number, table in enumerate(_TABLES)}
TOPICS = tuple(table.topic for table in _TABLES)
BY_TOPIC = {table.topic: table for table in _TABLES}

_STRUCTS: tuple[Callable[..., msgspec.Struct], ...] = tuple(row_struct(table) for table in _TABLES)
_GRAIN_SIZES = tuple(len(table.key) for table in _TABLES)
_VANISHING = tuple(table.name.startswith("engagement_by_") or table.name == "reactions_by_post" for table in _TABLES)
"""Tables whose rows exist only while a number differs from zero."""

_decoders: dict[str, Callable[[bytes], msgspec.Struct]] = {
    table.topic: msgspec.json.Decoder(row_struct(table)).decode for table in _TABLES
}


def new_row(table: int, key: bytes, grain: tuple[str | int, ...], values: Sequence[Any]) -> Row:
    """A clean, unpublished row. `key` is `identity.join_key` of the grain, whose integers are epoch milliseconds."""
    return [0, table, key, False, grain, *values]


def blank(table: int, zeros: int) -> Row:
    """A pattern of which `stamped` makes rows of counts."""
    return new_row(table, b"", (), (0,) * zeros)


def stamped(pattern: Row, key: bytes, grain: tuple[str | int, ...]) -> Row:
    """A new row of the pattern's table. Faster than `new_row`, for there is one for nearly every event."""
    row = pattern.copy()
    row[KEY] = key
    row[GRAIN] = grain
    return row


def written(rows: Iterable[Row], version: int) -> Iterator[tuple[str, bytes, bytes | None]]:
    """The records that bring the topics up to date with `rows`, which are clean afterwards.

    A row that came to nothing is deleted, or not written at all if it never was.
    """
    for row in rows:
        row[DIRTY] = 0
        table = row[TABLE]
        if _VANISHING[table] and not row[VALUES] and not any(row[VALUES:]):
            if row[PUBLISHED]:
                row[PUBLISHED] = False
                yield TOPICS[table], row[KEY], None
        else:
            row[PUBLISHED] = True
            yield TOPICS[table], row[KEY], encode(_STRUCTS[table](*row[GRAIN], *row[VALUES:], version))


def read(topic: str, data: bytes) -> tuple[tuple[Any, ...], list[Any], int]:
    """Grain, values and version of a record that `written` made."""
    fields = msgspec.structs.astuple(_decoders[topic](data))
    size = _GRAIN_SIZES[NUMBER[BY_TOPIC[topic].name]]
    return fields[:size], list(fields[size:-1]), fields[-1]
