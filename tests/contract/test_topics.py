"""Promises about topics: what replaces a record, and where it is folded."""

import pytest

from contracts import tables, topics
from contracts.config import Config, Retention
from contracts.table import Table
from processors.app import PROCESSORS

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
    """Sources are partitioned by account, those of the paid leg by brand: every grain begins with it."""
    begins_with = {"organic": ["platform", "account_id"], "paid": ["brand"]}[table.processor]
    assert [column.name for column in table.key[: len(begins_with)]] == begins_with


@pytest.mark.parametrize("name", sorted(PROCESSORS))
def test_everything_that_one_processor_reads_and_writes_has_equal_partitions(name: str) -> None:
    processor = PROCESSORS[name](Config())
    mine = {*processor.sources, *processor.written_topics()}
    assert {topic.partitions for topic in ALL if topic.name in mine} == {name}
    assert mine <= {topic.name for topic in ALL}


def test_every_aggregate_is_one_processors() -> None:
    written = [topic for make in PROCESSORS.values() for topic in make(Config()).aggregate_topics]
    assert sorted(written) == sorted(table.topic for table in tables.load().values())


def test_windows_outlive_the_processors_memory_of_them_by_a_day() -> None:
    kept = {topic.name: topic.retention_ms for topic in topics.aggregates(Retention(minute_days=2, hour_days=5))}
    assert kept["agg.engagement_by_post_minute"] == 3 * topics.DAY_MS
    assert kept["agg.engagement_by_account_hour"] == 6 * topics.DAY_MS
    assert kept["agg.inbound_comments"] == 401 * topics.DAY_MS
    assert kept["agg.engagement_by_post"] is None
