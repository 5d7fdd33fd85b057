"""The Kafka edge, and the only import of kafka-python in ingest: writing groups of records, reading topics, topics.

A group is acknowledged when every record of it is. After a failed write the producer is closed and another is built, in
a thread of its own, so that nothing of the failed attempt lingers; until then every write fails at once.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from queue import SimpleQueue
from typing import Any, TypeVar

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import KafkaError, TopicAlreadyExistsError

from contracts import codec
from contracts.topics import Topic
from ingest.records import Record
from ingest.topics import Existing, Wanted
from runtime.logging import get_logger

LARGEST_RECORD = 12 * 1024 * 1024
"""A sealed delivery of the largest size; only `dead-letters` admits records this large."""
BOOTSTRAP_MS = 3_000
REBUILD_SECONDS = 0.5
Offsets = dict[str, dict[int, int]]
"""Topic -> partition -> next offset behind what was written."""

logging.getLogger("kafka").setLevel(logging.WARNING)  # each connection is told of in ten lines of information

log = get_logger()

T = TypeVar("T")


class KafkaAway(Exception):
    """The records were not acknowledged in time; they may or may not have been written."""


def merge(into: Offsets, more: Offsets) -> None:
    """Raise `into` to the offsets of `more`."""
    for topic, partitions in more.items():
        known = into.setdefault(topic, {})
        for partition, offset in partitions.items():
            known[partition] = max(offset, known.get(partition, 0))


class _Group:
    """Records that are acknowledged together. `done` is called once, from any thread, with offsets or None."""

    __slots__ = ("_done", "_has_failed", "_lock", "_offsets", "_pending")

    def __init__(self, size: int, done: Callable[[Offsets | None], None]) -> None:
        self._pending = size
        self._offsets: Offsets = {}
        self._has_failed = False
        self._done = done
        self._lock = threading.Lock()

    def acknowledged(self, metadata: Any) -> None:
        with self._lock:
            partitions = self._offsets.setdefault(metadata.topic, {})
            partitions[metadata.partition] = max(metadata.offset + 1, partitions.get(metadata.partition, 0))
            self._pending -= 1
            is_last = self._pending == 0
        if is_last:  # a record that failed is never acknowledged, so nothing has failed
            self._done(self._offsets)

    def failed(self) -> None:
        with self._lock:
            is_first, self._has_failed = not self._has_failed, True
        if is_first:
            self._done(None)


class Producer:
    """Writes groups of records; thread-safe. `on_state` is told whether Kafka can be written to.

    `partitions` are the topics that are written, with the counts that they must have: with another count an account
    would go where nobody counts it, so nothing is written until they agree.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        client_id: str,
        partitions: Mapping[str, int],
        *,
        delivery_seconds: float,
        linger_ms: int,
        on_state: Callable[[bool], None],
    ) -> None:
        self._delivery_seconds = delivery_seconds
        self._options = {
            "bootstrap_servers": bootstrap_servers.split(","),
            "client_id": client_id,
            "acks": "all",
            "enable_idempotence": True,
            "delivery_timeout_ms": int(delivery_seconds * 1000),
            "request_timeout_ms": int(delivery_seconds * 1000) - linger_ms - 100,
            "max_block_ms": 2_000,
            "bootstrap_timeout_ms": BOOTSTRAP_MS,
            "max_in_flight_requests_per_connection": 5,
            "linger_ms": linger_ms,
            "batch_size": 256 * 1024,
            "compression_type": "lz4",
            "max_request_size": LARGEST_RECORD,
            "allow_auto_create_topics": False,
            "metrics_enabled": False,
        }
        self._partitions = dict(partitions)
        self._on_state = on_state
        self._producer: KafkaProducer | None = None
        self._up = threading.Event()
        self._down = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_up, name="producer", daemon=True)
        self._thread.start()

    def submit(self, records: Sequence[Record], done: Callable[[Offsets | None], None]) -> None:
        """Write `records`; `done` gets the offsets, or None if not all of them were acknowledged. Does not wait."""
        if not records:
            done({})
            return
        group = _Group(len(records), done)
        producer = self._producer
        if producer is None:
            group.failed()
            return

        def failed(error: Exception) -> None:
            self._fall(producer, error)
            group.failed()

        try:
            for topic, partition, key, value in records:
                future = producer.send(topic, value=value, key=key, partition=partition)
                future.add_callback(group.acknowledged)
                future.add_errback(failed)
        except (KafkaError, AssertionError) as error:  # an unknown partition is an assertion of the client's
            failed(error)

    def write(self, records: Sequence[Record]) -> Offsets:
        """Write `records` and wait for all acknowledgements, and for Kafka at the start; raises `KafkaAway`."""
        self._up.wait(self._delivery_seconds)
        answered: SimpleQueue[Offsets | None] = SimpleQueue()
        self.submit(records, answered.put)
        offsets = answered.get()
        if offsets is None:
            raise KafkaAway
        return offsets

    def close(self) -> None:
        """Write what was submitted, then end."""
        self._closing.set()
        self._down.set()
        self._thread.join()
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(KafkaError):
                producer.close(timeout=self._delivery_seconds)

    def _fall(self, producer: KafkaProducer, error: Exception) -> None:
        """A write failed: nothing more goes through this producer."""
        if self._producer is producer:
            log.warning("write_failed", error=type(error).__name__)
            self._up.clear()
            self._producer = None
            self._on_state(False)
            self._down.set()

    def _keep_up(self) -> None:
        """Build a producer whenever there is none; the one that fell is closed first."""
        producer: KafkaProducer | None = None
        while not self._closing.is_set():
            self._down.clear()
            self._up.clear()
            if producer is not None:
                _discard(producer)
            producer = self._build()
            if producer is None:
                self._on_state(False)
                self._closing.wait(REBUILD_SECONDS)
                continue
            log.info("kafka_reached")
            self._on_state(True)
            self._producer = producer
            self._up.set()
            self._down.wait()

    def _build(self) -> KafkaProducer | None:
        try:
            producer = KafkaProducer(**self._options)
        except KafkaError as error:
            log.warning("kafka_unreachable", error=type(error).__name__)
            return None
        wrong = self._wrong_topics(producer)
        if wrong:
            log.error("topics_not_usable", topics=wrong)
            _discard(producer)
            return None
        return producer

    def _wrong_topics(self, producer: KafkaProducer) -> list[str]:
        wrong = []
        for topic, count in self._partitions.items():
            try:
                found = len(producer.partitions_for(topic))
            except KafkaError as error:
                return [f"{topic}: {type(error).__name__}"]
            if found != count:
                wrong.append(f"{topic}: {found} partitions instead of {count}")
        return wrong


