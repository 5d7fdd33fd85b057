"""Interactions as sets of facts, and what such a set counts (docs/semantics.md, section 1).

Nearly every interaction is one fact with an exact time, which packs into one integer:
`author << 56 | occurred_at << 8 | action << 6 | state`. The others are tuples of `Fact`, and so is a share of a post:
deliveries of one share may name different posts, and the smallest of them decides.
"""

from binascii import hexlify, unhexlify
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from contracts.events import Reaction
from contracts.identity import reaction_version
from processors.engagement.counts import UNIT

ACTIONS = ("add", "update", "remove", "hide", "unhide")
ADD, UPDATE, REMOVE, HIDE, UNHIDE = range(5)
ACTION_OF = {name: number for number, name in enumerate(ACTIONS)}

REACTIONS: tuple[Reaction, ...] = ("like", "love", "care", "haha", "wow", "sad", "angry", "other")
REACTION_OF = {name: number for number, name in enumerate(REACTIONS)}
ON_POST, ON_COMMENT = 0, len(REACTIONS)  # a reaction's kind is one of these plus the number of its type
COMMENT, REPLY, SHARE, FOLLOW, MENTION = range(2 * len(REACTIONS), 2 * len(REACTIONS) + 5)
KINDS = MENTION + 1

Who = Literal[0, 1, 2]
PERSON, ANONYMOUS, OWNER = 0, 1, 2
STATE_BITS = 6
"""A state is who * KINDS + kind, which has to fit into this many bits."""
STATE_MASK = (1 << STATE_BITS) - 1
TIME_SHIFT, AUTHOR_SHIFT = 8, 56
_AUTHOR_DIGITS = 32
TIME_MASK = (1 << AUTHOR_SHIFT - TIME_SHIFT) - 1
ACTION_AND_STATE = (1 << TIME_SHIFT) - 1
"""These of a packed fact are below `KINDS` for an addition by a person: both their numbers are 0."""
_AUTHORED = 1 << AUTHOR_SHIFT
"""A packed fact from here on has an author."""
_FOLLOWING = (UPDATE, REMOVE)

MOST_FACTS = 64


class Fact(NamedTuple):
    """One fact. `actor` is kept so that a presence can follow when a better time arrives; `post` of shares alone."""

    occurred_at: int
    action: int
    state: int
    approximate: bool
    version: str
    actor: str | None
    post: str | None = None


Interaction = int | tuple[Fact, ...]


def pack(occurred_at: int, action: int, state: int, author: int = 0) -> int:
    """One exact fact whose version is the canonical one, as an integer."""
    return author << AUTHOR_SHIFT | occurred_at << TIME_SHIFT | action << STATE_BITS | state


def time_of(packed: int) -> int:
    """Epoch milliseconds of a packed fact."""
    return packed >> TIME_SHIFT & TIME_MASK


def author_of(actor: str) -> int | None:
    """A pseudonym as the number that is packed; None for any other name, which cannot be packed.

    A reaction goes without: whose it is stands in its key.
    """
    if len(actor) != _AUTHOR_DIGITS:
        return None
    try:
        digits = unhexlify(actor)
    except ValueError:
        return None
    return int.from_bytes(digits, "big") or None if hexlify(digits).decode() == actor else None


def canonical_version(occurred_at: int, action: int, state: int) -> str:
    """The version key that a packed fact stands for: a reaction's is its type and time, any other's is empty."""
    kind = state % KINDS
    if kind < COMMENT:
        return reaction_version(REACTIONS[kind % ON_COMMENT], occurred_at)
    return reaction_version("like", occurred_at) if kind == FOLLOW else ""


def unpack(interaction: Interaction | None) -> tuple[Fact, ...]:
    """The facts of an interaction; of a packed reaction the actor is not known any more."""
    if interaction is None:
        return ()
    if isinstance(interaction, tuple):
        return interaction
    occurred_at, action, state = time_of(interaction), interaction >> STATE_BITS & 3, interaction & STATE_MASK
    version, author = canonical_version(occurred_at, action, state), interaction >> AUTHOR_SHIFT
    return (Fact(occurred_at, action, state, False, version, f"{author:032x}" if author else None),)


def is_follow_up(known: int, fact: Fact) -> bool:
    """Whether `fact` takes back or changes the packed addition `known`, by the same person and no earlier.

    Such a fact is a new one, and comes behind the addition in the order of facts and in the walk. Of a share it may
    name another post.
    """
    return (
        fact.action in _FOLLOWING
        and known & ACTION_AND_STATE < KINDS
        and fact.state < KINDS
        and fact.state != SHARE
        and fact.occurred_at >= time_of(known)
        and (known < _AUTHORED or fact.actor == f"{known >> AUTHOR_SHIFT:032x}")
    )


def same_fact(facts: Iterable[Fact], fact: Fact) -> Fact | None:
    """The known fact with the action and version of `fact`."""
    for known in facts:
        if known.action == fact.action and known.version == fact.version:
            return known
    return None


