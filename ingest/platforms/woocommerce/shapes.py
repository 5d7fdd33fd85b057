"""Orders as WooCommerce writes them. Times end in `_gmt` and have no zone; the others are the shop's own."""

from typing import Any

from msgspec import Struct

from ingest.money import Amount
from ingest.wire import Id


class Billing(Struct, frozen=True):
    email: Any = None
    phone: Any = None


class Refund(Struct, frozen=True):
    id: Id = None
    total: Amount = None


class Order(Struct, frozen=True):
    """`refunds` are read one by one, so that one that cannot be read costs only itself."""

    id: Id = None
    status: str | None = None
    currency: str | None = None
    total: Amount = None
    date_created_gmt: str | None = None
    date_modified_gmt: str | None = None
    date_paid_gmt: str | None = None
    customer_id: Any = None
    billing: Billing | None = None
    refunds: list[Any] | None = None
    meta_data: Any = None
    coupon_lines: Any = None


class Deleted(Struct, frozen=True):
    id: Id = None
