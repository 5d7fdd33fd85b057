"""What is different where a platform pushes no times and tells only some kinds as events."""

from pathlib import Path

import pytest

from ingest.simulator.ledger import Fact, Ledger, Notes, Row
from tests.unit.simulator.conftest import NOON, PAGE, POST, moment, second

MINUTE = 60


class Book:
    """Facts of an Instagram account, noted with what was offered of them."""

    def __init__(self, directory: Path) -> None:
        self.notes = Notes(directory, "instagram")
        self._directory = directory
        self.notes.account(PAGE, brand="b", name="n", zone="UTC", currency="EUR", connected_at=NOON - 1)

    def fact(self, action: str, at: int, kind: str = "comment") -> int:
        post = POST if kind == "comment" else None
        actor = "ann" if kind == "comment" else None
        return self.notes.fact(Fact(PAGE, kind, action, "c1", post, post, second(at), False, actor))

    def tables(self) -> dict[str, dict[tuple[object, ...], Row]]:
        self.notes.flush()
        return Ledger.read(self._directory).evaluate()

    def minutes(self, column: str) -> dict[object, int]:
        """Minute after noon -> what the account's row holds."""
        rows = self.tables()["engagement_by_account_minute"]
        return {key[2]: row[column] for key, row in rows.items() if row[column]}


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


def test_a_pushed_comment_lies_where_it_was_sent_until_a_listing_tells_when_it_was_written(book: Book) -> None:
    number = book.fact("add", 30)
    book.notes.delivered(second(5 * MINUTE), [(number, True)])
    book.notes.delivered(second(3 * MINUTE), [(number, True)])
    assert book.minutes("comments") == {moment(3 * MINUTE): 1}
    book.notes.listed(second(9 * MINUTE), [(number, True, None)])
    assert book.minutes("comments") == {moment(0): 1}


def test_what_a_listing_only_shows_lies_where_it_was_first_seen(book: Book) -> None:
    added, hidden = book.fact("add", 30), book.fact("hide", 40)
    book.notes.listed(second(9 * MINUTE), [(added, True, None), (hidden, False, None)])
    book.notes.listed(second(20 * MINUTE), [(hidden, False, None)])
    assert book.minutes("comments_hidden") == {moment(9 * MINUTE): 1}


def test_a_mention_counts_for_the_account_alone(book: Book) -> None:
    number = book.fact("add", 30, "mention")
    book.notes.delivered(second(MINUTE), [(number, False)])
    tables = book.tables()
    assert book.minutes("mentions") == {moment(MINUTE): 1}
    assert tables["engagement_by_post"] == {}
    assert tables["community_members"] == {}


def test_kinds_that_are_not_told_are_unknown(book: Book) -> None:
    book.notes.delivered(second(MINUTE), [(book.fact("add", 30), True)])
    tables = book.tables()
    (row,) = tables["engagement_by_post"].values()
    assert (row["comments"], row["net_comments"], row["owner_comments"]) == (1, 1, 0)
    assert (row["likes"], row["net_shares"], row["owner_comment_reactions"]) == (None, None, None)
    (total,) = tables["post_totals"].values()
    assert (total["likes"], total["likes_source"], total["engagements"]) == (None, None, 1)
    (rate,) = tables["account_rates_day"].values()
    assert rate["numerator"] is None


def test_a_counter_of_what_is_not_told_has_no_gap(book: Book) -> None:
    number = book.fact("add", 30)
    book.fact("remove", 40)
    book.notes.delivered(second(MINUTE), [(number, True)])
    book.notes.standing(PAGE, [(POST, None, 0, None)])
    book.notes.flush()
    (gap,) = Ledger.read(book._directory).gaps()
    assert (gap.kind, gap.counter, gap.seen, gap.never_offered) == ("comments", 0, 1, -1)
    assert gap.is_explained
