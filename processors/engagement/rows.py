"""Rows that are more than counts, in memory and on the wire; for those of counts see `tallies` and `counted`.

A row is a plain list: `[dirty, table number, name, published, window, value, value, ...]`. `dirty` is 1 while the row
waits to be written; `published` says whether its topic holds it, so that a row that is gone needs a deletion. The
`name` is shared by the rows of all windows of one thing: what a window adds to key and grain is put to it on the way
out only, since what a row keeps is paid in memory.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from contracts import tables
from contracts.codec import encode
from contracts.identity import join_key
from contracts.table import row_struct

DIRTY, TABLE, NAME, PUBLISHED, WINDOW = range(5)
VALUES = 5
"""Position of the first value in a row."""

Row = list[Any]

_TABLES = tuple(tables.load().values())
NUMBER = {table.name: number for number, table in enumerate(_TABLES)}
TOPICS = tuple(table.topic for table in _TABLES)
BY_TOPIC = {table.topic: table for table in _TABLES}

_STRUCTS: tuple[Callable[..., msgspec.Struct], ...] = tuple(row_struct(table) for table in _TABLES)
_GRAIN_SIZES = tuple(len(table.key) for table in _TABLES)
_MAY_VANISH = ("community_by_account_day", "inbound_comments", "engagement_anomalies")
_VANISHING = tuple(table.name in _MAY_VANISH for table in _TABLES)


def may_vanish(table: str) -> bool:
    """Whether rows of the table exist only while a value differs from zero and nothing."""
    return _VANISHING[NUMBER[table]]


_decoders: dict[str, Callable[[bytes], msgspec.Struct]] = {
    table.topic: msgspec.json.Decoder(row_struct(table)).decode for table in _TABLES
}


class Name(NamedTuple):
    """The grain of a row, but for its window, and the record key that `identity.join_key` makes of it."""

    key: str
    grain: tuple[str, ...]


Window = int | str | None
"""Last part of a grain: the epoch milliseconds at which a window starts, a date or a reaction; none for a lifetime."""


def named(grain: tuple[str, ...]) -> Name:
    return Name(join_key(*grain), grain)


def new_row(table: int, name: Name, window: Window, values: Sequence[Any]) -> Row:
    """A clean, unpublished row."""
    return [0, table, name, False, window, *values]


def written(rows: Iterable[Row], version: int) -> Iterator[tuple[str, bytes, bytes | None]]:
    """The records that bring the topics up to date with `rows`, which are clean afterwards.

    A row that came to nothing is deleted, or not written at all if it never was.
    """
    for row in rows:
        row[DIRTY] = 0
        table, (key, grain), window = row[TABLE], row[NAME], row[WINDOW]
        record_key = (key if window is None else f"{key}|{window}").encode()
        if _VANISHING[table] and not row[VALUES] and not any(row[VALUES:]):
            if row[PUBLISHED]:
                row[PUBLISHED] = False
                yield TOPICS[table], record_key, None
        else:
            row[PUBLISHED] = True
            rest = row[VALUES:] if window is None else row[WINDOW:]
            yield TOPICS[table], record_key, encode(_STRUCTS[table](*grain, *rest, version))


def read(topic: str, data: bytes) -> tuple[tuple[Any, ...], list[Any], int]:
    """Grain, values and version of a record that `written` made."""
    fields = msgspec.structs.astuple(_decoders[topic](data))
    size = _GRAIN_SIZES[NUMBER[BY_TOPIC[topic].name]]
    return fields[:size], list(fields[size:-1]), fields[-1]
