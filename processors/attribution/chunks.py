"""Touches of journeys as the state topic holds them: in chunks, each of one brand.

A chunk holds what is remembered and nothing else: it is written again when one of its touches is told anew or
forgotten, so that no former name of anybody stays there, and what was forgotten does not come back at a restart.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator

import msgspec

from processors.attribution.book import TOPIC, record, record_key
from processors.engine.state import Change

JOURNEYS = "journeys"
"""What the chunks are called in the state topic."""
CHUNK_TOUCHES = 512

Told = tuple[int, str, str, str, int, bool]
"""occurred_at, visitor, channel, campaign, day, is a view: of several of one touch the smallest is it."""


class Chunk(msgspec.Struct, gc=False):
    """Touches of one brand: touch_id and what was told."""

    brand: str
    touches: list[tuple[str, Told]]


_read_chunk = msgspec.json.Decoder(Chunk).decode


class Chunks:
    """Where each touch lies; what was told of it is known elsewhere."""

    def __init__(self, generation: int) -> None:
        self._generation = generation
        self._loaded: dict[int, Chunk] = {}
        self._touches: dict[int, tuple[str, list[str]]] = {}
        self._places: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._open: dict[str, int] = {}
        self._newest = 0
        self._written: set[int] = set()

    def put(self, brand: str, touch_id: str) -> None:
        """A touch is to be written: where it lies, else in the open chunk of the brand; if it is full, in a new one."""
        number = self._places[brand].get(touch_id)
        if number is None:
            number = self._open.get(brand)
            if number is None or len(self._touches[number][1]) >= CHUNK_TOUCHES:
                self._newest = number = self._newest + 1
                self._open[brand] = number
                self._touches[number] = brand, []
            self._touches[number][1].append(touch_id)
            self._places[brand][touch_id] = number
        self._written.add(number)

    def drop(self, brand: str, gone: Collection[str]) -> None:
        """Touches that are remembered no longer."""
        places = self._places[brand]
        for number in {places.pop(touch_id) for touch_id in gone}:
            held = self._touches[number][1]
            held[:] = [touch_id for touch_id in held if touch_id in places]
            self._written.add(number)

    def load(self, number: int, saved: bytes | None) -> None:
        """Take a chunk back; None if it is gone."""
        self._newest = max(self._newest, number)
        if saved is None:
            self._loaded.pop(number, None)
        else:
            self._loaded[number] = _read_chunk(saved)

    def settle_load(self) -> Iterator[tuple[str, str, Told]]:
        """Brand, touch_id and what was told of each touch, once all chunks are there."""
        for number in sorted(self._loaded):
            chunk = self._loaded.pop(number)
            self._open[chunk.brand] = number
            self._touches[number] = chunk.brand, [touch_id for touch_id, _ in chunk.touches]
            for touch_id, told in chunk.touches:
                self._places[chunk.brand][touch_id] = number
                yield chunk.brand, touch_id, told

    def changes(self, told: Callable[[str, str], Told]) -> Iterator[Change]:
        """The chunks that differ from what was last written. `told`: what is known of a touch of a brand."""
        for number in sorted(self._written):
            brand, held = self._touches[number]
            key = record_key((JOURNEYS, number))
            if held:
                chunk = Chunk(brand, [(touch_id, told(brand, touch_id)) for touch_id in held])
                yield TOPIC, key, record(self._generation, chunk)
                continue
            yield TOPIC, key, None
            del self._touches[number]
            if self._open.get(brand) == number:
                del self._open[brand]
        self._written = set()

    def count(self) -> int:
        """Touches that are remembered."""
        return sum(map(len, self._places.values()))
