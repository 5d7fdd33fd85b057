"""The days before those that are read all the time: once, by reports that the platform makes in the background.

A poll starts a report, a later one finds it made, so that nothing waits for it and a restart goes on with it. Reports
stall and fail, mostly since they are too large: then the next one is for half as many days. The newest days come first.
"""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import msgspec
from msgspec import Struct

from ingest.asking import ask, whole
from ingest.meta import listing
from ingest.platforms import Answer, Job, Plan, PollFailed, Reading, State
from ingest.platforms.meta_ads import facts, requests
from ingest.platforms.meta_ads.facts import RESTATED_DAYS, Asked

LONGEST_DAYS = 1100
"""How far back the platform knows anything."""
MOST_DAYS = 28
STALLED_MS = 5 * 60_000
"""A report of which nothing is made by then never will be."""
TOO_LONG_MS = 30 * 60_000
MOST_TRIES = 3

_FAILED = frozenset(("Job Failed", "Job Skipped"))
_DONE = "Job Completed"
_LOADED, _RUN, _DAYS, _TRIES = "loaded", "run", "days", "tries"


class _Started(Struct):
    report_run_id: str | int | None = None


class _Status(Struct):
    async_status: str | None = None
    async_percent_completion: int | None = None


class Run(NamedTuple):
    """A report under way, for the days from `since` to `until`."""

    run_id: str
    since: date
    until: date
    started_at: int

    def __str__(self) -> str:
        return f"{self.run_id} {self.since} {self.until} {self.started_at}"

    @classmethod
    def parse(cls, text: object) -> "Run | None":
        """Undo `str`; None for what is none."""
        try:
            run_id, since, until, started_at = str(text).split(" ")
            return cls(run_id, date.fromisoformat(since), date.fromisoformat(until), int(started_at))
        except ValueError:
            return None


_started = msgspec.json.Decoder(_Started)
_status = msgspec.json.Decoder(_Status)


def today_of(job: Job) -> date:
    """The account's own date."""
    return date_of(job, job.now)


def date_of(job: Job, at: int) -> date:
    """The account's date at an instant."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(job.zone).date()


def plan_reports(job: Job) -> Plan:
    """The next report of the days since the account was connected; nothing once all of them are there.

    A backfill reads days by itself, and knows of no report.
    """
    if job.back_to is not None:
        return Plan([])
    state, today = job.known["reports"].state, today_of(job)
    first = max(date_of(job, int(job.account.connected_at.timestamp() * 1000)), today - timedelta(days=LONGEST_DAYS))
    told = state.get(_LOADED)
    loaded = date.fromisoformat(told) if isinstance(told, str) else today - timedelta(days=RESTATED_DAYS)
    if loaded <= first:
        return Plan([], {_LOADED: loaded.isoformat()})
    run = Run.parse(state.get(_RUN))
    days, tries = _number(state.get(_DAYS), MOST_DAYS), _number(state.get(_TRIES), 0)
    if run is None:
        since = max(first, loaded - timedelta(days=days))
        return Plan([_start(job, since, loaded - timedelta(days=1), days, tries)])
    return Plan([_follow(job, run, days, tries)])


def _number(found: object, default: int) -> int:
    return found if isinstance(found, int) else default


def _start(job: Job, since: date, until: date, days: int, tries: int) -> Reading:
    answer = yield from ask(requests.start_report(job.account.id, "ad", since, until))
    loaded = until + timedelta(days=1)
    if answer.failure is not None and answer.failure.action == "smaller" and days > 1:
        return _state(loaded, None, days // 2, tries)
    try:
        run_id = _started.decode(whole(answer).body).report_run_id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        run_id = None
    if run_id is None or " " in str(run_id):
        raise PollFailed("no_report")
    return _state(loaded, Run(str(run_id), since, until, job.now), days, tries)


def _follow(job: Job, run: Run, days: int, tries: int) -> Reading:
    answer = yield from ask(requests.report(run.run_id))
    loaded = run.until + timedelta(days=1)
    if answer.failure is None:
        status = _told(answer)
        if status.async_status == _DONE:
            request, answer = yield from listing.ask(requests.report_rows(run.run_id))
            yield from listing.read(
                request,
                answer,
                job.base_url,
                lambda page, got: facts.of_page(Asked(job.account, "ad", date_of(job, got.as_of)), page, got),
            )
            return _state(run.since, None, days, 0)
        if not _is_lost(status, job.now - run.started_at):
            return _state(loaded, run, days, tries)
    span = (run.until - run.since).days + 1
    if span == 1 and tries >= MOST_TRIES:
        raise PollFailed("report_failed", needs_help=True)
    return _state(loaded, None, max(1, span // 2), tries + (span == 1))


def _told(answer: Answer) -> _Status:
    try:
        return _status.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Status()


def _is_lost(status: _Status, age_ms: int) -> bool:
    """All of it may be made and the report still be said to run: that is for the status to say, in its time."""
    if status.async_status in _FAILED or age_ms > TOO_LONG_MS:
        return True
    return age_ms > STALLED_MS and not status.async_percent_completion


def _state(loaded: date, run: Run | None, days: int, tries: int) -> State:
    return {_LOADED: loaded.isoformat(), _RUN: str(run) if run else None, _DAYS: days, _TRIES: tries}
