"""Positions, freshness and completeness never run ahead of the rows."""

import datetime as dt
from typing import Any

import msgspec

from contracts import codec, topics
from contracts.events import Cursor, FlushMarker
from contracts.health import SourceHealth
from sinks.records import Place
from tests.integration.sink_run import TABLES, SinkRun

POST = TABLES["engagement_by_post"]
EVENTS = topics.EVENTS.name
T0 = 1_790_000_000_000


def put_marker(sink: SinkRun, version: int, folded: int, rows_until: int) -> None:
    marker = FlushMarker(
        1, "organic", 0, version, {EVENTS: folded}, {POST.topic: rows_until}, folded, T0, T0 - 2000, T0 - 1000
    )
    sink.put_bytes(topics.FLUSHES.name, b"organic|0", codec.encode(marker), 0)
    sink.flush()


def put_row(sink: SinkRun, version: int) -> None:
    sink.put(POST, {"platform": "facebook", "account_id": "1", "post_id": "p", "version": version, "likes": version})
    sink.flush()


def put_cursor(sink: SinkRun, **values: Any) -> None:
    cursor = Cursor(1, "facebook:1:posts", "facebook", "1", T0, 600_000, True, T0)
    changed = msgspec.structs.replace(cursor, **values)
    sink.put_bytes(topics.CURSORS.name, changed.source.encode(), codec.encode(changed), 1)
    sink.flush()


def instant(milliseconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)


def complete_through(sink: SinkRun) -> list[Any]:
    return [r["complete_through"] for r in sink.query("SELECT * FROM pipeline.freshness WHERE kind = 'source'")]


def test_a_flush_counts_as_applied_when_its_rows_are_in_and_not_before(sink: SinkRun) -> None:
    rows_begin = sink.ends()[Place(POST.topic, 0)]
    flushes_begin = sink.ends()[Place(topics.FLUSHES.name, 0)]
    with sink.running() as running:
        put_marker(sink, version=1, folded=10, rows_until=rows_begin + 1)
        put_marker(sink, version=2, folded=20, rows_until=rows_begin + 2)
        put_marker(sink, version=3, folded=30, rows_until=rows_begin + 3)
        sink.put_bytes(topics.CURSORS.name, b"nobody", None)  # something else passes by
        running.until(
            lambda: sink.offsets()[Place(topics.CURSORS.name, 0)] == sink.ends()[Place(topics.CURSORS.name, 0)]
        )
        assert sink.query("SELECT * FROM pipeline.applied_positions") == []
        assert sink.offsets()[Place(topics.FLUSHES.name, 0)] == flushes_begin
        put_row(sink, version=1)
        running.until(lambda: sink.offsets()[Place(POST.topic, 0)] == rows_begin + 1)
        [applied] = sink.query("SELECT next_offset, version FROM pipeline.applied_positions")
        assert applied == {"next_offset": 10, "version": 1}
    # A restart reads the marker that was held back again.
    assert sink.offsets()[Place(topics.FLUSHES.name, 0)] > flushes_begin
    put_row(sink, version=2)
    put_row(sink, version=3)
    sink.apply()
    [applied] = sink.query("SELECT processor, partition, topic, next_offset FROM pipeline.applied_positions")
    assert applied == {"processor": "organic", "partition": 0, "topic": EVENTS, "next_offset": 30}
    [fresh] = sink.query("SELECT * FROM pipeline.freshness WHERE kind = 'table'")
    assert (fresh["name"], fresh["newest_event_at"]) == (POST.name, instant(T0))


