"""Cohorts, recency-frequency-value and health: `docs/semantics.md` section 7."""

import datetime as dt

import pytest

from ingest.simulator.ledger.cohorts import segment
from tests.unit.simulator.conftest import PAGE, Book, day, second

KEY = ("facebook", PAGE)


def test_a_cohort_is_followed_to_the_week_of_the_accounts_newest_day(book: Book) -> None:
    """Ann and bob begin in the first week, carl in the second; ann comes in the first and the third, dora never."""
    book.come("ann", 0, 2, 14)
    book.come("bob", 6)
    book.come("carl", 7)
    found = book.tables(now=second(40 * 86_400))["community_cohorts"]
    assert {key[2:]: (row["members"], row["active"], row["retention"]) for key, row in found.items()} == {
        (day(0), 0): (2, 2, 1.0),
        (day(0), 1): (2, 0, 0.0),
        (day(0), 2): (2, 1, 0.5),
        (day(7), 0): (1, 1, 1.0),
        (day(7), 1): (1, 0, 0.0),
    }


def test_a_cohort_is_followed_for_64_weeks_at_most(book: Book) -> None:
    book.come("ann", 0)
    book.come("bob", 70 * 7)
    weeks = [key[3] for key in book.tables()["community_cohorts"] if key[2] == day(0)]
    assert weeks == list(range(64))


def test_members_are_ranked_in_fifths_and_ties_go_by_name(book: Book) -> None:
    """Six people: the first fifth has two. By days ann 3, the others 1; by commitment ann 3, frank 14."""
    book.come("ann", 0, 1, 2)
    for person in ("bob", "carl", "dora", "emil"):
        book.come(person, 3)
    book.share("add", 4 * 86_400, "4001", actor="frank")
    book.share("add", 4 * 86_400, "4002", actor="frank")
    found = book.tables()["community_rfm"]
    scores = {key[2]: (row["recency"], row["frequency"], row["value"], row["commitment"]) for key, row in found.items()}
    assert scores == {
        "ann": (1, 5, 4, 3),
        "bob": (1, 1, 1, 1),
        "carl": (2, 1, 1, 1),
        "dora": (3, 2, 2, 1),
        "emil": (4, 3, 3, 1),
        "frank": (5, 4, 5, 14),
    }
    assert {key[2]: row["segment"] for key, row in found.items()} == {
        "ann": "loyal",
        "bob": "asleep",
        "carl": "asleep",
        "dora": "regular",
        "emil": "recent",
        "frank": "champion",
    }


@pytest.mark.parametrize(
    ("scores", "name"),
    [
        ((4, 4, 4), "champion"),
        ((5, 4, 3), "loyal"),
        ((4, 3, 5), "recent"),
        ((2, 3, 5), "at_risk"),
        ((2, 2, 5), "asleep"),
        ((3, 3, 5), "regular"),
    ],
)
def test_the_first_segment_that_holds_is_taken(scores: tuple[int, int, int], name: str) -> None:
    assert segment(*scores) == name


def test_commitment_counts_comments_threefold_and_advocacy_sevenfold(book: Book) -> None:
    book.react("add", 0)
    book.follow("add", 1)
    book.comment("add", 2)
    book.comment("add", 3, "2001_3002", to_comment=True, parent="2001_3001")
    book.share("add", 4)
    (row,) = book.tables()["community_rfm"].values()
    assert row["commitment"] == 1 + 1 + 3 + 3 + 7


def followers(book: Book, **days: int) -> None:
    for number, value in days.items():
        window = f"day:{day(int(number.removeprefix('d')))}"
        book.notes.observed(second(0), PAGE, [(None, "followers", window, value, "known")])


def test_health_compares_with_one_day_and_28_days_before(book: Book) -> None:
    """Ann is on level 1 on all days; bob shares on day 28: 1 + 49 against 1, over 2 people."""
    book.come("ann", 0)
    book.share("add", 28 * 86_400, actor="bob")
    followers(book, d0=100, d20=150, d28=160)
    found = book.tables()["community_health"]
    row = found[(*KEY, day(28))]
    assert (row["people"], row["commitment"], row["gravity_28d"]) == (2, 50, 24.5)
    assert (row["followers"], row["follower_growth_1d"], row["follower_growth_28d"]) == (160, 10, 60)
    row = found[(*KEY, day(27))]
    assert (row["followers"], row["follower_growth_1d"], row["follower_growth_28d"]) == (150, 0, None)
    assert row["gravity_28d"] == 1.0
    assert row["active_1d"] == 0


def test_health_of_a_day_without_people_has_no_gravity(book: Book) -> None:
    book.come("ann", 0)
    row = book.tables(now=second(90 * 86_400))["community_health"][(*KEY, day(90))]
    assert (row["people"], row["left_levels"], row["gravity_28d"], row["followers"]) == (0, 1, None, None)


def test_a_month_is_told_by_its_last_row(book: Book) -> None:
    book.come("ann", 0)
    book.come("bob", 9, 10)
    found = book.tables(now=second(12 * 86_400))["community_gravity_month"]
    assert {key[2]: (row["people"], row["commitment"], row["gravity"]) for key, row in found.items()} == {
        dt.date(2026, 9, 1): (2, 2, 0.0),
        dt.date(2026, 10, 1): (2, 17, 7.5),
    }
