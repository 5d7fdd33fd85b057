"""People, levels and the community of a day: `docs/semantics.md` section 6."""

import datetime as dt
from typing import Any

import pytest

from ingest.simulator.ledger import levels
from ingest.simulator.ledger.cohorts import gravity_month
from ingest.simulator.ledger.counting import Row
from ingest.simulator.ledger.people import pseudonym
from tests.unit.simulator.conftest import PAGE, Book, day, second


def at_noon(number: int) -> int:
    return second(number * 86_400)


def member(book: Book, today: int, person: str = "ann") -> Row:
    return book.tables(now=at_noon(today))["community_members"]["facebook", PAGE, person]


def community(book: Book, today: int) -> dict[int, dict[str, int]]:
    """Day -> the numbers of its row that differ from zero."""
    rows = book.tables(now=at_noon(today))["community_by_account_day"]
    return {(key[2] - day(0)).days: {name: n for name, n in row.items() if n} for key, row in rows.items()}


def test_a_pseudonym_is_half_of_a_keyed_hash_of_platform_and_id() -> None:
    """HMAC-SHA256 of `facebook|55` under `k`, as `openssl dgst -sha256 -hmac k` prints it, to 32 digits."""
    assert pseudonym("k", "facebook", "55") == "7d903786b686c41dd8b4cd0c562d3d67"


def test_people_are_told_by_their_pseudonyms_and_the_page_by_none(book: Book) -> None:
    book.react("add", 0)
    book.comment("add", 0, actor=PAGE)
    tables = book.tables(identity_key="k")
    assert [key[2] for key in tables["community_members"]] == [pseudonym("k", "facebook", "ann")]
    assert tables["engagement_by_account_day"]["facebook", PAGE, day(0)]["owner_comments"] == 1


def test_what_stands_of_a_person_is_counted_by_kind(book: Book) -> None:
    book.react("add", 0)
    book.react("add", 1, subject="2001_3001", to_comment=True)
    book.comment("add", 2)
    book.comment("add", 3, "2001_3002", to_comment=True, parent="2001_3001")
    book.comment("add", 4, "2001_3003")
    book.comment("remove", 5, "2001_3003")
    book.share("add", 6)
    book.follow("add", 7)
    row = member(book, 0)
    kinds = ("reactions", "comment_reactions", "comments", "replies", "shares", "follows", "mentions")
    assert [row[kind] for kind in kinds] == [1, 1, 2, 1, 1, 1, None]


def test_a_comment_belongs_to_whoever_any_of_its_facts_names(book: Book) -> None:
    number = book.comment("add", 0, offered=False)
    book.notes.delivered(second(0), [(number, False)])
    assert book.tables()["community_members"] == {}
    book.notes.listed(second(9), [(number, True, None)])
    assert member(book, 0)["comments"] == 1


def test_the_owner_and_the_unseen_are_no_members(book: Book) -> None:
    book.react("add", 0, actor=PAGE)
    book.react("add", 1, actor=None)
    tables = book.tables()
    assert tables["community_members"] == {}
    assert tables["community_by_account_day"] == {}


def test_days_of_a_person_are_told_as_bits(book: Book) -> None:
    """Mondays 0 and 7, Wednesday 9; Sunday 20 is in the third week, 70 days on is the 11th."""
    book.come("ann", 0, 7, 9, 20)
    row = member(book, 20)
    assert (row["first_seen_day"], row["last_seen_day"], row["active_days"]) == (day(0), day(20), 4)
    assert row["recent_days"] == 1 << 0 | 1 << 11 | 1 << 13 | 1 << 20
    assert row["active_weeks"] == 0b111
    book.come("ann", 70)
    row = member(book, 70)
    assert row["recent_days"] == (1 << 0 | 1 << 50 | 1 << 61 | 1 << 63) - (1 << 64)
    assert row["active_weeks"] == 1 << 10 | 0b111


