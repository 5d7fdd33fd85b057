"""Records as ingest writes them before, while and after the identity key is changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.events import EngagementEvent
from contracts.paid import Link, Order, PaidFact, Touch

R = TypeVar("R", EngagementEvent, PaidFact)
PEOPLE = ("visitor_id", "customer_id")
"""Fields of the paid leg's records that hold pseudonyms."""


def coming(name: str) -> str:
    """What somebody will be called."""
    return f"{name}'"


def people(one: EngagementEvent | PaidFact) -> set[str]:
    """Everybody who is named."""
    names = ("actor_id",) if isinstance(one, EngagementEvent) else PEOPLE
    return {name for field in names if (name := getattr(one, field, None)) is not None}


def announcing(one: EngagementEvent) -> EngagementEvent:
    """As ingest writes it with both keys."""
    return one if one.actor_id is None else replace(one, actor_id_next=coming(one.actor_id))


def renamed(one: EngagementEvent) -> EngagementEvent:
    """As ingest writes it with the next key alone."""
    if one.actor_id is None:
        return one
    parts = one.interaction_key.split("|")
    key = "|".join(coming(part) if part == one.actor_id else part for part in parts)
    return replace(one, actor_id=coming(one.actor_id), interaction_key=key)


def announcing_fact(one: PaidFact) -> PaidFact:
    if not isinstance(one, Touch | Order | Link):
        return one
    names = {field: getattr(one, field, None) for field in (*PEOPLE, "link_id")}
    return replace(one, **{f"{field}_next": coming(name) for field, name in names.items() if name is not None})


def renamed_fact(one: PaidFact) -> PaidFact:
    if not isinstance(one, Touch | Order | Link):
        return one
    names = {field: getattr(one, field, None) for field in (*PEOPLE, "link_id")}
    return replace(one, **{field: coming(name) for field, name in names.items() if name is not None})


@dataclass(frozen=True)
class Rotation:
    """`plain`: as if the key had never been changed; `rotated`: the same as ingest writes it. Cut into batches."""

    plain: list[list[EngagementEvent]]
    rotated: list[list[EngagementEvent]]


@st.composite
def rotations(draw: st.DrawFn, events: Sequence[EngagementEvent]) -> Rotation:
    """The key is changed at some place; who was not heard of in the time before comes no more."""
    begin = draw(st.integers(0, len(events)))
    switch = draw(st.integers(begin, len(events)))
    known = set[str]().union(*(people(one) for one in events[begin:switch]))
    after = [one for one in events[switch:] if people(one) <= known]
    plain = [*events[:switch], *after]
    rotated = [*events[:begin], *map(announcing, events[begin:switch]), *map(renamed, after)]
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(plain))), max_size=3)))
    places = list(zip([0, *cuts], [*cuts, len(plain)], strict=True))
    return Rotation([plain[a:b] for a, b in places], [rotated[a:b] for a, b in places])
