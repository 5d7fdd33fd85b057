"""How long a processor that is started needs until it folds on: its partitions read back from Kafka.

What lies there is what the processor has committed of the workload itself, and, so that there are enough, interactions
that are committed here in the same way, as the partitions' owner.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from bench import workload
from bench.fold import FLUSH
from bench.loaded import Loaded, said
from bench.machine import CpuMeter
from bench.reload import add_interactions
from bench.report import Figure, Outcome
from processors.engagement.organic import Organic, processor
from processors.engine.recovery import log_reader, recover
from processors.engine.state import Processor, Record
from processors.engine.topology import read_topology
from runtime.seal import Sealer

FOLDED = 0.5
"""The part of the workload that is committed at least when the processor is started anew: a million events make more
than a million rows by then."""


@dataclass(slots=True)
class Committed:
    """What there is to read back. `entries`: by partition and kind; `rows`: those that stand."""

    entries: dict[int, dict[str, int]] = field(default_factory=dict)
    records: int = 0
    rows: int = 0


def run(loaded: Loaded) -> Outcome:
    seconds, ready, cpu = [], [], []
    wrong = 0
    for number in range(loaded.sizes.runs):
        loaded.reset()
        loaded.start_processor()
        loaded.await_folded(FOLDED)
        loaded.stop_processor()
        committed = asyncio.run(_commit_interactions(loaded, Random(number)))
        with CpuMeter(loaded.processor_pid) as meter:
            process = loaded.start_processor()
            loaded.await_folded()
        loaded.stop_processor()
        recovered = [fields for at, fields in said(process, "partition_recovered") if at >= meter.began]
        folds_on = min(at for at, _ in said(process, "partitions_assigned") if at >= meter.began)
        seconds.append(max(one["seconds"] for one in recovered))
        ready.append(folds_on - meter.began)
        cpu.append(meter.until(folds_on))
        wrong += sum(one["entries"] != committed.entries[one["partition"]] for one in recovered)
        wrong += abs(len(recovered) - len(committed.entries)) + loaded.wrong_rows()
    figures = [
        Figure("all partitions recovered, from their start", "s", seconds, at_most=10),
        Figure("from the start of the process until it folds on", "s", ready),
        Figure("CPU of the process until then", "s", cpu),
    ]
    entries = sum(map(Counter, committed.entries.values()), Counter())
    notes = {"rows": committed.rows, "records read back": committed.records, "entries": dict(entries)}
    return Outcome("recovery", loaded.sizes.events, loaded.oracle.rows * loaded.sizes.runs, wrong, figures, notes)


async def _commit_interactions(loaded: Loaded, rng: Random) -> Committed:
    """Fill each partition's share of the interactions up, as many a flush as folding at full speed brings."""
    servers, organic = loaded.stack.bootstrap_servers, processor(workload.config())
    topology = read_topology(servers, organic)
    found = Committed()
    for number in range(topology.partitions):
        partition = await recover(organic, number, topology, servers, lambda: None)
        state = partition.state
        assert isinstance(state, Organic)
        missing = loaded.sizes.interactions // topology.partitions - len(state.register.interactions)
        for start in range(0, missing, FLUSH):
            add_interactions(state, min(FLUSH, missing - start), rng)
            await partition.flush(Sealer(["bench"]))
        await partition.close()
        found.entries[number] = state.entries()
        await _count(found, organic, number, servers)
    return found


async def _count(found: Committed, organic: Processor, number: int, servers: str) -> None:
    stands: dict[tuple[str, bytes | None], bool] = {}

    def note(topic: str, records: Sequence[Record]) -> None:
        stands.update(((topic, key), value is not None) for _, key, value in records)

    async with log_reader(servers, number) as reader:
        found.records += await reader.read((*organic.state_topics, *organic.aggregate_topics), note)
    found.rows += sum(is_there for (topic, _), is_there in stands.items() if topic in organic.aggregate_topics)
