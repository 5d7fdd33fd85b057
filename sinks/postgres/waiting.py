"""Records that say what holds once others are applied, kept until that is so.

Pure. Of a key, two wait at most: the oldest, so that a stream of newer ones cannot starve it, and the newest.
The offset of the oldest is held back, so that a restart reads it again.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from sinks.records import Place

T = TypeVar("T")


class Waiter(NamedTuple, Generic[T]):
    """One record that waits, and where it lies."""

    place: Place
    offset: int
    said: T


@dataclass(slots=True)
class _Pair(Generic[T]):
    oldest: Waiter[T]
    newest: Waiter[T] | None = None

    def __iter__(self) -> Iterator[Waiter[T]]:
        yield self.oldest
        if self.newest is not None:
            yield self.newest


class WaitingRoom(Generic[T]):
    """Waiters by key, the newest of a key replacing all but its oldest."""

    def __init__(self) -> None:
        self._pairs: dict[Hashable, _Pair[T]] = {}

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def add(self, key: Hashable, waiter: Waiter[T]) -> None:
        if (pair := self._pairs.get(key)) is None:
            self._pairs[key] = _Pair(waiter)
        else:
            pair.newest = waiter

    def forget(self, key: Hashable) -> None:
        """Nothing of this key waits any more."""
        self._pairs.pop(key, None)

    def ready(self, holds: Callable[[T], bool]) -> list[tuple[Hashable, Waiter[T]]]:
        """Those that hold now, oldest first for each key; they wait on until `settle`."""
        return [(key, waiter) for key, pair in self._pairs.items() for waiter in pair if holds(waiter.said)]

    def settle(self, done: list[tuple[Hashable, Waiter[T]]]) -> None:
        """These were written; whatever is older has nothing more to say."""
        for key, waiter in done:
            pair = self._pairs.get(key)
            if pair is None:
                continue
            if pair.newest is None or pair.newest.offset <= waiter.offset:
                del self._pairs[key]
            elif pair.oldest.offset <= waiter.offset:
                self._pairs[key] = _Pair(pair.newest)

    def held(self, without: list[tuple[Hashable, Waiter[T]]]) -> dict[Place, int]:
        """The least offset of each place that has to be read again, once `without` are written."""
        written = {key: waiter.offset for key, waiter in without}
        least: dict[Place, int] = {}
        for key, pair in self._pairs.items():
            for place, offset, _ in pair:
                if offset > written.get(key, -1):
                    least[place] = min(offset, least.get(place, offset))
        return least
