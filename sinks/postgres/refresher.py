"""Keeps the materialised views fresh, in a thread and over a connection of its own: a refresh may take seconds, and
rows do not wait for it. What is wrong with a brand's money (`signals`) is read here too: that may take as long.

Each view is refreshed in a transaction of its own, and only when one of its tables got rows since (migration 0007);
several sinks at once do it one after the other, and the later ones find nothing to do.
"""

import threading
import time
from contextlib import closing, suppress
from typing import Self

import psycopg

from contracts import metrics
from runtime.instruments import Instruments
from runtime.logging import get_logger
from sinks.postgres import session
from sinks.postgres.signals import Signals

VIEWS = "SELECT matviewname FROM pg_catalog.pg_matviews WHERE schemaname = 'analytics' ORDER BY matviewname"
NO_VIEW = "any"
"""Label of a round that failed before it came to a view."""
_CANCEL_SECONDS = 5.0
_REST = 10
"""A view is left alone for so many times as long as its last refresh took, that time included."""


def refresh_changed(connection: psycopg.Connection) -> list[str]:
    """Refresh every view whose tables got rows since; answers their names. The connection is in autocommit."""
    return [view for view in _views(connection) if _refresh(connection, view)]


def _views(connection: psycopg.Connection) -> list[str]:
    return [name for (name,) in connection.execute(VIEWS).fetchall()]


def _refresh(connection: psycopg.Connection, view: str, *, always: bool = False) -> bool:
    row = connection.execute("SELECT pipeline.refresh_view(%s, %s)", [view, always]).fetchone()
    return row is not None and bool(row[0])


class Refresher:
    """Refreshes every `seconds` while it is entered. The first time spares no view: the accounts may be others now.

    What fails is logged, counted and tried again in the next round. A view that takes long is refreshed less often, so
    that it keeps the server busy for a tenth of the time at most.
    """

    def __init__(self, dsn: str, seconds: float, instruments: Instruments) -> None:
        self._dsn = dsn
        self._seconds = seconds
        self._outcomes = instruments.counter(metrics.VIEW_REFRESHES)
        self._durations = instruments.histogram(metrics.VIEW_REFRESH_DURATION)
        self._fresh_at = instruments.gauge(metrics.VIEW_FRESH_AT)
        self._signals = Signals(instruments)
        self._signals_rest_until = 0.0
        self._rests_until: dict[str, float] = {}
        self._done: set[str] = set()
        self._stop = threading.Event()
        self._connection: psycopg.Connection | None = None
        self._thread = threading.Thread(target=self._run, name="refresher", daemon=True)
        self._log = get_logger()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """A refresh that runs is cancelled: the next process makes up for it."""
        self._stop.set()
        if (connection := self._connection) is not None:
            with suppress(psycopg.Error):
                connection.cancel_safe(timeout=_CANCEL_SECONDS)
        self._thread.join(_CANCEL_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with closing(session.connect(self._dsn)) as self._connection:
                    self._round(self._connection)
            except psycopg.Error as error:
                self._note_failure(NO_VIEW, error)
            self._connection = None
            self._stop.wait(self._seconds)

    def _round(self, connection: psycopg.Connection) -> None:
        """Every view once, also after one that failed."""
        for view in _views(connection):
            if self._stop.is_set():
                return
            if time.monotonic() >= self._rests_until.get(view, 0.0):
                self._freshen(connection, view)
        started = time.monotonic()
        if started >= self._signals_rest_until:
            self._signals.show(connection)
            self._signals_rest_until = started + _REST * (time.monotonic() - started)

    def _freshen(self, connection: psycopg.Connection, view: str) -> None:
        started = time.monotonic()
        try:
            refreshed = _refresh(connection, view, always=view not in self._done)
        except psycopg.Error as error:
            self._note_failure(view, error)
            return
        self._done.add(view)
        self._outcomes.labels(view, "refreshed" if refreshed else "unchanged").inc()
        if refreshed:
            seconds = time.monotonic() - started
            self._durations.labels(view).observe(seconds)
            self._rests_until[view] = started + _REST * seconds
        self._fresh_at.labels(view).set_to_current_time()

    def _note_failure(self, view: str, error: psycopg.Error) -> None:
        if self._stop.is_set():
            return
        self._outcomes.labels(view, "failed").inc()
        self._log.warning("view_not_refreshed", view=view, error=str(error).strip())
