"""What a shop should not send, each with what becomes of it: alone, and beside good refunds and good orders."""

import gzip
import json
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from contracts import codec
from contracts.config import Config, Partitions
from contracts.outcome import Refuse
from ingest.intake import Batch, Intake
from ingest.platforms import load
from ingest.platforms.woocommerce.parse import polled
from ingest.records import Records
from ingest.wire import dumps
from tests.unit.ingest.shops import (
    RECEIVED_AT,
    account,
    both,
    delivery,
    parts,
    receipt,
    refunds,
    shopify_order,
    shopify_refund,
    stripe_event,
    stripe_refund,
    stripe_session,
    transaction,
    webhook,
    woo_order,
    words,
)
from tests.unit.ingest.test_bad_inputs import SEALER, letters

SURROGATE = "\ud83d"
ORDER, REFUND, WOO = "orders/updated", "refunds/create", "order.updated"
Row = tuple[str, str, str, object, str]


def _order(**fields: object) -> dict[str, Any]:
    return shopify_order(**fields)


def _raw(body: dict[str, Any], literal: bytes) -> bytes:
    """A body in which the text `@@` is replaced by JSON that no dumper would write."""
    return dumps(body).replace(b'"@@"', literal)


BYTES: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "unreadable_body"),
    ("blanks", b" \n ", "unreadable_body"),
    ("NUL", b"\0", "unreadable_body"),
    ("a byte order mark", b'\xef\xbb\xbf{"id":7}', "unreadable_body"),
    ("UTF-16", '{"id":7}'.encode("utf-16"), "unreadable_body"),
    ("Latin-1", '{"id":"é","type":"é"}'.encode("latin-1"), "unreadable_body"),
    ("gzip", gzip.compress(b'{"id":7}'), "unreadable_body"),
    ("half of it", b'{"id":7', "unreadable_body"),
    ("two documents", b'{"id":7}{"id":8}', "unreadable_body"),
    ("a trailing comma", b'{"id":7,}', "unreadable_body"),
    ("single quotes", b"{'id':7}", "unreadable_body"),
    ("NaN", b'{"id":NaN}', "unreadable_body"),
    ("null", b"null", "invalid_field"),
    ("true", b"true", "invalid_field"),
    ("a number", b"0", "invalid_field"),
    ("a text", b'"order"', "invalid_field"),
    ("a list", b"[]", "invalid_field"),
]
SHOPIFY: list[Row] = [
    ("an empty order", "shopify", ORDER, {}, "missing_field"),
    ("no id", "shopify", ORDER, _order(id=None), "missing_field"),
    ("an empty id", "shopify", ORDER, _order(id=""), "invalid_field"),
    ("an id that is a text", "shopify", ORDER, _order(id="820982911946154508"), "keep"),
    ("an id that is a fraction", "shopify", ORDER, _order(id=1.5), "invalid_field"),
    ("an id that is a boolean", "shopify", ORDER, _order(id=True), "invalid_field"),
    ("an id of 1 KiB", "shopify", ORDER, _order(id="x" * 1024), "invalid_field"),
    ("an id with a newline", "shopify", ORDER, _order(id="a\nb"), "invalid_field"),
    ("half a surrogate pair in an id", "shopify", ORDER, _order(id=SURROGATE), "invalid_text"),
    ("no time of the change", "shopify", ORDER, _order(updated_at=None), "missing_field"),
    ("a time that is none", "shopify", ORDER, _order(updated_at="yesterday"), "invalid_time"),
    ("a time without a zone", "shopify", ORDER, _order(updated_at="2026-09-21T09:00:02"), "invalid_time"),
    ("February 30", "shopify", ORDER, _order(created_at="2026-02-30T00:00:00Z", processed_at=None), "invalid_time"),
    ("a time before all shops", "shopify", ORDER, _order(processed_at="1999-01-01T00:00:00Z"), "invalid_time"),
    ("a time to come", "shopify", ORDER, _order(updated_at="2027-01-01T00:00:00Z"), "future_time"),
    ("a time that is a number", "shopify", ORDER, _order(updated_at=1_790_000_000), "invalid_field"),
    ("neither created nor processed", "shopify", ORDER, _order(created_at=None, processed_at=None), "missing_field"),
    ("no total", "shopify", ORDER, _order(total_price=None), "missing_field"),
    ("a total that is a number", "shopify", ORDER, _order(total_price=49.9), "keep"),
    ("a total in words", "shopify", ORDER, _order(total_price="free"), "invalid_money"),
    ("a total with a sign of money", "shopify", ORDER, _order(total_price="€49.90"), "invalid_money"),
    ("a total with a comma", "shopify", ORDER, _order(total_price="49,90"), "invalid_money"),
    ("a negative total", "shopify", ORDER, _order(total_price="-1.00"), "invalid_money"),
    ("a total of 10^308", "shopify", ORDER, _raw(_order(total_price="@@"), b"1e308"), "invalid_money"),
    ("a total that is no double", "shopify", ORDER, _raw(_order(total_price="@@"), b"1e999"), "invalid_money"),
    ("a total of 30 digits", "shopify", ORDER, _order(total_price="9" * 30), "invalid_money"),
    ("a total that is an object", "shopify", ORDER, _order(total_price={}), "invalid_field"),
    ("a total of nothing", "shopify", ORDER, _order(total_price="0.00"), "keep"),
    ("no currency", "shopify", ORDER, _order(currency=None), "missing_field"),
    ("a currency that is none", "shopify", ORDER, _order(currency="EURO"), "invalid_money"),
    ("a total in both currencies", "shopify", ORDER, _order(total_price_set=both("49.90", "54.20")), "keep"),
    ("a set of totals that is a list", "shopify", ORDER, _order(total_price_set=[]), "invalid_field"),
    ("a status of tomorrow", "shopify", ORDER, _order(financial_status="bartered"), "unknown_item"),
    ("no status", "shopify", ORDER, _order(financial_status=None), "keep"),
    ("an address that is a number", "shopify", ORDER, _order(email=7), "keep"),
    ("half a surrogate pair in an address", "shopify", ORDER, _order(email=f"a{SURROGATE}@x.test"), "keep"),
    ("a customer that is a list", "shopify", ORDER, _order(customer=[]), "invalid_field"),
    ("a customer without anything", "shopify", ORDER, _order(customer={}), "keep"),
    ("a landing that is an object", "shopify", ORDER, _order(landing_site={}), "keep"),
    ("a landing of half a surrogate pair", "shopify", ORDER, _order(landing_site=f"/?utm_source={SURROGATE}"), "keep"),
    ("a landing without end", "shopify", ORDER, _order(landing_site="/?x=" + "&" * 100_000), "keep"),
    ("a landing of a broken host", "shopify", ORDER, _order(landing_site="https://[::1/?utm_source=x"), "keep"),
    ("notes that are a text", "shopify", ORDER, _order(note_attributes="x"), "keep"),
    ("notes of anything", "shopify", ORDER, _order(note_attributes=[None, 7, {"name": 7}, {"name": "fbc"}]), "keep"),
    (
        "a visitor that is a list",
        "shopify",
        ORDER,
        _order(note_attributes=[{"name": "visitor_id", "value": []}]),
        "keep",
    ),
    ("codes that are a text", "shopify", ORDER, _order(discount_codes="LENA10"), "keep"),
    (
        "codes of anything",
        "shopify",
        ORDER,
        _order(discount_codes=[None, 7, {"code": []}, {"code": SURROGATE}]),
        "keep",
    ),
    ("refunds that are an object", "shopify", ORDER, _order(refunds={}), "invalid_field"),
    ("fields that nobody knows", "shopify", ORDER, _order(__proto__={"a": 1}, schema=99), "keep"),
    ("an empty refund", "shopify", REFUND, {}, "refund_without_money"),
    ("a refund without an id", "shopify", REFUND, shopify_refund(id=None), "missing_field"),
    ("a refund of no order", "shopify", REFUND, shopify_refund(order_id=None), "missing_field"),
    ("a refund without a time", "shopify", REFUND, shopify_refund(created_at=None), "missing_field"),
    ("a refund in words", "shopify", REFUND, shopify_refund(transactions=[transaction(amount="all")]), "invalid_money"),
    ("a negative refund", "shopify", REFUND, shopify_refund(transactions=[transaction(amount="-1")]), "invalid_money"),
    (
        "a refund in another currency",
        "shopify",
        REFUND,
        shopify_refund(transactions=[transaction(currency="USD")]),
        "foreign_currency",
    ),
    ("transactions that are none", "shopify", REFUND, shopify_refund(transactions={}), "invalid_field"),
    ("a deletion of nothing", "shopify", "orders/delete", {}, "missing_field"),
    ("a topic that nobody knows", "shopify", "orders/teleported", {}, "unsubscribed_topic"),
    ("no topic", "shopify", "", _order(), "unsubscribed_topic"),
]
STRIPE: list[Row] = [
    ("an empty event", "stripe", "", {}, "unsubscribed_topic"),
    ("an event without an object", "stripe", "", stripe_event("charge.refunded", None), "invalid_field"),
    ("an object that is a list", "stripe", "", stripe_event("charge.refunded", []), "invalid_field"),
    ("an empty session", "stripe", "", stripe_event("checkout.session.completed", {}), "missing_field"),
    ("a type that is a number", "stripe", "", stripe_event(7, {}), "invalid_field"),
    ("no time", "stripe", "", stripe_session(), "keep"),
    ("an event without a time", "stripe", "", stripe_session() | {"created": None}, "missing_field"),
    ("a time in milliseconds", "stripe", "", stripe_session() | {"created": 1_790_000_000_000}, "invalid_time"),
    ("a time to come", "stripe", "", stripe_session() | {"created": 1_800_000_000}, "future_time"),
    ("a time that is a text", "stripe", "", stripe_session() | {"created": "now"}, "invalid_field"),
    ("a time that is a fraction", "stripe", "", stripe_session() | {"created": 1.5}, "invalid_field"),
    ("no amount", "stripe", "", stripe_session(amount_total=None), "missing_field"),
    ("a negative amount", "stripe", "", stripe_session(amount_total=-1), "invalid_money"),
    ("an amount with a point", "stripe", "", stripe_session(amount_total=49.9), "invalid_field"),
    ("an amount that is a text", "stripe", "", stripe_session(amount_total="4990"), "invalid_field"),
    ("an amount of 30 digits", "stripe", "", stripe_session(amount_total=10**30), "invalid_money"),
    ("no currency", "stripe", "", stripe_session(currency=None), "missing_field"),
    ("a currency that is none", "stripe", "", stripe_session(currency="euro"), "invalid_money"),
    ("a status of tomorrow", "stripe", "", stripe_session(payment_status="promised"), "unknown_item"),
    ("no status", "stripe", "", stripe_session(payment_status=None), "missing_field"),
    ("no id at all", "stripe", "", stripe_session(payment_intent=None, id=None), "missing_field"),
    ("an id with NUL", "stripe", "", stripe_session(payment_intent="pi\0"), "invalid_text"),
    ("an id that is an object", "stripe", "", stripe_session(payment_intent={"id": "pi_1"}), "invalid_field"),
    ("metadata that is a list", "stripe", "", stripe_session(metadata=[1]), "keep"),
    ("metadata of anything", "stripe", "", stripe_session(metadata={"utm_source": 7, "x": None}), "keep"),
    ("a visitor that is a list", "stripe", "", stripe_session(client_reference_id=[]), "keep"),
    ("contacts that are none", "stripe", "", stripe_session(customer_details={"email": [], "phone": {}}), "keep"),
    ("contacts that are a text", "stripe", "", stripe_session(customer_details="ann"), "invalid_field"),
    ("a refund without a status", "stripe", "", stripe_refund(status=None), "missing_field"),
    ("a refund in a status of tomorrow", "stripe", "", stripe_refund(status="revoked"), "unknown_item"),
    ("a refund of nothing known", "stripe", "", stripe_refund(payment_intent=None, charge=None), "missing_field"),
    ("a negative refund", "stripe", "", stripe_refund(amount=-1), "invalid_money"),
    ("an account that is not ours", "stripe", "", stripe_session() | {"account": "acct_2"}, "unknown_account"),
]
WOOCOMMERCE: list[Row] = [
    ("an empty order", "woocommerce", WOO, {}, "missing_field"),
    ("an id that is a list", "woocommerce", WOO, woo_order(id=[]), "invalid_field"),
    ("no status", "woocommerce", WOO, woo_order(status=""), "missing_field"),
    ("a status of the shop's own", "woocommerce", WOO, woo_order(status="wc-shipped"), "keep"),
    ("no time of the change", "woocommerce", WOO, woo_order(date_modified_gmt=None), "missing_field"),
    ("a time with its zone", "woocommerce", WOO, woo_order(date_modified_gmt="2026-09-21T09:00:00Z"), "invalid_time"),
    ("a time that is none", "woocommerce", WOO, woo_order(date_created_gmt="soon"), "invalid_time"),
    ("a time to come", "woocommerce", WOO, woo_order(date_modified_gmt="2027-01-01T00:00:00"), "future_time"),
    ("no total", "woocommerce", WOO, woo_order(total=None), "missing_field"),
    ("a total in words", "woocommerce", WOO, woo_order(total="free"), "invalid_money"),
    ("a negative total", "woocommerce", WOO, woo_order(total="-5.00"), "invalid_money"),
    ("no currency", "woocommerce", WOO, woo_order(currency=""), "invalid_money"),
    ("contacts that are a list", "woocommerce", WOO, woo_order(billing=[]), "invalid_field"),
    ("meta data of anything", "woocommerce", WOO, woo_order(meta_data=[None, 7, {"key": []}]), "keep"),
    ("meta data that is a text", "woocommerce", WOO, woo_order(meta_data="x"), "keep"),
    ("a customer that is an object", "woocommerce", WOO, woo_order(customer_id={}), "keep"),
    ("refunds that are a text", "woocommerce", WOO, woo_order(refunds="x"), "invalid_field"),
    ("a deletion of nothing", "woocommerce", "order.deleted", {}, "missing_field"),
    ("no topic", "woocommerce", "", woo_order(), "unsubscribed_topic"),
]  # fmt: skip
ROWS = [*SHOPIFY, *STRIPE, *WOOCOMMERCE]
REFUNDS: list[tuple[str, str, object, str]] = [
    ("null", "shopify", None, "invalid_field"),
    ("no money", "shopify", {}, "refund_without_money"),
    ("no id", "shopify", shopify_refund(id=None), "missing_field"),
    ("words", "shopify", shopify_refund(transactions=[transaction(amount="all")]), "invalid_money"),
    ("half a surrogate pair", "shopify", shopify_refund(id=SURROGATE), "invalid_text"),
    ("null", "woocommerce", None, "invalid_field"),
    ("nothing", "woocommerce", {}, "missing_field"),
    ("a sum that adds", "woocommerce", {"id": 9, "total": "10.00"}, "invalid_money"),
    ("a sum in words", "woocommerce", {"id": 9, "total": "all"}, "invalid_money"),
    ("half a surrogate pair", "woocommerce", {"id": SURROGATE, "total": "-1.00"}, "invalid_text"),
]


