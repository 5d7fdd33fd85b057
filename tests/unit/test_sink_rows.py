"""From a record to a row and to a line of COPY."""

import msgspec
import pytest

from contracts import identity, tables
from contracts.codec import UndecodableRecord
from contracts.table import Table, row_struct
from sinks.postgres import rows, statements

POSTS = tables.load()["posts"]
HOURS = tables.load()["post_metrics_hour"]


def line(table: Table, **values: object) -> list[str]:
    decoded = rows.decoder(table)(msgspec.json.encode(values))
    return rows.liner(table)(decoded, 1234).decode().rstrip("\n").split("\t")


def test_a_line_has_the_written_columns_in_their_order_and_the_broker_time_last() -> None:
    fields = line(
        HOURS,
        platform="facebook",
        account_id="1",
        post_id="p",
        metric="likes",
        scope="total",
        hour=3_600_000,
        value=-5,
        version=9,
    )
    named = dict(zip((column.name for column in statements.written(HOURS)), fields, strict=True))
    assert (named["hour"], named["value"], named["version"], named["updated_at"]) == ("3600000", "-5", "9", "1234")
    assert (named["delta"], named["gap_seconds"]) == ("\\N", "\\N")


def test_what_copy_would_misread_is_escaped() -> None:
    fields = line(POSTS, platform="a\tb", account_id="c\\N", post_id="d\r\ne", version=1, hashtags=['"', "\\"])
    assert fields[:3] == ["a\\tb", "c\\\\N", "d\\r\\ne"]
    assert '{"\\\\"","\\\\\\\\"}' in fields


@pytest.mark.parametrize("value", [b"", b"[]", b"{}", b'{"platform": 1}', b'{"platform": "\\udc00"}', b"[" * 5000])
def test_an_unreadable_value_is_named_without_being_quoted(value: bytes) -> None:
    with pytest.raises(UndecodableRecord) as caught:
        rows.decoder(POSTS)(value)
    assert caught.value.reason == "invalid_record"
    assert "udc00" not in caught.value.detail


def test_a_tombstone_says_its_grain_by_its_key_and_its_version_by_a_header() -> None:
    key = identity.join_key("facebook", "1|2", "p", "likes", "total", "3600000").encode()
    assert rows.grain_reader(HOURS)(key) == ("facebook", "1|2", "p", "likes", "total", 3_600_000)
    assert rows.tombstone_version([("other", b"1"), ("version", b"77")]) == 77


@pytest.mark.parametrize("key", [None, b"", b"a|b", b"a|b|c|d|e|not a time", b"\xff"])
def test_a_key_that_is_no_grain_is_refused(key: bytes | None) -> None:
    with pytest.raises(UndecodableRecord):
        rows.grain_reader(HOURS)(key)


@pytest.mark.parametrize("headers", [[], [("version", b"")], [("version", b"-1")], [("version", None)]])
def test_a_tombstone_without_a_version_is_refused(headers: list[tuple[str, bytes | None]]) -> None:
    with pytest.raises(UndecodableRecord):
        rows.tombstone_version(headers)


def test_every_declared_table_is_written_whole() -> None:
    for table in tables.load().values():
        written = [column.name for column in statements.written(table)]
        assert written == [*row_struct(table).__struct_fields__, "updated_at"]
        assert set(written) == {column.name for column in table.columns if column.generated is None}
