"""Who a person is after ingest: a keyed hash, stable for a deployment, that cannot be undone without the key."""

import hmac
from collections.abc import Callable

VISITOR, CUSTOMER = "visitor", "customer"
"""In place of a platform: who comes to the sites, who buys in the shops."""


def pseudonymiser(key: str, platform: str) -> Callable[[str], str]:
    """A function from a platform's actor id to its pseudonym: 32 hex digits of HMAC-SHA256 over `platform|id`.

    The key is permanent for a deployment: with another one, everybody is a new person.

    >>> pseudonymiser("k", "facebook")("55") == pseudonymiser("k", "instagram")("55")
    False
    """
    # Copied for each id: it saves deriving the key, and, unlike hmac.digest, lets no other thread in between.
    keyed = hmac.new(key.encode(), f"{platform}|".encode(), "sha256")

    def pseudonym(actor_id: str) -> str:
        one = keyed.copy()
        one.update(actor_id.encode())
        return one.digest()[:16].hex()

    return pseudonym
