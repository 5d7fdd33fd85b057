"""The workload that engines are compared with is the same for everybody, and the oracle counts it as it says."""

from collections.abc import Iterator, Sequence

import msgspec
import pytest

from bench.peers import counting, workload
from bench.peers.check import Verdict, compare
from bench.peers.counting import Counting
from bench.peers.oracle import Oracle, Rows
from bench.peers.workload import TABLES, Delivered, Kind, deliveries

MINUTE = 1_763_856_000_000
"""Midnight in UTC, and so the start of an hour and of a day too."""
STATE = "state"


def _events(count: int) -> list[Delivered]:
    return [msgspec.json.decode(value, type=Delivered) for _, value in deliveries(count)]


def test_a_shorter_run_is_the_beginning_of_a_longer_one() -> None:
    assert list(deliveries(2_000)) == list(deliveries(5_000))[:2_000]
    assert list(deliveries(2_000, seed=6)) != list(deliveries(2_000))


def test_the_workload_has_the_shares_that_it_names() -> None:
    events = _events(40_000)
    count = len(events)
    new = list({event.event_id: event for event in events}.values())
    assert 0.025 < 1 - len(new) / count < 0.035
    assert 0.79 < sum(event.kind == "like" for event in new) / len(new) < 0.81
    likes = [event for event in new if event.kind == "like"]
    assert 0.045 < sum(event.verb == "remove" for event in likes) / len(likes) < 0.055
    late = sum(event.received_at - event.occurred_at > workload.USUAL_DELAY_MS for event in new)
    assert 0.016 < late / len(new) < 0.024
    busiest = sum(event.post_id < f"post{workload.POSTS // 100:05d}" for event in new)
    assert 0.19 < busiest / len(new) < 0.24
    assert 262 < sum(len(value) for _, value in deliveries(1_000)) / 1_000 < 274


def test_everything_about_an_account_has_its_key() -> None:
    assert all(key.decode() == event.account_id for (key, _), event in zip(deliveries(500), _events(500), strict=True))


def _delivered(event_id: str, kind: Kind, actor: str, at: int, *, is_removal: bool = False) -> bytes:
    verb = "remove" if is_removal else "add"
    event = Delivered(event_id, kind, verb, "facebook", "acct1", "post1", actor, at, at)  # type: ignore[arg-type]
    return msgspec.json.encode(event)


TINY = [
    _delivered("a", "like", "u1", MINUTE),
    _delivered("b", "comment", "u1", MINUTE + 59_999),
    _delivered("a", "like", "u1", MINUTE),
    _delivered("c", "like", "u2", MINUTE + 60_000, is_removal=True),
    _delivered("d", "share", "u2", MINUTE - 1),
]
"""Two minutes and the last one of the day before; `a` is delivered twice."""


def _row(likes: int, comments: int, shares: int) -> dict[str, int]:
    return {"l": likes, "c": comments, "s": shares}


def _expected(values: Sequence[bytes]) -> dict[str, Rows]:
    oracle = Oracle()
    for value in values:
        oracle.count(value)
    return oracle.tables()


def test_the_oracle_counts_a_tiny_case_as_one_counts_it_by_hand() -> None:
    by_minute = {
        str(MINUTE - 60_000): _row(0, 0, 1),
        str(MINUTE): _row(1, 1, 0),
        str(MINUTE + 60_000): _row(-1, 0, 0),
    }
    assert _expected(TINY) == {
        "post-minute": {f"post1|{start}": row for start, row in by_minute.items()},
        "account-minute": {f"acct1|{start}": row for start, row in by_minute.items()},
        "post-hour": {f"post1|{MINUTE - workload.HOUR_MS}": _row(0, 0, 1), f"post1|{MINUTE}": _row(0, 1, 0)},
        "post-total": {"post1": _row(0, 1, 1)},
        "account-day": {f"acct1|{MINUTE - workload.DAY_MS}": {"u": 1}, f"acct1|{MINUTE}": {"u": 2}},
    }


