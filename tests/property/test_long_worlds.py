"""Ninety days of a world, told as Facebook tells it and at times far too late, give the rows that the ledger gives."""

import datetime as dt
import heapq
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random

import pytest

from contracts import identity, tables
from contracts.codec import encode
from contracts.config import Account, Brand, Config
from contracts.events import EngagementEvent
from contracts.outcome import Keep
from ingest.identity import pseudonymiser
from ingest.platforms import Receipt
from ingest.platforms.facebook.parse import parse
from ingest.simulator import wire
from ingest.simulator.ledger import Ledger, Notes, Tables
from ingest.simulator.population import Page
from ingest.simulator.story import Story
from ingest.simulator.wire import Change
from ingest.simulator.world import Scale, World
from processors.engagement.organic import Organic, processor
from processors.engine.state import Record
from tests.property import folding

BEGINS_AT = 1_790_000_000
DAY, FLUSH = 86_400, 6 * 3_600
DAYS = 90
KEY = "a key"
FACTS = 12_000
STREAMED = (
    *("engagement_by_post", "engagement_by_post_minute", "engagement_by_post_hour", "engagement_by_post_day"),
    *("engagement_by_account_minute", "engagement_by_account_hour", "engagement_by_account_day", "reactions_by_post"),
    *("inbound_comments", "engagement_anomalies", "community_members", "community_by_account_day"),
)
UNSENT = frozenset({"mentions", "mentions_removed", "owner_mentions"})
"""0 on the wire, unknown to readers."""
LATE_FOR_MINUTES = (0.02, 4 * DAY, 5 * DAY)
LATE_FOR_HOURS = (0.3, 40 * DAY, 50 * DAY)
"""(share, from, to), the latter of shares alone: what else comes so late can change hours that are no more judged."""


def config(pages: list[Page]) -> Config:
    connected = dt.datetime.fromtimestamp(BEGINS_AT, dt.UTC)
    accounts = tuple(Account("facebook", page.id, page.name, page.brand, connected, page.zone) for page in pages)
    return Config(brands={page.brand: Brand(page.brand) for page in pages}, accounts=accounts)


def deliveries(world: World, notes: Notes, chance: Random) -> Iterator[tuple[int, Change]]:
    """(second, change) in the order in which they are sent; what would come after the end never does."""
    waiting: list[tuple[int, int, Change]] = []
    order, story, ends_at = count(), Story(world), BEGINS_AT + DAYS * DAY
    for now in range(BEGINS_AT, ends_at + FLUSH, FLUSH):
        for happening in story.until(now):
            if happening.fact is None:
                continue
            happening.number = notes.fact(happening.fact)
            share, *pauses = LATE_FOR_HOURS if happening.item == "share" else LATE_FOR_MINUTES
            pause = chance.randrange(*pauses) if chance.random() < share else 1
            for change in wire.changes(happening, chance):
                heapq.heappush(waiting, (happening.at + pause, next(order), change))
        while waiting and waiting[0][0] <= min(now, ends_at):
            sent_at, _, change = heapq.heappop(waiting)
            notes.delivered(sent_at * 1000, [(change.number, change.names_actor)])
            yield sent_at, change


def event(change: Change, sent_at: int, accounts: dict[str, Account]) -> EngagementEvent:
    receipt = Receipt(
        sent_at * 1000, "webhook", "delivery", accounts, pseudonymiser(KEY, "facebook"), visitor=str, customer=str
    )
    (part,) = parse(wire.body(sent_at, [(change.page, [change.text])]), receipt)
    assert isinstance(part.outcome, Keep)
    assert isinstance(part.outcome.value, EngagementEvent)
    return part.outcome.value


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[folding.Rows, Tables]:
    """The rows of the fold as they stand in the end, and the ledger's tables."""
    directory: Path = tmp_path_factory.mktemp("ledger")
    world = World(5, BEGINS_AT, Scale(FACTS / DAYS / DAY, DAY / 8, DAYS * DAY, pages=6, old_posts=60, people=1_500))
    configured = config(world.pages)
    accounts = {account.id: account for account in configured.accounts}
    batches: list[list[Record]] = [[]]
    flushed, ends_at = BEGINS_AT, BEGINS_AT + DAYS * DAY
    with Notes(directory) as notes:
        for page in world.pages:
            notes.account(page.id, zone=page.zone, connected_at=page.connected_at * 1000)
        for sent_at, change in deliveries(world, notes, Random(6)):
            while sent_at > flushed + FLUSH:
                flushed += FLUSH
                batches.append([])
            one = event(change, sent_at, accounts)
            batches[-1].append(folding.tick(sent_at * 1000))
            batches[-1].append((sent_at, identity.account_key(one.platform, one.account_id), encode(one)))
    batches[-1].append(folding.tick(ends_at * 1000))
    state = processor(configured).new_state(0, 0, 1)
    assert isinstance(state, Organic)
    _, written = folding.fold(batches, state)
    expected = Ledger.read(directory).evaluate(
        now=ends_at * 1000, identity_key=KEY, retention={"minute": 3, "hour": 35}
    )
    return folding.latest(written), expected


def plain(value: object) -> object:
    """A value as it lies on the wire."""
    if isinstance(value, dt.datetime):
        return int(value.timestamp() * 1000)
    if isinstance(value, list):
        return tuple(value)
    return value.isoformat() if isinstance(value, dt.date) else value


@pytest.mark.parametrize("table", STREAMED)
def test_each_row_is_the_ledgers(played: tuple[folding.Rows, Tables], table: str) -> None:
    rows, expected = played
    names = [column.name for column in tables.load()[table].wire_columns]
    grain = len(tables.load()[table].key)
    got = {}
    for (topic, _), row in rows.items():
        if topic == f"agg.{table}":
            values = list(row.values())
            got[tuple(values[:grain])] = dict(zip(names[grain:], values[grain:], strict=True))
    wanted = {
        tuple(map(plain, key)): {name: 0 if name in UNSENT else plain(row[name]) for name in names[grain:]}
        for key, row in expected[table].items()
    }
    assert wanted
    assert {key: (row, got.get(key)) for key, row in wanted.items() if got.get(key) != row} == {}
    assert got.keys() == wanted.keys()
