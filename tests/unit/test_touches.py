"""Touches are remembered in chunks that are written once, come back whole, and go when no day of theirs can change."""

import pytest

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


def back(written: list[Change], limit: int = 0) -> Touches:
    again = touches()
    for key, value in chunks(written).items():
        number = int(key.decode().partition("|")[2])
        again.load(number, None if value is None else read_chunk(bytes(read_saved(value).entry)))
    again.settle_load(limit)
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


@pytest.mark.parametrize("days", [(3, 0), (3, 2, 0), (3, 1, 0, 2)])
@pytest.mark.parametrize("is_full", [False, True])
def test_a_touch_that_moved_to_an_earlier_day_counts_nowhere_else_once_that_is_over(
    days: tuple[int, ...], is_full: bool
) -> None:
    """Whether what told of the earlier day is gone or not; `is_full`: each telling lies in another chunk."""
    known, written = touches(), list[Change]()
    for turn, day in enumerate(days):
        known.learn(touch(touch_id="moved", occurred_at=NOON + day * DAY_MS))
        filler = CHUNK_TOUCHES if is_full else 0
        learn(known, range(turn * filler, (turn + 1) * filler), NOON + day * DAY_MS)
        written += known.changes(turn)
    for last_day in range(3):
        limit = UTC.day_of(NOON + last_day * DAY_MS).end
        known.let_go(limit)
        written += known.changes(9 + last_day)
        again = back(written, limit)
        others = CHUNK_TOUCHES * is_full * sum(day > last_day for day in days)
        assert counted(again, limit) == counted(known, limit) == others


def counted(known: Touches, limit: int) -> int:
    """Touches of days that are not over."""
    return sum(row[0] for grain, row in known._rows.items() if known._ends[grain] > limit)


def test_a_touch_told_again_once_its_day_is_over_is_another_one_after_a_restart_too() -> None:
    known = touches()
    limit = UTC.day_of(NOON).end
    known.learn(touch(occurred_at=NOON + DAY_MS))
    known.learn(touch(occurred_at=NOON))
    assert known.learn(touch(occurred_at=NOON + DAY_MS), limit) is Learnt.NEW
    again = back(list(known.changes(1)), limit)
    assert counted(again, limit) == counted(known, limit) == 1
    assert again.learn(touch(occurred_at=NOON + DAY_MS), limit) is Learnt.NOTHING
