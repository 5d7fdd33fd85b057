"""The attribution models: each file holds one constant `MODEL`; adding one adds a file and edits nothing here.

A model looks at a journey, the touches that led to one conversion in order of time, and says how much each of them
weighs. What the weights come to in credits is the same for all (`processors/attribution/credits.py`).
"""

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from types import ModuleType
from typing import NamedTuple

DIRECT = "direct"
"""The channel of who came by themselves."""


class Step(NamedTuple):
    """One touch of a journey: when it was, in epoch milliseconds, by which channel, and what it is called.

    Steps compare by time, then by name, which is their order in a journey.
    """

    at: int
    touch_id: str
    channel: str


Weights = Sequence[int] | Sequence[Fraction]
"""One weight a step, in any unit; none is negative and one at least is above zero."""


@dataclass(frozen=True, slots=True)
class Model:
    """`weigh(steps, converted_at)` weighs the steps of a journey that has at least one."""

    name: str
    weigh: Callable[[Sequence[Step], int], Weights]
    why: str = ""
    """In a sentence: the first of its file."""


@cache
def load() -> dict[str, Model]:
    """All models by name, in alphabetical order."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    found = {module.MODEL.name: replace(module.MODEL, why=_first_line(module)) for module in modules}
    return dict(sorted(found.items()))


def _first_line(module: ModuleType) -> str:
    return (module.__doc__ or "").partition("\n")[0]
