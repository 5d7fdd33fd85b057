"""Who may speak: an HMAC-SHA256 of the body's bytes, in base64, in one header."""

import hmac
from base64 import b64encode
from collections.abc import Sequence

from ingest.platforms import Delivery


def signature(body: bytes, secret: bytes) -> str:
    """The header's value for a body."""
    return b64encode(hmac.new(secret, body, "sha256").digest()).decode()


def signer(delivery: Delivery, secrets: Sequence[bytes]) -> int | None:
    """The position of the secret that signed a delivery, or None: for a header that is missing, repeated, or spelled in
    any other way, too. All secrets are tried, so that the time taken tells nothing.
    """
    if len(delivery.signatures) != 1:
        return None
    given = delivery.signatures[0].encode("utf-8", "surrogateescape")
    found = None
    for position, secret in enumerate(secrets):
        if hmac.compare_digest(signature(delivery.body, secret).encode(), given) and found is None:
            found = position
    return found
