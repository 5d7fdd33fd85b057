"""An event of Stripe -> an order, or what was given back for one.

An order is a payment: a checkout's session and its payment intent have the same id, the intent's, and the session says
more. Nothing raises: what cannot be used is a `Refuse`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

import msgspec
from msgspec import Raw

from contracts.config import Account
from contracts.outcome import Drop, Outcome, Refuse
from contracts.paid import Hints, OrderStatus
from ingest import hints, money
from ingest.fields import Unusable, from_seconds, required
from ingest.platforms import Fact, Part, Receipt
from ingest.platforms.stripe.shapes import Charge, Event, PaymentIntent, Refund, Session
from ingest.shops import envelope
from ingest.shops.envelope import Head, Told
from ingest.shops.orders import VISITOR, Buyer, Shop, ranked
from ingest.wire import converted, decoded, path

PLATFORM = "stripe"
DECIMALS: Mapping[str, int] = {
    **money.each("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF", 0),
    **money.each("BHD JOD KWD OMR TND", 3),
}
"""Decimals of Stripe's minor units where they are not two; ISK and UGX have two there, which are always 00."""

_PAYMENTS: dict[str | None, OrderStatus] = {"paid": "paid", "no_payment_required": "paid", "unpaid": "pending"}
_GIVEN_BACK = frozenset(("succeeded", "pending"))
_NOT_AFTER_ALL = frozenset(("failed", "canceled"))

_event = msgspec.json.Decoder(Event)
T = TypeVar("T")
Outcomes = Iterator[Outcome[Fact]]


def parse(data: bytes, receipt: Receipt) -> Iterator[Part]:
    """Every part of an input."""
    return envelope.parts(data, receipt, _told)


def _told(head: Head, body: bytes, receipt: Receipt) -> Told:
    event = decoded(_event, Raw(body))
    read = _READ.get(event.type or "") if event.object == "event" else None
    if read is None:
        return None, [Drop("unsubscribed_topic")]
    account = _account(event.account or head.get("account", ""), receipt)
    return account.id, read(Shop(PLATFORM, account, receipt), event)


def _account(account_id: str, receipt: Receipt) -> Account:
    """Whose event it is: that of the address, or, if that says nothing, of the only account."""
    if not account_id and len(receipt.accounts) == 1:
        return next(iter(receipt.accounts.values()))
    account = receipt.accounts.get(account_id)
    if account is None:
        raise Unusable("unknown_account", "address")
    return account


def _object(event: Event, shape: type[T]) -> T:
    try:
        return converted(event.data.object, shape)
    except msgspec.ValidationError as error:
        raise Unusable("invalid_field", path(error)) from None


def _at(seconds: int | str | None, name: str, shop: Shop) -> int:
    if seconds is None:
        raise Unusable("missing_field", name)
    if isinstance(seconds, str):
        raise Unusable("invalid_field", name)
    return from_seconds(seconds, name, shop.receipt.received_at)


def _micros(minor: int | None, code: str | None, name: str) -> tuple[str, int]:
    currency = money.currency(code, "currency")
    return currency, money.at_least_nothing(money.from_minor(minor, currency, name, DECIMALS), name)


def _session(shop: Shop, event: Event, settled: OrderStatus | None = None) -> Outcomes:
    """A checkout that was completed; `settled`: how a payment that took days ended."""
    session = _object(event, Session)
    if session.mode == "setup":
        yield Drop("no_purchase")
        return
    if settled is None and session.payment_status not in _PAYMENTS:
        raise Unusable("unknown_item" if session.payment_status else "missing_field", "payment_status")
    status = settled or _PAYMENTS[session.payment_status]
    status = status if _is_live(event) else "test"
    currency, gross = _micros(session.amount_total, session.currency, "amount_total")
    happened_at = _at(event.created, "created", shop)
    notes = _notes(session.metadata)
    contact = session.customer_details
    yield from shop.order(
        required(session.payment_intent or session.id, "id"),
        version=ranked(happened_at, status),
        status=status,
        ordered_at=happened_at if session.created is None else _at(session.created, "session.created", shop),
        currency=currency,
        gross_micros=gross,
        buyer=Buyer(
            email=(contact.email if contact else None) or session.customer_email,
            phone=contact.phone if contact else None,
            customer=session.customer,
            visitor=session.client_reference_id or notes.get(VISITOR),
        ),
        hints=_hints(notes),
    )


