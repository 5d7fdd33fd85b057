"""Runs one reading: makes the requests it asks for, writes what it finds, and deals with what goes wrong."""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

from contracts import metrics, topics
from contracts.events import Listing
from ingest.intake import Intake
from ingest.kafka import KafkaAway, Offsets, Producer, merge
from ingest.platforms import Answer, Failure, Platform, Poll, PollFailed, Reading, Remember, Request, State
from ingest.polling.budget import Budget
from ingest.polling.http import Http, Response, Unreachable
from ingest.records import Record, Records
from runtime.clock import Clock, wall_ms
from runtime.instruments import Instruments

ATTEMPTS = 5
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 10.0
_SOURCES = frozenset(topic.name for topic in (*topics.ORGANIC_SOURCES, *topics.PAID_SOURCES))


@dataclass(frozen=True, slots=True)
class Access:
    """How to ask in an account's name."""

    platform: Platform
    poll: Poll
    base_url: str
    token: Callable[[], str]
    secrets: Sequence[str]
    budget: Budget
    settings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Read:
    """What a finished reading leaves: when it started on the platform's clock, what to remember, what it wrote."""

    state: State = field(default_factory=dict)
    memory: dict[str, Listing | None] = field(default_factory=dict)
    started_at: int | None = None
    produced: Offsets = field(default_factory=dict)


class Reader:
    """Thread-safe."""

    def __init__(
        self,
        http: Http,
        intake: Intake,
        producer: Producer,
        records: Records,
        clock: Clock,
        instruments: Instruments,
        stop: threading.Event,
    ) -> None:
        self._http = http
        self._intake = intake
        self._producer = producer
        self._records = records
        self._clock = clock
        self._instruments = instruments
        self._stop = stop

    def run(self, access: Access, source: str, reading: Reading) -> Read:
        """Drive `reading` to its end; raises `PollFailed`. What it found until then has been written."""
        read = Read()
        answer: Answer | None = None
        received_at: int | None = None
        while True:
            try:
                step = reading.send(answer)
            except StopIteration as finished:
                read.state = finished.value
                return read
            answer = None
            if isinstance(step, Request):
                answer = self._ask(access, step)
                received_at = answer.received_at
                read.started_at = answer.as_of if read.started_at is None else read.started_at
            elif isinstance(step, Remember):
                self._write([self._records.of_memory(source, step.object_id, step.listing)])
                read.memory[step.object_id] = step.listing
            else:
                assert received_at is not None, "something was found before anything was asked"
                batch = self._intake.batch(access.platform.name, "poll", received_at, "poll", step.parts)
                offsets = self._write(batch.records)
                batch.tally(self._instruments)
                merge(read.produced, {topic: ends for topic, ends in offsets.items() if topic in _SOURCES})

    def _write(self, records: Sequence[Record]) -> Offsets:
        try:
            return self._producer.write(records)
        except KafkaAway:
            raise PollFailed("kafka_away") from None

    def _ask(self, access: Access, request: Request) -> Answer:
        """An answer that the reading can use: a good one, a refusal, or that it asked for too much."""
        last = "unreachable"
        for attempt in range(ATTEMPTS):
            self._wait(access.budget, attempt)
            try:
                response = self._get(access, request)
            except Unreachable as error:
                last = error.reason
                self._count(access, "unreachable")
                continue
            usage = access.poll.usage(response.headers) if request.elsewhere is None else None
            if usage is not None:
                access.budget.note(usage)
                self._instruments.gauge(metrics.POLL_BUDGET_USED).labels(access.platform.name).set(usage.ratio)
            failure = (request.elsewhere or access.poll).failure(response.status, response.body)
            self._count(access, failure.action if failure else "ok")
            if failure is None or failure.action in ("smaller", "refuse"):
                return self._answer(response, failure)
            last = f"{failure.action}_{failure.code}"
            if failure.action == "wait":
                access.budget.stop()
            if failure.action != "retry":
                raise PollFailed(last, needs_help=failure.action in ("forbidden", "reauthorise"))
        raise PollFailed(last)

    def _wait(self, budget: Budget, attempt: int) -> None:
        pause = budget.pause()
        if pause is None:
            raise PollFailed("wait")
        if attempt:
            longest = min(FIRST_BACKOFF_SECONDS * 2**attempt, LONGEST_BACKOFF_SECONDS)
            pause += random.uniform(longest / 2, longest)
        if self._stop.wait(pause) if pause else self._stop.is_set():
            raise PollFailed("stopped")

    def _get(self, access: Access, request: Request) -> Response:
        if request.elsewhere is not None:
            return self._http.get(request.elsewhere.base_url + request.path, request.params, {}, request.form)
        headers, params = access.poll.authorise(access.token(), access.secrets)
        return self._http.get(access.base_url + request.path, {**request.params, **params}, headers, request.form)

    def _answer(self, response: Response, failure: Failure | None) -> Answer:
        return Answer(response.body, self._platform_time(response.headers), wall_ms(), failure)

    def _platform_time(self, headers: Mapping[str, str]) -> int:
        """The platform's clock, from the Date header; ours if it does not tell."""
        try:
            told = parsedate_to_datetime(headers.get("date", ""))
        except ValueError:
            return self._clock.now_ms()
        return int((told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp() * 1000)

    def _count(self, access: Access, outcome: str) -> None:
        self._instruments.counter(metrics.POLL_REQUESTS).labels(access.platform.name, outcome).inc()
