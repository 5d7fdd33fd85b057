"""The whole way: signed webhooks at a steady rate, everything running, until the rows show in PostgreSQL.

There is no platform to poll, so the poller stays at home. An event has arrived when the receiver has its bytes, and is
visible when its position is seen as applied in the tables, asked twenty times a second.
"""

import asyncio
import time

from bench import field, machine, workload
from bench.deliveries import send_paced, signed
from bench.field import Sizes
from bench.oracle import Oracle
from bench.report import Figure, Outcome
from contracts import topics
from deploy.local import drain, evidence
from deploy.local.stack import LocalStack
from deploy.local.visibility import Watch

SERVICES = ("webhooks", drain.PROCESSOR, "sink-postgres", "sink-prometheus")
LEAD_SECONDS = 1.0


def run(sizes: Sizes) -> Outcome:
    config = workload.config()
    events = int(sizes.seconds * sizes.rate)
    p50, p99, slowest, cpu = [], [], [], []
    by_process: dict[str, float] = {}
    rows = wrong = 0
    for turn in range(sizes.runs):
        with field.stack(config, *SERVICES) as stack:
            watch = Watch(stack.dsn("reader"))
            try:
                before = _cpu(stack)
                _play(stack, events, sizes.rate, seed=turn)
                drain.wait(stack)
                by_process = {name: used - before[name] for name, used in _cpu(stack).items()}
                time.sleep(0.2)  # so that the watch sees the last position
            finally:
                watch.close()
            seen = evidence.gather(stack.bootstrap_servers, watch.applied_at).latencies
            assert len(seen) == events, f"{len(seen)} of {events} events were seen to become visible"
            raw = (record.value for record in evidence.read(stack.bootstrap_servers, topics.EVENTS.name))
            oracle = Oracle(config, raw)
            rows += oracle.rows
            wrong += oracle.wrong_in_postgres(stack.dsn("reader"))
        p50.append(evidence.percentile(seen, 0.5) or 0.0)
        p99.append(evidence.percentile(seen, 0.99) or 0.0)
        slowest.append(seen[-1])
        cpu.append(sum(by_process.values()) / events * 1e6)
    figures = [
        Figure("webhook to visible row, p50", "s", p50, at_most=1.5),
        Figure("webhook to visible row, p99", "s", p99, at_most=3.0),
        Figure("webhook to visible row, slowest", "s", slowest),
        Figure("CPU of all processes", "s a million events", cpu),
    ]
    notes = {
        "events a second": sizes.rate,
        "CPU s a million events of the last run": {
            name: round(used / events * 1e6, 1) for name, used in by_process.items()
        },
    }
    return Outcome("end-to-end", events * sizes.runs, rows, wrong, figures, notes)


def _play(stack: LocalStack, events: int, rate: int, seed: int) -> None:
    starts_at = time.time() + LEAD_SECONDS + events / 10_000  # what it takes to make the deliveries

    def due(number: int) -> float:
        return starts_at + number / rate

    acts = workload.acts(events, seed, lambda number: int(due(number) * 1000))
    deliveries = list(signed([act] for act in acts))
    assert time.time() < starts_at, "the deliveries were not ready in time"
    paced = ((due(number), delivery) for number, delivery in enumerate(deliveries))
    again = asyncio.run(send_paced(stack.addresses["webhooks"], paced))
    assert not again, f"{again} deliveries were not taken at once"


def _cpu(stack: LocalStack) -> dict[str, float]:
    pids = {name: process.pid for name, process in stack.services.items()}
    return {name: machine.cpu_seconds(pid) for name, pid in pids.items() if pid is not None}
