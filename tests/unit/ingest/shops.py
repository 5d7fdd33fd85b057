"""A small voice for shops: deliveries of Shopify, Stripe and WooCommerce, and what becomes of them."""

import datetime as dt
from typing import Any

from contracts.config import Account
from contracts.outcome import Drop, Keep, Refuse
from contracts.paid import Link, Order, Refund
from ingest.platforms import Delivery, Fact, Part, Receipt, Webhook, load
from ingest.wire import dumps

RECEIVED_AT = 1_790_000_400_000
SHOPS = {"shopify": "acme.myshopify.com", "stripe": "acct_1", "woocommerce": "https://shop.test"}


def account(platform: str, currency: str = "EUR", brand: str = "acme") -> Account:
    connected_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return Account(platform, SHOPS[platform], "A shop", brand, connected_at, currency=currency)


def receipt(platform: str, **changes: Any) -> Receipt:
    """Pseudonyms are ids in angle brackets, so that a raw one would be seen."""
    values: dict[str, Any] = {
        "received_at": RECEIVED_AT,
        "channel": "webhook",
        "source_id": "delivery",
        "accounts": {SHOPS[platform]: account(platform)},
        "pseudonym": lambda actor: f"<{actor}>",
        "visitor": lambda visitor: f"<visitor {visitor}>",
        "customer": lambda customer: f"<customer {customer}>",
    }
    return Receipt(**values | changes)


def webhook(platform: str) -> Webhook:
    found = load()[platform].webhook
    assert found is not None
    return found


def delivery(platform: str, body: bytes, topic: str = "", **changes: Any) -> Delivery:
    """A delivery as it is posted, without a signature."""
    headers: dict[str, dict[str, str]] = {
        "shopify": {"X-Shopify-Topic": topic, "X-Shopify-Shop-Domain": SHOPS["shopify"]},
        "woocommerce": {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Source": SHOPS["woocommerce"] + "/"},
        "stripe": {},
    }
    values: dict[str, Any] = {
        "headers": headers[platform],
        "signatures": (),
        "received_at": RECEIVED_AT,
        "address": SHOPS["stripe"] if platform == "stripe" else "",
    }
    return Delivery(body, **values | changes)


def parts(platform: str, body: object, topic: str = "", **changes: Any) -> list[Part]:
    """What becomes of a delivery; `changes` are those of its receipt."""
    raw = body if isinstance(body, bytes) else dumps(body)
    hook = webhook(platform)
    return list(hook.parse(hook.envelop(delivery(platform, raw, topic)), receipt(platform, **changes)))


def facts(found: list[Part]) -> list[Fact]:
    return [part.outcome.value for part in found if isinstance(part.outcome, Keep)]


def orders(found: list[Part]) -> list[Order]:
    return [fact for fact in facts(found) if isinstance(fact, Order)]


def refunds(found: list[Part]) -> list[Refund]:
    return [fact for fact in facts(found) if isinstance(fact, Refund)]


def links(found: list[Part]) -> list[Link]:
    return [fact for fact in facts(found) if isinstance(fact, Link)]


def words(found: list[Part]) -> list[str]:
    """For each part `keep`, or why not."""
    return [part.outcome.reason if isinstance(part.outcome, Drop | Refuse) else "keep" for part in found]


def shopify_order(**fields: object) -> dict[str, Any]:
    whole: dict[str, object] = {
        "id": 820982911946154508,
        "created_at": "2026-09-21T09:00:00-05:00",
        "updated_at": "2026-09-21T09:00:02-05:00",
        "processed_at": "2026-09-21T09:00:00-05:00",
        "cancelled_at": None,
        "test": False,
        "currency": "EUR",
        "total_price": "49.90",
        "financial_status": "paid",
        "email": "ann@x.test",
        "customer": {"id": 7},
        "landing_site": "/products/a?utm_source=facebook&fbclid=IwAR0",
        "referring_site": "https://l.facebook.com/",
        "note_attributes": [],
        "refunds": [],
    }
    return whole | fields


def shopify_refund(**fields: object) -> dict[str, Any]:
    whole: dict[str, object] = {
        "id": 890088186047892319,
        "order_id": 820982911946154508,
        "created_at": "2026-09-21T09:10:00-05:00",
        "processed_at": "2026-09-21T09:10:00-05:00",
        "transactions": [transaction()],
    }
    return whole | fields


def transaction(**fields: object) -> dict[str, Any]:
    whole: dict[str, object] = {"kind": "refund", "status": "success", "amount": "9.90", "currency": "EUR"}
    return whole | fields


def both(shop: str, presentment: str, own: str = "EUR", other: str = "USD") -> dict[str, Any]:
    """A sum in the shop's currency and in the customer's."""
    return {
        "shop_money": {"amount": shop, "currency_code": own},
        "presentment_money": {"amount": presentment, "currency_code": other},
    }


def stripe_event(kind: object, body: object, **fields: object) -> dict[str, Any]:
    whole: dict[str, object] = {
        "id": "evt_1",
        "object": "event",
        "created": 1_790_000_000,
        "type": kind,
        "livemode": True,
        "data": {"object": body},
    }
    return whole | fields


def stripe_session(**fields: object) -> dict[str, Any]:
    """A checkout that was completed, with fields of the session replaced or added."""
    whole: dict[str, object] = {
        "id": "cs_1",
        "amount_total": 4990,
        "currency": "eur",
        "payment_status": "paid",
        "payment_intent": "pi_1",
    }
    return stripe_event("checkout.session.completed", whole | fields)


def stripe_refund(**fields: object) -> dict[str, Any]:
    whole: dict[str, object] = {
        "id": "re_1",
        "amount": 990,
        "currency": "eur",
        "charge": "ch_1",
        "payment_intent": "pi_1",
        "created": 1_790_000_100,
        "status": "succeeded",
    }
    return stripe_event("refund.updated", whole | fields, created=1_790_000_100)


def woo_order(**fields: object) -> dict[str, Any]:
    whole: dict[str, object] = {
        "id": 727,
        "status": "processing",
        "currency": "EUR",
        "total": "49.90",
        "customer_id": 7,
        "date_created_gmt": "2026-09-21T09:00:00",
        "date_modified_gmt": "2026-09-21T09:00:02",
        "date_paid_gmt": "2026-09-21T09:00:02",
    }
    return whole | fields
