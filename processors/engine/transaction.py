"""Writing all or nothing: the transactional producer of one partition, and what it is to write.

Each partition has a transactional id of its own, so Kafka fences a former owner: `open_writer` ends whatever it left
open, and nothing that it sends afterwards becomes visible. Any error here is final for the process: aiokafka would
commit a transaction of which a batch has failed.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from processors.engine import unpack
from processors.engine.state import Change

Header = tuple[str, bytes]

MAX_BATCH_BYTES = 900_000
"""Of a record batch before compression; below the broker's and the topics' `max.message.bytes` of 1 MiB."""
LARGEST_VALUE = MAX_BATCH_BYTES - 16_384
TRANSACTION_TIMEOUT_MS = 120_000
"""The flush of a large backlog takes several seconds, and many on a busy machine. A successor does not wait for it."""
REQUEST_TIMEOUT_MS = 40_000
COMMIT_SECONDS = 10.0
"""Shorter than the request timeout: aiokafka must not repeat an EndTxn whose fate is unknown."""


class Outbox:
    """Records to write together, already encoded into record batches; kept in order per topic and partition."""

    def __init__(self, producer: AIOKafkaProducer, timestamp_ms: int) -> None:
        self._new_batch = producer.create_batch
        self._timestamp = timestamp_ms
        self._open: defaultdict[int, dict[str, unpack.Filling]] = defaultdict(dict)
        self.batches: list[tuple[str, int, BatchBuilder]] = []

    def add(self, topic: str, partition: int, key: bytes, value: bytes) -> None:
        """Append one record."""
        self.add_all([(topic, key, value)], partition, ())

    def add_all(self, changes: Iterable[Change], partition: int, tombstone_headers: Sequence[Header]) -> None:
        """Append records to one partition; deletions get `tombstone_headers`.

        A record that no batch can hold is a ValueError.
        """
        timestamp, headers = self._timestamp, list(tombstone_headers)
        none: list[Header] = []
        open_batches = self._open[partition]
        filling, filled = None, ""
        for topic, key, value in changes:
            if topic is not filled:  # mostly many of one topic come together
                filling, filled = open_batches.get(topic), topic
            listed = headers if value is None else none
            if filling is None or filling.append(filling.count, timestamp, key, value, listed) is None:
                if value is not None and len(value) > LARGEST_VALUE:
                    raise ValueError(f"a record for {topic} has {len(value)} bytes")
                filling = open_batches[topic] = self._begin(topic, partition)
                filling.append(0, timestamp, key, value, listed)
            filling.count += 1
        for filling in open_batches.values():
            filling.settle()

    def counts(self) -> Counter[str]:
        """Records by topic."""
        found: Counter[str] = Counter()
        for topic, _, batch in self.batches:
            found[topic] += batch.record_count()
        return found

    def _begin(self, topic: str, partition: int) -> unpack.Filling:
        if full := self._open[partition].get(topic):
            full.settle()
        batch = self._new_batch()
        self.batches.append((topic, partition, batch))
        return unpack.Filling(batch)


class Writer:
    """The producer of one partition; one transaction at a time."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    def outbox(self, timestamp_ms: int) -> Outbox:
        return Outbox(self._producer, timestamp_ms)

    async def partitions_of(self, topic: str) -> int:
        """How many partitions a topic has."""
        return len(await self._producer.partitions_for(topic))

    async def begin(self) -> None:
        await self._producer.begin_transaction()

    async def send(self, outbox: Outbox) -> dict[str, int]:
        """Send within the open transaction and wait until all of it is written.

        Returns topic -> next offset behind what was written (of a topic with several partitions, of the last one).
        """
        sent = [
            await self._producer.send_batch(batch, topic, partition=partition)
            for topic, partition, batch in outbox.batches
        ]
        ends: dict[str, int] = {}
        # Every future is awaited: a failed batch does not fail the transaction by itself.
        for (topic, _, batch), metadata in zip(outbox.batches, await asyncio.gather(*sent), strict=True):
            if metadata.offset < 0:
                raise RuntimeError(f"the broker did not say where records of {topic} were written")
            ends[topic] = metadata.offset + batch.record_count()
        return ends

    async def commit(self) -> None:
        async with asyncio.timeout(COMMIT_SECONDS):
            await self._producer.commit_transaction()

    async def close(self) -> None:
        await self._producer.stop()


async def open_writer(bootstrap_servers: str, transactional_id: str) -> Writer:
    """Take over `transactional_id`: its former owner is fenced, and its open transaction aborted."""
    unpack.compress_lightly()
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers,
        transactional_id=transactional_id,
        transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        max_batch_size=MAX_BATCH_BYTES,
        max_request_size=MAX_BATCH_BYTES + 65_536,
        linger_ms=0,
        compression_type="zstd",
    )
    try:
        await producer.start()  # returns when the transactional id is taken
    except BaseException:
        await producer.stop()
        raise
    return Writer(producer)


def transactional_id(processor: str, partition: int) -> str:
    """One per partition of a processor, the same in every worker."""
    return f"engagement-{processor}-{partition}"
