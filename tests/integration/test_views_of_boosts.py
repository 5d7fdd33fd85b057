"""What a boosted post got by itself, and which posts are worth a boost: figures computed by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.view_rows import FACEBOOK, INSTAGRAM, Rows

START = datetime(2026, 9, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BOOSTED = START + 30 * DAY
AD = {"brand": "acme", "platform": "meta_ads", "ad_account_id": "a1"}
HALO, CANDIDATES = "paid_halo", "boost_candidates"
BY_CURVE = ("expected_by_curve", "halo_by_curve", "halo_by_curve_least", "halo_by_curve_most")
BY_SIBLINGS = ("expected_by_siblings", "halo_by_siblings", "halo_by_siblings_least", "halo_by_siblings_most")


@pytest.fixture
def rows(rows: Rows) -> Rows:
    rows.add_account(connected_at="2026-08-01T00:00Z")
    return rows


def published(rows: Rows, post: str, at: datetime, hours: Mapping[int, int] | None = None, **values: Any) -> None:
    """A post, and its likes by the age of the hour."""
    rows.add_post(post, at.isoformat(), **values)
    begins = at.replace(minute=0)
    owner = {name: values[name] for name in FACEBOOK if name in values}
    for age, likes in (hours or {}).items():
        hour = (begins + age * HOUR).isoformat()
        rows.add("engagement_by_post_hour", post_id=post, hour=hour, likes=likes, **owner)


def newest(rows: Rows, hour: datetime, **owner: str) -> None:
    """The account's newest hour with engagement: it may go on, those before it are over."""
    rows.add("engagement_by_account_hour", hour=hour.isoformat(), likes=1, **owner)


def promoted(rows: Rows, post: str, ad: str = "ad1", kind: str = "ad", **values: str) -> None:
    owner = FACEBOOK | values
    names = {"post_platform": owner["platform"], "post_account_id": owner["account_id"], "post_id": post}
    rows.add_only("ad_entities", **AD, **names, kind=kind, entity_id=ad, as_of="2026-09-01")


def spent(rows: Rows, day: datetime, micros: int = 5_000_000, ad: str = "ad1", **values: Any) -> None:
    """A day of an ad."""
    place = {"level": "ad", "entity_id": ad, "period": f"day:{day.date()}", "day": day.date(), "breakdown": ""}
    figures = {"currency": "EUR", "zone": "UTC", "spend_micros": micros, "as_of": "2026-10-30"}
    rows.add_only("ad_facts", **AD | place | figures | values)


def boosted(rows: Rows, hours: Mapping[int, int]) -> None:
    """Published at noon, boosted on the next day, which is long over: 12 hours before, then 24."""
    published(rows, "boosted", BOOSTED, hours)
    promoted(rows, "boosted")
    spent(rows, BOOSTED + DAY, reactions=6, comments=3, shares=1, saves=50)
    newest(rows, BOOSTED + 60 * DAY)


def siblings(rows: Rows, number: int, *, before: int = 4) -> None:
    """Posts that gain 1, 2, 3, ... times what they had after 12 hours in the 24 hours from then on."""
    for n in range(1, number + 1):
        published(rows, f"sibling {n}", BOOSTED + n * DAY, {3: before, 12: 1, 35: before * n - 1, 36: 1000})


def test_a_halo_is_what_came_by_itself_beyond_what_came_to_others(rows: Rows) -> None:
    boosted(rows, {0: 5, 11: 5, 12: 40, 35: 30, 36: 1000})
    siblings(rows, 5)
    found = rows.read(HALO, "hours_before", "hours", "before", "total", "paid", "organic", "siblings", "curves")
    assert found == [(12, 24, 10, 70, 10, 60, 5, 5)]
    assert rows.read(HALO, *BY_CURVE) == [(30.0, 30.0, 14.0, 46.0)]
    assert rows.read(HALO, *BY_SIBLINGS) == [(12.0, 48.0, pytest.approx(60 - 18.4), pytest.approx(60 - 5.6))]
    assert rows.read(HALO, "post_id", "spend_micros", "currency", "evidence") == [
        ("boosted", 5_000_000, "EUR", "observational")
    ]


def test_four_posts_are_too_few_to_say_what_was_to_be_expected(rows: Rows) -> None:
    boosted(rows, {0: 10, 12: 70})
    siblings(rows, 4)
    assert rows.read(HALO, "organic", "siblings", "curves", *BY_CURVE, *BY_SIBLINGS) == [(60, 4, 4, *[None] * 8)]


