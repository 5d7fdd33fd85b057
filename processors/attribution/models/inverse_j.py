"""Inverse J shape: 60 % to the first touch, 20 % to the last, 20 % between them; of two touches three quarters."""

from collections.abc import Sequence
from fractions import Fraction

from processors.attribution.ends import ends
from processors.attribution.models import Model, Step


def weigh(steps: Sequence[Step], converted_at: int) -> list[Fraction]:
    return ends(len(steps), Fraction(3, 5), Fraction(3, 4))


MODEL = Model("inverse_j", weigh)
