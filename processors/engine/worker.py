"""The engine: owns the partitions that Faust assigns, and ends the process when anything could be wrong.

Faust gives the worker, the group and the moments (assigned, revoked, before shutdown); what is folded, flushed, kept
or dropped at each is decided here. All of it runs in one event loop, and only what is committed counts.
"""

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from faust.types import TP

from processors.engine.checkpoint import Topology
from processors.engine.failstop import fail_stop
from processors.engine.meters import Meters
from processors.engine.partition import Partition
from processors.engine.recovery import recover
from processors.engine.state import Processor
from processors.engine.topology import read_topology
from processors.engine.transport import Batch, Group
from runtime.clock import wall_ms
from runtime.health import Health
from runtime.logging import get_logger
from runtime.seal import Sealer

PARTITIONS_READY = "partitions"
ROUND_SECONDS = 0.05
COMMIT_SECONDS = 0.5
REPORT_SECONDS = 2.0
RECOVERIES_AT_ONCE = 4
FEW_YOUNG = 50_000
CATCH_UP_PATIENCE = 60
"""While a partition catches up, it is flushed after so many times the usual pause."""
FOLD_AHEAD = 1.5
"""Folding waits with so many times the records of a flush, which encodes them all before a heartbeat gets through."""
log = get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """A partition is flushed this long after its last flush began (later while it catches up), or with so many records
    folded.

    With `FOLD_AHEAD` times as many, folding waits.
    """

    flush_seconds: float = 0.5
    flush_records: int = 50_000


