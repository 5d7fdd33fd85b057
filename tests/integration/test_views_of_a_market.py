"""The views over the paid leg's tables, filled with what the ledger says of a market: their rows are the ledger's."""

from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from contracts import tables
from deploy.grafana.relations import SCHEMA
from deploy.local.reconcile import compare, read
from ingest.simulator.ledger.counting import Rows
from ingest.simulator.ledger.paid import PaidLedger
from ingest.simulator.ledger.paid_notes import PaidNotes
from ingest.simulator.market.world import World
from sinks.postgres import migrate
from tests.integration.panel_data import put
from tests.property.test_market_agrees_with_the_ledger import BEGINS_AT, CONFIGURED, SPAN, figures, told

VIEWS = (
    *("attributed_roas_by_campaign_day", "claimed_vs_attributed", "tagging_health_by_day", "organic_assists"),
    *("ad_performance_by_campaign_day", "brand_efficiency_day", "ad_fact_beliefs"),
)


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    directory, rng = tmp_path_factory.mktemp("market"), Random(5)
    notes, world = PaidNotes(directory), World(5, BEGINS_AT, 0.004, SPAN, {"alder": ["100000000001001_9001"]})
    for account in CONFIGURED.accounts:
        columns = {"brand": account.brand, "name": account.name, "zone": account.zone, "currency": account.currency}
        notes.configured(account.platform, account.id, connected_at=0, **columns)
    for site in CONFIGURED.sites:
        notes.site(site.id, site.brand, site.zone)
    _play(world, notes, rng)
    return _evaluated(directory)


def _play(world: World, notes: PaidNotes, rng: Random) -> None:
    """Everything happens; of each ad account but one the campaigns are known."""
    for _ in (*told(world, notes, rng), *figures(world, notes)):
        pass
    for book in world.books[1:]:
        owner = {"brand": book.account.brand, "platform": "meta_ads", "account": book.account.id}
        for campaign in book.campaigns:
            row = {"kind": "campaign", "entity": campaign.id, "name": campaign.utm, "as_of": BEGINS_AT * 1000}
            notes.told("entity", owner | row)
    notes.flush()


def _evaluated(directory: Path) -> dict[str, Rows]:
    return PaidLedger.read(directory).evaluate(now=(BEGINS_AT + SPAN) * 1000)


@pytest.fixture(scope="module")
def connection(postgres_dsn: str, truth: dict[str, Rows]) -> Any:
    migrate.migrate(postgres_dsn)
    with psycopg.connect(postgres_dsn) as connection:
        for name, declared in tables.load().items():
            for key, row in truth.get(name, {}).items():
                named = dict(zip([column.name for column in declared.key], key, strict=True))
                put(connection, name, named | row)
        connection.execute(f"SET search_path = {SCHEMA}")
        yield connection


@pytest.mark.parametrize("view", VIEWS)
def test_a_views_rows_are_the_ledgers(connection: psycopg.Connection, truth: dict[str, Rows], view: str) -> None:
    compared = compare(truth[view], read(connection, view, truth[view]))
    assert compared.fault is None
    assert [str(mismatch) for mismatch in compared.mismatches] == []


def test_the_market_has_what_the_views_are_about(truth: dict[str, Rows]) -> None:
    assert sum(row["eligible_overlap"] or 0 for row in truth["claimed_vs_attributed"].values())
    assert any(row["roas"] for row in truth["attributed_roas_by_campaign_day"].values())
    for share in ("unlanded_clicks", "unknown_touches", "uncredited_purchases"):
        assert sum(row[share] for row in truth["tagging_health_by_day"].values()), share
    assert sum(row["assisted_purchases"] for row in truth["organic_assists"].values())
