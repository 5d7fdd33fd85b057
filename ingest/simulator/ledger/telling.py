"""From facts and the offers of each to interactions: what the pipeline could know, and when it could."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from ingest.simulator.ledger import walk
from ingest.simulator.ledger.counting import HOUR, MINUTE
from ingest.simulator.ledger.notes import Fact
from ingest.simulator.ledger.walk import Effect, Interaction, Known

Namer = Callable[[str], str]
"""What a person's id becomes."""

DAY = 86_400_000
Retention = Mapping[str, int]
"""`minute`, `hour` -> days that windows of it are open to facts, against the account's newest time."""

_LENGTH = {"minute": MINUTE, "hour": HOUR}


class Offer(NamedTuple):
    """A fact was offered: at this time of the platform's clock, naming the actor or not, with its address or not."""

    at: int
    named: bool
    by_poll: bool
    permalink: str | None = None


class Told(NamedTuple):
    """A fact and how it was offered, at least once."""

    fact: Fact
    offers: tuple[Offer, ...]

    @property
    def exact(self) -> bool:
        """Whoever lists a comment is told when it was written, however it was pushed."""
        return self.fact.exact or (self.fact.action == "add" and any(offer.by_poll for offer in self.offers))

    @property
    def at(self) -> int:
        """An approximate time is the earliest at which it was offered."""
        return self.fact.at if self.exact else min(offer.at for offer in self.offers)

    @property
    def latest(self) -> int:
        """The greatest time that any offer of it told."""
        if self.fact.exact:
            return self.fact.at
        is_add = self.fact.action == "add"
        return max(self.fact.at if is_add and offer.by_poll else offer.at for offer in self.offers)

    @property
    def named(self) -> bool:
        return any(offer.named for offer in self.offers)

    def by(self, time: int) -> "Told":
        """As it was told up to that time."""
        return Told(self.fact, tuple(offer for offer in self.offers if offer.at <= time))


def interactions(told: Iterable[Told], name: Namer, retention: Retention | None) -> list[Interaction]:
    """One for each relation. Without `retention` no window ever closes."""
    groups: dict[tuple[Any, ...], list[Told]] = defaultdict(list)
    for one in told:
        groups[_relation(one.fact)].append(one)
    found = []
    for group in groups.values():
        made = interaction(group, name)
        if retention is not None and any(_is_late(one, retention) for one in group):
            made = replace(made, settled=tuple(_settled(group, name, retention)))
        found.append(made)
    return found


def interaction(told: list[Told], name: Namer, post: str | None = None) -> Interaction:
    """One relation; an exact time beats an approximate one, then the earliest wins. `post`: instead of the told one."""
    facts: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for one in told:
        facts[one.fact.action, _version(one.fact)].append(one)
    first = told[0].fact
    links = [offer.permalink for one in told for offer in one.offers if offer.permalink is not None]
    return Interaction(
        account=first.account,
        kind=first.kind,
        post=post or _smallest(one.fact.post for one in told),
        to_comment=first.to_comment,
        alone=first.kind in ("reaction", "follow") and first.actor is None,
        facts=tuple(_known(action, version, same, name) for (action, version), same in facts.items()),
        subject=_called(first.subject, name),
        parent=None if first.parent is None else _called(first.parent, name),
        permalink=min(links, default=None),
    )


def _called(thing: str, name: Namer) -> str:
    """An address that says who wrote is told as a person is."""
    return name(thing) if thing.startswith("at://") else thing


def by_truth(facts: Iterable[Fact]) -> list[Interaction]:
    """What truly happened, told or not, with the posts that it truly belongs to."""
    groups: dict[tuple[Any, ...], list[Told]] = defaultdict(list)
    for fact in facts:
        groups[_relation(fact)].append(Told(fact, (Offer(fact.at, True, False),)))
    return [interaction(group, str, _smallest(one.fact.about for one in group)) for group in groups.values()]


def _settled(told: list[Told], name: Namer, retention: Retention) -> Iterator[Effect]:
    """Each change of what the interaction counts, when it came, and the grains whose window was closed by then."""
    before: Counter[tuple[int, str]] = Counter()
    for time in sorted({offer.at for one in told for offer in one.offers}):
        known = [one.by(time) for one in told]
        after: Counter[tuple[int, str]] = Counter()
        for effect in walk.effects(interaction([one for one in known if one.offers], name)):
            after[effect.at, effect.column] += effect.number
        for at, column in sorted(after.keys() | before.keys()):
            if change := after[at, column] - before[at, column]:
                yield Effect(at, column, change, frozenset(g for g in retention if _is_closed(g, at, time, retention)))
        before = after


def _is_closed(grain: str, at: int, time: int, retention: Retention) -> bool:
    """Whether the window of `at` had ended a retention before `time`."""
    length = _LENGTH[grain]
    return at - at % length + length <= time - retention[grain] * DAY


def _is_late(one: Told, retention: Retention) -> bool:
    return any(_is_closed(grain, one.fact.at, offer.at, retention) for grain in retention for offer in one.offers)


def _relation(fact: Fact) -> tuple[Any, ...]:
    """What an interaction is: something with an id, or a person's relation to a target; else the fact by itself."""
    if fact.kind in ("comment", "share", "mention"):
        return fact.account, fact.kind, fact.subject
    if fact.actor is not None:
        return fact.account, fact.kind, fact.subject, "by", fact.actor
    return fact.account, fact.kind, fact.subject, "alone", fact.action, fact.reaction, fact.at


def _version(fact: Fact) -> str:
    """What makes two facts of one action distinct."""
    if fact.version is not None:
        return fact.version
    if fact.kind == "reaction":
        return f"{fact.reaction}:{fact.at}" if fact.exact else str(fact.reaction)
    return str(fact.at) if fact.kind == "comment" and fact.action == "update" else ""


def _smallest(told: Iterable[str | None]) -> str | None:
    return min((one for one in told if one is not None), default=None)


def _known(action: str, version: str, same: list[Told], name: Namer) -> Known:
    best = min(same, key=lambda one: (not one.exact, one.at))
    account = best.fact.account
    actors = {one.fact.actor for one in same if one.named and one.fact.actor is not None}
    who = account if account in actors else min(map(name, actors), default=None)
    return Known(action, version, best.at, who, best.fact.reaction)
