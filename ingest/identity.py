"""Who a person is after ingest: a keyed hash, stable for a deployment, that cannot be undone without the key.

While the key is being changed, a pseudonym knows what it will be with the next one, and whatever is written with it
says so (`announced`): so the processors still know the person when the next key is the only one.
"""

import hmac
from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from contracts.events import EngagementEvent, Person, Subject
from contracts.identity import digest
from contracts.paid import Link, Order, Touch

VISITOR, CUSTOMER = "visitor", "customer"
"""In place of a platform: who comes to the sites, who buys in the shops."""
S = TypeVar("S", bound=Struct)


class Announcing(str):
    """A pseudonym that knows what it will be: `following`. It is never written as it is, but by `announced`."""

    __slots__ = ("following",)
    following: str

    @classmethod
    def of(cls, name: str, following: str) -> "Announcing":
        made = cls(name)
        made.following = following
        return made


def pseudonymiser(key: str, platform: str, key_next: str | None = None) -> Callable[[str], str]:
    """A function from a platform's actor id to its pseudonym: 32 hex digits of HMAC-SHA256 over `platform|id`.

    With another key everybody is a new person; `key_next` announces who they will be.

    >>> pseudonymiser("k", "facebook")("55") == pseudonymiser("k", "instagram")("55")
    False
    >>> pseudonymiser("k", "facebook", "n")("55").following == pseudonymiser("n", "facebook")("55")
    True
    """
    if key_next is not None:
        present, coming = pseudonymiser(key, platform), pseudonymiser(key_next, platform)
        return lambda actor_id: Announcing.of(present(actor_id), coming(actor_id))
    # Copied for each id: it saves deriving the key, and, unlike hmac.digest, lets no other thread in between.
    keyed = hmac.new(key.encode(), f"{platform}|".encode(), "sha256")

    def pseudonym(actor_id: str) -> str:
        one = keyed.copy()
        one.update(actor_id.encode())
        return one.digest()[:16].hex()

    return pseudonym


def following(name: str | None) -> str | None:
    """What a pseudonym will be; None while no key is announced."""
    return name.following if isinstance(name, Announcing) else None


def announcements(*names: str | None) -> dict[str, str]:
    """Present name -> next, of those that have one."""
    return {str(name): name.following for name in names if isinstance(name, Announcing)}


def made_of(*parts: str) -> str:
    """A digest of `parts`, pseudonyms among them: it changes when they do, and says into what."""
    present = digest(*parts)
    if not announcements(*parts):
        return present
    return Announcing.of(present, digest(*(following(part) or part for part in parts)))


_NAMED: dict[type[Struct], tuple[str, ...]] = {
    EngagementEvent: ("actor_id", "parent_id", "target_id"),
    Person: ("actor_id",),
    Subject: ("actor_id", "parent_id", "target_id"),
    Touch: ("visitor_id",),
    Order: ("customer_id", "visitor_id"),
    Link: ("link_id", "visitor_id", "customer_id"),
}
"""Fields that may hold pseudonyms."""


def announced(record: S) -> S:
    """The record with plain pseudonyms, as it can be written, and beside each what it will be, where it has a field
    for that: `NAME_next`."""
    changes: dict[str, str] = {}
    for name in _NAMED.get(type(record), ()):
        value = getattr(record, name)
        if isinstance(value, Announcing):
            changes[name] = str(value)
            if f"{name}_next" in record.__struct_fields__:
                changes[f"{name}_next"] = value.following
    return replace(record, **changes) if changes else record