def _discard(producer: KafkaProducer) -> None:
    """Close at once; what it still holds fails, and so do its groups.

    `close(timeout=0)` gives up when records are waiting, and leaves the thread behind; so the sender is ended first.
    """
    producer._sender.force_close()
    with suppress(KafkaError):
        producer.close(timeout=5)


def read(bootstrap_servers: str, topic: str) -> Iterator[tuple[bytes, bytes | None]]:
    """Every committed record of a topic, as key and value, up to where it ends now; none of one that is not there.
    Raises `KafkaAway`.
    """
    try:
        consumer = KafkaConsumer(
            bootstrap_servers=bootstrap_servers.split(","),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            allow_auto_create_topics=False,
            max_partition_fetch_bytes=LARGEST_RECORD,
            bootstrap_timeout_ms=30_000,
            metrics_enabled=False,
        )
        with closing(consumer):
            partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
            if not partitions:
                return
            ends = consumer.end_offsets(partitions)
            consumer.assign(partitions)
            consumer.seek_to_beginning(*partitions)
            while any(consumer.position(partition) < end for partition, end in ends.items()):
                for records in consumer.poll(timeout_ms=1000).values():
                    for record in records:
                        yield record.key, record.value
    except KafkaError as error:
        raise KafkaAway(type(error).__name__) from error


def following(bootstrap_servers: str, topic: str, stop: threading.Event) -> Iterator[bytes]:
    """The value of every record that is written to a topic from now on, until `stop`. Raises `KafkaAway`."""
    try:
        consumer = KafkaConsumer(
            bootstrap_servers=bootstrap_servers.split(","),
            enable_auto_commit=False,
            allow_auto_create_topics=False,
            bootstrap_timeout_ms=30_000,
            metrics_enabled=False,
        )
        with closing(consumer):
            partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
            consumer.assign(partitions)
            consumer.seek_to_end(*partitions)
            while not stop.is_set():
                for records in consumer.poll(timeout_ms=500).values():
                    yield from (record.value for record in records if record.value is not None)
    except KafkaError as error:
        raise KafkaAway(type(error).__name__) from error


def newest(bootstrap_servers: str, topic: Topic, kind: type[T]) -> Iterable[T]:
    """The newest record of every key; one that this version cannot read counts as none. Raises `KafkaAway`."""
    decode = codec.decoder(kind)
    found: dict[bytes, T] = {}
    for key, value in read(bootstrap_servers, topic.name):
        found.pop(key, None)
        if value is not None:
            try:
                found[key] = decode(value)
            except codec.UndecodableRecord as error:
                log.warning("record_unreadable", topic=topic.name, reason=error.reason)
    return found.values()


class Admin:
    """Topics as they are. A context manager; raises `KafkaAway`."""

    def __init__(self, bootstrap_servers: str) -> None:
        try:
            self._client = KafkaAdminClient(bootstrap_servers=bootstrap_servers.split(","), bootstrap_timeout_ms=30_000)
        except KafkaError as error:
            raise KafkaAway(type(error).__name__) from error

    def __enter__(self) -> "Admin":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def topics(self) -> dict[str, Existing]:
        """Every topic of the cluster, with all its settings."""
        described = {
            topic["name"]: len(topic["partitions"])
            for topic in self._client.describe_topics()
            if not topic["is_internal"]
        }
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in described]
        configs = self._client.describe_configs(resources, config_filter="all")["topic"] if resources else {}
        return {
            name: Existing(count, {key: found["value"] for key, found in configs[name].items()})
            for name, count in described.items()
        }

    def create(self, wanted: Mapping[str, Wanted]) -> None:
        """Create topics and wait until they can be written to; that another did it at the same time is fine."""
        asked = {
            name: {"num_partitions": one.partitions, "replication_factor": one.replication, "configs": one.configs}
            for name, one in wanted.items()
        }
        answer = self._client.create_topics(asked, raise_errors=False)
        for topic in answer["topics"]:
            if topic["error_code"] not in (0, TopicAlreadyExistsError.errno):
                raise KafkaAway(f"{topic['name']}: {topic['error_message']}")
        self._client.wait_for_topics(list(asked), timeout_ms=60_000)

    def alter(self, name: str, configs: Mapping[str, str]) -> None:
        """Set these settings of a topic, and leave the others."""
        self._client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, dict(configs))])
