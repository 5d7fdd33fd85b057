"""A small voice for Instagram: deliveries of one change, and what becomes of them."""

import datetime as dt
import json
from typing import Any

from contracts.config import Account
from contracts.events import EngagementEvent, Snapshot
from contracts.outcome import Drop, Keep, Refuse
from ingest.platforms import Part, Receipt
from ingest.platforms.instagram.parse import parse

ACCOUNT = "1784"
MEDIA = "1800"
SENT = 1_790_000_100
RECEIVED_AT = 1_790_000_400_000
PERSON = {"id": "9001", "username": "ann"}


def account(name: str = ACCOUNT) -> Account:
    return Account("instagram", name, "An account", "brand", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


def receipt(**changes: Any) -> Receipt:
    """Pseudonyms are the actor's id in angle brackets, so that a raw one would be seen."""
    values: dict[str, Any] = {
        "received_at": RECEIVED_AT,
        "channel": "webhook",
        "source_id": "delivery",
        "accounts": {ACCOUNT: account()},
        "pseudonym": lambda actor: f"<{actor}>",
        "visitor": lambda visitor: f"<visitor {visitor}>",
        "customer": lambda customer: f"<customer {customer}>",
    }
    return Receipt(**values | changes)


def comment(**fields: object) -> dict[str, object]:
    """A comment as Instagram would send it, with fields replaced, added, or (None) left out."""
    whole: dict[str, object] = {"id": "1791", "text": "hello", "from": PERSON, "media": {"id": MEDIA}}
    whole |= {"from" if name == "from_" else name: given for name, given in fields.items()}
    return {name: given for name, given in whole.items() if given is not None}


def change(value: object, field: object = "comments") -> dict[str, object]:
    return {"field": field, "value": value}


def delivery(*values: object, time: object = SENT, to: object = ACCOUNT, field: str = "comments") -> bytes:
    changes = [change(value, field) for value in values]
    return json.dumps({"object": "instagram", "entry": [{"id": to, "time": time, "changes": changes}]}).encode()


def flat(value: object, time: object = SENT, to: object = ACCOUNT, field: object = "comments") -> bytes:
    entry = {"id": to, "time": time, "field": field, "value": value}
    return json.dumps([{"object": "instagram", "entry": [entry]}]).encode()


def parts(body: bytes, **changes: Any) -> list[Part]:
    return list(parse(body, receipt(**changes)))


def only(body: bytes, **changes: Any) -> Part:
    (part,) = parts(body, **changes)
    return part


def event_of(part: Part) -> EngagementEvent:
    assert isinstance(part.outcome, Keep), part.outcome
    assert isinstance(part.outcome.value, EngagementEvent)
    return part.outcome.value


def kept(body: bytes, **changes: Any) -> EngagementEvent:
    return event_of(only(body, **changes))


def said(**fields: object) -> EngagementEvent:
    """What a comment with these fields becomes."""
    return kept(delivery(comment(**fields)))


def snapshots(found: list[Part]) -> list[Snapshot]:
    values = [part.outcome.value for part in found if isinstance(part.outcome, Keep)]
    return [value for value in values if isinstance(value, Snapshot)]


def refusal(body: bytes, **changes: Any) -> str:
    outcome = only(body, **changes).outcome
    assert isinstance(outcome, Refuse), outcome
    return outcome.reason


def refused(**fields: object) -> str:
    return refusal(delivery(comment(**fields)))


def dropped(body: bytes) -> str:
    outcome = only(body).outcome
    assert isinstance(outcome, Drop), outcome
    return outcome.reason
