"""A small voice for Facebook: deliveries of one change, and what becomes of them."""

import datetime as dt
import json
from typing import Any

from contracts.config import Account
from contracts.events import EngagementEvent, Post
from contracts.outcome import Drop, Keep, Refuse
from ingest.platforms import Part, Receipt
from ingest.platforms.facebook.parse import parse

PAGE = "1001"
POST = "1001_2001"
SENT = 1_790_000_005
RECEIVED_AT = 1_790_000_400_000
PERSON = {"id": "55", "name": "A"}


def account(page: str = PAGE) -> Account:
    return Account("facebook", page, "A page", "brand", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


def receipt(**changes: Any) -> Receipt:
    """Pseudonyms are the actor's id in angle brackets, so that a raw one would be seen."""
    values: dict[str, Any] = {
        "received_at": RECEIVED_AT,
        "channel": "webhook",
        "source_id": "delivery",
        "accounts": {PAGE: account()},
        "pseudonym": lambda actor: f"<{actor}>",
        "visitor": lambda visitor: f"<visitor {visitor}>",
        "customer": lambda customer: f"<customer {customer}>",
    }
    return Receipt(**values | changes)


def delivery(*values: object, time: object = SENT, page: object = PAGE, field: str = "feed") -> bytes:
    changes = [{"field": field, "value": value} for value in values]
    return json.dumps({"object": "page", "entry": [{"id": page, "time": time, "changes": changes}]}).encode()


def parts(body: bytes, **changes: Any) -> list[Part]:
    return list(parse(body, receipt(**changes)))


def value(item: str, verb: str, **fields: object) -> dict[str, object]:
    """A change as Facebook would send it, with fields replaced, added, or (None) left out."""
    whole: dict[str, object] = {"item": item, "verb": verb, "from": PERSON, "post_id": POST, "parent_id": POST}
    if item == "reaction":
        whole |= {"reaction_type": "love", "created_time": SENT - 4}
    elif item == "comment":
        whole |= {"comment_id": "2001_3001", "created_time": SENT - 3, "message": "hello"}
    elif item == "share":
        whole |= {"share_id": 4001, "post_id": "1001_4001", "created_time": SENT - 1}
    whole |= {"from" if name == "from_" else name: given for name, given in fields.items()}
    return {name: given for name, given in whole.items() if given is not None}


def only(body: bytes, **changes: Any) -> Part:
    (part,) = parts(body, **changes)
    return part


def kept(item: str, verb: str, **fields: object) -> EngagementEvent:
    outcome = only(delivery(value(item, verb, **fields))).outcome
    assert isinstance(outcome, Keep), outcome
    assert isinstance(outcome.value, EngagementEvent)
    return outcome.value


def kept_post(item: str, verb: str, **fields: object) -> Post:
    outcome = only(delivery(value(item, verb, **fields))).outcome
    assert isinstance(outcome, Keep), outcome
    assert isinstance(outcome.value, Post)
    return outcome.value


def refusal(body: bytes, **changes: Any) -> str:
    outcome = only(body, **changes).outcome
    assert isinstance(outcome, Refuse), outcome
    return outcome.reason


def refused(item: str, verb: str, **fields: object) -> str:
    return refusal(delivery(value(item, verb, **fields)))


def dropped(body: bytes) -> str:
    outcome = only(body).outcome
    assert isinstance(outcome, Drop), outcome
    return outcome.reason
