"""The people of an account: who they are after pseudonymisation, and what each did on which local day."""

import datetime as dt
import hmac
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.simulator.ledger import walk
from ingest.simulator.ledger.counting import local_day
from ingest.simulator.ledger.levels import WEIGHTS


def pseudonym(key: str, platform: str, person: str) -> str:
    """128 bits of HMAC-SHA256 over `platform|person`, in hex."""
    return hmac.new(key.encode(), f"{platform}|{person}".encode(), "sha256").hexdigest()[:32]


class Deed(NamedTuple):
    """On that local day `number` (1 or -1) interactions of a kind more stood."""

    day: dt.date
    column: str
    number: int


@dataclass(slots=True)
class Life:
    """One person at one account. `days`: those with a presence, in order; `deeds`: in order of their days."""

    account: str
    person: str
    days: list[dt.date] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)

    def standing(self, day: dt.date) -> Counter[str]:
        """How many interactions of each kind stand at the end of that day."""
        found: Counter[str] = Counter()
        for deed in self.deeds:
            if deed.day <= day:
                found[deed.column] += deed.number
        return found


def lives(zones: Mapping[str, str], interactions: Iterable[walk.Interaction]) -> list[Life]:
    """Everybody with a presence or an interaction."""
    found: dict[tuple[str, str], Life] = {}
    days: dict[tuple[str, str], set[dt.date]] = defaultdict(set)
    for one in interactions:
        zone, owner_of = zones[one.account], one.person
        for person, at in walk.presences(one):
            days[one.account, person].add(local_day(at, zone))
            found.setdefault((one.account, person), Life(one.account, person))
        if owner_of is None:
            continue
        life = found.setdefault((one.account, owner_of), Life(one.account, owner_of))
        for effect in walk.effects(one):
            column = effect.column.removesuffix("_removed")
            if column in WEIGHTS:
                sign = 1 if column == effect.column else -1
                life.deeds.append(Deed(local_day(effect.at, zone), column, sign * effect.number))
    for key, life in found.items():
        life.days = sorted(days[key])
        life.deeds.sort(key=lambda deed: deed.day)
    return [life for life in found.values() if life.days or life.deeds]
