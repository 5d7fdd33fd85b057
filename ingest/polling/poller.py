"""The poller: each source of each account when it is due, its readings side by side in a few threads.

One thread, the caller's, decides everything, by what `agenda` and `turns` say; the others make one request at a time.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from random import Random
from zoneinfo import ZoneInfo

from msgspec import structs

from contracts import metrics
from contracts.config import Polling
from ingest.kafka import merge
from ingest.platforms import Item, Job, Known, PollFailed, Reading
from ingest.polling.access import Lanes
from ingest.polling.agenda import EVERYTHING, back_to
from ingest.polling.notebook import Notebook
from ingest.polling.reader import Errand, Reader, Trip
from ingest.polling.schedule import Round, Schedule, Scope
from ingest.polling.turns import LONGEST_HOLD_SECONDS, Lane, Turn, Turns
from runtime.clock import Clock, wall_ms
from runtime.instruments import Instruments
from runtime.logging import get_logger

ROUND_SECONDS = 1.0
ATTEMPTS = 5
"""Times that a request is made before its poll has failed."""
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 10.0
TRIES_OF_ONE_ROUND = 20
LONGEST_LOOK_SECONDS = 60.0

log = get_logger()


@dataclass(eq=False, slots=True)
class _Task:
    """A request that waits for its turn: whose it is, and how urgent."""

    schedule: Schedule
    errand: Errand
    deadline: float


_Finished = tuple[Turn[_Task], Future[Trip]]


class Poller:
    """Polls until stopped or, within a scope that is read once, until that is through."""

    def __init__(
        self,
        polling: Polling,
        schedules: Sequence[Schedule],
        lanes: Lanes,
        reader: Reader,
        notebook: Notebook,
        clock: Clock,
        instruments: Instruments,
        is_stopped: Callable[[], bool],
        *,
        concurrency: int,
        scope: Scope,
        random: Random | None = None,
    ) -> None:
        self._polling = polling
        self._schedules = schedules
        self._lanes = lanes
        self._reader = reader
        self._notebook = notebook
        self._clock = clock
        self._instruments = instruments
        self._is_stopped = is_stopped
        self._concurrency = concurrency
        self._scope = scope
        self._random = random or Random()
        self._turns: Turns[_Task] = Turns()
        self._under_way = 0
        self._look_at = 0.0
        self._refuse_at = 0.0
        self._finished: SimpleQueue[_Finished] = SimpleQueue()
        self._woken: SimpleQueue[str] = SimpleQueue()
        self._siblings: dict[tuple[str, str], list[Schedule]] = {}
        for schedule in schedules:
            self._siblings.setdefault((schedule.account.platform, schedule.account.id), []).append(schedule)

    def wake(self, source: str) -> None:
        """There is something new to read there; from any thread. One that is not polled here is passed over."""
        self._woken.put(source)

    def run(self) -> bool:
        """Poll; whether every source succeeded the last time."""
        threads = ThreadPoolExecutor(self._concurrency, thread_name_prefix="reading")
        try:
            while not self._is_stopped():
                self._start_due()
                if self._scope.once and all(schedule.is_over for schedule in self._schedules):
                    break
                self._notebook.keep()
                self._go(threads)
                self._take_finished()
        finally:
            threads.shutdown(cancel_futures=True)
        return all(schedule.entry.failures == 0 for schedule in self._schedules)

    # -- polls begin -----------------------------------------------------------------------------------------------

    def _start_due(self) -> None:
        now = time.monotonic()
        woken = {self._woken.get() for _ in range(self._woken.qsize())}
        for schedule in self._schedules if woken else ():
            if schedule.name in woken:
                schedule.entry.wake(now)
                self._look_at = 0.0
        if now < self._look_at:
            return
        idle = [s for s in self._schedules if s.poll is None and not s.is_over]
        self._look_at = min((s.entry.due for s in idle if s.entry.due > now), default=now + LONGEST_LOOK_SECONDS)
        for schedule in idle:
            if schedule.entry.due <= now:
                opens_at = self._lanes.of(schedule.access, schedule.account.id).opens_at(now)
                if opens_at - now > LONGEST_HOLD_SECONDS:
                    schedule.entry.due = opens_at
                    self._look_at = min(self._look_at, opens_at)
                elif self._may_start(schedule):
                    self._start(schedule, now)

    def _may_start(self, schedule: Schedule) -> bool:
        after = schedule.source.after
        if after is None:
            return True
        needed = next(s for s in self._of_account(schedule) if s.source.name == after)
        if self._scope.once and needed.is_over and not needed.entry.successes:
            schedule.is_over, schedule.entry.failures = True, 1
        return needed.entry.successes > 0 and needed.poll is None

    def _start(self, schedule: Schedule, now: float) -> None:
        job = replace(self._job(schedule), is_woken=schedule.entry.is_woken)
        schedule.entry.is_woken = False
        items = self._items(schedule, job)
        due = schedule.entry.due_items(items, now, job.now)
        if not self._scope.once:
            known = {item.name for item in items}
            job = replace(job, is_due=lambda name: name in due or name not in known)
            if schedule.source.items is not None:
                job = replace(job, back_to=max(job.since, back_to(due, job.now)))
        plan = schedule.source.plan(job)
        # What follows a listing is as old as that listing: it says what there is to read.
        started_at = job.known[schedule.source.after].started_at if schedule.source.after else None
        poll_id = f"{schedule.name}@{wall_ms()}"
        schedule.poll = Round(poll_id, dict(plan.kept), len(plan.readings), now, due, started_at)
        for reading in plan.readings:
            self._set_out(schedule, schedule.poll, reading)
        self._let_go(schedule, schedule.poll)

    def _set_out(self, schedule: Schedule, poll: Round, reading: Reading) -> None:
        """Only what is asked for first is looked at here: no reading finds anything before it asks."""
        errand = Errand(schedule.access, schedule.name, poll.poll_id, reading)
        poll.errands += 1
        trip = self._reader.run(errand)
        self._weigh(_Task(schedule, errand, poll.began + schedule.entry.interval), trip, None, poll.began)

    def _job(self, schedule: Schedule) -> Job:
        account, now = schedule.account, self._clock.now_ms()
        return Job(
            account=account,
            zone=ZoneInfo(account.zone),
            polling=structs.replace(self._polling, page_size=schedule.entry.page_size),
            base_url=schedule.access.base_url,
            now=now,
            known={s.source.name: s.known for s in self._of_account(schedule)},
            settings=schedule.access.settings,
            back_to=self._scope.since,
        )

    def _items(self, schedule: Schedule, job: Job) -> list[Item]:
        if schedule.source.items is None:
            return []
        return [*schedule.source.items(job), Item(EVERYTHING, job.oldest)]

    # -- requests are made ------------------------------------------------------------------------------------------

    def _go(self, threads: ThreadPoolExecutor) -> None:
        now = time.monotonic()
        if now >= self._refuse_at:
            self._refuse_at = now + ROUND_SECONDS
            for refused, lane in self._turns.refused(now):
                problem = "unreachable" if lane.gate.host.breaker.is_open else "rate_limited"
                self._end(refused, PollFailed(problem))
        while self._under_way < self._concurrency and (turn := self._turns.take(now)) is not None:
            task, lane = turn
            assert task.errand.request is not None, "what waits for its turn asks for something"
            self._note_spent(task, lane)
            self._under_way += 1
            future = threads.submit(self._reader.run, task.errand)
            future.add_done_callback(lambda done, turn=turn: self._finished.put((turn, done)))  # type: ignore[misc]

    def _note_spent(self, task: _Task, lane: Lane) -> None:
        """What counts days is remembered in the cursor, for the day outlives the process."""
        request = task.errand.request
        for budget in (*lane.gate.budgets, *lane.budgets):
            day = budget.today()
            if day is not None and request is not None:
                task.schedule.spent = {day: task.schedule.spent.get(day, 0) + request.cost}

    def _take_finished(self) -> None:
        now = time.monotonic()
        wakes_at = self._turns.wakes_at(now) if self._under_way < self._concurrency else None
        soonest = min(now + ROUND_SECONDS, self._look_at, now + ROUND_SECONDS if wakes_at is None else wakes_at)
        try:
            turn, future = self._finished.get(timeout=max(0.001, soonest - now))
            while True:
                self._under_way -= 1
                self._turns.finished(turn.lane)
                self._weigh(turn.task, future.result(), turn.lane, time.monotonic())
                turn, future = self._finished.get_nowait()
        except Empty:
            return

    def _weigh(self, task: _Task, trip: Trip, lane: Lane | None, now: float) -> None:
        """Draw the consequences of a request for everybody's limits, and for the reading that made it."""
        errand = task.errand
        if lane is not None:
            self._note(task, trip, lane, now)
        if trip.error is not None:
            self._end(task, trip.error)
        elif trip.again is not None:
            errand.attempts += 1
            if errand.attempts >= ATTEMPTS:
                problem = "unreachable" if trip.is_answered is False else "platform_error"
                self._end(task, PollFailed(trip.again, problem=problem))
                return
            longest = min(FIRST_BACKOFF_SECONDS * 2**errand.attempts, LONGEST_BACKOFF_SECONDS)
            self._queue(task, not_before=now + max(trip.retry_after, self._random.uniform(longest / 2, longest)))
        elif errand.is_over:
            self._end(task, None)
        else:
            if trip.wait is None:
                errand.attempts = 0
            self._queue(task)

    def _queue(self, task: _Task, not_before: float = 0.0) -> None:
        request = task.errand.request
        assert request is not None, "a reading that goes on asks for something"
        lane = self._lanes.of(task.schedule.access, task.schedule.account.id, request)
        self._turns.put(lane, task, deadline=task.deadline, cost=request.cost, not_before=not_before)

    def _note(self, task: _Task, trip: Trip, lane: Lane, now: float) -> None:
        access, account_id = task.schedule.access, task.schedule.account.id
        if trip.is_answered:
            lane.gate.host.breaker.answered()
        elif trip.is_answered is False:
            lane.gate.host.breaker.failed(now)
        else:
            lane.gate.host.breaker.forgone()
        if trip.usage is not None:
            self._instruments.gauge(metrics.POLL_BUDGET_USED).labels(access.platform.name).set(trip.usage.ratio)
            if (budget := self._lanes.limited(access, account_id, trip.usage.per)) is not None:
                budget.note(now, trip.usage)
        limited = self._lanes.limited(access, account_id)
        if limited is None or limited not in (*lane.gate.budgets, *lane.budgets):
            return  # nothing is limited, or it was asked elsewhere
        if trip.wait is not None:
            limited.stop(now, trip.retry_after, until_reset=trip.wait.until_reset)
        elif trip.retry_after:
            limited.stop(now, trip.retry_after)
        elif trip.is_answered and trip.usage is None:
            limited.passed()

    # -- polls end ---------------------------------------------------------------------------------------------------

    def _end(self, task: _Task, error: PollFailed | None) -> None:
        """A reading is over."""
        schedule, read = task.schedule, task.errand.read
        poll = schedule.poll
        assert poll is not None, "a reading finished outside a poll"
        task.errand.reading.close()
        poll.failure = poll.failure or error
        merge(poll.produced, read.produced)
        poll.memory |= read.memory
        poll.halvings = max(poll.halvings, read.halvings)
        if error is None:
            poll.state |= read.state
            if read.started_at is not None:
                poll.started_at = min(read.started_at, poll.started_at or read.started_at)
        if read.newest_event_at is not None:
            self._notebook.heard(schedule, read.newest_event_at)
        self._let_go(schedule, poll)

    def _let_go(self, schedule: Schedule, poll: Round) -> None:
        poll.errands -= 1
        if poll.errands == 0:
            self._finish(schedule, poll)

    def _finish(self, schedule: Schedule, poll: Round) -> None:
        """Write the cursor, and decide when to come again. What was read of a failed poll is not read again."""
        schedule.poll = None
        self._look_at = 0.0
        now, entry = time.monotonic(), schedule.entry
        merge(schedule.produced, poll.produced)
        remembered = schedule.known.memory | poll.memory
        memory = {name: listing for name, listing in remembered.items() if listing is not None}
        entry.resized(poll.halvings, self._polling.page_size)
        if poll.failure is None:
            followed = {name: listing for name, listing in memory.items() if name in poll.state}
            started_at = schedule.known.started_at if poll.started_at is None else poll.started_at
            read = Known(started_at, poll.state, followed)
            if self._notebook.write_cursor(schedule, read, healthy=True):
                self._succeeded(schedule, poll, read, now)
                return
            poll.failure = PollFailed("kafka_away")
        error = poll.failure
        schedule.known = Known(schedule.known.started_at, schedule.known.state | poll.state, memory)
        opens_at = self._lanes.of(schedule.access, schedule.account.id).opens_at(now)
        entry.failed(now, self._random, not_before=opens_at, needs_help=error.needs_help)
        log.warning("poll_failed", source=schedule.name, reason=error.reason, failures=entry.failures)
        self._notebook.failed(schedule, error)
        self._notebook.write_cursor(schedule, schedule.known, healthy=False)
        schedule.is_over = self._scope.once and (error.needs_help or entry.failures >= TRIES_OF_ONE_ROUND)

    def _succeeded(self, schedule: Schedule, poll: Round, read: Known, now: float) -> None:
        schedule.known = read
        schedule.produced = {}
        job = self._job(schedule)
        finds = schedule.source.after is None
        schedule.entry.succeeded(poll.due, self._items(schedule, job), poll.began, now, job.now, finds=finds)
        schedule.entry.jitter(now, self._random)
        schedule.is_over = self._scope.once
        for following in self._of_account(schedule):  # what a listing shows to have moved is read at once
            if following.source.after == schedule.source.name and following.entry.successes and not following.is_over:
                due = following.entry.next_due(self._items(following, self._job(following)), now, job.now)
                following.entry.due = min(following.entry.due, due)
        self._notebook.succeeded(schedule, read)
        log.info("source_polled", source=schedule.name, readings=poll.readings)

    def _of_account(self, schedule: Schedule) -> Iterator[Schedule]:
        return iter(self._siblings[schedule.account.platform, schedule.account.id])
