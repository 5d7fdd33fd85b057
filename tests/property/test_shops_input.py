"""Laws of shops' deliveries: whatever comes in, something comes out; what was later is greater; money is exact."""

import itertools
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from contracts import codec
from contracts.outcome import Drop, Keep, Refuse
from contracts.paid import Link, Order, Refund
from contracts.reasons import DEAD_LETTERS, DROPS
from ingest.platforms import Delivery, Part
from ingest.platforms.woocommerce.parse import polled
from ingest.platforms.woocommerce.requests import failure
from tests.property.test_facebook_input import anything
from tests.unit.ingest.shops import (
    RECEIVED_AT,
    account,
    both,
    orders,
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
)

TOPICS = {
    "shopify": ("orders/create", "orders/updated", "orders/delete", "refunds/create", "customers/redact", "x"),
    "stripe": ("",),
    "woocommerce": ("order.created", "order.updated", "order.deleted", "x"),
}
PLATFORMS = tuple(TOPICS)
EVENTS = (
    "checkout.session.completed",
    "checkout.session.async_payment_failed",
    "payment_intent.succeeded",
    "charge.refunded",
    "refund.created",
)
NAMES = (
    "id order_id updated_at created_at processed_at created total_price total_price_set currency financial_status "
    "test email customer landing_site referring_site note_attributes refunds transactions amount amount_total "
    "status amount_refunded amount_received payment_intent payment_status charge metadata client_reference_id "
    "mode invoice customer_details date_modified_gmt date_created_gmt date_paid_gmt total billing meta_data "
    "customer_id "
)
amounts = st.sampled_from(("1.00", "0", "-1", "x", "1e9", "9" * 40, 1.5, 7, -7, 10**30, None, True))
times = st.sampled_from(("2026-09-21T09:00:00Z", "2026-09-21T09:00:00", "soon", "", 7, 1_790_000_000, None))
values = amounts | times | anything | st.sampled_from(("EUR", "usd", "EURO", "succeeded", "failed", "paid", "success"))
fields = st.dictionaries(
    st.sampled_from(NAMES.split()),
    values,
    max_size=8,
)
transactions = st.lists(st.builds(lambda more: transaction() | more, fields), max_size=3)
bodies = {
    "shopify": st.one_of(
        anything,
        fields,
        fields.map(lambda more: shopify_order(**more)),
        st.builds(lambda more, moved: shopify_refund(**more) | {"transactions": moved}, fields, transactions),
        st.lists(fields.map(lambda more: shopify_refund(**more)) | anything, max_size=3).map(
            lambda some: shopify_order(refunds=some)
        ),
    ),
    "stripe": st.one_of(
        anything,
        st.builds(stripe_event, st.sampled_from(EVENTS) | anything, fields | anything, created=times | anything),
        fields.map(lambda more: stripe_session(**more)),
        fields.map(lambda more: stripe_refund(**more)),
    ),
    "woocommerce": st.one_of(anything, fields, fields.map(lambda more: woo_order(**more))),
}


def checked(platform: str, found: list[Part]) -> None:
    for part in found:
        match part.outcome:
            case Keep(fact):
                assert isinstance(fact, Order | Refund | Link)
                assert codec.decoder(type(fact))(codec.encode(fact)) == fact
                assert b"\\u0000" not in codec.encode(fact)
                if not isinstance(fact, Link):
                    assert (fact.source, fact.brand) == (platform, "acme")
            case Drop(reason):
                assert reason in DROPS
            case Refuse(reason, _):
                assert reason in DEAD_LETTERS
                assert part.body
                again = list(webhook(platform).parse(part.body, receipt(platform)))
                assert [one.outcome for one in again] == [one.outcome for one in found]


@given(st.sampled_from(PLATFORMS), st.data())
def test_any_body_of_any_topic_becomes_outcomes(platform: str, data: st.DataObject) -> None:
    topic = data.draw(st.sampled_from(TOPICS[platform]))
    checked(platform, parts(platform, data.draw(bodies[platform]), topic))


