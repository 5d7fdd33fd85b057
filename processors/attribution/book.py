"""The entries that a partition remembers, and what becomes of each in tables and state topic.

The rows of an entry are a pure function of it. What is written at a flush is the difference between the rows that it
had at the last one and those that it has now; so nothing but the entries has to be read back.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import msgspec

from contracts import identity, tables, topics
from contracts.codec import encode
from contracts.table import row_struct
from processors.engine.state import Change

Name = tuple[str, ...]
"""Kind of an entry, then what tells it from others of the kind."""
Grain = tuple[str | int, ...]
Rows = dict[tuple[str, Grain], tuple[Any, ...]]
"""Values by table and grain."""

TOPIC = topics.STATE_PAID.name
_ROWS = {name: (table.topic, row_struct(table)) for name, table in tables.load().items()}


class Entry(Protocol):
    """Something remembered."""

    def rows(self) -> Rows:
        """Its rows in all tables."""

    def saved(self) -> object:
        """What to write to the state topic; None if nothing is left of it."""


class Saved(msgspec.Struct, gc=False):
    """Record value on the state topic."""

    generation: int
    entry: msgspec.Raw


read_saved = msgspec.json.Decoder(Saved).decode


def record_key(name: Grain) -> bytes:
    """Record key of an entry or a row."""
    try:  # nearly every grain is texts alone
        return identity.join_key(*name).encode()  # type: ignore[arg-type]
    except TypeError:
        return identity.join_key(*map(str, name)).encode()


def row_change(table: str, grain: Grain, values: tuple[Any, ...] | None, version: int) -> Change:
    """The record that writes a row, or deletes it."""
    topic, struct = _ROWS[table]
    return topic, record_key(grain), None if values is None else encode(struct(*grain, *values, version))


class Book:
    """All entries by name. `readers`: kind -> how an entry is made of its name and of what was saved."""

    def __init__(self, generation: int, readers: Mapping[str, Callable[[Name, bytes], Entry]]) -> None:
        self.entries: dict[Name, Entry] = {}
        self._sizes = dict.fromkeys(readers, 0)
        self._generation = generation
        self._readers = readers
        self._before: dict[Name, Rows] = {}
        self._gone: set[Name] = set()
        self._taken: list[Name] = []

    def __contains__(self, name: Name) -> bool:
        return name in self.entries

    def will_change(self, name: Name) -> None:
        """To be called before an entry changes or is put in."""
        if name not in self._before:
            known = self.entries.get(name)
            self._before[name] = {} if known is None else known.rows()

    def put(self, name: Name, entry: Entry) -> None:
        """An entry is remembered by its name."""
        if name not in self.entries:
            self._sizes[name[0]] += 1
            self._taken.append(name)
        self.entries[name] = entry

    def taken(self) -> list[Name]:
        """The names that came since this was asked the last time."""
        taken, self._taken = self._taken, []
        return taken

    def _drop(self, name: Name) -> None:
        if self.entries.pop(name, None) is not None:
            self._sizes[name[0]] -= 1

    def is_changed(self, name: Name) -> bool:
        """Whether it changed since the last flush."""
        return name in self._before

    def let_go(self, name: Name) -> None:
        """Forget an entry that nothing can change any more; its rows stay as they are."""
        if name not in self._before:
            self._drop(name)
            self._gone.add(name)

    def load(self, name: Name, saved: bytes | None) -> None:
        """Take an entry back; None if it is gone."""
        if saved is None:
            self._drop(name)
        else:
            self.put(name, self._readers[name[0]](name, saved))

    def changes(self, version: int) -> Iterator[Change]:
        """Every row that differs from what was last written, and every entry that changed."""
        changed, self._before = self._before, {}
        gone, self._gone = self._gone, set()
        for name, before in changed.items():
            entry = self.entries[name]
            after = entry.rows()
            for place in before.keys() - after.keys():
                yield row_change(*place, None, version)
            for place, values in after.items():
                if before.get(place) != values:
                    yield row_change(*place, values, version)
            saved = entry.saved()
            if saved is None:
                self._drop(name)
                gone.add(name)
            else:
                gone.discard(name)
                yield TOPIC, record_key(name), record(self._generation, saved)
        for name in gone:
            yield TOPIC, record_key(name), None

    def count(self) -> dict[str, int]:
        """How many entries of each kind."""
        return dict(self._sizes)


def record(generation: int, saved: object) -> bytes:
    """Record value of something saved."""
    return encode({"generation": generation, "entry": saved})
