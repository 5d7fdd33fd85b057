"""Rows in memory and on the wire.

A row is a plain list, since it is touched several times for every event:
`[dirty, table number, record key, published, key values, value, value, ...]`. `dirty` is 1 while the row waits to be
written, `published` says whether its topic holds it, so that a row that is gone needs a deletion.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from contracts import tables
from contracts.codec import encode
from contracts.identity import join_key
from contracts.table import Table

DIRTY, TABLE, KEY, PUBLISHED, GRAIN = range(5)
VALUES = 5
"""Position of the first value in a row."""

Row = list[Any]

_WIRE_TYPES: dict[str, Any] = {
    "text": str,
    "bigint": int,
    "boolean": bool,
    "timestamptz": int,
    "date": str,
    "text[]": tuple[str, ...],
}

_TABLES = tuple(tables.load().values())
NUMBER = {table.name: number for number, table in enumerate(_TABLES)}
TOPICS = tuple(table.topic for table in _TABLES)
BY_TOPIC = {table.topic: table for table in _TABLES}


def _struct(table: Table) -> type[msgspec.Struct]:
    fields: list[tuple[str, Any]] = []
    for column in table.wire_columns:
        wire_type = _WIRE_TYPES[column.type]
        fields.append((column.name, wire_type | None if column.nullable else wire_type))
    return msgspec.defstruct(f"Row_{table.name}", [*fields, ("version", int)], gc=False)


_STRUCTS = tuple(_struct(table) for table in _TABLES)
_GRAIN_SIZES = tuple(len(table.key) for table in _TABLES)
_VANISHING = frozenset(
    NUMBER[name] for name in NUMBER if name.startswith("engagement_by_") or name == "reactions_by_post"
)
"""Tables whose rows exist only while a number differs from zero."""

_decoders: dict[str, Callable[[bytes], msgspec.Struct]] = {
    table.topic: msgspec.json.Decoder(struct).decode for table, struct in zip(_TABLES, _STRUCTS, strict=True)
}


def new_row(table: int, grain: tuple[str | int, ...], values: Sequence[Any]) -> Row:
    """A clean, unpublished row. Integers of the grain are times in epoch milliseconds."""
    key = join_key(*(str(part) for part in grain)).encode()
    return [0, table, key, False, grain, *values]


def written(row: Row, version: int) -> Iterator[tuple[str, bytes, bytes | None]]:
    """The record that brings the topic up to date with `row`: none if a row that never was is still nothing."""
    table = row[TABLE]
    row[DIRTY] = 0
    if table in _VANISHING and not any(row[VALUES:]):
        if row[PUBLISHED]:
            row[PUBLISHED] = False
            yield TOPICS[table], row[KEY], None
        return
    row[PUBLISHED] = True
    yield TOPICS[table], row[KEY], encode(_STRUCTS[table](*row[GRAIN], *row[VALUES:], version))


def read(topic: str, data: bytes) -> tuple[tuple[Any, ...], list[Any], int]:
    """Grain, values and version of a record that `written` made."""
    fields = list(msgspec.structs.astuple(_decoders[topic](data)))
    size = _GRAIN_SIZES[NUMBER[BY_TOPIC[topic].name]]
    return tuple(fields[:size]), fields[size:-1], fields[-1]
