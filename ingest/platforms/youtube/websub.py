"""Who may speak in the hub's name: topics, the signature of a delivery, the handshake of a subscription.

A subscription is ours if the handshake brings back a token that only we can make, of this very topic: so the hub is
told yes for the channels that we asked for, and nobody else can have one of them end or be signed anew.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from ingest.platforms import Delivery

HEADER = "X-Hub-Signature"
LEASE_SECONDS = 432_000
"""Five days, what the hub grants if it is not asked for more (it grants ten at most)."""

_TOPIC = "https://www.youtube.com/xml/feeds/videos.xml?channel_id="
_SIGNATURE = re.compile(r"(sha1|sha256|sha384|sha512)=([0-9a-f]{40,128})")
_CHALLENGE = re.compile(r"[0-9A-Za-z_.~-]{1,256}")


def topic(channel_id: str) -> str:
    """The feed of a channel's uploads, as the hub knows it.

    >>> topic("UC1")
    'https://www.youtube.com/xml/feeds/videos.xml?channel_id=UC1'
    """
    return _TOPIC + quote(channel_id, safe="")


def token(secret: str, of_topic: str) -> str:
    """What a subscription to the topic is known by: 32 hex digits that cannot be made without the secret."""
    return hmac.digest(secret.encode(), b"subscription " + of_topic.encode(), "sha256")[:16].hex()


def verify(delivery: Delivery, secrets: Sequence[bytes]) -> int | None:
    """The position of the secret that signed the delivery's bytes, or None.

    The hub chooses the algorithm and names it; today's uses SHA-1. All secrets are tried, so that the time taken tells
    nothing.
    """
    if len(delivery.signatures) != 1 or (match := _SIGNATURE.fullmatch(delivery.signatures[0])) is None:
        return None
    found = None
    for position, secret in enumerate(secrets):
        made = hmac.new(secret, delivery.body, match[1]).hexdigest()
        if hmac.compare_digest(made, match[2]) and found is None:
            found = position
    return found


def answer_handshake(query: Mapping[str, str], secret: str) -> str | None:
    """The challenge to send back, unchanged, if the subscription is one that we asked for; else None.

    Nobody here unsubscribes, so such a request is refused, and a denial (`denied`) asks for no answer.
    """
    given, ours = query.get("hub.verify_token", ""), token(secret, query.get("hub.topic", ""))
    challenge = query.get("hub.challenge", "")
    if not hmac.compare_digest(given.encode(), ours.encode()) or query.get("hub.mode") != "subscribe":
        return None
    return challenge if _CHALLENGE.fullmatch(challenge) else None


def denied(query: Mapping[str, str]) -> str | None:
    """The channel whose subscription the hub says it has ended; None: it says nothing like that.

    Nothing proves that it was the hub, so this is a reason to ask it and no more.
    """
    about = query.get("hub.topic", "")
    return about.removeprefix(_TOPIC) if query.get("hub.mode") == "denied" and about.startswith(_TOPIC) else None


def subscription(channel_id: str, callback: str, secret: str, lease_seconds: int) -> dict[str, str]:
    """The form that asks the hub for a channel, to be verified before it answers. Asking again renews."""
    about = topic(channel_id)
    return {
        "hub.mode": "subscribe",
        "hub.callback": callback,
        "hub.topic": about,
        "hub.verify": "sync",
        "hub.verify_token": token(secret, about),
        "hub.secret": secret,
        "hub.lease_seconds": str(lease_seconds),
    }
