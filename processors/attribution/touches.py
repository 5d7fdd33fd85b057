"""Touches, each counted once, by campaign and day; and the chunks in which they are remembered. Pure.

A touch is remembered by 63 bits of a hash: at five million of them the chance that two share one is about one in a
million. What is written is appended to an open chunk, which is closed when it is long; the counts follow from the
chunks, so that nothing else has to be read back. Of one that is told anew the chunk takes what it replaces, too: so it
stays as long as any of its days, and of what the chunks hold of a touch the last is it, whichever of them are gone.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
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
FEW_ORIGINS = 1 << 12
_TIME_BITS = 48
_TIME_MASK = (1 << _TIME_BITS) - 1


class Learnt(Enum):
    """What a record says of a touch."""

    NOTHING = "nothing"
    MORE = "more"
    NEW = "new"
    """No touch of that name was known."""


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


class Chunk(msgspec.Struct, gc=False):
    """`touches`: hash, occurred_at, place in `origins`; of one touch the last is it."""

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
        self._most_origins = FEW_ORIGINS
        """When to look for those that are no touch's any more."""
        self._index: dict[Origin, int] = {}
        self._rows: dict[Grain, list[int]] = {}
        """touches, clicks, views, without_consent, bots."""
        self._ends: dict[Grain, int] = {}
        self._before: dict[Grain, tuple[int, ...]] = {}
        self._written: set[int] = set()
        self._gone: set[int] = set()

    def learn(self, touch: Touch, limit: int = 0) -> "Learnt":
        """Count a touch, in the place of what was told of it before, unless the day of that ended at `limit` or before:
        it is known no longer."""
        key, origin = hash_of(touch.brand, touch.touch_id), origin_of(touch)
        told = touch.occurred_at, origin
        former = self._told(key) if key in self.known and not self._is_over(key, limit) else None
        if former is None:
            self.known.pop(key, None)
        elif former <= told:
            return Learnt.NOTHING
        else:
            self._take_back(key)
        self._take(key, *told)
        self._append(key, [told] if former is None else [former, told])
        return Learnt.NEW if former is None else Learnt.MORE

    def load(self, number: int, chunk: Chunk | None) -> None:
        """Take a chunk back; None if it is gone."""
        self._is_counted = False
        self._newest = max(self._newest, number)
        if chunk is None:
            self.chunks.pop(number, None)
            self._closed.pop(number, None)
        else:
            self.chunks[number] = chunk

    def settle_load(self, limit: int = 0) -> None:
        """Count what the chunks hold, once all of them are there; of days that ended at `limit` or before nothing can
        change."""
        if self._is_counted:
            return
        self._is_counted = True
        for number, chunk in sorted(self.chunks.items()):
            for key, at, place in chunk.touches:
                end = self._day_of(chunk.origins[place].site_id, at).end
                self._chunk_ends[number] = max(end, self._chunk_ends.get(number, end))
                self._take_back(key)
                if end > limit:
                    self._take(key, at, chunk.origins[place])
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
                if key in self.known and self._is_over(key, limit):
                    del self.known[key]
        if len(self._origins) > self._most_origins:
            self._forget_origins()

    def _is_over(self, key: int, limit: int) -> bool:
        at, origin = self._told(key)
        return self._day_of(origin.site_id, at).end <= limit

    def _told(self, key: int) -> tuple[int, Origin]:
        known = self.known[key]
        return known & _TIME_MASK, self._origins[known >> _TIME_BITS]

    def _forget_origins(self) -> None:
        """Those of no touch: a campaign's name is whatever an address says."""
        kept = sorted({known >> _TIME_BITS for known in self.known.values()})
        places = {old: new for new, old in enumerate(kept)}
        for key, known in self.known.items():
            self.known[key] = places[known >> _TIME_BITS] << _TIME_BITS | known & _TIME_MASK
        self._origins = [self._origins[old] for old in kept]
        self._index = {origin: place for place, origin in enumerate(self._origins)}
        self._most_origins = 2 * len(kept) + FEW_ORIGINS

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

    def _take_back(self, key: int) -> None:
        """What was told of a touch counts no longer."""
        if key in self.known:
            self._count(*self._told(key), -1)
            del self.known[key]

    def _take(self, key: int, at: int, origin: Origin) -> None:
        index = self._index.get(origin)
        if index is None:
            index = self._index[origin] = len(self._origins)
            self._origins.append(origin)
        self.known[key] = index << _TIME_BITS | at
        self._count(at, origin, 1)

    def _count(self, at: int, origin: Origin, sign: int) -> None:
        brand, site_id, source, medium, campaign, campaign_id, kind, is_bot, is_unconsented = origin
        day = self._day_of(site_id, at)
        grain = brand, site_id, source, medium, campaign, campaign_id, day.date
        row = self._rows.get(grain)
        if row is None:
            row = self._rows[grain] = [0, 0, 0, 0, 0]
            self._ends[grain] = day.end
        if grain not in self._before:
            self._before[grain] = tuple(row)
        if is_bot:
            row[4] += sign
            return
        row[0] += sign
        row[1] += sign * (kind == "click")
        row[2] += sign * (kind == "view")
        row[3] += sign * is_unconsented

    def _append(self, key: int, tellings: Iterable[tuple[int, Origin]]) -> None:
        """To the open chunk, or to a new one if that is full; all of them to one."""
        chunk = self.chunks.get(self._newest)
        if chunk is None or len(chunk.touches) >= CHUNK_TOUCHES:
            self._newest += 1
            chunk = self.chunks[self._newest] = Chunk([], [])
            self._places = {}
        for at, origin in tellings:
            place = self._places.get(origin)
            if place is None:
                place = self._places[origin] = len(chunk.origins)
                chunk.origins.append(origin)
            chunk.touches.append((key, at, place))
            self._ends_of_chunk(self._newest, origin.site_id, at)
        self._written.add(self._newest)

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