def test_the_last_bit_is_the_sign(book: Book) -> None:
    book.come("ann", 0, 63, 64)
    assert member(book, 64)["recent_days"] == 0b11
    book.come("bob", 1, 64)
    assert member(book, 64, "bob")["recent_days"] == 1 - (1 << 63)


def test_a_week_is_the_iso_week_of_the_first_day_and_not_seven_days(book: Book) -> None:
    book.come("ann", 6, 7)
    assert member(book, 7)["active_weeks"] == 0b11


@pytest.mark.parametrize(
    ("standing", "weight"),
    [
        ({}, 0),
        ({"likes": 2}, 1),
        ({"comment_reactions": 1, "follows": 1}, 1),
        ({"comments": 1, "replies": 0}, 3),
        ({"comments": 1, "replies": 1}, 4),
        ({"shares": 1, "likes": 9}, 7),
        ({"shares": 0, "mentions": 1}, 7),
    ],
)
def test_the_weight_is_the_greatest_of_what_stands(standing: dict[str, int], weight: int) -> None:
    assert levels.activity_weight(standing) == weight


def days(*numbers: int) -> list[dt.date]:
    return [day(number) for number in numbers]


@pytest.mark.parametrize(
    ("active", "today", "level"),
    [
        (days(6), 6, 0),
        (days(0, 6), 6, 4),
        (days(0, 7), 7, 0),
        (days(0, 1, 7, 8), 8, 5),
        (days(0, 1, 7, 8, 14, 15), 15, 6),
        (days(0, 1, 14, 15), 15, 4),
        (days(*range(7)), 29, 7),
        (days(*range(7)), 30, 0),
        (days(*range(0, 14, 2), *range(30, 44, 2)), 59, 8),
        (days(*range(7), *range(30, 37), *range(60, 67)), 89, 9),
        (days(*range(30)), 89, 10),
        (days(*range(90)), 89, 10),
        (days(*range(180)), 179, 11),
        (days(*range(270)), 269, 12),
    ],
)
def test_the_level_by_presence_needs_its_days_in_each_period(active: list[dt.date], today: int, level: int) -> None:
    """2 days in each of 1, 2, 3 weeks; 7 in each of 1, 2, 3 months of 30 days; 30 in each of 1, 2, 3 quarters of 90."""
    assert levels.by_presence(active, day(today)) == level


def test_the_level_is_the_greater_of_both_and_at_least_one() -> None:
    assert levels.level(days(0, 1), {"likes": 1}, day(1)) == 4
    assert levels.level(days(0, 1), {"shares": 1}, day(1)) == 7
    assert levels.level(days(1), {}, day(1)) == 1


def test_who_has_not_come_for_ninety_days_has_no_level_whatever_stands() -> None:
    assert levels.level(days(0), {"shares": 5}, day(89)) == 7
    assert levels.level(days(0), {"shares": 5}, day(90)) == 0


@pytest.mark.parametrize(
    ("level", "ring"),
    [(0, None), (1, "exploring"), (3, "exploring"), (4, "participating"), (9, "contributing"), (10, "leading")],
)
def test_rings_are_three_levels_wide(level: int, ring: str | None) -> None:
    assert levels.ring(level) == ring


def test_an_ambassador_has_a_level_and_advocates(book: Book) -> None:
    book.share("add", 0, "4001")
    row = member(book, 0)
    assert (row["level"], row["ring"], row["is_ambassador"]) == (7, "contributing", False)
    assert row["ambassador_reasons"] == ["level"]
    book.share("add", 1, "4002")
    row = member(book, 0)
    assert (row["is_ambassador"], row["ambassador_reasons"]) == (True, ["level", "advocacy"])
    row = member(book, 90)
    assert (row["level"], row["level_by_presence"], row["activity_weight"]) == (0, 0, 7)
    assert (row["is_ambassador"], row["ambassador_reasons"], row["ring"]) == (False, ["advocacy"], None)


