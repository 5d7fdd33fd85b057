"""The views over the paid leg's tables, filled with what the ledger says of a market: their rows are the ledger's."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from contracts import tables
from deploy.grafana.relations import SCHEMA
from deploy.local.reconcile import compare, read
from ingest.simulator import population
from ingest.simulator.ledger import paid_buyers
from ingest.simulator.ledger.community import bits
from ingest.simulator.ledger.counting import Rows
from ingest.simulator.ledger.paid import PaidLedger
from ingest.simulator.ledger.paid_notes import PaidNotes
from ingest.simulator.market import ambassadors
from ingest.simulator.market.ambassadors import BUYING
from ingest.simulator.market.people import Crowd
from ingest.simulator.market.world import World
from ingest.simulator.population import BRANDS
from sinks.postgres import migrate
from tests.integration.panel_data import put
from tests.property.test_market_agrees_with_the_ledger import BEGINS_AT, CONFIGURED, SPAN, figures, told

VIEWS = (
    *("attributed_roas_by_campaign_day", "claimed_vs_attributed", "tagging_health_by_day", "organic_assists"),
    *("ad_performance_by_campaign_day", "brand_efficiency_day", "ad_fact_beliefs"),
    *("known_buyers", "ambassador_revenue", "engaged_purchases_by_day", "paid_on_loyal_by_day"),
)
IMPORTED = {
    "accounts": ("platform", "account_id"),
    "ambassador_codes": ("brand", "kind", "code"),
    "imported_buyers": ("brand", "platform", "actor_id", "customer_id"),
}
"""Tables that no processor writes, with their keys."""
PAGES = population.pages(Random(5), 20, BEGINS_AT)


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    directory, rng = tmp_path_factory.mktemp("market"), Random(5)
    notes, world = PaidNotes(directory), World(5, BEGINS_AT, 0.004, SPAN, {"alder": ["100000000001001_9001"]})
    for account in CONFIGURED.accounts:
        columns = {"brand": account.brand, "name": account.name, "zone": account.zone, "currency": account.currency}
        notes.configured(account.platform, account.id, connected_at=0, **columns)
    for site in CONFIGURED.sites:
        notes.site(site.id, site.brand, site.zone)
    buyers = {brand: [Crowd(brand, 100).person(number) for number in range(BUYING + 1)] for brand in BRANDS}
    for note in ambassadors.notes(PAGES, buyers):
        notes.told(*note)
    _play(world, notes, rng)
    tables = _evaluated(directory)
    for page in PAGES:
        about = {"brand": page.brand, "name": page.name, "zone": page.zone, "currency": page.currency}
        tables["accounts"]["facebook", page.id] = about | {"connected_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}
    tables["community_members"] = _members(rng)
    return tables | paid_buyers.views(tables)


def _members(rng: Random) -> Rows:
    """Of each circle some are members of some pages; of some the days of the orders are long gone."""
    ends = dt.datetime.fromtimestamp(BEGINS_AT + SPAN, dt.UTC).date()
    rows: Rows = {}
    for page in PAGES:
        for person in ambassadors.circle(PAGES, page.brand):
            if person == ambassadors.STRANGER or rng.random() < 0.8:
                continue
            last = ends + dt.timedelta(days=rng.choice((-90, -62, -20, -1, 0, 3, 40, 63, 90)))
            rows["facebook", page.id, person] = {
                "first_seen_day": last - dt.timedelta(days=90),
                "last_seen_day": last,
                "recent_days": bits([0, *rng.sample(range(64), rng.choice((0, 1, 30)))]),
                "level": rng.choice((0, 3, 6, 7, 12)),
                "is_ambassador": rng.random() < 0.3,
            }
    return rows


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
        for name, key_columns in IMPORTED.items():
            for key, row in truth[name].items():
                insert(connection, name, dict(zip(key_columns, key, strict=True)) | row)
        connection.execute(f"SET search_path = {SCHEMA}")
        yield connection


def insert(connection: psycopg.Connection, table: str, row: Mapping[str, Any]) -> None:
    connection.execute(
        f"INSERT INTO analytics.{table} ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})".encode(),
        list(row.values()),
    )


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
    for number in ("by_code", "by_link", "level"):
        assert any(row[number] for row in truth["ambassador_revenue"].values()), number
    assert {key[-1] for key in truth["known_buyers"]} == {"import", "personal_code"}
    sums = Counter[str]()
    for row in truth["engaged_purchases_by_day"].values():
        sums.update({name: number for name, number in row.items() if name.endswith("_purchases")})
    assert sums["linked_purchases"] > sums["judged_purchases"] > sums["engaged_purchases"] > 0
    assert sums["paid_purchases"] > sums["paid_judged_purchases"] > sums["paid_engaged_purchases"] > 0
    assert any(row["spend_on_loyal_micros"] for row in truth["paid_on_loyal_by_day"].values())
    assert sum(row["assisted_purchases"] for row in truth["organic_assists"].values())
