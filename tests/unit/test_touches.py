"""Touches are remembered in chunks that are written once, come back whole, and go when no day of theirs can change."""

from processors.attribution.book import read_saved
from processors.attribution.touches import CHUNK_TOUCHES, Learnt, Touches, read_chunk
from processors.engagement.windows import zone
from processors.engine.state import Change
from tests.property.paying import DAY_MS, NOON, touch

MANY = CHUNK_TOUCHES * 2 + 10
UTC = zone("UTC")


def touches() -> Touches:
    return Touches(0, lambda _site, at: UTC.day_of(at))


def learn(known: Touches, numbers: range, at: int = NOON) -> None:
    for number in numbers:
        known.learn(touch(touch_id=f"t{number}", occurred_at=at))


def chunks(written: list[Change]) -> dict[bytes, bytes | None]:
    return {key: value for topic, key, value in written if topic.startswith("state.")}


def back(written: list[Change]) -> Touches:
    again = touches()
    for key, value in chunks(written).items():
        number = int(key.decode().partition("|")[2])
        again.load(number, None if value is None else read_chunk(bytes(read_saved(value).entry)))
    again.settle_load()
    return again


def test_a_full_chunk_is_never_written_again() -> None:
    known = touches()
    learn(known, range(MANY))
    first = chunks(list(known.changes(1)))
    learn(known, range(MANY, MANY + 5))
    second = chunks(list(known.changes(2)))
    assert len(first) == 3
    assert len(second) == 1
    assert set(second) < set(first)


def test_what_comes_back_counts_on_where_it_stopped() -> None:
    known = touches()
    learn(known, range(MANY))
    written = list(known.changes(1))
    again = back(written)
    assert again.learn(touch(touch_id="t7")) is Learnt.NOTHING
    learn(again, range(MANY, MANY + 1))
    [row] = [value for topic, _, value in again.changes(2) if topic.startswith("agg.")]
    assert f'"touches":{MANY + 1},'.encode() in (row or b"")
    assert len(again.known) == MANY + 1


def test_chunks_go_when_all_their_days_are_over_and_take_their_touches_with_them() -> None:
    known = touches()
    learn(known, range(CHUNK_TOUCHES))
    learn(known, range(CHUNK_TOUCHES, MANY), NOON + 3 * DAY_MS)
    written = list(known.changes(1))
    known.let_go(UTC.day_of(NOON).end - 1)
    assert list(known.changes(2)) == []
    known.let_go(UTC.day_of(NOON).end)
    gone = list(known.changes(3))
    assert [value for _, _, value in gone] == [None]
    assert len(known.known) == MANY - CHUNK_TOUCHES
    assert len(back(written + gone).known) == MANY - CHUNK_TOUCHES


def test_what_is_not_written_yet_is_not_let_go_of() -> None:
    known = touches()
    learn(known, range(3))
    known.let_go(NOON + 90 * DAY_MS)
    assert len(list(known.changes(1))) == 2
    known.let_go(NOON + 90 * DAY_MS)
    assert [value for _, _, value in known.changes(2)] == [None]
    assert known.known == {}
