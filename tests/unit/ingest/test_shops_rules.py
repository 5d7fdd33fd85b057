"""What shops have in common, and what is each one's own: who bought, what came last, what was given back."""

import itertools
import json
from dataclasses import replace
from datetime import UTC
from typing import Any

import msgspec
import pytest

from contracts.config import Config, Polling
from ingest import contact
from ingest.erasure import names
from ingest.platforms import Failure, Job, Known, Part, PollFailed, Request, State, load
from ingest.platforms.woocommerce import readings
from ingest.platforms.woocommerce.requests import authorise
from ingest.polling.process import accesses
from ingest.settings import polling
from ingest.wire import dumps
from tests.unit.ingest.graph import drive_all
from tests.unit.ingest.shops import (
    RECEIVED_AT,
    SHOPS,
    account,
    both,
    delivery,
    links,
    orders,
    parts,
    receipt,
    refunds,
    shopify_order,
    shopify_refund,
    stripe_event,
    stripe_session,
    transaction,
    webhook,
    woo_order,
    words,
)
from tests.unit.ingest.test_ingest_settings import setenv

ANN = f"<customer {contact.email('ann@x.test')}>"
NUMBER = f"<customer {contact.phone('+493012345678')}>"


def bought(platform: str, email: object, phone: object, own: object) -> str | None:
    body, topic = {
        "shopify": (shopify_order(email=email, phone=phone, customer={"id": own}), "orders/paid"),
        "stripe": (stripe_session(customer_details={"email": email, "phone": phone}, customer=own), ""),
        "woocommerce": (woo_order(billing={"email": email, "phone": phone}, customer_id=own), "order.updated"),
    }[platform]
    (order,) = orders(parts(platform, body, topic))
    return order.customer_id


@pytest.mark.parametrize("platform", list(SHOPS))
def test_a_customer_is_an_address_else_a_number_else_the_shops_own(platform: str) -> None:
    assert bought(platform, " Ann@X.test", "+49 30 12345678", "7") == ANN
    assert bought(platform, "no address", "0049 30 12345678", "7") == NUMBER
    assert bought(platform, None, "030 12345678", "7") == f"<customer {platform}|{SHOPS[platform]}|7>"
    assert bought(platform, None, None, None) is None


def test_one_customer_of_three_shops_is_one() -> None:
    assert {bought(platform, "ann@x.test", None, None) for platform in SHOPS} == {ANN}


def test_a_visitor_and_a_customer_are_linked_where_an_order_names_both_and_once() -> None:
    noted = shopify_order(note_attributes=[{"name": "visitor_id", "value": "v-9"}])
    (link,) = links(parts("shopify", noted, "orders/create"))
    (order,) = orders(parts("shopify", noted, "orders/create"))
    assert (link.visitor_id, link.customer_id, link.source) == ("<visitor v-9>", ANN, "order")
    assert (order.visitor_id, link.at) == (link.visitor_id, order.ordered_at)
    later = noted | {"updated_at": "2026-09-21T09:15:00-05:00"}
    assert [one.link_id for one in links(parts("shopify", later, "orders/updated"))] == [link.link_id]
    nameless = noted | {"email": None, "customer": None}
    assert links(parts("shopify", nameless, "orders/create")) == []


def test_an_order_tells_where_its_customer_came_from_though_the_landing_was_lost() -> None:
    notes = [{"name": "utm_source", "value": "Facebook"}, {"name": "_fbc", "value": "fb.1.1789990000123.IwAR0-_x.AQ"}]
    (order,) = orders(parts("shopify", shopify_order(landing_site=None, note_attributes=notes), "orders/paid"))
    assert (order.hints.source, order.hints.click_ids, order.hints.landing) == (
        "facebook",
        {"fbclid": "IwAR0-_x"},
        None,
    )
    (order,) = orders(parts("shopify", shopify_order(note_attributes=notes), "orders/paid"))
    assert (order.hints.click_ids, order.hints.referrer) == ({"fbclid": "IwAR0"}, "l.facebook.com")


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        ([{"code": " LENA10", "amount": "5.00"}, {"code": "autumn"}, {"code": "Lena10"}], ("autumn", "lena10")),
        ([{"code": "E\u0301te\u0301"}], ("\u00e9t\u00e9",)),
        ([{"code": "x" * 256}, {"code": ""}, {"code": 7}, {}, None, "lena10", {"code": "a\tb"}], ()),
        ([{"code": f"c{number:02}"} for number in range(30)], tuple(f"c{number:02}" for number in range(20))),
        ({"code": "lena10"}, ()),
        (None, ()),
    ],
)
def test_an_order_bears_its_codes_however_they_were_typed(lines: object, codes: tuple[str, ...]) -> None:
    (shopify,) = orders(parts("shopify", shopify_order(discount_codes=lines), "orders/paid"))
    (woo,) = orders(parts("woocommerce", woo_order(coupon_lines=lines), "order.updated"))
    assert shopify.codes == woo.codes == codes