def merge(facts: tuple[Fact, ...], fact: Fact) -> tuple[Fact, ...]:
    """`facts` with `fact` taken in; the very same tuple if that changes nothing. Independent of order."""
    known = same_fact(facts, fact)
    if known is None:
        return tuple(sorted((*facts, fact), key=_identity))
    approximate, occurred_at = min((known.approximate, known.occurred_at), (fact.approximate, fact.occurred_at))
    better = Fact(
        occurred_at,
        known.action,
        _merged_state(known.state, fact.state),
        approximate,
        known.version,
        smaller(known.actor, fact.actor),
        smaller(known.post, fact.post),
    )
    if better[:5] == known[:5] and better.post == known.post and known.actor in (better.actor, None):
        return facts
    return tuple(better if f is known else f for f in facts)


def shared_post(facts: Iterable[Fact]) -> str | None:
    """The post of a share: the smallest that its facts name."""
    return smallest(fact.post for fact in facts)


def smaller(one: str | None, other: str | None) -> str | None:
    """`smallest` of two."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def smallest(names: Iterable[str | None]) -> str | None:
    """Of what deliveries tell differently the smallest, so that order does not matter; None if none tells it."""
    return min((name for name in names if name is not None), default=None)


def effective_who(states: Iterable[int]) -> int:
    """Whose an interaction is: the owner's if any fact is, else a person's if any fact names one, else anonymous."""
    who = ANONYMOUS
    for state in states:
        one = state // KINDS
        if one == OWNER:
            return OWNER
        if one == PERSON:
            who = PERSON
    return who


def _merged_state(one: int, other: int) -> int:
    return effective_who((one, other)) * KINDS + max(one % KINDS, other % KINDS)


def _identity(fact: Fact) -> tuple[int, str]:
    return fact.action, fact.version


Effect = int
"""What one step of the walk adds to a row of counts (`counts`)."""


class Contribution(NamedTuple):
    """What an interaction counts: effects with the time whose windows they fall into, and standing reactions."""

    effects: list[tuple[int, Effect]]
    standing: dict[int, int]
    """Reaction number -> standing reactions on the post."""


def contribution(facts: tuple[Fact, ...], standalone: bool) -> Contribution:
    """The contribution of a set of facts: a pure function of the set.

    `standalone`: a reaction or page like without an actor, whose every fact counts by itself.
    """
    who = effective_who([f.state for f in facts])
    out = Contribution([], {})
    active: int | None = None
    walked = sorted(facts, key=walk_order) if len(facts) > 1 else facts
    is_visibility_told = False
    for fact in walked:
        kind, action = fact.state % KINDS, fact.action
        if action in (ADD, UPDATE):
            if standalone and action == UPDATE:
                continue
            if active is None:
                out.effects.append((fact.occurred_at, EFFECTS.added[who * KINDS + kind]))
            if active is None or kind < COMMENT:  # a reaction changes its type, a comment stays what it was
                active = kind
        elif action != REMOVE:
            is_visibility_told = True
        elif active is not None or standalone:
            removed = kind if active is None else active
            out.effects.append((fact.occurred_at, EFFECTS.removed[who * KINDS + removed]))
            if standalone and removed < ON_COMMENT and who != OWNER:
                out.standing[removed] = -1
            active = None
    if active is not None and active < ON_COMMENT and who != OWNER:
        out.standing[active] = 1
    if is_visibility_told and who != OWNER:
        out.effects.extend(_visibility(walked))
    return out


def walk_order(fact: Fact) -> tuple[int, int, str]:
    """Order in which facts are walked, those of visibility apart from the others."""
    return fact.occurred_at, fact.action, fact.version


def _visibility(walked: Iterable[Fact]) -> Iterable[tuple[int, Effect]]:
    hidden = False
    for fact in walked:
        if fact.action == HIDE and not hidden:
            hidden = True
            yield fact.occurred_at, EFFECTS.hidden
        elif fact.action == UNHIDE and hidden:
            hidden = False
            yield fact.occurred_at, EFFECTS.shown


class Effects:
    """Effects by state."""

    def __init__(self) -> None:
        self.hidden: Effect = UNIT["comments_hidden"]
        self.shown: Effect = -UNIT["comments_hidden"]
        self.added: list[Effect] = []
        self.removed: list[Effect] = []
        for who in (PERSON, ANONYMOUS, OWNER):
            for kind in range(KINDS):
                names = _columns_of(kind)
                if who == OWNER:
                    self.added.append(UNIT[f"owner_{names[0]}"])
                    self.removed.append(-UNIT[f"owner_{names[0]}"])
                else:
                    marks = ("anonymous",) if who == ANONYMOUS else ()
                    self.added.append(sum(UNIT[name] for name in (*names, *marks)))
                    self.removed.append(sum(UNIT[f"{name}_removed"] for name in names))


def _columns_of(kind: int) -> tuple[str, ...]:
    if kind < ON_COMMENT:
        return ("likes",)
    if kind < COMMENT:
        return ("comment_reactions",)
    return {
        COMMENT: ("comments",),
        REPLY: ("comments", "replies"),
        SHARE: ("shares",),
        FOLLOW: ("follows",),
        MENTION: ("mentions",),
    }[kind]


EFFECTS: Final = Effects()
