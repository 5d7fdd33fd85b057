"""Where each fact goes: topic, key, partition, bytes. The partition is always passed to Kafka explicitly."""

from collections.abc import Iterable
from typing import NamedTuple

from contracts import codec, identity, topics
from contracts.config import Partitions
from contracts.events import (
    ERASE_KEY,
    SCHEMA,
    TICK_KEY,
    Cursor,
    DeadLetter,
    EngagementEvent,
    Erasure,
    Listing,
    Memory,
    Person,
    Post,
    Snapshot,
    Subject,
    Tick,
    Wake,
)
from contracts.health import SourceHealth
from contracts.paid import AdEntity, AdFact, Link, Order, PaidFact, Refund, Touch
from contracts.topics import partition_of
from ingest.identity import Announcing, announced
from ingest.platforms import Fact


class Record(NamedTuple):
    """A record to write; value None deletes the key."""

    topic: str
    partition: int
    key: bytes
    value: bytes | None


class Records:
    """Makes records, given how many partitions there are."""

    def __init__(self, partitions: Partitions) -> None:
        self._partitions = partitions
        self._accounts: dict[tuple[str, str], tuple[bytes, int]] = {}

    def of_fact(self, fact: Fact) -> Record:
        """Organic facts go to the partition of their account, those of the paid leg to that of their brand."""
        if isinstance(fact, EngagementEvent | Snapshot | Post):
            return self._organic(fact)
        fact = announced(fact)
        if isinstance(fact, Wake):
            key = fact.source.encode()
            return Record(topics.WAKES.name, partition_of(key, self._partitions.shared), key, codec.encode(fact))
        topic, names = _paid(fact)
        key = identity.join_key(fact.brand, *names).encode()
        partition = partition_of(identity.brand_key(fact.brand), self._partitions.paid)
        return Record(topic.name, partition, key, codec.encode(fact))

    def _organic(self, fact: EngagementEvent | Snapshot | Post) -> Record:
        address = self._accounts.get((fact.platform, fact.account_id))
        if address is None:
            key = identity.account_key(fact.platform, fact.account_id)
            address = key, partition_of(key, self._partitions.organic)
            self._accounts[fact.platform, fact.account_id] = address
        key, partition = address
        match fact:
            case EngagementEvent():
                told = announced(fact) if isinstance(fact.actor_id, Announcing) else fact
                return Record(topics.EVENTS.name, partition, key, codec.encode(told))
            case Snapshot():
                return Record(topics.SNAPSHOTS.name, partition, key, codec.encode(fact))
            case Post():
                key = identity.post_key(fact.platform, fact.account_id, fact.post_id)
                return Record(topics.POSTS.name, partition, key, codec.encode(fact))

    def of_dead_letter(self, letter: DeadLetter) -> Record:
        """A dead letter under its id."""
        return self._dead_letter(letter.dead_letter_id, codec.encode(letter))

    def without_dead_letter(self, dead_letter_id: str) -> Record:
        """The deletion of a dead letter."""
        return self._dead_letter(dead_letter_id, None)

    def of_cursor(self, cursor: Cursor) -> Record:
        """A cursor under its source."""
        key = cursor.source.encode()
        return Record(topics.CURSORS.name, partition_of(key, self._partitions.shared), key, codec.encode(cursor))

    def of_health(self, health: SourceHealth) -> Record:
        """How a source fares, under its name."""
        return self._health(health.source, codec.encode(health))

    def without_health(self, source: str) -> Record:
        """Nobody follows that source any more."""
        return self._health(source, None)

    def of_memory(self, source: str, object_id: str, listing: Listing | None) -> Record:
        """What is known of an object of a source; None forgets it."""
        key = identity.join_key(source, object_id).encode()
        value = None if listing is None else codec.encode(Memory(SCHEMA, source, object_id, listing))
        return Record(topics.MEMORY.name, partition_of(key, self._partitions.shared), key, value)

    def of_subject(self, source: str, record: str, subject: Subject | None) -> Record:
        """What a record of a stream is about; None forgets it."""
        key = identity.join_key(source, record).encode()
        value = None if subject is None else codec.encode(Memory(SCHEMA, source, record, subject=announced(subject)))
        return Record(topics.MEMORY.name, partition_of(key, self._partitions.shared), key, value)

    def ticks(self, as_of: int) -> list[Record]:
        """The time, for every partition of each processor's event topic."""
        return self._for_all(TICK_KEY, codec.encode(Tick(SCHEMA, as_of)))

    def of_person(self, person: Person) -> Record:
        """A name under its person."""
        return self._person(person.platform, person.actor_id, codec.encode(announced(person)))

    def without_person(self, platform: str, actor_id: str) -> Record:
        """The deletion of a name."""
        return self._person(platform, actor_id, None)

    def of_erasure(self, erasure: Erasure) -> Record:
        """An erasure under its id, for whoever starts later."""
        return Record(topics.ERASURES.name, 0, erasure.erasure_id.encode(), codec.encode(erasure))

    def erasures(self, erasure: Erasure) -> list[Record]:
        """An erasure, for every partition of each processor's event topic."""
        return self._for_all(ERASE_KEY, codec.encode(erasure))

    def counts(self, names: Iterable[topics.Topic]) -> dict[str, int]:
        """Topic -> partitions that it must have."""
        return {topic.name: count(topic, self._partitions) for topic in names}

    def _for_all(self, key: bytes, value: bytes) -> list[Record]:
        return [
            Record(topic.name, partition, key, value)
            for topic in topics.TIMED
            for partition in range(count(topic, self._partitions))
        ]

    def _person(self, platform: str, actor_id: str, value: bytes | None) -> Record:
        key = identity.join_key(platform, actor_id).encode()
        return Record(topics.PEOPLE.name, partition_of(key, self._partitions.shared), key, value)

    def _health(self, source: str, value: bytes | None) -> Record:
        key = source.encode()
        return Record(topics.HEALTH.name, partition_of(key, self._partitions.shared), key, value)

    def _dead_letter(self, dead_letter_id: str, value: bytes | None) -> Record:
        key = dead_letter_id.encode()
        return Record(topics.DEAD_LETTERS.name, partition_of(key, self._partitions.shared), key, value)


def _paid(fact: PaidFact) -> tuple[topics.Topic, tuple[str, ...]]:
    """Topic of a fact of the paid leg, and what it is called within its brand."""
    match fact:
        case AdFact():
            grain = (fact.platform, fact.account_id, fact.level, fact.entity_id, fact.window, fact.breakdown)
            return topics.AD_FACTS, grain
        case AdEntity():
            return topics.AD_ENTITIES, (fact.platform, fact.kind, fact.entity_id)
        case Touch():
            return topics.TOUCHES, (fact.touch_id,)
        case Order():
            return topics.CONVERSIONS, (fact.source, fact.shop_id, fact.order_id, "order", str(fact.version))
        case Refund():
            return topics.CONVERSIONS, (fact.source, fact.shop_id, fact.order_id, fact.refund_id, str(fact.version))
        case Link():
            return topics.LINKS, (fact.link_id,)


def count(topic: topics.Topic, partitions: Partitions) -> int:
    """How many partitions a topic has."""
    match topic.partitions:
        case "organic":
            return partitions.organic
        case "paid":
            return partitions.paid
        case "shared":
            return partitions.shared
        case "one":
            return 1
