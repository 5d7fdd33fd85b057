"""One partition of a processor, owned: its state, how far it has folded, and its flushes.

`fold` is synchronous, and a flush encodes everything before it first waits, so that rows, positions and version
belong together; the sending happens while the next batches are folded.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from contracts import topics
from contracts.codec import encode
from contracts.events import FlushMarker
from contracts.identity import join_key
from processors.engine import checkpoint as checkpoints
from processors.engine.checkpoint import Checkpoint
from processors.engine.positions import Chunk, reached, unseen, version
from processors.engine.rejection import dead_letter
from processors.engine.state import PartitionState, Processor, Tally
from processors.engine.transaction import Outbox, Writer
from runtime.clock import wall_ms
from runtime.seal import Sealer

VERSION_HEADER = "version"


@dataclass(frozen=True, slots=True)
class Flush:
    """What one flush did, for metrics."""

    tally: Tally
    rejected: dict[str, int]
    rows: dict[str, int]
    seconds: float


class Partition:
    """The owner of partition `number`. At most one flush is in flight."""

    def __init__(
        self, processor: Processor, number: int, state: PartitionState, checkpoint: Checkpoint, writer: Writer
    ) -> None:
        self.processor = processor
        self.number = number
        self.state = state
        self.committed = checkpoint
        self.positions = dict(checkpoint.positions)
        self.unflushed = 0
        self.flushed_at = 0.0
        self.writer = writer
        self.flushing: asyncio.Task[None] | None = None

    def fold(self, topic: str, chunks: Sequence[Chunk]) -> int:
        """Fold what was not folded before; returns how many records. A hole raises."""
        before = self.unflushed
        for chunk in chunks:
            expected = self.positions[topic]
            if records := unseen(chunk, expected):
                self.state.fold(topic, records)
                self.unflushed += len(records)
            self.positions[topic] = max(chunk.end, expected)
        return self.unflushed - before

    @property
    def is_dirty(self) -> bool:
        """Is there anything to commit? An idle partition writes nothing."""
        return self.positions != self.committed.positions or self._rebuild_ends

    @property
    def _rebuild_ends(self) -> bool:
        until = self.committed.rebuild_until
        return until is not None and reached(self.positions, until)

    async def flush(self, sealer: Sealer) -> Flush:
        """Commit everything folded so far in one transaction. The caller keeps flushes from overlapping."""
        started = self.flushed_at = time.monotonic()
        after = replace(
            self.committed,
            positions=dict(self.positions),
            rebuild_until=None if self._rebuild_ends else self.committed.rebuild_until,
        )
        outbox, rows = self._encode_changes(after)
        rejected, self.state.rejected = self.state.rejected, []
        tally, self.state.tally = self.state.tally, Tally()
        newest_event_at = self.state.newest_event_at
        self.unflushed = 0
        if rejected:
            count = await self.writer.partitions_of(topics.DEAD_LETTERS.name)
            for one in rejected:
                letter = dead_letter(one, self.number, sealer, wall_ms())
                place = letter.dead_letter_id.encode()
                outbox.add(topics.DEAD_LETTERS.name, topics.partition_of(place, count), place, encode(letter))
        await self.writer.begin()
        ends = await self.writer.send(outbox)
        marker = FlushMarker(
            schema=after.schema,
            processor=self.processor.name,
            partition=self.number,
            version=version(after.generation, after.positions),
            positions=after.positions,
            rows_until={topic: ends[topic] for topic in self.processor.aggregate_topics if topic in ends},
            events=tally.events,
            newest_event_at=newest_event_at,
            oldest_received_at=tally.oldest_received_at,
            newest_received_at=tally.newest_received_at,
        )
        await self._send_marker(marker)
        await self.writer.commit()
        self.committed = after
        return Flush(tally, Counter(one.reason for one in rejected), dict(rows), time.monotonic() - started)

    def _encode_changes(self, after: Checkpoint) -> tuple[Outbox, Counter[str]]:
        outbox = self.writer.outbox(wall_ms())
        row_version = version(after.generation, after.positions)
        tombstone = [(VERSION_HEADER, str(row_version).encode())]
        rows: Counter[str] = Counter()
        for topic, key, value in self.state.changes(row_version):
            outbox.add(topic, self.number, key, value, tombstone if value is None else None)
            rows[topic] += 1
        if self._rebuild_ends:
            for topic, key, value in self.state.stale():
                outbox.add(topic, self.number, key, value, tombstone)
                rows[topic] += 1
        outbox.add(self.processor.checkpoint_topic, self.number, checkpoints.key(self.number), encode(after))
        return outbox, rows

    async def _send_marker(self, marker: FlushMarker) -> None:
        """Last of the transaction: a reader that sees it has all rows before it."""
        outbox = self.writer.outbox(wall_ms())
        key = join_key(marker.processor, str(marker.partition)).encode()
        outbox.add(self.processor.flushes_topic, self.number, key, encode(marker))
        await self.writer.send(outbox)

    async def close(self) -> None:
        """Give up the producer; what was not flushed is the next owner's to fold."""
        await self.writer.close()
