"""Who is who in a brand: visitors, customers, what is theirs, and what a change of it changes in the tables.

A person is a customer, with everything of their visitors that is theirs by the links, or a visitor with the rest.
Before anything changes about a person what they have added so far is noted; at a flush it is compared with what they
add now.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from processors.attribution.journeys import (
    Contribution,
    Lookback,
    OrderKey,
    Purchase,
    Touchpoint,
    contribution,
    journeys,
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
    """All people of a brand. Every method takes the newest truth about one thing, and says nothing; `settle` does.

    `memory_ms`: how long after a link it still says who somebody is.
    """

    def __init__(self, lookback: Lookback, transforms: Sequence[str], memory_ms: int) -> None:
        self._lookback = lookback
        self._transforms = tuple(transforms)
        self._memory_ms = memory_ms
        self._visitors: defaultdict[str, Visitor] = defaultdict(Visitor)
        self._customers: defaultdict[str, Customer] = defaultdict(Customer)
        self._orders: dict[OrderKey, Order] = {}
        self._links: dict[str, str] = {}
        self._touches: dict[str, str] = {}
        self._before: dict[Person, Contribution] = {}
        self._is_loading = True

    def forget_changes(self) -> None:
        """What was told until now was told before: from now on changes are noted."""
        self._is_loading = False

    def touch(self, visitor: str, touch: Touchpoint) -> None:
        """A touch, or what is known of it now."""
        former = self._touches.get(touch.touch_id)
        if former is not None:
            self._note_visitor(former)
            del self._visitors[former].touches[touch.touch_id]
        self._note_visitor(visitor)
        self._visitors[visitor].touches[touch.touch_id] = touch
        self._touches[touch.touch_id] = visitor

    def link(self, link_id: str, visitor: str, customer: str, at: int) -> None:
        """A link, or what is known of it now."""
        if (former := self._links.get(link_id)) is not None:
            self._note_visitor(former)
            self._unlink(link_id)
        self._note_visitor(visitor)
        self._note((CUSTOMER, customer))
        self._visitors[visitor].links[link_id] = (at, customer)
        self._customers[customer].visitors[visitor] += 1
        self._links[link_id] = visitor

    def order(self, key: OrderKey, order: Order) -> None:
        """An order, or what is known of it now."""
        if (former := self._orders.get(key)) is not None:
            self._note_order(former)
            self._forget_order(key)
        if order.customer is not None or order.visitor is not None:
            self._note_order(order)
            self._orders_of(order).add(key)
            self._orders[key] = order

    def settle(self) -> Iterator[tuple[Contribution, Contribution]]:
        """(before, now) of everybody about whom something changed since the last time."""
        noted, self._before = self._before, {}
        for person, before in noted.items():
            yield before, self.contribution(person)

    def contribution(self, person: Person) -> Contribution:
        """What a person adds now."""
        touches, purchases = self._belongings(person)
        return contribution(touches, purchases, self._lookback, self._transforms)

    def holds_order(self, key: OrderKey) -> bool:
        """Whether an order is remembered."""
        return key in self._orders

    def holds_visitor(self, visitor: str) -> bool:
        """Whether a touch or an order of this visitor is remembered."""
        known = self._visitors.get(visitor)
        return known is not None and bool(known.touches or known.orders)

    def forget_link(self, link_id: str) -> None:
        """Nothing is known any more of which it said whose it is."""
        if link_id in self._links:
            visitor = self._unlink(link_id)
            if not self._visitors[visitor].links and not self.holds_visitor(visitor):
                del self._visitors[visitor]

    def forget_before(self, limit: int) -> list[str]:
        """Forget the journeys that ended before `limit`, and open ones whose last touch was; the touches that went.

        What comes from then on belongs to no such journey, so that what somebody adds differs by the same before and
        after a change. People about whom something changed since the last flush wait.
        """
        gone: list[str] = []
        for person in self._long_known(limit):
            touches, purchases = self._belongings(person)
            for journey in journeys(touches, purchases):
                last = journey.purchase.at if journey.purchase else journey.touches[-1].at
                if last >= limit:
                    break
                gone += [touch.touch_id for touch in journey.touches]
                if journey.purchase is not None:
                    self._forget_order(journey.purchase.order)
        for key in [key for key, order in self._orders.items() if order.purchase is None and order.at < limit]:
            self._forget_order(key)
        for touch_id in gone:
            visitor = self._touches.pop(touch_id)
            del self._visitors[visitor].touches[touch_id]
            if not self._visitors[visitor].links and not self.holds_visitor(visitor):
                del self._visitors[visitor]
        return gone

    def _long_known(self, limit: int) -> set[Person]:
        """People of whom something is before `limit`, and about whom nothing has just changed."""
        found: set[Person] = set()
        for touch_id, visitor in self._touches.items():
            if self._visitors[visitor].touches[touch_id].at < limit:
                found.update(self._people_of(visitor))
        for order in self._orders.values():
            if order.at < limit:
                found.update(self._buyers(order))
        return found - self._before.keys()

    def _forget_order(self, key: OrderKey) -> None:
        self._orders_of(self._orders.pop(key)).discard(key)

    def _orders_of(self, order: Order) -> set[OrderKey]:
        if order.customer is not None:
            return self._customers[order.customer].orders
        assert order.visitor is not None, "nobody's orders are not remembered"
        return self._visitors[order.visitor].orders

    def _unlink(self, link_id: str) -> str:
        visitor = self._links.pop(link_id)
        _, customer = self._visitors[visitor].links.pop(link_id)
        known = self._customers[customer]
        known.visitors[visitor] -= 1
        if not known.visitors[visitor]:
            del known.visitors[visitor]
        if not known.visitors and not known.orders:
            del self._customers[customer]
        return visitor

    def _belongings(self, person: Person) -> tuple[list[Touchpoint], list[Purchase]]:
        kind, name = person
        if kind == VISITOR:
            visitors, orders = [name], set()
        else:
            customer = self._customers.get(name, Customer())
            visitors, orders = list(customer.visitors), set(customer.orders)
        whose = name if kind == CUSTOMER else None
        touches: list[Touchpoint] = []
        for visitor in map(self._visitors.get, visitors):
            if visitor is not None:
                theirs = visitor.links, self._memory_ms
                touches += [t for t in visitor.touches.values() if owner(theirs[0], t.at, theirs[1]) == whose]
                orders |= {k for k in visitor.orders if owner(theirs[0], self._orders[k].at, theirs[1]) == whose}
        purchases = [purchase for key in orders if (purchase := self._orders[key].purchase) is not None]
        return touches, purchases

    def _note(self, person: Person) -> None:
        if not self._is_loading and person not in self._before:
            self._before[person] = self.contribution(person)

    def _note_visitor(self, name: str) -> None:
        """Something of a visitor is about to change."""
        for person in self._people_of(name):
            self._note(person)

    def _note_order(self, order: Order) -> None:
        for person in self._buyers(order):
            self._note(person)

    def _people_of(self, visitor: str) -> list[Person]:
        """Everybody to whom something of a visitor may belong."""
        known = self._visitors.get(visitor)
        customers = known.links.values() if known is not None else ()
        return [(VISITOR, visitor), *((CUSTOMER, customer) for _, customer in customers)]

    def _buyers(self, order: Order) -> list[Person]:
        if order.customer is not None:
            return [(CUSTOMER, order.customer)]
        return [] if order.visitor is None else self._people_of(order.visitor)
