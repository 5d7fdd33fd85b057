"""What a poll asks of the tables: for each grain its newest row or deletion, and what could not be read.

Pure. Records of one grain lie in one partition, in the order of their versions; so the newest decides, and a
grain is written once however often it changed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from contracts.codec import UndecodableRecord
from contracts.table import Table
from sinks.postgres import rows
from sinks.postgres.rows import Grain, Row
from sinks.records import Record, Refused


class Change(NamedTuple):
    """A row to write, or, where `row` is None, the `grain` to delete; with the record that says so."""

    version: int
    row: Row | None
    grain: Grain
    record: Record


@dataclass(slots=True)
class Changes:
    """The changes of one table by record key."""

    table: Table
    newest: dict[bytes | None, Change] = field(default_factory=dict)


class Folder:
    """Folds records of one table's topic; decoders are made once."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._decode = rows.decoder(table)
        self._grain = rows.grain_reader(table)

    def fold(self, records: Iterable[Record], into: Changes, refuse: Callable[[Refused], None]) -> None:
        """Keep the newest change of each key: the greatest version, of equal ones the later record."""
        newest = into.newest
        for record in records:
            try:
                change = self._read(record)
            except UndecodableRecord as error:
                refuse(Refused(record, error.reason, error.detail))
                continue
            known = newest.get(record.key)
            if known is None or change.version >= known.version:
                newest[record.key] = change

    def _read(self, record: Record) -> Change:
        if record.value is None:
            version = rows.tombstone_version(record.headers)
            return Change(version, None, self._grain(record.key), record)
        row = self._decode(record.value)
        return Change(row.version, row, (), record)
