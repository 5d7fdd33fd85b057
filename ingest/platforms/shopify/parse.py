"""A delivery of Shopify -> an order, its refunds, and who its visitor was.

The rules are those of the README beside this file. Nothing raises: what cannot be used is a `Refuse`.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw

from contracts.outcome import Drop, Outcome, Refuse
from contracts.paid import Hints, OrderStatus
from ingest import codes, hints, money
from ingest.fields import Unusable, required
from ingest.platforms import Fact, Part, Receipt
from ingest.platforms.shopify import refunds
from ingest.platforms.shopify.shapes import Deleted, Order, Refund
from ingest.shops import envelope
from ingest.shops.envelope import Head, Told
from ingest.shops.orders import VISITOR, Buyer, Shop, instant, ranked
from ingest.wire import converted, decoded, path

PLATFORM = "shopify"

_ORDERS = frozenset(f"orders/{verb}" for verb in ("create", "paid", "updated", "cancelled", "fulfilled"))
_REQUESTS = {
    "customers/redact": "erasure_requested",
    "customers/data_request": "data_requested",
    "shop/redact": "shop_left",
    "app/uninstalled": "shop_left",
}
"""What no program may answer alone: it is put aside, sealed, for the operator."""
_STATUSES: dict[str | None, OrderStatus] = {
    None: "pending",
    **dict.fromkeys(("pending", "authorized", "partially_paid"), "pending"),
    **dict.fromkeys(("paid", "partially_refunded", "refunded"), "paid"),
    **dict.fromkeys(("voided", "expired"), "cancelled"),
}

_order = msgspec.json.Decoder(Order)
_refund = msgspec.json.Decoder(Refund)
_deleted = msgspec.json.Decoder(Deleted)


def parse(data: bytes, receipt: Receipt) -> Iterator[Part]:
    """Every part of an input."""
    return envelope.parts(data, receipt, _told)


def _told(head: Head, body: bytes, receipt: Receipt) -> Told:
    topic, shop_id = head.get("topic", ""), head.get("shop", "").lower()
    account = receipt.accounts.get(shop_id)
    if topic in _REQUESTS:
        return shop_id if account else None, [Refuse(_REQUESTS[topic], topic)]
    if topic not in _ORDERS and topic not in ("refunds/create", "orders/delete"):
        return None, [Drop("unsubscribed_topic")]
    if account is None:
        raise Unusable("unknown_account", "X-Shopify-Shop-Domain")
    return account.id, _outcomes(Shop(PLATFORM, account, receipt), topic, Raw(body))


def _outcomes(shop: Shop, topic: str, body: Raw) -> Iterator[Outcome[Fact]]:
    if topic == "orders/delete":
        yield shop.deleted(required(decoded(_deleted, body).id, "id"))
    elif topic == "refunds/create":
        yield refunds.told(shop, decoded(_refund, body))
    else:
        order = decoded(_order, body)
        yield from _ordered(shop, order)
        for one in order.refunds or ():
            yield _refunded(shop, order, one)


def _ordered(shop: Shop, order: Order) -> Iterator[Outcome[Fact]]:
    received_at = shop.receipt.received_at
    status = _status(order)
    currency, gross = _total(order)
    notes = _notes(order)
    customer = order.customer
    return shop.order(
        required(order.id, "id"),
        version=ranked(instant(order.updated_at, "updated_at", received_at), status, is_refunded=bool(order.refunds)),
        status=status,
        ordered_at=instant(order.processed_at or order.created_at, "created_at", received_at),
        currency=currency,
        gross_micros=gross,
        buyer=Buyer(
            email=order.email or (customer.email if customer else None),
            phone=order.phone or (customer.phone if customer else None),
            customer=customer.id if customer else None,
            visitor=dict(notes).get(VISITOR),
        ),
        hints=_hints(order, notes),
        codes=codes.of_lines(order.discount_codes),
    )


def _status(order: Order) -> OrderStatus:
    if order.financial_status not in _STATUSES:
        raise Unusable("unknown_item", "financial_status")
    if order.test:
        return "test"
    return "cancelled" if order.cancelled_at else _STATUSES[order.financial_status]


def _total(order: Order) -> tuple[str, int]:
    """The shop's currency, and the whole order in it, whatever the customer saw."""
    own = order.total_price_set.shop_money if order.total_price_set else None
    code, amount = (own.currency_code, own.amount) if own else (order.currency, order.total_price)
    micros = money.from_decimal(amount, "total_price")
    return money.currency(code, "currency"), money.at_least_nothing(micros, "total_price")


def _notes(order: Order) -> list[tuple[str, str]]:
    """What the shop's pages added to the cart: names and values, as far as they are texts."""
    found = order.note_attributes if isinstance(order.note_attributes, list) else []
    pairs = ((one.get("name"), one.get("value")) for one in found if isinstance(one, dict))
    return [(name, value) for name, value in pairs if isinstance(name, str) and isinstance(value, str)]


def _hints(order: Order, notes: list[tuple[str, str]]) -> Hints:
    """Of the page on which the customer came, and then of what the pages noted, which is there without cookies too."""
    landing, referrer = (site if isinstance(site, str) else None for site in (order.landing_site, order.referring_site))
    return hints.merged(hints.of_url(landing, referrer), hints.of_parameters(notes))


def _refunded(shop: Shop, order: Order, one: Any) -> Outcome[Fact]:
    try:
        return refunds.told(shop, converted(one, Refund), order)
    except msgspec.ValidationError as error:
        return Refuse("invalid_field", f"refunds: {path(error)}")
    except Unusable as error:
        return Refuse(error.reason, f"refunds: {error.detail}")