def test_of_posts_without_anything_before_there_is_no_curve(rows: Rows) -> None:
    boosted(rows, {0: 10, 12: 70})
    siblings(rows, 4)
    published(rows, "silent", BOOSTED, {12: 12})
    assert rows.read(HALO, "siblings", "curves", *BY_CURVE) == [(5, 4, *[None] * 4)]
    assert rows.read(HALO, "expected_by_siblings") == [(12.0,)]


@pytest.mark.parametrize("before", [0, -2])
def test_a_post_that_had_nothing_before_has_no_curve_to_go_on(rows: Rows, before: int) -> None:
    boosted(rows, {5: before, 12: 70})
    siblings(rows, 5)
    assert rows.read(HALO, "before", "curves", "expected_by_curve", "expected_by_siblings") == [(before, 5, None, 12.0)]


def test_a_post_that_was_boosted_from_its_first_hour_is_compared_with_the_whole_of_others(rows: Rows) -> None:
    published(rows, "boosted", BOOSTED, {-1: 100, 0: 30})
    promoted(rows, "boosted")
    spent(rows, BOOSTED, reactions=10)
    newest(rows, BOOSTED + 60 * DAY)
    siblings(rows, 5)
    found = rows.read(HALO, "hours_before", "hours", "before", "total", "organic", "siblings", "curves", *BY_CURVE)
    assert found == [(0, 12, 0, 30, 20, 5, 0, *[None] * 4)]
    assert rows.read(HALO, *BY_SIBLINGS) == [(4.0, 16.0, 16.0, 16.0)]


def test_the_days_are_the_ad_accounts_and_an_hour_that_the_boost_begins_within_is_before_it(rows: Rows) -> None:
    published(rows, "boosted", BOOSTED, {6: 5, 7: 40})
    promoted(rows, "boosted")
    spent(rows, BOOSTED + DAY, zone="Asia/Kolkata")
    newest(rows, BOOSTED + 60 * DAY)
    begins = BOOSTED.replace(hour=18, minute=30)
    found = rows.read(HALO, "boosted_from", "boosted_until", "hours_before", "hours", "before", "total")
    assert found == [(begins, begins + DAY, 7, 24, 5, 40)]


def test_hours_that_are_not_over_are_not_judged(rows: Rows) -> None:
    boosted(rows, {0: 10, 12: 20, 20: 9})
    rows.connection.execute("DELETE FROM analytics.engagement_by_account_hour")
    newest(rows, BOOSTED + 20 * HOUR)
    published(rows, "as old", BOOSTED + timedelta(minutes=59), {13: 3})
    published(rows, "younger", BOOSTED + HOUR, {13: 3})
    assert rows.read(HALO, "hours_before", "hours", "total", "siblings") == [(12, 8, 20, 1)]
    newest(rows, BOOSTED + 21 * HOUR)
    assert rows.read(HALO, "hours", "total", "siblings") == [(9, 29, 1)]
    spent(rows, BOOSTED + 2 * DAY, reactions=1000)
    assert rows.read(HALO, "boosted_until", "paid") == [(BOOSTED.replace(hour=0) + 2 * DAY, 10)]


def test_a_boost_whose_first_hour_is_not_over_has_no_row(rows: Rows) -> None:
    boosted(rows, {0: 10})
    rows.connection.execute("DELETE FROM analytics.engagement_by_account_hour")
    newest(rows, BOOSTED + 12 * HOUR)
    assert rows.read(HALO, "post_id") == []


def test_days_before_the_publication_and_days_that_are_too_late_do_not_count(rows: Rows) -> None:
    boosted(rows, {0: 10, 671: 4, 672: 100})
    spent(rows, BOOSTED - DAY, 7, reactions=1000)
    spent(rows, BOOSTED + 28 * DAY, 20_000_000, reactions=2)
    spent(rows, BOOSTED + 29 * DAY, 7, reactions=1000)
    spent(rows, BOOSTED + 3 * DAY, 0, reactions=1000)
    assert rows.read(HALO, "hours_before", "hours", "spend_micros", "paid", "total") == [(12, 660, 25_000_000, 12, 4)]


