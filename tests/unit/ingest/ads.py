"""A small voice for the Marketing API: answers, and what becomes of them."""

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from contracts.config import Account, Polling
from contracts.outcome import Keep, Refuse
from contracts.paid import AdEntity, AdFact, Level
from ingest.meta.listing import page
from ingest.platforms import Answer, Job, Known, Part, Receipt
from ingest.platforms.meta_ads import entities, facts
from ingest.platforms.meta_ads.facts import Asked

ACCOUNT = "900"
AS_OF = 1_790_000_150_000
RECEIVED_AT = 1_790_000_400_000
TODAY = dt.date(2026, 9, 21)
BASE = "https://graph.example/v25.0"


def account(**changes: Any) -> Account:
    values: dict[str, Any] = {
        "platform": "meta_ads",
        "id": ACCOUNT,
        "name": "Ads",
        "brand": "acme",
        "connected_at": dt.datetime(2026, 9, 21, tzinfo=dt.UTC),
        "currency": "EUR",
    }
    return Account(**values | changes)


def receipt(**changes: Any) -> Receipt:
    values: dict[str, Any] = {
        "received_at": RECEIVED_AT,
        "channel": "poll",
        "source_id": "poll",
        "accounts": {ACCOUNT: account()},
        "pseudonym": str,
        "visitor": str,
        "customer": str,
    }
    return Receipt(**values | changes)


def job(now: int = AS_OF, of: Account | None = None, **known: Known) -> Job:
    of = of or account()
    everything = {name: Known() for name in ("entities", "insights", "reports")} | known
    return Job(of, dt.UTC, Polling(), BASE, now, everything)


def answered(document: object) -> Answer:
    return Answer(json.dumps(document).encode(), AS_OF, receipt())


def row(name: str = "a1", **fields: object) -> dict[str, Any]:
    """A day of an ad, with fields replaced, added, or (None) left out."""
    whole: dict[str, object] = {
        "ad_id": name,
        "adset_id": "s1",
        "campaign_id": "c1",
        "account_currency": "EUR",
        "date_start": "2026-09-20",
        "date_stop": "2026-09-20",
        "impressions": "100",
        "clicks": "5",
        "spend": "1.50",
    }
    return {key: value for key, value in (whole | fields).items() if value is not None}


def rows(*items: object, level: Level = "ad", is_lifetime: bool = False, today: dt.date = TODAY) -> list[Part]:
    answer = answered({"data": list(items)})
    return list(facts.of_page(Asked(account(), level, today, is_lifetime), page(answer), answer))


def listed(edge: str, *items: object) -> list[Part]:
    answer = answered({"data": list(items)})
    return list(entities.of_page(account(), edge, page(answer), answer))


def ad_facts(found: Iterable[Part]) -> list[AdFact]:
    values = [part.outcome.value for part in found if isinstance(part.outcome, Keep)]
    return [value for value in values if isinstance(value, AdFact)]


def ad_entities(found: Iterable[Part]) -> list[AdEntity]:
    values = [part.outcome.value for part in found if isinstance(part.outcome, Keep)]
    return [value for value in values if isinstance(value, AdEntity)]


def reasons(found: Iterable[Part]) -> list[str]:
    return [part.outcome.reason for part in found if isinstance(part.outcome, Refuse)]