def test_a_source_is_complete_once_what_it_produced_is_applied(sink: SinkRun) -> None:
    rows_begin = sink.ends()[Place(POST.topic, 0)]
    with sink.running() as running:
        put_cursor(sink, started_at=T0, produced={EVENTS: {0: 10}})
        put_cursor(sink, started_at=T0 + 5000, produced={EVENTS: {0: 20}})
        put_row(sink, version=1)
        put_marker(sink, version=1, folded=9, rows_until=rows_begin + 1)
        running.until(lambda: len(sink.query("SELECT * FROM pipeline.applied_positions")) == 1)
        assert complete_through(sink) == []
        put_row(sink, version=2)
        put_marker(sink, version=2, folded=10, rows_until=rows_begin + 2)
        running.until(lambda: complete_through(sink) == [instant(T0 - 600_000)])
        put_row(sink, version=3)
        put_marker(sink, version=3, folded=25, rows_until=rows_begin + 3)
        running.until(lambda: complete_through(sink) == [instant(T0 + 5000 - 600_000)])
        put_cursor(sink, started_at=T0 + 5000, healthy=False, produced={EVENTS: {0: 99}})
        running.until(lambda: complete_through(sink) == [None])
        sink.put_bytes(topics.CURSORS.name, b"facebook:1:posts", None, 1)
        running.until(lambda: complete_through(sink) == [])
        running.until_applied()


def test_a_source_that_was_never_polled_is_complete_through_nothing(sink: SinkRun) -> None:
    put_cursor(sink, started_at=None)
    sink.apply()
    assert complete_through(sink) == [None]


def test_how_a_source_fares_is_a_row_until_nobody_follows_it(sink: SinkRun) -> None:
    told = SourceHealth(
        *(1, "bluesky:did:plc:a:stream", "bluesky", "did:plc:a", "stream", "degraded", T0 + 9000, T0),
        problem="gap",
        last_event_at=T0 - 1000,
        usual_gap_ms=90_500,
        gap_from=T0 - 5000,
        gap_until=T0,
    )
    key = told.source.encode()
    with sink.running() as running:
        sink.put_bytes(topics.HEALTH.name, key, codec.encode(told), 1)
        sink.flush()
        running.until(lambda: len(sink.query("SELECT * FROM pipeline.source_health")) == 1)
        [row] = sink.query("SELECT * FROM pipeline.source_health")
        assert (row["state"], row["problem"], row["usual_gap_seconds"]) == ("degraded", "gap", 90.5)
        assert (row["gap_from"], row["backfilled_at"]) == (instant(T0 - 5000), None)
        assert (row["recorded_at"], row["since"]) == (instant(T0 + 9000), instant(T0))
        mended = msgspec.structs.replace(told, state="healthy", problem=None, backfilled_at=T0 + 9500)
        sink.put_bytes(topics.HEALTH.name, key, codec.encode(mended), 1)
        sink.flush()
        running.until(lambda: [r["state"] for r in sink.query("SELECT * FROM pipeline.source_health")] == ["healthy"])
        [row] = sink.query("SELECT * FROM pipeline.source_health")
        assert (row["problem"], row["backfilled_at"]) == (None, instant(T0 + 9500))
        sink.put_bytes(topics.HEALTH.name, key, None, 1)
        sink.flush()
        running.until(lambda: sink.query("SELECT * FROM pipeline.source_health") == [])


def test_health_that_cannot_be_a_row_is_put_aside_and_its_neighbour_is_written(sink: SinkRun) -> None:
    sound = SourceHealth(1, "facebook:1:posts", "facebook", "1", "poll", "healthy", T0, T0)
    unsound = msgspec.structs.replace(sound, source="facebook:2:posts", last_success_at=2**62)
    for told in (unsound, sound):
        sink.put_bytes(topics.HEALTH.name, told.source.encode(), codec.encode(told), 1)
    sink.apply()
    assert [row["source"] for row in sink.query("SELECT * FROM pipeline.source_health")] == [sound.source]
    sink.apply()  # the sink reads what it has put aside
    [letter] = sink.query("SELECT reason, topic FROM pipeline.dead_letters")
    assert letter == {"reason": "rejected_row", "topic": topics.HEALTH.name}
