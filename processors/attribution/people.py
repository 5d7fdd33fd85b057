"""Who is who in a brand: visitors, customers, what is theirs, and what a change of it changes in the tables.

A person is a customer, with everything of their visitors that is theirs by the links, or a visitor with the rest.
Before anything changes about a person what they have added so far is noted; at a flush it is compared with what they
add now.
"""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import NamedTuple

from processors.attribution.chunks import Chunks, Slot, Told
from processors.attribution.journeys import (
    Contribution,
    Link,
    Lookback,
    OrderKey,
    Path,
    Purchase,
    Touchpoint,
    Walk,
    contribution,
    journeys,
    open_journey,
    owner,
    paths,
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


class Belongings(NamedTuple):
    """Everything that is a person's: touches in their order, and purchases."""

    touches: "array[int]"
    purchases: list[Purchase]


def _no_slots() -> "array[int]":
    return array("Q")


@dataclass(slots=True)
class Visitor:
    """`touches` in their order; `links`: (when, customer, link), sorted."""

    name: str
    touches: "array[int]" = field(default_factory=_no_slots)
    links: tuple[Link, ...] = ()
    orders: tuple[OrderKey, ...] = ()


@dataclass(slots=True)
class Customer:
    visitors: Counter[str] = field(default_factory=Counter)
    orders: tuple[OrderKey, ...] = ()


class People:
    """All people of a brand. Every method takes the newest truth about one thing, and says nothing; `settle` does.

    `memory_ms`: how long after a link it still says who somebody is. `chunks`: where the touches lie.
    """

    def __init__(self, brand: str, lookback: Lookback, memory_ms: int, chunks: Chunks) -> None:
        self._brand = brand
        self._lookback = lookback
        self._memory_ms = memory_ms
        self._chunks = chunks
        self._visitors: dict[str, Visitor] = {}
        self._customers: defaultdict[str, Customer] = defaultdict(Customer)
        self._orders: dict[OrderKey, Order] = {}
        self._browsers: Counter[str] = Counter()
        """Visitors whom orders of customers name: how many."""
        self._links: dict[str, tuple[str, Link]] = {}
        self._before: dict[Person, Belongings] = {}
        self._is_loading = True
        self.forgotten_before = 0
        """What was ordered before, epoch ms, leads to nothing any more."""

    def forget_changes(self) -> None:
        """What was told until now was told before: from now on changes are noted."""
        self._is_loading = False

    def touch(self, visitor: str, touch: Touchpoint) -> None:
        """A touch, or what is known of it now."""
        former = self._chunks.find(self._brand, touch.touch_id)
        if former is not None:
            self._remove(former)
        self._note_owner(visitor, touch.at)
        known = self._visitor(visitor)
        self._put(known, self._chunks.add(self._brand, known.name, touch))

    def take_back(self, visitor: str, slot: Slot) -> None:
        """A touch that was remembered."""
        self._put(self._visitors[visitor], slot)

    def name_of(self, visitor: str) -> str:
        """The one text that is kept of a visitor's name."""
        return self._visitor(visitor).name

    def told(self, touch_id: str) -> Told | None:
        """What is known of a touch that may be told again, if it is remembered."""
        slot = self._chunks.find(self._brand, touch_id)
        return None if slot is None else self._chunks.told(slot)

    def rename(self, visitor: str, until: int, name: str) -> None:
        """The touches of a visitor that were before `until` are somebody's called `name`."""
        known = self._visitors.get(visitor)
        if known is None:
            return
        renamed = [slot for slot in known.touches if self._chunks.at(slot) < until]
        for slot in renamed:
            touch = self._chunks.touch(slot)
            self._remove(slot)
            self._note_owner(name, touch.at)
            other = self._visitor(name)
            self._put(other, self._chunks.add(self._brand, other.name, touch))

    def _remove(self, slot: Slot) -> None:
        """A touch is no longer what lies there."""
        visitor = self._chunks.visitor(slot)
        self._note_owner(visitor, self._chunks.at(slot))
        self._visitors[visitor].touches.remove(slot)
        self._chunks.drop(slot)
        self._forget_visitor(visitor)

    def _put(self, visitor: Visitor, slot: Slot) -> None:
        """To its place among the visitor's touches."""
        touches, at = visitor.touches, self._chunks.at
        if not touches or at(touches[-1]) < at(slot):
            touches.append(slot)
        else:
            order = self._chunks.place_in_time
            touches.insert(bisect_right(touches, order(slot), key=order), slot)

    def _visitor(self, name: str) -> Visitor:
        known = self._visitors.get(name)
        if known is None:
            known = self._visitors[name] = Visitor(name)
        return known

    def link(self, link_id: str, visitor: str, customer: str, at: int) -> None:
        """A link, or what is known of it now."""
        if (former := self._links.get(link_id)) is not None:
            self._note_all(former[0])
        self._note_around(visitor, at)
        self._note((CUSTOMER, customer))
        if former is not None:
            self._unlink(link_id)
        link = at, customer, link_id
        known = self._visitor(visitor)
        known.links = _with(known.links, link)
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
            buyer = self._buyer(order)
            buyer.orders = (*buyer.orders, key)
            self._orders[key] = order
            if order.customer is not None and order.visitor is not None:
                self._browsers[order.visitor] += 1

    def settle(self) -> Iterator[tuple[Contribution, Contribution]]:
        """(before, now) of everybody about whom something changed since the last time; without the paths that are the
        same in both."""
        noted, self._before = self._before, {}
        for person, belonged in noted.items():
            belongs = self._belongings(person)
            if not belonged.purchases and not belongs.purchases:
                yield open_journey(belonged.touches, self._chunks), open_journey(belongs.touches, self._chunks)
                continue
            before, now = self._paths(belonged), self._paths(belongs)
            if len(before) > 1 or len(now) > 1 or before == now:
                former = {path.purchase: path for path in before}
                present = {path.purchase: path for path in now}
                before = [path for path in before if present.get(path.purchase) != path]
                now = [path for path in now if former.get(path.purchase) != path]
            if before or now:
                yield contribution(before, self._chunks), contribution(now, self._chunks)

    def contribution(self, person: Person) -> Contribution:
        """What a person adds now."""
        return contribution(self._paths(self._belongings(person)), self._chunks)

    def _paths(self, belonged: Belongings) -> list[Path]:
        return list(paths(*belonged, self._lookback, self._chunks))

    def holds_order(self, key: OrderKey) -> bool:
        """Whether an order is remembered."""
        return key in self._orders

    def knows(self, person: Person) -> bool:
        """Whether anything is remembered of one by this name."""
        kind, name = person
        return name in self._customers if kind == CUSTOMER else name in self._visitors or name in self._browsers

    def holds_visitor(self, visitor: str) -> bool:
        """Whether a touch or an order of this visitor is remembered."""
        known = self._visitors.get(visitor)
        return known is not None and bool(known.touches or known.orders)

    def forget_link(self, link_id: str) -> None:
        """Nothing is known any more of which it said whose it is."""
        if link_id in self._links:
            self._unlink(link_id)

    def forget_before(self, limit: int, before: Iterable[Slot]) -> list[Walk]:
        """Forget the journeys that ended before `limit`, and open ones whose last touch was; the walks that went.

        What comes from then on belongs to no such journey, so that what somebody adds differs by the same before and
        after a change. No change may wait to be settled. `before`: the touches before `limit`.
        """
        assert not self._before, "what changed is settled first"
        chunks, gone, walks = self._chunks, list[Slot](), list[Walk]()
        for person in {self._owner(chunks.visitor(slot), chunks.at(slot)) for slot in before}:
            touches, purchases = self._belongings(person)
            over = list[Slot]()
            for led, purchase in journeys(touches, purchases, chunks.at):
                if (purchase.at if purchase else chunks.at(led[-1])) >= limit:
                    break
                over += led
            ended = [purchase for purchase in purchases if purchase.at < limit]
            forgotten = self._paths(Belongings(array("Q", over), ended))
            walks += contribution(forgotten, chunks).walks
            gone += over
        for key in [key for key, order in self._orders.items() if order.at < limit]:
            self._forget_order(key)
        self._forget_touches(gone)
        return walks

    def _forget_touches(self, gone: Iterable[Slot]) -> None:
        theirs: defaultdict[str, set[Slot]] = defaultdict(set)
        for slot in gone:
            theirs[self._chunks.visitor(slot)].add(slot)
            self._chunks.drop(slot)
        for name, slots in theirs.items():
            visitor = self._visitors[name]
            visitor.touches = array("Q", [slot for slot in visitor.touches if slot not in slots])
            self._forget_visitor(name)

    def _forget_order(self, key: OrderKey) -> None:
        order = self._orders.pop(key)
        buyer = self._buyer(order)
        buyer.orders = tuple([other for other in buyer.orders if other != key])
        if order.customer is None:
            if order.visitor is not None:
                self._forget_visitor(order.visitor)
            return
        self._forget_customer(order.customer)
        if order.visitor is not None:
            self._browsers[order.visitor] -= 1
            if not self._browsers[order.visitor]:
                del self._browsers[order.visitor]

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

    def _buyer(self, order: Order) -> Customer | Visitor:
        if order.customer is not None:
            return self._customers[order.customer]
        assert order.visitor is not None, "nobody's orders are not remembered"
        return self._visitor(order.visitor)

    def _unlink(self, link_id: str) -> None:
        visitor, link = self._links.pop(link_id)
        known_visitor = self._visitors[visitor]
        known_visitor.links = tuple([other for other in known_visitor.links if other != link])
        self._forget_visitor(visitor)
        _, customer, _ = link
        known = self._customers[customer]
        known.visitors[visitor] -= 1
        if not known.visitors[visitor]:
            del known.visitors[visitor]
        self._forget_customer(customer)

    def _belongings(self, person: Person) -> Belongings:
        kind, name = person
        if kind == VISITOR:
            visitor = self._visitors.get(name)
            if visitor is None:
                return Belongings(_no_slots(), [])
            if not visitor.links:
                return Belongings(visitor.touches[:], self._purchases(visitor.orders) if visitor.orders else [])
            return Belongings(self._part(visitor, person), self._purchases(self._orders_in(visitor, person)))
        customer = self._customers.get(name, Customer())
        known = [visitor for theirs in customer.visitors if (visitor := self._visitors.get(theirs)) is not None]
        parts = [part for visitor in known if (part := self._part(visitor, person))]
        touches = parts[0] if len(parts) == 1 else self._sorted(chain.from_iterable(parts))
        orders = chain(customer.orders, *[self._orders_in(visitor, person) for visitor in known])
        return Belongings(touches, self._purchases(orders))

    def _sorted(self, slots: Iterable[Slot]) -> "array[int]":
        return array("Q", sorted(slots, key=self._chunks.place_in_time))

    def _part(self, visitor: Visitor, person: Person) -> "array[int]":
        """The touches of a visitor that belong to a person: those since the link before, up to each link that says so;
        after the last link those that it still says something of, and then the visitor's own."""
        links, touches, at = visitor.links, visitor.touches, self._chunks.at
        until = bisect_left(touches, links[-1][0] + self._memory_ms, key=at)
        if person[0] == VISITOR:
            return touches[until:]
        found = _no_slots()
        for place, (when, customer, _) in enumerate(links):
            if customer != person[1] or (place and links[place - 1][0] == when):
                continue
            begin = bisect_right(touches, links[place - 1][0], key=at) if place else 0
            is_last = when == links[-1][0]
            found += touches[begin : until if is_last else bisect_right(touches, when, begin, key=at)]
        return found

    def _orders_in(self, visitor: Visitor, person: Person) -> list[OrderKey]:
        return [key for key in visitor.orders if self._owner(visitor.name, self._orders[key].at) == person]

    def _purchases(self, orders: Iterable[OrderKey]) -> list[Purchase]:
        return [purchase for key in orders if (purchase := self._orders[key].purchase) is not None]

    def _note(self, person: Person) -> None:
        if not self._is_loading and person not in self._before:
            self._before[person] = self._belongings(person)

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
        links = () if known is None else known.links
        if later := links[bisect_left(links, (at,)) :][:1]:
            self._note((CUSTOMER, later[0][1]))
        if place := bisect_right(links, at, key=itemgetter(0)):
            latest = links[place - 1][0]
            self._note((CUSTOMER, links[bisect_left(links, (latest,))][1]))

    def _owner(self, visitor: str, at: int) -> Person:
        """To whom something of a visitor at that time belongs."""
        known = self._visitors.get(visitor)
        customer = owner(known.links, at, self._memory_ms) if known is not None and known.links else None
        return (VISITOR, visitor) if customer is None else (CUSTOMER, customer)


def _with(links: tuple[Link, ...], link: Link) -> tuple[Link, ...]:
    found = list(links)
    insort(found, link)
    return tuple(found)
