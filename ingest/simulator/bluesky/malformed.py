"""What a stream should not bring, each with the reason for which it is refused.

Every piece is unlike all others, so that each makes one dead letter and a replay makes none.
"""

import json
from collections.abc import Callable
from itertools import cycle
from typing import Any

from ingest.simulator.wire import Change

_FAR = 4_000_000_000_000_000
"""Microseconds: in the year 2096."""


def _message(page: str, rkey: str, collection: str, **record: Any) -> dict[str, Any]:
    commit = {"operation": "create", "collection": f"app.bsky.{collection}", "rkey": rkey, "record": record}
    return {"did": "did:plc:mallory", "kind": "commit", "commit": commit}


_KINDS: tuple[tuple[str, Callable[[str, str], dict[str, Any]]], ...] = (
    ("invalid_field", lambda page, rkey: _message(page, rkey, "feed.like", subject=[f"at://{page}/x/{rkey}"])),
    ("invalid_field", lambda page, rkey: _message(page, rkey, "graph.follow", subject={"did": page})),
    ("missing_field", lambda page, rkey: _message(page, rkey, "feed.post", text=page, reply={"root": {}})),
    ("invalid_field", lambda page, rkey: _message(page, f"{rkey}/..", "feed.like", subject={"uri": f"at://{page}/"})),
    ("invalid_field", lambda page, rkey: _message(page, rkey, "feed.repost", subject={"cid": page})),
    ("future_time", lambda page, rkey: {"time_us": _FAR} | _message(page, rkey, "graph.follow", subject=page)),
    ("invalid_envelope", lambda page, rkey: {"time_us": "now"} | _message(page, rkey, "graph.follow", subject=page)),
    (
        "unknown_item",
        lambda page, rkey: {
            "did": "did:plc:mallory",
            "kind": "commit",
            "commit": {
                "operation": "resurrect",
                "collection": "app.bsky.feed.like",
                "rkey": rkey,
                "record": {"x": page},
            },
        },
    ),
)


class Malformed:
    """Makes the kinds in turn."""

    def __init__(self) -> None:
        self._kinds = cycle(_KINDS)
        self._number = 0

    def change(self, _at: int, page: str) -> tuple[str, Change]:
        """(reason, a message that cannot be counted)."""
        self._number += 1
        reason, make = next(self._kinds)
        return reason, Change(page, json.dumps(make(page, f"3z{self._number}"), separators=(",", ":")))

    def delivery(self, _at: int, page: str) -> tuple[str, bytes]:
        """(reason, bytes that are no JSON)."""
        self._number += 1
        return "unreadable_body", f'{{"did":"{page}","kind":"commit","n":{self._number}'.encode()

    def forgery(self, _at: int, _page: str) -> bytes:
        """Nobody but Jetstream can speak on a connection that we have opened."""
        return b"{}"
