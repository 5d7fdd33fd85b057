"""Who is called otherwise since the identity key was changed. While it is, records say what each name will be; from
then on the new name means the person of the first one, wherever it stands. Pure.

A name comes before what it will be in the log of its partition, so what a record means depends on nothing else.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from contracts.codec import encode
from contracts.events import Erasure
from contracts.identity import is_nameless
from processors.engagement.erasures import Erasures
from processors.engine.state import Change

if TYPE_CHECKING:
    from processors.engagement.interactions import Event


class Alias(msgspec.Struct, gc=False):
    """A record of a topic of aliases; its key is the other name."""

    generation: int
    name: str


read = msgspec.json.Decoder(Alias).decode


class Aliases:
    """`names`: other name -> first name. A person's first name stays theirs, however often the key is changed.

    `unlinked`: how many people had no other name when they were last counted. `erasures` learn who is one person.
    """

    def __init__(self, topic: str, generation: int, erasures: Erasures) -> None:
        self.names: dict[str, str] = {}
        self.unlinked = 0
        self._topic = topic
        self._generation = generation
        self._erasures = erasures
        self._new: dict[str, None] = {}

    def learn(self, name: str, following: str) -> bool:
        """`name` will be called `following`; whether that is news."""
        first = self.first(name)
        if first in (following, self.names.get(following)):
            return False
        self._new[following] = None
        self._know(following, first)
        return True

    def first(self, name: str, following: str | None = None) -> str:
        """What somebody is called here; `following` is what they will be called, if that is told."""
        if following is not None:
            self.learn(name, following)
        return self.names.get(name, name)

    def erased(self, erasure: Erasure) -> str:
        """What somebody who was erased is called here, whichever of their names the erasure has."""
        first = self.first(erasure.pseudonym, erasure.pseudonym_next)
        if first != erasure.pseudonym:
            self._erasures.same(erasure.pseudonym, first)
        return first

    def load(self, key: bytes, value: bytes | None) -> bool:
        """Take a record back; False if it is of an older generation."""
        following = key.decode()
        if value is None:
            self.names.pop(following, None)
            return True
        alias = read(value)
        if alias.generation < self._generation:
            return False
        self._know(following, alias.name)
        return True

    def changes(self) -> Iterator[Change]:
        new, self._new = self._new, {}
        for following in new:
            yield self._topic, following.encode(), encode(Alias(self._generation, self.names[following]))

    def settle(self, event: "Event") -> None:
        """Give everything in the event its first name, and keep what it tells of others."""
        if event.actor_id is not None and event.actor_id_next is not None:
            self.learn(event.actor_id, event.actor_id_next)
            for name, following in (event.objects_next or {}).items():
                self.learn(name, following)
        names = self.names
        event.actor_id = names.get(event.actor_id or "", event.actor_id)
        event.parent_id = names.get(event.parent_id or "", event.parent_id)
        event.target_id = names.get(event.target_id, event.target_id)
        event.interaction_key = "|".join([names.get(part, part) for part in event.interaction_key.split("|")])

    def count(self, people: Iterable[str]) -> None:
        """Count those of `people` who have no other name."""
        linked = set(self.names.values())
        self.unlinked = sum(not is_nameless(person) and person not in linked for person in people)

    def _know(self, following: str, first: str) -> None:
        self.names[following] = first
        self._erasures.same(following, first)
