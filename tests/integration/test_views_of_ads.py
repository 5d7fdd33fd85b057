"""What ads cost and brought, rates and pacing: figures computed by hand, and what must not be counted twice."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.integration.view_rows import Rows

DAY = date(2026, 9, 20)
BERLIN = "Europe/Berlin"
ACCOUNT = {"brand": "acme", "platform": "meta_ads", "ad_account_id": "a1"}


def spent(rows: Rows, ad: str, micros: int, day: date | None = DAY, **values: Any) -> None:
    """A day of an ad of campaign c1."""
    row: dict[str, Any] = {
        "level": "ad",
        "entity_id": ad,
        "period": "lifetime" if day is None else f"day:{day}",
        "day": day,
        "campaign_id": "c1",
        "adset_id": "s1",
        "currency": "EUR",
        "zone": BERLIN,
        "spend_micros": micros,
        "as_of": "2026-09-21T06:00Z",
    }
    rows.add_only("ad_facts", **ACCOUNT, **row | values)


def budget(rows: Rows, entity: str = "c1", kind: str = "campaign", **values: Any) -> None:
    rows.add_only("ad_entities", **ACCOUNT, kind=kind, entity_id=entity, as_of="2026-09-01T00:00Z", **values)


def test_a_campaigns_day_is_the_sum_of_its_ads_with_its_own_reach_and_nothing_twice(rows: Rows) -> None:
    spent(rows, "ad1", 10_000_000, impressions=1000, clicks=20, reactions=3, saves=1, purchases_micros=1_500_000)
    spent(rows, "ad2", 5_000_000, impressions=500, clicks=5, reach=400, purchase_value_micros=45_000_000)
    spent(rows, "ad1", 6_000_000, impressions=600, breakdown="country=DE")
    spent(rows, "ad1", 99_000_000, day=None)
    spent(rows, "c1", 15_100_000, level="campaign", impressions=1510, reach=900)
    spent(rows, "a1", 15_100_000, level="account", campaign_id=None, reach=900)
    columns = ("campaign_id", "ads", "spend_micros", "impressions", "clicks", "reach", "engagements", "purchases")
    assert rows.read("ad_performance_by_campaign_day", *columns) == [("c1", 2, 15_000_000, 1500, 25, 900, 4, 1.5)]
    assert rows.read("ad_performance_by_campaign_day", "purchase_value_micros") == [(45_000_000,)]
    assert rows.read("ad_performance_by_ad_day", "ad_id", "spend_micros") == [("ad1", 10_000_000), ("ad2", 5_000_000)]


def test_a_campaign_of_which_no_ad_is_known_stands_for_itself(rows: Rows) -> None:
    spent(rows, "c9", 7_000_000, level="campaign", impressions=70, reach=60)
    budget(rows, "c9", name="Autumn")
    columns = ("campaign_id", "campaign_name", "ads", "spend_micros", "reach", "purchases")
    assert rows.read("ad_performance_by_campaign_day", *columns) == [("c9", "Autumn", 0, 7_000_000, 60, None)]


def test_a_day_begins_where_the_ad_account_is(rows: Rows) -> None:
    spent(rows, "ad1", 1)
    spent(rows, "ad1", 1, day=date(2026, 10, 26))
    begins = [datetime(2026, 9, 19, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)]
    assert rows.read("ad_performance_by_ad_day", "day_starts_at") == [(at,) for at in begins]


def test_rates_keep_what_was_divided_by_what(rows: Rows) -> None:
    figures: dict[str, Any] = {"purchases_micros": 3_000_000, "purchase_value_micros": 120_000_000, "reactions": 8}
    spent(rows, "ad1", 60_000_000, impressions=12_000, clicks=240, reach=8000, **figures)
    assert rows.read("ad_rates_by_ad_day", "definition", "numerator", "denominator", "rate") == [
        ("CPA", 60.0, 3.0, 20.0),
        ("CPC", 60.0, 240.0, 0.25),
        ("CPE", 60.0, 8.0, 7.5),
        ("CPM", 60.0, 12_000.0, 5.0),
        ("CPP", 60.0, 8000.0, 7.5),
        ("CTR", 240.0, 12_000.0, 0.02),
        ("CVR", 3.0, 240.0, 0.0125),
        ("ROAS", 120.0, 60.0, 2.0),
        ("frequency", 12_000.0, 8000.0, 1.5),
    ]


def test_a_rate_over_nothing_or_the_unknown_is_unknown(rows: Rows) -> None:
    spent(rows, "ad1", 0)
    found = rows.read("ad_rates_by_campaign_day", "definition", "denominator", "rate")
    assert {rate for _, _, rate in found} == {None}
    assert {name: below for name, below, _ in found if name in ("CPC", "CPP", "CPA")} == {
        "CPA": None,
        "CPC": 0.0,
        "CPP": None,
    }


def test_two_currencies_are_never_added(rows: Rows) -> None:
    spent(rows, "ad1", 5)
    spent(rows, "ad2", 7, currency="USD")
    found = rows.read("ad_performance_by_campaign_day", "currency", "spend_micros")
    assert found == [("EUR", 5), ("USD", 7)]


def test_roas_of_a_day_is_known_as_it_was_believed_at_any_time(rows: Rows) -> None:
    said = {"period": f"day:{DAY}", "day": DAY, "level": "ad", "entity_id": "ad1", "currency": "EUR", "zone": BERLIN}
    for as_of, value in (("2026-09-21T06:00Z", 20), ("2026-09-28T06:00Z", 30)):
        rows.add_only("ad_fact_history", **ACCOUNT, **said, as_of=as_of, spend_micros=10, purchase_value_micros=value)
    then, now = datetime(2026, 9, 21, 6, tzinfo=UTC), datetime(2026, 9, 28, 6, tzinfo=UTC)
    found = rows.read("ad_fact_beliefs", "believed_from", "believed_until", "roas")
    assert found == [(then, now, 2.0), (now, None, 3.0)]


def test_all_that_was_sold_is_set_against_all_that_was_spent(rows: Rows) -> None:
    spent(rows, "ad1", 50)
    order = {"brand": "acme", "source": "shopify", "shop_id": "s", "ordered_at": "2026-09-20T10:00Z", "day": DAY}
    for number, status, net in ((1, "paid", 150), (2, "paid", 50), (3, "cancelled", 0)):
        rows.add_only("conversions", **order, order_id=str(number), status=status, currency="EUR", net_micros=net)
    rows.add_only("conversions", **order, order_id="4", status="paid", currency="USD", net_micros=9)
    found = rows.read("brand_efficiency_day", "currency", "orders", "revenue_micros", "spend_micros", "mer")
    assert found == [("EUR", 2, 200, 50, 4.0), ("USD", 1, 9, None, None)]


def test_a_campaign_that_spends_its_budget_too_fast_is_seen(rows: Rows) -> None:
    """Ten of thirty days have gone, half of the budget is spent."""
    budget(
        rows,
        starts_at="2026-08-31T22:00Z",
        ends_at="2026-09-30T22:00Z",
        lifetime_budget_micros=300_000_000,
        name="Spring",
    )
    spent(rows, "ad1", 100_000_000, day=date(2026, 9, 1))
    spent(rows, "ad2", 50_000_000, day=date(2026, 9, 10))
    spent(rows, "ad3", 77, day=date(2026, 9, 10), campaign_id="c2")
    [found] = rows.read(
        "budget_pacing", "budget_kind", "first_day", "last_day", "through_day", "elapsed_days", "total_days"
    )
    assert found == ("lifetime", date(2026, 9, 1), date(2026, 9, 30), date(2026, 9, 10), 10, 30)
    [figures] = rows.read("budget_pacing", "spend_micros", "expected_micros", "pacing_percent", "projected_micros")
    assert figures == (150_000_000, *map(pytest.approx, (100e6, 150.0, 450e6)))


def test_a_daily_budget_of_an_ad_set_is_about_its_newest_day(rows: Rows) -> None:
    budget(rows, "s1", "adset", daily_budget_micros=20_000_000)
    spent(rows, "ad1", 90_000_000, day=date(2026, 9, 19))
    spent(rows, "ad1", 15_000_000)
    assert rows.read("budget_pacing", "kind", "spend_micros", "expected_micros", "pacing_percent") == [
        ("adset", 15_000_000, 20_000_000.0, 75.0)
    ]


def test_a_budget_without_an_end_or_before_its_beginning_has_no_pace(rows: Rows) -> None:
    budget(rows, "c1", starts_at="2026-09-01T00:00Z", lifetime_budget_micros=100)
    budget(rows, "c2", starts_at="2026-10-01T00:00Z", ends_at="2026-10-31T00:00Z", lifetime_budget_micros=100)
    spent(rows, "ad1", 10)
    found = rows.read("budget_pacing", "entity_id", "elapsed_days", "pacing_percent", "projected_micros")
    assert found == [("c1", 20, None, None), ("c2", 0, None, None)]
