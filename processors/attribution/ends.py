"""What the models that look at the ends of a journey have in common."""

from fractions import Fraction

MIDDLE = Fraction(1, 5)
"""The share of all touches between the first and the last, equally."""


def ends(touches: int, first: Fraction, pair: Fraction) -> list[Fraction]:
    """`first` to the first of at least three touches, 20 % to the middle, the rest to the last; of two touches the
    first gets `pair`, a single one everything.

    >>> [str(weight) for weight in ends(4, Fraction(2, 5), Fraction(1, 2))]
    ['2/5', '1/10', '1/10', '2/5']
    """
    if touches == 1:
        return [Fraction(1)]
    if touches == 2:
        return [pair, 1 - pair]
    between = touches - 2
    return [first, *[MIDDLE / between] * between, 1 - MIDDLE - first]
