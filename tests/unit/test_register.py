"""The register in chunks: what is written can be read back, and superseded chunks go."""

import msgspec
import pytest

from processors.engagement import register as registers
from processors.engagement.facts import Fact, pack
from processors.engagement.register import Register
from processors.engagement.windows import DAY_MS

NOON = 1_790_000_000_000


def reloaded(written: list[tuple[bytes, bytes | None]]) -> Register:
    fresh = Register(0)
    for key, value in written:
        fresh.load(key, value)
    return fresh


def test_a_chunk_of_an_older_generation_is_stale_whatever_its_format_was() -> None:
    register = Register(1)
    register.load(b"0", msgspec.msgpack.encode((0, b"", b"", b"", [(7, ())])))
    assert register.stale == [b"0"]
    assert not register.interactions


def test_who_reacted_to_a_post_once_is_known_to_have_engaged_with_it_whatever_becomes_of_the_reaction() -> None:
    register = Register(0)
    register.put(7, pack(NOON, 0, 1))
    assert not register.add_pair(7)
    register.put(7, (Fact(NOON, 0, 1, False, "v", None), Fact(NOON + 1, 2, 1, True, "", "ann")))
    assert not register.add_pair(7)
    assert not reloaded(list(register.changes(0))).add_pair(7)
    assert register.add_pair(8)


def test_packed_and_several_facts_and_pairs_come_back() -> None:
    register = Register(0)
    several = (Fact(NOON, 0, 1, False, "v", None), Fact(NOON + 1, 2, 1, True, "", "ann"))
    register.put(2**64 - 1, pack(NOON, 0, 59))
    register.put(7, several)
    register.add_pair(9)
    again = reloaded(list(register.changes(0)))
    assert again.interactions == {2**64 - 1: pack(NOON, 0, 59), 7: several}
    assert again.pairs == {9}


def test_superseded_chunks_are_rewritten_and_deleted_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registers, "_SLACK", 10)
    monkeypatch.setattr(registers, "CHUNK_ENTRIES", 7)
    monkeypatch.setattr(registers, "CHUNK_BYTES", 7 * 16)
    register = Register(0)
    written: list[tuple[bytes, bytes | None]] = []
    for turn in range(40):
        for key in range(20):
            register.put(key, pack(NOON + turn, 0, 1))
        register.add_pair(turn)
        written.extend(register.changes(0))
    deleted = {key for key, value in written if value is None}
    live = {key for key, _ in written} - deleted
    assert len(live) < len(deleted)
    again = reloaded(written)
    assert again.interactions == register.interactions
    assert again.pairs == register.pairs


def test_interactions_without_a_recent_fact_are_let_go_when_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registers, "_SLACK", 0)
    register = Register(0)
    register.put(1, pack(NOON, 0, 1))
    written: list[tuple[bytes, bytes | None]] = []
    for turn in range(10):
        register.put(2, pack(NOON + 1000 + turn, 0, 1))
        written.extend(register.changes(NOON + 500))
    assert set(register.interactions) == {2}
    compacted = list(dict(written).items())
    assert set(reloaded(compacted).interactions) == {2}
    assert not reloaded(compacted).add_pair(1)


def test_interactions_of_many_facts_are_spread_over_chunks_that_a_record_can_hold() -> None:
    register = Register(0)
    facts = tuple(Fact(NOON + n, 0, 1, False, f"love:{NOON + n}", "a" * 32) for n in range(64))
    for key in range(500):
        register.put(key, facts)
    written = list(register.changes(0))
    assert max(len(value or b"") for _, value in written) < 2 * registers.CHUNK_BYTES
    assert reloaded(written).interactions == register.interactions


def test_who_is_renamed_is_soon_in_no_chunk_any_more_and_no_restart_forgets_that() -> None:
    register = Register(0)
    register.put(7, (Fact(NOON, 0, 1, False, "v", "ann"), Fact(NOON + 1, 2, 1, True, "", "bob")))
    written = list(register.changes(0))
    register.rename("ann", "!7f")
    (changed, *_) = register.changes(0)  # killed before the former chunks were gone
    again = Register(0, {"ann": None})
    for key, value in (*written, changed):
        again.load(key, value)
    standing = dict([*written, changed, *again.changes(0)])
    assert again.interactions[7] == register.interactions[7]
    assert not any(b"ann" in (value or b"") for value in standing.values())
    assert any(b"!7f" in (value or b"") and b"bob" in (value or b"") for value in standing.values())


def test_what_is_too_old_goes_with_time_though_nothing_is_superseded_and_the_worker_restarts() -> None:
    written: list[tuple[bytes, bytes | None]] = []
    register = Register(0)
    for day in range(100):
        register.put(day, pack(NOON + day * DAY_MS, 0, 1))
        written.extend(register.changes(NOON + (day - 20) * DAY_MS))
        if day % 9 == 0:
            register = reloaded(list(dict(written).items()))
    assert set(range(79, 100)) <= set(register.interactions) <= set(range(49, 100))
    assert set(reloaded(list(dict(written).items())).interactions) <= set(range(49, 100))


def test_many_little_chunks_become_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registers, "_CHUNKS", 10)
    register = Register(0)
    standing: dict[bytes, bytes | None] = {}
    for key in range(1000):
        register.put(key, pack(NOON, 0, 1))
        standing |= dict(register.changes(0))
        standing = {number: chunk for number, chunk in standing.items() if chunk is not None}
        assert len(standing) <= 10 + len(register.interactions) // 100 + 1
    assert reloaded(list(standing.items())).interactions == register.interactions
