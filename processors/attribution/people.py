"""Who is who in a brand: visitors, customers, what is theirs, and what a change of it changes in the tables.

A person is a customer, with everything of their visitors that is theirs by the links, or a visitor with the rest.
Before anything changes about a person what they have added so far is noted; at a flush it is compared with what they
add now.
"""

from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from processors.attribution.chunks import Told
from processors.attribution.journeys import (
    Contribution,
    Link,
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
    """`links`: (when, customer, link), sorted."""

    touches: dict[str, Touchpoint] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    orders: list[OrderKey] = field(default_factory=list)


@dataclass(slots=True)
class Customer:
    visitors: Counter[str] = field(default_factory=Counter)
    orders: list[OrderKey] = field(default_factory=list)


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
        self._links: dict[str, tuple[str, Link]] = {}
        self._touches: dict[str, str] = {}
        self._before: dict[Person, Contribution] = {}
        self._is_loading = True
        self.forgotten_before = 0
        """What was ordered before, epoch ms, leads to nothing any more."""

    def forget_changes(self) -> None:
        """What was told until now was told before: from now on changes are noted."""
        self._is_loading = False

    def touch(self, visitor: str, touch: Touchpoint) -> None:
        """A touch, or what is known of it now."""
        former = self._touches.get(touch.touch_id)
        if former is not None:
            self._note_owner(former, self._visitors[former].touches[touch.touch_id].at)
        self._note_owner(visitor, touch.at)
        if former is not None:
            del self._visitors[former].touches[touch.touch_id]
            self._forget_visitor(former)
        self._visitors[visitor].touches[touch.touch_id] = touch
        self._touches[touch.touch_id] = visitor

    def known(self, touch_id: str) -> Told:
        """What is known of a touch that is remembered."""
        visitor = self._touches[touch_id]
        at, _, channel, campaign, day, is_view = self._visitors[visitor].touches[touch_id]
        return at, visitor, channel, campaign, day, is_view

    def told(self, touch_id: str) -> Told | None:
        """What is known of a touch, if it is remembered."""
        return self.known(touch_id) if touch_id in self._touches else None

    def touches_of(self, visitor: str) -> list[tuple[str, Told]]:
        """What is known of a visitor's touches."""
        known = self._visitors.get(visitor)
        return [] if known is None else [(touch_id, self.known(touch_id)) for touch_id in known.touches]

    def link(self, link_id: str, visitor: str, customer: str, at: int) -> None:
        """A link, or what is known of it now."""
        if (former := self._links.get(link_id)) is not None:
            self._note_all(former[0])
        self._note_around(visitor, at)
        self._note((CUSTOMER, customer))
        if former is not None:
            self._unlink(link_id)
        link = at, customer, link_id
        insort(self._visitors[visitor].links, link)
        self._customers[customer].visitors[visitor] += 1
        self._links[link_id] = visitor, link

    def order(self, key: OrderKey, order: Order) -> None:
        """An order, or what is known of it now."""
        former = self._orders.get(key)
        is_known = order.at >= self.forgotten_before and (order.customer is not None or order.visitor is not None)
        if former is not None:
            self._note_buyer(former)
        if is_known:
            self._note_buyer(order)
        if former is not None:
            self._forget_order(key)
        if is_known:
            self._orders_of(order).append(key)
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
            self._unlink(link_id)

    def forget_before(self, limit: int) -> list[str]:
        """Forget the journeys that ended before `limit`, and open ones whose last touch was; the touches that went.

        What comes from then on belongs to no such journey, so that what somebody adds differs by the same before and
        after a change. No change may wait to be settled.
        """
        assert not self._before, "what changed is settled first"
        gone: list[str] = []
        for person in self._long_known(limit):
            touches, purchases = self._belongings(person)
            for journey in journeys(touches, purchases):
                last = journey.purchase.at if journey.purchase else journey.touches[-1].at
                if last >= limit:
                    break
                gone += [touch.touch_id for touch in journey.touches]
        for key in [key for key, order in self._orders.items() if order.at < limit]:
            self._forget_order(key)
        for touch_id in gone:
            visitor = self._touches.pop(touch_id)
            del self._visitors[visitor].touches[touch_id]
            self._forget_visitor(visitor)
        return gone

    def _long_known(self, limit: int) -> set[Person]:
        """People of whom a touch is before `limit`."""
        return {
            self._owner(name, touch.at)
            for name, visitor in self._visitors.items()
            for touch in visitor.touches.values()
            if touch.at < limit
        }

    def _forget_order(self, key: OrderKey) -> None:
        order = self._orders.pop(key)
        self._orders_of(order).remove(key)
        if order.customer is not None:
            self._forget_customer(order.customer)
        elif order.visitor is not None:
            self._forget_visitor(order.visitor)

    def _forget_visitor(self, name: str) -> None:
        """If nothing is left of one."""
        known = self._visitors[name]
        if not (known.touches or known.links or known.orders):
            del self._visitors[name]

    def _forget_customer(self, name: str) -> None:
        """If nothing is left of one."""
        known = self._customers[name]
        if not (known.visitors or known.orders):
            del self._customers[name]

    def _orders_of(self, order: Order) -> list[OrderKey]:
        if order.customer is not None:
            return self._customers[order.customer].orders
        assert order.visitor is not None, "nobody's orders are not remembered"
        return self._visitors[order.visitor].orders

    def _unlink(self, link_id: str) -> None:
        visitor, link = self._links.pop(link_id)
        self._visitors[visitor].links.remove(link)
        self._forget_visitor(visitor)
        _, customer, _ = link
        known = self._customers[customer]
        known.visitors[visitor] -= 1
        if not known.visitors[visitor]:
            del known.visitors[visitor]
        self._forget_customer(customer)

    def _belongings(self, person: Person) -> tuple[list[Touchpoint], list[Purchase]]:
        kind, name = person
        visitors, orders = [name], list[OrderKey]()
        if kind == CUSTOMER:
            customer = self._customers.get(name, Customer())
            visitors, orders = list(customer.visitors), list(customer.orders)
        touches: list[Touchpoint] = []
        for theirs in visitors:
            visitor = self._visitors.get(theirs)
            if visitor is None:
                continue
            if not visitor.links:
                touches += visitor.touches.values()
                orders += visitor.orders
                continue
            touches += [touch for touch in visitor.touches.values() if self._owner(theirs, touch.at) == person]
            orders += [key for key in visitor.orders if self._owner(theirs, self._orders[key].at) == person]
        purchases = [purchase for key in orders if (purchase := self._orders[key].purchase) is not None]
        return touches, purchases

    def _note(self, person: Person) -> None:
        if not self._is_loading and person not in self._before:
            self._before[person] = self.contribution(person)

    def _note_owner(self, visitor: str, at: int) -> None:
        """Something of a visitor at that time is about to change."""
        if not self._is_loading:
            self._note(self._owner(visitor, at))

    def _note_buyer(self, order: Order) -> None:
        if order.customer is not None:
            self._note((CUSTOMER, order.customer))
        elif order.visitor is not None:
            self._note_owner(order.visitor, order.at)

    def _note_all(self, visitor: str) -> None:
        """Everybody to whom something of a visitor may belong."""
        self._note((VISITOR, visitor))
        known = self._visitors.get(visitor)
        for _, customer, _ in () if known is None else known.links:
            self._note((CUSTOMER, customer))

    def _note_around(self, visitor: str, at: int) -> None:
        """Everybody from whom a link at that time may take something: whoever the links next to it say.

        Not all: where many log in at one browser, there is a link for each of them.
        """
        self._note((VISITOR, visitor))
        known = self._visitors.get(visitor)
        links = [] if known is None else known.links
        if later := links[bisect_left(links, (at,)) :][:1]:
            self._note((CUSTOMER, later[0][1]))
        if place := bisect_right(links, at, key=_when):
            latest = links[place - 1][0]
            self._note((CUSTOMER, links[bisect_left(links, (latest,))][1]))

    def _owner(self, visitor: str, at: int) -> Person:
        """To whom something of a visitor at that time belongs."""
        known = self._visitors.get(visitor)
        customer = owner(known.links, at, self._memory_ms) if known is not None and known.links else None
        return (VISITOR, visitor) if customer is None else (CUSTOMER, customer)


def _when(link: Link) -> int:
    return link[0]
