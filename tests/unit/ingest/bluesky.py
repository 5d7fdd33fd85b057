"""A small voice for Bluesky: messages and answers, and what becomes of them."""

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from contracts.config import Account
from contracts.events import EngagementEvent, Post, Snapshot
from contracts.outcome import Drop, Keep, Refuse
from ingest.platforms import Answer, Frame, Message, Part, Receipt
from ingest.platforms.bluesky.jetstream import read
from ingest.subjects import Subjects

OWNER, ANN = "did:plc:owner", "did:plc:actor"
TIME_US = 1_790_000_000_123_456
AS_OF = 1_790_000_150_000
RECEIVED_AT = 1_790_000_400_000
POST = f"at://{OWNER}/app.bsky.feed.post/3l3p"
CLAIMED = "2026-09-21T13:33:19.900Z"


def account(did: str = OWNER) -> Account:
    return Account("bluesky", did, "An account", "brand", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


def receipt(*dids: str, **changes: Any) -> Receipt:
    """Pseudonyms are the actor's id in angle brackets, so that a raw one would be seen."""
    values: dict[str, Any] = {
        "received_at": RECEIVED_AT,
        "channel": "stream",
        "source_id": "stream",
        "accounts": {did: account(did) for did in dids or (OWNER,)},
        "pseudonym": lambda actor: f"<{actor}>",
        "visitor": lambda visitor: f"<visitor {visitor}>",
        "customer": lambda customer: f"<customer {customer}>",
    }
    return Receipt(**values | changes)


def answered(document: object) -> Answer:
    return Answer(json.dumps(document).encode(), AS_OF, receipt())


def commit(
    collection: str, rkey: str, record: object, *, did: str = ANN, operation: str = "create", at: int = 0
) -> dict[str, Any]:
    """A message about a record, so many seconds after the first."""
    told: dict[str, Any] = {"operation": operation, "collection": f"app.bsky.{collection}", "rkey": rkey}
    if record is not None:
        told["record"] = record
    return {"did": did, "time_us": TIME_US + at * 1_000_000, "kind": "commit", "commit": told}


def like(rkey: str = "3l1", at: int = 0, *, did: str = ANN, uri: object = POST, claimed: object = CLAIMED) -> Any:
    return commit("feed.like", rkey, {"createdAt": claimed, "subject": {"uri": uri, "cid": "b"}}, did=did, at=at)


def said(rkey: str = "3c1", at: int = 0, *, did: str = ANN, **record: object) -> Any:
    return commit("feed.post", rkey, {"createdAt": CLAIMED, "text": "Lovely"} | record, did=did, at=at)


def deleted(collection: str, rkey: str, at: int = 0, *, did: str = ANN) -> Any:
    return commit(collection, rkey, None, did=did, operation="delete", at=at)


def left(at: int = 0, *, did: str = ANN, status: str = "deleted") -> Any:
    told = {"active": False, "did": did, "seq": 1, "status": status}
    return {"did": did, "time_us": TIME_US + at * 1_000_000, "kind": "account", "account": told}


class Stream:
    """Messages in their order, with the memory that goes along."""

    def __init__(self, *dids: str) -> None:
        self.receipt = receipt(*dids)
        self.subjects = Subjects()

    def tell(self, *messages: object) -> list[Part]:
        found: list[Part] = []
        for message in messages:
            frame = self.frame(message)
            found += frame.parts
        return found

    def frame(self, message: object) -> Frame:
        body = message if isinstance(message, bytes) else json.dumps(message, ensure_ascii=False).encode()
        frame = read(Message(body), self.receipt, self.subjects)
        for name, subject in frame.subjects:
            self.subjects.put(name, subject)
        return frame


def events(parts: Iterable[Part]) -> list[EngagementEvent]:
    return [
        p.outcome.value for p in parts if isinstance(p.outcome, Keep) and isinstance(p.outcome.value, EngagementEvent)
    ]


def snapshots(parts: Iterable[Part]) -> list[Snapshot]:
    return [p.outcome.value for p in parts if isinstance(p.outcome, Keep) and isinstance(p.outcome.value, Snapshot)]


def posts(parts: Iterable[Part]) -> list[Post]:
    return [p.outcome.value for p in parts if isinstance(p.outcome, Keep) and isinstance(p.outcome.value, Post)]


def reasons(parts: Iterable[Part]) -> list[str]:
    """Why what was not kept was not."""
    return [p.outcome.reason for p in parts if isinstance(p.outcome, Refuse | Drop)]
