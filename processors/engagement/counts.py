"""The counts of a row as one integer, which is added up column by column and mostly takes no memory of its own.

Column k is worth 2^40k; a column below zero borrows from the one above it, and reading gives it back. The usual
columns come first, since that makes the smallest integers.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from contracts import tables
from contracts.table import COUNTS, FOLLOWS

_BITS: Final = 40
_HALF: Final = 1 << (_BITS - 1)
_MASK: Final = (1 << _BITS) - 1
_USUAL: Final = ("likes", "unique_engagers", "comments", "shares", "likes_removed", "replies")
_KNOWN: Final = [
    *(column.name for column in (*COUNTS, *FOLLOWS)),
    *(column.name for column in tables.load()["engagement_by_account_day"].values if column.generated is None),
]
NAMES: Final = tuple(dict.fromkeys((*_USUAL, *_KNOWN)))
"""The columns in their order."""
UNIT: Final[Mapping[str, int]] = {name: 1 << _BITS * place for place, name in enumerate(NAMES)}
"""What one more in a column adds."""

_ENGAGEMENTS: Final = tuple(_BITS * NAMES.index(name) for name in ("likes", "comments", "shares"))
"""The first bits of these columns."""
_LIFTED: Final = sum(_HALF << bits for bits in range(0, max(_ENGAGEMENTS) + 1, _BITS))


def of(values: Iterable[tuple[int, int]]) -> int:
    """The counts whose columns have these values, as pairs of a unit and a value.

    >>> columns(of([(UNIT["likes"], 3), (UNIT["comments_hidden"], -1)]))
    {'likes': 3, 'comments_hidden': -1}
    """
    return sum([unit * value for unit, value in values if value])


def columns(counts: int) -> dict[str, int]:
    """The columns that are not 0."""
    found = {}
    for name in NAMES:
        if not counts:
            break
        value = counts & _MASK
        if value >= _HALF:
            value -= 1 << _BITS
        if value:
            found[name] = value
        counts = (counts - value) >> _BITS
    return found


@lru_cache(1 << 14)
def members(counts: int) -> bytes:
    """The columns that are not 0 as members of a JSON object, each behind a comma; most rows are like many others.

    >>> members(of([(UNIT["likes"], 3), (UNIT["shares"], 1)]))
    b',"likes":3,"shares":1'
    """
    return b"".join([b',"%b":%d' % (name.encode(), value) for name, value in columns(counts).items()])


def engagements(counts: int) -> int:
    """Likes, comments and shares together.

    >>> engagements(UNIT["likes"] + 3 * UNIT["shares"] - UNIT["owner_likes"])
    4
    """
    if 0 <= counts < _HALF:  # likes alone
        return counts
    lifted = counts + _LIFTED
    return sum([(lifted >> bits & _MASK) - _HALF for bits in _ENGAGEMENTS])
