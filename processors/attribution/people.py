"""Who is who in a brand: visitors, customers, what is theirs, and what a change of it changes in the tables.

A person is a customer, with everything of their visitors that is theirs by the links, or a visitor without a link.
Before anything changes about a person what they have added so far is noted; at a flush it is compared with what they
add now.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from processors.attribution.journeys import (
    Contribution,
    Lookback,
    OrderKey,
    Purchase,
    Touchpoint,
    contribution,
    owner,
)

CUSTOMER, VISITOR = "customer", "visitor"

Person = tuple[str, str]
"""(`customer` or `visitor`, pseudonym)."""


class Order(NamedTuple):
    """Whose an order is, as far as it says, and what it counts for; None while it is worth nothing to anybody."""

    customer: str | None
    visitor: str | None
    purchase: Purchase | None
    at: int


@dataclass(slots=True)
class Visitor:
    """`links`: link -> (when, customer)."""

    touches: dict[str, Touchpoint] = field(default_factory=dict)
    links: dict[str, tuple[int, str]] = field(default_factory=dict)
    orders: set[OrderKey] = field(default_factory=set)


@dataclass(slots=True)
class Customer:
    visitors: Counter[str] = field(default_factory=Counter)
    orders: set[OrderKey] = field(default_factory=set)


class People:
    """All people of a brand. Every method takes the newest truth about one thing, and says nothing; `settle` does."""

    def __init__(self, lookback: Lookback, transforms: Sequence[str]) -> None:
        self._lookback = lookback
        self._transforms = tuple(transforms)
        self._visitors: defaultdict[str, Visitor] = defaultdict(Visitor)
        self._customers: defaultdict[str, Customer] = defaultdict(Customer)
        self._orders: dict[OrderKey, Order] = {}
        self._links: dict[str, str] = {}
        self._touches: dict[str, str] = {}
        self._before: dict[Person, Contribution] = {}

    def touch(self, visitor: str | None, touch: Touchpoint) -> None:
        """A touch, or what is known of it now. `visitor` None: nobody's, or by what is no person."""
        former = self._touches.get(touch.touch_id)
        if former is not None:
            self._note_visitor(former)
            del self._visitors[former].touches[touch.touch_id]
            del self._touches[touch.touch_id]
        if visitor is not None:
            self._note_visitor(visitor)
            self._visitors[visitor].touches[touch.touch_id] = touch
            self._touches[touch.touch_id] = visitor

    def link(self, link_id: str, visitor: str, customer: str, at: int) -> None:
        """A link, or what is known of it now."""
        if (former := self._links.get(link_id)) is not None:
            self._note_visitor(former)
            _, whose = self._visitors[former].links.pop(link_id)
            self._customers[whose].visitors[former] -= 1
        self._note_visitor(visitor)
        self._note((CUSTOMER, customer))
        self._visitors[visitor].links[link_id] = (at, customer)
        self._customers[customer].visitors[visitor] += 1
        self._links[link_id] = visitor

    def order(self, key: OrderKey, order: Order) -> None:
        """An order, or what is known of it now."""
        if (former := self._orders.get(key)) is not None:
            self._note_order(former)
            self._belonging(former, key, is_theirs=False)
        self._note_order(order)
        self._belonging(order, key, is_theirs=True)
        self._orders[key] = order

    def _belonging(self, order: Order, key: OrderKey, *, is_theirs: bool) -> None:
        if order.customer is not None:
            orders = self._customers[order.customer].orders
        elif order.visitor is not None:
            orders = self._visitors[order.visitor].orders
        else:
            return
        (orders.add if is_theirs else orders.discard)(key)

    def settle(self) -> Iterator[tuple[Contribution, Contribution]]:
        """(before, now) of everybody about whom something changed since the last time."""
        noted, self._before = self._before, {}
        for person, before in noted.items():
            yield before, self.contribution(person)

    def contribution(self, person: Person) -> Contribution:
        """What a person adds now."""
        touches, purchases = self._belongings(person)
        return contribution(touches, purchases, self._lookback, self._transforms)

    def everybody(self) -> Iterable[Person]:
        """Every person that something is known of."""
        yield from ((CUSTOMER, name) for name in self._customers)
        yield from ((VISITOR, name) for name, visitor in self._visitors.items() if not visitor.links)

    def _belongings(self, person: Person) -> tuple[list[Touchpoint], list[Purchase]]:
        kind, name = person
        if kind == VISITOR:
            visitor = self._visitors[name]
            return ([], []) if visitor.links else (list(visitor.touches.values()), self._purchases(visitor.orders))
        customer = self._customers[name]
        touches, orders = [], set(customer.orders)
        for visitor_name, links in customer.visitors.items():
            if not links:
                continue
            visitor = self._visitors[visitor_name]
            touches += [touch for touch in visitor.touches.values() if owner(visitor.links, touch.at) == name]
            orders |= {key for key in visitor.orders if owner(visitor.links, self._orders[key].at) == name}
        return touches, self._purchases(orders)

    def _purchases(self, keys: Iterable[OrderKey]) -> list[Purchase]:
        found = (self._orders[key].purchase for key in keys)
        return [purchase for purchase in found if purchase is not None]

    def _note(self, person: Person) -> None:
        if person not in self._before:
            self._before[person] = self.contribution(person)

    def _note_visitor(self, name: str) -> None:
        """Something of a visitor is about to change: everybody to whom it may belong."""
        self._note((VISITOR, name))
        for _, customer in list(self._visitors[name].links.values()):
            self._note((CUSTOMER, customer))

    def _note_order(self, order: Order) -> None:
        if order.customer is not None:
            self._note((CUSTOMER, order.customer))
        elif order.visitor is not None:
            self._note_visitor(order.visitor)
