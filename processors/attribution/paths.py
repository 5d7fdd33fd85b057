"""Journeys as paths of channels: what is left of a journey before channels are counted or solved.

A transform is an option of the path, not of a model: any model may look at any of them.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from processors.attribution.models import DIRECT, Step

Transform = Callable[[Sequence[Step]], Sequence[Step]]


def all_touches(steps: Sequence[Step]) -> Sequence[Step]:
    """Every touch as it was."""
    return steps


def without_repeats(steps: Sequence[Step]) -> Sequence[Step]:
    """Of touches of one channel in a row the first."""
    return [*steps[:1], *(step for before, step in pairwise(steps) if step.channel != before.channel)]


def first_occurrences(steps: Sequence[Step]) -> Sequence[Step]:
    """Of each channel the first touch."""
    first: dict[str, Step] = {}
    for step in steps:
        first.setdefault(step.channel, step)
    return list(first.values())


def without_direct(steps: Sequence[Step]) -> Sequence[Step]:
    """What led there; everything if nothing but direct did."""
    return [step for step in steps if step.channel != DIRECT] or steps


def without_trailing_direct(steps: Sequence[Step]) -> Sequence[Step]:
    """Up to the last touch that led there; everything if nothing but direct did."""
    led = [place for place, step in enumerate(steps) if step.channel != DIRECT]
    return steps[: led[-1] + 1] if led else steps


TRANSFORMS: Mapping[str, Transform] = {
    "all": all_touches,
    "without_repeats": without_repeats,
    "first_occurrences": first_occurrences,
    "without_direct": without_direct,
    "without_trailing_direct": without_trailing_direct,
}
"""By the name that a configuration and a row give them."""
