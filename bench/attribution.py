"""The paid leg alone, in this process: touches, orders and links of many people, ads told again, and what is read back.

`events` touches by `people` people, by default a fifth as many, with `orders` orders, by default a fiftieth, over 100
days and 50 channels; a fifth of the orders is by a customer who turns out to be the visitor. Time goes on with them, so
that what is late is forgotten as the processor does it. The oracle notes the last touch before each order.
"""

import gc
import os
import sys
import time
from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from random import Random

import msgspec

from bench.field import Sizes
from bench.fold import BATCH, FLUSH
from bench.report import Figure, Outcome
from contracts import tables, topics
from contracts.codec import encode
from contracts.config import Attribution, Brand, ChannelRule, Config, Partitions
from contracts.events import SCHEMA, TICK_KEY, Tick
from contracts.paid import AdFact, AdResult, Hints, Link, Order, PaidFact, Touch
from ingest.records import Record as Told
from ingest.records import Records
from processors.attribution.paid import processor
from processors.engine.state import PartitionState, Record
from processors.engine.worker import settle_young

START, DAYS, DAY_MS = 1_790_000_000_000, 100, 86_400_000
CHANNELS, CAMPAIGNS_EACH, RESTATED_DAYS = 50, 4, 28
PEOPLE_EACH, ORDERS_EACH, ADS = 5, 50, 5_000
"""Touches for each person and for each order, unless told otherwise; ads at most."""
LOOKBACK_MS = 30 * DAY_MS
DECIDE = 5_000
"""So many touches later, of all people, one buys."""
_CREDITS = tables.load()["attribution_credits"].topic


class _Credit(msgspec.Struct):
    order_id: str
    touch_id: str
    model: str


_read_credit = msgspec.json.Decoder(_Credit).decode

Log = dict[tuple[str, bytes], bytes]


class Market:
    """What happens, in the order of time. `expected`: order -> the touch that led to it last."""

    def __init__(self, touches: int, people: int, orders: int) -> None:
        self.expected: dict[str, str] = {}
        self._touches, self._people, self._each = touches, people, touches // orders
        self._step = DAYS * DAY_MS // touches
        self._rng = Random(1)
        self._last = array("q", [-1]) * people
        self._recent: deque[int] = deque(maxlen=DECIDE)

    def told(self) -> Iterator[PaidFact]:
        for number in range(self._touches):
            yield self._touch(number, START + number * self._step)
            if number % self._each == 0 and self._last[self._recent[0]] >= 0:
                yield from self._bought(number, START + number * self._step, self._recent[0])

    def _touch(self, number: int, at: int) -> Touch:
        rng = self._rng
        who = rng.randrange(self._people)
        channel = rng.randrange(CHANNELS)
        hints = Hints(f"s{channel}", "cpc", f"c{channel}-{rng.randrange(CAMPAIGNS_EACH)}")
        self._last[who] = number
        self._recent.append(who)
        return Touch(SCHEMA, "b", "w", f"{number:032x}", "click", at, at, "granted", hints, f"v{who:030}")

    def _bought(self, number: int, at: int, who: int) -> Iterator[PaidFact]:
        by_login = number // self._each % 5 == 0
        visitor, customer, order = f"v{who:030}", f"k{who:030}" if by_login else None, f"o{number}"
        if customer:
            yield Link(SCHEMA, "b", f"l{number}", visitor, customer, at, at, "order")
        last, self._last[who] = self._last[who], -1
        if START + last * self._step >= at - LOOKBACK_MS:
            self.expected[order] = f"{last:032x}"
        worth = 10**7 + number
        yield Order(
            SCHEMA, "b", "web", "w", order, 1, "paid", at, at, "EUR", worth, customer_id=customer, visitor_id=visitor
        )


def config() -> Config:
    """One brand in one partition, whose channels are told by their sources."""
    rules = tuple([ChannelRule(f"channel{number}", source=(f"s{number}",)) for number in range(CHANNELS)])
    return Config(brands={"b": Brand("b")}, partitions=Partitions(paid=1), attribution=Attribution(channels=rules))


