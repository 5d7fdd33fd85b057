"""The processor `paid`: what becomes of each record of its sources. The state of one partition."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

import msgspec
from msgspec.structs import replace

from contracts import identity, topics
from contracts.codec import UndecodableRecord, decoder
from contracts.config import Config
from contracts.events import ERASE_KEY, TICK_KEY, Tick
from contracts.paid import AdEntity, AdFact, Link, Order, Refund, Touch
from processors.attribution import ads, links, orders, store
from processors.attribution.ads import AdGrain, AdThing, Believed
from processors.attribution.beliefs import Telling, tell
from processors.attribution.book import Book, Entry, Name
from processors.attribution.clocks import CLOCK, Clocks, read_clock
from processors.attribution.crediting import Crediting
from processors.attribution.forgetting import Due, let_go, look_again
from processors.attribution.links import LinkEntry
from processors.attribution.naming import CUSTOMER, VISITOR, erase, named
from processors.attribution.orders import OrderEntry, Told
from processors.attribution.touches import Learnt, Touches
from processors.engagement.aliases import Aliases
from processors.engagement.erasures import Erasures
from processors.engagement.windows import DAY_MS, Day, Horizons, zone
from processors.engine.state import Change, Processor, Record, Rejected, Tally

WEB = "web"
"""Source of the orders that a site's own pages tell of: their shop is the site."""
_read_tick = decoder(Tick)
_read_fact = decoder(AdFact)
_read_entity = decoder(AdEntity)
_read_touch = decoder(Touch)
_read_order = decoder(Order)
_read_refund = decoder(Refund)
_read_link = decoder(Link)


class _Kind(msgspec.Struct):
    """What tells a refund from an order."""

    refund_id: msgspec.Raw = msgspec.Raw()


_read_kind = decoder(_Kind)


def processor(config: Config) -> Processor:
    """The processor as the engine runs it."""
    return Processor(
        name="paid",
        sources=tuple(topic.name for topic in topics.PAID_SOURCES),
        state_topics=(topics.STATE_PAID_ALIASES.name, topics.STATE_PAID.name),
        aggregate_topics=tuple(topic.name for topic in topics.aggregates(config.retention, "paid")),
        checkpoint_topic=topics.STATE_PAID_CHECKPOINT.name,
        state_format=2,
        flushes_topic=topics.PAID_FLUSHES.name,
        notices=(topics.ERASURES.name,),
        rules=identity.digest(msgspec.json.encode(config.attribution).decode()),
        new_state=lambda generation, partition, partitions: Paid(config, generation, partition, partitions),
    )


