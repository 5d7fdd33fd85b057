"""Reading back what was committed, without Kafka: how long it takes, and what memory each kind of thing is kept in."""

import gc
import multiprocessing
import os
import time
from pathlib import Path
from random import Random
from typing import Any

from bench import workload
from bench.field import Sizes
from bench.fold import records_by_partition
from bench.report import Figure, Outcome
from contracts import tables, topics
from processors.engagement import membership
from processors.engagement.facts import ADD, pack
from processors.engagement.organic import Organic
from processors.engine.state import Record

BATCH = 500
"""Records in one record batch."""
_COMMENTS = tables.load()["inbound_comments"].topic
_INTERACTIONS = topics.STATE_INTERACTIONS.name

Logs = dict[str, list[Record]]
"""Topic -> the newest record of each key."""


def run(sizes: Sizes) -> Outcome:
    logs, entries = _committed(sizes)
    kinds = {topic: _kind(topic) for topic in logs}
    rows = sum(len(records) for topic, records in logs.items() if topic != _INTERACTIONS)
    numbers = dict.fromkeys(kinds.values(), 0)
    for topic, records in logs.items():
        numbers[kinds[topic]] += len(records) if topic != _INTERACTIONS else entries["interactions"]
    new = multiprocessing.get_context("spawn")  # a process that has nothing else to do with its memory
    found = []
    for _ in range(sizes.runs):
        with new.Pool(1) as process:
            found.append(process.apply(_read_back, (logs, kinds)))
    figures = [
        Figure(
            f"CPU for {rows:,} rows, {entries['interactions']:,} interactions", "s", [one["seconds"] for one in found]
        )
    ]
    for kind, number in numbers.items():
        figures.append(Figure(f"{kind}: CPU", "us each", [one["cpu"][kind] / number * 1e6 for one in found]))
        figures.append(Figure(f"{kind}: memory", "bytes each", [one["memory"][kind] / number for one in found]))
    wrong = sum(abs(one["entries"][name] - entries[name]) for one in found for name in entries)
    notes = {"compared": "only how many of each kind there are", "entries": entries, "numbers": numbers}
    return Outcome("reload", sizes.events, len(entries) * len(found), wrong, figures, notes)


def _kind(topic: str) -> str:
    return {_INTERACTIONS: "interactions", membership.TOPIC: "people", _COMMENTS: "comments"}.get(
        topic, "rows of counts"
    )


def _committed(sizes: Sizes) -> tuple[Logs, dict[str, int]]:
    """What a processor with all partitions has committed of the workload, and of other interactions; its entries."""
    newest: dict[tuple[str, bytes], bytes | None] = {}
    state = Organic(workload.config(), 0, 0, 1)
    (records,) = records_by_partition(sizes.events, 1)
    for start in range(0, len(records), 50_000):
        for at in range(start, min(start + 50_000, len(records)), BATCH):
            state.fold(topics.EVENTS.name, records[at : at + BATCH])
        newest |= {(topic, key): value for topic, key, value in state.changes(start)}
    add_interactions(state, sizes.interactions - len(state.register.interactions), Random(1))
    newest |= {(topic, key): value for topic, key, value in state.changes(len(records))}
    logs: Logs = {}
    for (topic, key), value in newest.items():
        log = logs.setdefault(topic, [])
        log.append((len(log), key, value))
    return dict(sorted(logs.items(), key=lambda log: log[0] != topics.STATE_ACCOUNTS.name)), state.entries()


def add_interactions(state: Organic, count: int, rng: Random) -> None:
    """As if the fold had seen so many more reactions, to posts that no row is kept of any more."""
    for at in range(count):
        key, value = rng.getrandbits(64), pack(workload.START - at, ADD, 0)
        state.register.interactions[key] = value
        state.register.new_keys.append(key)
        state.register.new_values.append(value)


def _read_back(logs: Logs, kinds: dict[str, str]) -> dict[str, Any]:
    gc.disable()  # as while the worker recovers
    state = Organic(workload.config(), 0, 0, 1)
    cpu, memory = dict.fromkeys(kinds.values(), 0.0), dict.fromkeys(kinds.values(), 0)
    for topic, records in logs.items():
        began, held = time.process_time(), _resident()
        for at in range(0, len(records), BATCH):
            state.load(topic, records[at : at + BATCH])
        cpu[kinds[topic]] += time.process_time() - began
        memory[kinds[topic]] += _resident() - held
    return {"seconds": sum(cpu.values()), "cpu": cpu, "memory": memory, "entries": state.entries()}


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
