"""Touches, each counted once, by campaign and day; and the chunks in which they are remembered. Pure.

A touch is remembered by 63 bits of a hash: at five million of them the chance that two share one is about one in a
million. What is written is appended to an open chunk, which is closed when it is long; the counts follow from the
chunks, so that nothing else has to be read back.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from contracts import identity
from contracts.paid import Touch
from processors.attribution.book import TOPIC, Grain, record, record_key, row_change
from processors.engagement.windows import Day
from processors.engine.state import Change

TOUCHES = "touches"
TABLE = "touches_by_campaign_day"
CHUNK_TOUCHES = 512
_INDEX_BITS = 32
_INDEX_MASK = (1 << _INDEX_BITS) - 1


class Origin(NamedTuple):
    """All that decides where a touch counts, but its time."""

    brand: str
    site_id: str
    source: str
    medium: str
    campaign: str
    campaign_id: str
    kind: str
    is_bot: bool
    is_unconsented: bool

    @property
    def adds(self) -> tuple[int, int, int, int, int]:
        """What it adds to touches, clicks, views, without_consent, bots."""
        if self.is_bot:
            return 0, 0, 0, 0, 1
        return 1, self.kind == "click", self.kind == "view", self.is_unconsented, 0


class Chunk(msgspec.Struct, gc=False):
    """`touches`: hash, occurred_at, place in `origins`."""

    origins: list[Origin]
    touches: list[tuple[int, int, int]]


read_chunk = msgspec.json.Decoder(Chunk).decode

DayOf = Callable[[str, int], Day]
"""The local day of a time at a site."""


class Touches:
    """Every touch that may still be told again."""

    def __init__(self, generation: int, day_of: DayOf) -> None:
        self.known: dict[int, int] = {}
        self.chunks: dict[int, Chunk] = {}
        self._closed: dict[int, array[int]] = {}
        """Of a chunk that is never written again the hashes alone."""
        self._generation = generation
        self._day_of = day_of
        self._newest = 0
        self._places: dict[Origin, int] = {}
        """Where the newest chunk has each of its origins."""
        self._is_counted = True
        self._chunk_ends: dict[int, int] = {}
        self._origins: list[Origin] = []
        self._index: dict[Origin, int] = {}
        self._rows: dict[Grain, list[int]] = {}
        self._ends: dict[Grain, int] = {}
        self._before: dict[Grain, tuple[int, ...]] = {}
        self._written: set[int] = set()
        self._gone: set[int] = set()

    def learn(self, touch: Touch) -> bool:
        """Count a touch, in the place of what was told of it before; False if it says nothing new."""
        key, origin = hash_of(touch.brand, touch.touch_id), origin_of(touch)
        if not self._take(key, touch.occurred_at, origin):
            return False
        self._append(key, touch.occurred_at, origin)
        return True

    def load(self, number: int, chunk: Chunk | None) -> None:
        """Take a chunk back; None if it is gone."""
        self._is_counted = False
        self._newest = max(self._newest, number)
        if chunk is None:
            self.chunks.pop(number, None)
            self._closed.pop(number, None)
        else:
            self.chunks[number] = chunk

    def settle_load(self) -> None:
        """Count what the chunks hold, once all of them are there."""
        if self._is_counted:
            return
        self._is_counted = True
        for number, chunk in self.chunks.items():
            for key, at, place in chunk.touches:
                self._take(key, at, chunk.origins[place])
                self._ends_of_chunk(number, chunk.origins[place].site_id, at)
        self._before.clear()
        self._close(list(self.chunks))
        if self._newest in self.chunks:
            self._places = {origin: place for place, origin in enumerate(self.chunks[self._newest].origins)}

    def let_go(self, limit: int) -> None:
        """Forget the days that ended at `limit` or before, and what is told of nothing else."""
        for grain in [grain for grain, end in self._ends.items() if end <= limit and grain not in self._before]:
            del self._rows[grain], self._ends[grain]
        over = [number for number, end in self._chunk_ends.items() if end <= limit and number not in self._written]
        for number in over:
            del self._chunk_ends[number]
            self._gone.add(number)
            open_chunk = self.chunks.pop(number, None)
            for key in self._closed.pop(number) if open_chunk is None else _hashes(open_chunk):
                self.known.pop(key, None)

    def changes(self, version: int) -> Iterator[Change]:
        before, self._before = self._before, {}
        for grain, counted in before.items():
            row = self._rows[grain]
            if any(row):
                yield row_change(TABLE, grain, tuple(row), version)
            elif any(counted):
                yield row_change(TABLE, grain, None, version)
        for number in sorted(self._written):
            yield TOPIC, _chunk_key(number), record(self._generation, self.chunks[number])
        self._close(self._written)
        for number in self._gone:
            yield TOPIC, _chunk_key(number), None
        self._written, self._gone = set(), set()

    def _take(self, key: int, at: int, origin: Origin) -> bool:
        known = self.known.get(key)
        if known is not None:
            told = known >> _INDEX_BITS, self._origins[known & _INDEX_MASK]
            if told <= (at, origin):
                return False
            self._count(*told, -1)
        index = self._index.get(origin)
        if index is None:
            index = self._index[origin] = len(self._origins)
            self._origins.append(origin)
        self.known[key] = at << _INDEX_BITS | index
        self._count(at, origin, 1)
        return True

    def _count(self, at: int, origin: Origin, sign: int) -> None:
        day = self._day_of(origin.site_id, at)
        grain = (*origin[:6], day.date)
        row = self._rows.get(grain)
        if row is None:
            row = self._rows[grain] = [0, 0, 0, 0, 0]
            self._ends[grain] = day.end
        if grain not in self._before:
            self._before[grain] = tuple(row)
        for place, number in enumerate(origin.adds):
            row[place] += sign * number

    def _append(self, key: int, at: int, origin: Origin) -> None:
        """To the open chunk, or to a new one if that is full."""
        chunk = self.chunks.get(self._newest)
        if chunk is None or len(chunk.touches) >= CHUNK_TOUCHES:
            self._newest += 1
            chunk = self.chunks[self._newest] = Chunk([], [])
            self._places = {}
        place = self._places.get(origin)
        if place is None:
            place = self._places[origin] = len(chunk.origins)
            chunk.origins.append(origin)
        chunk.touches.append((key, at, place))
        self._written.add(self._newest)
        self._ends_of_chunk(self._newest, origin.site_id, at)

    def _close(self, numbers: Iterable[int]) -> None:
        """Those of these chunks that are full and written."""
        for number in numbers:
            if len(self.chunks[number].touches) >= CHUNK_TOUCHES or number != self._newest:
                self._closed[number] = _hashes(self.chunks.pop(number))

    def _ends_of_chunk(self, number: int, site_id: str, at: int) -> None:
        end = self._day_of(site_id, at).end
        self._chunk_ends[number] = max(end, self._chunk_ends.get(number, end))


def origin_of(touch: Touch) -> Origin:
    hints = touch.hints
    return Origin(
        touch.brand,
        touch.site_id,
        hints.source or "",
        hints.medium or "",
        hints.campaign or "",
        hints.campaign_id or "",
        touch.kind,
        touch.bot is not None,
        touch.consent != "granted",
    )


def hash_of(brand: str, touch_id: str) -> int:
    """63 bits that stand for a touch."""
    name = identity.join_key(brand, touch_id).encode()
    return int.from_bytes(blake2b(name, digest_size=8).digest(), "big") >> 1


def _hashes(chunk: Chunk) -> "array[int]":
    return array("q", [key for key, _, _ in chunk.touches])


def _chunk_key(number: int) -> bytes:
    return record_key((TOUCHES, number))
