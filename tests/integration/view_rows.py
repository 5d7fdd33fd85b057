"""Hand-made rows under the views: what a test leaves out of a row is zero, empty or unknown."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from contracts import tables

FACEBOOK = {"platform": "facebook", "account_id": "1"}
INSTAGRAM = {"platform": "instagram", "account_id": "1"}
NEW_YORK, AUCKLAND = "America/New_York", "Pacific/Auckland"
_NOTHING: dict[str, Any] = {"bigint": 0, "text": "", "text[]": [], "boolean": False, "double precision": 0.0}


class Rows:
    """Fills tables and reads views through one connection; what it does is undone by its transaction."""

    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        self.connection = connection

    def add_account(self, zone: str = "UTC", connected_at: str = "2026-01-01T00:00Z", **account: str) -> None:
        self.connection.execute(
            "INSERT INTO analytics.accounts VALUES (%s, %s, 'brand', 'Name', %s, 'USD', %s)",
            [*(FACEBOOK | account).values(), zone, connected_at],
        )

    def add(self, table: str, **values: Any) -> None:
        """Add a row of `FACEBOOK`, unless `values` say otherwise."""
        self.add_only(table, **FACEBOOK | values)

    def add_only(self, table: str, **values: Any) -> None:
        """Add a row of which `values` say all that is not zero, empty or unknown."""
        declared = tables.load()[table]
        if declared.range_partitioned:
            moment = datetime.fromisoformat(values[declared.key[-1].name])
            self.connection.execute(
                "SELECT pipeline.ensure_partitions(%s, %s::bigint[])", [table, [int(moment.timestamp() * 1000)]]
            )
        row = {c.name: _NOTHING.get(c.type) for c in declared.wire_columns if not c.nullable}
        row |= {"version": 1, "updated_at": "2026-10-01T00:00Z", **values}
        names = ", ".join(f'"{name}"' for name in row)
        self.connection.execute(
            f"INSERT INTO analytics.{table} ({names}) VALUES ({', '.join(['%s'] * len(row))})".encode(),
            list(row.values()),
        )

    def add_post(self, post_id: str, published_at: str | None, engagements: int | None = None, **values: Any) -> None:
        """Add a post, and the platform's counter that makes its engagements."""
        owner = {name: values.pop(name) for name in FACEBOOK if name in values}
        reach = values.pop("reach", None)
        self.add("posts", post_id=post_id, published_at=published_at, **owner, **values)
        for metric, value in (("comments", engagements), ("reach", reach)):
            if value is not None:
                self.add(
                    "post_metrics", post_id=post_id, metric=metric, scope="total", value=value, **owner, **OBSERVED
                )

    def read(self, view: str, *columns: str, where: str = "true") -> list[tuple[Any, ...]]:
        """These columns of a view's rows, in their order; a materialised view is computed first."""
        kind = self.connection.execute(
            "SELECT relkind FROM pg_class WHERE oid = %s::regclass", [f"analytics.{view}"]
        ).fetchone()
        if kind is not None and kind["relkind"] == "m":
            self.refresh(view)
        names = ", ".join(f'"{column}"' for column in columns)
        found = self.connection.execute(
            f"SELECT {names} FROM analytics.{view} WHERE {where} ORDER BY {names}".encode()
        ).fetchall()
        return [tuple(row.values()) for row in found]

    def refresh(self, view: str) -> None:
        self.connection.execute(f"REFRESH MATERIALIZED VIEW analytics.{view}".encode())


OBSERVED = {"value_state": "known", "observed_as_of": "2026-10-01T00:00Z"}


@contextmanager
def undone(dsn: str) -> Iterator[Rows]:
    """Rows that are gone afterwards. The session's zone is one that no test uses: views must not look at it."""
    with psycopg.connect(dsn, row_factory=dict_row, options="-c timezone=Asia/Kathmandu") as connection:
        yield Rows(connection)
        connection.rollback()
