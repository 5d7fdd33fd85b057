"""What the hub, or somebody else, sends and should not: each with the reason it is to be refused for.

Every piece is unlike all others, so that each makes one dead letter and a redelivery makes none.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import cycle

from ingest.simulator.malformed import STRANGER
from ingest.simulator.wire import Change

_NOW = "2026-01-01T00:00:00+00:00"


class Malformed:
    """Makes the kinds in turn. `entry` and `gone` write what a feed is made of, `body` packs it."""

    def __init__(
        self,
        entry: Callable[[str, str, str, str], str],
        gone: Callable[[str, str, str], str],
        body: Callable[[int, Iterable[tuple[str, Sequence[str]]]], bytes],
    ) -> None:
        self._entry = entry
        self._body = body
        self._number = 0
        kinds: tuple[tuple[str, Callable[[str, str], str]], ...] = (
            ("missing_field", lambda page, name: entry("", page, _NOW, name)),
            ("unknown_account", lambda page, name: entry(name, STRANGER, _NOW, _NOW)),
            ("invalid_field", lambda page, name: gone(f"yt:playlist:{name}", page, _NOW)),
            ("future_time", lambda page, name: gone(f"yt:video:{name}", page, "2096-01-01T00:00:00+00:00")),
            ("invalid_time", lambda page, name: gone(f"yt:video:{name}", page, "yesterday")),
            ("missing_field", lambda page, name: entry(name, "", _NOW, _NOW).replace("<uri>", "<uri>about:")),
        )
        self._kinds = cycle(kinds)

    def change(self, _at: int, page: str) -> tuple[str, Change]:
        """(reason, an entry that means nothing)."""
        reason, make = next(self._kinds)
        return reason, Change(page, make(page, self._name()))

    def delivery(self, at: int, page: str) -> tuple[str, bytes]:
        """(reason, bytes that are no XML)."""
        return "unreadable_body", self.forgery(at, page)[:-4]

    def forgery(self, at: int, page: str) -> bytes:
        """A believable feed that the hub never signed."""
        return self._body(at, [(page, [self._entry(self._name(), page, _NOW, _NOW)])])

    def _name(self) -> str:
        self._number += 1
        return f"nothing{self._number}"
