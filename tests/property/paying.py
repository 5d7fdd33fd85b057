"""Random days of ads, visitors and orders, and a way to fold them and look at the rows."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from contracts import tables, topics
from contracts.codec import encode
from contracts.config import Account, Brand, Config, Site
from contracts.events import ERASE_KEY, SCHEMA, TICK_KEY, Erasure, Tick
from contracts.paid import AdEntity, AdFact, AdResult, Hints, Link, Order, PaidFact, Refund, Touch
from processors.attribution.paid import Paid, processor
from processors.engine.state import Change, Record

NOON = 1_790_000_000_000 - 1_790_000_000_000 % 86_400_000 + 12 * 3_600_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
ZONES = {("shopify", "s1"): "Pacific/Auckland", ("web", "w1"): "America/St_Johns"}
TIMES = tuple(NOON + hours * HOUR_MS for hours in (0, 1, 3, 15, 26))
TOPIC_OF: dict[type, str] = {
    AdFact: topics.AD_FACTS.name,
    AdEntity: topics.AD_ENTITIES.name,
    Touch: topics.TOUCHES.name,
    Order: topics.CONVERSIONS.name,
    Refund: topics.CONVERSIONS.name,
    Link: topics.LINKS.name,
}

Row = dict[str, Any]
Rows = dict[tuple[str, bytes], Row]


def config() -> Config:
    """A shop and a site whose days differ from each other and from UTC's."""
    since = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return Config(
        brands={"acme": Brand("Acme")},
        accounts=(Account("shopify", "s1", "Shop", "acme", since, ZONES["shopify", "s1"]),),
        sites=(Site("w1", "acme", ("k" * 16,), zone=ZONES["web", "w1"]),),
    )


def fact(**changes: Any) -> AdFact:
    """A day of an ad, as told at noon."""
    known: Row = {
        "schema": SCHEMA,
        "brand": "acme",
        "platform": "meta_ads",
        "account_id": "a1",
        "level": "ad",
        "entity_id": "ad1",
        "window": "day:2026-09-20",
        "currency": "EUR",
        "zone": "Europe/Berlin",
        "as_of": NOON,
        "received_at": NOON,
        "run_id": "r",
        "campaign_id": "c1",
    }
    return AdFact(**known | changes)


def entity(**changes: Any) -> AdEntity:
    """A campaign, as told at noon."""
    known: Row = {
        "schema": SCHEMA,
        "brand": "acme",
        "platform": "meta_ads",
        "account_id": "a1",
        "kind": "campaign",
        "entity_id": "c1",
        "as_of": NOON,
        "received_at": NOON,
    }
    return AdEntity(**known | changes)


def touch(**changes: Any) -> Touch:
    """A visit at noon."""
    known: Row = {
        "schema": SCHEMA,
        "brand": "acme",
        "site_id": "w1",
        "touch_id": "t1",
        "kind": "visit",
        "occurred_at": NOON,
        "received_at": NOON,
        "consent": "granted",
    }
    return Touch(**known | changes)


def order(**changes: Any) -> Order:
    """A paid order of 100."""
    known: Row = {
        "schema": SCHEMA,
        "brand": "acme",
        "source": "shopify",
        "shop_id": "s1",
        "order_id": "o1",
        "version": 1,
        "status": "paid",
        "ordered_at": NOON,
        "received_at": NOON,
        "currency": "EUR",
        "gross_micros": 100,
    }
    return Order(**known | changes)


def refund(**changes: Any) -> Refund:
    """30 of it given back."""
    known: Row = {
        "schema": SCHEMA,
        "brand": "acme",
        "source": "shopify",
        "shop_id": "s1",
        "order_id": "o1",
        "refund_id": "r1",
        "version": 1,
        "refunded_at": NOON,
        "received_at": NOON,
        "currency": "EUR",
        "amount_micros": 30,
    }
    return Refund(**known | changes)


def link(**changes: Any) -> Link:
    """A visitor who logged in at noon."""
    known: Row = {
        "schema": SCHEMA,
        "brand": "acme",
        "link_id": "l1",
        "visitor_id": "v1",
        "customer_id": "c1",
        "at": NOON,
        "received_at": NOON,
        "source": "login",
    }
    return Link(**known | changes)


