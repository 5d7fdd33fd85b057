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
from contracts.table import VERSION
from processors.engine import checkpoint as checkpoints
from processors.engine.checkpoint import Checkpoint
from processors.engine.positions import Chunk, reached, unseen, version
from processors.engine.rejection import dead_letter
from processors.engine.state import PartitionState, Processor, Rejected, Tally
from processors.engine.transaction import Outbox, Writer
from runtime.clock import wall_ms
from runtime.seal import Sealer

VERSION_HEADER = VERSION.name


@dataclass(frozen=True, slots=True)
class Flush:
    """What one flush did, for metrics."""

    tally: Tally
    rejected: dict[str, int]
    records: dict[str, int]
    """Records written, by topic."""
    seconds: float


def marker_key(processor: str, partition: int) -> bytes:
    """Record key of a partition's flush marker."""
    return join_key(processor, str(partition)).encode()


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
        taken = self._take()
        if taken.rejected:
            await self._add_dead_letters(taken, sealer)
        await self.writer.begin()
        ends = await self.writer.send(taken.outbox)
        # Last of the transaction: a reader that sees the marker has all rows before it.
        closing = self.writer.outbox(wall_ms())
        marker = self._marker(taken, ends)
        key = marker_key(marker.processor, marker.partition)
        closing.add(self.processor.flushes_topic, self.number, key, encode(marker))
        await self.writer.send(closing)
        await self.writer.commit()
        self.committed = taken.after
        reasons = Counter(one.reason for one in taken.rejected)
        return Flush(taken.tally, reasons, taken.outbox.counts(), time.monotonic() - started)

    def _take(self) -> "_Taken":
        """Everything that belongs together, encoded, without waiting in between."""
        after = replace(
            self.committed,
            positions=dict(self.positions),
            rebuild_until=None if self._rebuild_ends else self.committed.rebuild_until,
        )
        row_version = version(after.generation, after.positions)
        tombstone = [(VERSION_HEADER, str(row_version).encode())]
        outbox = self.writer.outbox(wall_ms())
        outbox.add_all(self.state.changes(row_version), self.number, tombstone)
        if self._rebuild_ends:
            outbox.add_all(self.state.stale(), self.number, tombstone)
        outbox.add(self.processor.checkpoint_topic, self.number, checkpoints.key(self.number), encode(after))
        taken = _Taken(after, row_version, outbox, self.state.tally, self.state.rejected, self.state.newest_event_at)
        self.state.tally, self.state.rejected, self.unflushed = Tally(), [], 0
        return taken

    async def _add_dead_letters(self, taken: "_Taken", sealer: Sealer) -> None:
        topic = topics.DEAD_LETTERS.name
        count = await self.writer.partitions_of(topic)
        for rejected in taken.rejected:
            letter = dead_letter(rejected, self.number, sealer, wall_ms())
            key = letter.dead_letter_id.encode()
            taken.outbox.add(topic, topics.partition_of(key, count), key, encode(letter))

    def _marker(self, taken: "_Taken", ends: dict[str, int]) -> FlushMarker:
        return FlushMarker(
            schema=taken.after.schema,
            processor=self.processor.name,
            partition=self.number,
            version=taken.version,
            positions=taken.after.positions,
            rows_until={topic: ends[topic] for topic in self.processor.aggregate_topics if topic in ends},
            events=taken.tally.events,
            newest_event_at=taken.newest_event_at,
            oldest_received_at=taken.tally.oldest_received_at,
            newest_received_at=taken.tally.newest_received_at,
        )

    async def close(self) -> None:
        """Give up the producer; what was not flushed is the next owner's to fold."""
        await self.writer.close()


@dataclass(frozen=True, slots=True)
class _Taken:
    """What one flush commits, as it was when the flush began."""

    after: Checkpoint
    version: int
    outbox: Outbox
    tally: Tally
    rejected: list[Rejected]
    newest_event_at: int | None
