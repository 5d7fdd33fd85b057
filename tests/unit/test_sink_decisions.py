"""What waits, what an error means, and which partitions belong to whom."""

import msgspec
import psycopg
import pytest
from psycopg import errors

from contracts import codec, topics
from contracts.events import Cursor
from sinks.postgres import faults, notes
from sinks.postgres.batch import Reader
from sinks.postgres.waiting import Waiter, WaitingRoom
from sinks.records import Place, Shard, lag_by_topic
from tests.property.test_sink_laws import Logged

PLACE = Place("t", 0)


def room(*offsets: int) -> WaitingRoom[int]:
    made: WaitingRoom[int] = WaitingRoom()
    for offset in offsets:
        made.add("key", Waiter(PLACE, offset, offset))
    return made


def said(made: WaitingRoom[int], limit: int) -> list[int]:
    return [waiter.said for _, waiter in made.ready(lambda offset: offset <= limit)]


def test_the_oldest_waits_on_however_many_newer_ones_come() -> None:
    made = room(1, 2, 3, 4)
    assert said(made, 3) == [1]
    assert said(made, 4) == [1, 4]


def test_what_was_written_waits_no_more_and_the_offset_behind_it_is_held() -> None:
    made = room(1, 2, 3)
    done = made.ready(lambda offset: offset <= 1)
    assert made.held([]) == {PLACE: 1}
    assert made.held(done) == {PLACE: 3}
    made.settle(done)
    assert made.held([]) == {PLACE: 3}
    assert said(made, 3) == [3]
    made.settle(made.ready(lambda _: True))
    assert not made


def test_a_newer_one_that_is_ready_first_outdates_the_older() -> None:
    made = room(1, 2)
    done = made.ready(lambda offset: offset == 2)
    assert made.held(done) == {}
    made.settle(done)
    assert not made


def cursor(*, healthy: bool = True, started_at: int | None = 5000) -> Cursor:
    return Cursor(1, "s", "facebook", "1", started_at, 1000, healthy, 0, {}, {"events": {0: 10, 1: 20}})


def test_what_is_read_back_of_a_platform_is_no_source_of_the_tables() -> None:
    reader, place = Reader([]), Place(topics.CURSORS.name, 0)
    shared = msgspec.structs.replace(cursor(), source="facebook::backfill", account_id="")
    for offset, told in enumerate((shared, cursor())):
        reader.read({place: [Logged(offset, told.source.encode(), codec.encode(told), ())]})
    assert [waiter.said.source for _, waiter in reader.cursors.ready(lambda _: True)] == ["s"]


def test_a_poll_is_applied_when_all_that_it_produced_is() -> None:
    assert not notes.is_applied(cursor(), {("events", 0): 10})
    assert not notes.is_applied(cursor(), {("events", 0): 10, ("events", 1): 19})
    assert notes.is_applied(cursor(), {("events", 0): 11, ("events", 1): 20})
    assert notes.is_applied(cursor(healthy=False), {})


def test_a_source_is_complete_up_to_the_overlap_before_its_last_poll_or_unknown() -> None:
    assert notes.complete_through(cursor()) == 4000
    assert notes.complete_through(cursor(healthy=False)) is None
    assert notes.complete_through(cursor(started_at=None)) is None


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (errors.NumericValueOutOfRange(), "bad data"),
        (errors.CheckViolation(), "bad data"),
        (errors.CardinalityViolation(), "bad data"),
        (psycopg.DataError("text fields cannot contain NUL"), "bad data"),
        (errors.AdminShutdown(), "away"),
        (errors.SerializationFailure(), "away"),
        (errors.DiskFull(), "away"),
        (errors.LockNotAvailable(), "away"),
        (psycopg.OperationalError("the connection is lost"), "away"),
        (errors.UndefinedTable(), "unknown"),
        (errors.InsufficientPrivilege(), "unknown"),
        (errors.QueryCanceled(), "unknown"),
    ],
)
def test_an_error_costs_a_row_or_patience_or_the_process(error: psycopg.Error, meaning: str) -> None:
    assert faults.meaning(error) == meaning


def test_shards_cover_every_partition_once() -> None:
    for count in range(1, 6):
        owners = [[Shard(i, count).has(partition) for i in range(count)] for partition in range(17)]
        assert all(sum(owner) == 1 for owner in owners)


@pytest.mark.parametrize("text", ["", "1", "2/2", "-1/2", "a/b", "0/0"])
def test_a_wrong_shard_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"i/n|invalid literal"):
        Shard.parse(text)


def test_lag_is_summed_by_topic() -> None:
    ends = {Place("a", 0): 10, Place("a", 1): 5, Place("b", 0): 3}
    assert lag_by_topic(ends, {Place("a", 0): 7, Place("a", 1): 6, Place("b", 0): 3}) == {"a": 3, "b": 0}