def test_money_of_several_currencies_is_not_summed_and_nothing_came_by_itself_if_more_is_paid_than_seen(
    rows: Rows,
) -> None:
    boosted(rows, {0: 10, 12: 20})
    promoted(rows, "boosted", "ad2")
    spent(rows, BOOSTED + DAY, ad="ad2", currency="USD", reactions=15)
    assert rows.read(HALO, "spend_micros", "currency", "total", "paid", "organic") == [(None, None, 20, 25, 0)]


def test_only_posts_that_stand_and_were_seen_whole_are_judged(rows: Rows) -> None:
    boosted(rows, {0: 10, 12: 70})
    siblings(rows, 4)
    published(rows, "deleted", BOOSTED, {12: 5}, deleted_at="2026-11-01T00:00Z")
    published(rows, "too early", BOOSTED - 28 * DAY - HOUR, {12: 5})
    published(rows, "too late", BOOSTED + 28 * DAY + HOUR, {12: 5})
    published(rows, "promoted", BOOSTED, {12: 5})
    promoted(rows, "promoted", "ad of no spend")
    promoted(rows, "sibling 1", "an ad set promotes nothing", kind="adset")
    assert rows.read(HALO, "post_id", "siblings") == [("boosted", 4)]
    published(rows, "28 days later", BOOSTED + 28 * DAY, {12: 5})
    assert rows.read(HALO, "siblings") == [(5,)]
    rows.connection.execute("UPDATE analytics.accounts SET connected_at = %s", [BOOSTED])
    assert rows.read(HALO, "post_id") == []


def test_the_paid_part_has_no_kind_of_which_the_platform_tells_no_events(rows: Rows) -> None:
    rows.add_account(connected_at="2026-08-01T00:00Z", **INSTAGRAM)
    published(rows, "media", BOOSTED, {}, **INSTAGRAM)
    hour = (BOOSTED + 12 * HOUR).isoformat()
    rows.add("engagement_by_post_hour", post_id="media", hour=hour, comments=9, **INSTAGRAM)
    newest(rows, BOOSTED + 60 * DAY, **INSTAGRAM)
    promoted(rows, "media", **INSTAGRAM)
    spent(rows, BOOSTED + DAY, reactions=100, comments=3, shares=10)
    assert rows.read(HALO, "platform", "total", "paid", "organic") == [("instagram", 9, 3, 6)]


NOW = START + 40 * DAY


def older(rows: Rows, number: int) -> None:
    """Posts of which the n-th had n engagements after a day, and three times as many after a week."""
    for n in range(1, number + 1):
        published(rows, f"older {n}", START + n * DAY, {3: n, 24: 2 * n, 168: 1000})
    newest(rows, NOW)


def young(rows: Rows, post: str, likes: int, age: int = 24) -> None:
    published(rows, post, NOW - age * HOUR, {age - 1: likes, age: 1000})


def test_a_post_that_does_better_than_nine_of_ten_did_is_a_candidate(rows: Rows) -> None:
    older(rows, 11)
    young(rows, "great", 12)
    young(rows, "good", 10)
    found = rows.read(CANDIDATES, "post_id", "age_hours", "engagements", "usual_engagements", "unusual_engagements")
    assert found == [("great", 24, 12, 6.0, 10.0)]
    assert rows.read(CANDIDATES, "lift", "siblings", "expected_engagements") == [(2.0, 11, 36.0)]
    columns = ("boosts", "currency", "usual_spend_micros", "engagement_cost_micros", "expected_extra_engagements")
    assert rows.read(CANDIDATES, *columns) == [(0, None, None, None, None)]


def test_nine_posts_do_not_tell_what_is_usual(rows: Rows) -> None:
    older(rows, 9)
    young(rows, "great", 100)
    assert rows.read(CANDIDATES, "post_id") == []
    published(rows, "the tenth", START + 12 * DAY)
    assert rows.read(CANDIDATES, "post_id", "siblings", "expected_engagements") == [("great", 10, 300.0)]


def test_nine_engagements_are_too_few(rows: Rows) -> None:
    for n in range(10):
        published(rows, f"silent {n}", START + n * DAY)
    newest(rows, NOW)
    young(rows, "nine", 9)
    young(rows, "ten", 10)
    found = rows.read(CANDIDATES, "post_id", "usual_engagements", "lift", "expected_engagements")
    assert found == [("ten", 0.0, None, None)]