class Paid:
    """Implements `PartitionState`: everything known of the brands of one partition."""

    def __init__(self, config: Config, generation: int, partition: int, partitions: int) -> None:
        self.tally = Tally()
        self.rejected: list[Rejected] = []
        self.newest_event_at: int | None = None
        self.generation = generation
        self.ticked_at = 0
        self.time_changed = False
        self.stale_keys: dict[tuple[str, bytes], None] = {}
        self.erasures = Erasures()
        self.aliases = Aliases(topics.STATE_PAID_ALIASES.name, generation, self.erasures)
        self.limits = Horizons.of(config.retention)
        self._zones = {(a.platform, a.id): a.zone for a in config.accounts}
        self._zones |= {(WEB, site.id): site.zone for site in config.sites}
        self._sites = {site.id: zone(site.zone) for site in config.sites}
        self.touches = Touches(generation, self.day_of)
        self.book = Book(
            generation,
            {
                CLOCK: read_clock,
                ads.FACT: ads.read_grain,
                ads.ENTITY: ads.read_thing,
                orders.ORDER: self._read_order_entry,
                links.LINK: links.read_link,
            },
        )
        self.clocks = Clocks(self.book)
        self.due = Due()
        self.crediting = Crediting(generation, config.attribution, self.limits.interaction, self.day_of)
        self._partition, self._partitions = partition, partitions
        self._owned: set[str] = set()
        self._forgot_on = 0
        self._is_to_forget = False
        self._folds: Mapping[str, Callable[[bytes], None]] = {
            topics.AD_FACTS.name: self._fold_fact,
            topics.AD_ENTITIES.name: self._fold_entity,
            topics.CONVERSIONS.name: self._fold_conversion,
            topics.LINKS.name: self._fold_link,
        }

    def load(self, topic: str, records: Sequence[Record]) -> None:
        store.load(self, topic, records)

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        self._settle_load()
        fold = self._folds.get(topic, self._fold_touch)
        for record in records:
            _, key, value = record
            try:
                if topic == topics.TOUCHES.name and key == TICK_KEY:
                    self._tick(value or b"")
                elif topic == topics.TOUCHES.name and key == ERASE_KEY:
                    erase(self, value or b"")
                elif value is not None:
                    fold(value)
            except UndecodableRecord as error:
                self.rejected.append(Rejected(topic, *record, error.reason, error.detail))

    def changes(self, version: int) -> Iterator[Change]:
        self._settle_load()
        yield from self._written(self.crediting.changes(version, self.ticked_at))
        if self._is_to_forget:
            self._is_to_forget = False
            yield from self._written(self.crediting.forget(self.ticked_at, self._late_before, version))
            let_go(self)
        yield from self._written(
            chain(
                store.changes(self),
                self.book.changes(version),
                self.touches.changes(version),
                self.crediting.chunk_changes(),
                self.aliases.changes(),
            )
        )

    def _written(self, changes: Iterator[Change]) -> Iterator[Change]:
        """Whatever is written is stale no longer."""
        for change in changes:
            if self.stale_keys:
                self.stale_keys.pop(change[:2], None)
            yield change

    def stale(self) -> Iterator[Change]:
        for topic, key in self.stale_keys:
            yield topic, key, None
        self.stale_keys = {}

    def entries(self) -> dict[str, int]:
        return {
            **self.book.count(),
            "touch": len(self.touches.known),
            "journey_touch": self.crediting.count(),
            "aliases": len(self.aliases.names),
        }

    def day_of(self, site_id: str, time_ms: int) -> Day:
        """The local day of a time at a site."""
        known = self._sites.get(site_id) or zone("UTC")
        return known.day_of(time_ms)

    # -- ads -----------------------------------------------------------------------------------------------------

    def _fold_fact(self, value: bytes) -> None:
        fact = _read_fact(value)
        self._own(fact.brand)
        telling = ads.telling_of_fact(fact)
        newest = self.clocks.at(ads.FACT, fact.brand, fact.platform, fact.account_id)
        self._received(fact.as_of, fact.received_at)
        too_old = ads.ends(telling, newest) <= newest - self.limits.interaction
        if fact.as_of <= newest - ads.SETTLED_MS or too_old:
            self._late("interaction")
            return
        self.clocks.advance(fact.as_of, ads.FACT, fact.brand, fact.platform, fact.account_id)
        name = ads.name_of_fact(fact)
        self._believe(AdGrain(name), telling, newest)

    def _fold_entity(self, value: bytes) -> None:
        entity = _read_entity(value)
        self._own(entity.brand)
        newest = self.clocks.at(ads.ENTITY, entity.brand, entity.platform, entity.account_id)
        self._received(entity.as_of, entity.received_at)
        if entity.as_of <= newest - ads.SETTLED_MS:
            self._late("interaction")
            return
        self.clocks.advance(entity.as_of, ads.ENTITY, entity.brand, entity.platform, entity.account_id)
        self._believe(AdThing(ads.name_of_entity(entity)), ads.telling_of_entity(entity), newest)

    def _believe(self, new: Believed, telling: Telling, newest: int) -> None:
        """Put a telling to its thing: the known one of the name, or `new`."""
        known = self.book.entries.get(new.name)
        entry = known if isinstance(known, AdGrain | AdThing) else new
        if not self.book.is_changed(new.name):
            ads.settle(entry, newest - ads.SETTLED_MS)
        tellings = list(entry.tellings)
        if not tell(tellings, telling):
            self.tally.duplicate_facts += 1
            return
        self.book.will_change(new.name)
        entry.tellings = tellings
        self.book.put(new.name, entry)

    # -- orders --------------------------------------------------------------------------------------------------

    def _fold_conversion(self, value: bytes) -> None:
        if _read_kind(value).refund_id:
            self._fold_refund(_read_refund(value))
        else:
            self._fold_order(_read_order(value))

    def _fold_order(self, order: Order) -> None:
        self._own(order.brand)
        self._received(order.ordered_at, order.received_at)
        if self._is_old(topics.CONVERSIONS.name, order.brand, order.ordered_at):
            return
        told_of = replace(
            order,
            customer_id=named(self, CUSTOMER, order.customer_id, order.customer_id_next, order.ordered_at),
            visitor_id=named(self, VISITOR, order.visitor_id, order.visitor_id_next, order.ordered_at),
        )
        entry = self._order(orders.name_of(order))
        told = orders.copy_of(entry.told)
        orders.learn_order(told, told_of)
        self.learnt(entry, told)

    def _fold_refund(self, refund: Refund) -> None:
        self._own(refund.brand)
        entry = self._order(orders.name_of(refund))
        self._received(refund.refunded_at, refund.received_at)
        newest = self.clocks.at(topics.CONVERSIONS.name, refund.brand)
        if entry.ordered_at is not None and entry.ordered_at <= newest - self.limits.interaction:
            self._late("interaction")
            return
        if self._is_old(topics.CONVERSIONS.name, refund.brand, refund.refunded_at):
            return
        told = orders.copy_of(entry.told)
        orders.learn_refund(told, refund)
        self.learnt(entry, told)

    def learnt(self, entry: OrderEntry, told: Told) -> None:
        """What is told of an order now."""
        if told == entry.told:
            self.tally.duplicate_facts += 1
            return
        self.book.will_change(entry.name)
        newest, entry.told = entry.newest, told
        self.book.put(entry.name, entry)
        if entry.newest < newest:
            look_again(self, entry)
        self.credit(entry)

    def _order(self, name: Name) -> OrderEntry:
        known = self.book.entries.get(name)
        return known if isinstance(known, OrderEntry) else OrderEntry(name, self._zone_of(name), Told())

    def _read_order_entry(self, name: Name, saved: bytes) -> OrderEntry:
        return OrderEntry(name, self._zone_of(name), orders.read_told(saved))

    def _zone_of(self, name: Name) -> str:
        return self._zones.get((name[2], name[3]), "UTC")

    def _settle_load(self) -> None:
        """Once everything was taken back."""
        self.touches.settle_load(self._late_before)
        if not self.crediting.is_loaded:
            for entry in self.book.entries.values():
                self.credit(entry)
            self.crediting.settle_load(self._late_before)

    def credit(self, entry: Entry) -> None:
        """Tell attribution what is known of an order or a link now."""
        match entry:
            case OrderEntry():
                self.crediting.order(entry.name[1], orders.key_of(entry.name), orders.bought(entry))
            case LinkEntry(said=(at, visitor, customer, _)):
                self.crediting.link(entry.name[1], entry.name[2], visitor, customer, at)

    # -- people --------------------------------------------------------------------------------------------------

    def _fold_link(self, value: bytes) -> None:
        link = _read_link(value)
        self._own(link.brand)
        self._received(link.at, link.received_at)
        if self._is_old(topics.LINKS.name, link.brand, link.at):
            return
        visitor = named(self, VISITOR, link.visitor_id, link.visitor_id_next, link.at)
        customer = named(self, CUSTOMER, link.customer_id, link.customer_id_next, link.at)
        said = link.at, visitor, customer, link.source
        name = links.name_of(replace(link, link_id=self.aliases.first(link.link_id, link.link_id_next)))
        entry = self.book.entries.get(name, LinkEntry(name))
        assert isinstance(entry, LinkEntry)
        if entry.said is not None and entry.said <= said:
            self.tally.duplicate_facts += 1
            return
        self.book.will_change(name)
        is_older, entry.said = entry.said is not None, said
        self.book.put(name, entry)
        if is_older:
            look_again(self, entry)
        self.credit(entry)

    def _fold_touch(self, value: bytes) -> None:
        touch = _read_touch(value)
        self._own(touch.brand)
        self._received(touch.occurred_at, touch.received_at)
        limit = self._late_before
        if self.day_of(touch.site_id, touch.occurred_at).end <= limit:
            self._late("hour")
            return
        learnt = self.touches.learn(touch, limit)
        if learnt is Learnt.NOTHING:
            self.tally.duplicate_facts += 1
        visitor = named(self, VISITOR, touch.visitor_id, touch.visitor_id_next, touch.occurred_at)
        self.crediting.touch(touch, visitor, is_known=learnt is not Learnt.NEW)

    # -- time ----------------------------------------------------------------------------------------------------

    def _tick(self, value: bytes) -> None:
        as_of = _read_tick(value).as_of
        if as_of <= self.ticked_at:
            return
        self.ticked_at, self.time_changed = as_of, True
        if as_of // DAY_MS != self._forgot_on:
            self._forgot_on = as_of // DAY_MS
            self._is_to_forget = True
            self.touches.let_go(self._late_before)

    @property
    def _late_before(self) -> int:
        """When a day has to have ended, epoch ms, for its touches to be late."""
        return self.ticked_at - self.limits.hour

    def _is_old(self, topic: str, brand: str, at: int) -> bool:
        """Whether a record is late; else the time of the brand in the topic has come to `at`."""
        if at <= self.clocks.at(topic, brand) - self.limits.interaction:
            self._late("interaction")
            return True
        self.clocks.advance(at, topic, brand)
        return False

    def _received(self, at: int, received_at: int) -> None:
        self.tally.received((received_at,))
        if self.newest_event_at is None or at > self.newest_event_at:
            self.newest_event_at, self.time_changed = at, True

    def _late(self, grain: str) -> None:
        self.tally.late_events[grain] = self.tally.late_events.get(grain, 0) + 1

    def _own(self, brand: str) -> None:
        """One writer per row: a brand's records lie in one partition, or not one of them is used."""
        if brand in self._owned:
            return
        if topics.partition_of(identity.brand_key(brand), self._partitions) != self._partition:
            raise UndecodableRecord("foreign_partition", f"not one of partition {self._partition}")
        self._owned.add(brand)
