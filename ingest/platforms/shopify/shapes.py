"""Orders and refunds as Shopify writes them. What may be anything (an address, a note) costs nothing but itself."""

from typing import Any

from msgspec import Struct

from ingest.money import Amount
from ingest.wire import Id


class Money(Struct, frozen=True):
    amount: Amount = None
    currency_code: str | None = None


class Both(Struct, frozen=True):
    """One sum in the shop's currency and in the one that the customer saw."""

    shop_money: Money | None = None
    presentment_money: Money | None = None


class Transaction(Struct, frozen=True):
    kind: str | None = None
    status: str | None = None
    amount: Amount = None
    currency: str | None = None


class Line(Struct, frozen=True):
    subtotal_set: Both | None = None
    total_tax_set: Both | None = None


class Adjustment(Struct, frozen=True):
    amount_set: Both | None = None


class Refund(Struct, frozen=True):
    id: Id = None
    order_id: Id = None
    created_at: str | None = None
    processed_at: str | None = None
    transactions: list[Transaction] | None = None
    refund_line_items: list[Line] | None = None
    order_adjustments: list[Adjustment] | None = None


class Customer(Struct, frozen=True):
    id: Any = None
    email: Any = None
    phone: Any = None


class Order(Struct, frozen=True):
    """`refunds` are read one by one, so that one that cannot be read costs only itself."""

    id: Id = None
    created_at: str | None = None
    updated_at: str | None = None
    processed_at: str | None = None
    cancelled_at: str | None = None
    test: bool | None = None
    currency: str | None = None
    total_price: Amount = None
    total_price_set: Both | None = None
    financial_status: str | None = None
    email: Any = None
    phone: Any = None
    customer: Customer | None = None
    landing_site: Any = None
    referring_site: Any = None
    note_attributes: Any = None
    discount_codes: Any = None
    refunds: list[Any] | None = None


class Deleted(Struct, frozen=True):
    id: Id = None
