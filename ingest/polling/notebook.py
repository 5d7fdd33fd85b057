"""What the poller writes of itself: cursors, the time, and how its sources fare."""

import time
from collections.abc import Callable
from typing import Protocol

from contracts import metrics
from contracts.config import Account, Polling
from contracts.events import SCHEMA, Cursor
from contracts.health import Watched
from ingest.health import Watch
from ingest.kafka import KafkaAway, Offsets, Producer
from ingest.platforms import LEASE_EXPIRES_AT, TOKEN_EXPIRES_AT, Known, PollFailed
from ingest.polling.agenda import Entry
from ingest.records import Records
from runtime.clock import Clock
from runtime.health import Health
from runtime.instruments import Instruments
from runtime.logging import get_logger

WATCH_SECONDS = 1.0
FAILURES = 3
"""So many in a row, and a source is no longer only being tried again."""

log = get_logger()


class Noted(Protocol):
    """What is noted of a source."""

    account: Account
    entry: Entry
    produced: Offsets
    spent: dict[str, int]

    @property
    def watched(self) -> Watched: ...


class Notebook:
    """Used by one thread. With `is_lasting` False nothing is said of the sources: then they are another poller's.

    What is to be done `beside` is done once a round."""

    def __init__(
        self,
        polling: Polling,
        producer: Producer,
        records: Records,
        watch: Watch,
        clock: Clock,
        instruments: Instruments,
        health: Health,
        *,
        is_lasting: bool = True,
        beside: Callable[[], None] = lambda: None,
    ) -> None:
        self._polling = polling
        self._producer = producer
        self._records = records
        self._watch = watch
        self._clock = clock
        self._instruments = instruments
        self._health = health
        self._is_lasting = is_lasting
        self._beside = beside
        self._tick_due = self._watch_due = 0.0

    def keep(self) -> None:
        """Once a round: that this process works, what time it is, and what is new of its sources."""
        self._health.progress()
        self._beside()
        self._instruments.gauge(metrics.LAST_PROGRESS).labels("poller").set_to_current_time()
        now = time.monotonic()
        if self._is_lasting and now >= self._tick_due:
            self._tick_due = now + self._polling.tick_seconds
            self._write_ticks()
        if self._is_lasting and now >= self._watch_due:
            self._watch_due = now + WATCH_SECONDS
            self.write_health()

    def write_health(self) -> None:
        """What is due to be said of the sources."""
        try:
            self._producer.write([*self._watch.due(), *self._watch.strangers("poll")])
        except KafkaAway:
            self._watch.again()

    def heard(self, schedule: Noted, event_at: int) -> None:
        """A reading brought events, the newest of which occurred then."""
        self._watch.saw(schedule.watched, event_at)

    def succeeded(self, schedule: Noted, read: Known) -> None:
        """A poll has read everything, and its cursor is written."""
        self._watch.succeeded(schedule.watched)
        if isinstance(lease := read.state.get(LEASE_EXPIRES_AT), int):
            self._watch.leased(schedule.watched, lease)
        if isinstance(token := read.state.get(TOKEN_EXPIRES_AT), int):
            self._watch.token_expires(schedule.watched, token)

    def failed(self, schedule: Noted, error: PollFailed) -> None:
        """A poll has failed; a first time may be an accident."""
        is_failing = error.needs_help or schedule.entry.failures >= FAILURES
        self._watch.failed(schedule.watched, error.problem, state="failing" if is_failing else "degraded")

    def write_cursor(self, schedule: Noted, known: Known, *, healthy: bool) -> bool:
        """How far the source is read; whether that is written."""
        if not self._is_lasting:
            return True
        platform, account_id, _, _ = schedule.watched
        cursor = Cursor(
            schema=SCHEMA,
            source=schedule.watched.source,
            platform=platform,
            account_id=account_id,
            started_at=known.started_at,
            overlap_ms=self._polling.overlap_seconds * 1000,
            healthy=healthy,
            recorded_at=self._clock.now_ms(),
            state=known.state,
            produced=schedule.produced,
            spent=schedule.spent,
        )
        try:
            self._producer.write([self._records.of_cursor(cursor)])
        except KafkaAway:
            return False
        return True

    def _write_ticks(self) -> None:
        try:
            self._producer.write(self._records.ticks(self._clock.now_ms()))
        except KafkaAway:
            log.warning("tick_not_written")
