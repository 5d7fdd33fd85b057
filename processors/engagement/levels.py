"""How far in a person is: Orbit levels (O20), from what stands of theirs and from the days on which they came. Pure.

Days are bits of an integer: bit k is the k-th day before the one in question.
"""

from collections.abc import Sequence
from typing import Final

RINGS: Final = ("exploring", "participating", "contributing", "leading")
RING_WEIGHTS: Final = (1, 4, 7, 10)
NOBODYS: Final = 0

ACTIVE_DAYS: Final = 90
"""Who was not active in so many days is on no level."""
_ACTIVE: Final = (1 << ACTIVE_DAYS) - 1
_MILESTONES: Final = ((10, 90, 30), (7, 30, 7), (4, 7, 2))
"""(level, days of a period, active days in it): level for the last period, and one more for each of two before it."""
_FEWEST: Final = 2


def by_presence(days: int) -> int:
    """The level that active days alone give; 0 without any of the milestones.

    >>> by_presence(0b11), by_presence(0b11 | 0b11 << 7), by_presence(1)
    (4, 5, 0)
    """
    if (days & _ACTIVE).bit_count() < _FEWEST:
        return 0
    for level, length, least in _MILESTONES:
        period = (1 << length) - 1
        if (days & period).bit_count() >= least:
            if (days >> length & period).bit_count() < least:
                return level
            return level + (2 if (days >> 2 * length & period).bit_count() >= least else 1)
    return 0


def level(days: int, weight: int) -> int:
    """1 to 12 for who was active in the last 90 days; `weight` is the greatest of what stands of theirs."""
    return max(weight, by_presence(days), 1) if days & _ACTIVE else NOBODYS


def ring(of_level: int) -> int:
    """Place among `RINGS` of a level that is somebody's.

    >>> [RINGS[ring(level)] for level in (1, 4, 9, 12)]
    ['exploring', 'participating', 'contributing', 'leading']
    """
    return (of_level - 1) // 3


def commitment(people: Sequence[int]) -> int:
    """The weighted commitment of so many people in each ring, outermost first: what gravity (O22) is the change of."""
    return sum(weight * weight * number for weight, number in zip(RING_WEIGHTS, people, strict=True))
