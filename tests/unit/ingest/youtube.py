"""A small voice for YouTube: answers of the Data API, and what becomes of them."""

import datetime as dt
import json
from typing import Any

from contracts.config import Account
from contracts.events import EngagementEvent, Post, Snapshot
from contracts.outcome import Keep, Refuse
from ingest.platforms import Answer, Part, Receipt
from ingest.platforms.youtube import responses
from ingest.platforms.youtube.paging import page

CHANNEL = "UC1"
VIDEO = "vid1"
PERSON = "UC9"
AS_OF = 1_790_000_150_000
RECEIVED_AT = 1_790_000_400_000
PUBLISHED = "2026-09-20T10:00:00Z"


def account() -> Account:
    return Account("youtube", CHANNEL, "A channel", "brand", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


def receipt(**changes: Any) -> Receipt:
    """Pseudonyms are the actor's id in angle brackets, so that a raw one would be seen."""
    values: dict[str, Any] = {
        "received_at": RECEIVED_AT,
        "channel": "poll",
        "source_id": "poll",
        "accounts": {CHANNEL: account()},
        "pseudonym": lambda actor: f"<{actor}>",
        "visitor": lambda visitor: f"<visitor {visitor}>",
        "customer": lambda customer: f"<customer {customer}>",
    }
    return Receipt(**values | changes)


def answered(document: object, **changes: Any) -> Answer:
    return Answer(json.dumps(document).encode(), AS_OF, receipt(**changes))


def comment(name: str = "Ugx1", **fields: object) -> dict[str, Any]:
    """A comment as YouTube would list it, with fields replaced, added, or (None) left out."""
    whole: dict[str, object] = {
        "textDisplay": "nice",
        "authorDisplayName": "@ann",
        "authorChannelId": {"value": PERSON},
        "publishedAt": PUBLISHED,
        "updatedAt": PUBLISHED,
    }
    return {"id": name, "snippet": {key: value for key, value in (whole | fields).items() if value is not None}}


def thread(top: object, *replies: object, total: int | None = None) -> dict[str, Any]:
    below = {"replies": {"comments": list(replies)}} if replies else {}
    total = len(replies) if total is None else total
    return {"id": "t", "snippet": {"topLevelComment": top, "totalReplyCount": total}, **below}


def video(name: str = VIDEO, **fields: object) -> dict[str, Any]:
    """A video with 5 views, 2 likes and 3 comments, with whole parts of it replaced."""
    whole: dict[str, Any] = {
        "snippet": {"publishedAt": PUBLISHED, "title": "A title"},
        "contentDetails": {"duration": "PT10M"},
        "status": {"privacyStatus": "public"},
        "statistics": {"viewCount": "5", "likeCount": "2", "commentCount": "3"},
    }
    return {"id": name, **whole, **fields}


def threads(*items: object, **changes: Any) -> tuple[list[responses.Said], list[Part]]:
    answer = answered({"items": list(items)}, **changes)
    return responses.threads(CHANNEL, VIDEO, page(answer), answer)


def videos(*items: object) -> tuple[list[Part], list[Part]]:
    """The parts of those that can be read, and of those that cannot."""
    answer = answered({"items": list(items)})
    found, spoiled = responses.videos(CHANNEL, page(answer), answer)
    return [part for _, parts in found for part in parts], spoiled


def reasons(found: list[Part]) -> list[str]:
    return [part.outcome.reason for part in found if isinstance(part.outcome, Refuse)]


def snapshots(found: list[Part]) -> list[Snapshot]:
    values = [part.outcome.value for part in found if isinstance(part.outcome, Keep)]
    return [value for value in values if isinstance(value, Snapshot)]


def posts(found: list[Part]) -> list[Post]:
    values = [part.outcome.value for part in found if isinstance(part.outcome, Keep)]
    return [value for value in values if isinstance(value, Post)]


def events(found: list[Part]) -> list[EngagementEvent]:
    values = [part.outcome.value for part in found if isinstance(part.outcome, Keep)]
    return [value for value in values if isinstance(value, EngagementEvent)]
