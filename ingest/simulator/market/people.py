"""Who comes and buys: people with several browsers, an address, perhaps a telephone, and their habits."""

from dataclasses import dataclass, field
from random import Random


@dataclass(slots=True)
class Person:
    """`email` and `phone` as they are meant: lower case, digits with the country's code. `browsers` are visitor ids."""

    number: int
    email: str
    phone: str | None
    browsers: list[str] = field(default_factory=list)
    orders: int = 0

    def browser(self, rng: Random) -> str:
        """The usual one, now and then another or a new one."""
        if not self.browsers or rng.random() < 0.12:
            self.browsers.append(f"v-{self.number}-{len(self.browsers)}-{rng.randrange(16**8):08x}")
        return self.browsers[-1] if rng.random() < 0.8 else rng.choice(self.browsers)


class Crowd:
    """The people of a brand: some come again and again."""

    def __init__(self, brand: str, count: int) -> None:
        self._brand = brand
        self._count = count
        self._people: dict[int, Person] = {}

    def draw(self, rng: Random) -> Person:
        return self.person(int(self._count * rng.random() ** 2.5))

    def person(self, number: int) -> Person:
        """The smaller the number, the more often they come."""
        if number not in self._people:
            phone = f"49301{number:07d}" if number % 3 == 0 else None
            self._people[number] = Person(number, f"person.{number}@{self._brand}.mail.example", phone)
        return self._people[number]


def as_typed(rng: Random, email: str) -> str:
    """An address as its owner typed it."""
    chance = rng.random()
    if chance < 0.15:
        return email.capitalize()
    return f" {email} " if chance < 0.2 else email
