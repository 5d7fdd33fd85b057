"""A ledger written by hand: one page, its post, and whatever a test says happened."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.simulator.ledger import Fact, Ledger, Notes, Tables

PAGE = "1001"
POST = "1001_2001"
COMMENT = "2001_3001"
DAY = 86_400
NOON = 1_789_992_000_000
"""2026-09-21 12:00:00 UTC, a Monday."""


def second(number: int) -> int:
    """So many seconds after noon, in epoch milliseconds."""
    return NOON + number * 1000


def day(number: int) -> dt.date:
    """So many days after the first."""
    return dt.date(2026, 9, 21) + dt.timedelta(days=number)


def moment(number: int) -> dt.datetime:
    """The same as the tables hold it."""
    return dt.datetime(2026, 9, 21, 12, tzinfo=dt.UTC) + dt.timedelta(seconds=number)


class Book:
    """Each method notes one fact and, unless told otherwise, that a webhook offered it the moment it happened."""

    def __init__(self, directory: Path) -> None:
        self.notes = Notes(directory)
        self._directory = directory

    def account(self, page: str = PAGE, zone: str = "UTC", connected_at: int = NOON - 1) -> None:
        self.notes.account(page, brand="b", name="n", zone=zone, currency="EUR", connected_at=connected_at)

    def fact(self, kind: str, action: str, at: int, *, offered: Any = True, **other: Any) -> int:
        """`offered`: True, False, or the entry times (seconds after noon) of its deliveries."""
        timed = kind in ("reaction", "follow") or action == "add" or (kind == "comment" and action == "update")
        values: dict[str, Any] = {"account": PAGE, "subject": POST, "post": POST, "exact": timed, "actor": "ann"}
        values |= other
        number = self.notes.fact(
            Fact(kind=kind, action=action, at=second(at), about=values.pop("about", values["post"]), **values)
        )
        for sent in [at] if offered is True else offered or []:
            self.notes.delivered(second(sent), [(number, True)])
        return number

    def react(self, action: str, at: int, reaction: str = "like", **other: Any) -> int:
        return self.fact("reaction", action, at, reaction=reaction, **other)

    def comment(self, action: str, at: int, subject: str = COMMENT, **other: Any) -> int:
        return self.fact("comment", action, at, subject=subject, **other)

    def share(self, action: str, at: int, subject: str = "4001", **other: Any) -> int:
        return self.fact("share", action, at, subject=subject, **other)

    def follow(self, action: str, at: int, **other: Any) -> int:
        return self.fact("follow", action, at, subject=PAGE, post=None, **other)

    def ledger(self) -> Ledger:
        self.notes.flush()
        return Ledger.read(self._directory)

    def come(self, actor: str, *days: int) -> None:
        """The person reacts to a post of its own on each day (after the first), at noon."""
        for day in days:
            post = f"{PAGE}_{actor}{day}"
            self.react("add", day * DAY, actor=actor, subject=post, post=post)

    def tables(self, **known: Any) -> Tables:
        return self.ledger().evaluate(**known)

    def post(self) -> dict[str, int]:
        """The numbers of the post's lifetime row that differ from zero."""
        row = self.tables()["engagement_by_post"].get(("facebook", PAGE, POST), {})
        return {name: number for name, number in row.items() if number}

    def reactions(self) -> dict[str, int]:
        return {key[3]: row["reactions"] for key, row in self.tables()["reactions_by_post"].items()}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path)
    made.account()
    yield made
    made.notes.close()
