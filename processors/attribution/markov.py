"""Removal effects of channels in a first-order Markov chain, solved exactly (Anderl et al. 2016).

A path begins at `START`, goes through channels, and ends in a conversion or in null. The chain is the counts of such
steps, so a path is added by adding its steps and taken back by subtracting them; nothing is simulated.

With N = (I - Q)^-1 over the channels, b = N·r the chance to convert from a channel and h the chance that a path ever
meets it, removing channel c sends h_c·b_c of all paths, which would have converted, to null: its removal effect is
h_c·b_c / P(conversion).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

START, CONVERTED, LOST = "(start)", "(conversion)", "(null)"
"""No channel is called so: a channel has no parenthesis."""

Transitions = Counter[tuple[str, str]]
"""How often each step was taken."""


class Removal(NamedTuple):
    """What a channel's absence would cost: its effect, 0 to 1, and the conversions that it is credited with."""

    effect: float
    credit: float


def steps_of(channels: Sequence[str], *, converted: bool) -> Iterable[tuple[str, str]]:
    """The steps of one path."""
    return pairwise((START, *channels, CONVERTED if converted else LOST))


def removals(transitions: Mapping[tuple[str, str], int]) -> dict[str, Removal]:
    """Removal effect and credit of every channel, by name; empty when nothing converted.

    Credit is the channel's part of the sum of effects, of all conversions. Raises `ValueError` for a count below zero.
    """
    if any(count < 0 for count in transitions.values()):
        raise ValueError("a path was taken back that was never added")
    steps = {step: count for step, count in transitions.items() if count}
    conversions = sum(count for (_, end), count in steps.items() if end == CONVERTED)
    if not conversions:
        return {}
    channels = sorted({name for step in steps for name in step} - {START, CONVERTED, LOST})
    leaving = Counter[str]()
    for (begin, _), count in steps.items():
        leaving[begin] += count

    def chance(begin: str, end: str) -> float:
        return steps.get((begin, end), 0) / leaving[begin] if leaving[begin] else 0.0

    places = {name: place for place, name in enumerate(channels)}
    staying = [[float(row == column) for column in channels] for row in channels]
    for (begin, end), count in steps.items():
        if begin in places and end in places:
            staying[places[begin]][places[end]] -= count / leaving[begin]
    visits = _inverse(staying)
    converting = [chance(channel, CONVERTED) for channel in channels]
    converts = [sum(n * share for n, share in zip(row, converting, strict=True)) for row in visits]
    starts = [chance(START, channel) for channel in channels]
    converted = chance(START, CONVERTED) + sum(s * c for s, c in zip(starts, converts, strict=True))
    effects = []
    for place in range(len(channels)):
        meets = sum(start * row[place] for start, row in zip(starts, visits, strict=True)) / visits[place][place]
        effects.append(meets * converts[place] / converted)
    whole = sum(effects)
    return {
        channel: Removal(effect, conversions * effect / whole if whole else 0.0)
        for channel, effect in zip(channels, effects, strict=True)
    }


def _inverse(matrix: list[list[float]]) -> list[list[float]]:
    """Gauss-Jordan with partial pivoting. I - Q of an absorbing chain is regular: every channel has a way out."""
    size = len(matrix)
    rows = [[*row, *(float(place == column) for column in range(size))] for place, row in enumerate(matrix)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda place: abs(rows[place][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column][column]
        own = rows[column] = [value / head for value in rows[column]]
        for place, row in enumerate(rows):
            if place != column and (factor := row[column]):
                rows[place] = [value - factor * pivoted for value, pivoted in zip(row, own, strict=True)]
    return [row[size:] for row in rows]
