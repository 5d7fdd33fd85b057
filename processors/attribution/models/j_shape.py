"""J shape: 20 % to the first touch, 60 % to the last, 20 % between them; of two touches a quarter and the rest."""

from collections.abc import Sequence
from fractions import Fraction

from processors.attribution.ends import ends
from processors.attribution.models import Model, Step


def weigh(steps: Sequence[Step], converted_at: int) -> list[Fraction]:
    return ends(len(steps), Fraction(1, 5), Fraction(1, 4))


MODEL = Model("j_shape", weigh)
