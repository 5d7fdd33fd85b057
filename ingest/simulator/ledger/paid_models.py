"""How a purchase is shared among the touches that led to it, in each model; exactly, by fractions."""

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from typing import NamedTuple

WHOLE = 10**12
HALF_LIFE_MS = 7 * 86_400_000
DIRECT = "direct"
_PRECISE = Context(prec=60)


class Touch(NamedTuple):
    """A touch on somebody's path; they sort by time, then by name."""

    at: int
    id: str
    channel: str


Weigh = Callable[[Sequence[Touch]], list[Fraction]]


def _only(path: Sequence[Touch], place: int) -> list[Fraction]:
    return [Fraction(int(number == place)) for number in range(len(path))]


def _ends(first: Fraction, last: Fraction, of_two: Fraction) -> Weigh:
    """So much to the first and the last, what is left to those between; `of_two`: the first one's part of two."""

    def weigh(path: Sequence[Touch]) -> list[Fraction]:
        if len(path) == 1:
            return [Fraction(1)]
        if len(path) == 2:
            return [of_two, 1 - of_two]
        between = (1 - first - last) / (len(path) - 2)
        return [first, *[between] * (len(path) - 2), last]

    return weigh


def _last_non_direct(path: Sequence[Touch]) -> list[Fraction]:
    led = [place for place, touch in enumerate(path) if touch.channel != DIRECT]
    return _only(path, led[-1] if led else len(path) - 1)


def _time_decay(path: Sequence[Touch]) -> list[Fraction]:
    newest = path[-1].at
    ages = [_PRECISE.divide(Decimal(touch.at - newest), Decimal(HALF_LIFE_MS)) for touch in path]
    return [Fraction(_PRECISE.power(Decimal(2), age)) for age in ages]


def _shapley(path: Sequence[Touch]) -> list[Fraction]:
    touches = Counter(touch.channel for touch in path)
    return [Fraction(1, len(touches)) / touches[touch.channel] for touch in path]


MODELS: dict[str, Weigh] = {
    "first_touch": lambda path: _only(path, 0),
    "last_touch": lambda path: _only(path, len(path) - 1),
    "last_non_direct": _last_non_direct,
    "linear": lambda path: [Fraction(1)] * len(path),
    "position": _ends(Fraction(2, 5), Fraction(2, 5), Fraction(1, 2)),
    "j_shape": _ends(Fraction(1, 5), Fraction(3, 5), Fraction(1, 4)),
    "inverse_j": _ends(Fraction(3, 5), Fraction(1, 5), Fraction(3, 4)),
    "time_decay": _time_decay,
    "shapley": _shapley,
}


def shared(whole: int, weights: Sequence[Fraction], names: Sequence[str]) -> list[int]:
    """Integers that sum to `whole`, by largest remainder; equal remainders in the order of the names.

    >>> shared(10, [Fraction(1)] * 3, ["b", "a", "c"])
    [3, 4, 3]
    """
    total = sum(weights)
    exact = [whole * weight / total for weight in weights]
    parts = [int(part) for part in exact]
    first = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], names[place]))
    for place in first[: whole - sum(parts)]:
        parts[place] += 1
    return parts
