"""Who may speak, and when: `t=<seconds>,v1=<hex>`, an HMAC-SHA256 of the time, a point and the body's bytes.

A delivery that was recorded and is sent again carries its old time; one from the future has a clock that is wrong, or
was made to be kept.
"""

import hmac
import re
from collections.abc import Sequence

from ingest.platforms import Delivery

HEADER = "Stripe-Signature"
TOLERANCE_SECONDS = 300
MOST_ITEMS = 16
"""Items of a header; while a secret is rotated there is one signature more."""

_TIME = re.compile(r"[0-9]{1,12}")
_HEX = re.compile(r"[0-9a-f]{64}")


def signature(body: bytes, secret: bytes, seconds: int) -> str:
    """The header's value for a body that is sent at a time."""
    return f"t={seconds},v1={_signed(body, secret, str(seconds))}"


def signer(delivery: Delivery, secrets: Sequence[bytes]) -> int | None:
    """The position of the secret that signed a delivery, or None.

    Any of the header's `v1` may be ours; other schemes are no signatures. All secrets are tried, so that the time taken
    tells nothing.
    """
    if len(delivery.signatures) != 1:
        return None
    items = [item.partition("=")[::2] for item in delivery.signatures[0].split(",", MOST_ITEMS)]
    times = [value for name, value in items if name == "t"]
    given = [value for name, value in items if name == "v1" and _HEX.fullmatch(value)]
    if len(items) > MOST_ITEMS or len(times) != 1 or not _TIME.fullmatch(times[0]):
        return None
    if abs(delivery.received_at - int(times[0]) * 1000) > TOLERANCE_SECONDS * 1000:
        return None
    found = None
    for position, secret in enumerate(secrets):
        expected = _signed(delivery.body, secret, times[0])
        matches = [hmac.compare_digest(expected, one) for one in given]
        if any(matches) and found is None:
            found = position
    return found


def _signed(body: bytes, secret: bytes, seconds: str) -> str:
    return hmac.new(secret, seconds.encode() + b"." + body, "sha256").hexdigest()
