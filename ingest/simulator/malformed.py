"""What the platform, or somebody else, sends and should not: each with the reason it is to be refused for.

Every piece is unlike all others, so that each makes one dead letter and a redelivery makes none.
"""

from collections.abc import Callable
from itertools import cycle
from typing import Any

from ingest.simulator.wire import Change, body, dumps

TEN_YEARS = 315_360_000


def _value(number: int, at: int, page: str) -> dict[str, Any]:
    post = f"{page}_{number}"
    return {
        "item": "reaction",
        "verb": "add",
        "reaction_type": "like",
        "from": {"id": str(number), "name": "M"},
        "post_id": post,
        "parent_id": post,
        "created_time": at,
    }


def _comment_without_id(value: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in value.items() if name != "reaction_type"} | {"item": "comment"}


_SPOILED: tuple[tuple[str, Callable[[dict[str, Any]], dict[str, Any]]], ...] = (
    ("unknown_item", lambda value: value | {"item": "hologram"}),
    ("missing_field", _comment_without_id),
    ("future_time", lambda value: value | {"created_time": value["created_time"] + TEN_YEARS}),
    ("unknown_account", lambda value: value),
    ("unknown_reaction", lambda value: value | {"reaction_type": "applause"}),
    ("invalid_time", lambda value: value | {"created_time": 86_400}),
    ("invalid_field", lambda value: value | {"created_time": "yesterday"}),
)

STRANGER = "999999999999999"
"""A page that nobody configured."""


class Malformed:
    """Makes the kinds in turn."""

    def __init__(self) -> None:
        self._kinds = cycle(_SPOILED)
        self._number = 5 * 10**17

    def change(self, at: int, page: str) -> tuple[str, Change]:
        """(reason, a change that cannot be counted)."""
        self._number += 1
        reason, spoil = next(self._kinds)
        of = STRANGER if reason == "unknown_account" else page
        return reason, Change(of, dumps({"field": "feed", "value": spoil(_value(self._number, at, of))}))

    def delivery(self, at: int, page: str) -> tuple[str, bytes]:
        """(reason, bytes that are no JSON)."""
        return "unreadable_body", self._believable(at, page)[:-7]

    def forgery(self, at: int, page: str) -> bytes:
        """A believable delivery that the platform never signed."""
        return self._believable(at, page)

    def _believable(self, at: int, page: str) -> bytes:
        self._number += 1
        return body(at, [(page, [dumps({"field": "feed", "value": _value(self._number, at, page)})])])
