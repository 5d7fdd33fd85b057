"""Compares every row of every table and view with what the truth ledger says it must be.

Integers, texts, times and keys are equal or wrong; floats may differ by 1e-9 of their size. `version`, `updated_at` and
`imported_at` tell of the way, not of the world, and are left out.
"""

import math
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from contracts.table import UPDATED_AT, VERSION
from deploy.grafana.relations import SCHEMA

TOLERANCE = 1e-9
INCIDENTAL = {VERSION.name, UPDATED_AT.name, "imported_at"}
RELATIONS = """
SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
AND has_table_privilege(c.oid, 'SELECT') ORDER BY c.relname
"""

Key = tuple[Any, ...]
Row = Mapping[str, Any]
Rows = Mapping[Key, Row]


class Mismatch(NamedTuple):
    """A row that is missing (`got` is None), not expected (`expected` is None), or other than expected.

    Of the latter only the columns that differ are kept.
    """

    key: Key
    expected: Row | None
    got: Row | None

    def __str__(self) -> str:
        return f"{' | '.join(map(str, self.key))}: expected {_shown(self.expected)}, got {_shown(self.got)}"


@dataclass(slots=True)
class Compared:
    """One table, compared: how many rows there are, and what is wrong with them or with the table as a whole."""

    rows: int
    mismatches: list[Mismatch] = field(default_factory=list)
    fault: str | None = None

    @property
    def wrong(self) -> int:
        return len(self.mismatches) + (self.fault is not None)


def reconcile(dsn: str, expected: Mapping[str, Rows], filled: Container[str]) -> dict[str, Compared]:
    """Compare each table and view that the database delivers to this role, by its qualified name.

    One that the ledger does not know, or knows and the database lacks, is at fault as a whole; so is an empty one of
    those that the world fills.
    """
    with psycopg.connect(dsn) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        delivered = {name for (name,) in connection.execute(RELATIONS, [SCHEMA])}
        found = {}
        for name in sorted(delivered | expected.keys()):
            if name not in expected:
                found[f"{SCHEMA}.{name}"] = Compared(0, fault="the ledger does not know this table")
            elif name not in delivered:
                found[f"{SCHEMA}.{name}"] = Compared(0, fault="the database does not have this table")
            else:
                got = read(connection, name, expected[name])
                found[f"{SCHEMA}.{name}"] = compare(expected[name], got, is_filled=name in filled)
    return found


def read(connection: psycopg.Connection, table: str, like: Rows) -> dict[Key, dict[str, Any]]:
    """The rows of a table by key. Values are the columns that the rows of `like` have, all others are the key."""
    query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(SCHEMA, table))
    with connection.cursor() as cursor:
        cursor.execute(query)
        columns = [column.name for column in cursor.description or ()]
        values = set(next(iter(like.values()), ()))
        key_places = [place for place, name in enumerate(columns) if name not in values | INCIDENTAL]
        value_places = [(place, name) for place, name in enumerate(columns) if name in values - INCIDENTAL]
        return {
            tuple([row[place] for place in key_places]): {name: row[place] for place, name in value_places}
            for row in cursor
        }


def compare(expected: Rows, got: Rows, *, is_filled: bool = True) -> Compared:
    """Every row of the one against every row of the other."""
    compared = Compared(len(got), list(_mismatches(expected, got)))
    if is_filled and not (expected and got):
        compared.fault = "the table is empty"
    return compared


def _mismatches(expected: Rows, got: Rows) -> Iterator[Mismatch]:
    for key, row in expected.items():
        found = got.get(key)
        if found is None:
            yield Mismatch(key, row, None)
        elif differing := [name for name in row.keys() | found.keys() if not _equal(row, found, name)]:
            yield Mismatch(
                key,
                {name: row[name] for name in sorted(differing) if name in row},
                {name: found[name] for name in sorted(differing) if name in found},
            )
    for key in got.keys() - expected.keys():
        yield Mismatch(key, None, got[key])


def _equal(one: Row, other: Row, name: str) -> bool:
    if name not in one or name not in other:
        return False
    left, right = one[name], other[name]
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=TOLERANCE)
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def _shown(row: Row | None) -> str:
    return "no row" if row is None else ", ".join(f"{name}={value}" for name, value in row.items())
