"""What a worker takes and what it refuses, with plain values."""

import asyncio
from typing import cast

import pytest

from processors.engine.checkpoint import Checkpoint
from processors.engine.meters import Meters
from processors.engine.partition import Partition
from processors.engine.positions import Chunk, Hole
from processors.engine.transaction import Writer
from processors.engine.transport import Batch, Group
from processors.engine.worker import PARTITIONS_READY, Pace, Worker
from runtime.health import Health
from runtime.instruments import Instruments
from runtime.seal import Sealer
from tests.integration.engine_counting import counting_processor

NEVER = 1e12
PROCESSOR = counting_processor("plain")
SOURCE = PROCESSOR.sources[0]


@pytest.fixture
def partition() -> Partition:
    positions = dict.fromkeys(PROCESSOR.sources, 10)
    checkpoint = Checkpoint(1, 0, partitions=1, positions=positions, topic_ids={})
    # Nothing here flushes, so nothing is written.
    return Partition(PROCESSOR, 0, PROCESSOR.new_state(0, 0, 1), checkpoint, cast(Writer, None))


@pytest.fixture
def worker(partition: Partition) -> Worker:
    made = Worker(
        PROCESSOR,
        "",
        Pace(flush_seconds=NEVER),
        Sealer(["key"]),
        Health(PARTITIONS_READY),
        Meters(PROCESSOR.name, Instruments()),
    )
    made.join(cast(Group, None))
    made.adopt(partition)
    return made


def chunk(start: int, *values: int) -> Chunk:
    return Chunk(start, start + len(values), [(start + i, b"k", b"%d" % v) for i, v in enumerate(values)])


def fold(worker: Worker, epoch: int, *chunks: Chunk) -> None:
    asyncio.run(worker.fold(SOURCE, 0, Batch(epoch, chunks)))


def test_a_batch_of_this_epoch_is_folded(worker: Worker, partition: Partition) -> None:
    fold(worker, worker.epoch, chunk(10, 1, 2), chunk(12, 3))
    assert worker.positions()[SOURCE, 0] == 13
    assert partition.unflushed == 3
    assert partition.is_dirty


def test_a_batch_of_another_epoch_is_refused(worker: Worker, partition: Partition) -> None:
    begun = worker.epoch
    worker.next_epoch()
    fold(worker, begun, chunk(10, 1, 2))
    assert worker.positions()[SOURCE, 0] == 10
    assert not partition.is_dirty


def test_a_batch_of_a_partition_that_is_not_owned_is_refused(worker: Worker) -> None:
    asyncio.run(worker.fold(SOURCE, 1, Batch(worker.epoch, [chunk(0, 1)])))
    assert (SOURCE, 1) not in worker.positions()


def test_what_was_folded_is_not_folded_again(partition: Partition) -> None:
    assert partition.fold(SOURCE, [chunk(10, 1, 2, 3)]) == 3
    assert partition.fold(SOURCE, [chunk(11, 2, 3, 4)]) == 1
    assert partition.fold(SOURCE, [chunk(10, 1, 2)]) == 0
    assert partition.positions[SOURCE] == 14


def test_a_hole_is_an_error(partition: Partition) -> None:
    with pytest.raises(Hole):
        partition.fold(SOURCE, [chunk(10, 1), chunk(12, 3)])


def test_markers_alone_make_a_partition_dirty_so_that_its_lag_reaches_zero(partition: Partition) -> None:
    assert not partition.is_dirty
    partition.fold(SOURCE, [Chunk(10, 11, ())])
    assert partition.is_dirty
