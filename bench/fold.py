"""The fold alone, in this process: decode, fold, and encode what changed, without Kafka."""

import gc
import time
from collections.abc import Iterable, Sequence
from functools import cache

from bench import workload
from bench.field import Sizes
from bench.oracle import Oracle, WireRows
from bench.report import Figure, Outcome
from contracts import topics
from contracts.codec import encode
from contracts.identity import account_key
from processors.engagement import rows
from processors.engagement.organic import processor
from processors.engine.state import Change, PartitionState, Record

BATCH = 500
"""Records in one record batch."""
FLUSH = 12_500
"""Records of a partition between two flushes: what half a second brings at full speed."""

Batches = list[tuple[int, list[Record]]]


def run(sizes: Sizes) -> Outcome:
    config = workload.config()
    by_partition = records_by_partition(sizes.events, config.partitions.organic)
    fold_us, encode_us, written_rows = [], [], []
    wrong = rows_seen = 0
    oracle = Oracle(config, (value for records in by_partition for _, _, value in records if value is not None))
    for _ in range(sizes.runs):
        folding = encoding = 0.0
        count = 0
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 50, 1000)  # as the worker does after its recovery
        kept: list[Change] = []
        for number, records in enumerate(by_partition):
            state = processor(config).new_state(0, number, len(by_partition))
            for flush, start in enumerate(range(0, len(records), FLUSH)):
                batches = [records[at : at + BATCH] for at in range(start, min(start + FLUSH, len(records)), BATCH)]
                folding += _fold(state, batches)
                began = time.process_time()
                changes = list(state.changes(flush))
                encoding += time.process_time() - began
                count += len(changes)
                kept += changes
        fold_us.append(folding / sizes.events * 1e6)
        encode_us.append(encoding / sizes.events * 1e6)
        written_rows.append(count / sizes.events)
        wrong += oracle.wrong_on_topics(newest(kept))
        rows_seen += oracle.rows
    together = [one + other for one, other in zip(fold_us, encode_us, strict=True)]
    figures = [
        Figure("fold, decoding included", "us an event", fold_us),
        Figure("encode what changed", "us an event", encode_us),
        Figure("both", "us an event", together),
        Figure("records written", "an event", written_rows),
    ]
    return Outcome("fold", sizes.events, rows_seen, wrong, figures)


def records_by_partition(count: int, partitions: int) -> list[list[Record]]:
    """The workload as the source topic's partitions hold it."""
    events = workload.Events()
    found: list[list[Record]] = [[] for _ in range(partitions)]
    for act in workload.acts(count):
        event = events.of(act)
        key = account_key(event.platform, event.account_id)
        records = found[_partition_of(key, partitions)]
        records.append((len(records), key, encode(event)))
    return found


_partition_of = cache(topics.partition_of)


def _fold(state: PartitionState, batches: Iterable[Sequence[Record]]) -> float:
    began = time.process_time()
    for batch in batches:
        state.fold(topics.EVENTS.name, batch)
    return time.process_time() - began


def newest(changes: Iterable[Change]) -> dict[str, WireRows]:
    """The rows as they stand after `changes`, by table."""
    values: dict[tuple[str, bytes], bytes | None] = {(topic, key): value for topic, key, value in changes}
    found: dict[str, WireRows] = {}
    for (topic, _), value in values.items():
        if value is not None and topic in rows.BY_TOPIC:
            grain, columns, _ = rows.read(topic, value)
            found.setdefault(rows.BY_TOPIC[topic].name, {})[grain] = tuple(columns)
    return found
