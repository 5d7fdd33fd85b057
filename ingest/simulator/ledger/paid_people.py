"""Who came and who bought: names as they leave the pipeline, and which of them are one person."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from ingest.simulator.ledger.counting import Row, Rows, moment
from ingest.simulator.ledger.people import pseudonym


class People:
    """Without a key everybody keeps the name that the pipeline's key would be put on."""

    def __init__(self, identity_key: str | None) -> None:
        self._key = identity_key

    def visitor(self, name: str | None) -> str | None:
        return self._hidden("visitor", name)

    def customer(self, told: Sequence[str] | None) -> str | None:
        """`["email", address]`, `["phone", digits with the country's code]`, or `["own", source, shop, number]`."""
        match told:
            case None:
                return None
            case ["own", *parts]:
                return self._hidden(
                    "customer", "|".join(part.replace("%", "%25").replace("|", "%7C") for part in parts)
                )
            case [_, contact]:
                return self._hidden("customer", hashlib.sha256(contact.encode()).hexdigest())
        raise ValueError(told)

    def of_platform(self, platform: str, person: str) -> str:
        """Somebody of a social network."""
        return self._hidden(platform, person) or ""

    def _hidden(self, kind: str, name: str | None) -> str | None:
        return name if name is None or self._key is None else pseudonym(self._key, kind, name)


def digest(*parts: str) -> str:
    """128 bits of blake2b over the parts, each after its length in four bytes; in hex."""
    found = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode()
        found.update(len(data).to_bytes(4, "big") + data)
    return found.hexdigest()


def identity_links(links: Iterable[Row], people: People) -> Rows:
    """`identity_links`: of several with one id the earliest.

    A link's `named` are the parts that its id is made of; the visitor's and the customer's pseudonyms come last.
    """
    least: dict[tuple[str, str], tuple[Any, ...]] = {}
    for one in links:
        visitor, customer = people.visitor(one["visitor"]), people.customer(one["customer"])
        key = one["brand"], digest(*one["named"], visitor or "", customer or "")
        found = one["at"], visitor, customer, one["source"]
        least[key] = min(found, least.get(key, found))
    return {
        key: {"visitor_id": visitor, "customer_id": customer, "linked_at": moment(at), "source": source}
        for key, (at, visitor, customer, source) in least.items()
    }