@given(st.sampled_from(PLATFORMS), st.binary(max_size=200))
def test_any_bytes_become_outcomes(platform: str, data: bytes) -> None:
    found = list(webhook(platform).parse(data, receipt(platform)))
    assert len(found) == 1
    for topic in TOPICS[platform]:
        checked(platform, parts(platform, data, topic))


@given(
    st.sampled_from(PLATFORMS),
    st.binary(max_size=50),
    st.lists(st.text() | st.just("t=1790000400,v1=" + "0" * 64), max_size=3),
    st.lists(st.binary(max_size=10), max_size=3),
)
def test_nobody_signs_by_chance(platform: str, body: bytes, headers: list[str], secrets: list[bytes]) -> None:
    sent = Delivery(body, {}, headers, RECEIVED_AT)
    assert webhook(platform).verify(sent, secrets) is None
    webhook(platform).is_ping(sent)


@given(st.integers(100, 599), st.binary(max_size=200) | anything.map(msgspec.json.encode))
def test_any_answer_of_a_shop_is_judged(status: int, body: bytes) -> None:
    found = failure(status, body)
    assert found is not None or status == 200


@given(fields)
def test_an_order_is_the_same_whether_it_is_pushed_or_polled(more: dict[str, Any]) -> None:
    raw = msgspec.json.encode(woo_order(**more))
    from_listing = polled(account("woocommerce"), Raw(raw), receipt("woocommerce"))
    pushed = parts("woocommerce", raw, "order.updated")
    assert [(one.outcome, one.account_id) for one in from_listing] == [(one.outcome, one.account_id) for one in pushed]


@given(
    st.permutations([("pending", None), ("paid", None), ("refunded", None), ("voided", "2026-09-21T09:00:02-05:00")])
)
def test_of_what_an_order_was_in_one_second_the_last_is_the_greatest(states: list[tuple[str, str | None]]) -> None:
    versions = {}
    for status, cancelled_at in states:
        given_back = [shopify_refund()] if status == "refunded" else []
        body = shopify_order(financial_status=status, cancelled_at=cancelled_at, refunds=given_back)
        (order,) = orders(parts("shopify", body, "orders/updated"))
        versions[status] = order.version
    assert versions["pending"] < versions["paid"] < versions["refunded"] < versions["voided"]


@given(st.integers(1, 10**9), st.integers(1, 10**9), st.integers(0, 100))
def test_what_was_paid_in_the_customers_currency_is_given_back_in_the_shops(
    shop: int, shown: int, percent: int
) -> None:
    """A whole refund gives back exactly what the shop took, a part of it the same part to a millionth."""
    text = [f"{cents // 100}.{cents % 100:02}" for cents in (shop, shown)]
    for part in (percent, 100):
        cents = shown * part // 100
        amount = f"{cents // 100}.{cents % 100:02}"
        lines = [{"subtotal_set": both(text[0], text[1])}]
        body = shopify_refund(transactions=[transaction(amount=amount, currency="USD")], refund_line_items=lines)
        (told,) = refunds(parts("shopify", body, "refunds/create"))
        assert told.currency == "EUR"
        assert 2 * abs(told.amount_micros * shown - shop * 10_000 * cents) <= shown
        assert part < 100 or told.amount_micros == shop * 10_000


@given(st.permutations(range(3)))
def test_sums_of_one_second_are_ranked_by_what_they_tell(order: list[int]) -> None:
    charges = [
        {"id": "ch_1", "amount": 4990, "amount_refunded": cents, "currency": "eur"} for cents in (1000, 2000, 4990)
    ]
    told = [refunds(parts("stripe", stripe_event("charge.refunded", charges[place])))[0] for place in order]
    by_version = sorted(told, key=lambda one: one.version)
    assert [one.amount_micros for one in by_version] == sorted(one.amount_micros for one in told)
    assert all(one.version < other.version for one, other in itertools.pairwise(by_version))
