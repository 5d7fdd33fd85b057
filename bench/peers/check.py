"""What an engine wrote, compared with what it should have written: the last value of every key."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bench.peers.oracle import Rows
from bench.peers.workload import TABLES, row
from processors.engine.recovery import log_reader
from processors.engine.state import Record


class Verdict(NamedTuple):
    """How many rows were compared, and how many are wrong, missing, too many; how many records were written in all."""

    rows: int
    wrong: int
    missing: int
    extra: int
    records: int

    @property
    def faults(self) -> int:
        return self.wrong + self.missing + self.extra


def compare(expected: Mapping[str, Rows], found: Mapping[str, Mapping[str, bytes | None]], records: int = 0) -> Verdict:
    """Compare by table and key. A deleted row is not there."""
    wrong = missing = extra = 0
    for table, rows in expected.items():
        standing = {key: value for key, value in found.get(table, {}).items() if value is not None}
        missing += len(rows.keys() - standing.keys())
        extra += len(standing.keys() - rows.keys())
        wrong += sum(row(value) != rows[key] for key, value in standing.items() if key in rows)
    return Verdict(sum(map(len, expected.values())), wrong, missing, extra, records)


def verdict(bootstrap_servers: str, run: str, partitions: int, expected: Mapping[str, Rows]) -> Verdict:
    """Read a run's output topics and compare them."""
    found: dict[str, dict[str, bytes | None]] = {table: {} for table in TABLES}
    records = asyncio.run(_read(bootstrap_servers, run, partitions, found))
    return compare(expected, found, records)


async def _read(bootstrap_servers: str, run: str, partitions: int, found: dict[str, dict[str, bytes | None]]) -> int:
    topics = {f"{run}-{table}": rows for table, rows in found.items()}

    def note(topic: str, records: Sequence[Record]) -> None:
        topics[topic].update(((key or b"").decode(), value) for _, key, value in records)

    count = 0
    for partition in range(partitions):
        async with log_reader(bootstrap_servers, partition) as reader:
            count += await reader.read(list(topics), note)
    return count
