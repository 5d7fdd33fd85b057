"""A small voice for Mastodon: answers and notifications, and what becomes of them."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from msgspec import Raw

from contracts.config import Account
from contracts.events import EngagementEvent
from contracts.outcome import Drop, Keep, Refuse
from ingest.platforms import Answer, Part, Receipt
from ingest.platforms.mastodon import notices

FIXTURES = Path(__file__).parents[2] / "fixtures" / "mastodon"
ACCOUNT = "14715"
POST = "1031"
AS_OF = 1_790_000_150_000
RECEIVED_AT = 1_790_000_400_000
BRAND = {"id": ACCOUNT, "acct": "brand", "url": "https://here.example/@brand"}
ANN = {"id": "297420", "acct": "ann@remote.example", "url": "https://remote.example/@ann"}


def account() -> Account:
    return Account("mastodon", ACCOUNT, "A brand", "brand", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


def receipt(**changes: Any) -> Receipt:
    """Pseudonyms are the person's address in angle brackets, so that a raw one would be seen."""
    values: dict[str, Any] = {
        "received_at": RECEIVED_AT,
        "channel": "stream",
        "source_id": "stream",
        "accounts": {ACCOUNT: account()},
        "pseudonym": lambda actor: f"<{actor}>",
        "visitor": lambda visitor: f"<visitor {visitor}>",
        "customer": lambda customer: f"<customer {customer}>",
    }
    return Receipt(**values | changes)


def answered(document: object, link: str = "", **changes: Any) -> Answer:
    return Answer(json.dumps(document).encode(), AS_OF, receipt(**changes), link=link)


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_bytes())


def notification(**fields: object) -> dict[str, Any]:
    """A favourite of a post, with fields replaced or added."""
    whole: dict[str, object] = {
        "id": "7",
        "type": "favourite",
        "created_at": "2026-09-21T13:29:18.903Z",
        "account": ANN,
        "status": {"id": POST, "in_reply_to_id": None, "account": BRAND},
    }
    return whole | fields


def answer(name: str = "1042", above: str = POST, **fields: object) -> dict[str, Any]:
    """An answer in a thread, with fields replaced or added."""
    whole: dict[str, object] = {
        "id": name,
        "created_at": "2026-09-21T13:25:00.000Z",
        "edited_at": None,
        "in_reply_to_id": above,
        "content": "<p>Yes</p>",
        "account": ANN,
    }
    return whole | fields


def parts(document: object, **changes: Any) -> list[Part]:
    return list(notices.parts(ACCOUNT, Raw(json.dumps(document).encode()), receipt(**changes)))


def kept(found: list[Part]) -> list[Any]:
    return [part.outcome.value for part in found if isinstance(part.outcome, Keep)]


def events(found: list[Part]) -> list[EngagementEvent]:
    return [fact for fact in kept(found) if isinstance(fact, EngagementEvent)]


def words(found: list[Part]) -> list[str]:
    return [part.outcome.reason for part in found if isinstance(part.outcome, Drop | Refuse)]
