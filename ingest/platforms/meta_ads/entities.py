"""What an ad account, its campaigns, ad sets and ads are, and which post an ad promotes."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from contracts.config import Account
from contracts.events import SCHEMA
from contracts.outcome import Keep
from contracts.paid import AdEntity, EntityKind
from ingest import money
from ingest.fields import Unusable, cleaned, from_iso, identifier, required, word
from ingest.meta.listing import Page
from ingest.platforms import Answer, Part
from ingest.platforms.meta_ads.facts import PLATFORM
from ingest.wire import Id, decoded, refused

LONGEST_NAME = 400
DECIMALS: Mapping[str, int] = {
    **money.each("BHD JOD KWD OMR TND", 2),
    **money.each("CLP COP CRC HUF ISK IDR JPY KRW PYG TWD VND", 0),
}
"""Decimals of the minor units in which budgets are told, where they are not two."""

KINDS: dict[str, EntityKind] = {"campaigns": "campaign", "adsets": "adset", "ads": "ad"}
_ACCOUNT_STATUSES = {
    1: "ACTIVE",
    2: "DISABLED",
    3: "UNSETTLED",
    7: "PENDING_RISK_REVIEW",
    8: "PENDING_SETTLEMENT",
    9: "IN_GRACE_PERIOD",
    100: "PENDING_CLOSURE",
    101: "CLOSED",
}


class _Account(Struct, frozen=True):
    name: str | None = None
    account_status: int | None = None
    currency: str | None = None
    timezone_name: str | None = None


class _Creative(Struct, frozen=True):
    effective_object_story_id: str | None = None
    effective_instagram_media_id: Id = None


class _Entity(Struct, frozen=True):
    id: Id = None
    name: str | None = None
    status: str | None = None
    effective_status: str | None = None
    objective: str | None = None
    campaign_id: Id = None
    adset_id: Id = None
    daily_budget: str | int | None = None
    lifetime_budget: str | int | None = None
    start_time: str | None = None
    stop_time: str | None = None
    end_time: str | None = None
    creative: _Creative | None = None


class Promoted(NamedTuple):
    """The post of an ad, in the words of `content.posts`."""

    platform: str | None = None
    account_id: str | None = None
    post_id: str | None = None


_account = msgspec.json.Decoder(_Account)
_entity = msgspec.json.Decoder(_Entity)


def of_account(account: Account, answer: Answer) -> Part:
    """What the ad account itself is."""
    raw = Raw(answer.body)
    try:
        told = decoded(_account, raw)
        status = told.account_status
        entity = _made(
            account,
            answer,
            "account",
            account.id,
            name=_name(told.name),
            status=_ACCOUNT_STATUSES.get(status, str(status)) if status is not None else None,
            currency=money.currency(told.currency, "currency") if told.currency else None,
            zone=word(told.timezone_name, "timezone_name", 64),
        )
    except Unusable as error:
        return refused(error, account.id, raw)
    return Part(Keep(entity), account.id)


def of_page(account: Account, edge: str, page: Page, answer: Answer) -> Iterator[Part]:
    """A part for each of the `campaigns`, `adsets` or `ads`; one that cannot be read costs only itself."""
    for raw in page.data:
        try:
            yield Part(Keep(_listed(account, KINDS[edge], decoded(_entity, raw), answer)), account.id)
        except Unusable as error:
            yield refused(error, account.id, raw)


def _listed(account: Account, kind: EntityKind, one: _Entity, answer: Answer) -> AdEntity:
    entity_id = required(one.id, "id")
    ends = one.stop_time or one.end_time
    post = promoted(one.creative)
    return _made(
        account,
        answer,
        kind,
        entity_id,
        name=_name(one.name),
        status=word(one.status, "status", 64),
        effective_status=word(one.effective_status, "effective_status", 64),
        objective=word(one.objective, "objective", 64),
        campaign_id=entity_id if kind == "campaign" else identifier(one.campaign_id, "campaign_id"),
        adset_id=entity_id if kind == "adset" else identifier(one.adset_id, "adset_id"),
        currency=account.currency,
        daily_budget_micros=_budget(one.daily_budget, account.currency, "daily_budget"),
        lifetime_budget_micros=_budget(one.lifetime_budget, account.currency, "lifetime_budget"),
        starts_at=_planned(one.start_time, "start_time"),
        ends_at=_planned(ends, "end_time"),
        post_platform=post.platform,
        post_account_id=post.account_id,
        post_id=post.post_id,
    )


def _made(account: Account, answer: Answer, kind: EntityKind, entity_id: str, **told: Any) -> AdEntity:
    return AdEntity(
        schema=SCHEMA,
        brand=account.brand,
        platform=PLATFORM,
        account_id=account.id,
        kind=kind,
        entity_id=entity_id,
        as_of=answer.as_of,
        received_at=answer.received_at,
        **told,
    )


def promoted(creative: _Creative | None) -> Promoted:
    """The post behind an ad: its story on a page, `<page>_<post>`, else what it is on Instagram."""
    if creative is None:
        return Promoted()
    story = identifier(creative.effective_object_story_id or None, "effective_object_story_id")
    if story is not None:
        page, _, post = story.partition("_")
        if not (page.isdecimal() and post):
            raise Unusable("invalid_field", "effective_object_story_id")
        return Promoted("facebook", page, story)
    media = identifier(creative.effective_instagram_media_id or None, "effective_instagram_media_id")
    return Promoted("instagram", None, media) if media else Promoted()


def _name(text: str | None) -> str | None:
    return cleaned(text)[:LONGEST_NAME] if text is not None else None


def _budget(minor: str | int | None, currency: str, name: str) -> int | None:
    """A budget in minor units, of which 0 means that there is none."""
    text = str(minor or 0)
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise Unusable("invalid_money", f"{name}: no count of minor units")
    return money.from_minor(int(text), currency, name, DECIMALS) or None


def _planned(text: str | None, name: str) -> int | None:
    """A time of a schedule, which may lie ahead; the platform's way to say `never` is the epoch."""
    if not text or text.startswith(("1969", "1970")):
        return None
    return from_iso(text, name, _NO_RECEIPT)


_NO_RECEIPT = 2**60