def test_a_candidate_is_of_the_last_week_and_is_compared_with_what_is_older(rows: Rows) -> None:
    older(rows, 10)
    young(rows, "a week old", 100, 168)
    young(rows, "older than a week", 100, 169)
    young(rows, "this hour", 100, 0)
    young(rows, "an hour ago", 100, 1)
    found = rows.read(CANDIDATES, "post_id", "age_hours", "engagements", "siblings")
    assert found == [("a week old", 168, 100, 11), ("an hour ago", 1, 100, 11)]


def test_posts_of_long_ago_do_not_tell_what_is_usual_now(rows: Rows) -> None:
    rows.connection.execute("UPDATE analytics.accounts SET connected_at = '2026-01-01'")
    older(rows, 9)
    young(rows, "great", 100)
    published(rows, "too long ago", NOW - 2161 * HOUR)
    assert rows.read(CANDIDATES, "post_id") == []
    published(rows, "just in time", NOW - 2160 * HOUR)
    assert rows.read(CANDIDATES, "siblings") == [(10,)]


def test_a_post_with_an_ad_is_no_candidate_whatever_was_spent(rows: Rows) -> None:
    older(rows, 10)
    young(rows, "great", 100)
    promoted(rows, "great")
    assert rows.read(CANDIDATES, "post_id") == []


def test_a_post_that_does_not_stand_or_was_not_seen_whole_is_no_candidate(rows: Rows) -> None:
    older(rows, 10)
    published(rows, "deleted", NOW - DAY, {0: 100}, deleted_at="2026-11-01T00:00Z")
    published(rows, "draft", NOW - DAY, {0: 100}, is_published=False)
    assert rows.read(CANDIDATES, "post_id") == []
    young(rows, "great", 100)
    rows.connection.execute("UPDATE analytics.accounts SET connected_at = %s", [START + 5 * DAY])
    assert rows.read(CANDIDATES, "post_id") == []


def costs(rows: Rows, *boosts: tuple[str, int, int]) -> None:
    """Posts that were boosted: currency, spend and paid engagements of each."""
    for number, (currency, micros, engagements) in enumerate(boosts):
        published(rows, f"boosted {number}", START + number * DAY)
        promoted(rows, f"boosted {number}", f"ad {number}")
        spent(rows, START + (number + 1) * DAY, micros, f"ad {number}", currency=currency, reactions=engagements)


def test_earlier_boosts_tell_what_another_may_bring(rows: Rows) -> None:
    older(rows, 10)
    young(rows, "great", 100)
    costs(rows, ("EUR", 30, 6), ("EUR", 10, 2), ("EUR", 200, 40), ("USD", 999, 1))
    spent(rows, START + 3 * DAY, 20, "ad 0", currency="EUR", shares=4)
    columns = ("boosts", "currency", "usual_spend_micros", "engagement_cost_micros", "expected_extra_engagements")
    assert rows.read(CANDIDATES, *columns) == [(3, "EUR", 50.0, 5.0, 10.0)]


def test_of_two_currencies_the_one_of_more_boosts_counts_and_of_equals_the_smaller_code(rows: Rows) -> None:
    older(rows, 10)
    young(rows, "great", 100)
    costs(rows, ("USD", 30, 0), ("EUR", 10, 0))
    columns = ("boosts", "currency", "usual_spend_micros", "engagement_cost_micros", "expected_extra_engagements")
    assert rows.read(CANDIDATES, *columns) == [(1, "EUR", 10.0, None, None)]
    spent(rows, START + 3 * DAY, 50, "ad 1", currency="USD", reactions=4)
    assert rows.read(CANDIDATES, *columns) == [(2, "USD", 40.0, 20.0, 2.0)]


def test_accounts_are_not_compared_with_each_other(rows: Rows) -> None:
    older(rows, 9)
    young(rows, "great", 100)
    boosted(rows, {0: 10, 12: 70})
    for n in range(3):
        rows.add_account(connected_at="2026-08-01T00:00Z", platform="facebook", account_id=f"other {n}")
        for m in range(4):
            published(rows, f"of another {m}", START + m * DAY, {0: 5}, platform="facebook", account_id=f"other {n}")
        newest(rows, NOW, platform="facebook", account_id=f"other {n}")
    assert rows.read(CANDIDATES, "post_id") == []
    assert rows.read(HALO, "account_id", "post_id") == [("1", "boosted")]
