"""State to records and back: what a restarted worker reads before it folds on.

All of it lies in the state topic. The rows follow from it; of those of an older generation it is only noted that they
are there, since a rebuild deletes the ones that it does not write again.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from contracts import identity, topics
from processors.attribution import book, chunks, crediting, touches
from processors.engine.positions import GENERATION_SHIFT
from processors.engine.state import Change, Record

if TYPE_CHECKING:
    from processors.attribution.paid import Paid

_TIME = "time"


class Time(msgspec.Struct, gc=False):
    """How far time has come in the partition, epoch ms."""

    ticked_at: int
    newest_event_at: int | None
    forgotten_before: int = 0
    """Journeys that ended before are forgotten."""


class _Versioned(msgspec.Struct, gc=False):
    version: int = 0


_read_time = msgspec.json.Decoder(Time).decode
_read_version = msgspec.json.Decoder(_Versioned).decode


def load(state: "Paid", topic: str, records: Sequence[Record]) -> None:
    """Take records of one topic back, oldest first."""
    for _, key, value in records:
        assert key is not None
        if topic == topics.ERASURES.name:
            if value is not None:
                state.aliases.erased(state.erasures.learn(value))
            continue
        state.stale_keys.pop((topic, key), None)  # a rebuild that was killed wrote it again already
        if topic == topics.STATE_PAID_ALIASES.name:
            if not state.aliases.load(key, value):
                state.stale_keys[topic, key] = None
        elif topic == book.TOPIC:
            _load_entry(state, topic, key, value)
        elif value is not None and _read_version(value).version >> GENERATION_SHIFT < state.generation:
            state.stale_keys[topic, key] = None
        elif topic in crediting.TOPICS:
            state.crediting.load_row(topic, key, value)


def changes(state: "Paid") -> Iterator[Change]:
    """The partition's own record, if time has passed."""
    if state.time_changed:
        state.time_changed = False
        time = Time(state.ticked_at, state.newest_event_at, state.crediting.forgotten_before)
        yield book.TOPIC, book.record_key((_TIME,)), book.record(state.generation, time)


def _load_entry(state: "Paid", topic: str, key: bytes, value: bytes | None) -> None:
    name = identity.split_key(key.decode())
    saved = None if value is None else book.read_saved(value)
    if saved is not None and saved.generation < state.generation:
        state.stale_keys[topic, key] = None
        return
    entry = None if saved is None else bytes(saved.entry)
    if name[0] == _TIME:
        if entry is not None:
            time = _read_time(entry)
            state.ticked_at, state.newest_event_at = time.ticked_at, time.newest_event_at
            state.crediting.freeze(time.forgotten_before)
    elif name[0] == chunks.JOURNEYS:
        state.crediting.load_chunk(int(name[1]), entry)
    elif name[0] == touches.TOUCHES:
        state.touches.load(int(name[1]), None if entry is None else touches.read_chunk(entry))
    else:
        state.book.load(name, entry)
