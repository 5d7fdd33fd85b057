"""Where each fact goes: topic, key, partition, bytes. The partition is always passed to Kafka explicitly."""

from collections.abc import Iterable
from typing import NamedTuple

from contracts import codec, identity, topics
from contracts.config import Partitions
from contracts.events import SCHEMA, TICK_KEY, Cursor, DeadLetter, EngagementEvent, Post, Snapshot, Tick
from contracts.topics import partition_of
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
        """An event, snapshot or post, in the partition of its account."""
        address = self._accounts.get((fact.platform, fact.account_id))
        if address is None:
            key = identity.account_key(fact.platform, fact.account_id)
            address = key, partition_of(key, self._partitions.organic)
            self._accounts[fact.platform, fact.account_id] = address
        key, partition = address
        match fact:
            case EngagementEvent():
                return Record(topics.EVENTS.name, partition, key, codec.encode(fact))
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

    def ticks(self, as_of: int) -> list[Record]:
        """The time, for every partition of the processors' event topics."""
        value = codec.encode(Tick(SCHEMA, as_of))
        return [Record(topics.EVENTS.name, partition, TICK_KEY, value) for partition in range(self._partitions.organic)]

    def counts(self, names: Iterable[topics.Topic]) -> dict[str, int]:
        """Topic -> partitions that it must have."""
        return {topic.name: count(topic, self._partitions) for topic in names}

    def _dead_letter(self, dead_letter_id: str, value: bytes | None) -> Record:
        key = dead_letter_id.encode()
        return Record(topics.DEAD_LETTERS.name, partition_of(key, self._partitions.shared), key, value)


def count(topic: topics.Topic, partitions: Partitions) -> int:
    """How many partitions a topic has."""
    match topic.partitions:
        case "organic":
            return partitions.organic
        case "shared":
            return partitions.shared
        case "one":
            return 1