def intake(platform: str) -> Intake:
    return Intake(Config(accounts=(account(platform),)), load(), "an identity key", SEALER, Records(Partitions()))


def taken_in(platform: str, body: bytes, topic: str) -> tuple[Batch, bytes]:
    """What becomes of a delivery, and the input that it is."""
    data = webhook(platform).envelop(delivery(platform, body, topic))
    return intake(platform).delivery([load()[platform]], data, "webhook", RECEIVED_AT), data


def bytes_of(body: object) -> bytes:
    return body if isinstance(body, bytes) else dumps(body)


@pytest.mark.parametrize(
    ("platform", "topic", "body", "outcome"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_a_delivery_is_kept_dropped_or_refused(platform: str, topic: str, body: object, outcome: str) -> None:
    found = words(parts(platform, body, topic))
    assert set(found) == {outcome}


@pytest.mark.parametrize(
    ("platform", "topic"), [("shopify", ORDER), ("shopify", REFUND), ("stripe", ""), ("woocommerce", WOO)]
)
@pytest.mark.parametrize(("body", "outcome"), [row[1:] for row in BYTES], ids=[row[0] for row in BYTES])
def test_what_is_no_order_is_sealed_with_its_reason(platform: str, topic: str, body: bytes, outcome: str) -> None:
    batch, data = taken_in(platform, body, topic)
    (letter,) = letters(batch)
    assert letter.reason == outcome
    assert letter.origin == ("delivery" if outcome == "unreadable_body" else "change")
    assert SEALER.open(letter.sealed) == data


@pytest.mark.parametrize(
    ("platform", "refund", "outcome"), [row[1:] for row in REFUNDS], ids=[row[0] for row in REFUNDS]
)
def test_a_refund_among_good_ones_costs_only_itself(platform: str, refund: object, outcome: str) -> None:
    good: list[object]
    if platform == "shopify":
        good = [shopify_refund(id=1), shopify_refund(id=2)]
        body, topic = shopify_order(refunds=[good[0], refund, good[1]]), ORDER
    else:
        good = [{"id": 1, "total": "-1.00"}, {"id": 2, "total": "-2.00"}]
        body, topic = woo_order(refunds=[good[0], refund, good[1]]), WOO
    found = parts(platform, body, topic)
    assert words(found) == ["keep", "keep", outcome, "keep"]
    assert [one.refund_id for one in refunds(found)] == ["1", "2"]


def test_a_refund_in_an_older_charge_costs_only_itself() -> None:
    one = {"id": "re_1", "amount": 5, "currency": "eur", "charge": "ch_1", "status": "succeeded"}
    charge = {"id": "ch_1", "amount": 10, "amount_refunded": 5, "currency": "eur"}
    found = parts(
        "stripe", stripe_event("charge.refunded", charge | {"refunds": {"data": [one, None, one | {"id": ""}]}})
    )
    assert words(found) == ["keep", "keep", "invalid_field", "invalid_field"]


@pytest.mark.parametrize(("body", "outcome"), [row[3:] for row in WOOCOMMERCE if row[2] == WOO])
def test_an_order_among_the_good_ones_of_a_listing_costs_only_itself(body: object, outcome: str) -> None:
    listing = [woo_order(id=1), body, woo_order(id=2)]
    raws = msgspec.json.decode(json.dumps(listing).encode(), type=list[Raw])
    found = [words(list(polled(account("woocommerce"), raw, receipt("woocommerce")))) for raw in raws]
    assert found == [["keep"], [outcome], ["keep"]]


@pytest.mark.parametrize("platform", ["shopify", "stripe", "woocommerce"])
def test_a_shop_that_is_not_configured_is_refused_and_its_order_can_be_replayed(platform: str) -> None:
    body, topic = {
        "shopify": (shopify_order(), ORDER),
        "stripe": (stripe_session(), ""),
        "woocommerce": (woo_order(), WOO),
    }[platform]
    (part,) = parts(platform, body, topic, accounts={})
    assert isinstance(part.outcome, Refuse)
    assert (part.outcome.reason, part.whole) == ("unknown_account", False)
    replayed = list(webhook(platform).parse(part.body, receipt(platform, channel="replay")))
    assert replayed == parts(platform, body, topic)


@pytest.mark.parametrize("platform", ["shopify", "stripe", "woocommerce"])
@pytest.mark.parametrize("data", [b"", b"\n", b"{}", b"[]\n{}", b'{"topic":7}\n{}', b'{"topic"\n{}', b"\xff\n{}"])
def test_what_is_no_envelope_is_refused_whole_or_read_as_without_words(platform: str, data: bytes) -> None:
    found = list(webhook(platform).parse(data, receipt(platform)))
    assert len(found) == 1
    assert words(found)[0] in ("unreadable_body", "unsubscribed_topic")


def test_nothing_of_a_customer_leaves_in_the_clear() -> None:
    secret = ("canary@x.test", "+49 30 4711 4711", "canary-visitor")
    bodies = {
        "shopify": (
            shopify_order(email=secret[0], note_attributes=[{"name": "visitor_id", "value": secret[2]}]),
            ORDER,
        ),
        "stripe": (stripe_session(customer_details={"phone": secret[1]}, client_reference_id=secret[2]), ""),
        "woocommerce": (woo_order(billing={"email": secret[0]}, customer_id=4711, total="canary"), WOO),
    }
    for platform, (body, topic) in bodies.items():
        batch, _ = taken_in(platform, dumps(body), topic)
        assert batch.records
        for record in batch.records:
            told = record.key + (record.value or b"")
            assert b"canary" not in told
            assert b"4711" not in told
        for letter in letters(batch):
            assert b"canary" not in codec.encode(letter)


def test_a_delivery_that_is_too_deep_is_never_parsed() -> None:
    batch, _ = taken_in("shopify", b'{"a":' * 40 + b"1" + b"}" * 40, ORDER)
    assert list(batch.refusals) == ["too_deep"]
