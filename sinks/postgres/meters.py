"""The sink's own metrics: what was applied, how late, and how far the tables may be trusted."""

from collections.abc import Mapping

import psycopg

from contracts import metrics
from runtime.clock import wall_ms
from runtime.instruments import Instruments
from sinks.postgres.offsets import SINK
from sinks.postgres.writer import Outcome
from sinks.records import Place, lag_by_topic

FRESHNESS = (
    "SELECT kind, name, platform, account_id, extract(epoch FROM newest_event_at)::double precision,"
    " extract(epoch FROM applied_at)::double precision, extract(epoch FROM complete_through)::double precision"
    " FROM pipeline.freshness"
)


class Meters:
    """Instruments of one sink process."""

    def __init__(self, instruments: Instruments) -> None:
        self._rows = instruments.counter(metrics.ROWS_APPLIED)
        self._duration = instruments.histogram(metrics.APPLY_DURATION)
        self._lag = instruments.gauge(metrics.SINK_LAG)
        self._latency = instruments.histogram(metrics.ROW_LATENCY)
        self._newest_event = instruments.gauge(metrics.NEWEST_EVENT)
        self._applied_at = instruments.gauge(metrics.APPLIED_AT)
        self._complete_through = instruments.gauge(metrics.COMPLETE_THROUGH)
        self._dead_letters = instruments.counter(metrics.DEAD_LETTERS)
        self._progress = instruments.gauge(metrics.LAST_PROGRESS)

    def progressed(self) -> None:
        self._progress.labels(f"sink-{SINK}").set_to_current_time()

    def applied(self, outcome: Outcome, seconds: float) -> None:
        """A transaction was committed just now."""
        self._duration.observe(seconds)
        for table, count in outcome.rows.items():
            self._rows.labels(table).inc(count)
        for refused in outcome.refused:
            self._dead_letters.labels("sink", refused.reason).inc()
        now = wall_ms()
        for _, waiter in outcome.markers:
            for received_at in (waiter.said.oldest_received_at, waiter.said.newest_received_at):
                if received_at is not None:
                    self._latency.observe(max(0, now - received_at) / 1000)

    def lag(self, ends: Mapping[Place, int], positions: Mapping[Place, int]) -> None:
        """Records between what is applied and the end, by topic."""
        for topic, records in lag_by_topic(ends, positions).items():
            self._lag.labels(SINK, topic).set(records)

    def freshness(self, connection: psycopg.Connection) -> None:
        """Show what `pipeline.freshness` says: a restart forgets nothing."""
        self._complete_through.clear()
        for kind, name, platform, account, newest, applied, complete in connection.execute(FRESHNESS):
            if kind == "table":
                self._applied_at.labels(name).set(applied)
                if newest is not None:
                    self._newest_event.labels(name).set(newest)
            elif complete is not None:
                self._complete_through.labels(platform, account, name).set(complete)
