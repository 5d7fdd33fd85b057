"""The workload's state on this engine: what is known of one partition, kept for recovery on a state topic.

Deliveries are counted into differences, by the minute they fall into; a flush adds those to the rows. So a row costs
once a flush and not once an event, and hours and totals follow from minutes.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal

import msgspec

from bench.peers.workload import DAY_MS, HOUR_MS, MINUTE_MS, Kind
from processors.engine.state import Change, Record, Rejected, Tally

KEPT_IDS = 200_000
"""A repeated delivery is recognised among at least so many of a partition's newest event ids."""
CHUNK = 10_000
"""Ids, or actors, in one record of the state topic."""
MINUTES_A_DAY, MINUTES_AN_HOUR = DAY_MS // MINUTE_MS, HOUR_MS // MINUTE_MS

_WIDTH = 32
_HALF, _MASK = 1 << (_WIDTH - 1), (1 << _WIDTH) - 1
WEIGHTS = {
    (kind, verb): sign << _WIDTH * place
    for place, kind in enumerate(("like", "comment", "share"))
    for verb, sign in (("add", 1), ("remove", -1))
}
"""A row's three signed counts are one integer, likes lowest, so that one addition adds all of them."""


class Event(msgspec.Struct, gc=False):
    """What is counted of a delivery; the rest is not decoded."""

    event_id: str
    kind: Kind
    verb: Literal["add", "remove"]
    account_id: str
    post_id: str
    actor_id: str
    occurred_at: int
    received_at: int


class Counts(msgspec.Struct):
    """The value of a row: likes, comments, shares."""

    l: int  # noqa: E741 - the workload calls it so
    c: int
    s: int


_decode = msgspec.json.Decoder(Event).decode
_encode = msgspec.json.Encoder().encode
_names = msgspec.json.Decoder(list[str]).decode
_counts = msgspec.json.Decoder(Counts).decode


def packed(counts: Counts) -> int:
    """The integer that stands for a row."""
    return counts.l + (counts.c << _WIDTH) + (counts.s << 2 * _WIDTH)


@lru_cache(1 << 16)
def rendered(row: int) -> bytes:
    """The value of a row's record, remembered: most rows are small, and so alike."""
    likes = ((row + _HALF) & _MASK) - _HALF
    row = (row - likes) >> _WIDTH
    comments = ((row + _HALF) & _MASK) - _HALF
    return b'{"l":%d,"c":%d,"s":%d}' % (likes, comments, (row - comments) >> _WIDTH)


