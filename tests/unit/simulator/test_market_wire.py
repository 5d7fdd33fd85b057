"""What a market posts is what shops and sites post: whoever knows their shapes reads out of it what happened."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from msgspec import structs
from multidict import CIMultiDict

from contracts.outcome import Keep, Outcome, Refuse
from contracts.paid import Hints, Link, Order, Refund, Touch
from ingest.collector import bots, parse
from ingest.fields import Unusable
from ingest.platforms import Delivery, Fact, Receipt, load
from ingest.simulator.ledger.paid_people import People, digest
from ingest.simulator.ledger.paid_touches import name_of
from ingest.simulator.market import brands
from ingest.simulator.market.telling import Source, Telling
from ingest.simulator.market.world import Posted, World
from processors.attribution.channels import campaign_of, classifier

channel = classifier(())
BEGINS_AT = 1_790_000_000
SECONDS = 200_000
RECEIVED_AT = (BEGINS_AT + 300_000) * 1000
CONFIGURED = brands.configured(BEGINS_AT)
SITES = {site.write_keys[0]: site for site in CONFIGURED.sites}
PEOPLE = People(None)
SHOPS = ("shopify", "stripe", "woocommerce")
FIXTURES = Path(__file__).parents[2] / "fixtures"
Columns = dict[str, Any]


def world(seed: int = 3) -> World:
    return World(seed, BEGINS_AT, 0.005, SECONDS, {"alder": ["100000000001001_9001"]})


@pytest.fixture(scope="module")
def posted() -> list[Posted]:
    return list(world().until(BEGINS_AT + SECONDS))


def of_shop(source: str, telling: Telling) -> Iterator[Outcome[Fact]]:
    """What the receiver makes of a delivery."""
    accounts = {account.id: account for account in CONFIGURED.accounts if account.platform == source}
    receipt = Receipt(RECEIVED_AT, "webhook", "s", MappingProxyType(accounts), str, visitor=str, customer=str)
    webhook = load()[source].webhook
    assert webhook is not None
    delivery = Delivery(telling.body, CIMultiDict(telling.headers), [], RECEIVED_AT, telling.address)
    if webhook.is_ping(delivery):
        return
    for part in webhook.parse(webhook.envelop(delivery), receipt):
        yield part.outcome


def of_site(telling: Telling) -> Iterator[object]:
    """What the collector makes of a request; raises `Unusable`."""
    key, events = parse.opened(telling.body)
    headers = CIMultiDict(telling.headers)
    teller = parse.Teller(SITES[key or ""], RECEIVED_AT, lambda _agent: bots.word("POST", headers), str, str)
    read: Callable[..., Iterator[object]] = parse.touch if telling.address == "touches" else parse.conversion
    for event in events:
        yield from read(event, teller)


def heard(one: Posted) -> list[object]:
    """The records that come of it."""
    if one.endpoint == "collector":
        return list(of_site(one.telling))
    outcomes = list(of_shop(one.endpoint, one.telling))
    assert not any(isinstance(outcome, Refuse) for outcome in outcomes)
    return [outcome.value for outcome in outcomes if isinstance(outcome, Keep)]


def noted_as(record: object) -> tuple[str, Columns]:
    """A record in the ledger's words."""
    match record:
        case Order():
            return "order", {
                "order": record.order_id,
                "version": None if record.is_deleted else record.version,
                "status": record.status,
                "ordered_at": None if record.is_deleted else record.ordered_at,
                "currency": record.currency,
                "gross": None if record.is_deleted else record.gross_micros,
                "refunded": record.refunded_micros,
                "customer": record.customer_id,
                "visitor": record.visitor_id,
                "is_new": record.new_customer,
                "codes": list(record.codes),
                "hints": told_by(record.hints),
                "is_deleted": record.is_deleted,
            }
        case Refund():
            version = None if record.is_total else record.version
            columns = {"order": record.order_id, "refund": record.refund_id, "version": version}
            columns |= {"currency": record.currency, "amount": record.amount_micros}
            return "refund", columns | {"has_failed": record.has_failed, "is_total": record.is_total}
        case Link():
            return "link", {
                "link": record.link_id,
                "visitor": record.visitor_id,
                "customer": record.customer_id,
                "at": record.at,
                "source": record.source,
            }
        case Touch():
            hints = record.hints
            words = {name: getattr(hints, name) or "" for name in ("source", "medium", "campaign", "campaign_id")}
            columns = {"touch": record.touch_id, "site": record.site_id, "kind": record.kind, "at": record.occurred_at}
            columns |= {"channel": channel(hints), "called": campaign_of(hints), **words}
            visitor = None if record.bot else record.visitor_id
            return "touch", columns | {"visitor": visitor, "consent": record.consent, "bot": record.bot is not None}
    raise AssertionError(record)


def told_by(hints: Hints) -> Columns:
    found = structs.asdict(hints)
    words = {f"utm_{name}": found.pop(name) for name in ("source", "medium", "campaign", "term", "content")}
    told = words | found | {"click_ids": sorted(hints.click_ids)}
    return {name: value for name, value in told.items() if value}


