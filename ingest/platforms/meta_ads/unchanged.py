"""What was told before and is told again unchanged is no news: digests, kept with the listings that a source remembers.

Thousands of ads are read again for 28 days, hour by hour, and nearly all of it stands as it stood. A digest that is
lost costs a repetition, nothing else.
"""

from base64 import b85encode
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b

from msgspec.structs import replace

from contracts import codec
from contracts.events import Listing
from contracts.identity import join_key
from contracts.outcome import Keep
from contracts.paid import AdEntity, AdFact
from ingest.platforms import Part, Remember, State

MOST_CHILDREN = 8_000
"""Digests in one record of the memory, which Kafka would not take if it were larger than a megabyte."""


class Unchanged:
    """Lets through what differs from the last time. `subject`: what the digests belong to, such as a window."""

    def __init__(self, memory: Mapping[str, Listing], subjects: Iterable[str]) -> None:
        self._known: dict[str, dict[str, str | None]] = {subject: {} for subject in subjects}
        for name, listing in memory.items():
            subject, _, piece = name.rpartition("#")
            if subject in self._known and piece.isdecimal():
                self._known[subject].update(listing.children)
        self._told = {subject: dict(known) for subject, known in self._known.items()}

    def news(self, parts: Iterable[Part]) -> Iterator[Part]:
        """The parts without the facts that are as they were. Of a fact of no subject nothing is known."""
        for part in parts:
            fact = part.outcome.value if isinstance(part.outcome, Keep) else None
            if isinstance(fact, AdFact | AdEntity) and (known := self._told.get(subject_of(fact))) is not None:
                name = join_key(fact.entity_id, fact.breakdown) if isinstance(fact, AdFact) else fact.entity_id
                digest = digest_of(fact)
                if known.get(name) == digest:
                    continue
                known[name] = digest
            yield part

    def remembered(self) -> Iterator[Remember]:
        """What to keep for the next time, where it differs."""
        for subject, told in self._told.items():
            if told == self._known[subject]:
                continue
            items = list(told.items())
            pieces = range(0, len(items), MOST_CHILDREN)
            for piece, first in enumerate(pieces):
                yield Remember(f"{subject}#{piece}", Listing(dict(items[first : first + MOST_CHILDREN])))

    def state(self) -> State:
        """The names under which it is kept: what a cursor does not name is forgotten."""
        return {
            f"{subject}#{piece}": None
            for subject, told in self._told.items()
            for piece in range(-(-len(told) // MOST_CHILDREN))
        }


def subject_of(fact: AdFact | AdEntity) -> str:
    """What a fact's digest is kept with.

    >>> window("ad", "day:2026-03-11")
    'ad@day:2026-03-11'
    """
    return window(fact.level, fact.window) if isinstance(fact, AdFact) else fact.kind


def window(level: str, name: str) -> str:
    """The subject of a level's facts of a window."""
    return f"{level}@{name}"


def digest_of(fact: AdFact | AdEntity) -> str:
    """64 bits over what a fact says, whenever it was read."""
    if isinstance(fact, AdFact):
        bare: AdFact | AdEntity = replace(fact, as_of=0, received_at=0, run_id="")
    else:
        bare = replace(fact, as_of=0, received_at=0)
    return b85encode(blake2b(codec.encode(bare), digest_size=8).digest()).decode()
