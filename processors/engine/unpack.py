"""The one place that touches private parts of aiokafka: records by record batch, both ways, short waits, light
compression.

aiokafka makes an object of each record and forgets the positions between them. Unpacked a record batch at a time,
fetching costs a fifth, and the positions before and behind each batch prove that nothing was lost in between.
The exact version is pinned, and a test compares this with aiokafka's own unpacking.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka import AIOKafkaConsumer, codec
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.producer.message_accumulator import BatchBuilder

from processors.engine.positions import Chunk

ZSTD_LEVEL = 1


def _unpack_chunks(self: Any) -> Iterator[Chunk]:
    """Stands in for `PartitionRecords._unpack_records`: yields chunks that join without a gap.

    `next_fetch_offset` must stand behind a chunk before it is yielded: aiokafka reads its position from there.
    """
    batches = self._records
    read_committed = self._isolation_level == fetcher.READ_COMMITTED
    start = self.next_fetch_offset
    while batches.has_next():
        batch = batches.next_batch()
        if self._check_crcs and not batch.validate_crc():
            raise CorruptRecordException(f"invalid checksum in {self._tp}")
        records = [] if _holds_no_data(self, batch, read_committed) else _records(batch, start)
        self.next_fetch_offset = max(batch.next_offset, start)
        if records:
            yield Chunk(start, self.next_fetch_offset, records)
            start = self.next_fetch_offset
    if self.next_fetch_offset > start:  # only markers or aborted records at the end: the position still moves
        yield Chunk(start, self.next_fetch_offset, ())


def _holds_no_data(self: Any, batch: Any, read_committed: bool) -> bool:
    if read_committed and batch.producer_id is not None:
        self._consume_aborted_up_to(batch.base_offset)
        if batch.is_control_batch and self._contains_abort_marker(batch):
            self._aborted_producers.discard(batch.producer_id)
        if batch.is_transactional and batch.producer_id in self._aborted_producers:
            return True
    return bool(batch.is_control_batch)


def _records(batch: Any, start: int) -> list[tuple[int, bytes | None, bytes | None]]:
    """A broker sends whole batches: the first may begin before the position that was asked for."""
    found = [(record.offset, record.key, record.value) for record in batch]
    if found and found[0][0] < start:
        return [record for record in found if record[0] >= start]
    return found


def install() -> None:
    """From now on every aiokafka consumer of this process returns chunks instead of records."""
    fetcher.PartitionRecords._unpack_records = _unpack_chunks


def shorten_waits(consumer: AIOKafkaConsumer, fetch_max_wait_ms: int) -> None:
    """Let a fetch wait at most this long; to be called before the consumer starts.

    aiokafka keeps one fetch in flight per broker, so an idle topic holds up a busy one for as long, and Faust
    hard-wires 1.5 s.
    """
    assert hasattr(consumer, "_fetch_max_wait_ms")  # else the setting would silently do nothing
    consumer._fetch_max_wait_ms = fetch_max_wait_ms


class Filling:
    """A batch that is filled by the C function that `BatchBuilder.append` wraps, for a third of what that costs.

    `append(count, timestamp, key, value, headers)` returns None, and does nothing, where the batch is full. Who calls
    it raises `count`, and says with `settle` that the batch has so many.
    """

    __slots__ = ("_batch", "append", "count")

    def __init__(self, batch: BatchBuilder) -> None:
        self._batch = batch
        self.append = batch._builder.append
        self.count = 0

    def settle(self) -> None:
        assert hasattr(self._batch, "_relative_offset")  # else the batch would say that it is empty
        self._batch._relative_offset = self.count


def compress_lightly() -> None:
    """From now on zstd is used at its level 1: rows become hardly larger, for a third of the time of level 3.

    aiokafka has no setting for it, but takes the level as a default.
    """
    assert codec.zstd_encode.__defaults__ in ((None,), (ZSTD_LEVEL,))  # else this would silently do nothing
    codec.zstd_encode.__defaults__ = (ZSTD_LEVEL,)