class Rows:
    """One table: packed rows by window and name. Its windows are `size` long; without one there is only the whole."""

    def __init__(self, topic: str, size: int | None = None) -> None:
        self.topic = topic
        self._size = size
        self._windows: defaultdict[int, dict[str, int]] = defaultdict(dict)

    def load(self, key: str, value: bytes) -> None:
        """Take back a row."""
        name, _, start = key.partition("|")
        self._windows[int(start) // self._size if self._size else 0][name] = packed(_counts(value))

    def add(self, window: int, differences: Mapping[str, int]) -> Iterator[Change]:
        """Add to the rows of a window, and write them."""
        rows, topic = self._windows[window], self.topic
        suffix = f"|{window * self._size}" if self._size else ""
        for name, difference in differences.items():
            row = rows[name] = rows.get(name, 0) + difference
            yield topic, (name + suffix).encode(), rendered(row)


class Recent:
    """The newest event ids, in the chunks in which they lie on the state topic."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.fresh: list[str] = []
        self._chunks: dict[int, list[str]] = {}
        self._next = 0

    def load(self, number: int, ids: list[str]) -> None:
        """Take back a chunk; an empty one was forgotten."""
        self.known.difference_update(self._chunks.pop(number, ()))
        if ids:
            self._chunks[number] = ids
            self.known.update(ids)
        self._next = max(self._next, number + 1)

    def changes(self) -> Iterator[tuple[str, bytes | None]]:
        """Write what is new, forget what is old."""
        for ids in chunks(self.fresh):
            self._chunks[self._next] = ids
            yield f"ids|{self._next}", _encode(ids)
            self._next += 1
        self.fresh = []
        for oldest in list(self._chunks):
            if len(self.known) - len(self._chunks[oldest]) < KEPT_IDS:
                return
            self.known.difference_update(self._chunks.pop(oldest))
            yield f"ids|{oldest}", None


class Audience:
    """The different actors of an account on a day."""

    __slots__ = ("fresh", "known")

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.fresh: list[str] = []

    def changes(self, key: str) -> Iterator[tuple[str, bytes]]:
        """Write who is new. A part is named by how many were known before it."""
        place = len(self.known) - len(self.fresh)
        for actors in chunks(self.fresh):
            yield f"{key}|{place}", _encode(actors)
            place += len(actors)
        self.fresh = []


Days = defaultdict[int, defaultdict[str, Audience]]
"""Audiences by day and account."""


class Differences(dict[int, tuple[defaultdict[str, int], defaultdict[str, int], defaultdict[str, Audience]]]):
    """What was counted since the last flush, by minute: posts, accounts; and the audiences of the minute's day."""

    def __init__(self, days: Days) -> None:
        self._days = days

    def __missing__(
        self, minute: int
    ) -> tuple[defaultdict[str, int], defaultdict[str, int], defaultdict[str, Audience]]:
        made = self[minute] = defaultdict(int), defaultdict(int), self._days[minute // MINUTES_A_DAY]
        return made


class Counting:
    """Implements `PartitionState`. Its rows carry no generation, so they cannot be rebuilt in place."""

    def __init__(self, state_topic: str, aggregate_topics: Sequence[str]) -> None:
        self.tally = Tally()
        self.rejected: list[Rejected] = []
        self.newest_event_at: int | None = None
        self._state_topic = state_topic
        minutes, hours, account_minutes, totals, self._unique_topic = aggregate_topics
        self._post_minutes, self._post_hours = Rows(minutes, MINUTE_MS), Rows(hours, HOUR_MS)
        self._account_minutes, self._post_totals = Rows(account_minutes, MINUTE_MS), Rows(totals)
        self._tables = {
            rows.topic: rows
            for rows in (self._post_minutes, self._post_hours, self._account_minutes, self._post_totals)
        }
        self._recent = Recent()
        self._days: Days = defaultdict(lambda: defaultdict(Audience))
        self._differences = Differences(self._days)

    def load(self, topic: str, records: Sequence[Record]) -> None:
        if topic == self._unique_topic:
            return  # it follows from the audiences
        for _, key, value in records:
            text = (key or b"").decode()
            if table := self._tables.get(topic):
                table.load(text, value or b"")
            else:
                self._load_names(text, _names(value) if value else [])

    def _load_names(self, key: str, names: list[str]) -> None:
        kind, _, place = key.partition("|")
        if kind == "ids":
            self._recent.load(int(place), names)
        else:
            account, day, _ = place.split("|")
            self._days[int(day)][account].known.update(names)

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        differences, received = self._differences, []
        ids, fresh = self._recent.known, self._recent.fresh
        for record in records:
            try:
                event = _decode(record[2])  # type: ignore[arg-type]  # a deleted value is refused like a bad one
            except (msgspec.MsgspecError, ValueError, TypeError) as error:
                self.rejected.append(Rejected(topic, *record, "invalid_record", type(error).__name__))
                continue
            received.append(event.received_at)
            event_id = event.event_id
            if event_id in ids:
                self.tally.duplicate_facts += 1
                continue
            ids.add(event_id)
            fresh.append(event_id)
            posts, accounts, audiences = differences[event.occurred_at // MINUTE_MS]
            weight = WEIGHTS[event.kind, event.verb]
            account, actor = event.account_id, event.actor_id
            posts[event.post_id] += weight
            accounts[account] += weight
            audience = audiences[account]
            if actor not in audience.known:
                audience.known.add(actor)
                audience.fresh.append(actor)
        self.tally.received(received)

    def changes(self, version: int) -> Iterator[Change]:
        differences, self._differences = self._differences, Differences(self._days)
        hours: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        totals: defaultdict[str, int] = defaultdict(int)
        for minute, (posts, accounts, _) in differences.items():
            yield from self._post_minutes.add(minute, posts)
            yield from self._account_minutes.add(minute, accounts)
            _add(hours[minute // MINUTES_AN_HOUR], posts)
        for hour, posts in hours.items():
            yield from self._post_hours.add(hour, posts)
            _add(totals, posts)
        yield from self._post_totals.add(0, totals)
        for key, value in self._recent.changes():
            yield self._state_topic, key.encode(), value
        for day in {minute // MINUTES_A_DAY for minute in differences}:
            yield from self._audience_changes(day)

    def _audience_changes(self, day: int) -> Iterator[Change]:
        for account, audience in self._days[day].items():
            if audience.fresh:
                unique = b'{"u":%d}' % len(audience.known)
                for key, value in audience.changes(f"actors|{account}|{day}"):
                    yield self._state_topic, key.encode(), value
                yield self._unique_topic, f"{account}|{day * DAY_MS}".encode(), unique

    def stale(self) -> Iterator[Change]:
        return iter(())

    def entries(self) -> dict[str, int]:
        return {"ids": len(self._recent.known)}


def _add(sums: defaultdict[str, int], differences: Mapping[str, int]) -> None:
    for name, difference in differences.items():
        sums[name] += difference


def chunks(names: list[str]) -> Iterator[list[str]]:
    """The names in pieces that fit into a record."""
    return (names[at : at + CHUNK] for at in range(0, len(names), CHUNK))
