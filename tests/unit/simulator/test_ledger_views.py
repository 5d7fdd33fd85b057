"""Totals, coverage, rates, and the gap between counters and events: `docs/semantics.md` section 4."""

import datetime as dt
from typing import Any

import pytest

from tests.unit.simulator.conftest import NOON, PAGE, POST, Book, second

KEY = ("facebook", PAGE, POST)


def counters(book: Book, **values: int | None) -> None:
    book.notes.observed(
        second(100),
        PAGE,
        [(POST, m, "lifetime", v, "unavailable" if v is None else "known") for m, v in values.items()],
    )


def content(book: Book, post: str = POST, published_at: int = NOON, format_: str = "added_photos") -> None:
    book.notes.content(second(90), PAGE, [(post, {"published_at": published_at, "format": format_})])


def followers(book: Book, **days: int | None) -> None:
    for day, value in days.items():
        window = f"day:2026-09-{day.removeprefix('d')}"
        state = "unavailable" if value is None else "known"
        book.notes.observed(second(80), PAGE, [(None, "followers", window, value, state)])


def total(book: Book) -> dict[str, Any]:
    return book.tables()["post_totals"][KEY]


def test_a_counter_beats_events_and_events_beat_nothing(book: Book) -> None:
    book.react("add", 0)
    book.share("add", 0)
    counters(book, likes=10, shares=None)
    found = total(book)
    assert (found["likes"], found["likes_source"]) == (10, "platform")
    assert (found["shares"], found["shares_source"]) == (1, "events")
    assert (found["comments"], found["comments_source"]) == (0, "events")
    assert found["engagements"] == 11


def test_nothing_known_is_null_and_not_zero(book: Book) -> None:
    content(book)
    found = total(book)
    assert (found["likes"], found["likes_source"], found["engagements"], found["views"]) == (None, None, None, None)


def test_coverage_adds_the_owner_back(book: Book) -> None:
    book.react("add", 0)
    book.react("add", 0, actor=PAGE)
    counters(book, likes=4, comments=0, shares=2)
    content(book)
    found = total(book)
    assert (found["coverage_likes"], found["coverage_comments"], found["coverage_shares"]) == (0.5, None, 0.0)


def test_a_post_from_before_the_connection_has_no_coverage(book: Book) -> None:
    book.react("add", 0)
    counters(book, likes=4)
    content(book, published_at=NOON - 1)
    assert total(book)["coverage_likes"] is None


def rate_of(book: Book, view: str, *key: Any) -> tuple[float | None, float | None, float | None]:
    row = book.tables()[view]["facebook", PAGE, *key]
    return row["numerator"], row["denominator"], row["rate"]


def known_post(book: Book) -> None:
    counters(book, likes=10, comments=6, shares=4, views=200, reach=50)
    content(book, format_="added_video")
    followers(book, d19=None, d20=400, d22=800)


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("O1", (20, 50, 40.0)),
        ("O3", (20, 400, 5.0)),
        ("O4", (20, 200, 10.0)),
        ("O6", (20, 200, 10.0)),
        ("O7", (8.0, 400, 2.0)),
        ("O13A", (4, 200, 2.0)),
        ("O13C", (20, 200, 10.0)),
    ],
)
def test_rates_of_a_post(book: Book, definition: str, expected: tuple[float, float, float]) -> None:
    known_post(book)
    assert rate_of(book, "post_rates", POST, definition) == pytest.approx(expected)


def test_only_videos_have_a_video_rate(book: Book) -> None:
    counters(book, likes=10, views=200)
    content(book)
    assert (*KEY, "O6") not in book.tables()["post_rates"]


def test_a_post_of_which_no_counter_is_known_has_no_weighted_engagement(book: Book) -> None:
    content(book)
    assert rate_of(book, "post_rates", POST, "O7") == (None, None, None)


def test_an_unknown_or_zero_denominator_gives_no_rate(book: Book) -> None:
    counters(book, likes=10, views=0)
    content(book)
    assert rate_of(book, "post_rates", POST, "O4") == (10, 0, None)
    assert rate_of(book, "post_rates", POST, "O1") == (10, None, None)


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("O2", (40.0, 1, 40.0)),
        ("O8A", (40, 2, 20.0)),
        ("O9A", (6, 2, 3.0)),
        ("O10A", (4, 2, 2.0)),
        ("O8B", (40, 800, 0.05)),
        ("O9B", (3.0, 800, 3 / 800)),
        ("O10B", (2.0, 800, 2 / 800)),
        ("O11L", (20.0, 800, 25.0)),
        ("O11C", (3.0, 800, 3.75)),
        ("O11S", (2.0, 800, 2.5)),
        ("O12L", (40, 800, 5.0)),
        ("O12C", (6, 800, 0.75)),
    ],
)
def test_rates_of_an_account(book: Book, definition: str, expected: tuple[float, float, float]) -> None:
    known_post(book)
    book.notes.observed(second(100), PAGE, [("1001_2002", "likes", "lifetime", 30, "known")])
    book.notes.observed(second(100), PAGE, [("1001_2003", "likes", "lifetime", 999, "known")])
    book.notes.deleted(second(110), PAGE, "1001_2003")
    assert rate_of(book, "account_rates", definition) == pytest.approx(expected)


def test_an_account_without_posts_has_its_rows_and_no_rates(book: Book) -> None:
    rows = book.tables()["account_rates"]
    assert len(rows) == 12
    assert {row["rate"] for row in rows.values()} == {None}


def test_the_rate_of_a_day_takes_the_followers_of_that_day(book: Book) -> None:
    followers(book, d20=400, d22=800)
    for at in (0, 90_000, 180_000):
        book.comment("add", at, f"c{at}")
    rates = {day: rate_of(book, "account_rates_day", dt.date(2026, 9, day), "O5") for day in (21, 22, 23)}
    assert rates == {21: (1, 400, 0.25), 22: (1, 800, 0.125), 23: (1, 800, 0.125)}


def test_a_gap_is_explained_by_what_was_never_offered(book: Book) -> None:
    book.react("add", 0)
    book.react("add", 0, actor="bob", offered=False)
    book.comment("add", 0)
    book.comment("remove", 5, offered=False)
    book.share("add", 0, post=None, about=POST)
    book.notes.standing(PAGE, [(POST, 2, 0, 1)])
    gaps = {gap.kind: gap for gap in book.ledger().gaps()}
    assert [(gap.seen, gap.never_offered, gap.is_explained) for gap in gaps.values()] == [
        (1, 1, True),
        (1, -1, True),
        (0, 1, True),
    ]


def test_a_figure_of_the_pipeline_that_is_off_by_one_is_not_explained(book: Book) -> None:
    book.react("add", 0)
    book.notes.standing(PAGE, [(POST, 1, 0, 0)])
    (likes, *_) = book.ledger().gaps({(PAGE, POST): {"likes": 0, "comments": 0, "shares": 0}})
    assert not likes.is_explained
