"""Time decay: a touch weighs half as much for each week that it lies further back.

Weights are 2^(-age / half-life). Only their ratios count, so ages are measured from the newest touch; decimal
arithmetic gives the same digits on every machine.
"""

from collections.abc import Sequence
from decimal import Context, Decimal

from processors.attribution.models import Model, Step

HALF_LIFE_MS = 7 * 86_400_000
_DIGITS = 30
_EXACT = Context(prec=_DIGITS)
_EXACTER = Context(prec=_DIGITS + 5)
_RATE = _EXACTER.divide(_EXACTER.ln(Decimal(2)), HALF_LIFE_MS)
"""By which 2^(t / half-life) is e^(rate t), which takes an eighth of the time."""
_UNIT = 10**_DIGITS


def weigh(steps: Sequence[Step], converted_at: int) -> list[int]:
    newest = steps[-1].at
    return [int(_EXACT.exp(_EXACTER.multiply(_RATE, step.at - newest)) * _UNIT) for step in steps]


MODEL = Model("time_decay", weigh)
