"""A market without a network: what its shops and sites tell, in any order and more than once, folded by the processor;
its ad accounts read at several times. The rows are the ledger's."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any, get_args

import pytest

from contracts import topics
from contracts.codec import encode
from contracts.config import Brand, Config, Partitions
from contracts.events import SCHEMA, TICK_KEY, Tick
from contracts.paid import AdFact, Level, PaidFact
from ingest.records import Records
from ingest.simulator.ledger.paid import PaidLedger
from ingest.simulator.ledger.paid_notes import PaidNotes
from ingest.simulator.market import brands, insights
from ingest.simulator.market.world import World
from processors.attribution.paid import processor
from processors.engine.state import Change
from tests.integration.test_simulator_market import AD_ACCOUNTS, read
from tests.property import folding
from tests.property.test_fold_agrees_with_the_ledger import on_the_wire
from tests.unit.simulator.test_market_wire import heard

BEGINS_AT, SPAN = 1_790_000_000, 200_000
CONFIGURED = brands.configured(BEGINS_AT)
CONFIG = Config(
    brands={site.brand: Brand(site.brand) for site in CONFIGURED.sites},
    accounts=tuple(CONFIGURED.accounts),
    sites=tuple(CONFIGURED.sites),
    partitions=Partitions(paid=1),
)
TABLES = (
    *("conversions", "touches_by_campaign_day", "identity_links"),
    *("ad_facts", "ad_fact_history", "ad_results"),
    *("attribution_credits", "attribution_by_channel_day", "attribution_by_campaign_day"),
    *("channel_paths", "channel_transitions", "channel_removal_effects"),
)


def told(world: World, notes: PaidNotes, rng: Random) -> Iterator[PaidFact]:
    """Everything that the ledger notes, as records."""
    posted = [one for one in world.until(BEGINS_AT + SPAN) if rng.random() > 0.05]
    for one in [*posted, *rng.sample(posted, len(posted) // 10)]:
        for note in one.telling.told:
            notes.told(*note)
        yield from heard(one)  # type: ignore[misc]


def figures(world: World, notes: PaidNotes) -> Iterator[AdFact]:
    """The last days of each account, read four times while the world goes on."""
    by_id = {book.account.id: book for book in world.books}
    for now in range(BEGINS_AT, BEGINS_AT + SPAN, SPAN // 4):
        for account in AD_ACCOUNTS:
            until = insights.local_date(now, account.zone)
            for level in get_args(Level):
                rows = insights.daily(7, by_id[account.id], level, until - dt.timedelta(days=6), until, now)
                for row in rows:
                    notes.told(*row.note)
                yield from read(account, level, [row.shown for row in rows], now)


def rounded(rows: Iterable[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """The rows, with what is solved in floats to nine places."""
    return {tuple(round(value, 9) if isinstance(value, float) else value for value in row) for row in rows}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_processor_and_the_ledger_agree_on_every_row(tmp_path: Path, seed: int) -> None:
    rng, world = Random(seed), World(seed, BEGINS_AT, 0.004, SPAN, {"alder": ["100000000001001_9001"]})
    notes = PaidNotes(tmp_path)
    for account in CONFIGURED.accounts:
        columns = {"brand": account.brand, "name": account.name, "zone": account.zone, "currency": account.currency}
        notes.configured(account.platform, account.id, connected_at=0, **columns)
    for site in CONFIGURED.sites:
        notes.site(site.id, site.brand, site.zone)
    facts = [*told(world, notes, rng), *figures(world, notes)]
    rng.shuffle(facts)
    notes.flush()

    state, records = processor(CONFIG).new_state(0, 0, 1), Records(CONFIG.partitions)
    by_topic: dict[str, list[tuple[int, bytes, bytes | None]]] = defaultdict(list)
    for offset, fact in enumerate(facts):
        record = records.of_fact(fact)
        by_topic[record.topic].append((offset, record.key, record.value))
    written: list[Change] = []
    for number, (topic, found) in enumerate(by_topic.items()):
        state.fold(topic, found)
        written.extend(state.changes(number))
    now = (BEGINS_AT + SPAN) * 1000
    tick = Tick(SCHEMA, now)
    state.fold(topics.TOUCHES.name, [(len(facts), TICK_KEY, encode(tick))])
    written.extend(state.changes(len(by_topic)))
    rows = folding.latest(written)

    expected = PaidLedger.read(tmp_path).evaluate(now=now)
    for table in TABLES:
        got = rounded(tuple(row.values()) for (topic, _), row in rows.items() if topic == f"agg.{table}")
        assert got == rounded(on_the_wire(table, expected[table])), table
        assert got