def test_an_order_is_told_in_the_shops_currency_whatever_the_customer_saw() -> None:
    seen = shopify_order(currency="USD", total_price="54.20", total_price_set=both("49.90", "54.20"))
    (order,) = orders(parts("shopify", seen, "orders/paid"))
    assert (order.currency, order.gross_micros) == ("EUR", 49_900_000)


def test_a_refund_in_the_customers_currency_takes_the_orders_rate_if_it_has_none_of_its_own() -> None:
    given_back = shopify_refund(transactions=[transaction(amount="27.10", currency="USD")])
    order = shopify_order(total_price_set=both("49.90", "54.20"), refunds=[given_back])
    (refund,) = refunds(parts("shopify", order, "orders/updated"))
    assert (refund.currency, refund.amount_micros) == ("EUR", 24_950_000)
    assert words(parts("shopify", given_back, "refunds/create")) == ["foreign_currency"]


def test_a_refund_is_the_same_alone_and_in_its_order_and_the_order_speaks_last() -> None:
    (alone,) = refunds(parts("shopify", shopify_refund(), "refunds/create"))
    (within,) = refunds(parts("shopify", shopify_order(refunds=[shopify_refund()]), "orders/updated"))
    assert (alone.refund_id, alone.order_id) == (within.refund_id, within.order_id)
    later = shopify_order(updated_at="2026-09-21T09:15:00-05:00", refunds=[shopify_refund()])
    (last,) = refunds(parts("shopify", later, "orders/updated"))
    assert last.version > alone.version


@pytest.mark.parametrize(
    ("address", "connected", "accounts", "shop"),
    [
        ("acct_1", None, ("acct_1", "acct_2"), "acct_1"),
        ("acct_1", "acct_2", ("acct_1", "acct_2"), "acct_2"),
        ("", None, ("acct_1",), "acct_1"),
        ("", None, ("acct_1", "acct_2"), None),
        ("acct_3", None, ("acct_1",), None),
    ],
)
def test_an_event_of_stripe_belongs_to_the_account_of_its_address(
    address: str, connected: str | None, accounts: tuple[str, ...], shop: str | None
) -> None:
    event = stripe_session() | ({"account": connected} if connected else {})
    known = {name: msgspec.structs.replace(account("stripe"), id=name) for name in accounts}
    posted = delivery("stripe", dumps(event), address=address)
    hook = webhook("stripe")
    found = list(hook.parse(hook.envelop(posted), receipt("stripe", accounts=known)))
    assert [order.shop_id for order in orders(found)] == ([shop] if shop else [])
    assert words(found) == (["keep"] if shop else ["unknown_account"])


def test_a_checkout_speaks_louder_than_its_payment_whichever_comes_last() -> None:
    intent = {"id": "pi_1", "created": 1_790_000_000, "amount_received": 4990, "currency": "eur"}
    (payment,) = orders(parts("stripe", stripe_event("payment_intent.succeeded", intent, created=1_790_000_300)))
    (checkout,) = orders(parts("stripe", stripe_session()))
    assert payment.order_id == checkout.order_id
    assert payment.version < checkout.version