def test_a_comparison_finds_what_is_wrong_missing_and_too_many() -> None:
    expected: dict[str, Rows] = {"post-total": {"p1": _row(1, 0, 0), "p2": _row(2, 0, 0), "p3": _row(3, 0, 0)}}
    found = {"post-total": {"p1": b'{"l":1,"c":0,"s":0}', "p2": b'{"l":9,"c":0,"s":0}', "p3": None, "p4": b"{}"}}
    assert compare(expected, found) == Verdict(rows=3, wrong=1, missing=1, extra=1, records=0)


class Log:
    """What a state writes, as the topics would keep it, and a successor that reads it back."""

    def __init__(self) -> None:
        self.topics: dict[str, dict[bytes, bytes | None]] = {topic: {} for topic in (STATE, *TABLES)}
        self._offset = 0

    def flush(self, state: Counting) -> None:
        for topic, key, value in state.changes(1):
            self.topics[topic].pop(key, None)  # the newest record of a key is the last one
            self.topics[topic][key] = value

    def successor(self) -> Counting:
        state = Counting(STATE, TABLES)
        for topic, records in self.topics.items():
            state.load(topic, [(number, key, value) for number, (key, value) in enumerate(records.items())])
        return state

    def faults(self, values: Sequence[bytes]) -> int:
        rows = {table: {key.decode(): value for key, value in self.topics[table].items()} for table in TABLES}
        return compare(_expected(values), rows).faults


def _in_parts(values: Sequence[bytes], size: int) -> Iterator[list[tuple[int, bytes | None, bytes | None]]]:
    for start in range(0, len(values), size):
        yield [(start + number, None, value) for number, value in enumerate(values[start : start + size])]


@pytest.mark.parametrize("counts", [(0, 0, 0), (-1, 2, 0), (5, -3, 7), (-(1 << 31), (1 << 31) - 1, -1)])
def test_a_packed_row_is_rendered_as_its_counts(counts: tuple[int, int, int]) -> None:
    assert msgspec.json.decode(counting.rendered(counting.packed(counting.Counts(*counts)))) == _row(*counts)


def test_our_state_counts_what_the_oracle_counts() -> None:
    values = [*TINY, *(value for _, value in deliveries(5_000))]
    log, state = Log(), Counting(STATE, TABLES)
    for records in _in_parts(values, 700):
        state.fold("source", records)
        log.flush(state)
    assert log.faults(values) == 0
    assert state.tally.events == len(values)


def test_our_state_goes_on_from_what_it_wrote() -> None:
    values = [value for _, value in deliveries(5_000)]
    log = Log()
    for records in _in_parts(values, 700):
        state = log.successor()
        state.fold("source", records)
        log.flush(state)
    assert log.faults(values) == 0


def test_event_ids_are_forgotten_oldest_first_and_never_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "KEPT_IDS", 1_000)
    monkeypatch.setattr(counting, "CHUNK", 100)
    values = list({event.event_id: msgspec.json.encode(event) for event in _events(5_000)}.values())
    log, state = Log(), Counting(STATE, TABLES)
    for records in _in_parts(values, 300):
        state.fold("source", records)
        log.flush(state)
    for known in (state, log.successor()):
        assert 1_000 <= known.entries()["ids"] < 1_100
        known.fold("source", next(_in_parts(values[-1_000:], 1_000)))
        assert known.tally.duplicate_facts == 1_000


def test_what_cannot_be_read_is_rejected_and_the_rest_counted() -> None:
    log, state = Log(), Counting(STATE, TABLES)
    state.fold("source", [(0, None, TINY[0]), (1, b"k", b"not json"), (2, b"k", None), (3, None, TINY[1])])
    log.flush(state)
    assert [(one.offset, one.reason) for one in state.rejected] == [(1, "invalid_record"), (2, "invalid_record")]
    assert log.faults(TINY[:2]) == 0
