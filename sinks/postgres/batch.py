"""One poll, read: what it changes in the tables, what it says about sources and dead letters, what is unusable.

Pure. Flush markers, cursors and erasures outlive their poll: they wait in the reader until what they speak of is
applied.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from contracts import codec, identity, topics
from contracts.codec import UndecodableRecord
from contracts.events import Cursor, DeadLetter, Erasure, FlushMarker, Person
from contracts.health import SourceHealth
from contracts.table import Table
from sinks.postgres.changes import Changes, Folder
from sinks.postgres.waiting import Waiter, WaitingRoom
from sinks.records import Place, Record, Refused


@dataclass(slots=True)
class Batch:
    """`changes` by topic; `letters` by id, `people` by person and `health` by source, None for what is to be deleted;
    `gone` are ids of sources."""

    changes: dict[str, Changes] = field(default_factory=dict)
    letters: dict[str, tuple[DeadLetter | None, Record]] = field(default_factory=dict)
    people: dict[tuple[str, str], tuple[Person | None, Record]] = field(default_factory=dict)
    erasures: list[Erasure] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    health: dict[str, tuple[SourceHealth | None, Record]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        found = (self.changes, self.letters, self.people, self.erasures, self.gone, self.health, self.refused)
        return not any(found)


class Reader:
    """Reads polls of every topic that the sink consumes."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.markers: WaitingRoom[FlushMarker] = WaitingRoom()
        self.cursors: WaitingRoom[Cursor] = WaitingRoom()
        self.erasures: WaitingRoom[Erasure] = WaitingRoom()
        self._folders = {table.topic: Folder(table) for table in tables}
        self._others: dict[str, Callable[[Batch, Place, Record], None]] = {
            topics.FLUSHES.name: self._read_marker,
            topics.PAID_FLUSHES.name: self._read_marker,
            topics.CURSORS.name: self._read_cursor,
            topics.HEALTH.name: self._read_health,
            topics.DEAD_LETTERS.name: self._read_letter,
            topics.PEOPLE.name: self._read_person,
            topics.ERASURES.name: self._read_erasure,
        }
        self._marker = codec.decoder(FlushMarker)
        self._cursor = codec.decoder(Cursor)
        self._health = codec.decoder(SourceHealth)
        self._letter = codec.decoder(DeadLetter)
        self._person = codec.decoder(Person)
        self._erasure = codec.decoder(Erasure)

    @property
    def is_awaiting(self) -> bool:
        """Does anything wait for what others apply?"""
        return bool(self.cursors or self.erasures)

    @property
    def topics(self) -> list[str]:
        return [*self._folders, *self._others]

    def read(self, polled: Mapping[Place, Sequence[Record]]) -> Batch:
        """Fold the records of a poll, each place in offset order."""
        batch = Batch()
        for place, records in polled.items():
            if (folder := self._folders.get(place.topic)) is not None:
                changes = batch.changes.setdefault(place.topic, Changes(folder.table))
                folder.fold(records, changes, batch.refused.append)
                continue
            read = self._others[place.topic]
            for record in records:
                try:
                    read(batch, place, record)
                except UndecodableRecord as error:
                    batch.refused.append(Refused(record, error.reason, error.detail))
        return batch

    def _read_marker(self, _batch: Batch, place: Place, record: Record) -> None:
        if record.value is not None:
            self.markers.add(record.key, Waiter(place, record.offset, self._marker(record.value)))

    def _read_cursor(self, batch: Batch, place: Place, record: Record) -> None:
        if record.value is None:
            self.cursors.forget(record.key)
            batch.gone.append(_text(record.key))
        else:
            cursor = self._cursor(record.value)
            if cursor.account_id:  # else it is no account's, and has no place to tell of
                self.cursors.add(record.key, Waiter(place, record.offset, cursor))

    def _read_health(self, batch: Batch, _place: Place, record: Record) -> None:
        health = None if record.value is None else self._health(record.value)
        batch.health[_text(record.key)] = health, record

    def _read_letter(self, batch: Batch, _place: Place, record: Record) -> None:
        letter = None if record.value is None else self._letter(record.value)
        batch.letters[_text(record.key) if letter is None else letter.dead_letter_id] = (letter, record)

    def _read_person(self, batch: Batch, _place: Place, record: Record) -> None:
        if record.value is None:
            batch.people[_names(record.key)] = None, record
            return
        person = self._person(record.value)
        key = person.platform, person.actor_id
        known, _ = batch.people.get(key, (None, record))
        if known is None or person.seen_at >= known.seen_at:
            batch.people[key] = person, record

    def _read_erasure(self, batch: Batch, place: Place, record: Record) -> None:
        if record.value is not None:
            erasure = self._erasure(record.value)
            batch.erasures.append(erasure)
            self.erasures.add(record.key, Waiter(place, record.offset, erasure))


def _names(key: bytes | None) -> tuple[str, str]:
    """Platform and pseudonym of a name's key."""
    match identity.split_key(_text(key)):
        case (platform, actor_id):
            return platform, actor_id
    raise UndecodableRecord("invalid_record", "the key is not platform|actor_id")


def _text(key: bytes | None) -> str:
    try:
        return (key or b"").decode()
    except UnicodeDecodeError:
        raise UndecodableRecord("invalid_record", "the key is not UTF-8") from None
