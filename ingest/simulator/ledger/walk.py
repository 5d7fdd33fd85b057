"""One interaction from its facts: which counts change, and when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

_ORDER = {"add": 0, "update": 1, "remove": 2, "hide": 0, "unhide": 1}


class Known(NamedTuple):
    """A fact as the pipeline could know it: one (action, version) with its best time and, if told, its actor."""

    action: str
    version: str
    at: int
    actor: str | None
    reaction: str | None


class Effect(NamedTuple):
    """`number` more of `column` in the windows of `at`, but in none of the grains in `too_late_for`."""

    at: int
    column: str
    number: int
    too_late_for: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Interaction:
    """A relation that is counted, and everything known about it.

    `alone`: a reaction or page like without actor. `subject`: the comment or share itself, or what was reacted to;
    `parent`: the comment that a reply answers. `settled`: its effects as they came to be counted, if some facts
    arrived when windows had been closed.
    """

    account: str
    kind: str
    post: str | None
    to_comment: bool
    alone: bool
    facts: tuple[Known, ...]
    subject: str = ""
    parent: str | None = None
    permalink: str | None = None
    settled: tuple[Effect, ...] | None = None

    @property
    def by_owner(self) -> bool:
        return any(fact.actor == self.account for fact in self.facts)

    @property
    def anonymous(self) -> bool:
        return all(fact.actor is None for fact in self.facts)

    @property
    def person(self) -> str | None:
        """Whose it is: the smallest of those whom its facts name; nobody's if it is the owner's or anonymous."""
        return None if self.by_owner else min((fact.actor for fact in self.facts if fact.actor), default=None)

    @property
    def counted_as(self) -> str:
        """The column of its kind."""
        if self.kind == "reaction":
            return "comment_reactions" if self.to_comment else "likes"
        return {"comment": "comments", "share": "shares", "follow": "follows", "mention": "mentions"}[self.kind]


class Step(NamedTuple):
    """A change of state: `number` is +1 (now active), -1 (now inactive) or 0 (another reaction)."""

    at: int
    number: int
    before: str | None
    after: str | None


def steps(facts: Iterable[Known]) -> Iterator[Step]:
    """Walk `add`, `update`, `remove` in order of time, then action, then version."""
    active, reaction = False, None
    walked = sorted((f for f in facts if f.action in ("add", "update", "remove")), key=_place)
    for fact in walked:
        if fact.action == "remove":
            if active:
                yield Step(fact.at, -1, reaction, None)
            active, reaction = False, None
        elif not active:
            active, reaction = True, fact.reaction
            yield Step(fact.at, +1, None, reaction)
        elif fact.reaction != reaction:
            yield Step(fact.at, 0, reaction, fact.reaction)
            reaction = fact.reaction


def _place(fact: Known) -> tuple[int, int, str]:
    return fact.at, _ORDER[fact.action], fact.version


def effects(interaction: Interaction) -> Iterator[Effect]:
    """Everything that the interaction adds to window rows."""
    if interaction.settled is not None:
        yield from interaction.settled
        return
    column = interaction.counted_as
    if interaction.alone:
        yield from _alone(column, interaction.facts)
        return
    for step in steps(interaction.facts):
        if step.number == 0:
            continue
        if interaction.by_owner:
            yield Effect(step.at, f"owner_{column}", step.number)
            continue
        suffix = "" if step.number > 0 else "_removed"
        yield Effect(step.at, column + suffix, 1)
        if interaction.kind == "comment" and interaction.to_comment:
            yield Effect(step.at, "replies" + suffix, 1)
        if interaction.anonymous and step.number > 0:
            yield Effect(step.at, "anonymous", 1)
    if not interaction.by_owner:
        yield from _visibility(interaction.facts)


def _alone(column: str, facts: Iterable[Known]) -> Iterator[Effect]:
    for fact in facts:
        if fact.action == "add":
            yield Effect(fact.at, column, 1)
            yield Effect(fact.at, "anonymous", 1)
        elif fact.action == "remove":
            yield Effect(fact.at, f"{column}_removed", 1)


def stands(interaction: Interaction) -> bool:
    """Whether the walk ends active."""
    return sum(step.number for step in steps(interaction.facts)) > 0


def is_hidden(interaction: Interaction) -> bool:
    return sum(effect.number for effect in _visibility(interaction.facts)) > 0


def _visibility(facts: Iterable[Known]) -> Iterator[Effect]:
    hidden = False
    for fact in sorted((f for f in facts if f.action in ("hide", "unhide")), key=_place):
        if hidden != (fact.action == "hide"):
            hidden = not hidden
            yield Effect(fact.at, "comments_hidden", 1 if hidden else -1)


def reactions(interaction: Interaction) -> Iterator[tuple[str, int]]:
    """(reaction, change) of a person's interaction with a post; the sum is what stands now."""
    if interaction.counted_as != "likes" or interaction.by_owner:
        return
    if interaction.alone:
        for fact in interaction.facts:
            if fact.action in ("add", "remove") and fact.reaction is not None:
                yield fact.reaction, 1 if fact.action == "add" else -1
        return
    for step in steps(interaction.facts):
        if step.before is not None:
            yield step.before, -1
        if step.after is not None:
            yield step.after, +1


def presences(interaction: Interaction) -> Iterator[tuple[str, int]]:
    """(person, time) of what people other than the owner added or changed; a removal does not undo it."""
    for fact in interaction.facts:
        if fact.action in ("add", "update") and fact.actor is not None and fact.actor != interaction.account:
            yield fact.actor, fact.at
