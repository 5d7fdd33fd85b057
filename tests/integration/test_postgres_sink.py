"""Rows come out of Kafka into PostgreSQL exactly, whatever is sent again, withdrawn, unreadable or refused."""

import datetime as dt
from typing import Any

import kafka
import msgspec
import psycopg
import pytest

from contracts import codec, topics
from contracts.config import Account
from contracts.events import DeadLetter
from runtime.seal import Sealer
from sinks.postgres.offsets import LostOwnership, RecreatedTopic
from sinks.records import Place, Shard
from tests.integration.sink_run import SEAL_KEY, TABLES, SinkRun, key_of

POST = TABLES["engagement_by_post"]
MINUTE = TABLES["engagement_by_post_minute"]
POSTS = TABLES["posts"]
NOON_MS = 1_790_000_040_000  # 2026-09-21 14:14:00 UTC


def post(post_id: str, version: int = 1, **counts: int) -> dict[str, Any]:
    return {"platform": "facebook", "account_id": "1001", "post_id": post_id, "version": version, **counts}


def likes(sink: SinkRun) -> dict[str, int]:
    return {r["post_id"]: r["likes"] for r in sink.query("SELECT post_id, likes FROM analytics.engagement_by_post")}


def test_a_row_of_every_column_type_arrives_as_it_was_sent(sink: SinkRun) -> None:
    sink.put(POST, post("p1", version=7, likes=5, likes_removed=2, unique_engagers=3))
    sink.put(MINUTE, post("p1", version=7, minute=NOON_MS, shares=1), partition=1)
    sink.put(
        POSTS,
        post("tab\tand \\ line\nend")
        | {
            "published_at": NOON_MS,
            "hashtags": ('quo"te', "back\\slash", "", "NULL"),
            "links": ("https://example.org/a,b{c}",),
            "is_published": False,
            "format": "\\N",
        },
        partition=3,
    )
    sink.apply()
    [row] = sink.query("SELECT * FROM analytics.engagement_by_post")
    assert (row["likes"], row["likes_removed"], row["net_likes"], row["unique_engagers"]) == (5, 2, 3, 3)
    assert (row["comments"], row["version"]) == (0, 7)
    assert row["updated_at"].date() >= dt.date(2026, 1, 1)
    [minute] = sink.query("SELECT minute, shares FROM analytics.engagement_by_post_minute")
    assert minute == {"minute": dt.datetime(2026, 9, 21, 14, 14, tzinfo=dt.UTC), "shares": 1}
    [content] = sink.query("SELECT * FROM analytics.posts")
    assert content["post_id"] == "tab\tand \\ line\nend"
    assert content["hashtags"] == ['quo"te', "back\\slash", "", "NULL"]
    assert content["links"] == ["https://example.org/a,b{c}"]
    assert content["mentions"] == []
    assert (content["is_published"], content["format"], content["permalink"]) == (False, "\\N", None)


def test_what_is_applied_twice_stands_once(sink: SinkRun) -> None:
    for number in range(200):
        sink.put(POST, post(f"p{number}", version=number + 1, likes=number), partition=number % 4)
    sink.apply()
    before = sink.query("SELECT * FROM analytics.engagement_by_post ORDER BY post_id")
    sink.rewind()
    sink.apply()
    assert len(before) == 200
    assert sink.query("SELECT * FROM analytics.engagement_by_post ORDER BY post_id") == before


def test_a_smaller_version_does_not_go_back(sink: SinkRun) -> None:
    sink.put(POST, post("p1", version=9, likes=9))
    sink.apply()
    sink.put(POST, post("p1", version=8, likes=8))
    sink.put(POST, post("p2", version=2, likes=2))
    sink.put(POST, post("p2", version=1, likes=1))
    sink.apply()
    assert likes(sink) == {"p1": 9, "p2": 2}


def test_a_tombstone_deletes_what_is_not_newer(sink: SinkRun) -> None:
    for name in ("gone", "newer", "back"):
        sink.put(POST, post(name, version=5, likes=1))
    sink.put(MINUTE, post("gone", minute=NOON_MS, likes=1))
    sink.apply()
    sink.put_bytes(POST.topic, key_of(POST, post("gone")), None, headers=[("version", b"5")])
    sink.put_bytes(POST.topic, key_of(POST, post("newer")), None, headers=[("version", b"4")])
    sink.put_bytes(POST.topic, key_of(POST, post("back")), None, headers=[("version", b"6")])
    sink.put(POST, post("back", version=7, likes=7))
    minute = post("gone") | {"minute": NOON_MS}
    sink.put_bytes(MINUTE.topic, key_of(MINUTE, minute), None, headers=[("version", b"5")])
    sink.apply()
    assert likes(sink) == {"newer": 1, "back": 7}
    assert sink.query("SELECT * FROM analytics.engagement_by_post_minute") == []


