"""What becomes of one piece of input: kept, deliberately ignored, or put aside with a reason.

Bad data is a value, a broken world is an exception: parsers return these and raise nothing.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Keep(Generic[T]):
    """Good: emit `value`."""

    value: T


@dataclass(frozen=True, slots=True)
class Drop:
    """Understood and deliberately not used; counted under `reason`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Could not be used; its bytes go to the dead letters under `reason`. `detail` never quotes the payload."""

    reason: str
    detail: str


Outcome = Keep[T] | Drop | Refuse
