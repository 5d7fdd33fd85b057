"""Erasing a person: what is written, and in which order, so that no replay brings them back.

First the erasure itself, for every processor that starts from now on; then the same among the events, for those that
run; then the deletions of the name and of the dead letters; and last the erasure again, with how far all that reaches.
Cut off anywhere, the same command takes up the unfinished erasure and does all of it again.
"""

import json
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from msgspec.structs import replace

from contracts import codec, topics
from contracts.events import SCHEMA, Erasure
from ingest.dead_letters import newest
from ingest.kafka import Offsets, Producer, merge, read
from ingest.records import Records
from runtime.seal import SealBroken, Sealer

WRITTEN = (*topics.TIMED, topics.ERASURES, topics.PEOPLE, topics.DEAD_LETTERS)
"""The topics that an erasure writes to."""
_WORD = re.compile(r"\w+")
_decode = codec.decoder(Erasure)


@dataclass(slots=True)
class Erased:
    """What was done. `unopened`: dead letters that no known key opens, so that nobody can tell whose they are."""

    erasure: Erasure
    dead_letters: int = 0
    unopened: int = 0


@dataclass(frozen=True, slots=True)
class Eraser:
    """Erases persons of one platform. `pseudonym` turns an id of the platform into what stands in Kafka."""

    platform: str
    pseudonym: Callable[[str], str]
    bootstrap_servers: str
    records: Records
    producer: Producer
    sealer: Sealer

    def erase(self, person: str, now_ms: int, person_next: str | None = None) -> Erased:
        """Erase whoever has this pseudonym, or the other one. Raises `KafkaAway`; then what was begun is to be done
        again."""
        erasure_id = unfinished(self.bootstrap_servers, self.platform, person) or secrets.token_hex(16)
        done = Erased(Erasure(SCHEMA, erasure_id, self.platform, person, now_ms, pseudonym_next=person_next))
        self.producer.write([self.records.of_erasure(done.erasure)])
        nameless = [self.records.without_person(self.platform, name) for name in _names(done.erasure)]
        produced = self.producer.write([*self.records.erasures(done.erasure), *nameless])
        merge(produced, self.erase_letters(done))
        done.erasure = replace(done.erasure, produced=produced)
        self.producer.write([self.records.of_erasure(done.erasure)])
        return done

    def erase_letters(self, done: Erased) -> Offsets:
        """Delete the dead letters that name the person; answers up to where these deletions reach."""
        named = []
        done.unopened = 0
        for dead_letter_id, letter in newest(self.bootstrap_servers).items():
            found = [letter.key or b""]
            try:
                found.append(self.sealer.open(letter.sealed))
            except SealBroken:
                done.unopened += 1
            people = _names(done.erasure)
            if any(names(body, person, self.pseudonym) for body in found for person in people):
                named.append(dead_letter_id)
        done.dead_letters += len(named)
        return self.producer.write([self.records.without_dead_letter(dead_letter_id) for dead_letter_id in named])


def _names(erasure: Erasure) -> list[str]:
    return [name for name in (erasure.pseudonym, erasure.pseudonym_next) if name is not None]


def unfinished(bootstrap_servers: str, platform: str, person: str) -> str | None:
    """The id of an erasure of this person that was begun and not written to its end."""
    known: dict[bytes, Erasure] = {}
    for key, value in read(bootstrap_servers, topics.ERASURES.name):
        if value is not None:
            known[key] = _decode(value)
    for one in known.values():
        if (one.platform, one.pseudonym) == (platform, person) and not one.produced:
            return one.erasure_id
    return None


def names(body: bytes, person: str, pseudonym: Callable[[str], str]) -> bool:
    """Do these bytes hold the pseudonym `person`, or an id that it was made of? Whatever they are otherwise.

    >>> names(b'{"from": {"id": "55"}}', "<55>", lambda actor: f"<{actor}>")
    True
    >>> names(b'{"from": {"id": "555"}}', "<55>", lambda actor: f"<{actor}>")
    False
    """
    text = body.decode("utf-8", "replace")
    if re.search(rf"(?<!\w){re.escape(person)}(?!\w)", text):
        return True
    words = set(_WORD.findall(text))
    for document in (text, text.partition("\n")[2]):  # the body of a shop's delivery follows a line of its own
        with suppress(ValueError, RecursionError):
            words.update(_texts(json.loads(document)))  # an id may be written with escapes, and hold what parts words
    return any(word == person or pseudonym(word) == person for word in words)


def _texts(document: object) -> Iterator[str]:
    """Every text and number in a JSON document."""
    waiting = [document]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            waiting += [*found.keys(), *found.values()]
        elif isinstance(found, list):
            waiting += found
        elif isinstance(found, str):
            yield found
            yield from _WORD.findall(found)
        elif isinstance(found, int):
            yield str(found)