def test_a_bad_row_among_five_hundred_costs_one_dead_letter(sink: SinkRun) -> None:
    too_great = post("p250", likes=2**63)
    for number in range(500):
        sink.put(POST, too_great if number == 250 else post(f"p{number}", likes=1))
    bad = msgspec.json.encode(too_great)
    sink.apply()
    assert len(likes(sink)) == 499
    sink.apply()  # the sink reads what it has put aside
    [letter] = sink.query("SELECT * FROM pipeline.dead_letters")
    assert (letter["stage"], letter["reason"], letter["topic"]) == ("sink", "rejected_row", POST.topic)
    assert letter["record_key"] == key_of(POST, too_great)
    opened = Sealer([SEAL_KEY]).open(letter["sealed"])
    assert msgspec.json.decode(opened) == msgspec.json.decode(bad)
    assert str(2**63) not in letter["detail"]


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        (POST, b"k", b"not json"),
        (POST, b"k", b'{"platform": "facebook", "account_id": 7, "post_id": "p", "version": 1}'),
        (POST, b"k", b'{"platform": "facebook", "account_id": "\\ud800", "post_id": "p", "version": 1}'),
        (POST, b"k", b'{"platform": "facebook", "account_id": "\\u0000", "post_id": "p", "version": 1}'),
        (POST, b"three|columns|wanted|not four", None),
        (MINUTE, b"k", msgspec.json.encode(post("p") | {"minute": 2**62})),
        (MINUTE, b"k", msgspec.json.encode(post("p") | {"minute": 2**80})),
        (MINUTE, b"k", msgspec.json.encode(post("p") | {"minute": -(10**14)})),
    ],
)
def test_an_unusable_record_becomes_a_dead_letter_and_its_neighbours_go_through(
    sink: SinkRun, table: Any, key: bytes, value: bytes | None
) -> None:
    sink.put(POST, post("before", likes=1))
    sink.put_bytes(table.topic, key, value, headers=[("version", b"1")] if value is None else [])
    sink.put(POST, post("after", likes=2))
    sink.apply()
    assert likes(sink) == {"before": 1, "after": 2}
    sink.apply()
    [letter] = sink.query("SELECT * FROM pipeline.dead_letters")
    assert letter["reason"] in {"invalid_record", "rejected_row"}
    assert Sealer([SEAL_KEY]).open(letter["sealed"]) == (value or b"")


def test_two_records_of_one_grain_under_two_keys_both_count_as_one_row(sink: SinkRun) -> None:
    sink.put(POST, post("p1", version=1, likes=1))
    sink.put_bytes(POST.topic, b"another key", msgspec.json.encode(post("p1", version=2, likes=2)))
    sink.apply()
    assert likes(sink) == {"p1": 2}


def test_dead_letters_of_all_stages_are_kept_replaced_and_deleted(sink: SinkRun) -> None:
    letter = DeadLetter(1, "d1", "ingest", "delivery", "unreadable_body", "bad", b"sealed", NOON_MS, "0.1.0")
    other = msgspec.structs.replace(letter, dead_letter_id="d2", detail="with \0 in it")
    sink.put_bytes(topics.DEAD_LETTERS.name, b"d1", codec.encode(letter))
    sink.put_bytes(topics.DEAD_LETTERS.name, b"d2", codec.encode(other))
    sink.apply()
    sink.apply()
    kept = {one["dead_letter_id"]: one for one in sink.query("SELECT * FROM pipeline.dead_letters")}
    assert kept["d1"]["sealed"] == b"sealed"
    assert kept["d1"]["received_at"] == dt.datetime.fromtimestamp(NOON_MS / 1000, dt.UTC)
    assert [one["reason"] for name, one in kept.items() if name != "d1"] == ["rejected_row"]
    sink.put_bytes(topics.DEAD_LETTERS.name, b"d1", None)
    sink.apply()
    assert "d1" not in {one["dead_letter_id"] for one in sink.query("SELECT * FROM pipeline.dead_letters")}


