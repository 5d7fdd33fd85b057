"""Writes imported lists, in the transaction that the caller has open."""

from collections.abc import Sequence
from typing import NamedTuple

import psycopg

from deploy.grafana.relations import SCHEMA
from deploy.imports.lists import Buyer, Code
from runtime.imports import Changes

CODES, BUYERS = f"{SCHEMA}.ambassador_codes", f"{SCHEMA}.imported_buyers"


class Target(NamedTuple):
    """A table: its key, and what a row says besides; `source` is the file."""

    name: str
    key: tuple[str, ...]
    values: tuple[str, ...]


_TARGETS: dict[type, Target] = {
    Code: Target(CODES, ("brand", "kind", "code"), ("platform", "actor_id", "is_personal", "source")),
    Buyer: Target(BUYERS, ("brand", "platform", "actor_id", "customer_id"), ("source",)),
}


def write(
    connection: psycopg.Connection,
    kind: type[Code | Buyer],
    rows: Sequence[Code | Buyer],
    source: str,
    *,
    replace: bool,
) -> Changes:
    """Insert or replace. `replace` also deletes what came from `source` earlier and is not among them."""
    target = _TARGETS[kind]
    columns = kind._fields
    key = ", ".join(target.key)
    held = ", ".join(f"t.{name}" for name in target.values)
    new = ", ".join(f"excluded.{name}" for name in target.values)
    updates = ", ".join(f"{name} = excluded.{name}" for name in target.values)
    arrays = ", ".join(f"%s::{'boolean' if name.startswith('is_') else 'text'}[]" for name in columns)
    values = [[row[place] for row in rows] for place in range(len(columns))]
    with connection.cursor() as cursor:
        removed = 0
        if replace:
            same = " AND ".join(f"t.{name} = kept.{name}" for name in target.key)
            cursor.execute(
                f"DELETE FROM {target.name} AS t WHERE source = %s AND NOT EXISTS (SELECT FROM"
                f" unnest({arrays}) AS kept ({', '.join(columns)}) WHERE {same})".encode(),
                [source, *values],
            )
            removed = cursor.rowcount
        # Of a row that was inserted xmax is 0; one that is as it was is not answered.
        found = cursor.execute(
            f"INSERT INTO {target.name} AS t ({', '.join(columns)}, source)"
            f" SELECT given.*, %s FROM unnest({arrays}) AS given"
            f" ON CONFLICT ({key}) DO UPDATE SET {updates}, imported_at = now()"
            f" WHERE ({held}) IS DISTINCT FROM ({new}) RETURNING xmax = 0".encode(),
            [source, *values],
        ).fetchall()
    added = sum(is_new for (is_new,) in found)
    return Changes(added, len(found) - added, len(rows) - len(found), removed)
