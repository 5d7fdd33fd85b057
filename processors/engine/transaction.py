"""Writing all or nothing: the transactional producer of one partition, and what it is to write.

Each partition has a transactional id of its own, so Kafka fences a former owner: `open_writer` ends whatever it left
open, and nothing that it sends afterwards becomes visible. Any error here is final for the process: aiokafka would
commit a transaction of which a batch has failed.
"""

import asyncio

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

Header = tuple[str, bytes]

MAX_BATCH_BYTES = 900_000
"""Of a record batch before compression; below the broker's and the topics' `max.message.bytes` of 1 MiB."""
LARGEST_RECORD = MAX_BATCH_BYTES - 1024
TRANSACTION_TIMEOUT_MS = 30_000
REQUEST_TIMEOUT_MS = 40_000
COMMIT_SECONDS = 10.0
"""Shorter than the request timeout: aiokafka must not repeat an EndTxn whose fate is unknown."""


class Outbox:
    """Records to write together, already encoded into record batches; kept in order per topic and partition."""

    def __init__(self, producer: AIOKafkaProducer, timestamp_ms: int) -> None:
        self._new_batch = producer.create_batch
        self._timestamp = timestamp_ms
        self._open: dict[tuple[str, int], BatchBuilder] = {}
        self.batches: list[tuple[str, int, BatchBuilder]] = []

    def add(
        self, topic: str, partition: int, key: bytes, value: bytes | None, headers: list[Header] | None = None
    ) -> None:
        """Append one record; a record that no batch can hold is a ValueError."""
        place = (topic, partition)
        batch = self._open.get(place) or self._begin(place)
        if batch.append(timestamp=self._timestamp, key=key, value=value, headers=headers) is None:
            batch = self._begin(place)
            batch.append(timestamp=self._timestamp, key=key, value=value, headers=headers)
        if value is not None and len(key) + len(value) > LARGEST_RECORD:
            raise ValueError(f"a record for {topic} has {len(key) + len(value)} bytes")

    def _begin(self, place: tuple[str, int]) -> BatchBuilder:
        batch = self._open[place] = self._new_batch()
        self.batches.append((*place, batch))
        return batch


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
        await asyncio.wait_for(self._producer.commit_transaction(), COMMIT_SECONDS)

    async def close(self) -> None:
        await self._producer.stop()


async def open_writer(bootstrap_servers: str, transactional_id: str) -> Writer:
    """Take over `transactional_id`: its former owner is fenced, and its open transaction aborted."""
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
