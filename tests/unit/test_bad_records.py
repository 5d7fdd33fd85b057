"""Records on the source topics that ingest would never write: each is put aside with its place and its reason, alone
and in the middle of 500 good ones, which all count."""

import json
from typing import Any

import pytest

from contracts import identity, topics
from contracts.codec import encode
from contracts.events import ERASE_KEY, LARGEST_FIGURE, SCHEMA, TICK_KEY, DeadLetter, Post, Snapshot
from processors.attribution import paid
from processors.attribution.paid import Paid
from processors.engagement import organic
from processors.engagement.organic import Organic
from processors.engine.state import Record
from tests.property import folding, paying

PAGE = "1001"
KEY = identity.account_key("facebook", PAGE)
PARTITIONS = 8
OWN = topics.partition_of(KEY, PARTITIONS)
EVENT = json.loads(encode(folding.event()))
SNAPSHOT = json.loads(
    encode(
        Snapshot(
            SCHEMA, "facebook", PAGE, "p1", "likes", "total", "lifetime", 7, "known", folding.NOON, folding.NOON, "poll"
        )
    )
)
POST = json.loads(encode(Post(SCHEMA, "facebook", PAGE, "p1", folding.NOON, folding.NOON)))
TOUCH = json.loads(encode(paying.touch()))
ORDER = json.loads(encode(paying.order()))
LETTER = DeadLetter(SCHEMA, "d", "processor", "record", "invalid_record", "", b"x", folding.NOON, "1")
EVENTS, SNAPSHOTS, POSTS = (topic.name for topic in topics.ORGANIC_SOURCES)
TOUCHES, ORDERS = topics.TOUCHES.name, topics.CONVERSIONS.name

Row = tuple[str, bytes | None, bytes | None, str]


def foreign() -> bytes:
    """The key of an account that lies in another partition."""
    keys = (identity.account_key("facebook", str(number)) for number in range(2000, 2100))
    return next(key for key in keys if topics.partition_of(key, PARTITIONS) != OWN)


def of(record: dict[str, Any], **changes: object) -> bytes:
    return json.dumps(record | changes).encode()


def spoiled(record: dict[str, Any]) -> list[Row]:
    """What may be wrong with any record, whatever it tells of."""
    whole = json.dumps(record).encode()
    return [
        ("no bytes", KEY, b"", "invalid_record"),
        ("cut", KEY, whole[:-1], "invalid_record"),
        ("two records", KEY, whole + whole, "invalid_record"),
        ("a text that is no UTF-8", KEY, b': "\xff'.join(whole.rsplit(b': "', 1)), "invalid_record"),
        ("a byte order mark", KEY, b"\xef\xbb\xbf" + whole, "invalid_record"),
        ("null", KEY, b"null", "invalid_record"),
        ("a list", KEY, b"[]", "invalid_record"),
        ("an empty object", KEY, b"{}", "invalid_record"),
        ("nesting without end", KEY, b"[" * 5000, "invalid_record"),
        ("1 MiB of one letter", KEY, b"a" * (1 << 20), "invalid_record"),
        ("a schema of tomorrow", KEY, of(record, schema=2), "unknown_schema"),
        ("schema 0", KEY, of(record, schema=0), "unknown_schema"),
        ("schema -1", KEY, of(record, schema=-1), "unknown_schema"),
        ("a schema that is a text", KEY, of(record, schema="1"), "invalid_record"),
        ("a schema that is a list", KEY, of(record, schema=[1]), "invalid_record"),
        ("a dead letter", KEY, encode(LETTER), "invalid_record"),
        ("a time of 0", KEY, of(record, received_at=0, occurred_at=0, as_of=0, ordered_at=0), "invalid_record"),
        (
            "a time of the year 10000",
            KEY,
            of(record, occurred_at=2**60, as_of=2**60, ordered_at=2**60),
            "invalid_record",
        ),
        ("a time that is a text", KEY, of(record, occurred_at="x", as_of="x", ordered_at="x"), "invalid_record"),
    ]


