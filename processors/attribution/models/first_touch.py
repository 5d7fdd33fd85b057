"""First touch: whoever brought somebody the first time gets all of it."""

from collections.abc import Sequence

from processors.attribution.models import Model, Step


def weigh(steps: Sequence[Step], converted_at: int) -> list[int]:
    return [1, *[0] * (len(steps) - 1)]


MODEL = Model("first_touch", weigh)