def _succeeded(shop: Shop, event: Event) -> Outcomes:
    return _session(shop, event, "paid")


def _failed(shop: Shop, event: Event) -> Outcomes:
    return _session(shop, event, "cancelled")


def _expired(_shop: Shop, _event: Event) -> Outcomes:
    yield Drop("no_purchase")


def _intent(shop: Shop, event: Event) -> Outcomes:
    """A payment. Its version is older than that of any session that it may belong to, for that knows more."""
    intent = _object(event, PaymentIntent)
    if intent.invoice:  # a subscription's: its checkout was the purchase
        yield Drop("no_purchase")
        return
    created_at = _at(intent.created, "payment_intent.created", shop)
    currency, gross = _micros(intent.amount_received, intent.currency, "amount_received")
    notes = _notes(intent.metadata)
    yield from shop.order(
        required(intent.id, "id"),
        version=created_at - 1,
        status="paid" if _is_live(event) else "test",
        ordered_at=created_at,
        currency=currency,
        gross_micros=gross,
        buyer=Buyer(email=intent.receipt_email, customer=intent.customer, visitor=notes.get(VISITOR)),
        hints=_hints(notes),
    )


def _refund(shop: Shop, event: Event) -> Outcomes:
    yield _given_back(shop, event, _object(event, Refund))


def _charge(shop: Shop, event: Event) -> Outcomes:
    """All that was refunded of a charge, and, from older versions of the API, each refund of it."""
    charge = _object(event, Charge)
    at = _at(event.created, "created", shop)
    currency, refunded = _micros(charge.amount_refunded, charge.currency, "amount_refunded")
    whole = max(_micros(charge.amount, charge.currency, "amount")[1], refunded, 1)
    charge_id = required(charge.id, "id")
    yield shop.refund(
        required(charge.payment_intent or charge_id, "payment_intent"),
        charge_id,
        version=at + 999 * refunded // whole,  # of two in one second the greater sum is the later one
        refunded_at=at,
        currency=currency,
        amount_micros=refunded,
        is_total=True,
    )
    for one in (charge.refunds.data if charge.refunds else None) or ():
        try:
            yield _given_back(shop, event, converted(one, Refund))
        except msgspec.ValidationError as error:
            yield Refuse("invalid_field", f"refunds: {path(error)}")
        except Unusable as error:
            yield Refuse(error.reason, f"refunds: {error.detail}")


def _given_back(shop: Shop, event: Event, refund: Refund) -> Outcome[Fact]:
    if refund.status == "requires_action":
        return Drop("refund_without_money")
    if refund.status not in _GIVEN_BACK | _NOT_AFTER_ALL:
        raise Unusable("unknown_item" if refund.status else "missing_field", "refund.status")
    has_failed = refund.status in _NOT_AFTER_ALL
    currency, amount = _micros(refund.amount, refund.currency, "refund.amount")
    return shop.refund(
        required(refund.payment_intent or refund.charge, "payment_intent"),
        required(refund.id, "refund.id"),
        version=_at(event.created, "created", shop) + (2 if has_failed else refund.status == "succeeded"),
        refunded_at=_at(event.created if refund.created is None else refund.created, "refund.created", shop),
        currency=currency,
        amount_micros=amount,
        has_failed=has_failed,
    )


def _is_live(event: Event) -> bool:
    return event.livemode is not False


def _notes(metadata: object) -> dict[str, str]:
    found = metadata if isinstance(metadata, dict) else {}
    return {name: value for name, value in found.items() if isinstance(name, str) and isinstance(value, str)}


def _hints(notes: Mapping[str, str]) -> Hints:
    """Of what the shop noted, and then of the page on which the customer came, if it noted that."""
    landed = hints.of_url(notes.get("landing_url"), notes.get("referrer"))
    return hints.merged(hints.of_parameters(notes.items()), landed)


_READ: dict[str, Callable[[Shop, Event], Outcomes]] = {
    "checkout.session.completed": _session,
    "checkout.session.async_payment_succeeded": _succeeded,
    "checkout.session.async_payment_failed": _failed,
    "checkout.session.expired": _expired,
    "payment_intent.succeeded": _intent,
    "charge.refunded": _charge,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.refund.updated": _refund,
}
