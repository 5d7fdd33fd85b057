"""What is wrong with a brand's money shows as gauges, by the sink's own role, and goes when it is right again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest

from deploy.local.stack import LocalStack
from runtime.instruments import Instruments
from sinks.postgres.signals import Signals
from tests.integration.panel_data import put
from tests.integration.sink_run import as_role

BRAND = {"brand": "acme"}
ACCOUNT = BRAND | {"platform": "meta_ads", "ad_account_id": "a1"}


@pytest.fixture
def connection(dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("TRUNCATE analytics.ad_facts, analytics.ad_entities, analytics.touches_by_campaign_day")
        yield connection


@pytest.fixture
def shown(dsn: str, server: LocalStack) -> Iterator["Shown"]:
    with psycopg.connect(as_role(dsn, server.dsn("writer")), autocommit=True) as writer:
        yield Shown(writer)


def day_of_ad(connection: psycopg.Connection, day: int, spend: int, campaign: str = "c1", clicks: int = 0) -> None:
    on = date(2026, 9, day)
    row: dict[str, Any] = {"level": "ad", "entity_id": f"of {campaign}", "period": f"day:{on}", "day": on}
    row |= {"campaign_id": campaign, "currency": "EUR", "zone": "UTC", "spend_micros": spend, "link_clicks": clicks}
    put(connection, "ad_facts", ACCOUNT | row | {"as_of": datetime(2026, 9, 30, tzinfo=UTC)})


def budget(connection: psycopg.Connection, campaign: str, micros: int, status: str = "ACTIVE") -> None:
    span = {"starts_at": "2026-09-01T00:00Z", "ends_at": "2026-09-11T00:00Z", "as_of": "2026-09-01T00:00Z"}
    row = {"kind": "campaign", "entity_id": campaign, "effective_status": status, "lifetime_budget_micros": micros}
    put(connection, "ad_entities", ACCOUNT | row | span)


class Shown:
    """The gauges, and the views read as the sink reads them."""

    def __init__(self, writer: psycopg.Connection) -> None:
        self._instruments = Instruments()
        self._signals = Signals(self._instruments)
        self._writer = writer

    def read(self) -> None:
        self._signals.show(self._writer)

    def value(self, name: str, **labels: str) -> float | None:
        return self._instruments.registry.get_sample_value(f"engagement_{name}", BRAND | labels)


def test_of_the_newest_week_it_shows_what_leads_nowhere(connection: psycopg.Connection, shown: Shown) -> None:
    for day, clicks in ((10, 1000), (14, 30), (20, 50)):
        day_of_ad(connection, day, 1, clicks=clicks)
    arrived = BRAND | {"site_id": "s", "campaign_id": "c1", "day": date(2026, 9, 20), "touches": 7}
    put(connection, "touches_by_campaign_day", arrived)
    shown.read()
    found = {
        kind: (shown.value("tagging_checked", kind=kind), shown.value("tagging_broken", kind=kind))
        for kind in ("clicks", "touches", "purchases")
    }
    assert found == {"clicks": (80, 30), "touches": (7, 7), "purchases": (0, 0)}


def test_budgets_are_counted_by_their_pace(connection: psycopg.Connection, shown: Shown) -> None:
    for campaign, spend in (("fast", 65), ("slow", 35), ("kept", 55), ("paused", 99)):
        budget(connection, campaign, 100, "PAUSED" if campaign == "paused" else "ACTIVE")
        day_of_ad(connection, 5, spend, campaign)
    shown.read()
    assert [shown.value("budgets", pace=pace) for pace in ("fast", "slow", "kept")] == [1, 1, 1]


def test_what_is_over_is_shown_no_longer(connection: psycopg.Connection, shown: Shown) -> None:
    budget(connection, "c1", 100)
    day_of_ad(connection, 5, 90)
    shown.read()
    assert shown.value("budgets", pace="fast") == 1
    day_of_ad(connection, 11, 1)
    shown.read()
    assert shown.value("budgets", pace="fast") is None


def test_a_campaign_in_its_first_days_is_left_alone(connection: psycopg.Connection, shown: Shown) -> None:
    budget(connection, "c1", 100)
    day_of_ad(connection, 2, 90)
    shown.read()
    assert shown.value("budgets", pace="fast") is None
