"""The loop: poll, fold, apply, over and over; and what happens when the database is away.

Nothing but the stored offsets decides where a round begins, so that it may be cut off anywhere.
"""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

import psycopg

from contracts import tables
from contracts.config import Account
from runtime.health import Health
from runtime.instruments import Instruments
from runtime.logging import get_logger
from sinks.consumer import Consumer, Topics, describe
from sinks.dead_letters import DeadLetters
from sinks.postgres import faults, migrate, offsets, privacy, session
from sinks.postgres.batch import Batch, Reader
from sinks.postgres.meters import Meters
from sinks.postgres.refresher import Refresher
from sinks.postgres.session import LEASE_NAME, LeaseHeld
from sinks.postgres.writer import Outcome, Writer
from sinks.records import Place, Shard

HOUSEKEEPING_SECONDS = 5.0
DROP_SECONDS = 3600.0
_PAUSES_SECONDS = (0.1, 0.2, 0.5, 1.0)
_ATTEMPTS_A_LINE = 30
T = TypeVar("T")


class Stopped(Exception):
    """The process was asked to stop while it waited."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run. `keep_days`: for each class of retention of a partitioned table how many days are kept behind the
    newest event; `people_days`: the same for names. `refresh_seconds`: between two looks at the materialised views."""

    servers: str
    dsn: str
    shard: Shard
    accounts: tuple[Account, ...]
    keep_days: Mapping[str, int]
    people_days: int
    refresh_seconds: float


def pause_seconds(attempts: int) -> float:
    """How long to wait after so many attempts that failed before this one.

    >>> pause_seconds(0), pause_seconds(100_000)
    (0.1, 1.0)
    """
    return _PAUSES_SECONDS[min(attempts, len(_PAUSES_SECONDS) - 1)]


class PostgresSink:
    """Owns the consumer, the connection and the loop. `run` returns when `stop` is set."""

    def __init__(
        self, plan: Plan, letters: DeadLetters, health: Health, instruments: Instruments, stop: threading.Event
    ) -> None:
        self._plan = plan
        self._letters = letters
        self._health = health
        self._meters = Meters(instruments)
        self._refresher = Refresher(plan.dsn, plan.refresh_seconds, instruments)
        self._stop = stop
        self._tables = tuple(tables.load().values())
        self._reader = Reader(self._tables)
        self._writer: Writer | None = None
        self._places: list[Place] = []
        self._offsets: dict[Place, int] = {}
        """As they are stored: behind `_reached` where a marker or cursor waits."""
        self._reached: dict[Place, int] = {}
        self._housekept_at = self._dropped_at = time.monotonic() - DROP_SECONDS
        self._log = get_logger()

    def run(self) -> None:
        """Until asked to stop. What cannot be mended by waiting is raised."""
        known = describe(self._plan.servers, self._reader.topics)
        self._places = [place for place in known.places if self._plan.shard.has(place.partition)]
        try:
            self._offsets = self._patiently(lambda writer: self._begin(writer, known))
            with self._refresher, closing(Consumer(self._plan.servers, LEASE_NAME, self._offsets)) as consumer:
                self._log.info("sink_started", partitions=len(self._places))
                while not self._stop.is_set():
                    self._round(consumer)
        except Stopped:
            self._log.info("stopped_while_waiting")
        finally:
            self._close()
            self._letters.close()

    def _begin(self, writer: Writer, known: Topics) -> dict[Place, int]:
        migrate.upsert_accounts(writer.connection, self._plan.accounts)
        return offsets.start(writer.connection, self._places, known.ids)

    def _round(self, consumer: Consumer) -> None:
        batch = self._reader.read(consumer.poll())
        positions = consumer.positions()
        if not batch.is_empty or self._reader.is_awaiting or positions != self._reached:
            self._apply(batch, positions)
        if time.monotonic() - self._housekept_at >= HOUSEKEEPING_SECONDS:
            self._patiently(lambda writer: self._keep_house(consumer, writer))
        self._health.progress()
        self._meters.progressed()

    def _apply(self, batch: Batch, positions: dict[Place, int]) -> None:
        started = time.perf_counter()
        attempted: Outcome | None = None

        def attempt(writer: Writer) -> Outcome:
            nonlocal attempted
            if attempted is not None and offsets.stored(writer.connection, self._places) == attempted.after:
                return attempted  # the connection broke in COMMIT, which had got through
            try:
                return writer.apply(batch, self._reader, self._offsets, positions)
            finally:
                attempted = writer.attempted

        outcome = self._patiently(attempt)
        self._offsets, self._reached = outcome.after, positions
        self._reader.markers.settle(outcome.markers)
        self._reader.cursors.settle(outcome.cursors)
        self._reader.erasures.settle(outcome.erasures)
        self._meters.applied(outcome, time.perf_counter() - started)

    def _keep_house(self, consumer: Consumer, writer: Writer) -> None:
        """Show lag and freshness, which also shows that both ends answer; now and then drop what is old."""
        ends = consumer.ends()
        self._health.ready("kafka", ends is not None)
        if ends is not None:
            self._meters.lag(ends, self._offsets)
        self._meters.freshness(writer.connection)
        self._housekept_at = time.monotonic()
        if self._housekept_at - self._dropped_at >= DROP_SECONDS:
            self._dropped_at = self._housekept_at
            for table in filter(lambda table: table.range_partitioned, self._tables):
                if dropped := writer.drop_partitions(table, self._plan.keep_days[table.retention]):
                    self._log.info("partitions_dropped", table=table.name, dropped=dropped)
            if forgotten := privacy.forget_people(writer.connection, self._plan.people_days):
                self._log.info("people_forgotten", people=forgotten)

    def _patiently(self, act: Callable[[Writer], T]) -> T:
        """Do it; while the database is away or the lease is held, wait and do it over a new connection."""
        attempts = 0
        while True:
            try:
                return act(self._opened())
            except (psycopg.Error, LeaseHeld) as error:
                if isinstance(error, psycopg.Error) and faults.meaning(error) != "away":
                    raise
                if attempts % _ATTEMPTS_A_LINE == 0:
                    self._log.warning("database_awaited", error=str(error).strip())
            self._close()
            self._health.progress()
            if self._stop.wait(pause_seconds(attempts)):
                raise Stopped
            attempts += 1

    def _opened(self) -> Writer:
        if self._writer is None:
            connection = session.connect(self._plan.dsn)
            try:
                migrate.check(connection)
                session.take_lease(connection, {place.partition for place in self._places})
                self._writer = Writer(connection, self._tables, self._letters)
            except BaseException:
                connection.close()
                raise
            self._health.ready("postgres", True)
        return self._writer

    def _close(self) -> None:
        self._health.ready("postgres", False)
        if self._writer is not None:
            self._writer.connection.close()
            self._writer = None
