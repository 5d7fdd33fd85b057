"""Touches of journeys as they are remembered: in chunks, each of one brand, here and on the state topic.

In memory a chunk is columns, and a touch its place in them, its *slot*: some seventy bytes with its name. What lies at
a slot never changes: a touch that is told anew gets another one. A chunk is written again when one of its touches was
told anew or is forgotten, so that no former name of anybody stays in it, and what was forgotten does not come back at a
restart.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, count
from sys import intern

import msgspec

from processors.attribution.book import TOPIC, record, record_key
from processors.attribution.journeys import Touchpoint
from processors.engine.state import Change

JOURNEYS = "journeys"
"""What the chunks are called in the state topic."""
_PLACE_BITS = 9
_PLACES = (1 << _PLACE_BITS) - 1
CHUNK_TOUCHES = 1 << _PLACE_BITS

Slot = int
"""Number of a chunk, then the place in it."""
Told = tuple[int, str, str, str, int, bool]
"""occurred_at, visitor, channel, campaign, day, is a view: of several of one touch the smallest is it."""


class Saved(msgspec.Struct, gc=False):
    """A chunk as it is written. `touches`: touch_id, occurred_at, visitor, places of channel and campaign in `words`,
    day, is a view."""

    brand: str
    words: list[str]
    touches: list[tuple[str, int, str, int, int, int, bool]]


_read_chunk = msgspec.json.Decoder(Saved).decode


class _Chunk:
    """Columns. `visitors`: None where the touch is no longer; `live`: how many are; `ends`: where each name ends."""

    __slots__ = ("brand", "campaigns", "channels", "days", "ends", "live", "names", "times", "views", "visitors")

    def __init__(self, brand: str) -> None:
        self.brand = brand
        self.names, self.ends = bytearray(), array("I")
        self.times, self.days, self.views = array("q"), array("i"), bytearray()
        self.visitors: list[str | None] = []
        self.channels: list[str] = []
        self.campaigns: list[str] = []
        self.live = 0

    @classmethod
    def of(cls, saved: Saved, name_of: Callable[[str, str], str]) -> "_Chunk":
        """A chunk as it was written; `name_of` gives the one text that a brand has for a visitor."""
        brand, words, chunk = saved.brand, [*map(intern, saved.words)], cls(saved.brand)
        names, times, visitors, channels, campaigns, days, views = zip(*saved.touches, strict=True)
        encoded = [name.encode() for name in names]
        chunk.names, chunk.ends = bytearray().join(encoded), array("I", accumulate(map(len, encoded)))
        chunk.times, chunk.days, chunk.views = array("q", times), array("i", days), bytearray(views)
        chunk.visitors = [name_of(brand, visitor) for visitor in visitors]
        chunk.channels = [words[place] for place in channels]
        chunk.campaigns = [words[place] for place in campaigns]
        chunk.live = len(names)
        return chunk

    def append(self, visitor: str, touch: Touchpoint) -> int:
        """Put a touch behind the others; its place."""
        self.names += touch.touch_id.encode()
        self.ends.append(len(self.names))
        self.times.append(touch.at)
        self.days.append(touch.day)
        self.views.append(touch.is_view)
        self.visitors.append(visitor)
        self.channels.append(intern(touch.channel))
        self.campaigns.append(intern(touch.campaign))
        self.live += 1
        return len(self.ends) - 1

    def name(self, place: int) -> str:
        return self.names[self.ends[place - 1] if place else 0 : self.ends[place]].decode()

    def saved(self) -> Saved:
        words: dict[str, int] = {}
        found = [
            (
                self.name(place),
                self.times[place],
                visitor,
                words.setdefault(self.channels[place], len(words)),
                words.setdefault(self.campaigns[place], len(words)),
                self.days[place],
                bool(self.views[place]),
            )
            for place, visitor in enumerate(self.visitors)
            if visitor is not None
        ]
        return Saved(self.brand, list(words), found)


class Chunks:
    """All touches of a partition that belong to somebody, by slot; by name those that may be told again."""

    def __init__(self, generation: int) -> None:
        self._generation = generation
        self._chunks: dict[int, _Chunk] = {}
        self._loaded: dict[int, Saved] = {}
        self._slots: defaultdict[str, dict[str, Slot]] = defaultdict(dict)
        self._named: set[int] = set()
        """Chunks of which touches are known by name."""
        self._open: dict[str, int] = {}
        self._newest = 0
        self._written: set[int] = set()

    def find(self, brand: str, touch_id: str) -> Slot | None:
        """Where a touch lies, while it may be told again."""
        return self._slots[brand].get(touch_id)

    def add(self, brand: str, visitor: str, touch: Touchpoint) -> Slot:
        """Put a touch into the open chunk of the brand; if that is full, into a new one."""
        number = self._open.get(brand)
        if number is None or len(self._chunks[number].ends) == CHUNK_TOUCHES:
            self._newest = number = self._newest + 1
            self._open[brand] = number
            self._chunks[number] = _Chunk(brand)
            self._named.add(number)
        slot = number << _PLACE_BITS | self._chunks[number].append(visitor, touch)
        self._slots[brand][touch.touch_id] = slot
        self._written.add(number)
        return slot

    def drop(self, slot: Slot) -> None:
        """This is no touch any more; what lies there can be read until it was written."""
        number, place = slot >> _PLACE_BITS, slot & _PLACES
        chunk = self._chunks[number]
        chunk.visitors[place] = None
        chunk.live -= 1
        self._written.add(number)
        self._unname(chunk, slot)

    def let_go(self, limit: int) -> None:
        """What was before `limit`, epoch ms, is known by name no longer."""
        for number in [number for number in self._named if number not in self._open.values()]:
            chunk = self._chunks[number]
            if max(chunk.times) < limit:
                self._named.remove(number)
                for place in range(len(chunk.ends)):
                    self._unname(chunk, number << _PLACE_BITS | place)

    def forget_name(self, brand: str, touch_id: str) -> None:
        """Who is called so from now on is another touch."""
        self._slots[brand].pop(touch_id, None)

    def _unname(self, chunk: _Chunk, slot: Slot) -> None:
        names, name = self._slots[chunk.brand], chunk.name(slot & _PLACES)
        if names.get(name) == slot:
            del names[name]

    # -- what lies at a slot -----------------------------------------------------------------------------------------

    def at(self, slot: Slot) -> int:
        return self._chunks[slot >> _PLACE_BITS].times[slot & _PLACES]

    def day(self, slot: Slot) -> int:
        return self._chunks[slot >> _PLACE_BITS].days[slot & _PLACES]

    def is_view(self, slot: Slot) -> bool:
        return bool(self._chunks[slot >> _PLACE_BITS].views[slot & _PLACES])

    def visitor(self, slot: Slot) -> str:
        visitor = self._chunks[slot >> _PLACE_BITS].visitors[slot & _PLACES]
        assert visitor is not None, "the touch is gone"
        return visitor

    def channels(self, slots: Iterable[Slot]) -> tuple[str, ...]:
        chunks = self._chunks
        return tuple([chunks[slot >> _PLACE_BITS].channels[slot & _PLACES] for slot in slots])

    def place_in_time(self, slot: Slot) -> tuple[int, str]:
        """By which touches are sorted: time, then name."""
        chunk, place = self._chunks[slot >> _PLACE_BITS], slot & _PLACES
        return chunk.times[place], chunk.name(place)

    def touch(self, slot: Slot) -> Touchpoint:
        chunk, place = self._chunks[slot >> _PLACE_BITS], slot & _PLACES
        return Touchpoint(
            chunk.times[place],
            chunk.name(place),
            chunk.channels[place],
            chunk.campaigns[place],
            chunk.days[place],
            bool(chunk.views[place]),
        )

    def told(self, slot: Slot) -> Told:
        at, _, channel, campaign, day, is_view = self.touch(slot)
        return at, self.visitor(slot), channel, campaign, day, is_view

    def before(self, limit: int) -> dict[str, list[Slot]]:
        """The touches before `limit`, epoch ms, by brand."""
        found: defaultdict[str, list[Slot]] = defaultdict(list)
        for number, chunk in self._chunks.items():
            if min(chunk.times) < limit:
                found[chunk.brand] += [
                    number << _PLACE_BITS | place
                    for place, visitor in enumerate(chunk.visitors)
                    if visitor is not None and chunk.times[place] < limit
                ]
        return found

    def count(self) -> int:
        """Touches that are remembered."""
        return sum(chunk.live for chunk in self._chunks.values())

    # -- written and read back ---------------------------------------------------------------------------------------

    def load(self, number: int, saved: bytes | None) -> None:
        """Take a chunk back; None if it is gone."""
        self._newest = max(self._newest, number)
        if saved is None:
            self._loaded.pop(number, None)
        else:
            self._loaded[number] = _read_chunk(saved)

    def settle_load(self, limit: int, name_of: Callable[[str, str], str]) -> Iterator[tuple[str, str, Slot]]:
        """Brand, visitor and slot of each touch, once all chunks are there.

        What was before `limit`, epoch ms, is not known by name. `name_of` gives the one text that a brand has for a
        visitor.
        """
        for number in sorted(self._loaded):
            saved = self._loaded.pop(number)
            brand, first = saved.brand, number << _PLACE_BITS
            chunk = self._chunks[number] = _Chunk.of(saved, name_of)
            self._open[brand] = number
            if max(chunk.times) >= limit:
                self._named.add(number)
                named = zip(count(first), saved.touches, strict=False)
                self._slots[brand].update([(told[0], slot) for slot, told in named if told[1] >= limit])
            for place, visitor in enumerate(chunk.visitors):
                assert visitor is not None
                yield brand, visitor, first | place

    def changes(self) -> Iterator[Change]:
        """The chunks that differ from what was last written."""
        for number in sorted(self._written):
            chunk, key = self._chunks[number], record_key((JOURNEYS, number))
            if chunk.live:
                yield TOPIC, key, record(self._generation, chunk.saved())
                continue
            yield TOPIC, key, None
            del self._chunks[number]
            self._named.discard(number)
            if self._open.get(chunk.brand) == number:
                del self._open[chunk.brand]
        self._written = set()
