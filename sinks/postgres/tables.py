"""Applies the changes of one table, inside the transaction that the caller has open.

The fast way takes all of them at once. The careful way halves them around a savepoint until each row that
PostgreSQL refuses stands alone, and hands those back.
"""

from collections.abc import Sequence

import psycopg

from contracts.table import Table
from sinks.postgres import faults, statements
from sinks.postgres.changes import Change, Changes
from sinks.postgres.rows import liner
from sinks.records import Refused

_DAY_MS = 86_400_000


class TableWriter:
    """Writes one table through one connection, whose staging table it makes."""

    def __init__(self, table: Table, connection: psycopg.Connection) -> None:
        self.table = table
        self._connection = connection
        self._line = liner(table)
        self._copied = statements.copied(table)
        self._merged = statements.merged(table)
        self._deleted = statements.deleted(table)
        self._time = statements.time_column(table).name if table.range_partitioned else None
        self._made_days: set[int] = set()
        connection.execute(statements.staging_created(table).encode())

    def forget_partitions(self) -> None:
        """Some may have been dropped: ask for each again when it is needed."""
        self._made_days.clear()

    def apply(self, changes: Changes) -> None:
        """Write everything at once; an error leaves the transaction to be rolled back."""
        self._apply(list(changes.newest.values()))

    def apply_carefully(self, changes: Changes) -> list[Refused]:
        """Write what can be written; answers the rows that PostgreSQL refuses, and why."""
        self.forget_partitions()
        refused: list[Refused] = []
        self._halve(list(changes.newest.values()), refused)
        self.forget_partitions()  # a savepoint that was rolled back may have taken a new one with it
        return refused

    def _halve(self, changes: Sequence[Change], refused: list[Refused]) -> None:
        try:
            with self._connection.transaction():
                # The half before this one was staged in the same transaction.
                self._connection.execute(f"TRUNCATE pg_temp.{statements.staging(self.table)}".encode())
                self._apply(changes)
        except psycopg.Error as error:
            if faults.meaning(error) != "bad data":
                raise
            self.forget_partitions()
            if len(changes) == 1:
                # The message would quote the row.
                detail = f"{type(error).__name__} {error.sqlstate or ''}".strip()
                refused.append(Refused(changes[0].record, "rejected_row", detail))
                return
            middle = len(changes) // 2
            self._halve(changes[:middle], refused)
            self._halve(changes[middle:], refused)

    def _apply(self, changes: Sequence[Change]) -> None:
        if written := [change for change in changes if change.row is not None]:
            self._write(written)
        if deleted := [change for change in changes if change.row is None]:
            grains = zip(*(change.grain for change in deleted), strict=True)
            versions = [change.version for change in deleted]
            self._connection.execute(self._deleted.encode(), [*map(list, grains), versions])

    def _write(self, changes: Sequence[Change]) -> None:
        if self._time is not None:
            self._ensure_partitions({getattr(change.row, self._time) // _DAY_MS for change in changes})
        line = self._line
        lines = [line(change.row, change.record.timestamp) for change in changes if change.row is not None]
        with self._connection.cursor() as cursor:
            with cursor.copy(self._copied.encode()) as copy:
                copy.write(b"".join(lines))
            cursor.execute(self._merged.encode())

    def _ensure_partitions(self, days: set[int]) -> None:
        if not (missing := days - self._made_days):
            return
        self._connection.execute(
            "SELECT pipeline.ensure_partitions(%s, %s::bigint[])",
            [self.table.name, [day * _DAY_MS for day in missing]],
        )
        self._made_days |= missing
