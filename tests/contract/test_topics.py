"""Promises about topics: what replaces a record, and where it is folded."""

import pytest

from contracts import tables, topics
from contracts.config import Retention
from contracts.table import Table

ALL = topics.load(Retention())


def test_names_are_unique() -> None:
    assert len({topic.name for topic in ALL}) == len(ALL)


@pytest.mark.parametrize(
    ("key", "hash_value"), [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)]
)
def test_partitions_are_chosen_as_kafkas_own_clients_choose_them(key: bytes, hash_value: int) -> None:
    """The hashes are those of Kafka's UtilsTest.testMurmur2."""
    assert topics.partition_of(key, 1 << 31) == hash_value & 0x7FFFFFFF


@pytest.mark.parametrize("table", tables.load().values(), ids=lambda table: table.name)
def test_an_aggregate_is_replaced_by_its_whole_grain_only(table: Table) -> None:
    """A compacted topic whose key is coarser than its record would lose rows."""
    (topic,) = [topic for topic in ALL if topic.name == table.topic]
    assert topic.key == "|".join(column.name for column in table.key)
    assert topic.cleanup.startswith("compact")


@pytest.mark.parametrize("table", tables.load().values(), ids=lambda table: table.name)
def test_every_row_has_one_writer(table: Table) -> None:
    """Sources are partitioned by account, so every grain holds the account."""
    assert [column.name for column in table.key[:2]] == ["platform", "account_id"]


def test_everything_that_one_processor_reads_and_writes_has_equal_partitions() -> None:
    mine = [*topics.ORGANIC_SOURCES, *topics.aggregates(Retention())]
    mine += [topics.STATE_ACCOUNTS, topics.STATE_INTERACTIONS, topics.STATE_CHECKPOINT, topics.FLUSHES]
    assert {topic.partitions for topic in mine} == {"organic"}


def test_windows_outlive_the_processors_memory_of_them_by_a_day() -> None:
    kept = {topic.name: topic.retention_ms for topic in topics.aggregates(Retention(minute_days=2, hour_days=5))}
    assert kept["agg.engagement_by_post_minute"] == 3 * topics.DAY_MS
    assert kept["agg.engagement_by_account_hour"] == 6 * topics.DAY_MS
    assert kept["agg.inbound_comments"] == 401 * topics.DAY_MS
    assert kept["agg.engagement_by_post"] is None
