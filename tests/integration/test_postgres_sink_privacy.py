"""Names come and go, and an erasure is cleared only when everything that it wrote is applied."""

import datetime as dt

import psycopg
import pytest

from contracts import codec, identity, topics
from contracts.events import SCHEMA, Erasure, FlushMarker, Person
from deploy.local.stack import LocalStack
from tests.integration.sink_run import TABLES, SinkRun, as_role

T0 = 1_790_000_000_000
COMMENT = TABLES["inbound_comments"]
EVENTS = topics.EVENTS.name
PEOPLE = "SELECT actor_id, name, profile_url FROM analytics.people ORDER BY actor_id"


def put_person(sink: SinkRun, actor: str, name: str | None, seen_at: int = T0, coming: str | None = None) -> None:
    person = None if name is None else Person(SCHEMA, "facebook", actor, name, seen_at, actor_id_next=coming)
    value = None if person is None else codec.encode(person)
    sink.put_bytes(topics.PEOPLE.name, identity.join_key("facebook", actor).encode(), value, 1)
    sink.flush()


def put_erasure(
    sink: SinkRun, actor: str, erased_at: int, produced: dict[str, dict[int, int]], coming: str | None = None
) -> None:
    erasure = Erasure(SCHEMA, f"erasure of {actor}", "facebook", actor, erased_at, produced, coming)
    sink.put_bytes(topics.ERASURES.name, erasure.erasure_id.encode(), codec.encode(erasure), 0)
    sink.flush()


def put_marker(sink: SinkRun, folded: int) -> None:
    marker = FlushMarker(SCHEMA, "organic", 0, folded, {EVENTS: folded}, {}, 0, T0, None, None)
    sink.put_bytes(topics.FLUSHES.name, b"organic|0", codec.encode(marker), 0)
    sink.flush()


def names(sink: SinkRun) -> dict[str, str]:
    return {row["actor_id"]: row["name"] for row in sink.query(PEOPLE)}


def test_a_name_is_the_one_seen_last_whatever_came_last(sink: SinkRun) -> None:
    put_person(sink, "ann", "Ann", T0)
    put_person(sink, "ann", "Ann M.", T0 + 2)
    sink.apply()
    put_person(sink, "ann", "A.", T0 + 1)
    put_person(sink, "bob", "Bob")
    sink.apply()
    assert names(sink) == {"ann": "Ann M.", "bob": "Bob"}


def test_a_deleted_name_is_gone(sink: SinkRun) -> None:
    put_person(sink, "ann", "Ann")
    put_person(sink, "bob", "Bob")
    sink.apply()
    put_person(sink, "ann", None)
    sink.apply()
    assert names(sink) == {"bob": "Bob"}


def test_an_erased_persons_name_goes_and_comes_back_only_with_what_they_do_later(sink: SinkRun) -> None:
    put_person(sink, "ann", "Ann", T0)
    put_person(sink, "bob", "Bob", T0)
    sink.apply()
    put_erasure(sink, "ann", T0 + 10, {topics.PEOPLE.name: {1: 0}})
    sink.apply()
    assert names(sink) == {"bob": "Bob"}
    put_person(sink, "ann", "Ann", T0 + 9)
    sink.apply()
    assert names(sink) == {"bob": "Bob"}, "an old comment that is read again names nobody"
    put_person(sink, "ann", "Ann", T0 + 11)
    sink.apply()
    assert names(sink) == {"ann": "Ann", "bob": "Bob"}


def test_old_comments_that_no_processor_remembers_lose_their_author_too(sink: SinkRun) -> None:
    for comment, actor, asked_at in (("c1", "ann", T0), ("c2", "bob", T0), ("c3", "ann", T0 + 20)):
        values = {"comment_id": comment, "post_id": "p", "actor_id": actor, "asked_at": asked_at, "version": 1}
        sink.put(COMMENT, {"platform": "facebook", "account_id": "1", **values})
    sink.apply()
    put_erasure(sink, "ann", T0 + 10, {topics.PEOPLE.name: {1: 0}})
    sink.apply()
    found = sink.query("SELECT comment_id, actor_id FROM analytics.inbound_comments ORDER BY comment_id")
    assert [tuple(row.values()) for row in found] == [("c1", None), ("c2", "bob"), ("c3", "ann")]


