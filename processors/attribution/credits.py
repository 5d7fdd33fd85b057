"""Credits: how a conversion is shared among the touches that led to it, exactly.

A credit is an integer number of units of 10^-12; a model's credits of one conversion sum to 10^12, always.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from processors.attribution.models import Model, Step, Weights

WHOLE = 10**12
"""Units that make up one conversion."""


def credits_of(model: Model, steps: Sequence[Step], converted_at: int) -> list[int]:
    """Units for each step; empty for a journey without one, since nobody can be credited for it."""
    return share(model.weigh(steps, converted_at), [step.touch_id for step in steps]) if steps else []


def share(weights: Weights, names: Sequence[str], whole: int = WHOLE) -> list[int]:
    """Split `whole` in proportion to `weights` by largest remainder; equal remainders go by name.

    >>> share([1, 1, 1], ["b", "a", "c"])
    [333333333333, 333333333334, 333333333333]
    """
    scale = lcm(*(weight.denominator for weight in weights))
    scaled = [_integer(weight, scale) for weight in weights]
    total = sum(scaled)
    parts = [divmod(weight * whole, total) for weight in scaled]
    units = [quotient for quotient, _ in parts]
    by_remainder = sorted(range(len(parts)), key=lambda place: (-parts[place][1], names[place]))
    for place in by_remainder[: whole - sum(units)]:
        units[place] += 1
    return units


def values_of(units: Sequence[int], names: Sequence[str], value_micros: int) -> list[int]:
    """The credits in money: integers that sum to the conversion's value, in micro-units of its currency.

    >>> values_of([500000000000, 500000000000], ["a", "b"], 5)
    [3, 2]
    """
    return share(units, names, value_micros) if units else []


def _integer(weight: int | Fraction, scale: int) -> int:
    return weight.numerator * (scale // weight.denominator)
