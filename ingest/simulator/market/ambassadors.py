"""Codes and links that brands gave to people of a social network, and which of these people buy under which address.

Each brand has a circle: regulars of its Facebook pages, and a stranger. The words of all circles are the same, so that
whoever mixes up two brands is found out. Two files tell of them, for the operator to import.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from ingest.simulator.market.arrivals import Arrival
from ingest.simulator.market.orders import Note
from ingest.simulator.market.people import Person
from ingest.simulator.occasions import HABITS
from ingest.simulator.population import Page, People

PLATFORM = "facebook"
AMBASSADORS, BUYERS = "ambassadors.csv", "buyers.csv"
BUYING = 20
"""So many people of a circle are told to be buyers."""
STRANGER = "99999999999999999"
"""A person who was never seen on any page."""


class Gift(NamedTuple):
    """`word` was given to a person of the circle; `buyer`: who alone uses it, by their number among the buyers."""

    kind: str
    word: str
    place: int
    buyer: int | None = None


GIFTS = (
    Gift("code", "lena10", 0),
    Gift("link", "with lena", 0),
    Gift("code", "mo 5", 4),
    Gift("code", "mo-friends", 4, buyer=1),
    Gift("link", "ada's own", 1, buyer=2),
    Gift("code", "zoë15", 2),
    Gift("code", "guest20", -1),
)
NOBODYS = "welcome"


class Promotions:
    """Which codes an order bears, and who comes by whose link."""

    def __init__(self, seed: int) -> None:
        self._rng = Random(f"codes:{seed}")

    def codes(self, person: Person) -> list[str]:
        """Often none, at times two."""
        rng = self._rng
        own = [gift.word for gift in GIFTS if gift.kind == "code" and gift.buyer == person.number]
        if own and rng.random() < 0.6:
            return own
        shared = [NOBODYS, *(gift.word for gift in GIFTS if gift.kind == "code" and gift.buyer is None)]
        return rng.sample(shared, rng.choices((0, 1, 2), (80, 16, 4))[0])

    def led(self, arrival: Arrival, person: Person) -> Arrival:
        """The arrival, if it was by a partner's link, or by none of one who has a link: by that of an ambassador."""
        own = [gift.word for gift in GIFTS if gift.kind == "link" and gift.buyer == person.number]
        shared = [gift.word for gift in GIFTS if gift.kind == "link" and gift.buyer is None]
        if arrival.channel == "unknown" or (own and arrival.channel == "direct"):
            words = {"source": "partner", "medium": "affiliate", "campaign": self._rng.choice(own or shared)}
            return replace(arrival, channel="unknown", words=words)
        return arrival


def typed(code: str, number: int) -> str:
    """A code as somebody typed it into the order of that number."""
    return (code, code.upper(), f" {code.title()}")[number % 3]


def circle(pages: Sequence[Page], brand: str) -> list[str]:
    """The people of a brand's circle: first the regulars of its first page, those who share before the others."""
    places = [number for number, page in enumerate(pages) if page.brand == brand]
    return [
        *(People.regular(len(HABITS) * place + habit) for place in places for habit in range(len(HABITS))),
        STRANGER,
    ]


def notes(pages: Sequence[Page], people: Mapping[str, Sequence[Person]]) -> Iterator[Note]:
    """What the two files say. `people`: brand -> its buyers, by their numbers."""
    for brand, buyers in people.items():
        found = circle(pages, brand)
        for gift in GIFTS:
            row: dict[str, Any] = {"brand": brand, "kind": gift.kind, "code": gift.word, "platform": PLATFORM}
            is_personal = gift.buyer is not None
            yield "ambassador", row | {"person": found[gift.place], "is_personal": is_personal, "source": AMBASSADORS}
        by_code = {gift.buyer for gift in GIFTS}
        told = [*zip(found, buyers[:BUYING], strict=False), (STRANGER, buyers[BUYING])]
        for person, buyer in told:
            if buyer.number in by_code:
                continue
            row = {"brand": brand, "platform": PLATFORM, "person": person, "source": BUYERS}
            yield "buyer", row | {"customer": ["email", buyer.email]}
            if buyer.phone:
                yield "buyer", row | {"customer": ["phone", buyer.phone]}


def write(directory: Path, told: Iterable[Note]) -> None:
    """Both files, as people keep them: in any case, and with telephone numbers as they are written down."""
    codes = [["brand", "kind", "code", "platform", "person", "personal"]]
    buyers = [["brand", "platform", "person", "email", "phone"]]
    for number, (kind, row) in enumerate(told):
        if kind == "ambassador":
            code = typed(row["code"], number)
            is_personal = "yes" if row["is_personal"] else ""
            codes.append([row["brand"], row["kind"], code, row["platform"], row["person"], is_personal])
        else:
            [what, contact] = row["customer"]
            address = [contact.title(), ""] if what == "email" else ["", f"+{contact[:2]} {contact[2:]}"]
            buyers.append([row["brand"], row["platform"], row["person"], *address])
    for name, lines in ((AMBASSADORS, codes), (BUYERS, buyers)):
        with (directory / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)
