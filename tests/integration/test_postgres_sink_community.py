"""The tables of the community through the whole sink, and the views that it keeps fresh beside them."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from contracts import codec, topics
from contracts.events import FlushMarker
from contracts.table import Table
from deploy.local.stack import LocalStack
from sinks.postgres import migrate
from sinks.records import Place
from tests.integration.sink_run import TABLES, SinkRun, as_role, key_of, make_topics

FACEBOOK = {"platform": "facebook", "account_id": "1"}
INSTAGRAM = {"platform": "instagram", "account_id": "1"}
MEMBERS, DAYS = TABLES["community_members"], TABLES["community_by_account_day"]
COMMENTS, ANOMALIES = TABLES["inbound_comments"], TABLES["engagement_anomalies"]
ACCOUNT_DAYS = TABLES["engagement_by_account_day"]
T0 = 1_790_000_000_000
AT = dt.datetime.fromtimestamp(T0 / 1000, dt.UTC)
HOUR = T0 - T0 % 3_600_000


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


def put(run: SinkRun, table: Table, **values: Any) -> None:
    run.put(table, {**FACEBOOK, "version": 1, **values})


def put_member(run: SinkRun, actor: str, **values: Any) -> None:
    days = {"first_seen_day": "2026-09-01", "last_seen_day": "2026-09-10"}
    put(run, MEMBERS, actor_id=actor, **days, **values)


def one(run: SinkRun, table: Table) -> dict[str, Any]:
    [row] = run.query(f"SELECT * FROM analytics.{table.name}")
    return row


def test_a_member_has_a_ring_and_all_64_bits(run: SinkRun) -> None:
    put_member(
        run, "a", level=8, recent_days=-(2**63), active_weeks=2**63 - 1, ambassador_reasons=["level", "advocacy"]
    )
    run.apply()
    row = one(run, MEMBERS)
    assert (row["ring"], row["recent_days"], row["active_weeks"]) == ("contributing", -(2**63), 2**63 - 1)
    assert row["ambassador_reasons"] == ["level", "advocacy"]
    put_member(run, "a", level=0, is_ambassador=True)
    run.apply()
    row = one(run, MEMBERS)
    assert (row["ring"], row["is_ambassador"], row["ambassador_reasons"]) == (None, True, [])


def test_a_day_of_the_community_is_replaced_and_deleted(run: SinkRun) -> None:
    day = {**FACEBOOK, "day": "2026-09-10"}
    put(run, DAYS, day="2026-09-10", leading=3, commitment=300)
    run.apply()
    put(run, DAYS, day="2026-09-10", leading=4, commitment=400, version=2)
    run.apply()
    assert (one(run, DAYS)["leading"], one(run, DAYS)["commitment"]) == (4, 400)
    run.put_bytes(DAYS.topic, key_of(DAYS, day), None, 0, [("version", b"3")])
    run.apply()
    assert run.query("SELECT * FROM analytics.community_by_account_day") == []


def test_a_comment_that_waits_knows_no_answer(run: SinkRun) -> None:
    put(run, COMMENTS, comment_id="c", post_id="p", asked_at=T0, needs_answer=True)
    run.apply()
    row = one(run, COMMENTS)
    unknown = ("parent_id", "actor_id", "permalink", "answered_at", "answer_id")
    assert {row[name] for name in unknown} == {None}
    assert (row["asked_at"], row["needs_answer"]) == (AT, True)
    answered = {"answered_at": T0 + 1000, "answer_id": "d", "actor_id": "a\\N", "permalink": "https://f.test/?a=1\t2"}
    put(run, COMMENTS, comment_id="c", post_id="p", asked_at=T0, version=2, **answered)
    run.apply()
    row = one(run, COMMENTS)
    assert {**answered, "answered_at": AT + dt.timedelta(seconds=1)} == {name: row[name] for name in answered}


def test_an_anomaly_keeps_every_digit_of_its_figures(run: SinkRun) -> None:
    figures = {"median": 0.1 + 0.2, "mad": 1e-300, "z": 1e22 / 3}
    put(run, ANOMALIES, scope="post", subject="p", hour=HOUR, engagements=20, severity="extreme", **figures)
    run.apply()
    row = one(run, ANOMALIES)
    assert {name: row[name] for name in figures} == figures


def test_what_a_platform_never_sends_is_unknown_and_what_it_sends_is_counted(run: SinkRun) -> None:
    for account in (FACEBOOK, INSTAGRAM):
        run.put(ACCOUNT_DAYS, {**account, "day": "2026-09-10", "comments": 2, "version": 1})
    run.apply()
    found = run.query(
        "SELECT platform, likes, net_likes, comments, net_comments, anonymous, follows, mentions"
        " FROM analytics.engagement_by_account_day ORDER BY platform"
    )
    assert [tuple(row.values()) for row in found] == [
        ("facebook", 0, 0, 2, 2, 0, 0, None),
        ("instagram", None, None, 2, 2, 0, None, 0),
    ]


def test_the_sink_refreshes_the_views_while_it_goes_on(run: SinkRun) -> None:
    rows_begin = run.ends()[Place(MEMBERS.topic, 0)]
    with run.running(refresh_seconds=0.1) as running:
        for count in (1, 2):
            put_member(run, f"person {count}", version=count)
            marker = FlushMarker(
                1, "organic", 0, count, {topics.EVENTS.name: count}, {MEMBERS.topic: rows_begin + count}, 1, T0, T0, T0
            )
            run.put_bytes(topics.FLUSHES.name, b"organic|0", codec.encode(marker), 0)
            run.flush()

            def is_seen(expected: int = count) -> bool:
                return len(run.query("SELECT * FROM analytics.community_rfm")) == expected

            running.until(is_seen)
    [fresh] = run.query("SELECT * FROM pipeline.freshness WHERE name = 'community_rfm'")
    assert (fresh["kind"], fresh["newest_event_at"]) == ("view", AT)