def run(sizes: Sizes) -> Outcome:
    """One run, whatever `sizes` say: the kinds of work follow each other in one state."""
    people, orders = sizes.people or sizes.events // PEOPLE_EACH, sizes.orders or sizes.events // ORDERS_EACH
    market, records = Market(sizes.events, people, orders), Records(config().partitions)
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000_000, 50, 1000)  # as the worker does after its recovery
    held, log = _resident(), Log()
    state = processor(config()).new_state(0, 0, 1)
    folding = writing = 0.0
    told, count, took = market.told(), 0, [0.0]
    while facts := list(islice(told, FLUSH)):
        count += len(facts)
        folding += _fold(state, (records.of_fact(fact) for fact in facts)) + _ticked(state, facts)
        took.append(_flush(state, log, count))
        writing += took[-1]
    credited = [value for (topic, _), value in log.items() if topic == _CREDITS]
    memory = (_resident() - held - _size(log)) / 1e6
    now = START + (DAYS + 1) * DAY_MS
    state.fold(topics.TOUCHES.name, [(0, TICK_KEY, encode(Tick(SCHEMA, now)))])
    daily = _flush(state, log, count)
    one_more = Touch(SCHEMA, "b", "w", "more", "click", now, now, "granted", Hints("s1", "cpc"), "v1")
    _fold(state, [records.of_fact(one_more)])
    refresh = _flush(state, log, count)
    recovery = _recovered(log)
    ads = min(ADS, sizes.events // 50)
    first, again = (_restated(state, records, log, ads, spend) for spend in (1, 2))
    figures = [
        Figure("fold, decoding included", "us a record", [folding / count * 1e6]),
        Figure("encode what changed", "us a record", [writing / count * 1e6]),
        Figure("both", "CPU s a million", [(folding + writing) / count * 1e6]),
        Figure("records by CPU time", "/s", [count / (folding + writing)]),
        Figure(f"slowest flush, of {FLUSH:,} records", "CPU s", [max(took)]),
        Figure(f"a flush of one touch, {CHANNELS} channels solved", "CPU s", [refresh], at_most=1),
        Figure("the daily forgetting", "CPU s", [daily]),
        Figure("memory", "MB", [memory]),
        Figure("memory a touch", "bytes", [memory / sizes.events * 1e6]),
        Figure("reading back", "CPU s", [recovery]),
        Figure(f"{RESTATED_DAYS} days of {ads:,} ads, told first", "CPU s", [first]),
        Figure("the same, restated", "CPU s", [again], at_most=10),
    ]
    wrong = _wrong(credited, market.expected)
    notes = {"people": people, "orders": orders, "rows": len(log), "entries": state.entries()}
    return Outcome("attribution", count, len(market.expected), wrong, figures, notes)


def _fold(state: PartitionState, records: Iterable[Told]) -> float:
    """CPU seconds of folding these records, topic by topic."""
    by_topic: dict[str, list[Record]] = {}
    for topic, _, key, value in records:
        by_topic.setdefault(topic, []).append((0, key, value))
    began = time.process_time()
    for topic, found in by_topic.items():
        for at in range(0, len(found), BATCH):
            state.fold(topic, found[at : at + BATCH])
    return time.process_time() - began


def _ticked(state: PartitionState, facts: list[PaidFact]) -> float:
    """CPU seconds of telling that it is as late as the last of these touches."""
    now = max(fact.occurred_at for fact in facts if isinstance(fact, Touch))
    began = time.process_time()
    state.fold(topics.TOUCHES.name, [(0, TICK_KEY, encode(Tick(SCHEMA, now)))])
    return time.process_time() - began


def _flush(state: PartitionState, log: Log, version: int) -> float:
    """CPU seconds of writing what changed."""
    began = time.process_time()
    changes = list(state.changes(version))
    settle_young()
    took = time.process_time() - began
    for topic, key, value in changes:
        if value is None:
            log.pop((topic, key), None)
        else:
            log[topic, key] = value
    return took


def _restated(state: PartitionState, records: Records, log: Log, ads: int, spend: int) -> float:
    """CPU seconds of the figures of all ads and days, told once."""
    now, took = START + spend * 3_600_000, 0.0
    grains = [(ad, day) for ad in range(ads) for day in range(1, RESTATED_DAYS + 1)]
    for start in range(0, len(grains), FLUSH):
        facts = (
            AdFact(
                *(SCHEMA, "b", "meta_ads", "a", "ad", f"ad{ad}", f"day:2026-09-{day:02}", "EUR", "Europe/Berlin"),
                *(now, now, "run"),
                spend_micros=spend * 10**6 + ad,
                impressions=1000 * spend,
                results=(AdResult("purchase", "default", 10**6, spend * 10**7),),
            )
            for ad, day in grains[start : start + FLUSH]
        )
        took += _fold(state, map(records.of_fact, facts)) + _flush(state, log, start)
    return took


def _recovered(log: Log) -> float:
    """CPU seconds until a new state could fold on."""
    by_topic: dict[str, list[Record]] = {topics.STATE_PAID.name: []}
    for (topic, key), value in log.items():
        by_topic.setdefault(topic, []).append((0, key, value))
    gc.disable()  # as while the worker recovers
    began = time.process_time()
    state = processor(config()).new_state(0, 0, 1)
    for topic, found in by_topic.items():
        for at in range(0, len(found), BATCH):
            state.load(topic, found[at : at + BATCH])
    changed = len(list(state.changes(0)))
    took = time.process_time() - began
    gc.enable()
    assert not changed, "what was read back is what was written"
    return took


def _wrong(credited: Iterable[bytes], expected: dict[str, str]) -> int:
    """Orders whose last touch is another than the oracle's."""
    found = [_read_credit(value) for value in credited]
    last = {credit.order_id: credit.touch_id for credit in found if credit.model == "last_touch"}
    return len(last.items() ^ expected.items())


def _size(log: Log) -> int:
    """Bytes that the log itself takes, as Python allots them."""
    parts = ((place, place[1], value) for place, value in log.items())
    return sys.getsizeof(log) + sum(-(-sys.getsizeof(part) // 16) * 16 for one in parts for part in one) + 16 * len(log)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
