"""A record that was never seen is noticed, one that was seen counts once, and versions only grow."""

import pytest

from processors.engine.positions import GENERATION_SHIFT, Chunk, Hole, reached, unseen, version


def chunk(start: int, end: int, *offsets: int) -> Chunk:
    return Chunk(start, end, [(offset, None, b"") for offset in offsets])


def offsets(chunk: Chunk, expected: int) -> list[int]:
    return [offset for offset, _, _ in unseen(chunk, expected)]


def test_a_chunk_that_starts_where_it_is_expected_is_taken_whole() -> None:
    assert offsets(chunk(5, 8, 5, 6, 7), 5) == [5, 6, 7]


def test_records_that_were_folded_before_are_left_out() -> None:
    assert offsets(chunk(5, 8, 5, 6, 7), 7) == [7]
    assert offsets(chunk(5, 8, 5, 6, 7), 8) == []
    assert offsets(chunk(5, 8, 5, 6, 7), 100) == []


def test_a_chunk_behind_the_expected_position_is_a_hole() -> None:
    with pytest.raises(Hole, match="expected position 4, got 5"):
        unseen(chunk(5, 8, 5, 6, 7), 4)


def test_compacted_records_are_no_hole() -> None:
    assert offsets(chunk(5, 100, 42), 5) == [42]


def test_a_chunk_without_records_still_moves_on() -> None:
    assert offsets(chunk(5, 6), 5) == []


def test_a_version_grows_with_every_position_and_more_with_the_generation() -> None:
    earlier = version(0, {"a": 7, "b": 3})
    assert earlier < version(0, {"a": 8, "b": 3}) < version(1, {"a": 0, "b": 0})
    assert version(3, {"a": 7, "b": 3}) == 3 << GENERATION_SHIFT | 10


@pytest.mark.parametrize(("generation", "position"), [(1 << 15, 0), (0, 1 << GENERATION_SHIFT), (-1, 0), (0, -1)])
def test_what_does_not_fit_into_64_bits_is_refused(generation: int, position: int) -> None:
    with pytest.raises(OverflowError):
        version(generation, {"a": position})


def test_the_largest_version_fits_into_a_bigint() -> None:
    assert version((1 << 15) - 1, {"a": (1 << GENERATION_SHIFT) - 1}) == (1 << 63) - 1


def test_a_rebuild_ends_when_every_source_has_reached_its_position() -> None:
    assert not reached({"a": 5, "b": 9}, {"a": 5, "b": 10})
    assert reached({"a": 6, "b": 10}, {"a": 5, "b": 10})
