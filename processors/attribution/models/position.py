"""Position-based (U shape): 40 % to the first touch, 40 % to the last, 20 % between them; of two touches half each."""

from collections.abc import Sequence
from fractions import Fraction

from processors.attribution.ends import ends
from processors.attribution.models import Model, Step


def weigh(steps: Sequence[Step], converted_at: int) -> list[Fraction]:
    return ends(len(steps), Fraction(2, 5), Fraction(1, 2))


MODEL = Model("position", weigh)
