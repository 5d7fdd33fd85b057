"""A stack whose event topic holds the workload, and the processor run over it from the beginning."""

import asyncio
import datetime as dt
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient

from bench import field, workload
from bench.field import Sizes
from bench.machine import CpuMeter
from bench.oracle import Oracle, WireRows
from contracts import tables, topics
from contracts.codec import decoder, encode
from contracts.config import Config, Retention
from contracts.events import EngagementEvent, FlushMarker
from contracts.identity import account_key
from deploy.local import drain, evidence
from deploy.local.process import Supervised
from deploy.local.stack import LocalStack
from processors.engagement import rows

PATIENCE_SECONDS = 900.0
BATCH = 500
"""Records in one record batch of the topic."""
OWN_TOPICS = (
    *(topic.name for topic in topics.aggregates(Retention(), "organic")),
    *(t.name for t in (topics.STATE_ALIASES, topics.STATE_ACCOUNTS, topics.STATE_INTERACTIONS)),
    *(t.name for t in (topics.STATE_CHECKPOINT, topics.FLUSHES)),
)
"""What the processor writes."""


class Span(NamedTuple):
    """Wall time of a run, epoch seconds, and CPU seconds of its process: in the span, and in its whole life."""

    start: float
    end: float
    cpu: float
    whole_cpu: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


class Loaded:
    """Owns nothing but the knowledge of what lies on the event topic. `spans`: the runs of the processor so far."""

    def __init__(self, stack: LocalStack, config: Config, sizes: Sizes) -> None:
        self.stack = stack
        self.sizes = sizes
        asyncio.run(_fill(stack.bootstrap_servers, config.partitions.organic, sizes.events))
        self.oracle = Oracle(config, self.raw())
        assert self.oracle.events == sizes.events, "the topic does not hold the workload"
        self.spans: list[Span] = []

    def raw(self) -> Iterator[bytes]:
        """The values on the event topic."""
        return (record.value for record in evidence.read(self.stack.bootstrap_servers, topics.EVENTS.name))

    def reset(self) -> None:
        """As if the processor had never run."""
        with closing(KafkaAdminClient(bootstrap_servers=self.stack.bootstrap_servers)) as admin:
            admin.delete_topics(list(OWN_TOPICS))
            while set(OWN_TOPICS) & set(admin.list_topics()):
                time.sleep(0.2)
        assert drain.run(self.stack, "init", "topics", "apply") == 0

    def process(self) -> Span:
        """One run of the processor from the first to the last record; it is stopped in the end."""
        try:
            with CpuMeter(self.processor_pid) as meter:
                process = self.start_processor()
                end = self.await_folded()
        finally:
            self.stop_processor()
        start = said(process, "partitions_assigned")[-1][0]
        whole = meter.until(end)
        self.spans.append(Span(start, end, whole - meter.until(start), whole))
        return self.spans[-1]

    def processor_pid(self) -> int | None:
        process = self.stack.services.get(drain.PROCESSOR)
        return process.pid if process else None

    def start_processor(self) -> Supervised:
        self.stack.start(drain.PROCESSOR)
        return self.stack.services[drain.PROCESSOR]

    def stop_processor(self) -> None:
        self.stack.services.pop(drain.PROCESSOR).stop()

    def await_folded(self, part: float = 1.0) -> float:
        """Until that part of the events is committed as folded: when that was seen, epoch seconds."""
        target = part * self.sizes.events
        positions: dict[int, int] = {}
        decode = decoder(FlushMarker)
        deadline = time.monotonic() + PATIENCE_SECONDS
        with closing(self._consumer()) as consumer:
            assign_all(consumer, topics.FLUSHES.name)
            while sum(positions.values()) < target:
                for records in consumer.poll(timeout_ms=50).values():
                    for record in records:
                        marker = decode(record.value)
                        positions[marker.partition] = marker.positions[topics.EVENTS.name]
                assert time.monotonic() < deadline, f"folded {positions} of {target:.0f}"
        return time.time()

    def wrong_rows(self) -> int:
        """Rows of the aggregate topics that are not what the oracle counts."""
        found: dict[str, WireRows] = {}
        for table in tables.load().values():
            newest = {r.key: r.value for r in evidence.read(self.stack.bootstrap_servers, table.topic)}
            standing = (rows.read(table.topic, value) for value in newest.values() if value is not None)
            found[table.name] = {grain: tuple(values) for grain, values, _ in standing}
        return self.oracle.wrong_on_topics(found)

    def ends(self, names: Iterable[str]) -> dict[tuple[str, int], int]:
        """Next committed offset by topic and partition; on a topic that nothing has left yet, the records on it."""
        with closing(self._consumer()) as consumer:
            places = [TopicPartition(name, p) for name in names for p in consumer.partitions_for_topic(name)]
            return {(place.topic, place.partition): end for place, end in consumer.end_offsets(places).items()}

    def _consumer(self) -> KafkaConsumer:
        return KafkaConsumer(
            bootstrap_servers=self.stack.bootstrap_servers,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )


@contextmanager
def loaded(sizes: Sizes) -> Iterator[Loaded]:
    """A stack with the workload on its topic, and nothing running but the stores."""
    config = workload.config()
    with field.stack(config, "init") as stack:
        yield Loaded(stack, config, sizes)


def assign_all(consumer: KafkaConsumer, topic: str) -> None:
    consumer.assign([TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)])


def said(process: Supervised, event: str) -> list[tuple[float, dict[str, Any]]]:
    """When a process logged `event`, epoch seconds, and with what fields."""
    found = []
    for line in process.spec.log.read_text(encoding="utf-8").splitlines():
        if f'"event": "{event}"' in line:
            fields = json.loads(line)
            found.append((dt.datetime.fromisoformat(fields["timestamp"]).timestamp(), fields))
    return found


async def _fill(bootstrap_servers: str, partitions: int, count: int) -> None:
    """The workload on the event topic, as ingest writes it: one event a record, lz4."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, compression_type="lz4", max_batch_size=1 << 20)
    await producer.start()
    try:
        waiting: list[list[EngagementEvent]] = [[] for _ in range(partitions)]
        events = workload.Events()
        for act in workload.acts(count):
            event = events.of(act)
            number = topics.partition_of(account_key(event.platform, event.account_id), partitions)
            waiting[number].append(event)
            if len(waiting[number]) == BATCH:
                await _send(producer, number, waiting[number])
                waiting[number] = []
        for number, rest in enumerate(waiting):
            await _send(producer, number, rest)
    finally:
        await producer.stop()


async def _send(producer: AIOKafkaProducer, partition: int, events: Iterable[EngagementEvent]) -> None:
    batch = producer.create_batch()
    for event in events:
        key = account_key(event.platform, event.account_id)
        assert batch.append(timestamp=event.received_at, key=key, value=encode(event)) is not None
    if batch.record_count():
        await (await producer.send_batch(batch, topics.EVENTS.name, partition=partition))
