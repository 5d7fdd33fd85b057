"""What the engine counts, under the names of `contracts.metrics`."""

from collections import Counter
from collections.abc import Iterable, Mapping

from contracts import metrics, tables
from processors.engine.partition import Flush, Partition
from runtime.instruments import Instruments

_TABLES = {table.topic: table.name for table in tables.load().values()}


class Meters:
    """The instruments of one processor's worker."""

    def __init__(self, processor: str, instruments: Instruments) -> None:
        self._name = processor
        self._of = instruments

    def folded(self, topic: str, records: int) -> None:
        self._of.counter(metrics.RECORDS_FOLDED).labels(self._name, topic).inc(records)

    def flushed(self, flush: Flush) -> None:
        name, tally = self._name, flush.tally
        self._of.histogram(metrics.FLUSH_DURATION).labels(name).observe(flush.seconds)
        self._of.counter(metrics.DUPLICATE_FACTS).labels(name).inc(tally.duplicate_facts)
        self._of.counter(metrics.AMBIGUOUS_EVENTS).labels(name).inc(tally.ambiguous_events)
        for grain, count in tally.late_events.items():
            self._of.counter(metrics.LATE_EVENTS).labels(name, grain).inc(count)
        for topic, count in flush.records.items():
            if topic in _TABLES:
                self._of.counter(metrics.ROWS_FLUSHED).labels(name, _TABLES[topic]).inc(count)
        for reason, count in flush.rejected.items():
            self._of.counter(metrics.DEAD_LETTERS).labels("processor", reason).inc(count)

    def recovered(self, seconds: float) -> None:
        self._of.histogram(metrics.RECOVERY_DURATION).labels(self._name).observe(seconds)

    def owned(self, partitions: Iterable[Partition], lag: Mapping[str, int]) -> None:
        """The state of all partitions of this worker; `lag`: source topic -> records without a commit."""
        entries: Counter[str] = Counter()
        count = 0
        for partition in partitions:
            count += 1
            entries.update(partition.state.entries())
        self._of.gauge(metrics.PROCESSOR_PARTITIONS).labels(self._name).set(count)
        for state, size in entries.items():
            self._of.gauge(metrics.STATE_ENTRIES).labels(self._name, state).set(size)
        for topic, records in lag.items():
            self._of.gauge(metrics.PROCESSOR_LAG).labels(self._name, topic).set(records)

    def progressed(self, at_ms: int) -> None:
        self._of.gauge(metrics.LAST_PROGRESS).labels(f"processor-{self._name}").set(at_ms / 1000)
