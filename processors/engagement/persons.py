"""What facts mean for their people: who was present when, and whose the effects of an interaction are."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from processors.engagement import facts
from processors.engagement.activity import PRESENT, UNITS
from processors.engagement.facts import Contribution, Effect, Fact

if TYPE_CHECKING:
    from processors.engagement.accounts import Account

_KINDS: Final = (
    *("reaction",) * facts.ON_COMMENT,
    *("comment_reaction",) * facts.ON_COMMENT,
    *("comment", "reply", "share", "follow", "mention"),
)
STANDS: Final = tuple(UNITS[kind] for kind in _KINDS)
"""By kind, the tally of one more that stands."""
ARRIVES: Final = tuple(unit + PRESENT for unit in STANDS)
"""By kind, the tally of an addition: one more, and a presence."""

_ADDED: Final = {facts.EFFECTS.added[kind]: unit for kind, unit in enumerate(STANDS)}
_REMOVED: Final = {facts.EFFECTS.removed[kind]: -unit for kind, unit in enumerate(STANDS)}


class Presence(NamedTuple):
    """Who came on which day, by its number."""

    actor: str
    day: int


def person_of(known: Iterable[Fact], actor: str | None) -> str | None:
    """The person of an interaction: the smallest that its facts name, `actor` where a fact does not say.

    None if it is the owner's or nobody's.
    """
    known = tuple(known)
    if facts.effective_who([fact.state for fact in known]) != facts.PERSON:
        return None
    named = [fact.actor or actor for fact in known if fact.state // facts.KINDS == facts.PERSON]
    return facts.smallest(named)


def presence_of(account: "Account", fact: Fact | None, actor: str | None) -> Presence | None:
    """A fact that adds or changes something makes its person present at its time."""
    if fact is None or fact.action not in (facts.ADD, facts.UPDATE) or fact.state // facts.KINDS != facts.PERSON:
        return None
    name = fact.actor or actor
    return None if name is None else Presence(name, account.day_of(fact.occurred_at).number)


def move_presence(account: "Account", before: Presence | None, after: Presence | None) -> None:
    """Somebody was there, and not, or not only, where and when it was thought."""
    community = account.community
    if before is not None and community.is_present(before.actor, before.day):
        community.change(before.actor, before.day, -PRESENT)
    if after is not None and after.day >= community.first_counted(after.actor):
        community.change(after.actor, after.day, PRESENT)


def move_effects(
    account: "Account", before: tuple[str | None, Contribution], after: tuple[str | None, Contribution]
) -> None:
    """The effects of an interaction, each with whose they are, give way to others."""
    tallies: defaultdict[tuple[str, int], int] = defaultdict(int)
    for sign, (person, contribution) in ((-1, before), (1, after)):
        if person is not None:
            first = account.community.first_counted(person)
            for day, tally in _counted(account, contribution.effects, first):
                tallies[person, day] += sign * tally
    for (person, day), tally in tallies.items():
        if tally:
            account.community.change(person, day, tally)


def _counted(account: "Account", effects: Iterable[tuple[int, Effect]], first: int) -> Iterator[tuple[int, int]]:
    """Days and tallies of the effects that count for a person; nothing that was added before the day `first` does,
    and so neither does that it was taken back."""
    counts = False
    for time_ms, effect in effects:
        day = account.day_of(time_ms).number
        if effect in _ADDED:
            counts = day >= first
            if counts:
                yield day, _ADDED[effect]
        elif counts and effect in _REMOVED:
            yield day, _REMOVED[effect]


def take_back(account: "Account", actor: str, kind: int, added_at: int, removed_at: int) -> None:
    """The one addition of an interaction is taken back."""
    if account.day_of(added_at).number >= account.community.first_counted(actor):
        account.community.change(actor, account.day_of(removed_at).number, -STANDS[kind])
