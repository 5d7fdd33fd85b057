"""WooCommerce's deliveries, those that it should not have sent, and the listing that repairs what they lost."""

import datetime as dt
import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from itertools import count, cycle
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from ingest.simulator.market.brands import SHOPS, SITES
from ingest.simulator.market.orders import Note, Order, Step, decimal, link_notes, order_note, refund_note
from ingest.simulator.market.people import as_typed
from ingest.simulator.market.shopify import signature
from ingest.simulator.market.telling import Telling
from ingest.simulator.sender import Endpoint
from ingest.simulator.shows import Setup

SECRETS = "woocommerce_webhook_secrets"
PREFIX = "/woocommerce/wp-json/wc/v3"
SHOP = next(shop for shop in SHOPS if shop.source == "woocommerce")
HOST = next(site.host for site in SITES if site.brand == SHOP.brand)

_RANKS = {"pending": 0, "test": 0, "paid": 1, "cancelled": 3}
_TOPICS: Mapping[Step, str] = {"create": "order.created", "delete": "order.deleted"}
_WORDS = {"pending": "pending", "paid": "processing", "cancelled": "cancelled"}
Body = dict[str, Any]


def _sign(body: bytes, secret: str) -> Mapping[str, str]:
    return {"X-WC-Webhook-Signature": signature(body, secret)}


def _forge(body: bytes, rng: Random) -> Mapping[str, str]:
    wrong = rng.choice((None, "", signature(body, "guessed"), signature(body + b" ", "guessed")))
    return {} if wrong is None else {"X-WC-Webhook-Signature": wrong}


def gmt(at: int) -> str:
    """A time that does not say its zone."""
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")


def second(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp())


def authorised(header: str | None, key: str) -> bool:
    return header == "Basic " + b64encode(key.encode()).decode()


class WooCommerce:
    """Deliveries of the shop."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._spoiling = cycle(_SPOILED)
        self._strange = count(10**9)

    def endpoint(self, setup: Setup) -> Endpoint:
        """What is not taken is lost, and comes with the listing."""
        headers = {"Content-Type": "application/json", "User-Agent": "WooCommerce/9.4 Hookshot (WordPress/6.7)"}
        url, secrets = f"{setup.receiver}/webhooks/woocommerce", setup.secrets[SECRETS]
        return Endpoint(url, secrets, headers, _sign, _forge, attempts=1)

    def again(self, _telling: Telling) -> Telling | None:
        return None

    def ping(self, at: int) -> Telling:
        """What is posted to a webhook that was just made: unsigned, and yet to be answered 200."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-WC-Webhook-Signature": ""}
        return Telling(b"webhook_id=3", at, headers=headers)

    def tellings(self, order: Order, step: Step) -> Iterator[Telling]:
        if step == "fail":  # a refund that fails is none here
            return
        topic = _TOPICS.get(step, "order.updated")
        if step == "delete":
            note = order_note(order, 2**60, "cancelled", hints={}, is_deleted=True)
            yield self._telling(topic, {"id": int(order.id)}, order.changed_at, [note])
        else:
            yield self._telling(topic, self.shown(order), order.changed_at, self.notes(order))

    def _telling(self, topic: str, body: Body, at: int, told: list[Note]) -> Telling:
        headers = {
            "X-WC-Webhook-Source": SHOP.id + "/",
            "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Resource": "order",
            "X-WC-Webhook-Event": topic.partition(".")[2],
            "X-WC-Webhook-ID": "3",
            "X-WC-Webhook-Delivery-ID": f"{at % 10_000:032x}",  # two in one second share it
        }
        return Telling(json.dumps(body, ensure_ascii=False).encode(), at, told, headers=headers)

    def shown(self, order: Order) -> Body:
        """An order as the shop writes it, pushed or listed."""
        arrival, shop = order.arrival, order.shop
        status = "refunded" if order.refunded() >= order.gross else _WORDS[order.status]
        tags = arrival.tags(self._rng)
        meta = {f"_wc_order_attribution_{name}": tags[name] for name in tags if name.startswith("utm_")}
        meta["_wc_order_attribution_source_type"] = "utm" if arrival.words else "typein"
        meta["_wc_order_attribution_session_entry"] = arrival.url(self._rng, HOST)
        if arrival.referrer:
            meta["_wc_order_attribution_referrer"] = arrival.referrer
        if not arrival.words:
            meta["_wc_order_attribution_utm_source"] = "(direct)"
        if order.visitor:
            meta["visitor_id"] = order.visitor
        local = dt.datetime.fromtimestamp(order.created_at, ZoneInfo(shop.zone)).replace(tzinfo=None)
        return {
            "id": int(order.id),
            "number": str(order.number),
            "status": status,
            "currency": shop.currency,
            "total": decimal(shop.currency, order.gross),
            "date_created": local.isoformat(),
            "date_created_gmt": gmt(order.created_at),
            "date_modified_gmt": gmt(order.changed_at),
            "date_paid_gmt": None if order.status == "pending" else gmt(order.created_at),
            "customer_id": 0 if order.is_known else order.own_id,
            "billing": {"email": as_typed(self._rng, order.person.email) if order.is_known else "", "phone": ""},
            "refunds": [
                {"id": int(one.id), "reason": "", "total": "-" + decimal(shop.currency, one.amount)}
                for one in order.refunds
            ],
            "coupon_lines": [{"id": n, "code": code, "discount": "5"} for n, code in enumerate(order.codes, 1)],
            "meta_data": [{"id": n, "key": key, "value": value} for n, (key, value) in enumerate(meta.items(), 1)],
        }

    def notes(self, order: Order) -> list[Note]:
        """What `shown` says."""
        version = order.changed_at * 1000
        rank = max(_RANKS[order.status], 2) if order.refunds else _RANKS[order.status]
        note = order_note(
            order,
            version + rank,
            order.status,
            hints=order.arrival.hints(HOST + order.arrival.path),
            customer=order.customer(str(order.own_id)),
            visitor=order.visitor,
            codes=sorted(order.codes),
        )
        refunds = [refund_note(order, one.id, version, one.amount) for one in order.refunds]
        return [note, *link_notes(note), *refunds]

    def spoiled(self, at: int) -> Telling:
        reason, spoil = next(self._spoiling)
        telling = self._telling("order.updated", spoil(self._plain(at)), at, [])
        telling.reasons = [reason]
        if reason == "unreadable_body":
            telling.body = telling.body[:-6]
        if reason == "unknown_account":
            telling.headers = {**telling.headers, "X-WC-Webhook-Source": "https://somebody.example/"}
        return telling

    def forgery(self, at: int) -> Telling:
        telling = self._telling("order.updated", self._plain(at), at, [])
        telling.is_forged = True
        return telling

    def _plain(self, at: int) -> Body:
        return {
            "id": next(self._strange),
            "status": "processing",
            "currency": SHOP.currency,
            "total": "10.00",
            "date_created_gmt": gmt(at),
            "date_modified_gmt": gmt(at),
        }


_SPOILED: tuple[tuple[str, Callable[[Body], Body]], ...] = (
    ("missing_field", lambda body: body | {"status": ""}),
    ("invalid_money", lambda body: body | {"total": "10.00 GBP"}),
    ("unreadable_body", lambda body: body),
    ("unknown_account", lambda body: body),
    ("invalid_time", lambda body: body | {"date_modified_gmt": "01/02/2026"}),
    ("missing_field", lambda body: body | {"date_created_gmt": None}),
    ("future_time", lambda body: body | {"date_modified_gmt": "2036-01-01T00:00:00"}),
)