ADDRESSED: list[Row] = [
    ("no key", None, of(EVENT), "invalid_record"),
    ("an empty key", b"", of(EVENT), "invalid_record"),
    ("a key without an account", b"facebook:", of(EVENT), "invalid_record"),
    ("a key of bytes that are no text", b"\xff:\xff", of(EVENT), "foreign_partition"),
    ("a key of another partition", foreign(), of(EVENT), "foreign_partition"),
    ("no value", KEY, None, "invalid_record"),
    ("a tick that is none", TICK_KEY, b"{}", "invalid_record"),
    ("a tick without a value", TICK_KEY, None, "invalid_record"),
    ("a tick in a time that cannot be", TICK_KEY, of({"schema": 1, "as_of": 7}), "invalid_record"),
    ("an erasure that is none", ERASE_KEY, b"[]", "invalid_record"),
    ("an erasure without a value", ERASE_KEY, None, "invalid_record"),
    ("a kind that nobody knows", KEY, of(EVENT, kind="stare"), "invalid_record"),
    ("an action that is a number", KEY, of(EVENT, action=1), "invalid_record"),
    ("a reaction that is none", KEY, of(EVENT, reaction="meh"), "invalid_record"),
    ("a reaction without a post", KEY, of(EVENT, post_id=None), "missing_field"),
]
ROWS = [(EVENTS, *row) for row in (*spoiled(EVENT), *ADDRESSED)]
ROWS += [(SNAPSHOTS, *row) for row in spoiled(SNAPSHOT)]
ROWS += [
    (SNAPSHOTS, "a value beyond any", KEY, of(SNAPSHOT, value=LARGEST_FIGURE + 1), "invalid_record"),
    (SNAPSHOTS, "a day that is none", KEY, of(SNAPSHOT, post_id=None, window="day:2026-02-30"), "invalid_record"),
    (SNAPSHOTS, "a post's counter of a day", KEY, of(SNAPSHOT, window="day:2026-09-20"), "invalid_record"),
    (SNAPSHOTS, "an account of another partition", KEY, of(SNAPSHOT, account_id="2000"), "foreign_partition"),
]
ROWS += [(POSTS, *row) for row in spoiled(POST) if not row[0].startswith("a time")]
ROWS += [(TOUCHES, *row) for row in spoiled(TOUCH)]
ROWS += [
    (TOUCHES, "a tick that is none", TICK_KEY, b"{}", "invalid_record"),
    (TOUCHES, "an erasure without a value", ERASE_KEY, None, "invalid_record"),
    (TOUCHES, "a kind that nobody knows", KEY, of(TOUCH, kind="stare"), "invalid_record"),
]
ROWS += [(ORDERS, *row) for row in spoiled(ORDER)]
ROWS += [
    (ORDERS, "an amount beyond any", KEY, of(ORDER, gross_micros=LARGEST_FIGURE + 1), "invalid_record"),
    (ORDERS, "an amount that is a fraction", KEY, of(ORDER, gross_micros=1.5), "invalid_record"),
    (ORDERS, "a currency that is none", KEY, of(ORDER, currency="EURO"), "invalid_record"),
]


def new_state(topic: str) -> Organic | Paid:
    if topic in (TOUCHES, ORDERS):
        state = paid.processor(paying.config()).new_state(0, 0, 1)
        assert isinstance(state, Paid)
        return state
    other = organic.processor(folding.config()).new_state(0, OWN, PARTITIONS)
    assert isinstance(other, Organic)
    return other


def good(topic: str, number: int) -> Record:
    value = {
        EVENTS: lambda: encode(folding.event(actor=f"actor{number}")),
        SNAPSHOTS: lambda: of(SNAPSHOT, metric=f"metric{number}"),
        POSTS: lambda: of(POST, post_id=f"post{number}"),
        TOUCHES: lambda: of(TOUCH, touch_id=f"touch{number}"),
        ORDERS: lambda: of(ORDER, order_id=f"order{number}"),
    }[topic]()
    return number, KEY, value


def written(state: Organic | Paid) -> int:
    """How many records a flush writes; each of a good one changes something."""
    return sum(1 for _ in state.changes(1))


@pytest.mark.parametrize(
    ("topic", "key", "value", "reason"),
    [(topic, key, value, reason) for topic, _, key, value, reason in ROWS],
    ids=[f"{topic}: {name}" for topic, name, *_ in ROWS],
)
def test_a_record_is_put_aside_and_its_neighbours_count(
    topic: str, key: bytes | None, value: bytes | None, reason: str
) -> None:
    alone = new_state(topic)
    alone.fold(topic, [(7, key, value)])
    [rejected] = alone.rejected
    assert (rejected.topic, rejected.offset, rejected.key, rejected.value) == (topic, 7, key, value)
    assert rejected.reason == reason
    assert written(alone) == 0
    among, without = new_state(topic), new_state(topic)
    records = [good(topic, number) for number in range(500)]
    among.fold(topic, [*records[:250], (999, key, value), *records[250:]])
    without.fold(topic, records)
    assert [one.offset for one in among.rejected] == [999]
    assert without.rejected == []
    assert sorted(among.changes(1), key=str) == sorted(without.changes(1), key=str)


@pytest.mark.parametrize("topic", [SNAPSHOTS, POSTS, TOUCHES, ORDERS])
def test_what_was_deleted_says_nothing(topic: str) -> None:
    state = new_state(topic)
    state.fold(topic, [(7, KEY, None)])
    assert [one.reason for one in state.rejected] in ([], ["invalid_record"])
    assert written(state) == 0
