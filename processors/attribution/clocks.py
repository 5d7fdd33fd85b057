"""How far time has come in what a topic told of a brand or an ad account: by it what is late is judged."""

from dataclasses import dataclass

import msgspec

from processors.attribution.book import Book, Name, Rows

CLOCK = "clock"
_read = msgspec.json.Decoder(int).decode


@dataclass(slots=True)
class Clock:
    """The greatest time that was told, epoch ms."""

    newest: int = 0

    def rows(self) -> Rows:
        return {}

    def saved(self) -> object:
        return self.newest


def read_clock(_name: Name, saved: bytes) -> Clock:
    return Clock(_read(saved))


class Clocks:
    """The clocks among the entries of a book."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def at(self, *name: str) -> int:
        """What this clock shows; 0 before anything was told."""
        entry = self._book.entries.get((CLOCK, *name))
        return entry.newest if isinstance(entry, Clock) else 0

    def advance(self, time_ms: int, *name: str) -> None:
        """Let it show this time unless it shows a later one."""
        full = CLOCK, *name
        entry = self._book.entries.get(full, Clock())
        assert isinstance(entry, Clock)
        if time_ms > entry.newest:
            self._book.will_change(full)
            entry.newest = time_ms
            self._book.put(full, entry)
