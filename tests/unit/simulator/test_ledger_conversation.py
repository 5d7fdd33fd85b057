"""Comments of others and the page's answers: `docs/semantics.md` section 6, Conversation."""

from typing import Any

import pytest

from ingest.simulator.ledger.counting import Row
from tests.unit.simulator.conftest import COMMENT, PAGE, POST, Book, day, moment, second

REPLY, ANSWER, LATER = "2001_3002", "2001_3003", "2001_3004"


def inbound(book: Book) -> dict[str, Row]:
    return {key[2]: row for key, row in book.tables()["inbound_comments"].items()}


def answer(book: Book, at: int, subject: str = ANSWER, parent: str | None = COMMENT, **other: Any) -> int:
    return book.comment("add", at, subject, actor=PAGE, to_comment=parent is not None, parent=parent, **other)


def test_a_comment_waits_until_the_page_answers_in_its_thread(book: Book) -> None:
    book.comment("add", 0)
    assert inbound(book)[COMMENT] == {
        "post_id": POST,
        "parent_id": None,
        "actor_id": "ann",
        "permalink": None,
        "asked_at": moment(0),
        "answered_at": None,
        "answer_id": None,
        "is_removed": False,
        "is_hidden": False,
        "needs_answer": True,
    }
    answer(book, 60)
    found = inbound(book)
    assert set(found) == {COMMENT}
    row = found[COMMENT]
    assert (row["answered_at"], row["answer_id"], row["needs_answer"]) == (moment(60), ANSWER, False)


def test_an_answer_answers_everything_before_it_in_the_thread_and_nothing_elsewhere(book: Book) -> None:
    book.comment("add", 0)
    book.comment("add", 10, REPLY, to_comment=True, parent=COMMENT, actor="bob")
    book.comment("add", 5, "2001_9001", actor="carl")
    answer(book, 60)
    book.comment("add", 70, LATER, to_comment=True, parent=COMMENT, actor="bob")
    found = inbound(book)
    assert {name: row["answer_id"] for name, row in found.items()} == {
        COMMENT: ANSWER,
        REPLY: ANSWER,
        "2001_9001": None,
        LATER: None,
    }
    assert found[REPLY]["parent_id"] == COMMENT


def test_the_earliest_answer_counts_whatever_arrives_first_and_ties_go_to_the_smaller_id(book: Book) -> None:
    book.comment("add", 0)
    answer(book, 60, LATER)
    answer(book, 30, REPLY, offered=[900])
    answer(book, 30, ANSWER, offered=[901])
    assert inbound(book)[COMMENT]["answer_id"] == REPLY


def test_an_answer_of_the_same_second_counts_and_one_from_before_does_not(book: Book) -> None:
    book.comment("add", 10)
    answer(book, 9)
    assert inbound(book)[COMMENT]["answered_at"] is None
    answer(book, 10, LATER)
    assert inbound(book)[COMMENT]["answered_at"] == moment(10)


def test_an_answer_that_is_taken_back_gives_way_to_the_next(book: Book) -> None:
    book.comment("add", 0)
    answer(book, 10)
    answer(book, 50, LATER)
    book.comment("remove", 20, ANSWER, actor=PAGE, to_comment=True, parent=COMMENT)
    assert inbound(book)[COMMENT]["answer_id"] == LATER


def test_a_thread_may_begin_with_the_page_itself(book: Book) -> None:
    answer(book, 0, COMMENT, None)
    book.comment("add", 10, REPLY, to_comment=True, parent=COMMENT)
    found = inbound(book)
    assert set(found) == {REPLY}
    assert found[REPLY]["needs_answer"]


def test_what_is_removed_or_hidden_needs_no_answer(book: Book) -> None:
    book.comment("add", 0)
    book.comment("remove", 5)
    book.comment("add", 0, REPLY)
    book.comment("hide", 5, REPLY)
    book.comment("add", 0, LATER)
    book.comment("hide", 5, LATER)
    book.comment("unhide", 6, LATER)
    found = inbound(book)
    assert {name: (row["is_removed"], row["is_hidden"], row["needs_answer"]) for name, row in found.items()} == {
        COMMENT: (True, False, False),
        REPLY: (False, True, False),
        LATER: (False, False, True),
    }


def test_a_comment_has_no_row_before_its_add_is_known(book: Book) -> None:
    book.comment("update", 60)
    assert inbound(book) == {}
    book.comment("add", 0, offered=[90])
    assert inbound(book)[COMMENT]["asked_at"] == moment(0)


def test_only_a_reader_is_told_where_a_comment_is_and_who_wrote_it_may_be_unknown(book: Book) -> None:
    number = book.comment("add", 0, offered=False)
    book.notes.delivered(second(0), [(number, False)])
    assert inbound(book)[COMMENT]["actor_id"] is None
    for link in ("https://b", "https://a"):
        book.notes.listed(second(9), [(number, False, link)])
    assert inbound(book)[COMMENT]["permalink"] == "https://a"


def test_response_times_of_a_day_are_those_of_what_was_asked_on_it(book: Book) -> None:
    """Waits of 60, 3600, 3601 and 86,401 s: median 3600.5, p90 at 2.7 places: 3601 + 0.7 x 82,800."""
    for number, wait in enumerate((60, 3_600, 3_601, 86_401)):
        comment = f"2001_4{number}"
        book.comment("add", number, comment)
        answer(book, number + wait, f"2001_5{number}", comment)
    book.comment("add", 7, "2001_60")
    book.comment("add", 8, "2001_61")
    book.comment("hide", 9, "2001_61")
    book.comment("add", 9, "2001_62")
    book.comment("remove", 10, "2001_62")
    (row,) = book.tables()["response_times_by_account_day"].values()
    assert row == {
        "inbound": 6,
        "answered": 4,
        "unanswered": 1,
        "within_1h": 2,
        "within_4h": 3,
        "within_24h": 3,
        "median_seconds": 3600.5,
        "p90_seconds": pytest.approx(61_561),
        "mean_seconds": 23_415.5,
        "answered_share": 4 / 6,
        "within_24h_share": 0.5,
    }


def test_a_day_without_an_answer_has_no_times(book: Book) -> None:
    book.account(zone="Pacific/Kiritimati")
    book.comment("add", 0)
    ((key, row),) = book.tables()["response_times_by_account_day"].items()
    assert key == ("facebook", PAGE, day(1))
    assert (row["median_seconds"], row["p90_seconds"], row["mean_seconds"], row["answered_share"]) == (
        *(None, None, None, 0.0),
    )
