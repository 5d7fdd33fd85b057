"""Shopify's deliveries, and those that it should not have sent."""

import datetime as dt
import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from itertools import count, cycle
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from ingest.simulator.market.ambassadors import typed
from ingest.simulator.market.arrivals import Arrival
from ingest.simulator.market.brands import SHOPS, Shop
from ingest.simulator.market.orders import Note, Order, Refund, Step, decimal, link_notes, order_note, refund_note
from ingest.simulator.market.people import as_typed
from ingest.simulator.market.telling import Telling
from ingest.simulator.sender import Endpoint
from ingest.simulator.shows import Setup

SECRETS = "shopify_app_secrets"
PRESENTED = 2
"""How much the shop's money is worth in what some customers saw."""
IN_PARTS_ABOVE = 3_000
"""Minor units."""
SUBSCRIBED_TWICE = 0.15
"""Part of the events that come over two subscriptions."""

_STATUS_RANKS = {"pending": 0, "test": 0, "paid": 1, "cancelled": 3}
_TOPICS: Mapping[Step, tuple[str, ...]] = {
    "create": ("orders/create",),
    "pay": ("orders/paid", "orders/updated"),
    "edit": ("orders/updated",),
    "cancel": ("orders/cancelled", "orders/updated"),
    "refund": ("refunds/create", "orders/updated"),
    "fail": ("orders/updated",),
    "delete": ("orders/delete",),
}

Body = dict[str, Any]


def sign(body: bytes, secret: str) -> Mapping[str, str]:
    return {"X-Shopify-Hmac-Sha256": signature(body, secret)}


def signature(body: bytes, secret: str) -> str:
    """HMAC-SHA256 of the bytes, in base64."""
    return b64encode(hmac.new(secret.encode(), body, "sha256").digest()).decode()


def forge(body: bytes, rng: Random) -> Mapping[str, str]:
    wrong = rng.choice((None, "", "AAAA", hmac.new(b"guessed", body, "sha256").hexdigest(), signature(body, "guessed")))
    return {} if wrong is None else {"X-Shopify-Hmac-Sha256": wrong}


def dumps(body: Body) -> bytes:
    """As the platform writes it: `/` and `&` are escaped."""
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return text.replace("/", "\\/").replace("&", "\\u0026").encode()


def iso(at: int, zone: str) -> str:
    return dt.datetime.fromtimestamp(at, ZoneInfo(zone)).isoformat()


