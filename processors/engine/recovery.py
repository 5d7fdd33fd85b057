"""Taking over a partition: fence its former owner, then read back what was committed.

The order matters. Once the transactional id is taken nobody else can commit to this partition, so checkpoint, state
and rows are read in whatever order suits, and belong together.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from processors.engine import checkpoint as checkpoints
from processors.engine import unpack
from processors.engine.checkpoint import Checkpoint, Refused, Topology
from processors.engine.partition import Partition
from processors.engine.state import PartitionState, Processor, Record
from processors.engine.transaction import open_writer, transactional_id

POLL_MS = 1000
STALLED_POLLS = 60
CHUNKS_PER_POLL = 32

Load = Callable[[str, Sequence[Record]], None]


class LogReader:
    """Reads topics of one partition, committed records only, from the beginning to where they end now."""

    def __init__(self, consumer: AIOKafkaConsumer, partition: int, on_progress: Callable[[], None]) -> None:
        self._consumer = consumer
        self._partition = partition
        self._on_progress = on_progress

    async def beginnings(self, topics: Sequence[str]) -> dict[str, int]:
        found = await self._consumer.beginning_offsets(self._places(topics))
        return {place.topic: offset for place, offset in found.items()}

    async def ends(self, topics: Sequence[str]) -> dict[str, int]:
        found = await self._consumer.end_offsets(self._places(topics))
        return {place.topic: offset for place, offset in found.items()}

    async def read(self, topics: Sequence[str], load: Load) -> int:
        """Hand every record to `load`, one topic after the other, oldest first; returns how many there were.

        The topics that wait their turn are fetched ahead meanwhile.
        """
        if not topics:
            return 0
        beginnings, ends = await self.beginnings(topics), await self.ends(topics)
        filled = [topic for topic in topics if ends[topic] > beginnings[topic]]
        self._consumer.assign(self._places(filled))
        for topic in filled:
            self._consumer.seek(TopicPartition(topic, self._partition), beginnings[topic])
        count = 0
        for topic in filled:
            count += await self._read_topic(topic, beginnings[topic], ends[topic], load)
        return count

    async def newest(self, topic: str, key: bytes) -> bytes | None:
        """The newest value of a key; None if there is none."""
        found: dict[bytes | None, bytes | None] = {}
        await self.read([topic], lambda _, records: found.update((key, value) for _, key, value in records))
        return found.get(key)

    async def _read_topic(self, topic: str, position: int, end: int, load: Load) -> int:
        place = TopicPartition(topic, self._partition)
        count = empty_polls = 0
        while position < end:
            got = await self._consumer.getmany(place, timeout_ms=POLL_MS, max_records=CHUNKS_PER_POLL)
            chunks = got.get(place, ())
            empty_polls = 0 if chunks else empty_polls + 1
            if empty_polls > STALLED_POLLS:
                raise TimeoutError(f"{topic} stands at {position} of {end}, and nothing comes")
            for chunk in chunks:
                if chunk.records:
                    load(topic, chunk.records)
                    count += len(chunk.records)
                position = chunk.end
            if chunks:
                self._on_progress()
        self._consumer.pause(place)  # a finished topic would hold up the fetches of the others
        return count

    def _places(self, topics: Sequence[str]) -> list[TopicPartition]:
        return [TopicPartition(topic, self._partition) for topic in topics]


@asynccontextmanager
async def log_reader(
    bootstrap_servers: str, partition: int, on_progress: Callable[[], None] = lambda: None
) -> AsyncIterator[LogReader]:
    """A reader of one partition of any topics, closed when the block ends."""
    unpack.install()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",  # rows past their retention may go while they are being read
        max_partition_fetch_bytes=4 << 20,
    )
    unpack.shorten_waits(consumer, 50)
    try:
        await consumer.start()
        yield LogReader(consumer, partition, on_progress)
    finally:
        await consumer.stop()


async def read_checkpoint(reader: LogReader, processor: Processor, partition: int) -> Checkpoint | None:
    """The newest committed checkpoint of a partition; None if it was never flushed."""
    found = await reader.newest(processor.checkpoint_topic, checkpoints.key(partition))
    return None if found is None else checkpoints.decode(found)


async def recover(
    processor: Processor,
    partition: int,
    topology: Topology,
    bootstrap_servers: str,
    on_progress: Callable[[], None],
) -> Partition:
    """Own a partition: fence, check, read back. Raises `Refused` when going on would be wrong."""
    writer = await open_writer(bootstrap_servers, transactional_id(processor.name, partition))
    try:
        async with log_reader(bootstrap_servers, partition, on_progress) as reader:
            found = await read_checkpoint(reader, processor, partition)
            beginnings = await reader.beginnings(processor.sources)
            checkpoint = found or checkpoints.first(topology, beginnings)
            ends = await reader.ends(processor.sources)
            if reasons := list(checkpoints.refusals(checkpoint, topology, beginnings, ends)):
                raise Refused(f"partition {partition} of {processor.name}: " + "; ".join(reasons))
            state = processor.new_state(checkpoint.generation, partition, topology.partitions)
            await _tell(processor.notices, state, bootstrap_servers)
            count = await reader.read((*processor.state_topics, *processor.aggregate_topics), state.load)
            if count and found is None:
                raise Refused(
                    f"partition {partition} of {processor.name} has rows but no checkpoint: run `engagement rebuild`"
                )
        return Partition(processor, partition, state, checkpoint, writer)
    except BaseException:
        await writer.close()
        raise


async def _tell(notices: Sequence[str], state: PartitionState, bootstrap_servers: str) -> None:
    """What is noticed later comes through the sources, at its place among the records."""
    if notices:
        async with log_reader(bootstrap_servers, 0) as reader:
            await reader.read(notices, state.load)
