"""Events and their objects as Stripe writes them. What may be anything (a contact, metadata) costs only itself."""

from typing import Any

from msgspec import Struct


class Data(Struct, frozen=True):
    object: Any = None


class Event(Struct, frozen=True):
    """`account`: the connected account that it is about, where a platform receives for others. `created`: a text in
    events of the second kind, which are not read."""

    object: str | None = None
    type: str | None = None
    created: int | str | None = None
    livemode: bool | None = None
    account: str | None = None
    data: Data = Data()


class Details(Struct, frozen=True):
    email: Any = None
    phone: Any = None


class Session(Struct, frozen=True):
    id: str | None = None
    mode: str | None = None
    created: int | None = None
    amount_total: int | None = None
    currency: str | None = None
    payment_status: str | None = None
    payment_intent: str | None = None
    client_reference_id: Any = None
    customer: Any = None
    customer_email: Any = None
    customer_details: Details | None = None
    metadata: Any = None


class PaymentIntent(Struct, frozen=True):
    id: str | None = None
    created: int | None = None
    amount_received: int | None = None
    currency: str | None = None
    customer: Any = None
    invoice: Any = None
    receipt_email: Any = None
    metadata: Any = None


class Refund(Struct, frozen=True):
    id: str | None = None
    created: int | None = None
    amount: int | None = None
    currency: str | None = None
    status: str | None = None
    payment_intent: str | None = None
    charge: str | None = None


class Refunds(Struct, frozen=True):
    data: list[Any] | None = None


class Charge(Struct, frozen=True):
    id: str | None = None
    amount: int | None = None
    amount_refunded: int | None = None
    currency: str | None = None
    payment_intent: str | None = None
    refunds: Refunds | None = None
