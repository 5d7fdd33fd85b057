"""Unpacking by record batch gives what aiokafka's own unpacking gives, and positions that join without a gap.

Fails when a new aiokafka keeps its records, markers or positions in another way.
"""

import importlib.util
import struct
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st

from processors.engine import unpack

ATTRIBUTES = slice(21, 23)
TRANSACTIONAL, CONTROL = 0x10, 0x20
ABORT, COMMIT = b"\0\0\0\0", b"\0\0\0\1"
ZSTD = 4


@dataclass(frozen=True)
class Written:
    """A record batch as it lies in the log: `offsets` of its records, of `size` places in all."""

    size: int
    kept: frozenset[int]
    producer: int
    ends: str | None = None
    """`abort` or `commit`: this is a marker."""


def untouched() -> ModuleType:
    """aiokafka's module as it is on disk, whatever this process did to the imported one."""
    spec = importlib.util.find_spec("aiokafka.consumer.fetcher")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ORIGINAL = untouched()


def encoded(batch: Written, base: int) -> bytes:
    transactional = batch.producer >= 0
    builder = DefaultRecordBatchBuilder(2, 0 if batch.ends else ZSTD, int(transactional), batch.producer, 0, 0, 1 << 20)
    for place in range(batch.size):
        key = b"%d" % (base + place) if batch.ends is None else ABORT if batch.ends == "abort" else COMMIT
        if place in batch.kept or batch.ends:
            builder.append(place, 1, key, b"value", [])
    data = bytearray(builder.build())
    data[0:8] = struct.pack(">q", base)
    data[23:27] = struct.pack(">i", batch.size - 1)  # the last offset stays when its record is compacted away
    if batch.ends:
        (attributes,) = struct.unpack(">h", data[ATTRIBUTES])
        data[ATTRIBUTES] = struct.pack(">h", attributes | CONTROL | TRANSACTIONAL)
    return bytes(data)


def batches() -> st.SearchStrategy[Written]:
    def of(size: int) -> st.SearchStrategy[Written]:
        return st.builds(
            Written,
            size=st.just(size),
            kept=st.frozensets(st.integers(0, size - 1), min_size=1),
            producer=st.sampled_from([-1, 7, 8]),
        )

    marker = st.builds(
        Written,
        size=st.just(1),
        kept=st.just(frozenset({0})),
        producer=st.sampled_from([7, 8]),
        ends=st.sampled_from(["abort", "commit"]),
    )
    return st.one_of(st.integers(1, 5).flatmap(of), marker)


def aborted_of(log: list[Written]) -> list[tuple[int, int]]:
    """(producer, first offset) of each aborted transaction, as the broker reports them."""
    found: list[tuple[int, int]] = []
    begun: dict[int, int] = {}
    base = 0
    for batch in log:
        if batch.ends is None and batch.producer >= 0:
            begun.setdefault(batch.producer, base)
        elif batch.ends is not None:
            first = begun.pop(batch.producer, None)
            if first is not None and batch.ends == "abort":
                found.append((batch.producer, first))
        base += batch.size
    return found


def partition_records(module: Any, log: list[Written], fetch_offset: int, isolation: int) -> Any:
    data, base = b"", 0
    for batch in log:
        data += encoded(batch, base)
        base += batch.size
    return module.PartitionRecords(
        TopicPartition("topic", 0), MemoryRecords(data), aborted_of(log), fetch_offset, None, None, False, isolation
    )


@given(
    st.lists(batches(), min_size=1, max_size=8),
    st.integers(0, 4),
    st.sampled_from([fetcher.READ_COMMITTED, fetcher.READ_UNCOMMITTED]),
)
def test_chunks_hold_what_aiokafka_yields_and_join_without_a_gap(
    log: list[Written], asked: int, isolation: int
) -> None:
    fetch_offset = min(asked, log[0].size - 1)  # a fetch may begin within the first batch
    unpack.install()
    theirs = partition_records(ORIGINAL, log, fetch_offset, isolation)
    ours = partition_records(fetcher, log, fetch_offset, isolation)
    expected = [(record.offset, record.key, record.value) for record in theirs]
    position, found = fetch_offset, []
    for chunk in ours:
        assert chunk.start == position
        assert ours.next_fetch_offset == chunk.end
        position = chunk.end
        found += chunk.records
    assert found == expected
    assert position == ours.next_fetch_offset == theirs.next_fetch_offset == sum(batch.size for batch in log)
