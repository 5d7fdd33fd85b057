"""The tables of the community through the whole sink, and the views that it keeps fresh beside them."""

import datetime as dt
from typing import Any

from contracts import codec, topics
from contracts.events import FlushMarker
from contracts.table import Table
from sinks.records import Place
from tests.integration.sink_run import TABLES, SinkRun, key_of

FACEBOOK = {"platform": "facebook", "account_id": "1"}
INSTAGRAM = {"platform": "instagram", "account_id": "1"}
MEMBERS, DAYS = TABLES["community_members"], TABLES["community_by_account_day"]
COMMENTS, ANOMALIES = TABLES["inbound_comments"], TABLES["engagement_anomalies"]
ACCOUNT_DAYS = TABLES["engagement_by_account_day"]
T0 = 1_790_000_000_000
AT = dt.datetime.fromtimestamp(T0 / 1000, dt.UTC)
HOUR = T0 - T0 % 3_600_000


def put(sink: SinkRun, table: Table, **values: Any) -> None:
    sink.put(table, {**FACEBOOK, "version": 1, **values})


def put_member(sink: SinkRun, actor: str, **values: Any) -> None:
    days = {"first_seen_day": "2026-09-01", "last_seen_day": "2026-09-10"}
    put(sink, MEMBERS, actor_id=actor, **days, **values)


def one(sink: SinkRun, table: Table) -> dict[str, Any]:
    [row] = sink.query(f"SELECT * FROM analytics.{table.name}")
    return row


def test_a_member_has_a_ring_and_all_64_bits(sink: SinkRun) -> None:
    put_member(
        sink, "a", level=8, recent_days=-(2**63), active_weeks=2**63 - 1, ambassador_reasons=["level", "advocacy"]
    )
    sink.apply()
    row = one(sink, MEMBERS)
    assert (row["ring"], row["recent_days"], row["active_weeks"]) == ("contributing", -(2**63), 2**63 - 1)
    assert row["ambassador_reasons"] == ["level", "advocacy"]
    put_member(sink, "a", level=0, is_ambassador=True)
    sink.apply()
    row = one(sink, MEMBERS)
    assert (row["ring"], row["is_ambassador"], row["ambassador_reasons"]) == (None, True, [])


def test_a_day_of_the_community_is_replaced_and_deleted(sink: SinkRun) -> None:
    day = {**FACEBOOK, "day": "2026-09-10"}
    put(sink, DAYS, day="2026-09-10", leading=3, commitment=300)
    sink.apply()
    put(sink, DAYS, day="2026-09-10", leading=4, commitment=400, version=2)
    sink.apply()
    assert (one(sink, DAYS)["leading"], one(sink, DAYS)["commitment"]) == (4, 400)
    sink.put_bytes(DAYS.topic, key_of(DAYS, day), None, 0, [("version", b"3")])
    sink.apply()
    assert sink.query("SELECT * FROM analytics.community_by_account_day") == []


def test_a_comment_that_waits_knows_no_answer(sink: SinkRun) -> None:
    put(sink, COMMENTS, comment_id="c", post_id="p", asked_at=T0, needs_answer=True)
    sink.apply()
    row = one(sink, COMMENTS)
    unknown = ("parent_id", "actor_id", "permalink", "answered_at", "answer_id")
    assert {row[name] for name in unknown} == {None}
    assert (row["asked_at"], row["needs_answer"]) == (AT, True)
    answered = {"answered_at": T0 + 1000, "answer_id": "d", "actor_id": "a\\N", "permalink": "https://f.test/?a=1\t2"}
    put(sink, COMMENTS, comment_id="c", post_id="p", asked_at=T0, version=2, **answered)
    sink.apply()
    row = one(sink, COMMENTS)
    assert {**answered, "answered_at": AT + dt.timedelta(seconds=1)} == {name: row[name] for name in answered}


def test_an_anomaly_keeps_every_digit_of_its_figures(sink: SinkRun) -> None:
    figures = {"median": 0.1 + 0.2, "mad": 1e-300, "z": 1e22 / 3}
    put(sink, ANOMALIES, scope="post", subject="p", hour=HOUR, engagements=20, severity="extreme", **figures)
    sink.apply()
    row = one(sink, ANOMALIES)
    assert {name: row[name] for name in figures} == figures


def test_what_a_platform_never_sends_is_unknown_and_what_it_sends_is_counted(sink: SinkRun) -> None:
    for account in (FACEBOOK, INSTAGRAM):
        sink.put(ACCOUNT_DAYS, {**account, "day": "2026-09-10", "comments": 2, "version": 1})
    sink.apply()
    found = sink.query(
        "SELECT platform, likes, net_likes, comments, net_comments, anonymous, follows, mentions"
        " FROM analytics.engagement_by_account_day ORDER BY platform"
    )
    assert [tuple(row.values()) for row in found] == [
        ("facebook", 0, 0, 2, 2, 0, 0, None),
        ("instagram", None, None, 2, 2, 0, None, 0),
    ]


def test_the_sink_refreshes_the_views_while_it_goes_on(sink: SinkRun) -> None:
    rows_begin = sink.ends()[Place(MEMBERS.topic, 0)]
    with sink.running(refresh_seconds=0.1) as running:
        for count in (1, 2):
            put_member(sink, f"person {count}", version=count)
            marker = FlushMarker(
                1, "organic", 0, count, {topics.EVENTS.name: count}, {MEMBERS.topic: rows_begin + count}, 1, T0, T0, T0
            )
            sink.put_bytes(topics.FLUSHES.name, b"organic|0", codec.encode(marker), 0)
            sink.flush()

            def is_seen(expected: int = count) -> bool:
                return len(sink.query("SELECT * FROM analytics.community_rfm")) == expected

            running.until(is_seen)
    [fresh] = sink.query("SELECT * FROM pipeline.freshness WHERE name = 'community_rfm'")
    assert (fresh["kind"], fresh["newest_event_at"]) == ("view", AT)
