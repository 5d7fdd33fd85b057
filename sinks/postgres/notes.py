"""What the sink notes beside the rows: applied positions, freshness of tables and sources, dead letters.

Called inside the transaction of the rows. Times are epoch milliseconds.
"""

from collections.abc import Iterable, Sequence

import psycopg

from contracts.events import Cursor, DeadLetter, FlushMarker
from contracts.health import SourceHealth
from contracts.table import Table
from sinks.records import Record

Positions = dict[tuple[str, int], int]
"""Next offset that is not yet in the tables, by source topic and partition."""

_INSTANT = "'epoch'::timestamptz + %s * interval '1 millisecond'"


def applied_positions(connection: psycopg.Connection) -> Positions:
    """Source positions whose effects are in the tables; the least, where several processors read a topic."""
    found = connection.execute(
        "SELECT topic, partition, min(next_offset) FROM pipeline.applied_positions GROUP BY topic, partition"
    ).fetchall()
    return {(topic, partition): offset for topic, partition, offset in found}


def write_markers(connection: psycopg.Connection, markers: Sequence[FlushMarker], tables: Sequence[Table]) -> None:
    """The rows of these flushes are in."""
    fed_by = {table.topic: table.name for table in tables}
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO pipeline.applied_positions AS held"
            " (processor, partition, topic, next_offset, version, applied_at)"
            " VALUES (%s, %s, %s, %s, %s, now()) ON CONFLICT (processor, partition, topic) DO UPDATE SET"
            " next_offset = excluded.next_offset, version = excluded.version, applied_at = excluded.applied_at"
            " WHERE excluded.version >= held.version",
            [
                (marker.processor, marker.partition, topic, offset, marker.version)
                for marker in markers
                for topic, offset in marker.positions.items()
            ],
        )
        cursor.executemany(
            "INSERT INTO pipeline.freshness AS held (kind, name, newest_event_at, applied_at)"
            f" VALUES ('table', %s, {_INSTANT}, now()) ON CONFLICT (kind, name) DO UPDATE SET"
            " newest_event_at = greatest(held.newest_event_at, excluded.newest_event_at),"
            " applied_at = excluded.applied_at",
            [
                (fed_by[topic], marker.newest_event_at)
                for marker in markers
                for topic in marker.rows_until
                if topic in fed_by
            ],
        )


def is_applied(cursor: Cursor, applied: Positions) -> bool:
    """Is everything that the poll produced in the tables? An unhealthy source has nothing to wait for."""
    return not cursor.healthy or all(
        applied.get((topic, partition), -1) >= offset
        for topic, offsets in cursor.produced.items()
        for partition, offset in offsets.items()
    )


def complete_through(cursor: Cursor) -> int | None:
    """Event time up to which the source is complete: the start of its last successful poll minus the overlap."""
    if not cursor.healthy or cursor.started_at is None:
        return None
    return cursor.started_at - cursor.overlap_ms


def write_cursors(connection: psycopg.Connection, cursors: Iterable[Cursor]) -> None:
    """What these sources have produced is in."""
    with connection.cursor() as writer:
        writer.executemany(
            "INSERT INTO pipeline.freshness (kind, name, platform, account_id, applied_at, complete_through)"
            f" VALUES ('source', %s, %s, %s, now(), {_INSTANT}) ON CONFLICT (kind, name) DO UPDATE SET"
            " platform = excluded.platform, account_id = excluded.account_id, applied_at = excluded.applied_at,"
            " complete_through = excluded.complete_through",
            [(c.source, c.platform, c.account_id, complete_through(c)) for c in cursors],
        )


def forget_sources(connection: psycopg.Connection, sources: Sequence[str]) -> None:
    """These sources are no more."""
    connection.execute("DELETE FROM pipeline.freshness WHERE kind = 'source' AND name = ANY(%s)", [list(sources)])


_HEALTH_TIMES = (
    *("since", "last_success_at", "last_event_at", "quiet_since", "token_expires_at", "lease_expires_at"),
    *("gap_from", "gap_until", "backfilled_at", "recorded_at"),
)
_HEALTH_WORDS = ("source", "platform", "account_id", "kind", "state", "problem")


def write_health(connection: psycopg.Connection, told: Iterable[SourceHealth]) -> None:
    """How these sources fare; what was said later stands."""
    columns = (*_HEALTH_WORDS, "usual_gap_seconds", *_HEALTH_TIMES)
    values = ("%s",) * (len(_HEALTH_WORDS) + 1) + (_INSTANT,) * len(_HEALTH_TIMES)
    with connection.cursor() as writer:
        writer.executemany(
            f"INSERT INTO pipeline.source_health AS held ({', '.join(columns)}) VALUES ({', '.join(values)})"
            f" ON CONFLICT (source) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in columns[1:])}",
            [
                [
                    *(getattr(health, name) for name in _HEALTH_WORDS),
                    None if health.usual_gap_ms is None else health.usual_gap_ms / 1000,
                    *(getattr(health, name) for name in _HEALTH_TIMES),
                ]
                for health in told
            ],
        )


def forget_health(connection: psycopg.Connection, sources: Sequence[str]) -> None:
    """Nobody follows these sources any more."""
    connection.execute("DELETE FROM pipeline.source_health WHERE source = ANY(%s)", [list(sources)])


def write_dead_letter(connection: psycopg.Connection, letter: DeadLetter, record: Record) -> None:
    """Keep a dead letter; one of the same id is replaced."""
    connection.execute(
        "INSERT INTO pipeline.dead_letters (dead_letter_id, stage, origin, reason, detail, platform, account_id, topic,"
        " partition, record_offset, record_key, received_at, code_version, sealed, updated_at)"
        f" VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, {_INSTANT}, %s, %s, {_INSTANT})"
        " ON CONFLICT (dead_letter_id) DO UPDATE SET stage = excluded.stage, origin = excluded.origin,"
        " reason = excluded.reason, detail = excluded.detail, platform = excluded.platform,"
        " account_id = excluded.account_id, topic = excluded.topic, partition = excluded.partition,"
        " record_offset = excluded.record_offset, record_key = excluded.record_key, received_at = excluded.received_at,"
        " code_version = excluded.code_version, sealed = excluded.sealed, updated_at = excluded.updated_at",
        [
            letter.dead_letter_id,
            letter.stage,
            letter.origin,
            letter.reason,
            letter.detail,
            letter.platform,
            letter.account_id,
            letter.topic,
            letter.partition,
            letter.offset,
            letter.key,
            letter.received_at,
            letter.code_version,
            letter.sealed,
            record.timestamp,
        ],
    )


def delete_dead_letters(connection: psycopg.Connection, ids: Sequence[str]) -> None:
    """These were replayed or erased."""
    connection.execute("DELETE FROM pipeline.dead_letters WHERE dead_letter_id = ANY(%s)", [list(ids)])
