"""Last non-direct touch: the last one that came from somewhere; the last of all if every touch was direct."""

from collections.abc import Sequence

from processors.attribution.models import DIRECT, Model, Step


def weigh(steps: Sequence[Step], converted_at: int) -> list[int]:
    led = [place for place, step in enumerate(steps) if step.channel != DIRECT]
    chosen = led[-1] if led else len(steps) - 1
    return [int(place == chosen) for place in range(len(steps))]


MODEL = Model("last_non_direct", weigh)
