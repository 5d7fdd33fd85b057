"""What a list of ambassadors or buyers says, line by line, with people as pseudonyms. Pure."""

from collections.abc import Callable, Container, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Generic, NamedTuple, TypeVar

from contracts.config import Config
from contracts.platforms import KINDS, unsent
from ingest import codes, contact, hints, platforms
from ingest.fields import Unusable, required
from ingest.identity import CUSTOMER, pseudonymiser
from runtime import spreadsheet
from runtime.spreadsheet import Problem

CODE_COLUMNS = ("brand", "kind", "code", "platform", "person", "personal")
BUYER_COLUMNS = ("brand", "platform", "person", "email", "phone")
_SPELLING: Mapping[str, Callable[[str], str | None]] = {"code": codes.code, "link": hints.grouped}
"""A discount code is written as the orders have it, a link's campaign as the touches do."""
_PERSONAL = {"": False, "no": False, "false": False, "0": False, "yes": True, "true": True, "1": True}

Cells = Mapping[str, str]
R = TypeVar("R", bound="Code | Buyer")


class Code(NamedTuple):
    """A row of `ambassador_codes`."""

    brand: str
    kind: str
    code: str
    platform: str
    actor_id: str
    is_personal: bool

    @property
    def key(self) -> Hashable:
        return self.brand, self.kind, self.code

    def __str__(self) -> str:
        return f"{self.kind} {self.code} of {self.brand}"


class Buyer(NamedTuple):
    """A row of `imported_buyers`."""

    brand: str
    platform: str
    actor_id: str
    customer_id: str

    @property
    def key(self) -> Hashable:
        return self

    def __str__(self) -> str:
        return "this person with this address or number"


class Read(NamedTuple, Generic[R]):
    """What a file holds: if there are problems, nothing of it is to be used."""

    rows: tuple[R, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Naming:
    """How people become pseudonyms, as ingest makes them, and which brands there are."""

    brands: Container[str]
    pseudonym: Callable[[str], Callable[[str], str]]
    """Of a platform, or of `customer`: id -> pseudonym."""

    @classmethod
    def of(cls, config: Config, identity_key: str, first_names: Callable[[str], Mapping[str, str]]) -> "Naming":
        """`first_names`: of a platform, what the tables call those who were renamed when the key was changed."""
        if not config.privacy.pseudonymise:
            return cls(config.brands, lambda _platform: str)

        @cache
        def naming(platform: str) -> Callable[[str], str]:
            pseudonym, first = pseudonymiser(identity_key, platform), first_names(platform)
            return lambda person: first.get(found := pseudonym(person), found)

        return cls(config.brands, naming)

    def person(self, cells: Cells) -> tuple[str, str, str]:
        """Brand, platform and pseudonym of a line. Raises ValueError."""
        brand, platform = cells["brand"], cells["platform"]
        if brand not in self.brands:
            raise ValueError(f"brand {brand!r} is not configured")
        if platform not in (social := _social()):
            raise ValueError(f"platform is none of {', '.join(social)}: {platform!r}")
        try:
            person = required(cells["person"] or None, "person")
        except Unusable as error:
            raise ValueError("no person" if error.reason == "missing_field" else error.detail) from None
        return brand, platform, self.pseudonym(platform)(person)

    def customer(self, hashed: str) -> str:
        return self.pseudonym(CUSTOMER)(hashed)


@cache
def _social() -> list[str]:
    """The platforms on which people do something."""
    return sorted(name for name in platforms.load() if unsent(name) != KINDS)


def ambassadors(text: str, naming: Naming) -> Read[Code]:
    """The codes and links of a file."""
    return _read(text, CODE_COLUMNS, CODE_COLUMNS[:5], lambda cells: [_code(cells, naming)])


def buyers(text: str, naming: Naming) -> Read[Buyer]:
    """The buyers of a file; a line with an address and a number is two of one person."""
    return _read(text, BUYER_COLUMNS, BUYER_COLUMNS[:3], lambda cells: _buyers(cells, naming))


def _read(text: str, columns: tuple[str, ...], needed: tuple[str, ...], rows_of: Callable[[Cells], list[R]]) -> Read[R]:
    lines, problems = spreadsheet.read(text, columns, needed)
    rows: dict[Hashable, R] = {}
    first: dict[Hashable, int] = {}
    for number, cells in lines:
        try:
            found = rows_of(cells)
        except ValueError as error:
            problems.append(Problem(number, str(error)))
            continue
        for row in found:
            if row.key in first:
                problems.append(Problem(number, f"{row} stands in line {first[row.key]} already"))
            rows.setdefault(row.key, row)
            first.setdefault(row.key, number)
    return Read(tuple(rows.values()), tuple(sorted(problems)))


def _code(cells: Cells, naming: Naming) -> Code:
    brand, platform, actor_id = naming.person(cells)
    kind, personal = cells["kind"].lower(), cells.get("personal", "").lower()
    if kind not in _SPELLING:
        raise ValueError(f"kind is none of {', '.join(_SPELLING)}: {kind!r}")
    word = _SPELLING[kind](cells["code"])
    if word is None:
        raise ValueError(f"code is empty, or longer than {codes.LONGEST} characters")
    if personal not in _PERSONAL:
        raise ValueError(f"personal is neither yes nor no: {personal!r}")
    return Code(brand, kind, word, platform, actor_id, _PERSONAL[personal])


def _buyers(cells: Cells, naming: Naming) -> list[Buyer]:
    person = naming.person(cells)
    found = []
    for column, hashed in (("email", contact.email), ("phone", contact.phone)):
        if cell := cells.get(column):
            if (told := hashed(cell)) is None:
                raise ValueError(_NO_CONTACT[column])
            found.append(Buyer(*person, naming.customer(told)))
    if not found:
        raise ValueError("neither email nor phone")
    return found


_NO_CONTACT = {
    "email": "email is no e-mail address",
    "phone": "phone is no telephone number with its country's code, for instance +49 30 1234567",
}
"""What is said of a contact that cannot be used; the contact itself is not repeated."""