def test_of_a_checkout_that_waits_for_its_money_the_end_decides() -> None:
    kinds = {"completed": "pending", "async_payment_succeeded": "paid", "async_payment_failed": "cancelled"}
    told = []
    for step, (kind, status) in enumerate(kinds.items()):
        session = stripe_session(payment_status="unpaid" if status != "paid" else "paid")["data"]["object"]
        event = stripe_event(f"checkout.session.{kind}", session, created=1_790_000_000 + step // 2)
        (order,) = orders(parts("stripe", event))
        assert order.status == status
        told.append(order.version)
    assert all(one < other for one, other in itertools.pairwise(told))


@pytest.mark.parametrize(
    ("currency", "minor", "micros"),
    [("eur", 4990, 49_900_000), ("jpy", 4990, 4_990_000_000), ("kwd", 4990, 4_990_000), ("ugx", 500, 5_000_000),
     ("isk", 500, 5_000_000), ("mga", 500, 500_000_000)],
)  # fmt: skip
def test_stripes_minor_units_are_its_own(currency: str, minor: int, micros: int) -> None:
    (order,) = orders(parts("stripe", stripe_session(amount_total=minor, currency=currency)))
    assert order.gross_micros == micros


def test_nothing_in_a_delivery_of_shopify_that_a_redelivery_changes_is_kept() -> None:
    one = delivery("shopify", b"{}", "orders/paid")
    headers = {**one.headers, "X-Shopify-Triggered-At": "2026-09-21T09:00:00Z", "X-Shopify-Webhook-Id": "wh-2"}
    envelop = webhook("shopify").envelop
    assert envelop(one) == envelop(replace(one, headers=headers, received_at=RECEIVED_AT + 1))


@pytest.mark.parametrize("platform", list(SHOPS))
def test_what_was_refused_of_a_customer_is_found_by_the_address_when_they_are_to_be_forgotten(platform: str) -> None:
    body, topic = {
        "shopify": (shopify_order(email="Ann@X.test", total_price="free"), "orders/paid"),
        "stripe": (stripe_session(customer_details={"email": "Ann@X.test"}, currency="euro"), ""),
        "woocommerce": (woo_order(billing={"email": "Ann@X.test"}, total="free"), "order.updated"),
    }[platform]
    for raw in (dumps(body), json.dumps(body, indent=2).encode()):
        (part,) = parts(platform, raw, topic)
        assert names(part.body, ANN, lambda said: f"<customer {contact.person(said)}>")
        assert not names(part.body, "<customer bob>", lambda said: f"<customer {contact.person(said)}>")


# -- what WooCommerce lost is read back


def woo_job(known: Known | None = None, size: int = 2) -> Job:
    settings = Polling(page_size=size, overlap_seconds=60)
    base = "https://shop.test/wp-json/wc/v3"
    return Job(account("woocommerce"), UTC, settings, base, RECEIVED_AT, {"orders": known or Known()})


def read(job: Job, shop: Any) -> tuple[list[Request], list[Part], State]:
    return drive_all(readings.plan_orders(job), shop, receipt=receipt("woocommerce", channel="poll"))


def changed(number: int, minute: int) -> dict[str, Any]:
    return woo_order(id=number, date_modified_gmt=f"2026-09-20T09:{minute:02}:00")


def shop_of(*all_orders: dict[str, Any]) -> Any:
    """A shop that lists by time, in the pages that it is asked for."""

    def answer(request: Request) -> list[Any]:
        asked = request.params
        found = [one for one in all_orders if one["date_modified_gmt"] > asked["modified_after"]]
        found.sort(key=lambda one: (one["date_modified_gmt"], one["id"]))
        size, page = int(asked["per_page"]), int(asked["page"])
        return found[(page - 1) * size : page * size]

    return answer


def test_every_order_that_changed_is_read_though_many_changed_in_one_second() -> None:
    shop = shop_of(
        changed(1, 1), changed(2, 2), changed(3, 2), changed(4, 2), changed(5, 2), changed(6, 7), changed(7, 9)
    )
    asked, found, state = read(woo_job(), shop)
    assert {order.order_id for order in orders(found)} == set("1234567")
    assert state == {"modified": 1_789_895_340_000}
    assert {request.path for request in asked} == {"/orders"}
    again, found, _ = read(woo_job(Known(RECEIVED_AT, state)), shop)
    assert [order.order_id for order in orders(found)] == ["7"]
    assert again[0].params["modified_after"] == "2026-09-20T09:07:59"


def test_an_order_that_changes_while_the_pages_are_read_hides_no_other() -> None:
    listed = [changed(1, 1), changed(2, 2), changed(3, 3), changed(4, 4)]
    shop = shop_of(*listed)

    def answer(request: Request) -> list[Any]:
        told = [dict(one) for one in shop(request)]
        listed[0]["date_modified_gmt"] = "2026-09-20T09:30:00"
        return told

    _, found, _ = read(woo_job(), answer)
    assert {order.order_id for order in orders(found)} == set("1234")


def test_an_order_that_cannot_be_read_is_kept_as_a_delivery_and_the_listing_goes_on() -> None:
    shop = shop_of(changed(1, 1), changed(2, 2) | {"total": "free"}, changed(3, 3))
    _, found, _ = read(woo_job(), shop)
    assert {order.order_id for order in orders(found)} == {"1", "3"}
    refused = next(part for part in found if part.body)
    replayed = list(webhook("woocommerce").parse(refused.body, receipt("woocommerce")))
    assert words(replayed) == ["invalid_money"]


def test_a_listing_that_is_not_sorted_ends_the_poll_for_orders_would_be_missed() -> None:
    with pytest.raises(PollFailed, match="unsorted_listing"):
        read(woo_job(), lambda _request: [changed(1, 2), changed(2, 1)])


def test_a_listing_in_a_circle_ends_the_poll() -> None:
    with pytest.raises(PollFailed, match="paging_loop"):
        read(woo_job(), lambda _request: [changed(1, 1), changed(2, 1)])


@pytest.mark.parametrize("told", [{}, {"orders": []}])
def test_what_is_no_listing_ends_the_poll(told: dict[str, Any]) -> None:
    with pytest.raises(PollFailed, match="no_listing"):
        read(woo_job(), lambda _request: told)


def test_a_refused_listing_says_why() -> None:
    with pytest.raises(PollFailed, match="refused_rest_invalid_param"):
        read(woo_job(), lambda _request: Failure("refuse", "rest_invalid_param"))


def test_a_key_is_never_in_an_address() -> None:
    headers, params = authorise("ck_1:cs_1", ())
    assert (list(headers), params) == (["Authorization"], {})


def test_a_shop_is_asked_at_its_own_address_and_only_if_there_is_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config(accounts=(account("woocommerce"),))
    platforms = {"woocommerce": load()["woocommerce"]}
    setenv(monkeypatch)
    assert list(accesses(polling(platforms.values()).load(), config, platforms)) == []
    setenv(monkeypatch, ENGAGEMENT_WOOCOMMERCE_API_KEY="ck_1:cs_1")
    ((_, access),) = accesses(polling(platforms.values()).load(), config, platforms)
    assert (access.base_url, access.token()) == ("https://shop.test/wp-json/wc/v3", "ck_1:cs_1")
