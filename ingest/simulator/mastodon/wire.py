"""Happenings as notifications along a stream; malformed ones among them."""

import json
from collections.abc import Iterable, Sequence
from itertools import cycle
from random import Random
from typing import Any

from ingest.simulator.happenings import Happening
from ingest.simulator.mastodon import nodes
from ingest.simulator.mastodon.world import Noticed
from ingest.simulator.outbox import Dialect
from ingest.simulator.wire import Change

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_WHOLE: dict[str, Any] = {
    "type": "favourite",
    "created_at": "2026-01-01T00:00:00.000Z",
    "account": {"id": "1", "acct": "m@remote.example"},
}
_SPOILED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("missing_field", {"account": None}),
    ("missing_field", {"created_at": None}),
    ("invalid_time", {"created_at": "yesterday"}),
    ("future_time", {"created_at": "2096-01-01T00:00:00.000Z"}),
    ("invalid_field", {"account": {"id": "1", "acct": "two words@remote.example"}}),
    ("invalid_field", {"status": "1"}),
    ("invalid_text", {"account": {"id": "1", "acct": "m\x00@remote.example"}}),
)


def changes(happening: Happening, _rng: Random) -> list[Change]:
    """The notification of it, if there is one. That somebody answered is no news of its own: the thread tells it."""
    assert isinstance(happening, Noticed), "somebody may hear of everything that is not silent"
    if happening.notice is None or happening.world is None:
        return []
    return [
        Change(
            page=happening.page.id,
            text=_encode(nodes.notification(happening.world, happening.notice, happening.at)),
            number=-1 if happening.item == "comment" else happening.number,
            names_actor=True,
            relation=happening.relation,
            action=happening.fact.action if happening.fact else None,
            made_at=happening.at,
        )
    ]


def body(_sent_at: int, _of_accounts: Iterable[tuple[str, Sequence[str]]]) -> bytes:
    """Notifications come one by one."""
    return b""


class Malformed:
    """Makes the kinds in turn, each unlike all others."""

    def __init__(self) -> None:
        self._number = 0
        self._kinds = cycle(_SPOILED)

    def change(self, _at: int, page: str) -> tuple[str, Change]:
        """(reason, a notification that cannot be counted)."""
        reason, spoiled = next(self._kinds)
        return reason, Change(page, _encode({"id": self._name(), "status": {"id": "1"}, **_WHOLE, **spoiled}))

    def delivery(self, _at: int, _page: str) -> tuple[str, bytes]:
        """(reason, a message that is no JSON)."""
        return "unreadable_body", _encode({"id": self._name(), **_WHOLE})[:-4].encode()

    def forgery(self, _at: int, _page: str) -> bytes:
        """Nobody else can write into the stream."""
        return b""

    def _name(self) -> str:
        self._number += 1
        return f"nothing{self._number}"


DIALECT = Dialect(changes, body, Malformed, frozenset(("edited", "remove")))
