"""What ads cost and claim beside what was bought: figures computed by hand, and what must not be counted twice."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from sinks.postgres import migrate
from tests.integration.view_rows import Rows, undone

DAY, NEXT_DAY = date(2026, 9, 20), date(2026, 9, 21)
WHOLE = 10**12
BRAND = {"brand": "acme"}
ACCOUNT = BRAND | {"platform": "meta_ads", "ad_account_id": "a1"}


@pytest.fixture(scope="module")
def dsn(postgres_dsn: str) -> str:
    migrate.migrate(postgres_dsn)
    return postgres_dsn


@pytest.fixture
def rows(dsn: str) -> Iterator[Rows]:
    with undone(dsn) as rows:
        yield rows


def spent(rows: Rows, micros: int, day: date = DAY, campaign: str = "c1", ad: str = "ad1", **values: Any) -> None:
    """A day of an ad."""
    row = ACCOUNT | {"level": "ad", "entity_id": ad, "period": f"day:{day}", "day": day, "campaign_id": campaign}
    rows.add_only(
        "ad_facts", **row | {"currency": "EUR", "zone": "UTC", "spend_micros": micros, "as_of": "2026-09-21"} | values
    )


def credited(rows: Rows, units: int, value: int, day: date = DAY, campaign: str = "c1", **values: Any) -> None:
    """What a campaign is credited with, by the day of the touch."""
    row = BRAND | {"model": "linear", "basis": "touch", "channel": "paid_social:facebook", "campaign": campaign}
    row |= {"currency": "EUR"} | values
    rows.add_only("attribution_by_campaign_day", **row, day=day, units=units, value_micros=value)
    del row["campaign"]
    held = rows.read("attribution_by_channel_day", "day", where=f"channel = '{row['channel']}' AND day = '{day}'")
    if not held:
        rows.add_only("attribution_by_channel_day", **row, day=day, units=units, value_micros=value)


ROAS = "attributed_roas_by_campaign_day"


def test_spend_stands_beside_what_the_campaign_is_credited_with_over_all_channels(rows: Rows) -> None:
    spent(rows, 15_000_000)
    spent(rows, 5_000_000, ad="ad2")
    credited(rows, 2 * WHOLE, 40_000_000)
    credited(rows, WHOLE // 2, 10_000_000, channel="paid_social:instagram")
    credited(rows, 9 * WHOLE, 90_000_000, basis="conversion")
    found = rows.read(ROAS, "campaign_id", "model", "spend_micros", "purchases", "value_micros", "roas")
    assert found == [("c1", "linear", 20_000_000, 2.5, 50_000_000, 2.5)]


def test_a_campaign_that_nobody_bought_through_has_no_return_and_one_without_spend_no_ratio(rows: Rows) -> None:
    spent(rows, 7_000_000, campaign="c2")
    spent(rows, 0, ad="ad2")
    credited(rows, WHOLE, 30_000_000)
    found = rows.read(ROAS, "campaign_id", "spend_micros", "units", "roas")
    assert found == [("c1", 0, WHOLE, None), ("c2", 7_000_000, 0, 0.0)]


def test_what_is_credited_on_another_day_or_in_another_currency_is_set_against_no_spend(rows: Rows) -> None:
    spent(rows, 10)
    credited(rows, WHOLE, 30, day=NEXT_DAY)
    credited(rows, WHOLE, 40, currency="USD")
    credited(rows, WHOLE, 50, campaign="newsletter")
    found = rows.read(ROAS, "day", "currency", "spend_micros", "value_micros", "roas")
    assert found == [(DAY, "EUR", 10, 0, 0.0), (DAY, "USD", None, 40, None), (NEXT_DAY, "EUR", None, 30, None)]


def test_a_campaign_id_of_two_ad_accounts_is_credited_once(rows: Rows) -> None:
    spent(rows, 10)
    spent(rows, 10, ad_account_id="a2")
    credited(rows, WHOLE, 30)
    assert rows.read(ROAS, "ad_account_id", "value_micros") == [("a1", 30), ("a2", 0)]
