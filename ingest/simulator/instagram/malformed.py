"""What Instagram, or somebody else, sends and should not: each with the reason it is to be refused for.

Every piece is unlike all others, so that each makes one dead letter and a redelivery makes none.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import cycle
from typing import Any

from ingest.simulator.malformed import STRANGER
from ingest.simulator.wire import Change, dumps

Body = Callable[[int, Iterable[tuple[str, Sequence[str]]]], bytes]

_SPOILED: tuple[tuple[str, str, Callable[[dict[str, Any]], dict[str, Any]]], ...] = (
    ("missing_field", "comments", lambda value: {"text": value["id"], "media": value["media"]}),
    ("invalid_field", "comments", lambda value: value | {"media": value["id"]}),
    ("unknown_account", "live_comments", lambda value: value),
    ("invalid_text", "comments", lambda value: value | {"parent_id": value["id"] + "\0"}),
    ("missing_field", "mentions", lambda value: {"by": value["id"]}),
    ("invalid_field", "story_insights", lambda value: {"media_id": value["id"], "reach": "many"}),
)


class Malformed:
    """Makes the kinds in turn; `body` packs them."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._kinds = cycle(_SPOILED)
        self._number = 6 * 10**17

    def change(self, at: int, page: str) -> tuple[str, Change]:
        """(reason, a change that cannot be counted)."""
        reason, field, spoil = next(self._kinds)
        of = STRANGER if reason == "unknown_account" else page
        return reason, Change(of, dumps({"field": field, "value": spoil(self._value())}))

    def delivery(self, at: int, page: str) -> tuple[str, bytes]:
        """(reason, bytes that are no JSON)."""
        return "unreadable_body", self.forgery(at, page)[:-4]

    def forgery(self, at: int, page: str) -> bytes:
        """A believable delivery that the platform never signed."""
        return self._body(at, [(page, [dumps({"field": "comments", "value": self._value()})])])

    def _value(self) -> dict[str, Any]:
        self._number += 1
        return {"id": str(self._number), "text": "M", "from": {"id": "1"}, "media": {"id": str(self._number + 1)}}
