"""Posts of a simulated Facebook, promoted by ads of a simulated market for weeks: what the views say of boosts is what
the ledgers of both say."""

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random

import psycopg
import pytest

from contracts import tables
from deploy.local.reconcile import compare, read
from deploy.local.trial import merged
from ingest.simulator.ledger import Ledger, Notes
from ingest.simulator.ledger.counting import Row, Rows
from ingest.simulator.ledger.paid import PaidLedger
from ingest.simulator.ledger.paid_boosts import boosts
from ingest.simulator.ledger.paid_notes import PaidNotes
from ingest.simulator.market import insights
from ingest.simulator.market.world import World as Market
from ingest.simulator.posts import Post
from ingest.simulator.social import account
from ingest.simulator.story import Story
from ingest.simulator.world import Scale, World
from sinks.postgres import migrate

DAY = 86_400
BEGINS_AT, DAYS, MARKET_DAY = 1_790_000_000, 36, 20
ENDS_AT, MARKET_AT = BEGINS_AT + DAYS * DAY, BEGINS_AT + MARKET_DAY * DAY
SCALE = Scale(7_000 / DAYS / DAY, DAY / 8, DAYS * DAY, pages=2, old_posts=20, people=900)
VIEWS = ("paid_halo", "boost_candidates")
FILLED = ("posts", "engagement_by_post_hour", "engagement_by_account_hour", "ad_entities", "ad_facts")


def played(directory: Path) -> World:
    """Weeks of two pages; everything is told as it happens, and the posts are read in the end."""
    world = World(8, BEGINS_AT, SCALE)
    with Notes(directory) as notes:
        for page in world.pages:
            notes.account(page.id, zone=page.zone, connected_at=page.connected_at * 1000)
        for happening in Story(world).until(ENDS_AT):
            if happening.fact:
                notes.delivered(happening.at * 1000, [(notes.fact(happening.fact), True)])
        for post in world.posts.values():
            notes.content(ENDS_AT * 1000, post.page.id, [(post.id, shown(post))])
            if post.deleted_at:
                notes.deleted(post.deleted_at * 1000, post.page.id, post.id)
    return world


def shown(post: Post) -> Row:
    unread = dict.fromkeys(("text_length", "platform_updated_at", "promotion_status"))
    told = {"published_at": post.created_at * 1000, "permalink": post.permalink, "format": post.format}
    return told | unread | {"is_published": True, "hashtags": [], "mentions": [], "links": []}


def chosen(world: World) -> dict[str, list[str]]:
    """Brand -> what it promotes: posts from before its page was connected, and of the weeks before the ads begin."""
    found: dict[str, list[str]] = {}
    for page in world.pages:
        young = [post for post in world.posts_of[page.id] if post.created_at < MARKET_AT]
        found[page.brand] = [post.id for post in Random(1).sample(young, 12)]
    return found


def advertised(directory: Path, posts: dict[str, list[str]]) -> None:
    """Every ad of the market, and its days: the one ad account is read until the end, the others not so long."""
    market = Market(8, MARKET_AT, 0.001, 1.0, posts)
    with PaidNotes(directory) as notes:
        for number, book in enumerate(market.books):
            owner = {"brand": book.account.brand, "platform": "meta_ads", "account": book.account.id}
            for _, _, ad in book.ads():
                row = {"kind": "ad", "entity": ad.id, "as_of": MARKET_AT * 1000}
                if ad.post:
                    place = {"post_account_id": ad.post.partition("_")[0], "post_id": ad.post}
                    row |= {"post_platform": "facebook", **place}
                notes.told("entity", owner | row)
            now = ENDS_AT - number * 4 * DAY
            until = insights.local_date(now, book.account.zone)
            for told in insights.daily(8, book, "ad", until - dt.timedelta(days=40), until, now):
                notes.told(*told.note)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, dict[str, Rows]]:
    directory = tmp_path_factory.mktemp("ledgers")
    world = played(directory / "facebook")
    advertised(directory / "market", chosen(world))
    ledgers = Ledger.read(directory / "facebook"), PaidLedger.read(directory / "market")
    truth = merged(ledger.evaluate(now=ENDS_AT * 1000) for ledger in ledgers)
    return world, boosts(truth) | {name: dict(rows) for name, rows in truth.items()}


@pytest.fixture(scope="module")
def truth(made: tuple[World, dict[str, Rows]]) -> dict[str, Rows]:
    return made[1]


@pytest.fixture(scope="module")
def connection(postgres_dsn: str, made: tuple[World, dict[str, Rows]]) -> Iterator[psycopg.Connection]:
    migrate.migrate(postgres_dsn)
    world, truth = made
    months = [int(ENDS_AT - days * DAY) * 1000 for days in range(0, DAYS + 30, 25)]
    with psycopg.connect(postgres_dsn) as connection:
        migrate.upsert_accounts(connection, [account("facebook", page) for page in world.pages])
        for name in FILLED:
            if tables.load()[name].range_partitioned:
                connection.execute("SELECT pipeline.ensure_partitions(%s, %s)", [name, months])
            fill(connection, name, truth[name])
        for view in VIEWS:
            connection.execute("SELECT pipeline.refresh_view(%s, true)", [view])
        yield connection


def fill(connection: psycopg.Connection, table: str, rows: Rows) -> None:
    """The ledger's rows, as the sink writes them: what a platform never tells is 0 in the table itself."""
    declared = tables.load()[table]
    values = [column for column in declared.wire_columns if column not in declared.key]
    names = ", ".join(f'"{column.name}"' for column in (*declared.key, *values))
    with connection.cursor().copy(f"COPY analytics.{table} ({names}, version, updated_at) FROM STDIN".encode()) as copy:
        for key, row in rows.items():
            told = [0 if row[c.name] is None and not c.nullable else row[c.name] for c in values]
            copy.write_row([*key, *told, 1, dt.datetime.fromtimestamp(ENDS_AT, dt.UTC)])


@pytest.mark.parametrize("view", VIEWS)
def test_a_views_rows_are_the_ledgers(connection: psycopg.Connection, truth: dict[str, Rows], view: str) -> None:
    compared = compare(truth[view], read(connection, view, truth[view]))
    assert compared.fault is None
    assert [str(mismatch) for mismatch in islice(compared.mismatches, 5)] == []


def test_the_boosts_are_of_every_kind_that_is_judged_apart(truth: dict[str, Rows]) -> None:
    halo = truth["paid_halo"].values()
    assert sum(row["halo_by_curve"] is not None for row in halo) >= 3
    assert any(row["halo_by_curve"] is None for row in halo)
    assert any(row["hours_before"] == 0 for row in halo)
    assert any(row["currency"] is None for row in halo)
    assert len({row["hours"] for row in halo}) >= 5


def test_the_candidates_have_boosts_to_go_by(truth: dict[str, Rows]) -> None:
    candidates = truth["boost_candidates"].values()
    assert len({row["age_hours"] for row in candidates}) >= 2
    assert all(row["expected_extra_engagements"] > 0 for row in candidates)