class Worker:
    """All partitions of `processor` that this process owns. Implements `transport.Owner`."""

    def __init__(
        self,
        processor: Processor,
        bootstrap_servers: str,
        pace: Pace,
        sealer: Sealer,
        health: Health,
        meters: Meters,
    ) -> None:
        self.processor = processor
        self.epoch = 0
        self._bootstrap_servers = bootstrap_servers
        self._pace = pace
        self._sealer = sealer
        self._health = health
        self._meters = meters
        self._partitions: dict[int, Partition] = {}
        self._group_offsets: dict[TP, int] = {}

    def join(self, group: Group) -> None:
        """Name the group whose assignments are to be followed."""
        self._group = group

    def failing(self, where: str) -> AbstractContextManager[None]:
        """Any error in the block ends the process."""
        return fail_stop(where, lambda: self._group.is_stopping)

    def adopt(self, partition: Partition) -> None:
        """Own a partition that was recovered."""
        self._partitions[partition.number] = partition

    # -- what the transport asks ---------------------------------------------------------------------------------

    def next_epoch(self) -> None:
        self.epoch += 1

    def positions(self) -> Mapping[tuple[str, int], int]:
        return {
            (topic, number): position
            for number, partition in self._partitions.items()
            for topic, position in partition.positions.items()
        }

    # -- moments -------------------------------------------------------------------------------------------------

    async def assigned(self) -> None:
        """Before records flow: drop the partitions that did not come back, recover those that are new."""
        with self.failing("recovery"):
            topology = await asyncio.to_thread(read_topology, self._bootstrap_servers, self.processor)
            owned = self._group.owned(self.processor.sources)
            for number in self._partitions.keys() - owned:
                await self._drop(self._partitions.pop(number))
            if added := sorted(owned - self._partitions.keys()):
                await self._recover(added, topology)
            log.info("partitions_assigned", partitions=sorted(self._partitions), recovered=added)
            self._health.ready(PARTITIONS_READY, True)

    async def revoked(self) -> None:
        """Commit what was folded and refuse what is under way; state is kept in case the partitions come back.

        If another worker owns one in between, it takes the transactional id, and a later commit of ours is fenced.
        """
        with self.failing("revocation"):
            self._health.ready(PARTITIONS_READY, False)
            self.next_epoch()
            await asyncio.gather(*map(self._flush, self._partitions.values()))

    async def before_shutdown(self) -> None:
        """A clean stop: the last flush, the last lag, and the producers closed."""
        with self.failing("shutdown"):
            self._health.ready(PARTITIONS_READY, False)
            self.next_epoch()
            await asyncio.gather(*map(self._flush, self._partitions.values()))
            await self._commit_group_offsets()
            for partition in list(self._partitions.values()):
                await partition.close()
            log.info("worker_stopped", partitions=sorted(self._partitions))

    async def fold(self, topic: str, number: int, batch: Batch) -> None:
        """Fold one fetch of one partition; a batch of another epoch was, or will be, read again."""
        partition = self._partitions.get(number)
        if partition is None or batch.epoch != self.epoch:
            return
        if count := partition.fold(topic, batch.chunks):
            self._meters.folded(topic, count)
            self._progress()
        self._start_flush_if_due(partition)
        while partition.unflushed >= FOLD_AHEAD * self._pace.flush_records:
            await self._flush(partition)

    async def rounds(self) -> None:
        """Flush what is due, show lag to the group, report; until the worker stops."""
        with self.failing("rounds"):
            committed_at = reported_at = 0.0
            while True:
                await asyncio.sleep(ROUND_SECONDS)
                if self._group.is_stopping:
                    return
                now = time.monotonic()
                for partition in self._partitions.values():
                    self._start_flush_if_due(partition)
                if now - committed_at >= COMMIT_SECONDS and not self._group.is_rebalancing:
                    await self._commit_group_offsets()
                    committed_at = now
                if now - reported_at >= REPORT_SECONDS:
                    self._report()
                    reported_at = now

    # -- steps ---------------------------------------------------------------------------------------------------

    async def _recover(self, numbers: list[int], topology: Topology) -> None:
        gc.disable()  # recovery only ever adds: the collector would walk all of it again and again
        at_once = asyncio.Semaphore(RECOVERIES_AT_ONCE)

        async def one(number: int) -> None:
            async with at_once:
                started = time.monotonic()
                partition = await recover(self.processor, number, topology, self._bootstrap_servers, self._progress)
                self.adopt(partition)
                seconds = time.monotonic() - started
            self._meters.recovered(seconds)
            log.info(
                "partition_recovered",
                partition=number,
                seconds=round(seconds, 3),
                generation=partition.committed.generation,
                positions=partition.positions,
                entries=partition.state.entries(),
            )

        await asyncio.gather(*map(one, numbers))
        _settle_memory()

    async def _drop(self, partition: Partition) -> None:
        await self._flush_in_flight(partition)
        await partition.close()
        log.info("partition_dropped", partition=partition.number)

    def _start_flush_if_due(self, partition: Partition) -> None:
        if partition.flushing is not None:
            return
        elapsed = time.monotonic() - partition.flushed_at
        if partition.unflushed >= self._pace.flush_records or (
            elapsed >= self._pace.flush_seconds
            and (elapsed >= CATCH_UP_PATIENCE * self._pace.flush_seconds or not self._is_catching_up(partition))
        ):
            self._start_flush(partition)

    def _is_catching_up(self, partition: Partition) -> bool:
        """Whether more waits to be folded than was folded since the last flush: then nobody waits for these rows,
        and a later flush writes each of them less often."""
        ends = self._group.ends()
        waiting = sum(ends.get(TP(t, partition.number), at) - at for t, at in partition.positions.items())
        return waiting > partition.unflushed

    def _start_flush(self, partition: Partition) -> None:
        if partition.is_dirty:
            partition.flushing = asyncio.create_task(self._commit(partition))

    async def _commit(self, partition: Partition) -> None:
        with self.failing("flush"):
            flush = await partition.flush(self._sealer)
            partition.flushing = None
            settle_young()
            self._meters.flushed(flush)
            self._progress()

    async def _flush_in_flight(self, partition: Partition) -> None:
        if partition.flushing is not None:
            await asyncio.shield(partition.flushing)

    async def _flush(self, partition: Partition) -> None:
        """Wait until everything that is folded now is committed."""
        await self._flush_in_flight(partition)
        if partition.flushing is None:
            self._start_flush(partition)
        await self._flush_in_flight(partition)

    async def _commit_group_offsets(self) -> None:
        """Lag for the eyes of `status` and dashboards: these offsets are never read back."""
        offsets = {
            TP(topic, number): position
            for number, partition in self._partitions.items()
            for topic, position in partition.committed.positions.items()
        }
        if offsets != self._group_offsets and await self._group.commit(offsets):
            self._group_offsets = offsets

    def _report(self) -> None:
        ends = self._group.ends()
        lag: Counter[str] = Counter(dict.fromkeys(self.processor.sources, 0))
        behind = False
        for number, partition in self._partitions.items():
            for topic, position in partition.positions.items():
                end = ends.get(TP(topic, number))
                behind |= end is None or position < end
                lag[topic] += max(0, (end or 0) - partition.committed.positions[topic])
        self._meters.owned(self._partitions.values(), lag)
        if not behind:
            self._progress()  # an idle worker is alive; one that has something to fold must fold it

    def _progress(self) -> None:
        self._health.progress()
        self._meters.progressed(wall_ms())


def _settle_memory() -> None:
    """What is alive now is state and stays: the collector need not look at it again.

    New objects are looked at rarely: the default thresholds cost as much as the fold.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(1_000_000, 50, 1000)
    gc.enable()


def settle_young() -> None:
    """What a flush leaves behind is state as well. Little of it is looked through for garbage first; of the much
    that a backlog leaves nearly nothing is garbage, and looking through it would cost as much as folding does."""
    if gc.get_count()[0] < FEW_YOUNG:
        gc.collect(0)
    gc.freeze()
