"""Cohorts, fifths, and what draws people in: figures computed by hand."""

from datetime import date
from typing import Any

import pytest

from tests.integration.view_rows import INSTAGRAM, OBSERVED, Rows


@pytest.fixture
def rows(rows: Rows) -> Rows:
    rows.add_account()
    return rows


def member(rows: Rows, actor: str, first: str = "2026-09-01", last: str = "2026-09-01", **values: Any) -> None:
    rows.add("community_members", actor_id=actor, first_seen_day=first, last_seen_day=last, **values)


def day(rows: Rows, at: str, **values: Any) -> None:
    rows.add("community_by_account_day", day=at, **values)


def test_without_people_every_view_is_empty(rows: Rows) -> None:
    for view in ("community_cohorts", "community_rfm", "community_health", "community_gravity_month"):
        assert rows.read(view, "account_id") == []


def test_a_ring_is_made_of_a_level(rows: Rows) -> None:
    for level in (0, 1, 3, 4, 6, 7, 9, 10, 12):
        member(rows, f"{level:02}", level=level)
    rings = [ring for _, ring in rows.read("community_members", "actor_id", "ring")]
    assert rings == [
        None,
        *("exploring", "exploring", "participating", "participating"),
        *("contributing", "contributing", "leading", "leading"),
    ]


def test_a_cohort_is_the_week_of_the_first_day_from_monday_to_sunday(rows: Rows) -> None:
    """Two came in the week of Monday 2026-09-07, one on the Monday after; the newest week is two after the first."""
    member(rows, "a", "2026-09-07", "2026-09-20", active_weeks=0b11)
    member(rows, "b", "2026-09-13", "2026-09-27", active_weeks=0b101)
    member(rows, "c", "2026-09-14", "2026-09-14", active_weeks=0b1)
    first, second = date(2026, 9, 7), date(2026, 9, 14)
    assert rows.read("community_cohorts", "cohort_week", "week", "members", "active", "retention") == [
        (first, 0, 2, 2, 1),
        (first, 1, 2, 1, 0.5),
        (first, 2, 2, 1, 0.5),
        (second, 0, 1, 1, 1),
        (second, 1, 1, 0, 0),
    ]


def test_the_last_week_that_is_kept_is_the_sign_of_the_bits(rows: Rows) -> None:
    member(rows, "a", "2025-01-06", "2026-09-20", active_weeks=-(2**63) + 1)
    found = rows.read("community_cohorts", "week", "active")
    assert found == [(0, 1), *((week, 0) for week in range(1, 63)), (63, 1)]


def test_accounts_have_cohorts_of_their_own(rows: Rows) -> None:
    member(rows, "a", "2026-09-07", "2026-09-20", active_weeks=1)
    member(rows, "a", "2026-09-07", "2026-09-07", active_weeks=1, account_id="2")
    assert rows.read("community_cohorts", "account_id", "week") == [("1", 0), ("1", 1), ("2", 0)]


def test_people_fall_into_fifths_and_equals_are_told_apart_by_their_id(rows: Rows) -> None:
    """Of six, the first fifth has two. Capitals come before small letters, wherever the server stands."""
    for actor, last, days, comments in (
        ("B", "2026-09-01", 1, 0),
        ("a", "2026-09-01", 9, 1),
        ("b", "2026-09-02", 1, 1),
        ("c", "2026-09-03", 1, 1),
        ("d", "2026-09-04", 2, 5),
        ("e", "2026-09-05", 8, 4),
    ):
        member(rows, actor, last=last, active_days=days, comments=comments)
    columns = ("actor_id", "recency", "frequency", "value", "commitment", "segment")
    found = {row[0]: row[1:] for row in rows.read("community_rfm", *columns)}
    assert found == {
        "B": (1, 1, 1, 0, "asleep"),
        "a": (1, 5, 1, 3, "loyal"),
        "b": (2, 1, 2, 3, "asleep"),
        "c": (3, 2, 3, 3, "regular"),
        "d": (4, 3, 5, 15, "recent"),
        "e": (5, 4, 4, 12, "champion"),
    }


def test_one_who_came_often_and_stays_away_is_at_risk(rows: Rows) -> None:
    for number in range(5):
        member(rows, str(number), last=f"2026-09-0{number + 1}", active_days=(3, 1, 2, 4, 5)[number])
    assert rows.read("community_rfm", "actor_id", "segment", where="recency <= 2") == [
        ("0", "at_risk"),
        ("1", "asleep"),
    ]


def test_commitment_weighs_what_stands_and_takes_the_unknown_as_nothing(rows: Rows) -> None:
    member(rows, "a", reactions=1, comment_reactions=2, follows=1, comments=3, replies=2, shares=1, mentions=None)
    unknown: dict[str, Any] = dict.fromkeys(("reactions", "comment_reactions", "follows", "shares"))
    member(rows, "a", comments=1, mentions=2, **unknown, **INSTAGRAM)
    assert rows.read("community_rfm", "platform", "commitment") == [("facebook", 20), ("instagram", 17)]


def test_gravity_is_what_a_person_has_come_to_give_in_28_days(rows: Rows) -> None:
    """A day without a row is one without commitment; a day without people has no gravity."""
    day(rows, "2026-09-01", exploring=2, commitment=2)
    day(rows, "2026-09-29", exploring=1, participating=1, contributing=1, leading=1, commitment=166)
    day(rows, "2026-09-30", exploring=5, commitment=5)
    day(rows, "2026-10-27", left_levels=4)
    assert rows.read("community_health", "day", "people", "gravity_28d") == [
        (date(2026, 9, 1), 2, 1),
        (date(2026, 9, 29), 4, 41),
        (date(2026, 9, 30), 5, 1),
        (date(2026, 10, 27), 0, None),
    ]


def test_followers_grow_against_what_was_known_before(rows: Rows) -> None:
    for at, value in (("2026-09-01", 100), ("2026-09-28", 140), ("2026-09-29", None), ("2026-09-30", 150)):
        rows.add("account_metrics_day", metric="followers", scope="total", day=at, value=value, **OBSERVED)
    for at in ("2026-08-31", "2026-09-01", "2026-09-29", "2026-09-30"):
        day(rows, at, active_1d=1)
    assert rows.read("community_health", "day", "followers", "follower_growth_1d", "follower_growth_28d") == [
        (date(2026, 8, 31), None, None, None),
        (date(2026, 9, 1), 100, None, None),
        (date(2026, 9, 29), 140, 0, 40),
        (date(2026, 9, 30), 150, 10, 50),
    ]


def test_a_month_is_its_last_row_and_is_held_against_the_first_month(rows: Rows) -> None:
    day(rows, "2026-07-30", exploring=9, commitment=9)
    day(rows, "2026-07-31", exploring=3, commitment=3)
    day(rows, "2026-08-01", exploring=3, leading=1, commitment=103)
    day(rows, "2026-09-30")
    day(rows, "2026-09-30", account_id="2", participating=2, commitment=32)
    columns = ("account_id", "month", "people", "commitment", "gravity")
    assert rows.read("community_gravity_month", *columns) == [
        ("1", date(2026, 7, 1), 3, 3, 0),
        ("1", date(2026, 8, 1), 4, 103, 25),
        ("1", date(2026, 9, 1), 0, 0, None),
        ("2", date(2026, 9, 1), 2, 32, 0),
    ]