def test_partitions_are_made_for_the_rows_that_come_and_the_writer_makes_no_tables(sink: SinkRun) -> None:
    days = [NOON_MS + day * 86_400_000 for day in range(3)]
    for minute in days:
        sink.put(MINUTE, post("p1", minute=minute, likes=1))
    sink.apply()
    parts = sink.query("SELECT part FROM pipeline.partitions WHERE table_name = 'engagement_by_post_minute'")
    assert {"engagement_by_post_minute_20260921", "engagement_by_post_minute_20260923"} <= {p["part"] for p in parts}
    assert len(sink.query("SELECT * FROM analytics.engagement_by_post_minute")) == 3
    with (
        psycopg.connect(sink.writer_dsn) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE analytics.mine (a int)")


def test_old_partitions_are_dropped_by_the_newest_event_and_made_again_when_needed(sink: SinkRun) -> None:
    old, new = NOON_MS, NOON_MS + 3 * 86_400_000
    sink.put(MINUTE, post("p1", minute=old, likes=1))
    sink.put(MINUTE, post("p1", minute=new, likes=1))
    sink.apply()
    with psycopg.connect(sink.writer_dsn, autocommit=True) as connection:
        [dropped] = connection.execute(
            "SELECT pipeline.drop_partitions('engagement_by_post_minute', '2026-09-23 00:00+00')"
        ).fetchone() or [None]
    assert dropped is not None
    assert dropped >= 1
    assert len(sink.query("SELECT * FROM analytics.engagement_by_post_minute")) == 1
    sink.put(MINUTE, post("p2", minute=old, likes=1))
    sink.apply()
    assert len(sink.query("SELECT * FROM analytics.engagement_by_post_minute")) == 2


def test_rows_of_an_aborted_transaction_never_appear_and_markers_are_passed(
    sink: SinkRun, kafka_bootstrap: str
) -> None:
    producer = kafka.KafkaProducer(bootstrap_servers=kafka_bootstrap, transactional_id="test-postgres-sink", acks="all")
    producer.init_transactions()
    for number, commit in enumerate((False, True, False)):
        producer.begin_transaction()
        value = msgspec.json.encode(post(f"p{number}", likes=1))
        producer.send(POST.topic, value, key_of(POST, post(f"p{number}")), partition=0)
        if commit:
            producer.commit_transaction()
        else:
            producer.flush()
            producer.abort_transaction()
    producer.close()
    sink.apply()
    assert likes(sink) == {"p1": 1}
    assert sink.offsets()[Place(POST.topic, 0)] == sink.ends()[Place(POST.topic, 0)]


def test_who_finds_its_offsets_moved_leaves_nothing(sink: SinkRun) -> None:
    with sink.running() as zombie:
        sink.put(POST, post("p1", likes=1))
        sink.flush()
        zombie.until(lambda: likes(sink) == {"p1": 1})
        with psycopg.connect(sink.owner_dsn, autocommit=True) as connection:
            connection.execute(
                "UPDATE pipeline.sink_offsets SET next_offset = next_offset + 1 WHERE topic = %s", [POST.topic]
            )
        sink.put(POST, post("p2", likes=1))
        sink.flush()
        assert isinstance(zombie.until_it_stops(), LostOwnership)
    assert likes(sink) == {"p1": 1}


def test_a_second_sink_waits_until_the_first_is_gone(sink: SinkRun) -> None:
    with sink.running() as second_to_be:
        second_to_be.until(lambda: len(sink.query("SELECT * FROM pipeline.leases")) == 1)
        with sink.running() as waiting, sink.running(shard=Shard(1, 2)) as waiting_too:
            sink.put(POST, post("p1", likes=1), partition=1)
            sink.flush()
            second_to_be.until_applied()
            [lease] = sink.query("SELECT name FROM pipeline.leases")
            assert lease == {"name": "sink-postgres:0,1,2,3"}
            waiting.end()
            second_to_be.end()
            waiting_too.until(lambda: len(sink.query("SELECT * FROM pipeline.leases")) == 2)
    assert likes(sink) == {"p1": 1}


def test_shards_share_the_partitions(sink: SinkRun) -> None:
    for partition in range(4):
        sink.put(POST, post(f"p{partition}", likes=1), partition=partition)
    sink.flush()
    with sink.running(shard=Shard(0, 2)) as even, sink.running(shard=Shard(1, 2)):
        even.until(lambda: len(likes(sink)) == 4)


def test_a_recreated_topic_is_refused(sink: SinkRun) -> None:
    with psycopg.connect(sink.owner_dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE pipeline.sink_offsets SET topic_id = gen_random_uuid() WHERE topic = %s", [POST.topic]
        )
    with sink.running() as refusing:
        error = refusing.until_it_stops()
    assert isinstance(error, RecreatedTopic)
    assert POST.topic in str(error)


def test_configured_accounts_are_written_and_changed(sink: SinkRun) -> None:
    account = Account("facebook", "1001", "Page", "acme", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "Europe/Berlin")
    sink.apply(accounts=(account,))
    sink.apply(accounts=(msgspec.structs.replace(account, name="Another"),))
    [row] = sink.query("SELECT name, zone, currency FROM analytics.accounts")
    assert row == {"name": "Another", "zone": "Europe/Berlin", "currency": "USD"}
