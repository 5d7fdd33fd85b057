"""Who a person is after ingest: a keyed hash, stable for a deployment, that cannot be undone without the key."""

import hmac
from collections.abc import Callable


def pseudonymiser(key: str, platform: str) -> Callable[[str], str]:
    """A function from a platform's actor id to its pseudonym: 32 hex digits of HMAC-SHA256 over `platform|id`.

    The key is permanent for a deployment: with another one, everybody is a new person.

    >>> pseudonymiser("k", "facebook")("55") == pseudonymiser("k", "instagram")("55")
    False
    """
    secret = key.encode()

    def pseudonym(actor_id: str) -> str:
        return hmac.digest(secret, f"{platform}|{actor_id}".encode(), "sha256")[:16].hex()

    return pseudonym
