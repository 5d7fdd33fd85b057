"""From a record to a row and to a line of COPY."""

import msgspec
import pytest

from contracts import identity, tables
from contracts.codec import UndecodableRecord
from contracts.table import Table, row_struct
from sinks.postgres import rows, statements

POSTS = tables.load()["posts"]
HOURS = tables.load()["post_metrics_hour"]
ANOMALIES = tables.load()["engagement_anomalies"]
INBOUND = tables.load()["inbound_comments"]


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


def test_a_count_that_a_platform_never_sends_is_null_and_others_are_zero() -> None:
    table = tables.load()["engagement_by_account_day"]
    columns = [column.name for column in statements.written(table)]

    def written(platform: str) -> dict[str, str]:
        fields = line(table, platform=platform, account_id="1", day="2026-09-10", likes=3, owner_follows=1, version=1)
        return dict(zip(columns, fields, strict=True))

    facebook, instagram, other = written("facebook"), written("instagram"), written("another")
    assert {name for name, value in facebook.items() if value == "\\N"} == {
        "mentions",
        "mentions_removed",
        "owner_mentions",
    }
    assert {name for name, value in instagram.items() if value == "\\N"} == {
        *("likes", "likes_removed", "owner_likes", "shares", "shares_removed", "owner_shares"),
        *("comment_reactions", "comment_reactions_removed", "owner_comment_reactions"),
        *("follows", "follows_removed", "owner_follows"),
    }
    assert (facebook["likes"], instagram["comments"], instagram["anonymous"]) == ("3", "0", "0")
    assert "\\N" not in other.values()


def test_a_member_of_a_platform_that_sends_no_likes_has_an_unknown_number_of_reactions() -> None:
    table = tables.load()["community_members"]
    days = {"first_seen_day": "2026-09-10", "last_seen_day": "2026-09-10"}
    fields = line(table, platform="instagram", account_id="1", actor_id="a", comments=2, version=1, **days)
    named = dict(zip((column.name for column in statements.written(table)), fields, strict=True))
    assert [named[name] for name in ("reactions", "shares", "comments", "mentions")] == ["\\N", "\\N", "2", "0"]


def test_a_float_is_written_with_all_its_digits() -> None:
    table = tables.load()["engagement_anomalies"]
    fields = line(table, platform="facebook", account_id="1", scope="account", subject="1", hour=0, z=1 / 3, version=1)
    named = dict(zip((column.name for column in statements.written(table)), fields, strict=True))
    assert float(named["z"]) == 1 / 3


@pytest.mark.parametrize("z", [3.5, 1 / 3, 1e300, 5e-324, 0.0])
def test_a_number_with_a_fraction_is_written_so_that_it_is_read_as_the_same(z: float) -> None:
    key = {"platform": "facebook", "account_id": "1", "scope": "account", "subject": "1", "hour": 3_600_000}
    fields = line(ANOMALIES, **key, z=z, version=1)
    assert float(fields[[column.name for column in statements.written(ANOMALIES)].index("z")]) == z


def test_what_is_not_known_of_a_comment_is_null() -> None:
    fields = line(INBOUND, platform="facebook", account_id="1", comment_id="c", post_id="p", asked_at=5, version=1)
    named = dict(zip((column.name for column in statements.written(INBOUND)), fields, strict=True))
    unknown = ("parent_id", "actor_id", "permalink", "answered_at", "answer_id")
    assert [named[name] for name in unknown] == ["\\N"] * 5
    assert (named["asked_at"], named["is_removed"]) == ("5", "False")


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