class Shopify:
    """Deliveries of all its shops."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._deliveries = count(1)
        self._spoiling = cycle(_SPOILED)
        self._strange = count(9 * 10**15)

    def endpoint(self, setup: Setup) -> Endpoint:
        headers = {"Content-Type": "application/json", "User-Agent": "Shopify-Captain-Hook"}
        return Endpoint(f"{setup.receiver}/webhooks/shopify", setup.secrets[SECRETS], headers, sign, forge)

    def tellings(self, order: Order, step: Step) -> Iterator[Telling]:
        for topic in _TOPICS[step]:
            if topic == "orders/delete":
                yield self._telling(order.shop, topic, {"id": int(order.id)}, order.changed_at, [_deleted(order)])
            elif topic == "refunds/create":
                refund = order.refunds[-1]
                note = _refund_note(order, refund, refund.at)
                yield self._telling(order.shop, topic, self._refund(order, refund), order.changed_at, [note])
            else:
                yield self._telling(order.shop, topic, *self._order(order))

    def _telling(self, shop: Shop, topic: str, body: Body, at: int, told: list[Note]) -> Telling:
        """The delivery over one subscription; `again` makes the other one's."""
        number = next(self._deliveries)
        headers = {
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": shop.id,
            "X-Shopify-API-Version": "2026-01",
            "X-Shopify-Webhook-Id": f"wh-{number}",
            "X-Shopify-Event-Id": f"ev-{number}",
            "X-Shopify-Triggered-At": iso(at, "UTC"),
        }
        return Telling(dumps(body), at, told, headers=headers)

    def again(self, telling: Telling) -> Telling | None:
        """The same event over another subscription."""
        if self._rng.random() >= SUBSCRIBED_TWICE:
            return None
        headers = {**telling.headers, "X-Shopify-Webhook-Id": f"{telling.headers['X-Shopify-Webhook-Id']}-b"}
        return Telling(telling.body, telling.sent_at, telling.told, headers=headers, is_copy=True)

    def _order(self, order: Order) -> tuple[Body, int, list[Note]]:
        shop, arrival = order.shop, order.arrival
        landing = None
        if order.number % 11:  # one from a point of sale has none
            landing = arrival.url(self._rng)
        notes = [{"name": "gift", "value": "yes"}] if order.number % 5 == 0 else []
        if order.visitor:
            notes.append({"name": "visitor_id", "value": order.visitor})
        if "fbclid" in arrival.click_ids:
            notes.append({"name": "fbc", "value": f"fb.1.{order.created_at}000.{arrival.click_ids['fbclid']}"})
        presented = _presented(order)
        body = {
            "id": int(order.id),
            "name": f"#{order.number}",
            "created_at": iso(order.created_at, shop.zone),
            "updated_at": iso(order.changed_at, shop.zone),
            "processed_at": iso(order.created_at, shop.zone),
            "cancelled_at": iso(order.cancelled_at, shop.zone) if order.cancelled_at else None,
            "test": order.is_test,
            "currency": shop.currency,
            "presentment_currency": presented,
            "total_price": decimal(shop.currency, order.gross),
            "current_total_price": decimal(shop.currency, order.gross - order.refunded()),
            "total_price_set": {
                "shop_money": {"amount": decimal(shop.currency, order.gross), "currency_code": shop.currency},
                "presentment_money": {
                    "amount": decimal(presented, order.gross * PRESENTED),
                    "currency_code": presented,
                },
            },
            "financial_status": _financial_status(order),
            "email": as_typed(self._rng, order.person.email) if order.is_known else "",
            "customer": {"id": order.own_id},
            "cart_token": f"ct{order.number}",
            "checkout_token": f"ck{order.number}",
            "source_name": "web" if landing else "pos",
            "browser_ip": "203.0.113.9" if landing else None,
            "landing_site": landing,
            "referring_site": arrival.referrer if landing else None,
            "note_attributes": notes,
            "discount_codes": [
                {"code": typed(code, order.number), "amount": "5.00", "type": "fixed_amount"} for code in order.codes
            ],
            "line_items": [{"id": 1, "sku": "s", "quantity": 1, "price": decimal(shop.currency, order.gross)}],
            "refunds": [self._refund(order, refund) for refund in order.refunds],
        }
        status = order.told_status
        rank = max(_STATUS_RANKS[status], 2) if order.refunds else _STATUS_RANKS[status]
        hints = arrival.hints(arrival.path) if landing else _of_notes(arrival)
        note = order_note(
            order,
            order.changed_at * 1000 + rank,
            status,
            hints=hints,
            customer=order.customer(str(order.own_id)),
            visitor=order.visitor,
            codes=sorted(order.codes),
        )
        told = [note, *link_notes(note), *(_refund_note(order, one, order.changed_at) for one in order.refunds)]
        return body, order.changed_at, told

    def _refund(self, order: Order, refund: Refund) -> Body:
        """Money is given back in what the customer paid with; the sums in both currencies tell the rate."""
        shop, paid_with = order.shop, _presented(order)
        rate = 1 if paid_with == shop.currency else PRESENTED
        amount = refund.amount * rate
        parts = [(amount, "failure" if refund.has_failed else "success")]
        if refund.amount > IN_PARTS_ABOVE and not refund.has_failed:  # two, after one that did not go through
            parts = [(amount // 3, "success"), (amount - amount // 3, "success"), (amount, "failure")]
        both = {
            "shop_money": {"amount": decimal(shop.currency, refund.amount), "currency_code": shop.currency},
            "presentment_money": {"amount": decimal(paid_with, amount), "currency_code": paid_with},
        }
        line = {"id": 1, "line_item_id": 1, "quantity": 1, "subtotal": refund.amount / 100, "total_tax": 0.0}
        return {
            "id": int(refund.id),
            "order_id": int(order.id),
            "created_at": iso(refund.at, shop.zone),
            "processed_at": iso(refund.at, shop.zone),
            "note": "damaged",
            "restock": True,
            "order_adjustments": [],
            "refund_line_items": [line | {"subtotal_set": both}],
            "transactions": [
                {"id": n, "kind": "refund", "status": status, "amount": decimal(paid_with, part), "currency": paid_with}
                for n, (part, status) in enumerate(parts, 2)
            ],
        }

    def spoiled(self, at: int) -> Telling:
        reason, spoil = next(self._spoiling)
        shop = next(shop for shop in SHOPS if shop.source == "shopify")
        number = next(self._strange)
        body = spoil(_plain(shop, number, at))
        telling = self._telling(shop, "orders/create", body, at, [])
        telling.reasons = [reason]
        if reason == "unreadable_body":
            telling.body = telling.body[:-9]
        if reason == "unknown_account":
            telling.headers = {**telling.headers, "X-Shopify-Shop-Domain": "somebody-else.myshopify.com"}
        return telling

    def forgery(self, at: int) -> Telling:
        shop = next(shop for shop in SHOPS if shop.source == "shopify")
        telling = self._telling(shop, "orders/create", _plain(shop, next(self._strange), at), at, [])
        telling.is_forged = True
        return telling


def _presented(order: Order) -> str:
    """The currency that the customer saw."""
    return "CHF" if order.number % 7 == 0 else order.shop.currency


def _financial_status(order: Order) -> str:
    if order.status == "cancelled":
        return "voided"
    if order.refunded():
        return "refunded" if order.refunded() >= order.gross else "partially_refunded"
    return order.status


def _of_notes(arrival: Arrival) -> Body:
    """What a cart's notes tell without an address: the click id in a cookie."""
    return {"click_ids": ["fbclid"]} if "fbclid" in arrival.click_ids else {}


def _refund_note(order: Order, refund: Refund, changed_at: int) -> Note:
    version = changed_at * 1000 + (not refund.has_failed)
    return refund_note(order, refund.id, version, refund.amount, has_failed=refund.has_failed)


def _deleted(order: Order) -> Note:
    """It says no time; that of its receipt is later than all else."""
    return order_note(order, 2**60, "cancelled", hints={}, is_deleted=True)


def _plain(shop: Shop, number: int, at: int) -> Body:
    return {
        "id": number,
        "created_at": iso(at, "UTC"),
        "updated_at": iso(at, "UTC"),
        "currency": shop.currency,
        "total_price": "10.00",
        "financial_status": "paid",
        "email": f"nobody.{number}@mail.example",
    }


_SPOILED: tuple[tuple[str, Callable[[Body], Body]], ...] = (
    ("missing_field", lambda body: {name: value for name, value in body.items() if name != "updated_at"}),
    ("invalid_money", lambda body: body | {"total_price": "12,50"}),
    ("unreadable_body", lambda body: body),
    ("unknown_account", lambda body: body),
    ("invalid_time", lambda body: body | {"updated_at": "yesterday"}),
    ("future_time", lambda body: body | {"updated_at": "2036-01-01T00:00:00+00:00"}),
    ("unknown_item", lambda body: body | {"financial_status": "haggling"}),
    ("invalid_money", lambda body: body | {"total_price": "-3.00"}),
    ("invalid_field", lambda body: body | {"id": {"of": body["id"]}}),
)
