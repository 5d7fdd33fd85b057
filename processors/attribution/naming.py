"""What visitors and customers are called: by the first of their names, and by none from before they were erased."""

from typing import TYPE_CHECKING, overload

from contracts.identity import nameless
from processors.attribution import orders
from processors.attribution.links import LinkEntry
from processors.attribution.orders import OrderEntry

if TYPE_CHECKING:
    from processors.attribution.paid import Paid

VISITOR, CUSTOMER = "visitor", "customer"
"""What an erasure calls the platform of people of sites and shops."""
_FOR_EVER = 1 << 62


@overload
def named(state: "Paid", kind: str, person: str, following: str | None, at: int) -> str: ...


@overload
def named(state: "Paid", kind: str, person: str | None, following: str | None, at: int) -> str | None: ...


def named(state: "Paid", kind: str, person: str | None, following: str | None, at: int) -> str | None:
    """What somebody is called who did something at that time; `following` is what they will be called.

    Touches, orders and links do not wait for each other: one may come under a name that another has yet to announce.
    """
    if person is None:
        return None
    _announced(state, kind, person, following)
    return state.erasures.name(kind, state.aliases.first(person), at)


def _announced(state: "Paid", kind: str, person: str, following: str | None) -> None:
    """What is known under the other name already is the same person's."""
    if following is not None and state.aliases.learn(person, following):
        _unite(state, kind, following, state.aliases.first(following))


def _unite(state: "Paid", kind: str, following: str, first: str) -> None:
    if following != first and state.crediting.knows(kind, following):
        rename(state, kind, following, _FOR_EVER, first)


def erase(state: "Paid", value: bytes) -> None:
    """What is known of a person is a nameless one's from now on; no number changes."""
    erasure = state.erasures.learn(value)
    kind, person = erasure.platform, state.aliases.erased(erasure)
    if erasure.pseudonym_next is not None:  # a worker that was restarted may have learnt that they are one before
        _unite(state, kind, erasure.pseudonym_next, person)
    rename(state, kind, person, erasure.erased_at, nameless(erasure.erasure_id))


def rename(state: "Paid", kind: str, person: str, until: int, name: str) -> None:
    """What is known of a person from before `until` is somebody's called `name`."""
    for key, entry in list(state.book.entries.items()):
        if isinstance(entry, OrderEntry):
            told = orders.copy_of(entry.told)
            if orders.rename(told, kind, person, until, name):
                state.learnt(entry, told)
        elif isinstance(entry, LinkEntry) and entry.said is not None and entry.said[0] < until:
            at, visitor, customer, source = entry.said
            if (kind, person) in ((VISITOR, visitor), (CUSTOMER, customer)):
                state.book.will_change(key)
                visitor = name if kind == VISITOR else visitor
                entry.said = at, visitor, name if kind == CUSTOMER else customer, source
                state.credit(entry)
    if kind == VISITOR:
        state.crediting.rename_visitor(person, until, name)
