"""Rows of insights: what is told of ads, campaigns and accounts, day by day or in all their time, and what it means."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from ingest.simulator.market import performance
from ingest.simulator.market.ads import OBJECTIVES, Ad, AdSet, Book, Campaign
from ingest.simulator.market.orders import Note, decimal, micros
from ingest.simulator.market.performance import Figures

Level = Literal["ad", "campaign", "account"]
WINDOWS = ("1d_view", "1d_click", "7d_click", "28d_click")
RESTATED_DAYS = 28
SHARED: dict[Level, float] = {"ad": 1.0, "campaign": 0.8, "account": 0.65}
"""Part of the reach that is left where people saw several ads."""
SHARED_OVER_DAYS = 0.4

_PURCHASES = (
    ("purchase", "omni_purchase", "offsite_conversion.fb_pixel_purchase"),
    ("offsite_conversion.fb_pixel_purchase", "purchase"),
    ("offsite_conversion.fb_pixel_purchase",),
)
_LEADS = (("lead", "offsite_conversion.fb_pixel_lead"), ("onsite_conversion.lead_grouped",))
"""Under how many types one and the same is told."""


class Row(NamedTuple):
    """`name` is its place in the listing; `shown` every field that there is, `note` what a reading of it says."""

    name: str
    shown: dict[str, Any]
    note: Note


class Subject(NamedTuple):
    """Whom a row is about, and the ads that it sums up."""

    level: Level
    id: str
    ids: dict[str, str]
    ads: list[tuple[Campaign, AdSet, Ad]]


def subjects(book: Book, level: Level) -> Iterator[Subject]:
    """Everybody of a level, in order."""
    match level:
        case "ad":
            for campaign, ad_set, ad in book.ads():
                ids = {"ad_id": ad.id, "adset_id": ad_set.id, "campaign_id": campaign.id}
                yield Subject(level, ad.id, ids, [(campaign, ad_set, ad)])
        case "campaign":
            for campaign in book.campaigns:
                own = [found for found in book.ads() if found[0] is campaign]
                yield Subject(level, campaign.id, {"campaign_id": campaign.id}, own)
        case "account":
            yield Subject(level, book.account.id, {}, list(book.ads()))


def daily(seed: int, book: Book, level: Level, since: dt.date, until: dt.date, now: int) -> list[Row]:
    """A row for each day on which something was shown."""
    days = [since + dt.timedelta(days=n) for n in range((until - since).days + 1)]
    rows = []
    for day in days:
        for subject in subjects(book, level):
            found = _sum(seed, book, subject, [day], now)
            if found.impressions or found.spend:
                rows.append(_row(book, subject, found, day, day, now))
    return rows


def lifetime(seed: int, book: Book, level: Level, now: int) -> list[Row]:
    """One row for all time."""
    today = local_date(now, book.account.zone)
    rows = []
    for subject in subjects(book, level):
        first = local_date(min(campaign.starts_at for campaign, _, _ in subject.ads), book.account.zone)
        days = [first + dt.timedelta(days=n) for n in range((today - first).days + 1)]
        found = _sum(seed, book, subject, days, now)
        found.shared(SHARED_OVER_DAYS)
        if found.impressions or found.spend:
            rows.append(_row(book, subject, found, first, today, now, is_lifetime=True))
    return rows


def local_date(second: int, zone: str) -> dt.date:
    return dt.datetime.fromtimestamp(second, ZoneInfo(zone)).date()


def _sum(seed: int, book: Book, subject: Subject, days: Iterable[dt.date], now: int) -> Figures:
    total = Figures()
    for day in days:
        for campaign, ad_set, ad in subject.ads:
            total.add(performance.of_ad(seed, book, campaign, ad_set, ad, day, now))
    total.shared(SHARED[subject.level])
    return total


def _row(
    book: Book, subject: Subject, found: Figures, first: dt.date, last: dt.date, now: int, *, is_lifetime: bool = False
) -> Row:
    """The platform writes every number as a string, and leaves out what is nothing."""
    account = book.account
    told = actions(subject, found, account.currency) if subject.level == "ad" else NOTHING
    shown: dict[str, Any] = {
        "account_id": account.id,
        "account_currency": account.currency,
        **subject.ids,
        "date_start": first.isoformat(),
        "date_stop": last.isoformat(),
        "impressions": str(found.impressions),
        "reach": str(found.reach),
        "clicks": str(found.clicks),
        "inline_link_clicks": str(found.link_clicks),
        "spend": decimal(account.currency, found.spend),
    }
    for name in ("clicks", "inline_link_clicks"):
        if shown[name] == "0":
            del shown[name]
    if subject.level == "ad":
        shown["attribution_setting"] = subject.ads[0][1].attribution
    if told.shown:
        shown["actions"] = told.shown
    if told.worth:
        shown["action_values"] = told.worth
    period = "lifetime" if is_lifetime else f"day:{first}"
    is_young = not is_lifetime and (local_date(now, account.zone) - first).days < RESTATED_DAYS
    columns = {
        "brand": account.brand,
        "platform": "meta_ads",
        "account": account.id,
        "level": subject.level,
        "entity": subject.id,
        "period": period,
        "breakdown": "",
        "as_of": now * 1000,
        **subject.ids,
        "currency": account.currency,
        "zone": account.zone,
        "spend_micros": micros(account.currency, found.spend),
        "impressions": found.impressions,
        "clicks": found.clicks,
        "link_clicks": found.link_clicks,
        "reach": found.reach,
        **told.engagement,
        "attribution_setting": shown.get("attribution_setting"),
        "is_provisional": is_young,
        "results": told.results,
    }
    return Row(f"{period}:{subject.id}", shown, ("ad", columns))


class Actions(NamedTuple):
    """`engagement`: what a post has too, each once. `results`: [family, window, count, value] in millionths."""

    engagement: dict[str, int]
    shown: list[dict[str, str]]
    worth: list[dict[str, str]]
    results: list[list[Any]]


_ENGAGEMENT = {
    "reactions": "post_reaction",
    "comments": "comment",
    "shares": "post",
    "saves": "onsite_conversion.post_save",
    "video_views": "video_view",
}


NOTHING = Actions(dict.fromkeys(_ENGAGEMENT, 0), [], [], [])


def actions(subject: Subject, found: Figures, currency: str) -> Actions:
    """What is told of an ad's actions: mostly the same conversion under several types."""
    campaign, _, ad = subject.ads[0]
    engagement = {name: found.actions[kind] for name, kind in _ENGAGEMENT.items()}
    shown = [{"action_type": kind, "value": str(number)} for kind, number in found.actions.items() if number]
    worth: list[dict[str, str]] = []
    results: list[list[Any]] = []
    if shown and found.link_clicks:
        landed = found.link_clicks * 9 // 10
        shown.append({"action_type": "link_click", "value": str(found.link_clicks)})
        shown.append({"action_type": "landing_page_view", "value": str(landed)})
        results.append(["landing_page_view", "default", landed * 1_000_000, None])
    if found.results:
        is_lead = campaign.objective == OBJECTIVES[2]
        types = (_LEADS if is_lead else _PURCHASES)[int(ad.id) % (len(_LEADS) if is_lead else len(_PURCHASES))]
        counted = {"value": "0"} | {_key(name): str(number) for name, (number, _) in found.results.items()}
        valued = {"value": decimal(currency, 0)}
        valued |= {_key(name): decimal(currency, value) for name, (_, value) in found.results.items()}
        shown += [{"action_type": kind, **counted} for kind in types]
        worth += [] if is_lead else [{"action_type": kind, **valued} for kind in types]
        told = {"default": (0, 0)} | found.results
        for name, (number, value) in told.items():
            family = "lead" if is_lead else "purchase"
            results.append([family, name, number * 1_000_000, None if is_lead else micros(currency, value)])
    return Actions(engagement, shown, worth, results)


def _key(window: str) -> str:
    return "value" if window == "default" else window
