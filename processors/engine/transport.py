"""Faust's Kafka transport, changed to bring one message per topic-partition and fetch, with its epoch.

The owner of the partitions says where to read from; group offsets are never an input. A fetch that overlapped a
revocation or a seek may hold records of either position: it is thrown away and read again.
"""

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, Protocol, cast

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, AppT, ConsumerMessage
from faust.types.tuples import Message
from yarl import URL

from processors.engine import unpack
from processors.engine.positions import Chunk
from runtime.logging import get_logger

FETCH_MAX_WAIT_MS = 50
log = get_logger()


class Batch(NamedTuple):
    """The value of a Faust message: the chunks of one fetch, and the epoch in which it was begun."""

    epoch: int
    chunks: Sequence[Chunk]


class Owner(Protocol):
    """Who knows the positions. `epoch` changes with each revocation and each seek."""

    epoch: int

    def next_epoch(self) -> None:
        """What is being fetched now is no longer wanted."""

    def positions(self) -> Mapping[tuple[str, int], int]:
        """Next offset of each (source topic, partition) that is owned and recovered."""


class _NoReadOffsets(dict[TP, Any]):
    """Faust would drop records below the highest offset it saw; the engine checks positions itself."""

    def __getitem__(self, key: TP) -> None:
        return None

    def __setitem__(self, key: TP, value: object) -> None:
        """Nothing is remembered."""


class _Thread(driver.AIOKafkaConsumerThread):
    logger = logging.getLogger("faust.transport")

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        unpack.shorten_waits(consumer, FETCH_MAX_WAIT_MS)
        return consumer

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Group offsets only show lag, so a commit that fails is no reason to crash: the next one covers it."""
        owned = {tp: offset for tp, offset in offsets.items() if tp in self.assignment()}
        try:
            await self._ensure_consumer().commit(
                {TopicPartition(tp.topic, tp.partition): OffsetAndMetadata(o, "") for tp, o in owned.items()}
            )
        except KafkaError as error:
            log.info("group_offsets_not_committed", error=repr(error))
            return False
        return True


class _Consumer(driver.Consumer):
    logger = logging.getLogger("faust.transport")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._read_offset = _NoReadOffsets()

    @property
    def owner(self) -> Owner:
        return cast("Transport", self.transport).owner

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:  # noqa: ASYNC109 - as in Faust
        if not self.flow_active:  # else the epoch would be taken before the seek that ends the wait
            await self.wait(self.can_resume_flow)  # type: ignore[arg-type] # Faust's own event, mode's annotation
        epoch = self.owner.epoch
        records, _ = await self._wait_next_records(timeout)
        for tp, chunks in (records or {}).items():
            if self.should_stop or not self.flow_active:
                return  # a seek follows before the flow is resumed
            if epoch != self.owner.epoch:
                log.info("stale_fetch_dropped", epoch=epoch)
                await self.perform_seek()
                return
            if chunks:
                yield tp, self._message(tp, Batch(epoch, chunks))

    def _message(self, tp: TP, batch: Batch) -> Message:
        return ConsumerMessage(
            topic=tp.topic,
            partition=tp.partition,
            offset=batch.chunks[-1].end - 1,
            timestamp=0.0,
            timestamp_type=0,
            headers=[],
            key=None,
            value=cast(bytes, batch),  # typed as bytes by Faust, and handed to the agent as it is
            checksum=None,
            tp=tp,
            generation_id=self.app.consumer_generation_id,
        )

    async def perform_seek(self) -> None:
        """Faust calls this after a recovery, before records flow."""
        self.owner.next_epoch()
        assigned = self.assignment()
        wanted = {TP(*place): offset for place, offset in self.owner.positions().items()}
        if found := {tp: offset for tp, offset in wanted.items() if tp in assigned}:
            await self._thread.seek_wait(found)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust's livelock detector watches acks, which are off; liveness is reported by the health endpoint."""


class Group:
    """The consumer group as the engine sees it."""

    def __init__(self, app: AppT) -> None:
        self._app = app

    @property
    def is_stopping(self) -> bool:
        return self._app.should_stop

    @property
    def is_rebalancing(self) -> bool:
        return self._app.rebalancing

    def owned(self, sources: Sequence[str]) -> set[int]:
        """The partitions assigned to this worker: of every source the same ones, since they are folded together."""
        assigned: dict[str, set[int]] = {topic: set() for topic in sources}
        for tp in self._app.consumer.assignment():
            assigned[tp.topic].add(tp.partition)
        owned = assigned[sources[0]]
        if any(numbers != owned for numbers in assigned.values()):
            raise RuntimeError(f"sources are not assigned together: {assigned}")
        return owned

    def ends(self) -> dict[TP, int]:
        """Next offset of each assigned source partition, as of the last fetch; what was not fetched is absent."""
        consumer = cast(_Consumer, self._app.consumer)
        found = {}
        for tp in consumer.assignment():
            with suppress(AssertionError, KeyError):  # reassigned in its own thread in between
                if (end := consumer.highwater(tp)) is not None:
                    found[tp] = end
        return found

    async def commit(self, offsets: Mapping[TP, int]) -> bool:
        """Write group offsets; False if that did not work."""
        return await cast(_Consumer, self._app.consumer)._commit(offsets)


class Transport(driver.Transport):
    """`app.transport = Transport(address, app, owner)`."""

    Consumer = _Consumer

    def __init__(self, bootstrap_servers: str, app: AppT, owner: Owner) -> None:
        urls = [URL(f"kafka://{server.strip()}") for server in bootstrap_servers.split(",")]
        super().__init__(urls, app)
        self.owner = owner
        unpack.install()
