"""The poller itself, on a platform that answers from a list: what it asks, what it writes, what it says of it."""

import datetime as dt
import itertools
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from contracts import codec, topics
from contracts.config import Account, Config, Partitions, Polling
from contracts.events import Cursor
from contracts.health import SourceHealth
from ingest.health import Watch
from ingest.intake import Intake
from ingest.kafka import KafkaAway, Offsets, Producer
from ingest.platforms import (
    TOKEN_EXPIRES_AT,
    Answer,
    Failure,
    Item,
    Job,
    Limit,
    Plan,
    Platform,
    Poll,
    PollFailed,
    Reading,
    Receipt,
    Request,
    Setting,
    Source,
)
from ingest.polling import reader
from ingest.polling.access import Access, Lanes
from ingest.polling.breaker import FAILURES, FIRST_PAUSE_SECONDS
from ingest.polling.http import Http, Response
from ingest.polling.notebook import Notebook
from ingest.polling.poller import Poller
from ingest.polling.process import scheduled
from ingest.polling.reader import Reader
from ingest.polling.schedule import Schedule, Scope
from ingest.records import Record, Records
from ingest.subscribed import SUBSCRIBED_AT, seen
from runtime.clock import Clock, wall_ms
from runtime.health import Health
from runtime.instruments import Instruments
from runtime.seal import Sealer

