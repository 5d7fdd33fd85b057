"""Stripe's events, and those that it should not have sent."""

import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from itertools import count, cycle
from random import Random
from time import time
from typing import Any

from ingest.simulator.market.brands import SHOPS
from ingest.simulator.market.orders import (
    Note,
    Order,
    Refund,
    Step,
    link_notes,
    order_note,
    refund_note,
)
from ingest.simulator.market.people import as_typed
from ingest.simulator.market.telling import Telling
from ingest.simulator.sender import Endpoint
from ingest.simulator.shows import Setup

SECRETS = "stripe_webhook_secrets"
STALE_SECONDS = 3_600

_RANKS = {"pending": 0, "test": 0, "paid": 1, "cancelled": 3}
Body = dict[str, Any]


def _signature(body: bytes, secret: str, seconds: int) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, "sha256").hexdigest()


def sign(body: bytes, secret: str) -> Mapping[str, str]:
    """By the wall clock, since a receiver judges by its own; an older scheme's signature beside ours is none."""
    now = int(time())
    return {"Stripe-Signature": f"t={now},v1={_signature(body, secret, now)},v0={'0' * 64}"}


def forge(body: bytes, rng: Random) -> Mapping[str, str]:
    now = int(time())
    wrong = rng.choice(
        (
            f"t={now},v1={_signature(body, 'guessed', now)}",
            f"t={now},v0={_signature(body, 'guessed', now)}",
            f"t={now - STALE_SECONDS},v1={'0' * 64}",
            "",
        )
    )
    return {"Stripe-Signature": wrong}


