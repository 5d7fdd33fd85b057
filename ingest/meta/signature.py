"""Who may speak: the signature of a delivery and the handshake of a subscription.

The signature covers the bytes as they were sent. Meta sends non-ASCII as lower-case `\\uXXXX`, so parsing and dumping
again would change them.
"""

import hmac
import re
from collections.abc import Mapping, Sequence

from ingest.platforms import Delivery

HEADER = "X-Hub-Signature-256"

_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")
_CHALLENGE = re.compile(r"[0-9A-Za-z_-]{1,128}")


def signature(body: bytes, secret: bytes) -> str:
    """The header's value for a body."""
    return "sha256=" + hmac.digest(secret, body, "sha256").hex()


def verify(body: bytes, signatures: Sequence[str], secrets: Sequence[bytes]) -> int | None:
    """The position of the secret that signed `body`, or None.

    All secrets are tried, so that the time taken tells nothing; a header that is missing, repeated or not exactly
    `sha256=` and 64 lower-case hex digits is refused.
    """
    if len(signatures) != 1 or (match := _SIGNATURE.fullmatch(signatures[0])) is None:
        return None
    given = bytes.fromhex(match[1])
    found = None
    for position, secret in enumerate(secrets):
        if hmac.compare_digest(hmac.digest(secret, body, "sha256"), given) and found is None:
            found = position
    return found


def signer(delivery: Delivery, secrets: Sequence[bytes]) -> int | None:
    """The position of the secret that signed a delivery, or None."""
    return verify(delivery.body, delivery.signatures, secrets)


def answer_handshake(query: Mapping[str, str], token: str) -> str | None:
    """The challenge to send back, unchanged, if the subscription is ours; else None."""
    is_ours = hmac.compare_digest(query.get("hub.verify_token", "").encode(), token.encode())
    challenge = query.get("hub.challenge", "")
    if not is_ours or query.get("hub.mode") != "subscribe" or not _CHALLENGE.fullmatch(challenge):
        return None
    return challenge
