"""The receiver: signed deliveries that it answers 200, and every event of them found in Kafka."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from bench import field, machine, workload
from bench.deliveries import Delivery, send, signed
from bench.field import Sizes
from bench.report import Figure, Outcome
from bench.workload import Act
from contracts import topics
from contracts.codec import decoder
from contracts.events import EngagementEvent
from deploy.local import evidence
from deploy.local.stack import LocalStack

SERVICE = "webhooks"
BATCH = 100


def run(sizes: Sizes) -> Outcome:
    config = workload.config()
    figures = []
    expected: Counter[str] = Counter()
    with field.stack(config, SERVICE) as stack:
        for seed, (name, count, size) in enumerate(_plan(sizes), start=1):
            pace, batches = [], []
            for turn in range(sizes.runs + 1):
                acts = list(workload.acts(count * size, seed * 100 + turn, _just_now))
                expected.update(map(workload.Events(field.IDENTITY_KEY).event_id, acts))
                batches = list(signed(_batches(acts, size)))
                pace.append(_measured(stack, batches))
            del pace[0]  # the first turn warms up connections and caches
            figures += [
                Figure(f"{name}: deliveries", "a second", [count / seconds for seconds, _ in pace]),
                Figure(f"{name}: events", "a second", [count * size / seconds for seconds, _ in pace]),
                Figure(f"{name}: CPU", "s a million events", [cpu / count / size * 1e6 for _, cpu in pace]),
            ]
        found = _found(stack)
    wrong = sum(((expected - found) + (found - expected)).values())
    notes = {"rows": "events in Kafka, each delivered change once"}
    return Outcome("webhooks", expected.total(), expected.total(), wrong, figures, notes)


def _plan(sizes: Sizes) -> Iterator[tuple[str, int, int]]:
    yield "one event a delivery", sizes.single_deliveries, 1
    yield f"{BATCH} events a delivery", sizes.batched_deliveries, BATCH


def _just_now(_number: int) -> int:
    return int(time.time() * 1000)


def _batches(acts: Sequence[Act], size: int) -> Iterator[Sequence[Act]]:
    return (acts[start : start + size] for start in range(0, len(acts), size))


def _measured(stack: LocalStack, deliveries: Sequence[Delivery]) -> tuple[float, float]:
    """Wall and receiver's CPU seconds until all are answered 200."""
    pid = stack.services[SERVICE].pid
    assert pid is not None
    cpu, began = machine.cpu_seconds(pid), time.perf_counter()
    again = asyncio.run(send(stack.addresses[SERVICE], deliveries))
    assert not again, f"{again} deliveries were not taken at once"
    return time.perf_counter() - began, machine.cpu_seconds(pid) - cpu


def _found(stack: LocalStack) -> Counter[str]:
    decode = decoder(EngagementEvent)
    records = evidence.read(stack.bootstrap_servers, topics.EVENTS.name)
    return Counter(decode(record.value).event_id for record in records)
