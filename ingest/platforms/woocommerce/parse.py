"""An order of WooCommerce, pushed or polled -> the order, its refunds, and who its visitor was.

The rules are those of the README beside this file. Nothing raises: what cannot be used is a `Refuse`.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw

from contracts.config import Account
from contracts.outcome import Drop, Outcome, Refuse
from contracts.paid import Hints, OrderStatus
from ingest import codes, hints, money
from ingest.fields import Unusable, required
from ingest.platforms import Fact, Part, Receipt
from ingest.platforms.woocommerce.shapes import Deleted, Order, Refund
from ingest.shops import envelope
from ingest.shops.envelope import Head, Told
from ingest.shops.orders import VISITOR, Buyer, Shop, instant, ranked
from ingest.wire import converted, decoded, path

PLATFORM = "woocommerce"
UPDATED = "order.updated"

_ORDERS = frozenset(("order.created", UPDATED, "order.restored"))
_STATUSES: dict[str, OrderStatus] = {
    **dict.fromkeys(("pending", "on-hold", "checkout-draft", "auto-draft"), "pending"),
    **dict.fromkeys(("processing", "completed", "refunded"), "paid"),
    **dict.fromkeys(("cancelled", "failed", "trash"), "cancelled"),
}
_ATTRIBUTION = "_wc_order_attribution_"

_order = msgspec.json.Decoder(Order)
_deleted = msgspec.json.Decoder(Deleted)


def parse(data: bytes, receipt: Receipt) -> Iterator[Part]:
    """Every part of an input."""
    return envelope.parts(data, receipt, _told)


def polled(account: Account, raw: Raw, receipt: Receipt) -> Iterator[Part]:
    """An order of a listing, as if it had been pushed; one that cannot be used is kept as a delivery to replay."""
    return parse(envelope.enveloped({"topic": UPDATED, "shop": account.id}, bytes(raw)), receipt)


def modified_at(raw: Raw, received_at: int) -> int:
    """When an order of a listing was changed last. Raises `Unusable`."""
    return _instant(decoded(_order, raw).date_modified_gmt, "date_modified_gmt", received_at)


def _told(head: Head, body: bytes, receipt: Receipt) -> Told:
    topic = head.get("topic", "")
    if topic not in _ORDERS and topic != "order.deleted":
        return None, [Drop("unsubscribed_topic")]
    account = receipt.accounts.get(head.get("shop", "").lower().rstrip("/"))
    if account is None:
        raise Unusable("unknown_account", "X-WC-Webhook-Source")
    return account.id, _outcomes(Shop(PLATFORM, account, receipt), topic, Raw(body))


def _outcomes(shop: Shop, topic: str, body: Raw) -> Iterator[Outcome[Fact]]:
    if topic == "order.deleted":
        yield shop.deleted(required(decoded(_deleted, body).id, "id"))
    else:
        yield from _ordered(shop, decoded(_order, body))


def _instant(text: str | None, name: str, received_at: int) -> int:
    """A `_gmt` time, which does not say that it is one."""
    return instant(f"{text}Z" if text else None, name, received_at)


def _ordered(shop: Shop, order: Order) -> Iterator[Outcome[Fact]]:
    received_at = shop.receipt.received_at
    order_id = required(order.id, "id")
    status = _status(order)
    changed_at = _instant(order.date_modified_gmt, "date_modified_gmt", received_at)
    currency = money.currency(order.currency, "currency")
    meta = _meta(order)
    billing = order.billing or None
    yield from shop.order(
        order_id,
        version=ranked(changed_at, status, is_refunded=bool(order.refunds)),
        status=status,
        ordered_at=_instant(order.date_created_gmt, "date_created_gmt", received_at),
        currency=currency,
        gross_micros=money.at_least_nothing(money.from_decimal(order.total, "total"), "total"),
        buyer=Buyer(
            email=billing.email if billing else None,
            phone=billing.phone if billing else None,
            customer=order.customer_id or None,  # a guest is 0
            visitor=meta.get(VISITOR) or meta.get(f"_{VISITOR}"),
        ),
        hints=_hints(meta),
        codes=codes.of_lines(order.coupon_lines),
    )
    for one in order.refunds or ():
        yield _refunded(shop, order_id, changed_at, currency, one)


def _status(order: Order) -> OrderStatus:
    """Shops may have statuses of their own: then it counts whether it was paid."""
    if not order.status:
        raise Unusable("missing_field", "status")
    return _STATUSES.get(order.status.removeprefix("wc-")) or ("paid" if order.date_paid_gmt else "pending")


def _refunded(shop: Shop, order_id: str, changed_at: int, currency: str, one: Any) -> Outcome[Fact]:
    """A refund of an order's list, which tells its sum, negative, and no time."""
    try:
        refund = converted(one, Refund)
        return shop.refund(
            order_id,
            required(refund.id, "id"),
            version=changed_at,
            refunded_at=changed_at,
            currency=currency,
            amount_micros=money.at_least_nothing(-money.from_decimal(refund.total, "total"), "total"),
        )
    except msgspec.ValidationError as error:
        return Refuse("invalid_field", f"refunds: {path(error)}")
    except Unusable as error:
        return Refuse(error.reason, f"refunds: {error.detail}")


def _meta(order: Order) -> dict[str, str]:
    found = order.meta_data if isinstance(order.meta_data, list) else []
    pairs = ((one.get("key"), one.get("value")) for one in found if isinstance(one, dict))
    return {key: value for key, value in pairs if isinstance(key, str) and isinstance(value, str)}


def _hints(meta: dict[str, str]) -> Hints:
    """WooCommerce's own attribution: words such as `(direct)` are no campaign's; the entry page has its own hints."""
    told = {
        key.removeprefix(_ATTRIBUTION): value
        for key, value in meta.items()
        if key.startswith(_ATTRIBUTION) and not value.startswith("(")
    }
    entry = hints.of_url(told.get("session_entry"), told.get("referrer"))
    return hints.merged(hints.of_parameters(told.items()), entry)
