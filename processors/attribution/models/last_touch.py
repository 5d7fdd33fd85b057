"""Last touch: the last one before the conversion gets all of it."""

from collections.abc import Sequence

from processors.attribution.models import Model, Step


def weigh(steps: Sequence[Step], converted_at: int) -> list[int]:
    return [*[0] * (len(steps) - 1), 1]


MODEL = Model("last_touch", weigh)
