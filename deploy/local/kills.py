"""Seeded schedules of kill -9 over a trial, and what each kill hit.

A process is frozen first and looked at from outside, then killed: nothing runs between the two, so what is seen is what
was hit. A broker or database is asked about its transactions and then killed at once.
"""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from typing import Any, Literal

import kafka.errors
import psycopg
import requests
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient

from contracts import topics
from contracts.codec import decoder
from contracts.events import Cursor
from contracts.topics import SOURCES
from deploy.local import simulator
from deploy.local.drain import GROUP, PROCESSOR
from deploy.local.evidence import read
from deploy.local.process import StackError, Supervised
from deploy.local.stack import LocalStack
from deploy.local.trial import Trial

PROCESSORS = "processor-"
RECOVERY_PATIENCE_SECONDS = 20.0
AGAIN_SHARE = 0.35
UP_SHARE, UP_PATIENCE_SECONDS = 0.9, 10.0
SINK_TRANSACTION = "SELECT query FROM pg_stat_activity WHERE usename = 'engagement_writer' AND xact_start IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Blow:
    """Something done to a service `at` seconds into the trial.

    It is killed, killed as soon as it recovers, joined by a second worker, or frozen for `seconds`.
    """

    at: float
    service: str
    act: Literal["kill", "kill in recovery", "join", "freeze"] = "kill"
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Hit:
    """A blow that was struck: at which second, and what it hit."""

    service: str
    act: str
    at: float
    hit: str


def schedule(seed: int, seconds: float, services: Sequence[str]) -> list[Blow]:
    """A kill for each name given: one at a random instant of each of as many equal spans as the name stands there.

    Some of a processor's are followed by one in the recovery that they cause.
    """
    chance = random.Random(seed)
    struck: Counter[str] = Counter()
    blows = []
    for service in services:
        span = seconds / services.count(service)
        at = max(1.0, span * struck[service] + chance.uniform(0.0, span))
        struck[service] += 1
        blows.append(Blow(at, service))
        if service.startswith(PROCESSORS) and chance.random() < AGAIN_SHARE:
            blows.append(Blow(at + 0.1, service, "kill in recovery"))
    return sorted(blows, key=lambda blow: blow.at)


class Killer:
    """Strikes the blows of a schedule beside a trial that has started. `join` waits until the last one is struck."""

    def __init__(self, trial: Trial, blows: Sequence[Blow]) -> None:
        self.hits: list[Hit] = []
        self._trial = trial
        self._blows = blows
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="killer", daemon=True)
        trial.was_killed = trial.was_killed or bool(blows)
        self._thread.start()

    def join(self) -> list[Hit]:
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self.hits

    def dump(self) -> list[dict[str, Any]]:
        """The hits as plain values."""
        return [asdict(hit) for hit in self.hits]

    def _run(self) -> None:
        try:
            begins_at = max(self._trial.clock.wall_ms / 1000, time.time())  # a slow start may be late
            for blow in self._blows:
                time.sleep(max(0.0, begins_at + blow.at - time.time()))
                hit = self._strike(blow)
                self.hits.append(Hit(blow.service, blow.act, round(time.time() - begins_at, 2), hit))
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._error = error

    def _strike(self, blow: Blow) -> str:
        stack = self._trial.stack
        if blow.act == "join":
            stack.scale(PROCESSOR, 2)
            return "a second worker joined"
        process = stack.services[blow.service]
        if blow.act == "freeze":
            return _freeze(process, blow.seconds)
        if blow.act == "kill in recovery":
            _await_recovery(process)
        else:
            _await_life(process, random.Random(blow.at))
        is_store = blow.service in ("kafka", "postgres")
        is_up = process.is_ready()
        if not is_store:
            process.stop_signal()
        hit = _looked_at(stack, blow.service, process, is_up)
        killed = process.kill()
        while process.pid == killed:  # so that the next kill does not hit the dead
            time.sleep(0.01)
        return hit


def _looked_at(stack: LocalStack, service: str, process: Supervised, is_up: bool) -> str:
    if service.startswith(PROCESSORS) and _last_event(process) == "partition_recovered":
        return "in recovery"
    if not is_up:
        return "while it started"
    look = next(look for prefix, look in _LOOKS.items() if service.startswith(prefix))
    try:
        return look(stack, process)
    except (kafka.errors.KafkaError, psycopg.Error, requests.RequestException):
        return "unknown: what would tell was down"


def _at_processor(stack: LocalStack, process: Supervised) -> str:
    group = next(GROUP + name for name in SOURCES if process.spec.name.startswith(PROCESSORS + name))
    ours = {f"{group}-{number}" for number in _events(process, "partitions_assigned")[-1]["partitions"]}
    return "in an open transaction" if ours & _open_transactions(stack) else "between flushes"


