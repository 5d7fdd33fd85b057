"""Orders, refunds and who bought, as every shop tells them, in the words of the paid leg."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts import identity
from contracts.config import Account
from contracts.events import SCHEMA
from contracts.outcome import Keep
from contracts.paid import Hints, Link, Order, OrderStatus, Refund
from ingest import contact
from ingest.fields import LONGEST_ID, Unusable, from_iso
from ingest.identity import made_of
from ingest.platforms import Fact, Receipt

VISITOR = "visitor_id"
"""What a shop calls our visitor where it lets the site add something to an order."""

_RANKS: dict[OrderStatus, int] = {"pending": 0, "test": 0, "paid": 1, "cancelled": 3}
_REFUNDED = 2


def instant(text: str | None, name: str, received_at: int) -> int:
    """Epoch milliseconds of an ISO time that must be there. Raises `Unusable`."""
    if text is None:
        raise Unusable("missing_field", name)
    return from_iso(text, name, received_at)


def ranked(at: int, status: OrderStatus, *, is_refunded: bool = False) -> int:
    """The version of an order that was last changed in the second of `at`: what came later in a second is greater.

    >>> ranked(1_790_000_000_000, "paid") < ranked(1_790_000_000_000, "paid", is_refunded=True)
    True
    """
    rank = _RANKS[status]
    return at - at % 1000 + (max(rank, _REFUNDED) if is_refunded else rank)


def named(value: object) -> str | None:
    """A visitor's or customer's id of somebody else's making; what cannot be one is none, for an order counts without.

    >>> named(7), named(" v-9 "), named("")
    ('7', 'v-9', None)
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = value.strip() if isinstance(value, str) else ""
    return text if 0 < len(text) <= LONGEST_ID and text.isprintable() else None


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought, as the shop says it; any of it may be anything."""

    email: Any = None
    phone: Any = None
    customer: Any = None
    visitor: Any = None


@dataclass(frozen=True, slots=True)
class Shop:
    """Makes the records of one shop. Money is in micro-units, times in epoch milliseconds."""

    source: str
    account: Account
    receipt: Receipt

    def customer(self, buyer: Buyer) -> str | None:
        """Who bought: by e-mail, else by telephone, else by the shop's own number."""
        who = contact.email(buyer.email) or contact.phone(buyer.phone)
        if who is None and (own := named(buyer.customer)):
            who = identity.join_key(self.source, self.account.id, own)
        return self.receipt.customer(who) if who else None

    def order(
        self,
        order_id: str,
        *,
        version: int,
        status: OrderStatus,
        ordered_at: int,
        currency: str,
        gross_micros: int,
        buyer: Buyer,
        hints: Hints,
        codes: tuple[str, ...] = (),
    ) -> Iterator[Keep[Fact]]:
        """The order, and that its visitor is its customer where it names both."""
        customer = self.customer(buyer)
        visitor = named(buyer.visitor)
        order = Order(
            schema=SCHEMA,
            brand=self.account.brand,
            source=self.source,
            shop_id=self.account.id,
            order_id=order_id,
            version=version,
            status=status,
            ordered_at=ordered_at,
            received_at=self.receipt.received_at,
            currency=currency,
            gross_micros=gross_micros,
            customer_id=customer,
            visitor_id=self.receipt.visitor(visitor) if visitor else None,
            hints=hints,
            codes=codes,
        )
        yield Keep(order)
        if order.visitor_id and order.customer_id:
            yield Keep(self._link(order, order.visitor_id, order.customer_id))

    def _link(self, order: Order, visitor: str, customer: str) -> Link:
        return Link(
            schema=SCHEMA,
            brand=order.brand,
            link_id=made_of("order", order.source, order.shop_id, order.order_id, visitor, customer),
            visitor_id=visitor,
            customer_id=customer,
            at=order.ordered_at,
            received_at=order.received_at,
            source="order",
        )

    def deleted(self, order_id: str) -> Keep[Fact]:
        """An order that the shop deleted. It says no time, so that of its receipt is its version."""
        at = self.receipt.received_at
        return Keep(
            Order(
                schema=SCHEMA,
                brand=self.account.brand,
                source=self.source,
                shop_id=self.account.id,
                order_id=order_id,
                version=at,
                status="cancelled",
                ordered_at=at,
                received_at=at,
                currency=self.account.currency,
                gross_micros=0,
                is_deleted=True,
            )
        )

    def refund(
        self,
        order_id: str,
        refund_id: str,
        *,
        version: int,
        refunded_at: int,
        currency: str,
        amount_micros: int,
        has_failed: bool = False,
        is_total: bool = False,
    ) -> Keep[Fact]:
        """Money given back."""
        return Keep(
            Refund(
                schema=SCHEMA,
                brand=self.account.brand,
                source=self.source,
                shop_id=self.account.id,
                order_id=order_id,
                refund_id=refund_id,
                version=version,
                refunded_at=refunded_at,
                received_at=self.receipt.received_at,
                currency=currency,
                amount_micros=amount_micros,
                has_failed=has_failed,
                is_total=is_total,
            )
        )
