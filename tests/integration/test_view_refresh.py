"""Materialised views are computed anew when their tables got rows, beside whoever reads and writes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.rows import dict_row

from deploy.local.stack import LocalStack
from runtime.instruments import Instruments
from sinks import cli
from sinks.postgres.refresher import NO_VIEW, Refresher, refresh_changed
from tests.integration.sink_run import as_role
from tests.integration.view_rows import Rows

INPUTS = {
    "community_cohorts": {"community_members"},
    "community_gravity_month": {"community_by_account_day"},
    "community_rfm": {"community_members"},
    "content_performance": {"accounts", "engagement_by_post", "post_metrics", "posts"},
    "engagement_decay": {"accounts", "engagement_by_post_minute", "posts"},
}
REFRESHES = "engagement_view_refreshes_total"


@pytest.fixture
def db(dsn: str) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        connection.execute("TRUNCATE analytics.community_members, pipeline.freshness")
        yield connection
        connection.execute("DROP MATERIALIZED VIEW IF EXISTS analytics.a_quotient")


@pytest.fixture
def writer(server: LocalStack, dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(as_role(dsn, server.dsn("writer")), autocommit=True) as connection:
        yield connection


def joins(db: psycopg.Connection[dict[str, Any]], actor: str, **values: Any) -> None:
    days = {"first_seen_day": "2026-09-01", "last_seen_day": "2026-09-01"}
    Rows(db).add("community_members", actor_id=actor, **days, **values)


def mark(db: psycopg.Connection[dict[str, Any]], table: str = "community_members") -> None:
    """What the sink notes when rows are in."""
    db.execute(
        "INSERT INTO pipeline.freshness (kind, name, newest_event_at, applied_at) VALUES ('table', %s, now(), now())"
        " ON CONFLICT (kind, name) DO UPDATE SET applied_at = excluded.applied_at",
        [table],
    )


def people(db: psycopg.Connection[dict[str, Any]]) -> list[str]:
    return [row["actor_id"] for row in db.execute("SELECT actor_id FROM analytics.community_rfm ORDER BY 1").fetchall()]


def test_what_a_view_is_computed_from_is_found_through_other_views(db: psycopg.Connection[dict[str, Any]]) -> None:
    found: dict[str, set[str]] = {}
    for row in db.execute("SELECT * FROM pipeline.view_inputs").fetchall():
        found.setdefault(row["view"], set()).add(row["table_name"])
    assert {view: found[view] for view in INPUTS} == INPUTS


def test_a_view_is_refreshed_when_its_tables_got_rows_and_only_then(
    db: psycopg.Connection[dict[str, Any]], writer: psycopg.Connection
) -> None:
    assert set(refresh_changed(writer)) >= INPUTS.keys()
    assert refresh_changed(writer) == []
    joins(db, "a")
    mark(db)
    assert refresh_changed(writer) == ["community_cohorts", "community_rfm"]
    assert people(db) == ["a"]
    mark(db, "community_by_account_day")
    assert refresh_changed(writer) == ["community_gravity_month"]


def test_a_view_says_when_it_was_refreshed_and_what_it_contains(
    db: psycopg.Connection[dict[str, Any]], writer: psycopg.Connection
) -> None:
    mark(db)
    refresh_changed(writer)
    [table] = db.execute("SELECT * FROM pipeline.freshness WHERE name = 'community_members'").fetchall()
    [view] = db.execute("SELECT * FROM pipeline.freshness WHERE name = 'community_rfm'").fetchall()
    assert (view["kind"], view["applied_at"], view["newest_event_at"]) == (
        "view",
        table["applied_at"],
        table["newest_event_at"],
    )
    assert list(view["inputs"]) == ["community_members"]
    assert view["refreshed_at"] > table["applied_at"]


def test_readers_and_writers_go_on_while_a_view_is_refreshed(
    db: psycopg.Connection[dict[str, Any]], writer: psycopg.Connection, dsn: str
) -> None:
    """A transaction that has written and not committed, and one that reads the view, hold nobody up."""
    joins(db, "a")
    mark(db)
    refresh_changed(writer)
    with (
        psycopg.connect(dsn, row_factory=dict_row) as writing,
        psycopg.connect(dsn, row_factory=dict_row) as reading,
    ):
        writing.execute("UPDATE analytics.community_members SET comments = 9 WHERE actor_id = 'a'")
        joins(writing, "b")
        assert people(reading) == ["a"]
        mark(db)
        assert "community_rfm" in refresh_changed(writer)
        assert people(db) == people(reading) == ["a"]
        mark(writing)
        writing.commit()
        assert "community_rfm" in refresh_changed(writer)
        assert people(db) == people(reading) == ["a", "b"]


def test_nobody_but_the_writer_and_the_owner_may_have_a_view_refreshed(server: LocalStack, dsn: str) -> None:
    refresh = "SELECT pipeline.refresh_view('community_rfm', true)"
    reading = psycopg.connect(as_role(dsn, server.dsn("reader")), autocommit=True)
    with reading as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(refresh)
    with psycopg.connect(as_role(dsn, server.dsn("writer")), autocommit=True) as writer:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            writer.execute("REFRESH MATERIALIZED VIEW analytics.community_rfm")
        assert writer.execute(refresh).fetchone() == (True,)


def test_the_command_refreshes_what_changed(
    db: psycopg.Connection[dict[str, Any]], writer: psycopg.Connection, dsn: str
) -> None:
    refresh_changed(writer)
    mark(db)
    environment = {"ENGAGEMENT_POSTGRES_DSN": dsn}
    assert CliRunner().invoke(cli.db, ["refresh"], env=environment).output.split() == [
        *("refreshed", "community_cohorts", "refreshed", "community_rfm")
    ]
    assert CliRunner().invoke(cli.db, ["refresh"], env=environment).output == "nothing to refresh\n"


@contextmanager
def refreshing(dsn: str, instruments: Instruments, seconds: float = 0.05) -> Iterator[Callable[[str, str], float]]:
    """A refresher at work; how often a view had an outcome so far."""
    with Refresher(dsn, seconds, instruments):
        yield (
            lambda view, outcome: (
                instruments.registry.get_sample_value(REFRESHES, {"view": view, "outcome": outcome}) or 0
            )
        )


def until(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(600):
        if holds():
            return
        pause.wait(0.05)
    raise AssertionError("it did not come to that")


def test_the_first_round_spares_nothing_and_later_ones_what_is_unchanged(
    db: psycopg.Connection[dict[str, Any]], writer: psycopg.Connection, server: LocalStack, dsn: str
) -> None:
    mark(db)
    refresh_changed(writer)
    instruments = Instruments()
    with refreshing(as_role(dsn, server.dsn("writer")), instruments) as times:
        until(lambda: times("community_rfm", "unchanged") >= 2)
        assert times("community_rfm", "refreshed") == 1
        joins(db, "a")
        mark(db)
        until(lambda: people(db) == ["a"])
    assert instruments.registry.get_sample_value("engagement_view_fresh_timestamp_seconds", {"view": "community_rfm"})


def test_a_view_that_cannot_be_computed_is_counted_and_the_others_are_refreshed(
    db: psycopg.Connection[dict[str, Any]], server: LocalStack, dsn: str
) -> None:
    joins(db, "a", comments=1)
    db.execute("SET ROLE engagement_migrator")
    db.execute(
        "CREATE MATERIALIZED VIEW analytics.a_quotient AS"
        " SELECT actor_id, 1 / comments AS quotient FROM analytics.community_members"
    )
    db.execute("CREATE UNIQUE INDEX ON analytics.a_quotient (actor_id)")
    db.execute("RESET ROLE")
    joins(db, "b", comments=0)
    mark(db)
    with refreshing(as_role(dsn, server.dsn("writer")), Instruments()) as times:
        until(lambda: times("a_quotient", "failed") >= 2)
        until(lambda: people(db) == ["a", "b"])
        until(lambda: times("community_rfm", "unchanged") >= 2)
        assert times("community_rfm", "refreshed") == 1, "another one that fails is no reason to compute it again"
        db.execute("DELETE FROM analytics.community_members WHERE actor_id = 'b'")
        until(lambda: times("a_quotient", "refreshed") == 1)


def test_a_database_that_is_away_is_asked_again(dsn: str) -> None:
    with refreshing(dsn.rpartition("/")[0] + "/no_such_database", Instruments()) as times:
        until(lambda: times(NO_VIEW, "failed") >= 2)


def test_a_refresh_that_waits_or_runs_does_not_hold_up_the_end_of_the_process(
    db: psycopg.Connection[dict[str, Any]], server: LocalStack, dsn: str
) -> None:
    waiting = "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

    def waits() -> bool:
        row = db.execute(waiting.encode()).fetchone()
        return row is not None and row["n"] > 0

    with psycopg.connect(dsn) as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtext('pipeline.refresh_view'))")
        instruments = Instruments()
        with refreshing(as_role(dsn, server.dsn("writer")), instruments) as times:
            until(waits)
        assert "refresher" not in {thread.name for thread in threading.enumerate()}
        assert times("community_cohorts", "failed") == 0
