"""Linear: every touch gets the same."""

from collections.abc import Sequence

from processors.attribution.models import Model, Step


def weigh(steps: Sequence[Step], converted_at: int) -> list[int]:
    return [1] * len(steps)


MODEL = Model("linear", weigh)