class Stripe:
    """Events of all its accounts."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._events = count(1)
        self._spoiling = cycle(_SPOILED)

    def endpoint(self, setup: Setup) -> Endpoint:
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Stripe/1.0"}
        return Endpoint(f"{setup.receiver}/webhooks/stripe/", setup.secrets[SECRETS], headers, sign, forge)

    def again(self, _telling: Telling) -> Telling | None:
        return None

    def tellings(self, order: Order, step: Step) -> Iterator[Telling]:
        at = order.changed_at
        match step:
            case "create":
                yield self._event(order, "checkout.session.completed", self._session(order), self._order(order, at), at)
                if order.status == "paid" and order.number % 3:
                    yield self._event(
                        order, "payment_intent.succeeded", self._intent(order), [_intent_note(order)], at + 1
                    )
            case "pay":
                kind = "checkout.session.async_payment_succeeded"
                yield self._event(order, kind, self._session(order), self._order(order, at), at)
            case "cancel" if order.refunds == []:
                kind = "checkout.session.async_payment_failed"
                yield self._event(order, kind, self._session(order), self._order(order, at), at)
            case "refund":
                refund = order.refunds[-1]
                if not order.number % 4:  # settled only later
                    refund.is_settled = False
                yield self._refunded(order, refund, "refund.created", at)
                yield self._event(order, "charge.refunded", self._charge(order), [_total_note(order)], at)
                if not refund.is_settled:
                    refund.is_settled = True
                    yield self._refunded(order, refund, "refund.updated", at + 40)
            case "fail":
                yield self._refunded(order, order.refunds[-1], "refund.failed", at)

    def _event(self, order: Order, kind: str, body: Body, told: list[Note], at: int) -> Telling:
        event = {
            "id": f"evt_{next(self._events)}",
            "object": "event",
            "api_version": "2025-03-31.basil",
            "created": at,
            "type": kind,
            "livemode": not order.is_test,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "data": {"object": body},
        }
        return Telling(json.dumps(event, indent=2).encode(), at, told, address=order.shop.id)

    def _session(self, order: Order) -> Body:
        return {
            "id": f"cs_{order.number}",
            "object": "checkout.session",
            "mode": "payment",
            "created": order.created_at,
            "amount_total": order.gross,
            "currency": order.shop.currency.lower(),
            "payment_status": "paid" if order.status == "paid" else "unpaid",
            "payment_intent": order.id,
            "client_reference_id": order.visitor,
            "customer": f"cus_{order.person.number}" if not order.is_known else None,
            "customer_details": {"email": as_typed(self._rng, order.person.email) if order.is_known else None},
            "metadata": order.arrival.tags(self._rng),
        }

    def _order(self, order: Order, at: int) -> list[Note]:
        status = order.told_status
        note = order_note(
            order,
            at * 1000 + _RANKS[status],
            status,
            hints=order.arrival.hints(None, referrer=False),
            customer=order.customer(f"cus_{order.person.number}"),
            visitor=order.visitor,
        )
        return [note, *link_notes(note)]

    def _intent(self, order: Order) -> Body:
        return {
            "id": order.id,
            "object": "payment_intent",
            "created": order.created_at,
            "amount": order.gross,
            "amount_received": order.gross,
            "currency": order.shop.currency.lower(),
            "customer": f"cus_{order.person.number}",
            "receipt_email": None,
            "status": "succeeded",
            "metadata": {},
        }

    def _charge(self, order: Order) -> Body:
        return {
            "id": f"ch_{order.number}",
            "object": "charge",
            "amount": order.gross,
            "amount_refunded": order.refunded(),
            "currency": order.shop.currency.lower(),
            "payment_intent": order.id,
            "refunded": order.refunded() >= order.gross,
        }

    def _refunded(self, order: Order, refund: Refund, kind: str, at: int) -> Telling:
        status = "failed" if refund.has_failed else "succeeded" if refund.is_settled else "pending"
        body = {
            "id": f"re_{refund.id}",
            "object": "refund",
            "amount": refund.amount,
            "currency": order.shop.currency.lower(),
            "charge": f"ch_{order.number}",
            "payment_intent": order.id,
            "created": refund.at,
            "status": status,
        }
        if refund.has_failed:
            body["failure_reason"] = "expired_or_canceled_card"
        version = at * 1000 + {"failed": 2, "succeeded": 1, "pending": 0}[status]
        note = refund_note(order, f"re_{refund.id}", version, refund.amount, has_failed=refund.has_failed)
        return self._event(order, kind, body, [note], at)

    def spoiled(self, at: int) -> Telling:
        reason, spoil = next(self._spoiling)
        event = spoil(self._plain(at))
        body = json.dumps(event).encode()
        if reason == "unreadable_body":
            body = body[:-5]
        address = "acct_nobody" if reason == "unknown_account" else _account()
        return Telling(body, at, reasons=[reason], address=address)

    def forgery(self, at: int) -> Telling:
        return Telling(json.dumps(self._plain(at)).encode(), at, is_forged=True, address=_account())

    def _plain(self, at: int) -> Body:
        number = next(self._events)
        session = {
            "id": f"cs_x{number}",
            "object": "checkout.session",
            "created": at,
            "amount_total": 1_000,
            "currency": "jpy",
            "payment_status": "paid",
            "payment_intent": f"pi_x{number}",
        }
        kind = "checkout.session.completed"
        return {
            "id": f"evt_{number}",
            "object": "event",
            "created": at,
            "type": kind,
            "livemode": True,
            "data": {"object": session},
        }


def _account() -> str:
    return next(shop.id for shop in SHOPS if shop.source == "stripe")


def _intent_note(order: Order) -> Note:
    """It knows less than a session, and is older than any."""
    status = "test" if order.is_test else "paid"
    customer = ["own", "stripe", order.shop.id, f"cus_{order.person.number}"]
    return order_note(order, order.created_at * 1000 - 1, status, hints={}, customer=customer)


def _total_note(order: Order) -> Note:
    return refund_note(order, f"ch_{order.number}", order.changed_at * 1000, order.refunded(), is_total=True)


def _with(event: Body, **changes: Any) -> Body:
    return event | {"data": {"object": event["data"]["object"] | changes}}


_SPOILED: tuple[tuple[str, Callable[[Body], Body]], ...] = (
    ("missing_field", lambda event: _with(event, amount_total=None)),
    ("unknown_item", lambda event: _with(event, payment_status="promised")),
    ("unreadable_body", lambda event: event),
    ("unknown_account", lambda event: event),
    ("invalid_money", lambda event: _with(event, currency="yen!")),
    ("invalid_field", lambda event: _with(event, amount_total="a lot")),
    ("future_time", lambda event: event | {"created": event["created"] + 315_360_000}),
    ("missing_field", lambda event: event | {"created": None}),
    ("invalid_money", lambda event: _with(event, amount_total=-5)),
)
