"""The PostgreSQL sink over everything that the processor has written, every version of every row."""

import time

import psycopg
import requests

from bench import machine
from bench.loaded import PATIENCE_SECONDS, Loaded, said
from bench.report import Figure, Outcome
from contracts import metrics, tables, topics
from deploy.local import drain
from deploy.local.observers import METRICS

SINK = "sink-postgres"
PIPELINE = ("sink_offsets", "applied_positions", "freshness", "leases")


def run(loaded: Loaded) -> Outcome:
    if not loaded.spans:
        loaded.process()
    written, applied, sink_cpu, database_cpu = [], [], [], []
    wrong = 0
    records = sum(loaded.ends(table.topic for table in tables.load().values()).values())
    for _ in range(loaded.sizes.runs):
        _empty(loaded)
        before = machine.cpu_seconds(_pid(loaded, "postgres"))
        loaded.stack.start(SINK)
        process = loaded.stack.services[SINK]
        end = _await_applied(loaded)
        sink = machine.cpu_seconds(_pid(loaded, SINK))
        database = machine.cpu_seconds(_pid(loaded, "postgres")) - before
        rows = _rows_applied(loaded)
        start = said(process, "sink_started")[-1][0]
        loaded.stack.services.pop(SINK).stop()
        wrong += loaded.oracle.wrong_in_postgres(loaded.stack.dsn("reader"))
        written.append(rows / (end - start))
        applied.append(records / (end - start))
        sink_cpu.append(sink / rows * 1e6)
        database_cpu.append(database / rows * 1e6)
    figures = [
        Figure("rows written", "a second", written, at_least=30_000),
        Figure("records taken in", "a second", applied),
        Figure("CPU of the sink", "s a million rows written", sink_cpu),
        Figure("CPU of PostgreSQL", "s a million rows written", database_cpu),
    ]
    return Outcome("sink", loaded.sizes.events, loaded.oracle.rows * loaded.sizes.runs, wrong, figures)


def _empty(loaded: Loaded) -> None:
    with psycopg.connect(loaded.stack.superuser_dsn.rpartition("/")[0] + "/engagement", autocommit=True) as connection:
        for name in tables.load():
            connection.execute(f"TRUNCATE analytics.{name}".encode())
        for name in PIPELINE:
            connection.execute(f"TRUNCATE pipeline.{name}".encode())
        connection.execute("CHECKPOINT")


def _await_applied(loaded: Loaded) -> float:
    """Until the sink stands at the end of all that it reads: when that was seen, epoch seconds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    ends = loaded.ends([*(table.topic for table in tables.load().values()), topics.FLUSHES.name])
    with psycopg.connect(loaded.stack.dsn("reader"), autocommit=True) as connection:
        while time.monotonic() < deadline:
            found = {(t, p): offset for t, p, offset in connection.execute(drain.SINK_POSITIONS)}
            if all(found.get(place, 0) >= end for place, end in ends.items()):
                return time.time()
            time.sleep(0.05)
    raise TimeoutError("the sink does not reach the end")


def _rows_applied(loaded: Loaded) -> int:
    """Rows that the sink says to have written, by its own counter."""
    answer = requests.get(f"{loaded.stack.addresses[METRICS + SINK]}/metrics", timeout=10)
    lines = (line for line in answer.text.splitlines() if line.startswith(metrics.ROWS_APPLIED.name + "{"))
    return int(sum(float(line.rpartition(" ")[2]) for line in lines))


def _pid(loaded: Loaded, name: str) -> int:
    pid = loaded.stack.services[name].pid
    assert pid is not None
    return pid
