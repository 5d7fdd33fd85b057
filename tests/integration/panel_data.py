"""Data for every panel: each declared metric, and rows for each relation that panels read, at a chosen size."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from prometheus_client import CollectorRegistry

from contracts import metrics, tables
from contracts.config import Account
from contracts.events import SCHEMA
from contracts.health import SourceHealth
from runtime.instruments import Instruments
from sinks.postgres import notes
from sinks.postgres.migrate import upsert_accounts
from tests.integration.panel_money import money

LABELS = {
    "account": "1001",
    "brand": "acme",
    "channel": "webhook",
    "endpoint": "touches",
    "grain": "minute",
    "kind": "likes",
    "outcome": "accepted",
    "pace": "fast",
    "platform": "facebook",
    "problem": "quiet",
    "processor": "organic",
    "reason": "invalid_field",
    "secret": "0",
    "service": "poller",
    "sink": "postgres",
    "site": "shop",
    "span": "day",
    "source": "comments",
    "stage": "ingest",
    "state": "posts",
    "table": "posts",
    "topic": "engagement.events",
    "view": "content_performance",
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
    spans = (timedelta(), timedelta(hours=1), timedelta(days=1))
    moments = [int((minute - span).timestamp() * 1000) for span in spans]
    for table in tables.load().values():
        if table.range_partitioned:
            connection.execute("SELECT pipeline.ensure_partitions(%s, %s)", [table.name, moments])
        for number, account in enumerate(ACCOUNTS, start=1):
            for row in (*_rows(table.name, minute, size * number), *_people(table.name, minute, size * number)):
                put(connection, table.name, {"platform": "facebook", "account_id": account.id, **row})
    for name, values in money(minute, size):
        put(connection, name, values)
    _lists(connection)
    for number, account in enumerate(ACCOUNTS, start=1):
        _plan(connection, account.id, minute, size * number)
    for (view,) in connection.execute("SELECT matviewname FROM pg_matviews WHERE schemaname = 'analytics'").fetchall():
        connection.execute("SELECT pipeline.refresh_view(%s, true)", [view])
    _freshness(connection, now - timedelta(seconds=size))
    _source_health(connection, now, size)
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
            for post in ("p1", "p2"):
                yield {"post_id": post, **counts}
        case "engagement_by_post_hour":
            yield {"post_id": "p2", "hour": hour - timedelta(hours=1), "likes": 20 * size}
        case "engagement_by_post_minute":
            yield {"post_id": "p1", "minute": minute - timedelta(days=1), **counts}
            yield {"post_id": "p1", "minute": minute, "likes": 1}
        case "reactions_by_post":
            for reaction in ("like", "love"):
                yield {"post_id": "p1", "reaction": reaction, "reactions": len(reaction) * size}
        case "posts":
            content = {"format": "added_photos", "hashtags": ["coffee"], "observed_as_of": minute}
            yield {"post_id": "p1", "published_at": minute - timedelta(days=1), **content}
            yield {"post_id": "p2", "published_at": minute - timedelta(days=1, minutes=-30), **content}
            for number in range(10):  # what p2 is compared with
                yield {"post_id": f"old{number}", "published_at": minute - timedelta(days=10 + number), **content}
        case "post_metrics":
            for name, value in {"likes": 7, "comments": 4, "shares": 2, "views": 900, "reach": 500}.items():
                yield {"post_id": "p1", "metric": name, "value": value + size, **metric}
        case "account_metrics_day":
            for earlier in (0, 1, 2, 40):
                days = {"day": day - timedelta(days=earlier)}
                yield {"metric": "followers", **days, "value": 1000 + size * (50 - earlier), **metric}


def _people(table: str, minute: datetime, size: int) -> Iterator[dict[str, Any]]:
    """The same for the tables of the community: five kinds of people, so many of each."""
    hour, day = minute.replace(minute=0), minute.date()
    match table:
        case "community_by_account_day":
            active = {"active_1d": size, "active_7d": 2 * size, "active_28d": 3 * size, "new_engagers": size}
            rings = {"exploring": 3 * size, "participating": 2, "contributing": 1, "leading": 1}
            moves = {"joined": size, "moved_up": size, "moved_down": 1, "left_levels": 1}
            yield {"day": day, "commitment": 10 * size, **active, **rings, **moves}
        case "community_members":
            for kind, often in enumerate((1, 3, 2, 4, 5)):
                days = {"first_seen_day": day - timedelta(days=21), "last_seen_day": day - timedelta(days=4 - kind)}
                loyal = {
                    "recent_days": 0b11,
                    "level": 8,
                    "is_ambassador": True,
                    "ambassador_reasons": ["level", "advocacy"],
                }
                for number in range(size):
                    stands = {"reactions": size * (kind + 1), "shares": size, "active_days": often, "active_weeks": 9}
                    yield {"actor_id": f"{kind}-{number}", **days, **stands, **(loyal if kind == 4 else {})}
        case "inbound_comments":
            asked = minute - timedelta(hours=size)
            yield {"comment_id": "waiting", "post_id": "p1", "asked_at": asked, "needs_answer": True}
            for number in range(size):
                answer = {"answered_at": asked + timedelta(minutes=size), "answer_id": "a"}
                yield {"comment_id": f"c{number}", "post_id": "p1", "asked_at": asked, **answer}
        case "engagement_anomalies":
            judged = {"engagements": 20 * size, "z": 3.5 + size, "severity": "notable", "baseline": "hours"}
            for scope, subject in (("account", "the account"), ("post", "p1")):
                yield {"scope": scope, "subject": subject, "hour": hour, **judged}


def _plan(connection: psycopg.Connection, account: str, minute: datetime, size: int) -> None:
    """A slot that was kept, and so many that are open."""
    slots = [("kept", minute - timedelta(days=1, minutes=-size))]
    slots += [(f"open{number}", minute + timedelta(hours=2 + number)) for number in range(size)]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO analytics.editorial_plan (platform, account_id, slot_id, planned_at, pillar)"
            " VALUES ('facebook', %s, %s, %s, 'Tips') ON CONFLICT (platform, account_id, slot_id)"
            " DO UPDATE SET planned_at = excluded.planned_at",
            [(account, *slot) for slot in slots],
        )


def _lists(connection: psycopg.Connection) -> None:
    """Whose code the first order bears, and who the buyers are: one who is loyal, and one who is not."""
    connection.execute(
        "INSERT INTO analytics.ambassador_codes (brand, kind, code, platform, actor_id, is_personal, source)"
        " VALUES ('acme', 'code', 'lena10', 'facebook', '4-0', false, 'list') ON CONFLICT DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO analytics.imported_buyers (brand, platform, actor_id, customer_id, source)"
            " VALUES ('acme', 'facebook', %s, %s, 'list') ON CONFLICT DO NOTHING",
            [("0-0" if number else "4-0", f"customer {number}") for number in (0, *range(2, 9))],
        )


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


def _source_health(connection: psycopg.Connection, now: datetime, size: int) -> None:
    """A quiet source of each account with a gap, as the sink writes it."""
    at = int(now.timestamp() * 1000)
    ago = at - size * 60_000
    notes.write_health(
        connection,
        [
            SourceHealth(
                *(SCHEMA, f"facebook:{account.id}:webhook", "facebook", account.id, "webhook", "degraded", at, ago),
                problem="quiet",
                last_success_at=ago,
                last_event_at=ago,
                usual_gap_ms=size * 1000,
                quiet_since=ago,
                gap_from=ago,
                gap_until=at,
            )
            for account in ACCOUNTS
        ],
    )


def put(connection: psycopg.Connection[Any], table: str, given: Mapping[str, Any]) -> None:
    """A row of a declared table, in the place of one with its key; what is not given is zero, empty or NULL."""
    declared = tables.load()[table]
    zero: dict[str, Any] = {"bigint": 0, "double precision": 0, "boolean": False, "text": "", "text[]": []}
    row = {c.name: zero.get(c.type) for c in declared.wire_columns if not c.nullable}
    row |= {"version": 1, "updated_at": datetime.now(UTC), **given}
    key = ", ".join(column.name for column in declared.key)
    names = [f'"{name}"' for name in row]
    written = ", ".join(f"{name} = excluded.{name}" for name in names)
    connection.execute(
        f"INSERT INTO analytics.{table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(row))})"
        f" ON CONFLICT ({key}) DO UPDATE SET {written}",
        list(row.values()),
    )
