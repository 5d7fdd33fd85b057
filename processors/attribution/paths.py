"""Journeys as paths of channels: what is left of a journey before channels are counted or solved.

A transform is an option of the path, not of a model: any model may look at any of them.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from processors.attribution.models import DIRECT

Transform = Callable[[Sequence[str]], Sequence[str]]
"""Channels in the order of the touches, and what is left of them."""


def all_touches(channels: Sequence[str]) -> Sequence[str]:
    """Every touch as it was."""
    return channels


def without_repeats(channels: Sequence[str]) -> Sequence[str]:
    """Of touches of one channel in a row the first."""
    return [channel for channel, _ in groupby(channels)]


def first_occurrences(channels: Sequence[str]) -> Sequence[str]:
    """Of each channel the first touch."""
    return list(dict.fromkeys(channels))


def without_direct(channels: Sequence[str]) -> Sequence[str]:
    """What led there; everything if nothing but direct did."""
    return [channel for channel in channels if channel != DIRECT] or channels


def without_trailing_direct(channels: Sequence[str]) -> Sequence[str]:
    """Up to the last touch that led there; everything if nothing but direct did."""
    led = [place for place, channel in enumerate(channels) if channel != DIRECT]
    return channels[: led[-1] + 1] if led else channels


TRANSFORMS: Mapping[str, Transform] = {
    "all": all_touches,
    "without_repeats": without_repeats,
    "first_occurrences": first_occurrences,
    "without_direct": without_direct,
    "without_trailing_direct": without_trailing_direct,
}
"""By the name that a configuration and a row give them."""
