"""What was planned against what was published: `docs/semantics.md` section 7."""

import datetime as dt
from typing import Any

from ingest.simulator.ledger.counting import Row
from tests.unit.simulator.conftest import PAGE, Book, moment, second

MINUTE, DAY = 60, 86_400


def post(book: Book, name: str, at: int, **content: Any) -> None:
    columns = {"published_at": second(at * MINUTE), "format": "added_photos"} | content
    book.notes.content(second(90), PAGE, [(name, columns)])


def slot(name: str, at: int, tolerance: int = 60, **columns: Any) -> Row:
    return {"slot_id": name, "planned_at": second(at * MINUTE), "tolerance_minutes": tolerance} | columns


def planned(book: Book, *slots: Row) -> None:
    book.notes.planned(PAGE, "plan.csv", slots)


def outcomes(book: Book) -> dict[tuple[str | None, str | None], str]:
    rows = book.tables()["editorial_adherence"]
    return {(key[2], key[3]): row["outcome"] for key, row in rows.items()}


def test_a_slot_that_is_imported_again_is_replaced(book: Book) -> None:
    planned(book, slot("a", 0, pillar="old"))
    planned(book, slot("a", 5, pillar="new", title="T"))
    assert book.tables()["editorial_plan"] == {
        ("facebook", PAGE, "a"): {
            "planned_at": moment(300),
            "tolerance_minutes": 60,
            "format": None,
            "pillar": "new",
            "title": "T",
            "source": "plan.csv",
        }
    }


def test_a_post_within_tolerance_keeps_a_slot_early_or_late(book: Book) -> None:
    planned(book, slot("a", 100, 30, pillar="p", format="added_video"), slot("b", 300, 30))
    post(book, "x", 70)
    post(book, "y", 331)
    rows = book.tables()["editorial_adherence"]
    assert rows["facebook", PAGE, "a", "x"] == {
        "planned_at": moment(6_000),
        "published_at": moment(4_200),
        "outcome": "kept",
        "minutes_off": -30.0,
        "pillar": "p",
        "title": None,
        "planned_format": "added_video",
        "format": "added_photos",
    }
    assert outcomes(book) == {("a", "x"): "kept", ("b", None): "missed"}


def test_the_nearest_pair_takes_both_and_what_is_left_is_matched_again(book: Book) -> None:
    """x is nearest to b, so a must do with y, which is farther from it than x."""
    planned(book, slot("a", 0), slot("b", 30))
    post(book, "x", 20)
    post(book, "y", 40)
    assert outcomes(book) == {("b", "x"): "kept", ("a", "y"): "kept"}


def test_of_two_slots_that_are_as_far_from_one_post_the_earlier_takes_it(book: Book) -> None:
    planned(book, slot("a", 40), slot("b", 20), slot("c", 20))
    post(book, "x", 30)
    assert outcomes(book) == {("b", "x"): "kept", ("a", None): "open", ("c", None): "open"}


def test_a_slot_is_open_until_the_accounts_own_time_has_passed_it(book: Book) -> None:
    planned(book, slot("a", 0, 10))
    assert outcomes(book) == {("a", None): "open"}
    book.react("add", 9 * MINUTE)
    assert outcomes(book) == {("a", None): "open"}
    book.react("add", 10 * MINUTE, actor="bob")
    assert outcomes(book) == {("a", None): "missed"}


def test_posts_between_the_first_and_the_last_slot_are_unplanned(book: Book) -> None:
    planned(book, slot("a", 0, 10), slot("b", 100, 10))
    post(book, "w", -11)
    post(book, "x", -10)
    post(book, "y", 50)
    post(book, "z", 111)
    book.notes.deleted(second(95), PAGE, "gone")
    post(book, "gone", 51)
    post(book, "draft", 52, is_published=False)
    found = outcomes(book)
    assert found == {("a", "x"): "kept", ("b", None): "missed", (None, "y"): "unplanned"}
    row = book.tables()["editorial_adherence"]["facebook", PAGE, None, "y"]
    assert (row["published_at"], row["planned_at"], row["minutes_off"]) == (moment(3_000), None, None)


def test_an_account_without_a_plan_has_no_unplanned_posts(book: Book) -> None:
    post(book, "x", 0)
    assert outcomes(book) == {}


def test_a_month_adds_up_in_the_accounts_zone(book: Book) -> None:
    """Noon of 30 September is the first of October on Kiritimati."""
    book.account(zone="Pacific/Kiritimati")
    late = 9 * DAY // MINUTE
    planned(book, slot("a", 0, pillar="p"), slot("b", 500, pillar="q"), slot("c", 900, pillar="p"), slot("d", late))
    for name, at in (("x", 10), ("y", 495), ("z", 600)):
        post(book, name, at)
    book.react("add", 9 * DAY)
    tables = book.tables()
    september, october = dt.date(2026, 9, 1), dt.date(2026, 10, 1)
    months = tables["editorial_adherence_by_account_month"]
    assert months["facebook", PAGE, september] == {
        **dict.fromkeys(("early", "late", "missed", "unplanned"), 1),
        "planned": 3,
        "kept": 2,
        "open_slots": 0,
        "adherence": 2 / 3,
        "unplanned_share": 1 / 3,
    }
    assert (months["facebook", PAGE, october]["open_slots"], months["facebook", PAGE, october]["adherence"]) == (
        1,
        None,
    )
    assert {key[2:]: tuple(row.values()) for key, row in tables["editorial_mix"].items()} == {
        (september, "p"): (2, 1, 2 / 3, 0.5),
        (september, "q"): (1, 1, 1 / 3, 0.5),
        (october, None): (1, 0, 1.0, None),
    }