def test_an_erasure_is_cleared_when_the_partitions_and_this_sink_are_through(sink: SinkRun) -> None:
    before = {(place.topic, place.partition): end for place, end in sink.ends().items()}
    put_person(sink, "ann", None)
    produced = {EVENTS: {0: 7}, topics.PEOPLE.name: {1: before[topics.PEOPLE.name, 1] + 1}}
    put_erasure(sink, "ann", T0, {})
    put_erasure(sink, "ann", T0, produced)
    with sink.running() as running:
        put_marker(sink, 6)
        both = "SELECT FROM pipeline.applied_positions AS a, pipeline.erasures WHERE a.next_offset = 6"
        running.until(lambda: bool(sink.query(both)))
        assert sink.query("SELECT cleared_at FROM pipeline.erasures") == [{"cleared_at": None}]
        put_marker(sink, 7)
        running.until(lambda: bool(sink.query("SELECT FROM pipeline.erasures WHERE cleared_at IS NOT NULL")))
    [row] = sink.query("SELECT * FROM pipeline.erasures")
    requested = dt.datetime.fromtimestamp(T0 / 1000, dt.UTC)
    assert (row["platform"], row["requested_at"]) == ("facebook", requested)
    assert row["logs_expire_at"] == requested + dt.timedelta(days=31)
    assert "ann" not in row["person"]


def test_an_erasure_that_has_not_written_all_is_not_cleared(sink: SinkRun) -> None:
    put_erasure(sink, "ann", T0, {})
    put_marker(sink, 1_000)
    with sink.running() as running:
        running.until(lambda: bool(sink.query("SELECT FROM pipeline.applied_positions, pipeline.erasures")))
    assert sink.query("SELECT cleared_at FROM pipeline.erasures") == [{"cleared_at": None}]


def test_a_name_that_postgres_refuses_costs_that_name(sink: SinkRun) -> None:
    put_person(sink, "ann", "An\0n")
    put_person(sink, "bob", "Bob")
    sink.apply()
    assert names(sink) == {"bob": "Bob"}


def test_only_who_may_know_names_reads_them(sink: SinkRun, stores: LocalStack, postgres_dsn: str) -> None:
    put_person(sink, "ann", "Ann")
    sink.apply()
    with psycopg.connect(as_role(postgres_dsn, stores.dsn("reader")), autocommit=True) as reader:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT * FROM analytics.people")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT person FROM pipeline.erasures")
        reader.execute("SELECT erasure_id, cleared_at FROM pipeline.erasures")
    with psycopg.connect(as_role(postgres_dsn, stores.superuser_dsn), autocommit=True) as trusted:
        trusted.execute("SET ROLE engagement_people_reader")
        assert trusted.execute("SELECT name FROM analytics.people").fetchall() == [("Ann",)]
        trusted.execute("SELECT * FROM analytics.accounts")


def test_names_are_forgotten_behind_the_newest_event(sink: SinkRun) -> None:
    day = topics.DAY_MS
    put_person(sink, "ann", "Ann", T0 - 401 * day)
    put_person(sink, "bob", "Bob", T0 - 399 * day)
    sink.apply()
    sink.query(
        "INSERT INTO pipeline.freshness (kind, name, newest_event_at, applied_at)"
        f" VALUES ('table', 't', to_timestamp({T0 / 1000}), now()) RETURNING name"
    )
    with sink.running() as running:
        running.until(lambda: names(sink) == {"bob": "Bob"})


def test_a_name_stays_under_the_first_pseudonym_when_the_identity_key_changes(sink: SinkRun) -> None:
    for actor, name, seen_at, coming in (
        ("ann", "Ann", T0, None),
        ("ann", "Ann", T0 + 1, "ann2"),
        ("ann2", "Anna", T0 + 2, None),
        ("ann2", "Anna", T0 + 3, "ann3"),
        ("ann2", "Anna", T0 + 4, "ann3"),
        ("ann3", "Anne", T0 + 5, None),
        ("bob2", "Bob", T0 + 5, None),
    ):
        put_person(sink, actor, name, seen_at, coming)
        sink.apply()
    assert names(sink) == {"ann": "Anne", "bob2": "Bob"}


def test_somebody_erased_by_one_pseudonym_is_so_by_the_next(sink: SinkRun) -> None:
    put_person(sink, "ann", "Ann", T0, "ann2")
    sink.apply()
    put_erasure(sink, "ann", T0 + 10, {topics.PEOPLE.name: {1: 0}}, "ann2")
    sink.apply()
    assert names(sink) == {}
    put_person(sink, "ann2", "Ann", T0 + 9)
    sink.apply()
    assert names(sink) == {}, "an old comment that is read again under the next key names nobody"
    put_person(sink, "ann2", "Ann", T0 + 11)
    sink.apply()
    assert names(sink) == {"ann2": "Ann"}


def test_somebody_erased_before_the_next_key_was_announced_is_so_by_the_next_pseudonyms(sink: SinkRun) -> None:
    """An old comment is read again while each is announced, and after."""
    put_erasure(sink, "ann", T0 + 10, {topics.PEOPLE.name: {1: 0}})
    sink.apply()
    for actor, coming in (("ann", "nna"), ("nna", None), ("nna", "ana"), ("ana", None)):
        put_person(sink, actor, "Ann", T0 + 9, coming)
        sink.apply()
        assert names(sink) == {}
    put_person(sink, "ana", "Ann", T0 + 11)
    sink.apply()
    assert names(sink) == {"ana": "Ann"}
