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
_UNIT = 10**_DIGITS


def weigh(steps: Sequence[Step], converted_at: int) -> list[int]:
    newest = steps[-1].at
    return [int(_EXACT.power(Decimal(2), _EXACT.divide(step.at - newest, HALF_LIFE_MS)) * _UNIT) for step in steps]


MODEL = Model("time_decay", weigh)
