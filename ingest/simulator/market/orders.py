"""Orders and what becomes of them: paid at once or later, edited, cancelled, given back in parts; some are tests."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from ingest.simulator.market.arrivals import Arrival
from ingest.simulator.market.brands import Shop
from ingest.simulator.market.people import Person

Step = Literal["create", "pay", "edit", "cancel", "refund", "fail", "delete"]
"""What happens to an order; `fail`: its last refund is not paid out after all."""
Note = tuple[str, dict[str, Any]]
"""Kind and columns of what the ledger is told."""

ZERO_DECIMALS = frozenset(("JPY",))
MINUTE, HOUR = 60, 3600
FIRST_REFUND = 8_900_881_860_000_000_000
"""Beyond what a double holds."""


def micros(currency: str, minor: int) -> int:
    """Millionths of so many minor units."""
    return minor * (1_000_000 if currency in ZERO_DECIMALS else 10_000)


def decimal(currency: str, minor: int) -> str:
    """So many minor units as people write them.

    >>> decimal("EUR", 4990), decimal("JPY", 4990)
    ('49.90', '4990')
    """
    return str(minor) if currency in ZERO_DECIMALS else f"{minor // 100}.{minor % 100:02d}"


@dataclass(slots=True)
class Refund:
    """`changed_at`: when it was last heard of."""

    id: str
    at: int
    amount: int
    has_failed: bool = False
    is_settled: bool = True
    changed_at: int = 0


@dataclass(slots=True)
class Order:
    """`gross` in minor units; `codes` as they are meant. `is_known`: whether the shop was told an address."""

    shop: Shop
    id: str
    number: int
    person: Person
    arrival: Arrival
    visitor: str | None
    is_known: bool
    created_at: int
    gross: int
    is_test: bool
    status: Literal["pending", "paid", "cancelled"]
    changed_at: int
    cancelled_at: int | None = None
    codes: list[str] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)

    @property
    def own_id(self) -> int:
        """The shop's number of the person."""
        return 7_000_000_000 + self.person.number

    @property
    def told_status(self) -> str:
        return "test" if self.is_test else self.status

    def refunded(self) -> int:
        """Minor units given back, what failed left out."""
        return sum(refund.amount for refund in self.refunds if not refund.has_failed)

    def customer(self, own: str | None) -> list[str] | None:
        """Who bought, as the ledger knows people; `own` is the shop's number if it is told."""
        if self.is_known:
            return ["email", self.person.email]
        return ["own", self.shop.source, self.shop.id, own] if own else None


def ahead(rng: Random, shop: Shop) -> Iterator[tuple[int, Step]]:
    """What will become of an order: seconds after its creation, and what happens then."""
    at = 0
    if rng.random() < 0.3:  # not paid at once
        at += rng.randrange(2 * MINUTE, 5 * HOUR)
        if rng.random() < 0.25:
            yield at, "cancel"
            return
        yield at, "pay"
    if rng.random() < 0.08:
        at += rng.randrange(MINUTE, 3 * HOUR)
        yield at, "edit"
    if rng.random() < 0.07:
        yield at + rng.randrange(10 * MINUTE, 10 * HOUR), "cancel"
        return
    if rng.random() < 0.35:
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            at += rng.randrange(10 * MINUTE, 8 * HOUR)
            yield at, "refund"
        if rng.random() < 0.2:
            at += rng.randrange(10 * MINUTE, 4 * HOUR)
            yield at, "fail"
    if shop.source != "stripe" and rng.random() < 0.04:
        yield at + rng.randrange(HOUR, 12 * HOUR), "delete"


def happen(rng: Random, order: Order, step: Step, at: int) -> bool:
    """Do it; False if there is nothing to do it to."""
    if step == "refund" and order.gross <= order.refunded():
        return False
    if step == "fail" and (not order.refunds or order.refunds[-1].has_failed):
        return False
    order.changed_at = max(at, order.changed_at + 1)
    match step:
        case "pay":
            order.status = "paid"
        case "edit":
            order.gross += rng.randrange(100, 2_000)
            order.codes = order.codes[1:]
        case "cancel":
            order.status, order.cancelled_at = "cancelled", order.changed_at
        case "refund":
            left = order.gross - order.refunded()
            amount = left if rng.random() < 0.4 else max(1, left * rng.randrange(10, 90) // 100)
            number = FIRST_REFUND + 100 * order.number + len(order.refunds)
            order.refunds.append(Refund(str(number), order.changed_at, amount, changed_at=order.changed_at))
        case "fail":
            order.refunds[-1].has_failed, order.refunds[-1].changed_at = True, order.changed_at
    return True


def order_note(order: Order, version: int, status: str, *, hints: dict[str, Any], **other: Any) -> Note:
    """What is told of an order; `other` replaces what is usual."""
    shop = order.shop
    columns: dict[str, Any] = {
        "brand": shop.brand,
        "source": shop.source,
        "shop": shop.id,
        "order": order.id,
        "version": version,
        "status": status,
        "ordered_at": order.created_at * 1000,
        "currency": shop.currency,
        "gross": micros(shop.currency, order.gross),
        "refunded": 0,
        "event": "purchase",
        "customer": None,
        "visitor": None,
        "is_new": None,
        "hints": hints,
        "is_deleted": False,
        "codes": [],
    }
    return "order", columns | other


def link_notes(note: Note) -> list[Note]:
    """That an order names both its visitor and its customer says that they are one."""
    told = note[1]
    if not (told["visitor"] and told["customer"]):
        return []
    named = ["order", told["source"], told["shop"], told["order"]]
    return [
        (
            "link",
            {
                "brand": told["brand"],
                "named": named,
                "visitor": told["visitor"],
                "customer": told["customer"],
                "at": told["ordered_at"],
                "source": "order",
            },
        )
    ]


def refund_note(order: Order, refund: str, version: int, amount: int, **other: Any) -> Note:
    """What is told of a refund, or of all of them (`is_total`); `amount` in minor units."""
    shop = order.shop
    columns: dict[str, Any] = {
        "brand": shop.brand,
        "source": shop.source,
        "shop": shop.id,
        "order": order.id,
        "refund": refund,
        "version": version,
        "currency": shop.currency,
        "amount": micros(shop.currency, amount),
        "has_failed": False,
        "is_total": False,
    }
    return "refund", columns | other
