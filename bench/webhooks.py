"""The receiver: signed deliveries under the load of wrk, and the events of those answered 200 found in Kafka."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench import field, machine, workload
from bench.deliveries import Delivery, signed
from bench.field import Sizes
from bench.load import Answers, Load
from bench.report import Figure, Outcome
from bench.workload import Act
from contracts import topics
from contracts.codec import decoder
from contracts.events import EngagementEvent
from deploy.local import evidence
from deploy.local.stack import LocalStack

SERVICE = "webhooks"
BATCH = 100
CONNECTIONS = 64


class Turn(NamedTuple):
    answers: Answers
    cpu_seconds: float


def run(sizes: Sizes) -> Outcome:
    config = workload.config()
    figures: list[Figure] = []
    wrong = events = 0
    event_id = workload.Events(field.IDENTITY_KEY).event_id
    with field.stack(config, SERVICE) as stack, TemporaryDirectory(prefix="engagement-load-") as directory:
        for seed, (name, count, size, at_least) in enumerate(_plan(sizes), start=1):
            turns = []
            for number in range(sizes.runs + 1):
                acts = list(workload.acts(count * size, seed * 100 + number, _just_now))
                before = _found(stack)
                turns.append(_turn(stack, list(signed(_batches(acts, size))), Path(directory), sizes.load_seconds))
                sent = _sent([[event_id(act) for act in batch] for batch in _batches(acts, size)], turns[-1].answers)
                found = _found(stack) - before
                wrong += _wrong(sent, found, turns[-1].answers, size)
                events += found.total()
            del turns[0]  # the first one warms up connections and caches
            figures += _figures(name, size, at_least, turns)
    notes = {"rows": "events in Kafka", "load": f"wrk, {CONNECTIONS} connections, acks=all"}
    return Outcome("webhooks", events, events, wrong, figures, notes)


def _plan(sizes: Sizes) -> Iterator[tuple[str, int, int, float]]:
    """Name, deliveries, events of each, and how many events a second are wanted."""
    yield "one event a delivery", sizes.single_deliveries, 1, 3_500
    yield f"{BATCH} events a delivery", sizes.batched_deliveries, BATCH, 15_000


def _figures(name: str, size: int, at_least: float, turns: Sequence[Turn]) -> Iterator[Figure]:
    answers = [turn.answers for turn in turns]
    events = [turn.answers.accepted * size for turn in turns]
    pace = [count / one.seconds for count, one in zip(events, answers, strict=True)]
    yield Figure(f"{name}: events", "a second", pace, at_least=at_least)
    yield Figure(f"{name}: answer, p50", "ms", [one.p50 for one in answers])
    yield Figure(f"{name}: answer, p99", "ms", [one.p99 for one in answers])
    yield Figure(f"{name}: refused", "%", [100 * one.refused for one in answers])
    cpu = [turn.cpu_seconds / count * 1e6 for turn, count in zip(turns, events, strict=True)]
    yield Figure(f"{name}: CPU", "s a million events", cpu)


def _just_now(_number: int) -> int:
    return int(time.time() * 1000)


def _batches(acts: Sequence[Act], size: int) -> Iterator[Sequence[Act]]:
    return (acts[start : start + size] for start in range(0, len(acts), size))


def _turn(stack: LocalStack, deliveries: Sequence[Delivery], directory: Path, seconds: int) -> Turn:
    pid = stack.services[SERVICE].pid
    assert pid is not None
    before = machine.cpu_seconds(pid)
    load = Load(stack.addresses[SERVICE], deliveries, directory, seconds=seconds, connections=CONNECTIONS)
    answers = load.answers()
    return Turn(answers, machine.cpu_seconds(pid) - before)


def _sent(batches: Sequence[Sequence[str]], answers: Answers) -> Counter[str]:
    """Events of all deliveries that were begun, as often as they were."""
    (begun,) = answers.begun
    rounds, rest = divmod(begun, len(batches))
    sent: Counter[str] = Counter()
    for number, batch in enumerate(batches):
        for event_id in batch:
            sent[event_id] += rounds + (number < rest)
    return sent


def _wrong(sent: Counter[str], found: Counter[str], answers: Answers, size: int) -> int:
    """Events in Kafka that nobody sent, and those missing beyond what was not answered 200."""
    unanswered = sent.total() - answers.accepted * size
    return (found - sent).total() + max((sent - found).total() - unanswered, 0)


def _found(stack: LocalStack) -> Counter[str]:
    decode = decoder(EngagementEvent)
    records = evidence.read(stack.bootstrap_servers, topics.EVENTS.name)
    return Counter(decode(record.value).event_id for record in records)
