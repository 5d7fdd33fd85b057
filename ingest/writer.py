"""Writing for many at a time: what deliveries bring side by side goes to Kafka together, on their own event loop.

A round is all that comes while the one before it is on its way. Its records are packed into record batches as they
come, and one acknowledgement of them answers every delivery of the round; a client with a thread of its own would hold
up each delivery for the sake of switching to it. After a failed round the producer is closed and another is built, so
that nothing of the failed attempt lingers; until then every write fails at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

from ingest.kafka import KafkaAway
from ingest.records import Record
from runtime.logging import get_logger

ROUND_SECONDS = 0.01
"""From the start of a round to that of the next, at least: what a broker has to do depends on requests, not records."""
START_SECONDS = 6.0
REBUILD_SECONDS = 0.5
BATCH_BYTES = 900_000
"""Of a record batch before compression, below what a topic admits; a larger record is a batch of its own."""

Write = Callable[[Sequence[Record]], Awaitable[None]]
"""Writes records, and returns when Kafka has all of them; raises `KafkaAway`."""

log = get_logger()


class _Round:
    """Records that are acknowledged together, by `deadline` of the loop's clock. `is_written`: how it ended."""

    def __init__(self, producer: AIOKafkaProducer, deadline: float) -> None:
        self._producer = producer
        self._deadline = deadline
        self._batches: dict[tuple[str, int], list[BatchBuilder]] = {}
        self.is_written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def add(self, records: Sequence[Record]) -> None:
        for topic, partition, key, value in records:
            batches = self._batches.get((topic, partition))
            if batches is None:
                batches = self._batches[topic, partition] = [self._producer.create_batch()]
            if batches[-1].append(timestamp=None, key=key, value=value) is None:
                batches.append(self._producer.create_batch())
                batches[-1].append(timestamp=None, key=key, value=value)

    async def write(self) -> None:
        """Returns when all of it is acknowledged; raises `KafkaError` or `TimeoutError` if that cannot be said."""
        async with asyncio.timeout_at(self._deadline):
            await asyncio.gather(
                *(
                    self._written(batch, topic, partition)
                    for (topic, partition), batches in self._batches.items()
                    for batch in batches
                )
            )

    async def _written(self, batch: BatchBuilder, topic: str, partition: int) -> None:
        await (await self._producer.send_batch(batch, topic, partition=partition))


class Writer:
    """Writes groups of records, from one event loop. An async context manager, whose end writes what was begun.

    `partitions` are the topics that are written, with the counts that they must have: with another count an account
    would go where nobody counts it, so nothing is written until they agree. `on_state` is told whether Kafka can be
    written to.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        client_id: str,
        partitions: Mapping[str, int],
        *,
        delivery_seconds: float,
        on_state: Callable[[bool], None],
    ) -> None:
        self._bootstrap_servers = bootstrap_servers.split(",")
        self._client_id = client_id
        self._partitions = dict(partitions)
        self._delivery_seconds = delivery_seconds
        self._on_state = on_state
        self._producer: AIOKafkaProducer | None = None
        self._round: _Round | None = None
        self._work = asyncio.Event()
        self._closing = asyncio.Event()
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._tasks.create_task(self._keep_up())  # if it ends by a bug of ours, so does the block
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._work.set()
        await self._tasks.__aexit__(kind, error, trace)

    async def write(self, records: Sequence[Record]) -> None:
        """Write `records` and wait for all acknowledgements; raises `KafkaAway`, at once while Kafka is away.

        It takes `delivery_seconds` at most; what was not acknowledged by then may be written or not.
        """
        if not records:
            return
        if self._producer is None:
            raise KafkaAway
        if self._round is None:
            deadline = asyncio.get_running_loop().time() + self._delivery_seconds
            self._round = _Round(self._producer, deadline)
            self._work.set()
        current = self._round
        current.add(records)
        if not await asyncio.shield(current.is_written):
            raise KafkaAway

    async def _keep_up(self) -> None:
        """Have a producer whenever there can be one, and use it until it fails."""
        while not self._closing.is_set():
            producer = await self._build()
            if producer is None:
                self._on_state(False)
                with suppress(TimeoutError):
                    async with asyncio.timeout(REBUILD_SECONDS):
                        await self._closing.wait()
                continue
            log.info("kafka_reached")
            self._producer = producer
            self._on_state(True)
            await self._write_rounds(producer)
            await _discard(producer)

    async def _write_rounds(self, producer: AIOKafkaProducer) -> None:
        """Returns when a round has failed, or when the last one is written."""
        loop = asyncio.get_running_loop()
        while not (self._closing.is_set() and self._round is None):
            await self._work.wait()
            self._work.clear()
            current, self._round = self._round, None
            if current is None:
                continue
            began_at = loop.time()
            try:
                await current.write()
                current.is_written.set_result(True)
            except (KafkaError, TimeoutError) as error:
                log.warning("write_failed", error=type(error).__name__)
                self._on_state(False)
                break
            finally:
                if not current.is_written.done():
                    current.is_written.set_result(False)
            await asyncio.sleep(began_at + ROUND_SECONDS - loop.time())
        self._producer = None
        self._drop_round()

    def _drop_round(self) -> None:
        if self._round is not None:
            self._round.is_written.set_result(False)
            self._round = None

    async def _build(self) -> AIOKafkaProducer | None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap_servers,
            client_id=self._client_id,
            acks="all",
            enable_idempotence=True,
            request_timeout_ms=int(self._delivery_seconds * 1000),
            max_batch_size=BATCH_BYTES,
            compression_type="lz4",
            linger_ms=0,
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                await producer.start()
                wrong = await self._wrong_topics(producer)
        except (KafkaError, TimeoutError) as error:
            log.warning("kafka_unreachable", error=type(error).__name__)
            wrong = ["unknown"]
        else:
            if wrong:
                log.error("topics_not_usable", topics=wrong)
        if not wrong:
            return producer
        await _discard(producer)
        return None

    async def _wrong_topics(self, producer: AIOKafkaProducer) -> list[str]:
        wrong = []
        for topic, count in self._partitions.items():
            found = len(await producer.partitions_for(topic))
            if found != count:
                wrong.append(f"{topic}: {found} partitions instead of {count}")
        return wrong


async def _discard(producer: AIOKafkaProducer) -> None:
    """Close without writing what it still holds: with idempotence it would try for ever, and its end wait as long."""
    sender = producer._sender.sender_task
    if sender is not None:
        sender.cancel()
        with suppress(asyncio.CancelledError, KafkaError):
            await sender
    producer._message_accumulator.fail_all(KafkaConnectionError())
    with suppress(KafkaError):
        await producer.stop()