ACCOUNT = Account("list", "1", "One", "brand", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
POLLING = Polling(page_size=40)
ACTIONS: dict[int, Failure] = {
    413: Failure("smaller", "too_much"),
    401: Failure("reauthorise", "expired"),
    403: Failure("forbidden", "no_right"),
    429: Failure("wait", "slow_down"),
    500: Failure("retry", "broken"),
}
NOW = 1_790_000_000_000
EXPIRES = 4_000_000_000_000


class Written(Producer):
    """Takes everything, unless it is told that Kafka is away."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.refused: set[str] = set()
        self._lock = threading.Lock()

    def write(self, records: Sequence[Record]) -> Offsets:
        with self._lock:
            if any(record.topic in self.refused for record in records):
                raise KafkaAway
            self.records += records
            return {record.topic: {record.partition: len(self.records)} for record in records}

    def cursors(self) -> list[Cursor]:
        found = [one.value for one in self.records if one.topic == topics.CURSORS.name]
        return [codec.decoder(Cursor)(value or b"") for value in found]


class Answers(Http):
    """Answers with one status after the other, then with 200."""

    def __init__(self, *statuses: int, headers: Mapping[str, str] | None = None) -> None:
        self.statuses = list(statuses)
        self.headers = dict(headers or {})
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._lock = threading.Lock()

    def get(
        self, url: str, params: Mapping[str, str], headers: Mapping[str, str], form: Mapping[str, str] | None = None
    ) -> Response:
        with self._lock:
            self.asked.append((url.partition("/v1")[2], dict(params)))
            status = self.statuses.pop(0) if self.statuses else 200
        return Response(status, self.headers if status != 200 else {}, b"{}")


def reading(job: Job, path: str) -> Reading:
    """Asks for one page, for half as much if that is too much."""
    size = job.polling.page_size
    while True:
        answer = yield Request(path, {"limit": str(size), "back_to": str(job.back_to)}, cost=3)
        assert answer is not None
        if answer.failure is None:
            return {"read": answer.as_of, TOKEN_EXPIRES_AT: EXPIRES}
        size //= 2


def items(_job: Job) -> list[Item]:
    return [Item("a", wall_ms() - 3 * 86_400_000)]


PLATFORM = Platform(
    "list",
    poll=Poll(
        base_url=Setting("list_url", "text", default="https://list.example/v1"),
        token=Setting("list_access", "secret", required=False),
        secrets=None,
        sources=(
            Source("posts", lambda polling: polling.posts_seconds, lambda job: Plan([reading(job, "/p")]), items=items),
            Source("below", lambda _polling: 300, lambda job: Plan([reading(job, "/b")]), after="posts"),
        ),
        authorise=lambda _token, _secrets: ({}, {}),
        failure=lambda status, _body: ACTIONS.get(status),
        usage=lambda _headers: None,
        limits=(Limit("app", 1000, zone="UTC"),),
    ),
)


class Run:
    """A poller and everything around it; `play` until it is through."""

    def __init__(self, http: Answers, scope: Scope | None = None, cursors: Mapping[str, Cursor] | None = None) -> None:
        self.http, self.written = http, Written()
        scope = scope or Scope(once=True)
        config = Config(accounts=(ACCOUNT,), polling=POLLING)
        records, instruments, clock = Records(Partitions()), Instruments(), Clock()
        intake = Intake(config, {"list": PLATFORM}, "an identity key", Sealer(["a key for tests"]), records)
        assert PLATFORM.poll is not None
        access = Access(PLATFORM, PLATFORM.poll, "https://list.example/v1", lambda: "token", ())
        self.lanes = Lanes(1.0, clock)
        self.lane = self.lanes.of(access, ACCOUNT.id)
        found = scheduled([(ACCOUNT, access)], POLLING, cursors or {}, {}, self.lanes, scope)
        self.schedules: dict[str, Schedule] = {one.source.name: one for one in found}
        self.watch = Watch(records, clock.now_ms, wall_ms)
        is_lasting = scope.channel == "poll"
        self.poller = Poller(
            POLLING,
            list(self.schedules.values()),
            self.lanes,
            Reader(
                http, intake, self.written, records, clock, instruments, channel=scope.channel, is_lasting=is_lasting
            ),
            Notebook(POLLING, self.written, records, self.watch, clock, instruments, Health(), is_lasting=is_lasting),
            clock,
            instruments,
            lambda: self.is_over(),
            concurrency=2,
            scope=scope,
        )

    def is_over(self) -> bool:
        return False

    def health(self, name: str) -> SourceHealth:
        return self.watch.health(self.schedules[name].watched)


def test_what_follows_a_listing_is_read_after_it_and_both_leave_their_cursor() -> None:
    run = Run(Answers())
    assert run.poller.run()
    assert [path for path, _ in run.http.asked] == ["/p", "/b"]
    assert [(one.source, one.healthy) for one in run.written.cursors()] == [
        ("list:1:posts", True),
        ("list:1:below", True),
    ]
    assert run.health("posts").state == "healthy"
    assert run.health("posts").token_expires_at == EXPIRES


def test_errors_that_pass_are_tried_again_and_pages_that_are_too_large_shrink_for_the_next_poll_too() -> None:
    run = Run(Answers(500, 413, 413))
    assert run.poller.run()
    asked = [params["limit"] for path, params in run.http.asked if path == "/p"]
    assert asked == ["40", "40", "20", "10"]
    assert run.schedules["posts"].entry.page_size == 10


def test_a_limit_is_waited_for_as_long_as_it_says_and_the_reading_goes_on_where_it_was() -> None:
    run = Run(Answers(413, 429, headers={"retry-after": "1"}))
    assert run.poller.run()
    assert [params["limit"] for path, params in run.http.asked if path == "/p"] == ["40", "20", "20"]
    assert run.health("posts").state == "healthy"


@pytest.mark.parametrize(("status", "problem"), [(401, "token_expired"), (403, "permission_lost")])
def test_what_needs_a_person_is_said_and_not_tried_again(status: int, problem: str) -> None:
    run = Run(Answers(*[status] * 9))
    assert not run.poller.run()
    assert [path for path, _ in run.http.asked] == ["/p"]
    assert (run.health("posts").state, run.health("posts").problem) == ("failing", problem)
    assert [(one.source, one.healthy) for one in run.written.cursors()] == [("list:1:posts", False)]


@pytest.mark.parametrize("status", [401, 403])
def test_what_is_optional_and_not_permitted_is_an_answer_to_the_reading(status: int) -> None:
    told: list[Answer | None] = []

    def optional(_job: Job) -> Reading:
        told.append((yield Request("/o", {}, is_optional=True)))
        return {}

    run = Run(Answers(status))
    schedule = run.schedules["posts"]
    schedule.source = replace(schedule.source, plan=lambda job: Plan([optional(job)]))
    assert run.poller.run()
    assert [answer.failure and answer.failure.action for answer in told if answer] == [ACTIONS[status].action]
    assert run.health("posts").state == "healthy"


def test_a_subscription_that_is_gone_is_what_is_wrong_with_its_source() -> None:
    def lost(_job: Job) -> Reading:
        yield Request("/s", {})
        return seen({SUBSCRIBED_AT: wall_ms()}, wall_ms(), is_there=False)

    run = Run(Answers())
    schedule = run.schedules["posts"]
    schedule.source = replace(schedule.source, plan=lambda job: Plan([lost(job)]))
    assert not run.poller.run()
    assert (run.health("posts").state, run.health("posts").problem) == ("failing", "subscription_deleted")


def test_a_poll_that_somebody_asked_for_knows_it() -> None:
    told: list[bool] = []

    def noting(job: Job) -> Reading:
        told.append(job.is_woken)
        yield Request("/w", {})
        return {}

    run = Run(Answers())
    schedule = run.schedules["posts"]
    schedule.source = replace(schedule.source, plan=lambda job: Plan([noting(job)]))
    schedule.entry.wake(0.0)
    assert run.poller.run()
    assert told == [True]
    assert not schedule.entry.is_woken


def test_each_answer_brings_a_receipt_of_its_own_that_names_the_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Receipt] = []

    def noting(_job: Job) -> Reading:
        for path in ("/1", "/2"):
            answer = yield Request(path, {})
            assert answer is not None
            told.append(answer.receipt)
        return {}

    ticks, begins = itertools.count(NOW), wall_ms()
    monkeypatch.setattr(reader, "wall_ms", lambda: next(ticks))
    run = Run(Answers(), Scope(once=True, channel="backfill"))
    schedule = run.schedules["posts"]
    schedule.source = replace(schedule.source, plan=lambda job: Plan([noting(job), noting(job)]))
    assert run.poller.run()
    (poll_id,) = {receipt.source_id for receipt in told}
    source, _, began = poll_id.partition("@")
    assert source == "list:1:posts"
    assert begins <= int(began) <= wall_ms()
    assert {(receipt.channel, *receipt.accounts) for receipt in told} == {("backfill", ACCOUNT.id)}
    assert len({receipt.received_at for receipt in told}) == 4


def test_what_is_read_back_goes_further_back_and_says_nothing_of_cursors_and_health() -> None:
    run = Run(Answers(), Scope(once=True, channel="backfill", since=1_700_000_000_000))
    assert run.poller.run()
    assert [params["back_to"] for _, params in run.http.asked] == ["1700000000000"] * 2
    assert run.written.records == []


def test_only_what_is_asked_for_and_what_it_follows_is_read() -> None:
    def only(name: str) -> Scope:
        return Scope(once=True, only=lambda schedule: schedule.source.name == name)

    assert set(Run(Answers(), only("posts")).schedules) == {"posts"}
    assert set(Run(Answers(), only("below")).schedules) == {"posts", "below"}


def test_what_a_day_has_cost_outlives_the_process() -> None:
    first = Run(Answers(413))
    first.poller.run()
    cursors = {one.source: one for one in first.written.cursors()}
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    assert cursors["list:1:posts"].spent == {today: 6}
    spent = {source: codec.decoder(Cursor)(codec.encode(one)) for source, one in cursors.items()}
    again = Run(Answers(), cursors=spent)
    again.poller.run()
    assert {one.source: one.spent for one in again.written.cursors()} == {
        "list:1:posts": {today: 9},
        "list:1:below": {today: 6},
    }


def test_a_day_that_was_spent_before_the_process_began_is_spent() -> None:
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    spent = Cursor(1, "list:1:posts", "list", "1", None, 0, True, wall_ms(), spent={today: 1000})
    run = Run(Answers(), cursors={spent.source: spent})
    (budget,) = run.lane.gate.budgets
    assert budget.ready_at(5000.0) > 5000.0


def test_what_the_poller_spent_is_not_taken_from_what_is_read_beside_it() -> None:
    today = f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"
    spent = Cursor(1, "list:1:posts", "list", "1", None, 0, True, wall_ms(), spent={today: 1000})
    run = Run(Answers(), Scope(once=True, channel="backfill"), cursors={spent.source: spent})
    (budget,) = run.lane.gate.budgets
    assert budget.ready_at(5000.0) == 5000.0


def test_a_host_whose_clock_is_ahead_is_not_believed() -> None:
    run = Run(Answers(413, headers={"date": "Fri, 01 Jan 2100 00:00:00 GMT"}))
    assert run.poller.run()
    assert (run.schedules["posts"].known.started_at or 0) <= wall_ms()


def test_a_host_is_asked_again_though_there_was_no_token_when_it_was_to_be_probed() -> None:
    run = Run(Answers())
    posts, breaker = run.schedules["posts"], run.lane.gate.host.breaker
    for _ in range(FAILURES):
        breaker.failed(-FIRST_PAUSE_SECONDS)
    tokens = iter([None])

    def token() -> str:
        if next(tokens, "token") is None:
            raise PollFailed("no_token")
        return "token"

    posts.access = replace(posts.access, token=token)
    deadline = time.monotonic() + 20
    run.is_over = lambda: time.monotonic() > deadline  # type: ignore[method-assign]
    assert run.poller.run()
    assert [path for path, _ in run.http.asked] == ["/p", "/b"]


def test_without_its_cursor_written_a_poll_has_failed() -> None:
    run = Run(Answers(), Scope())
    run.written.refused = {topics.CURSORS.name}
    failures = run.schedules["posts"].entry
    run.is_over = lambda: failures.failures > 0  # type: ignore[method-assign]
    assert not run.poller.run()
    assert run.schedules["posts"].known.state["read"]
    assert run.health("posts").problem == "kafka_away"


def test_who_is_woken_is_polled_before_it_is_due() -> None:
    run = Run(Answers(), Scope())
    posts = run.schedules["posts"].entry
    run.is_over = lambda: posts.successes > 1  # type: ignore[method-assign]
    threading.Timer(0.2, run.poller.wake, ["list:1:posts"]).start()
    run.poller.run()
    asked = [params for path, params in run.http.asked if path == "/p"]
    assert len(asked) == 2
    everything, an_hour = (wall_ms() - int(params["back_to"]) for params in asked)
    assert everything >= 30 * 86_400_000
    assert an_hour < 3_700_000
