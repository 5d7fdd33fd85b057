"""Medians and percentiles as SQL's `percentile_cont` has them: between two values by linear interpolation."""

from collections.abc import Sequence


def percentile(values: Sequence[float], part: float) -> float | None:
    """None of nothing.

    >>> percentile([40, 10, 20, 30], 0.9)
    37.0
    """
    if not values:
        return None
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))


def median(values: Sequence[float]) -> float | None:
    """The middle one, or the middle of the two.

    >>> median([4, 1, 3, 2])
    2.5
    """
    return percentile(values, 0.5)


def ratio(numerator: float | None, denominator: float | None) -> float | None:
    """None over 0, and if either is unknown."""
    return None if numerator is None or not denominator else numerator / denominator