def noted(telling: Telling) -> list[tuple[str, Columns]]:
    """The ledger's notes of it, as far as a record says the same."""
    found = []
    for kind, columns in telling.told:
        wanted = dict(columns)
        if kind in ("order", "link"):
            wanted["customer"] = PEOPLE.customer(columns["customer"])
        if kind == "order":
            wanted["hints"] = {name: value for name, value in columns["hints"].items() if value}
            if columns["is_deleted"]:
                wanted |= {"version": None, "ordered_at": None, "gross": None}
        if kind == "refund" and columns["is_total"]:
            wanted["version"] = None  # the greatest sum is the last one
        if kind == "link":
            wanted["link"] = digest(*wanted.pop("named"), wanted["visitor"], wanted["customer"])
        if kind == "touch":
            wanted["touch"] = name_of(columns)
            wanted["visitor"] = None if columns["bot"] else columns["visitor"]
        for name in ("brand", "event", "shop", *(["source"] if kind in ("order", "refund") else [])):
            wanted.pop(name, None)
        found.append((kind, wanted))
    return found


def test_a_receiver_reads_exactly_what_the_ledger_notes(posted: list[Posted]) -> None:
    seen: Counter[str] = Counter()
    for one in posted:
        records = [noted_as(record) for record in heard(one)]
        assert sorted(records, key=str) == sorted(noted(one.telling), key=str), one
        seen.update(kind for kind, _ in records)
    assert min(seen[kind] for kind in ("order", "refund", "link", "touch")) > 50


def test_everything_that_can_happen_to_an_order_does(posted: list[Posted]) -> None:
    orders = [columns for one in posted for kind, columns in one.telling.told if kind == "order"]
    refunds = [columns for one in posted for kind, columns in one.telling.told if kind == "refund"]
    assert {order["source"] for order in orders} == {*SHOPS, "web"}
    assert {order["status"] for order in orders} == {"pending", "paid", "cancelled", "test"}
    assert {order["currency"] for order in orders} == {"EUR", "USD", "GBP", "JPY"}
    assert any(order["is_deleted"] for order in orders)
    assert any(refund["has_failed"] for refund in refunds)
    assert any(refund["is_total"] for refund in refunds)
    assert any(one.telling.is_copy for one in posted)


def test_the_same_seed_makes_the_same_market_however_often_one_looks() -> None:
    often = world()
    times = range(BEGINS_AT, BEGINS_AT + SECONDS + 1, 700)
    looked = [one.telling.body for now in times for one in often.until(now)]
    at_once = [one.telling.body for one in world().until(BEGINS_AT + SECONDS)]
    assert looked == at_once[: len(looked)]
    assert len(looked) > 0.9 * len(at_once)
    assert [one.telling.body for one in world(4).until(BEGINS_AT + 9_000)] != looked[:100]


@pytest.mark.parametrize("source", SHOPS)
def test_what_a_shop_should_not_have_sent_is_refused_for_the_reason_that_is_expected(source: str) -> None:
    shop: Source = world().shops[source]
    bodies = set()
    for _ in range(30):
        telling = shop.spoiled(BEGINS_AT)
        refused = [outcome.reason for outcome in of_shop(source, telling) if isinstance(outcome, Refuse)]
        assert refused == telling.reasons
        bodies.add((telling.body, telling.address))
    assert len(bodies) == 30


def test_what_a_page_should_not_have_posted_costs_only_itself() -> None:
    collector = world().collector
    for _ in range(12):
        telling = collector.spoiled(BEGINS_AT)
        good, bad = json.loads(telling.body)["events"]
        records = of_site(telling)
        assert isinstance(next(records), Touch)
        with pytest.raises(Unusable):
            next(records)
        assert good["event_id"] != bad.get("event_id")
        assert telling.deserves == 400


@pytest.mark.parametrize("source", SHOPS)
def test_a_forgery_is_believable_and_its_signature_is_not(source: str) -> None:
    shop = world().shops[source]
    telling = shop.forgery(BEGINS_AT)
    assert telling.is_forged
    assert any(isinstance(outcome, Keep) for outcome in of_shop(source, telling))


@pytest.mark.parametrize(
    ("source", "fixture", "kind"),
    [
        ("shopify", "orders_paid__documented", "orders/paid"),
        ("shopify", "refunds_create__documented", "refunds/create"),
        ("stripe", "session_completed__documented", "checkout.session.completed"),
        ("stripe", "charge_refunded__first_part", "charge.refunded"),
        ("stripe", "refund_failed", "refund.failed"),
        ("woocommerce", "order_deleted__documented", "order.deleted"),
    ],
)
def test_a_delivery_has_every_field_of_the_documented_one(
    posted: list[Posted], source: str, fixture: str, kind: str
) -> None:
    documented = json.loads((FIXTURES / source / "webhook" / f"{fixture}.json").read_text(encoding="utf-8"))
    sent = [json.loads(one.telling.body) for one in posted if one.endpoint == source and is_of(one.telling, kind)]
    assert sent
    assert fields(documented) <= set.union(*map(fields, sent))


def is_of(telling: Telling, kind: str) -> bool:
    headers = telling.headers.values()
    return kind in headers or f'"type": "{kind}"'.encode() in telling.body


def fields(document: Any, at: str = "") -> set[str]:
    """The paths of everything that is named in it."""
    if isinstance(document, list):
        return set.union(set(), *(fields(one, at) for one in document))
    if not isinstance(document, dict):
        return set()
    found = {f"{at}.{name}" for name in document}
    return found.union(*(fields(value, f"{at}.{name}") for name, value in document.items()))
