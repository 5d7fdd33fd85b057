"""Positions, freshness and completeness never run ahead of the rows."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from contracts import codec, topics
from contracts.events import Cursor, FlushMarker
from contracts.health import SourceHealth
from deploy.local.stack import LocalStack
from sinks.postgres import migrate
from sinks.records import Place
from tests.integration.sink_run import TABLES, SinkRun, as_role, make_topics

POST = TABLES["engagement_by_post"]
EVENTS = topics.EVENTS.name
T0 = 1_790_000_000_000


@pytest.fixture(scope="module")
def shared(stores: LocalStack, kafka_bootstrap: str, postgres_dsn: str) -> Iterator[SinkRun]:
    make_topics(kafka_bootstrap)
    migrate.migrate(postgres_dsn)
    run = SinkRun(kafka_bootstrap, as_role(postgres_dsn, stores.dsn("writer")), postgres_dsn)
    yield run
    run.close()


@pytest.fixture
def run(shared: SinkRun) -> SinkRun:
    shared.begin_here()
    return shared


def put_marker(run: SinkRun, version: int, folded: int, rows_until: int) -> None:
    marker = FlushMarker(
        1, "organic", 0, version, {EVENTS: folded}, {POST.topic: rows_until}, folded, T0, T0 - 2000, T0 - 1000
    )
    run.put_bytes(topics.FLUSHES.name, b"organic|0", codec.encode(marker), 0)
    run.flush()


def put_row(run: SinkRun, version: int) -> None:
    run.put(POST, {"platform": "facebook", "account_id": "1", "post_id": "p", "version": version, "likes": version})
    run.flush()


def put_cursor(run: SinkRun, **values: Any) -> None:
    cursor = Cursor(1, "facebook:1:posts", "facebook", "1", T0, 600_000, True, T0)
    changed = msgspec.structs.replace(cursor, **values)
    run.put_bytes(topics.CURSORS.name, changed.source.encode(), codec.encode(changed), 1)
    run.flush()


def instant(milliseconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)


def complete_through(run: SinkRun) -> list[Any]:
    return [r["complete_through"] for r in run.query("SELECT * FROM pipeline.freshness WHERE kind = 'source'")]


def test_a_flush_counts_as_applied_when_its_rows_are_in_and_not_before(run: SinkRun) -> None:
    rows_begin = run.ends()[Place(POST.topic, 0)]
    flushes_begin = run.ends()[Place(topics.FLUSHES.name, 0)]
    with run.running() as running:
        put_marker(run, version=1, folded=10, rows_until=rows_begin + 1)
        put_marker(run, version=2, folded=20, rows_until=rows_begin + 2)
        put_marker(run, version=3, folded=30, rows_until=rows_begin + 3)
        run.put_bytes(topics.CURSORS.name, b"nobody", None)  # something else passes by
        running.until(lambda: run.offsets()[Place(topics.CURSORS.name, 0)] == run.ends()[Place(topics.CURSORS.name, 0)])
        assert run.query("SELECT * FROM pipeline.applied_positions") == []
        assert run.offsets()[Place(topics.FLUSHES.name, 0)] == flushes_begin
        put_row(run, version=1)
        running.until(lambda: run.offsets()[Place(POST.topic, 0)] == rows_begin + 1)
        [applied] = run.query("SELECT next_offset, version FROM pipeline.applied_positions")
        assert applied == {"next_offset": 10, "version": 1}
    # A restart reads the marker that was held back again.
    assert run.offsets()[Place(topics.FLUSHES.name, 0)] > flushes_begin
    put_row(run, version=2)
    put_row(run, version=3)
    run.apply()
    [applied] = run.query("SELECT processor, partition, topic, next_offset FROM pipeline.applied_positions")
    assert applied == {"processor": "organic", "partition": 0, "topic": EVENTS, "next_offset": 30}
    [fresh] = run.query("SELECT * FROM pipeline.freshness WHERE kind = 'table'")
    assert (fresh["name"], fresh["newest_event_at"]) == (POST.name, instant(T0))


def test_a_source_is_complete_once_what_it_produced_is_applied(run: SinkRun) -> None:
    rows_begin = run.ends()[Place(POST.topic, 0)]
    with run.running() as running:
        put_cursor(run, started_at=T0, produced={EVENTS: {0: 10}})
        put_cursor(run, started_at=T0 + 5000, produced={EVENTS: {0: 20}})
        put_row(run, version=1)
        put_marker(run, version=1, folded=9, rows_until=rows_begin + 1)
        running.until(lambda: len(run.query("SELECT * FROM pipeline.applied_positions")) == 1)
        assert complete_through(run) == []
        put_row(run, version=2)
        put_marker(run, version=2, folded=10, rows_until=rows_begin + 2)
        running.until(lambda: complete_through(run) == [instant(T0 - 600_000)])
        put_row(run, version=3)
        put_marker(run, version=3, folded=25, rows_until=rows_begin + 3)
        running.until(lambda: complete_through(run) == [instant(T0 + 5000 - 600_000)])
        put_cursor(run, started_at=T0 + 5000, healthy=False, produced={EVENTS: {0: 99}})
        running.until(lambda: complete_through(run) == [None])
        run.put_bytes(topics.CURSORS.name, b"facebook:1:posts", None, 1)
        running.until(lambda: complete_through(run) == [])
        running.until_applied()


def test_a_source_that_was_never_polled_is_complete_through_nothing(run: SinkRun) -> None:
    put_cursor(run, started_at=None)
    run.apply()
    assert complete_through(run) == [None]


def test_how_a_source_fares_is_a_row_until_nobody_follows_it(run: SinkRun) -> None:
    told = SourceHealth(
        *(1, "bluesky:did:plc:a:stream", "bluesky", "did:plc:a", "stream", "degraded", T0 + 9000, T0),
        problem="gap",
        last_event_at=T0 - 1000,
        usual_gap_ms=90_500,
        gap_from=T0 - 5000,
        gap_until=T0,
    )
    key = told.source.encode()
    with run.running() as running:
        run.put_bytes(topics.HEALTH.name, key, codec.encode(told), 1)
        run.flush()
        running.until(lambda: len(run.query("SELECT * FROM pipeline.source_health")) == 1)
        [row] = run.query("SELECT * FROM pipeline.source_health")
        assert (row["state"], row["problem"], row["usual_gap_seconds"]) == ("degraded", "gap", 90.5)
        assert (row["gap_from"], row["backfilled_at"]) == (instant(T0 - 5000), None)
        assert (row["recorded_at"], row["since"]) == (instant(T0 + 9000), instant(T0))
        mended = msgspec.structs.replace(told, state="healthy", problem=None, backfilled_at=T0 + 9500)
        run.put_bytes(topics.HEALTH.name, key, codec.encode(mended), 1)
        run.flush()
        running.until(lambda: [r["state"] for r in run.query("SELECT * FROM pipeline.source_health")] == ["healthy"])
        [row] = run.query("SELECT * FROM pipeline.source_health")
        assert (row["problem"], row["backfilled_at"]) == (None, instant(T0 + 9500))
        run.put_bytes(topics.HEALTH.name, key, None, 1)
        run.flush()
        running.until(lambda: run.query("SELECT * FROM pipeline.source_health") == [])


def test_health_that_cannot_be_a_row_is_put_aside_and_its_neighbour_is_written(run: SinkRun) -> None:
    sound = SourceHealth(1, "facebook:1:posts", "facebook", "1", "poll", "healthy", T0, T0)
    unsound = msgspec.structs.replace(sound, source="facebook:2:posts", last_success_at=2**62)
    for told in (unsound, sound):
        run.put_bytes(topics.HEALTH.name, told.source.encode(), codec.encode(told), 1)
    run.apply()
    assert [row["source"] for row in run.query("SELECT * FROM pipeline.source_health")] == [sound.source]
    run.apply()  # the sink reads what it has put aside
    [letter] = run.query("SELECT reason, topic FROM pipeline.dead_letters")
    assert letter == {"reason": "rejected_row", "topic": topics.HEALTH.name}
