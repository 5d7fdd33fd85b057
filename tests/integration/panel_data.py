"""Data for every panel: each declared metric, and rows for each relation that panels read, at a chosen size."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from prometheus_client import CollectorRegistry

from contracts import metrics, tables
from contracts.config import Account
from runtime.instruments import Instruments
from sinks.postgres.migrate import upsert_accounts

LABELS = {
    "account": "1001",
    "channel": "webhook",
    "grain": "minute",
    "kind": "likes",
    "outcome": "accepted",
    "platform": "facebook",
    "processor": "organic",
    "reason": "invalid_field",
    "secret": "0",
    "service": "poller",
    "sink": "postgres",
    "source": "comments",
    "stage": "ingest",
    "state": "posts",
    "table": "posts",
    "topic": "engagement.events",
}
ACCOUNTS = (
    Account("facebook", "1001", "Acme's Coffee", "acme", datetime(2026, 1, 1, tzinfo=UTC), "Europe/Berlin"),
    Account("facebook", "1002", "Acme Italia", "acme", datetime(2026, 1, 1, tzinfo=UTC)),
)


class Exposition:
    """Every declared metric in one registry; each `step` moves all of them by `size`; times lie that far back."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._instruments = Instruments(self.registry)

    def step(self, size: float, at: float) -> None:
        for metric in metrics.load():
            labels = {name: LABELS[name] for name in metric.labels}
            match metric.kind:
                case "counter":
                    counter = self._instruments.counter(metric)
                    (counter.labels(**labels) if labels else counter).inc(size)
                case "gauge":
                    gauge = self._instruments.gauge(metric)
                    value = at - size if metric.name.endswith("_timestamp_seconds") else size
                    (gauge.labels(**labels) if labels else gauge).set(value)
                case "histogram":
                    histogram = self._instruments.histogram(metric)
                    (histogram.labels(**labels) if labels else histogram).observe(size)

    def lines(self, at: int) -> Iterator[str]:
        """The samples as OpenMetrics lines with a timestamp, in epoch seconds."""
        for family in self.registry.collect():
            for sample in family.samples:
                labels = ",".join(f'{name}="{value}"' for name, value in sample.labels.items())
                yield f"{sample.name}{{{labels}}} {sample.value} {at}"


def fill(connection: psycopg.Connection, now: datetime, size: int) -> None:
    """Rows for every panel, `now` being the newest; a second time they are replaced. Numbers grow with `size`."""
    upsert_accounts(connection, ACCOUNTS)
    minute = now.replace(second=0, microsecond=0)
    moments = [int(moment.timestamp() * 1000) for moment in (minute, minute - timedelta(hours=1))]
    for table in tables.load().values():
        if table.range_partitioned:
            connection.execute("SELECT pipeline.ensure_partitions(%s, %s)", [table.name, moments])
        for number, account in enumerate(ACCOUNTS, start=1):
            for row in _rows(table.name, minute, size * number):
                put(connection, table.name, {"platform": "facebook", "account_id": account.id, **row})
    _freshness(connection, now - timedelta(seconds=size))
    connection.execute(
        "INSERT INTO pipeline.dead_letters (dead_letter_id, stage, origin, reason, detail, received_at, code_version,"
        " sealed, updated_at) VALUES (%s, 'ingest', 'change', 'invalid_field', 'value.item', %s, '0', '', %s)",
        [f"letter-{size}", now, now],
    )


def _rows(table: str, minute: datetime, size: int) -> Iterator[dict[str, Any]]:
    """The grain below the account, and the values that panels read; the rest are zeros."""
    hour, day = minute.replace(minute=0), minute.date()
    counts = {"likes": 5 * size, "comments": 3 * size, "shares": size}
    metric = {"scope": "total", "platform_as_of": minute, "value_state": "known", "observed_as_of": minute}
    match table:
        case "engagement_by_account_minute":
            yield {"minute": minute, **counts, "follows": size}
        case "engagement_by_account_hour":
            yield {"hour": hour, **counts}
        case "engagement_by_account_day":
            people = {"unique_engagers": 3 * size, "new_engagers": size, "returning_engagers": 2 * size}
            yield {"day": day, **counts, **people}
        case "engagement_by_post":
            yield {"post_id": "p1", **counts}
        case "reactions_by_post":
            for reaction in ("like", "love"):
                yield {"post_id": "p1", "reaction": reaction, "reactions": len(reaction) * size}
        case "posts":
            published = {"published_at": minute - timedelta(days=1), "observed_as_of": minute}
            yield {"post_id": "p1", "format": "added_photos", **published}
        case "post_metrics":
            for name, value in {"likes": 7, "comments": 4, "shares": 2, "views": 900, "reach": 500}.items():
                yield {"post_id": "p1", "metric": name, "value": value + size, **metric}
        case "account_metrics_day":
            for earlier in range(3):
                days = {"day": day - timedelta(days=earlier)}
                yield {"metric": "followers", **days, "value": 1000 + size - earlier, **metric}


def _freshness(connection: psycopg.Connection, at: datetime) -> None:
    upsert = (
        "INSERT INTO pipeline.freshness"
        " (kind, name, platform, account_id, newest_event_at, applied_at, complete_through)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (kind, name) DO UPDATE SET"
        " applied_at = excluded.applied_at, complete_through = excluded.complete_through"
    )
    for name in tables.load():
        connection.execute(upsert, ["table", name, None, None, at, at, None])
    for account in ACCOUNTS:
        name = f"facebook:{account.id}:comments"
        connection.execute(upsert, ["source", name, "facebook", account.id, None, at, at])


def put(connection: psycopg.Connection[Any], table: str, given: Mapping[str, Any]) -> None:
    """A row of a declared table, in the place of one with its key; what is not given is zero, empty or NULL."""
    declared = tables.load()[table]
    zero: dict[str, Any] = {"bigint": 0, "text": "", "text[]": []}
    row = {c.name: zero.get(c.type) for c in declared.wire_columns if not c.nullable}
    row |= {"version": 1, "updated_at": datetime.now(UTC), **given}
    key = ", ".join(column.name for column in declared.key)
    written = ", ".join(f"{name} = excluded.{name}" for name in row)
    connection.execute(
        f"INSERT INTO analytics.{table} ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})"
        f" ON CONFLICT ({key}) DO UPDATE SET {written}",
        list(row.values()),
    )
