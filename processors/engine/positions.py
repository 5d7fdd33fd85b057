"""Where reading stands: the rules that make a lost record impossible to miss. Pure.

A position is the offset of the next record. Offsets alone cannot tell loss from compaction, aborted transactions
and control records; the positions before and behind each record batch can.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from processors.engine.state import Record

GENERATION_SHIFT = 48
_LARGEST_SUM = (1 << GENERATION_SHIFT) - 1
_LARGEST_GENERATION = (1 << 15) - 1  # the version is a signed 64-bit integer


class Hole(RuntimeError):
    """Records between what was folded and what came next were never seen: the state must not go on."""


class Chunk(NamedTuple):
    """The records of one record batch. `start` and `end` are the positions before and behind it.

    The records may be fewer than `end - start`, or none: the rest was compacted, aborted, or never data.
    """

    start: int
    end: int
    records: Sequence[Record]


def unseen(chunk: Chunk, expected: int) -> Sequence[Record]:
    """The records of `chunk` at or behind `expected`; raises `Hole` if the chunk starts behind it.

    >>> unseen(Chunk(5, 8, [(5, None, b"a"), (7, None, b"b")]), 6)
    [(7, None, b'b')]
    >>> unseen(Chunk(5, 8, [(5, None, b"a")]), 8)
    ()
    """
    if chunk.start == expected:
        return chunk.records
    if chunk.start > expected:
        raise Hole(f"expected position {expected}, got {chunk.start}")
    if chunk.end <= expected:
        return ()
    return [record for record in chunk.records if record[0] >= expected]


def version(generation: int, positions: Mapping[str, int]) -> int:
    """Version of rows that cover `positions` (source topic -> next offset); it grows with each of them.

    >>> version(1, {"a": 2, "b": 3}) - version(1, {"a": 2, "b": 2})
    1
    """
    total = sum(positions.values())
    if not (0 <= generation <= _LARGEST_GENERATION and 0 <= total <= _LARGEST_SUM):
        raise OverflowError(f"generation {generation} and positions {total} do not fit into a version")
    return generation << GENERATION_SHIFT | total


def reached(positions: Mapping[str, int], target: Mapping[str, int]) -> bool:
    """Has every topic of `target` been folded up to its position there?"""
    return all(positions[topic] >= position for topic, position in target.items())
