"""The workload on this engine, run by the worker that runs in production."""

import os
from collections.abc import Sequence

from bench.peers.counting import Counting
from bench.peers.workload import TABLES
from processors.cli import run_worker
from processors.engine.meters import Meters
from processors.engine.partition import Flush
from processors.engine.state import PartitionState, Processor, Record
from processors.settings import ProcessorSettings
from runtime.instruments import Instruments


class Marked(Counting):
    """Says when the first delivery comes."""

    said = False

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        if not Marked.said:
            Marked.said = True
            print("FIRST", flush=True)
        super().fold(topic, records)


class Marks(Meters):
    """Says when all deliveries are committed: earlier than that none of their effects can be relied on."""

    def __init__(self, processor: str, instruments: Instruments) -> None:
        super().__init__(processor, instruments)
        self._left = int(os.environ["EVENTS"])

    def flushed(self, flush: Flush) -> None:
        super().flushed(flush)
        self._left -= flush.tally.events
        if self._left == 0:
            print("LAST", flush=True)


def kept_topics(run: str) -> tuple[str, str, str]:
    """State, checkpoint and flushes of a run."""
    return f"{run}-state", f"{run}-checkpoint", f"{run}-flushes"


def processor(source: str, run: str) -> Processor:
    """The workload as a processor: it folds `source`, and writes the topics of `run`."""
    state, checkpoint, flushes = kept_topics(run)
    tables = tuple(f"{run}-{table}" for table in TABLES)

    def new_state(generation: int, _partition: int, _partitions: int) -> PartitionState:
        assert generation == 0, "these rows cannot be rebuilt in place: start with new topics"
        return Marked(state, tables)

    return Processor(
        name=run,
        sources=(source,),
        state_topics=(state,),
        aggregate_topics=tables,
        checkpoint_topic=checkpoint,
        flushes_topic=flushes,
        new_state=new_state,
    )


if __name__ == "__main__":
    run_worker(processor(os.environ["SOURCE"], os.environ["RUN"]), ProcessorSettings.load(), Marks)
