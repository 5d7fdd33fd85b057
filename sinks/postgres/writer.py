"""Applies one batch in one transaction: rows, notes and offsets stand or fall together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import psycopg

from contracts.events import Cursor, Erasure, FlushMarker
from contracts.table import Table
from sinks.postgres import faults, notes, offsets, privacy
from sinks.postgres.batch import Batch, Reader
from sinks.postgres.tables import TableWriter
from sinks.postgres.waiting import Waiter
from sinks.records import Place, Record, Refused


class DeadLetterBox(Protocol):
    """Takes refused records, and returns when they are safe."""

    def send(self, refused: Sequence[Refused]) -> None: ...


@dataclass(slots=True)
class Outcome:
    """What a transaction did, once it is known to be committed."""

    after: dict[Place, int]
    rows: dict[str, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    markers: list[tuple[object, Waiter[FlushMarker]]] = field(default_factory=list)
    cursors: list[tuple[object, Waiter[Cursor]]] = field(default_factory=list)
    erasures: list[tuple[object, Waiter[Erasure]]] = field(default_factory=list)


class Writer:
    """Writes through one connection that holds the lease. After an error of the connection make another."""

    def __init__(self, connection: psycopg.Connection, tables: Sequence[Table], letters: DeadLetterBox) -> None:
        self.connection = connection
        self.attempted: Outcome | None = None
        self._tables = tables
        self._writers = {table.topic: TableWriter(table, connection) for table in tables}
        self._letters = letters

    def apply(self, batch: Batch, reader: Reader, before: dict[Place, int], positions: dict[Place, int]) -> Outcome:
        """Bring `before` to `positions` (or as far as nothing waits), with all that lies between.

        After an exception, `attempted` says what would have been, should the commit have got through.
        """
        self.attempted = None
        try:
            return self._apply(batch, reader, before, positions, careful=False)
        except psycopg.Error as error:
            if faults.meaning(error) != "bad data":
                raise
        return self._apply(batch, reader, before, positions, careful=True)

    def drop_partitions(self, table: Table, days: int) -> int:
        """Drop what ended `days` before the newest event that is in the tables; answers how many partitions."""
        self._writers[table.topic].forget_partitions()
        row = self.connection.execute(
            "SELECT pipeline.drop_partitions(%s, max(newest_event_at) - make_interval(days => %s))"
            " FROM pipeline.freshness WHERE kind = 'table'",
            [table.name, days],
        ).fetchone()
        return int(row[0] or 0) if row else 0

    def _apply(
        self,
        batch: Batch,
        reader: Reader,
        before: dict[Place, int],
        positions: dict[Place, int],
        *,
        careful: bool,
    ) -> Outcome:
        outcome = Outcome(positions, refused=list(batch.refused))
        with self.connection.transaction():
            self._write_rows(batch, outcome, careful=careful)
            self._write_letters(batch, outcome, careful=careful)
            self._write_people(batch, outcome, careful=careful)
            self._write_health(batch, outcome, careful=careful)
            self._write_notes(batch, reader, outcome)
            held = (
                reader.markers.held(outcome.markers)
                | reader.cursors.held(outcome.cursors)
                | reader.erasures.held(outcome.erasures)
            )
            outcome.after = {place: held.get(place, position) for place, position in positions.items()}
            offsets.move(
                self.connection,
                {place: (before[place], after) for place, after in outcome.after.items() if after != before[place]},
            )
            if outcome.refused:
                self._letters.send(outcome.refused)
            self.attempted = outcome
        return outcome

    def _write_rows(self, batch: Batch, outcome: Outcome, *, careful: bool) -> None:
        for topic, changes in batch.changes.items():
            writer = self._writers[topic]
            if careful:
                refused = writer.apply_carefully(changes)
                outcome.refused += refused
            else:
                refused = []
                writer.apply(changes)
            outcome.rows[changes.table.name] = len(changes.newest) - len(refused)

    def _write_letters(self, batch: Batch, outcome: Outcome, *, careful: bool) -> None:
        notes.delete_dead_letters(
            self.connection, [known for known, (letter, _) in batch.letters.items() if letter is None]
        )
        for letter, record in batch.letters.values():
            if letter is None:
                continue
            write = partial(notes.write_dead_letter, self.connection, letter, record)
            if careful:
                outcome.refused += self._carefully(write, record)
            else:
                write()

    def _write_people(self, batch: Batch, outcome: Outcome, *, careful: bool) -> None:
        privacy.write_erasures(self.connection, batch.erasures)
        if not batch.people:
            return
        privacy.delete_people(self.connection, [key for key, (person, _) in batch.people.items() if person is None])
        known = [(person, record) for person, record in batch.people.values() if person is not None]
        if not careful:
            privacy.write_people(self.connection, [person for person, _ in known])
            return
        for person, record in known:
            outcome.refused += self._carefully(partial(privacy.write_people, self.connection, [person]), record)

    def _write_health(self, batch: Batch, outcome: Outcome, *, careful: bool) -> None:
        if gone := [source for source, (health, _) in batch.health.items() if health is None]:
            notes.forget_health(self.connection, gone)
        told = [(health, record) for health, record in batch.health.values() if health is not None]
        if not careful:
            notes.write_health(self.connection, [health for health, _ in told])
            return
        for health, record in told:
            outcome.refused += self._carefully(partial(notes.write_health, self.connection, [health]), record)

    def _carefully(self, write: Callable[[], None], record: Record) -> list[Refused]:
        """Around a savepoint; answers the record if PostgreSQL refuses it."""
        try:
            with self.connection.transaction():
                write()
        except psycopg.Error as error:
            if faults.meaning(error) != "bad data":
                raise
            return [Refused(record, "rejected_row", type(error).__name__)]
        return []

    def _write_notes(self, batch: Batch, reader: Reader, outcome: Outcome) -> None:
        """Markers and sources whose rows are in by the end of this transaction."""
        outcome.markers = reader.markers.ready(lambda marker: _passed(marker, outcome.after))
        if outcome.markers:
            said = [waiter.said for _, waiter in outcome.markers]
            notes.write_markers(self.connection, said, self._tables)
        if batch.gone:
            notes.forget_sources(self.connection, batch.gone)
        if reader.cursors:
            applied = notes.applied_positions(self.connection)
            outcome.cursors = reader.cursors.ready(lambda cursor: notes.is_applied(cursor, applied))
            notes.write_cursors(self.connection, [waiter.said for _, waiter in outcome.cursors])
        if reader.erasures:
            reached = offsets.reached(self.connection) | notes.applied_positions(self.connection)
            outcome.erasures = reader.erasures.ready(lambda erasure: privacy.is_through(erasure, reached))
            privacy.clear_erasures(self.connection, [waiter.said for _, waiter in outcome.erasures])


def _passed(marker: FlushMarker, positions: dict[Place, int]) -> bool:
    return all(
        positions.get(Place(topic, marker.partition), until) >= until for topic, until in marker.rows_until.items()
    )
