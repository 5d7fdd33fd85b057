"""Shapley value in its set form: a conversion is shared equally among the distinct channels that led to it.

With v(S) = the conversions whose journey used no channel outside S, the Shapley value of a channel is the sum of 1/n
over the journeys of n channels that it is one of (Zhao, Mahboobi, Bagheri 2018): so each journey can be shared by
itself. Within a journey the touches of a channel share what the channel gets.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from processors.attribution.models import Model, Step


def weigh(steps: Sequence[Step], converted_at: int) -> list[Fraction]:
    touches = Counter(step.channel for step in steps)
    return [Fraction(1, len(touches) * touches[step.channel]) for step in steps]


MODEL = Model("shapley", weigh)
