"""A small processor that shows loss, doubling and disorder, and its worker as a process of its own.

For each source topic and key it counts records and chains their values, so that a record that is lost, counted twice or
folded out of order changes the row for ever.
"""

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence

from processors.cli import run_worker
from processors.engine.positions import GENERATION_SHIFT
from processors.engine.state import Change, Processor, Record, Rejected, Tally
from processors.settings import ProcessorSettings

SPEED = "COUNTING_RECORDS_PER_SECOND"
CHAIN = (1 << 61) - 1


def chained(chain: int, value: int) -> int:
    """The chain after one more value; no two orders give the same."""
    return (chain * 1_000_003 + value + 1) % CHAIN


class Counting:
    """Implements `PartitionState`. A value is a JSON integer."""

    def __init__(self, processor: str, generation: int) -> None:
        self.tally = Tally()
        self.rejected: list[Rejected] = []
        self.newest_event_at: int | None = None
        self._rows_topic, self._total_topic = topics_of(processor)[2:4]
        self._generation = generation
        self._rows: dict[bytes, list[int]] = {}
        self._total = 0
        self._dirty: set[bytes] = set()
        self._stale: set[bytes] = set()
        self._seconds_each = 1 / float(os.environ.get(SPEED, "inf"))

    def load(self, topic: str, records: Sequence[Record]) -> None:
        time.sleep(self._seconds_each * len(records))
        for _, key, value in records:
            assert key is not None
            row = json.loads(value) if value is not None else {"version": 0}
            current = row["version"] >> GENERATION_SHIFT == self._generation
            self._stale.discard(key)
            if topic == self._total_topic:
                self._total = row["total"] if current else 0
            elif current and value is not None:
                self._rows[key] = [row["count"], row["chain"]]
            elif value is not None:
                self._stale.add(key)

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        time.sleep(self._seconds_each * len(records))  # so that a kill has something to hit
        for offset, key, value in records:
            try:
                number = int(json.loads(value or b""))
            except ValueError as error:
                self.rejected.append(Rejected(topic, offset, key, value, "invalid_record", type(error).__name__))
                continue
            place = f"{topic}|".encode() + (key or b"")
            row = self._rows.setdefault(place, [0, 0])
            row[0] += 1
            row[1] = chained(row[1], number)
            self._dirty.add(place)
            self._total += 1
            self.tally.events += 1

    def changes(self, version: int) -> Iterator[Change]:
        for key in sorted(self._dirty):
            count, chain = self._rows[key]
            row = {"version": version, "count": count, "chain": chain}
            yield self._rows_topic, key, json.dumps(row).encode()
            self._stale.discard(key)
        if self._dirty:
            total = {"version": version, "total": self._total}
            yield self._total_topic, b"total", json.dumps(total).encode()
        self._dirty = set()

    def stale(self) -> Iterator[Change]:
        for key in sorted(self._stale):
            yield self._rows_topic, key, None
        self._stale = set()

    def entries(self) -> dict[str, int]:
        return {"rows": len(self._rows)}


def topics_of(processor: str) -> tuple[str, ...]:
    """Two sources, rows, total, checkpoint, flushes."""
    kinds = ("first", "second", "rows", "total", "checkpoint", "flushes")
    return tuple(f"{processor}.{kind}" for kind in kinds)


def counting_processor(name: str) -> Processor:
    first, second, rows, total, checkpoint, flushes = topics_of(name)
    return Processor(
        name=name,
        sources=(first, second),
        state_topics=(total,),
        aggregate_topics=(rows,),
        checkpoint_topic=checkpoint,
        flushes_topic=flushes,
        new_state=lambda generation, _partition, _partitions: Counting(name, generation),
    )


if __name__ == "__main__":
    run_worker(counting_processor(sys.argv[1]), ProcessorSettings.load())