def _built(make: Callable[..., PaidFact], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[PaidFact]:
    return st.fixed_dictionaries(fields).map(lambda chosen: make(**chosen))


_results = st.lists(
    st.builds(
        AdResult,
        st.sampled_from(("purchase", "lead")),
        st.sampled_from(("default", "7d_click")),
        st.integers(0, 2),
        st.sampled_from((None, 5, 7)),
    ),
    max_size=3,
).map(tuple)
_hints = st.builds(
    Hints,
    source=st.sampled_from((None, "meta", "news")),
    campaign=st.sampled_from((None, "spring")),
    campaign_id=st.sampled_from((None, "c1")),
    click_ids=st.sampled_from(({}, {"fbclid": "x"}, {"gclid": "y", "fbclid": "x"})),
    landing=st.sampled_from((None, "shop/a")),
)
_order = {"source": st.sampled_from(("shopify", "web")), "order_id": st.sampled_from(("o1", "o2"))}

FACTS: st.SearchStrategy[PaidFact] = st.one_of(
    _built(
        fact,
        entity_id=st.sampled_from(("ad1", "ad2")),
        window=st.sampled_from(("day:2026-09-20", "lifetime")),
        breakdown=st.sampled_from(("", "country=DE")),
        as_of=st.sampled_from(TIMES),
        spend_micros=st.integers(0, 2),
        reach=st.sampled_from((None, 0, 4)),
        provisional=st.booleans(),
        results=_results,
    ),
    _built(entity, as_of=st.sampled_from(TIMES), name=st.sampled_from((None, "A", "B"))),
    _built(
        touch,
        touch_id=st.sampled_from(("t1", "t2", "t3")),
        kind=st.sampled_from(("click", "view", "visit")),
        occurred_at=st.sampled_from(TIMES),
        consent=st.sampled_from(("granted", "denied")),
        visitor_id=st.sampled_from((None, "v1", "v1", "v2")),
        bot=st.sampled_from((None, None, "headless")),
        hints=_hints,
    ),
    _built(
        order,
        **_order,
        version=st.integers(1, 3),
        status=st.sampled_from(("pending", "paid", "cancelled", "test")),
        ordered_at=st.sampled_from(TIMES),
        gross_micros=st.sampled_from((50, 100)),
        refunded_micros=st.sampled_from((0, 10, 60)),
        currency=st.sampled_from(("EUR", "USD")),
        customer_id=st.sampled_from((None, "c1", "c2")),
        visitor_id=st.sampled_from((None, "v1")),
        new_customer=st.sampled_from((None, True, False)),
        hints=_hints,
        is_deleted=st.sampled_from((False, False, True)),
        codes=st.sampled_from(((), (), ("lena10",), ("autumn", "lena10"))),
    ),
    _built(
        refund,
        **_order,
        refund_id=st.sampled_from(("r1", "r2")),
        version=st.integers(1, 2),
        refunded_at=st.sampled_from(TIMES),
        amount_micros=st.sampled_from((20, 30)),
        currency=st.sampled_from(("EUR", "USD")),
        has_failed=st.booleans(),
        is_total=st.sampled_from((False, False, True)),
    ),
    _built(
        link,
        link_id=st.sampled_from(("l1", "l2")),
        visitor_id=st.sampled_from(("v1", "v2")),
        customer_id=st.sampled_from(("c1", "c2")),
        at=st.sampled_from(TIMES),
    ),
)


def new_state(generation: int = 0) -> Paid:
    state = processor(config()).new_state(generation, 0, 1)
    assert isinstance(state, Paid)
    return state


def put(state: Paid, records: Iterable[PaidFact]) -> None:
    """Fold records one by one, each from its topic."""
    for one in records:
        state.fold(TOPIC_OF[type(one)], [(0, b"key", encode(one))])
    assert state.rejected == []


def tick(state: Paid, at: int) -> None:
    state.fold(topics.TOUCHES.name, [(0, TICK_KEY, encode(Tick(SCHEMA, at)))])


def erase(state: Paid, kind: str, person: str, at: int) -> Record:
    """Erase somebody; answers the record, which a new state is told as a notice."""
    record = 0, ERASE_KEY, encode(Erasure(SCHEMA, "e1", kind, person, at))
    state.fold(topics.TOUCHES.name, [record])
    return record


def fold(batches: Iterable[Sequence[PaidFact]], state: Paid | None = None) -> tuple[Paid, list[Change]]:
    """Fold batch by batch with a flush after each; returns everything that was written."""
    state = state or new_state()
    written: list[Change] = []
    for number, batch in enumerate(batches):
        put(state, batch)
        written.extend(state.changes(number))
    return state, written


def reloaded(written: Sequence[Change], generation: int = 0, notices: Sequence[Record] = ()) -> Paid:
    """As the engine recovers: the notices, then the state topic, oldest first, of each key the newest at least."""
    state = new_state(generation)
    state.load(topics.ERASURES.name, notices)
    names = sorted({topic for topic, _, _ in written}, key=lambda topic: topic != topics.STATE_PAID.name)
    for topic in names:
        state.load(topic, [(n, key, value) for n, (t, key, value) in enumerate(written) if t == topic])
    return state


def latest(written: Iterable[Change]) -> Rows:
    """The rows as they stand: the newest record of each key, with what it leaves out, without its version."""
    by_topic = {table.topic: table for table in tables.load().values()}
    standing: Rows = {}
    for topic, key, value in written:
        if topic not in by_topic:
            continue
        if value is None:
            standing.pop((topic, key), None)
            continue
        columns = by_topic[topic].wire_columns
        blank = {
            c.name: None if c.nullable else {"text": "", "text[]": [], "boolean": False}.get(c.type, 0) for c in columns
        }
        row = blank | json.loads(value)
        row.pop("version", None)
        standing[topic, key] = row
    return standing


def table(rows: Rows, name: str) -> list[Row]:
    """The rows of one table, by key."""
    return [row for (topic, _), row in sorted(rows.items()) if topic == tables.load()[name].topic]
