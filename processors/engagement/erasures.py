"""Who was erased: under which name their person lives on in the state, depending on when. Pure.

Of what somebody did, the erasure takes what occurred before it, however late it comes, and what was received before it.
"""

from bisect import insort
from typing import NamedTuple

from contracts import identity
from contracts.codec import decoder
from contracts.events import Erasure
from processors.engagement.facts import KINDS, PERSON, Fact

_read = decoder(Erasure)


class _Until(NamedTuple):
    """The name of the person until `erased_at`, epoch ms."""

    erased_at: int
    platform: str
    name: str


class Erasures:
    """`persons`: who was ever erased. Somebody who came back may be erased again, as another person."""

    def __init__(self) -> None:
        self.persons: dict[str | None, list[_Until]] = {}
        self._former: dict[str, str] = {}

    def learn(self, value: bytes) -> Erasure:
        """Take in the record of an erasure; one that comes again, for another time, replaces what it was."""
        erasure = _read(value)
        name = identity.nameless(erasure.erasure_id)
        lives = [life for life in self.persons.get(erasure.pseudonym, ()) if life.name != name]
        insort(lives, _Until(erasure.erased_at, erasure.platform, name))
        self.persons[erasure.pseudonym] = lives
        self._former[name] = erasure.pseudonym
        if erasure.pseudonym_next is not None:
            self.persons.setdefault(erasure.pseudonym_next, [])
        return erasure

    def apart(self, erasure: Erasure, other: str) -> str:
        """Another name for an erased person who counted as two, here and as `other`: so no number moves."""
        name = identity.nameless(f"{erasure.erasure_id}'")
        self._former[name] = other
        return name

    def same(self, other: str, actor: str) -> None:
        """Both are one person: whoever erased the one erased the other."""
        lives = self.persons.get(other)
        if lives:
            self.persons[other] = []
            names = {life.name for life in lives}
            self.persons[actor] = sorted(
                [*lives, *(one for one in self.persons.get(actor, ()) if one.name not in names)]
            )
            self._former.update(dict.fromkeys(names, actor))

    def name(self, platform: str, actor: str, time_ms: int) -> str:
        """What to call `actor` for something of that time: nameless if it is from before an erasure."""
        for life in self.persons.get(actor, ()):
            if time_ms < life.erased_at and life.platform == platform:
                return life.name
        return actor

    def former(self, name: str) -> str:
        """Who `name` was before the erasure: posts count one who was erased and comes back once."""
        return self._former.get(name, name)

    def concerns(self, actor: str | None) -> bool:
        """Was this person, by whichever of their names, erased?"""
        return bool(self.persons) and actor is not None and self.former(actor) in self.persons

    def named(self, platform: str, actor: str, known: tuple[Fact, ...]) -> tuple[Fact, ...]:
        """Facts of which some do not say whose they are, since `actor` is the one who has this interaction with the
        target: each with the name of its time."""
        person = self.former(actor)
        return tuple(
            fact._replace(actor=self.name(platform, person, fact.occurred_at)) if _is_unsaid(fact) else fact
            for fact in known
        )


def _is_unsaid(fact: Fact) -> bool:
    return fact.actor is None and fact.state // KINDS == PERSON