def _at_broker(stack: LocalStack, _process: Supervised) -> str:
    return f"with {len(_open_transactions(stack))} open transactions"


def _at_sink(stack: LocalStack, _process: Supervised) -> str:
    with psycopg.connect(stack.superuser_dsn, connect_timeout=2) as connection:
        running = [query for (query,) in connection.execute(SINK_TRANSACTION)]
    if any(query.startswith(("COPY", "INSERT", "UPDATE", "DELETE")) for query in running):
        return "between COPY and commit"
    return "in a transaction" if running else "between transactions"


def _at_poller(stack: LocalStack, _process: Supervised) -> str:
    """Only polls write snapshots: some behind what every cursor knows were acknowledged without one."""
    decode = decoder(Cursor)
    known: dict[int, int] = {}
    for record in read(stack.bootstrap_servers, topics.CURSORS.name):
        for partition, offset in decode(record.value).produced.get(topics.SNAPSHOTS.name, {}).items():
            known[partition] = max(offset, known.get(partition, 0))
    with closing(KafkaConsumer(bootstrap_servers=stack.bootstrap_servers, enable_auto_commit=False)) as consumer:
        numbers = consumer.partitions_for_topic(topics.SNAPSHOTS.name) or set()
        ends = consumer.end_offsets([TopicPartition(topics.SNAPSHOTS.name, number) for number in numbers])
    uncovered = any(end > known.get(place.partition, 0) for place, end in ends.items())
    return "between ack and cursor" if uncovered else "between polls"


def _at_receiver(stack: LocalStack, _process: Supervised) -> str:
    return "with deliveries under way" if simulator.state(stack)["pending_deliveries"] else "while nothing was sent"


def _at_streamer(_stack: LocalStack, process: Supervised) -> str:
    told = [one["event"] for one in _events(process) if one["event"] in ("stream_connected", "stream_disconnected")]
    return "while it listened" if told and told[-1] == "stream_connected" else "between connections"


_LOOKS: dict[str, Callable[[LocalStack, Supervised], str]] = {
    PROCESSORS: _at_processor,
    "sink-postgres": _at_sink,
    "postgres": _at_sink,
    "poller": _at_poller,
    "webhooks": _at_receiver,
    "streamer": _at_streamer,
    "kafka": _at_broker,
}


def _open_transactions(stack: LocalStack) -> set[str]:
    states = ["Ongoing", "PrepareCommit"]
    with closing(KafkaAdminClient(bootstrap_servers=stack.bootstrap_servers, bootstrap_timeout_ms=3000)) as admin:
        return {
            one.transactional_id for found in admin.list_transactions(state_filters=states).values() for one in found
        }


def _await_life(process: Supervised, chance: random.Random) -> None:
    """Kill after kill it would only ever be starting: mostly let it come up, and then a little further."""
    if chance.random() < UP_SHARE:
        with suppress(StackError):
            process.wait_ready(UP_PATIENCE_SECONDS)
        time.sleep(chance.uniform(0.0, 2.0))
    while process.pid is None:  # killed a moment ago and not yet restarted
        time.sleep(0.05)


def _await_recovery(process: Supervised) -> None:
    """Until a restarted worker says that it has recovered a first partition."""
    before = len(_events(process, "partition_recovered"))
    deadline = time.monotonic() + RECOVERY_PATIENCE_SECONDS
    while len(_events(process, "partition_recovered")) == before and time.monotonic() < deadline:
        time.sleep(0.01)


def _freeze(process: Supervised, seconds: float) -> str:
    """Stop a worker for longer than its session lasts, let it go on, and see it end itself."""
    restarts, before = process.restarts, len(_events(process, "worker_failed"))
    process.stop_signal()
    time.sleep(seconds)
    process.cont_signal()
    deadline = time.monotonic() + RECOVERY_PATIENCE_SECONDS
    while process.restarts == restarts and time.monotonic() < deadline:
        time.sleep(0.1)
    failures = _events(process, "worker_failed")[before:]
    if process.restarts == restarts:
        return "went on"
    return f"ended itself: {failures[-1]['error'][:120]}" if failures else "ended"


def _last_event(process: Supervised) -> str:
    lines = _events(process)
    return str(lines[-1]["event"]) if lines else ""


def _events(process: Supervised, name: str | None = None) -> list[dict[str, Any]]:
    """What a process of ours has logged; a line that is cut off by a kill is skipped."""
    found = []
    if process.spec.log.exists():
        for line in process.spec.log.read_text(encoding="utf-8").splitlines():
            if line.startswith("{") and line.endswith("}"):
                event = json.loads(line)
                if name is None or event["event"] == name:
                    found.append(event)
    return found
