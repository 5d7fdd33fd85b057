"""What happens in a market, in order of time: people come, log in, buy, and take back; all of it from the seed."""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from ingest.simulator.market import orders
from ingest.simulator.market.ads import Ad, AdSet, Book, Campaign, Printer
from ingest.simulator.market.ambassadors import Promotions
from ingest.simulator.market.arrivals import Arrival, drawn
from ingest.simulator.market.brands import SHOPS, SITES, Shop, Website
from ingest.simulator.market.collector import Collector
from ingest.simulator.market.orders import Order, Step
from ingest.simulator.market.people import Crowd, Person
from ingest.simulator.market.shopify import Shopify
from ingest.simulator.market.stripe import Stripe
from ingest.simulator.market.telling import Dialect, Telling
from ingest.simulator.market.woocommerce import WooCommerce

PEOPLE = 1_500
"""Of a brand."""
FIRST_ORDER = 8_209_829_119_461_545_080
"""Beyond what a double holds."""
CONSENTS = ("granted", "granted", "granted", "granted", "unknown", "denied")


class Posted(NamedTuple):
    """Something is to be posted to an endpoint."""

    endpoint: str
    telling: Telling


class World:
    """`rate`: visits a second. Happens exactly as far as it has been told; `facts` counts what happened.

    `posts`: brand -> what its ads promote; `young`: brand -> posts of the first hours that it may boost then.
    `orders`: those that a shop lists when it is asked.
    """

    def __init__(
        self,
        seed: int,
        begins_at: int,
        rate: float,
        ends_after: float,
        posts: Mapping[str, Sequence[str]],
        young: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        self.rng = Random(f"market:{seed}")
        self.begins_at = begins_at
        self.ends_after = ends_after
        printer, boosting = Printer(self.rng, begins_at, ends_after, posts), Random(f"boosts:{seed}")
        self.books: list[Book] = printer.books()
        for book in self.books:
            printer.boost(boosting, book, young.get(book.account.brand, ()))
        self.facts = 0
        self.woocommerce = WooCommerce(self.rng)
        self.shops: dict[str, Dialect] = {
            "shopify": Shopify(self.rng),
            "stripe": Stripe(self.rng),
            "woocommerce": self.woocommerce,
        }
        self.collector = Collector(self.rng)
        self.orders: dict[str, Order] = {}
        self._promotions = Promotions(seed)
        self._crowds = {site.brand: Crowd(site.brand, PEOPLE) for site in SITES}
        self._checkouts = {site.brand: _checkouts(site) for site in SITES}
        self._rate = rate
        self._next_visit = 0.0
        self._numbers = count(1 + begins_at % 10**9)
        self._agenda: list[tuple[int, int, Callable[[int], Iterator[Posted]]]] = []
        self._appointments = count()
        self._later(begins_at, lambda at: iter([Posted("woocommerce", self.woocommerce.ping(at))]))

    @property
    def is_over(self) -> bool:
        return self._next() >= self.ends_after

    def until(self, now: int) -> Iterator[Posted]:
        """Everything up to that second that has not been told yet."""
        while not self.is_over and self.begins_at + self._next() <= now:
            if self._appointment() <= self._next_visit:
                at, _, act = heapq.heappop(self._agenda)
                yield from act(at)
            else:
                at = self.begins_at + int(self._next_visit)
                self._next_visit += self.rng.expovariate(self._rate)
                yield from self._visit(at)

    def running(self, brand: str, at: int) -> list[tuple[Campaign, AdSet, Ad]]:
        """The ads of a brand that are shown at that second."""
        return [
            (campaign, ad_set, ad)
            for book in self.books
            if book.account.brand == brand
            for campaign, ad_set, ad in book.ads()
            if campaign.is_on(at) and ad_set.is_on(at) and ad.is_on(at)
        ]

    def _appointment(self) -> float:
        return self._agenda[0][0] - self.begins_at if self._agenda else float("inf")

    def _next(self) -> float:
        return min(self._next_visit, self._appointment())

    def _later(self, at: int, act: Callable[[int], Iterator[Posted]]) -> None:
        heapq.heappush(self._agenda, (at, next(self._appointments), act))

    def _visit(self, at: int) -> Iterator[Posted]:
        rng = self.rng
        site = rng.choices(SITES, (4, 3, 2, 2))[0]
        arrival = drawn(rng, self.running(site.brand, at))
        self.facts += 1
        if rng.random() < 0.07:
            yield Posted("collector", self.collector.crawl(site, at, arrival))
            return
        person = self._crowds[site.brand].draw(rng)
        arrival = self._promotions.led(arrival, person)
        visitor, consent = person.browser(rng), CONSENTS[person.number % len(CONSENTS)]
        yield Posted("collector", self.collector.visit(site, at, arrival, visitor, consent))
        if rng.random() < 0.1:
            self._later(at + rng.randrange(5, 900), partial(self._login, site, person, visitor, consent))
        if rng.random() < 0.35:
            known = visitor if consent == "granted" else None
            self._later(at + rng.randrange(30, 10_800), partial(self._order, site, person, known, arrival))

    def _login(self, site: Website, person: Person, visitor: str, consent: str, at: int) -> Iterator[Posted]:
        self.facts += 1
        yield Posted("collector", self.collector.login(site, at, person, visitor, consent))

    def _order(self, site: Website, person: Person, visitor: str | None, arrival: Arrival, at: int) -> Iterator[Posted]:
        """A person buys, at one of the brand's checkouts."""
        rng, number = self.rng, next(self._numbers)
        shop = rng.choice(self._checkouts[site.brand])
        person.orders += 1
        future = list(orders.ahead(rng, shop))
        is_pending = bool(future) and (future[0][1] == "pay" or (future[0][1] == "cancel" and rng.random() < 0.5))
        order = Order(
            shop=shop,
            id=_order_id(shop, number),
            number=number,
            person=person,
            arrival=arrival,
            visitor=visitor if rng.random() < 0.8 else None,
            is_known=rng.random() < 0.85,
            created_at=at,
            gross=rng.randrange(500, 25_000),
            is_test=shop.source != "woocommerce" and rng.random() < 0.04,
            status="pending" if is_pending else "paid",
            changed_at=at,
            codes=self._promotions.codes(person),
        )
        if shop.source == "woocommerce":
            self.orders[order.id] = order
        for after, step in future:
            self._later(at + after, partial(self._step, order, step))
        yield from self._told(order, "create")

    def _step(self, order: Order, step: Step, at: int) -> Iterator[Posted]:
        if orders.happen(self.rng, order, step, at):
            if step == "delete":
                self.orders.pop(order.id, None)
            yield from self._told(order, step)

    def _told(self, order: Order, step: Step) -> Iterator[Posted]:
        self.facts += 1
        source = order.shop.source
        if source == "web":
            for telling in self.collector.tellings(order, step):
                yield Posted("collector", telling)
            return
        dialect = self.shops[source]
        for telling in dialect.tellings(order, step):
            yield Posted(source, telling)
            if again := dialect.again(telling):
                yield Posted(source, again)


def _checkouts(site: Website) -> list[Shop]:
    """Where the brand's people can buy."""
    found = [shop for shop in SHOPS if shop.brand == site.brand]
    return [*found, Shop("web", site.id, site.brand, site.zone, site.currency)] if site.has_checkout else found


def _order_id(shop: Shop, number: int) -> str:
    match shop.source:
        case "shopify":
            return str(FIRST_ORDER + number)
        case "stripe":
            return f"pi_{number}"
        case "web":
            return f"W-{number}"
    return str(number)