def test_today_is_the_accounts_local_day_of_the_tick(book: Book) -> None:
    book.account(zone="Pacific/Kiritimati")
    book.react("add", 0)
    assert max(book.tables(now=second(0))["community_by_account_day"])[2] == day(1)


def test_without_a_tick_today_is_the_day_of_the_newest_fact_as_it_was_told(book: Book) -> None:
    book.comment("add", 0)
    book.comment("remove", 5, offered=[6, 86_400])
    assert max(book.tables()["community_by_account_day"])[2] == day(1)


def test_a_community_goes_on_from_day_to_day_without_anything_happening(book: Book) -> None:
    """Ann comes once and stays on level 1; her 7 days end with day 6, her 28 with day 27, her 90 with day 89."""
    book.come("ann", 0)
    found = community(book, 95)
    assert found[0] == {
        "active_1d": 1,
        "active_7d": 1,
        "active_28d": 1,
        "new_engagers": 1,
        "exploring": 1,
        "joined": 1,
        "commitment": 1,
    }
    assert found[6] == {"active_7d": 1, "active_28d": 1, "exploring": 1, "held": 1, "commitment": 1}
    assert found[7] == {"active_28d": 1, "exploring": 1, "held": 1, "commitment": 1}
    assert found[27]["active_28d"] == 1
    assert found[89] == {"exploring": 1, "held": 1, "commitment": 1}
    assert found[90] == {"left_levels": 1}
    assert 91 not in found


def test_who_comes_back_after_more_than_28_days_is_reactivated(book: Book) -> None:
    book.come("ann", 0, 28, 57)
    found = community(book, 57)
    assert (found[28].get("returning_engagers"), found[28].get("reactivated_engagers")) == (1, None)
    assert (found[57]["returning_engagers"], found[57]["reactivated_engagers"]) == (1, 1)


def test_levels_move_up_and_down_with_what_stands_at_the_end_of_the_day(book: Book) -> None:
    book.come("ann", 0)
    book.share("add", 86_400 * 3)
    book.share("remove", 86_400 * 4)
    found = community(book, 11)
    assert [found[n].get("contributing", 0) for n in (2, 3, 4)] == [0, 1, 0]
    assert [next(m for m in ("moved_up", "held", "moved_down") if found[n].get(m)) for n in (1, 3, 4, 7)] == [
        *("held", "moved_up", "moved_down", "moved_down")
    ]
    assert [found[n]["commitment"] for n in (2, 3, 4, 6, 7)] == [1, 49, 16, 16, 1]


def test_gravity_of_a_month_is_what_the_book_says() -> None:
    """17, 8, 4, 1 people weigh 441; 15, 9, 5, 1 weigh 504: (504 - 441) / 30 = 2.1."""

    def row(*people: int) -> dict[str, Any]:
        rings = dict(zip(levels.RINGS, people, strict=True))
        return rings | {"commitment": sum(n * levels.RINGS[ring] ** 2 for ring, n in rings.items())}

    rows = {
        ("facebook", PAGE, dt.date(2026, 9, 29)): row(1, 0, 0, 0),
        ("facebook", PAGE, dt.date(2026, 9, 30)): row(17, 8, 4, 1),
        ("facebook", PAGE, dt.date(2026, 10, 2)): row(15, 9, 5, 1),
    }
    found = gravity_month(rows)
    assert [(row["people"], row["commitment"], row["gravity"]) for row in found.values()] == [
        (30, 441, 0.0),
        (30, 504, pytest.approx(2.1)),
    ]


def test_a_month_without_people_has_no_gravity(book: Book) -> None:
    book.come("ann", 0)
    found = book.tables(now=at_noon(95))["community_gravity_month"]
    december = found["facebook", PAGE, dt.date(2026, 12, 1)]
    assert december == {"people": 0, "commitment": 0, "gravity": None}
