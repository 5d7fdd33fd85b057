"""What was told of a thing at different times, and since when what is believed. Pure.

Tellings may come in any order, repeated, and with what did not change left out: the beliefs are the same.
"""

from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

Value = str | int | bool | None
Values = tuple[Value, ...]


class Telling(NamedTuple):
    """`what` was so at `as_of` (epoch ms). `rest` goes with it, and makes no other belief."""

    as_of: int
    what: Values
    rest: tuple[Values, ...] = ()


_as_of = attrgetter("as_of")


def rank(values: Values) -> tuple[tuple[bool, Value], ...]:
    """What makes values comparable: None is smaller than anything.

    >>> rank((None, 2)) < rank((0, 1))
    True
    """
    return tuple([(value is not None, value) for value in values])


def tell(tellings: list[Telling], new: Telling) -> bool:
    """Put a telling to its place by time; of two of the same time the greater one stays. Was it anything new?"""
    place = bisect_left(tellings, new.as_of, key=_as_of)
    if place == len(tellings) or tellings[place].as_of != new.as_of:
        tellings.insert(place, new)
        return True
    if _rank(new) <= _rank(tellings[place]):
        return False
    tellings[place] = new
    return True


def beliefs(tellings: Sequence[Telling]) -> list[Telling]:
    """Each telling that differs from the one before it: the others only repeat.

    >>> [one.as_of for one in beliefs([Telling(1, ("a",)), Telling(2, ("a",)), Telling(3, ("b",))])]
    [1, 3]
    """
    heads = list(tellings[:1])
    for telling in tellings[1:]:
        if telling.what != heads[-1].what:
            heads.append(telling)
    return heads


def settled(tellings: list[Telling], limit: int) -> list[Telling]:
    """What is to be remembered when nothing is told any more of `limit` or before: the belief held then, and all since.

    That belief keeps the time since when it is held, and what came with it last.
    """
    place = bisect_left(tellings, limit + 1, key=_as_of)
    if place <= 1:
        return tellings
    held = beliefs(tellings[:place])[-1]
    return [held._replace(rest=tellings[place - 1].rest), *tellings[place:]]


def _rank(telling: Telling) -> tuple[object, ...]:
    return rank(telling.what), tuple([rank(values) for values in telling.rest])
