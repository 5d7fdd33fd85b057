"""Rows of insights -> facts: what an ad, a campaign or the account did on a day, or in all its time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec
from msgspec import Raw, Struct

from contracts.config import Account
from contracts.events import LIFETIME, SCHEMA
from contracts.outcome import Keep
from contracts.paid import AdFact, Level
from ingest import money
from ingest.fields import Unusable, bounded, required, word
from ingest.meta.listing import Page
from ingest.money import Amount
from ingest.platforms import Answer, Part
from ingest.platforms.meta_ads import actions
from ingest.platforms.meta_ads.actions import Action
from ingest.wire import Id, decoded, refused

PLATFORM = "meta_ads"
RESTATED_DAYS = 28
"""For so long a day's conversions still come in."""

_BREAKDOWNS = (
    "age",
    "country",
    "device_platform",
    "gender",
    "impression_device",
    "platform_position",
    "publisher_platform",
    "region",
)


class _Row(Struct, frozen=True):
    account_id: Id = None
    account_currency: str | None = None
    campaign_id: Id = None
    adset_id: Id = None
    ad_id: Id = None
    date_start: str | None = None
    date_stop: str | None = None
    impressions: Amount = None
    reach: Amount = None
    clicks: Amount = None
    inline_link_clicks: Amount = None
    spend: Amount = None
    attribution_setting: str | None = None
    actions: list[dict[str, Any]] | None = None
    action_values: list[dict[str, Any]] | None = None
    age: Any = None
    country: Any = None
    device_platform: Any = None
    gender: Any = None
    impression_device: Any = None
    platform_position: Any = None
    publisher_platform: Any = None
    region: Any = None


_row = msgspec.json.Decoder(_Row)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a listing was asked for. `today`: the account's own date by the platform's clock, so that what an answer
    says does not depend on ours. `is_lifetime`: all time in one row."""

    account: Account
    level: Level
    today: date
    is_lifetime: bool = False


def of_page(asked: Asked, page: Page, answer: Answer) -> Iterator[Part]:
    """A part for each row; one that cannot be read costs only itself."""
    for raw in page.data:
        try:
            yield Part(Keep(_fact(asked, raw, answer)), asked.account.id)
        except Unusable as error:
            yield refused(error, asked.account.id, raw)


def _fact(asked: Asked, raw: Raw, answer: Answer) -> AdFact:
    row = decoded(_row, raw)
    ids = {"ad": row.ad_id, "campaign": row.campaign_id, "account": row.account_id or asked.account.id}
    day = None if asked.is_lifetime else _day(row)
    did = actions.reactions(_actions(row.actions))
    return AdFact(
        schema=SCHEMA,
        brand=asked.account.brand,
        platform=PLATFORM,
        account_id=asked.account.id,
        level=asked.level,
        entity_id=required(ids[asked.level], f"{asked.level}_id"),
        window=LIFETIME if day is None else f"day:{day.isoformat()}",
        currency=money.currency(row.account_currency or asked.account.currency, "account_currency"),
        zone=asked.account.zone,
        as_of=answer.as_of,
        received_at=answer.received_at,
        run_id=answer.receipt.source_id,
        campaign_id=None if row.campaign_id is None else required(row.campaign_id, "campaign_id"),
        adset_id=None if row.adset_id is None else required(row.adset_id, "adset_id"),
        ad_id=None if row.ad_id is None else required(row.ad_id, "ad_id"),
        breakdown=_breakdown(row),
        spend_micros=money.from_decimal(row.spend or 0, "spend"),
        impressions=figure(row.impressions or 0, "impressions"),
        clicks=figure(row.clicks or 0, "clicks"),
        link_clicks=figure(row.inline_link_clicks or 0, "inline_link_clicks"),
        reach=None if row.reach is None else figure(row.reach, "reach"),
        reactions=did.reactions,
        comments=did.comments,
        shares=did.shares,
        saves=did.saves,
        video_views=did.video_views,
        results=actions.results(_actions(row.actions), _actions(row.action_values)),
        attribution_setting=word(row.attribution_setting, "attribution_setting", 64),
        provisional=day is not None and asked.today - day < timedelta(days=RESTATED_DAYS),
    )


def figure(amount: Amount, name: str) -> int:
    """A count, which the platform writes as a string. Raises `Unusable`."""
    micros = money.exact(amount, name)
    if micros % money.MICROS or micros < 0:
        raise Unusable("invalid_field", f"{name}: no count")
    return bounded(micros // money.MICROS, name)


def _day(row: _Row) -> date:
    if row.date_start is None:
        raise Unusable("missing_field", "date_start")
    try:
        day = date.fromisoformat(row.date_start)
    except ValueError:
        raise Unusable("invalid_time", "date_start") from None
    if not 2004 <= day.year < 9999 or row.date_stop not in (None, row.date_start):
        raise Unusable("invalid_time", "date_stop" if row.date_stop != row.date_start else "date_start")
    return day


def _actions(found: list[dict[str, Any]] | None) -> list[Action]:
    """Actions as far as their values are numbers or texts; anything else in them is none of ours."""
    return [{name: value for name, value in one.items() if isinstance(value, str | int | float)} for one in found or ()]


def _breakdown(row: _Row) -> str:
    """By what a row was broken down, if it was: that makes it a grain of its own."""
    told = ((name, getattr(row, name)) for name in _BREAKDOWNS)
    return ",".join(f"{name}={required(value, name)}" for name, value in told if isinstance(value, str | int))
