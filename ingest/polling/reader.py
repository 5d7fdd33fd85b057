"""Makes one request of a reading and leads the reading on to its next, writing what it finds; tells how that went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime

from contracts import metrics, topics
from contracts.events import Channel, Listing
from ingest.fields import FUTURE_MS
from ingest.intake import Intake
from ingest.kafka import KafkaAway, Offsets, Producer, merge
from ingest.platforms import Answer, Failure, Found, PollFailed, Reading, Remember, Request, State, Usage
from ingest.polling.access import Access
from ingest.polling.budget import LONGEST_TOLD_SECONDS
from ingest.polling.http import Http, Response, Unreachable
from ingest.records import Record, Records
from runtime.clock import Clock, wall_ms
from runtime.instruments import Instruments

_SOURCES = frozenset(topic.name for topic in (*topics.ORGANIC_SOURCES, *topics.PAID_SOURCES))
_ANSWERS = ("smaller", "refuse")
"""Failures that the reading deals with."""
_PROBLEMS = {"forbidden": "permission_lost", "reauthorise": "token_expired"}


@dataclass(slots=True)
class Read:
    """What a reading leaves: when it started on the platform's clock, what to remember, what it wrote, the newest event
    in it, and how often the platform wanted less at a time."""

    state: State = field(default_factory=dict)
    memory: dict[str, Listing | None] = field(default_factory=dict)
    started_at: int | None = None
    produced: Offsets = field(default_factory=dict)
    newest_event_at: int | None = None
    halvings: int = 0


@dataclass(eq=False, slots=True)
class Errand:
    """A reading under way. `poll_id`: the poll that it belongs to, for what it finds to name. `request` is the next to
    be made; None: it is not begun, or it has ended."""

    access: Access
    source: str
    poll_id: str
    reading: Reading
    request: Request | None = None
    read: Read = field(default_factory=Read)
    received_at: int | None = None
    attempts: int = 0
    is_over: bool = False


@dataclass(slots=True)
class Trip:
    """How a request went. `again`: it has to be made again, and why; `wait`: a limit said no. `error` ends the reading.
    `is_answered`: the host is well, whatever it said; None: it was not asked."""

    is_answered: bool | None = None
    usage: Usage | None = None
    again: str | None = None
    wait: Failure | None = None
    retry_after: float = 0.0
    error: PollFailed | None = None


class Reader:
    """Thread-safe, an errand being run by one thread at a time. With `is_lasting` False nothing is remembered of it:
    then it reads beside a poller whose memory is not its own."""

    def __init__(
        self,
        http: Http,
        intake: Intake,
        producer: Producer,
        records: Records,
        clock: Clock,
        instruments: Instruments,
        *,
        channel: Channel = "poll",
        is_lasting: bool = True,
    ) -> None:
        self._http = http
        self._intake = intake
        self._producer = producer
        self._records = records
        self._clock = clock
        self._instruments = instruments
        self._channel = channel
        self._is_lasting = is_lasting

    def run(self, errand: Errand) -> Trip:
        """Make its request, if it has one, and go on until it wants another or has ended."""
        trip = Trip()
        try:
            answer = None if errand.request is None else self._ask(errand, errand.request, trip)
            if trip.again is None and trip.wait is None:
                errand.request = None
                self._lead_on(errand, answer)
        except PollFailed as error:
            trip.error = error
        return trip

    def _lead_on(self, errand: Errand, answer: Answer | None) -> None:
        while True:
            try:
                step = errand.reading.send(answer)
            except StopIteration as finished:
                errand.read.state, errand.is_over = finished.value, True
                return
            answer = None
            match step:
                case Request():
                    errand.request = step
                    return
                case Remember():
                    if self._is_lasting:
                        self._write([self._records.of_memory(errand.source, step.object_id, step.listing)])
                        errand.read.memory[step.object_id] = step.listing
                case Found():
                    self._keep(errand, step)

    def _keep(self, errand: Errand, found: Found) -> None:
        assert errand.received_at is not None, "something was found before anything was asked"
        name, read = errand.access.platform.name, errand.read
        batch = self._intake.batch(name, self._channel, errand.received_at, "poll", found.parts)
        offsets = self._write(batch.records)
        batch.tally(self._instruments)
        merge(read.produced, {topic: ends for topic, ends in offsets.items() if topic in _SOURCES})
        read.newest_event_at = max((*batch.newest.values(), read.newest_event_at or 0), default=0) or None

    def _write(self, records: Sequence[Record]) -> Offsets:
        try:
            return self._producer.write(records)
        except KafkaAway:
            raise PollFailed("kafka_away") from None

    def _ask(self, errand: Errand, request: Request, trip: Trip) -> Answer | None:
        """An answer that the reading can use: a good one, a refusal, or that it asked for too much."""
        access = errand.access
        try:
            response = self._get(access, request)
        except Unreachable as error:
            trip.is_answered, trip.again = False, error.reason
            self._count(access, "unreachable")
            return None
        if request.elsewhere is None:
            trip.usage = access.poll.usage(response.headers)
        failure = (request.elsewhere or access.poll).failure(response.status, response.body)
        self._count(access, failure.action if failure else "ok")
        trip.is_answered = response.status < 500
        trip.retry_after = retry_after(response.headers, wall_ms())
        if failure is None or failure.action in _ANSWERS or (request.is_optional and failure.action in _PROBLEMS):
            errand.read.halvings += failure is not None and failure.action == "smaller"
            as_of, link = self._platform_time(response.headers), response.headers.get("link", "")
            receipt = self._intake.receipt(access.platform.name, self._channel, errand.poll_id, wall_ms())
            answer = Answer(response.body, as_of, receipt, failure, link)
            errand.received_at = answer.received_at
            errand.read.started_at = answer.as_of if errand.read.started_at is None else errand.read.started_at
            return answer
        reason = f"{failure.action}_{failure.code}"
        if failure.action == "retry":
            trip.again = reason
        elif failure.action == "wait":
            trip.wait = failure
        else:
            raise PollFailed(reason, needs_help=True, problem=_PROBLEMS[failure.action])
        return None

    def _get(self, access: Access, request: Request) -> Response:
        if request.elsewhere is not None:
            return self._http.get(request.elsewhere.base_url + request.path, request.params, {}, request.form)
        headers, params = access.poll.authorise(access.token(), access.secrets)
        return self._http.get(access.base_url + request.path, {**request.params, **params}, headers, request.form)

    def _platform_time(self, headers: Mapping[str, str]) -> int:
        """The platform's clock, from the Date header; ours if it does not tell, or is ahead of any: what was counted at
        such a time would be the newest for ever."""
        told = _date(headers.get("date", ""))
        return self._clock.now_ms() if told is None or told > wall_ms() + FUTURE_MS else told

    def _count(self, access: Access, outcome: str) -> None:
        self._instruments.counter(metrics.POLL_REQUESTS).labels(access.platform.name, outcome).inc()


def retry_after(headers: Mapping[str, str], now_ms: int) -> float:
    """For how many seconds the host asks to be left alone, told as a number or as a date; 0: it does not.

    >>> retry_after({"retry-after": "30"}, 0), retry_after({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, 0)
    (30.0, 60.0)
    """
    text = headers.get("retry-after", "")
    if text.isascii() and text.isdecimal():
        seconds = float(text)
    else:
        told = _date(text)
        seconds = 0.0 if told is None else (told - now_ms) / 1000
    return min(max(seconds, 0.0), LONGEST_TOLD_SECONDS)


def _date(text: str) -> int | None:
    """Epoch milliseconds of an HTTP date; None for what is none."""
    try:
        told = parsedate_to_datetime(text)
    except ValueError:
        return None
    return int((told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp() * 1000)
