"""When what is polled: each source of each account on its own schedule, its readings side by side in a few threads.

One thread, the caller's, decides everything; the others only read. A cursor is written when all readings of a poll
have been acknowledged, never before.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from zoneinfo import ZoneInfo

from contracts import metrics
from contracts.config import Account, Config
from contracts.events import SCHEMA, Cursor, Listing
from ingest.intake import Intake
from ingest.kafka import KafkaAway, Offsets, Producer, merge
from ingest.platforms import Job, Known, PollFailed, Reading, Source, State
from ingest.polling.reader import Access, Read, Reader
from ingest.records import Records
from runtime.clock import Clock, wall_ms
from runtime.health import Health
from runtime.instruments import Instruments
from runtime.logging import get_logger

ROUND_SECONDS = 1.0
FIRST_RETRY_SECONDS = 1.0
TRIES_OF_ONE_ROUND = 20

log = get_logger()


@dataclass(slots=True)
class _Poll:
    """A poll under way."""

    state: State
    readings: int
    pending: int
    started_at: int | None
    memory: dict[str, Listing | None] = field(default_factory=dict)
    produced: Offsets = field(default_factory=dict)
    failure: str | None = None
    needs_help: bool = False


@dataclass(slots=True)
class _Schedule:
    """A source of an account: when it is due, what is known of it, and its poll while there is one.

    `produced` is what was written since the last success: a cursor speaks for failed polls before it as well.
    """

    account: Account
    access: Access
    source: Source
    known: Known
    produced: Offsets
    due: float = 0.0
    failures: int = 0
    successes: int = 0
    poll: _Poll | None = None
    is_over: bool = False

    @property
    def name(self) -> str:
        return f"{self.account.platform}:{self.account.id}:{self.source.name}"


_Finished = tuple[_Schedule, Future[Read] | None]


class Poller:
    """Polls `accounts` until stopped, or, with `once`, until each source has been read one time.

    What is in `cursors` is not read again; without them everything is. `memory`: source -> object -> its last listing.
    """

    def __init__(
        self,
        config: Config,
        accounts: Sequence[tuple[Account, Access]],
        cursors: Mapping[str, Cursor],
        memory: Mapping[str, Mapping[str, Listing]],
        reader: Reader,
        intake: Intake,
        producer: Producer,
        records: Records,
        clock: Clock,
        instruments: Instruments,
        health: Health,
        stop: threading.Event,
        *,
        concurrency: int,
        once: bool,
    ) -> None:
        self._config = config
        self._reader = reader
        self._intake = intake
        self._producer = producer
        self._records = records
        self._clock = clock
        self._instruments = instruments
        self._health = health
        self._stop = stop
        self._once = once
        self._finished: SimpleQueue[_Finished] = SimpleQueue()
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="reading")
        self._schedules = [
            _schedule(account, access, source, cursors, memory)
            for account, access in accounts
            for source in access.poll.sources
        ]
        self._tick_due = 0.0

    def run(self) -> bool:
        """Poll; whether every source succeeded the last time."""
        try:
            while not self._stop.is_set() and not (self._once and all(s.is_over for s in self._schedules)):
                self._start_due()
                self._tick()
                self._take_finished()
                self._health.progress()
                self._instruments.gauge(metrics.LAST_PROGRESS).labels("poller").set_to_current_time()
        finally:
            self._stop.set()
            self._threads.shutdown(cancel_futures=True)
        return all(schedule.failures == 0 for schedule in self._schedules)

    def _start_due(self) -> None:
        now = time.monotonic()
        for schedule in self._schedules:
            if schedule.poll is None and not schedule.is_over and schedule.due <= now and self._may_start(schedule):
                self._start(schedule)

    def _may_start(self, schedule: _Schedule) -> bool:
        after = schedule.source.after
        if after is None:
            return True
        needed = next(s for s in self._of_account(schedule) if s.source.name == after)
        if self._once and needed.is_over and not needed.successes:
            schedule.is_over, schedule.failures = True, 1
        return needed.successes > 0 and needed.poll is None

    def _start(self, schedule: _Schedule) -> None:
        account = schedule.account
        job = Job(
            account=account,
            zone=ZoneInfo(account.zone),
            polling=self._config.polling,
            base_url=schedule.access.base_url,
            now=self._clock.now_ms(),
            known={s.source.name: s.known for s in self._of_account(schedule)},
            receipt=self._intake.receipt(account.platform, "poll", f"{schedule.name}@{wall_ms()}", wall_ms()),
            settings=schedule.access.settings,
        )
        plan = schedule.source.plan(job)
        # What follows a listing is as old as that listing: it says what there is to read.
        started_at = job.known[schedule.source.after].started_at if schedule.source.after else None
        schedule.poll = _Poll(dict(plan.kept), len(plan.readings), len(plan.readings), started_at)
        if not plan.readings:
            self._finished.put((schedule, None))
        for reading in plan.readings:
            self._submit(schedule, reading)

    def _submit(self, schedule: _Schedule, reading: Reading) -> None:
        future = self._threads.submit(self._reader.run, schedule.access, schedule.name, reading)
        future.add_done_callback(lambda done: self._finished.put((schedule, done)))

    def _take_finished(self) -> None:
        try:
            schedule, future = self._finished.get(timeout=ROUND_SECONDS)
            while True:
                self._take(schedule, future)
                schedule, future = self._finished.get_nowait()
        except Empty:
            return

    def _take(self, schedule: _Schedule, future: Future[Read] | None) -> None:
        poll = schedule.poll
        assert poll is not None, "a reading finished outside a poll"
        if future is not None:
            poll.pending -= 1
            try:
                read = future.result()
            except PollFailed as error:
                poll.failure = poll.failure or error.reason
                poll.needs_help |= error.needs_help
            else:
                poll.state |= read.state
                poll.memory |= read.memory
                merge(poll.produced, read.produced)
                if read.started_at is not None:
                    poll.started_at = min(read.started_at, poll.started_at or read.started_at)
        if poll.pending == 0:
            schedule.poll = None
            self._finish(schedule, poll)

    def _finish(self, schedule: _Schedule, poll: _Poll) -> None:
        """Write the cursor, and decide when to come again. What was read of a failed poll is not read again."""
        labels = (schedule.account.platform, schedule.account.id, schedule.source.name)
        interval = float(schedule.source.interval(self._config.polling))
        merge(schedule.produced, poll.produced)
        remembered = schedule.known.memory | poll.memory
        memory = {name: listing for name, listing in remembered.items() if listing is not None}
        if poll.failure is None:
            followed = {name: listing for name, listing in memory.items() if name in poll.state}
            read = Known(poll.started_at, poll.state, followed)
            if not self._write_cursor(schedule, read, healthy=True):
                poll.failure = "kafka_away"
        self._instruments.gauge(metrics.POLL_HEALTHY).labels(*labels).set(0 if poll.failure else 1)
        if poll.failure is None:
            schedule.known = read
            schedule.produced = {}
            schedule.successes += 1
            schedule.failures = 0
            schedule.is_over = self._once
            schedule.due = time.monotonic() + interval
            self._instruments.gauge(metrics.POLL_LAST_SUCCESS).labels(*labels).set_to_current_time()
            log.info("source_polled", source=schedule.name, readings=poll.readings)
            return
        schedule.known = Known(schedule.known.started_at, schedule.known.state | poll.state, memory)
        schedule.failures += 1
        log.warning("poll_failed", source=schedule.name, reason=poll.failure, failures=schedule.failures)
        self._write_cursor(schedule, schedule.known, healthy=False)
        stopped_until = schedule.access.budget.stopped_until
        retry = min(interval, FIRST_RETRY_SECONDS * 2 ** min(schedule.failures - 1, 10))
        now = time.monotonic()
        schedule.due = stopped_until if stopped_until > now else now + (interval if poll.needs_help else retry)
        schedule.is_over = self._once and (poll.needs_help or schedule.failures >= TRIES_OF_ONE_ROUND)

    def _write_cursor(self, schedule: _Schedule, known: Known, *, healthy: bool) -> bool:
        cursor = Cursor(
            schema=SCHEMA,
            source=schedule.name,
            platform=schedule.account.platform,
            account_id=schedule.account.id,
            started_at=known.started_at,
            overlap_ms=self._config.polling.overlap_seconds * 1000,
            healthy=healthy,
            recorded_at=self._clock.now_ms(),
            state=known.state,
            produced=schedule.produced,
        )
        try:
            self._producer.write([self._records.of_cursor(cursor)])
        except KafkaAway:
            return False
        return True

    def _tick(self) -> None:
        now = time.monotonic()
        if now < self._tick_due:
            return
        self._tick_due = now + self._config.polling.tick_seconds
        try:
            self._producer.write(self._records.ticks(self._clock.now_ms()))
        except KafkaAway:
            log.warning("tick_not_written")

    def _of_account(self, schedule: _Schedule) -> Iterator[_Schedule]:
        return (s for s in self._schedules if s.access is schedule.access)


def _schedule(
    account: Account,
    access: Access,
    source: Source,
    cursors: Mapping[str, Cursor],
    memory: Mapping[str, Mapping[str, Listing]],
) -> _Schedule:
    schedule = _Schedule(account, access, source, Known(), {})
    schedule.known = Known(memory=dict(memory.get(schedule.name, {})))
    cursor = cursors.get(schedule.name)
    if cursor is not None:
        schedule.known.started_at = cursor.started_at
        schedule.known.state = dict(cursor.state)
        if not cursor.healthy:
            merge(schedule.produced, cursor.produced)
    return schedule
