"""What is believed of ads and their figures: facts and entities to entries. Pure."""

from dataclasses import dataclass, field
from functools import lru_cache

import msgspec

from contracts.codec import UndecodableRecord
from contracts.paid import AdEntity, AdFact, AdResult
from processors.attribution.beliefs import Telling, Values, beliefs, rank, settled, tell
from processors.attribution.book import Name, Rows
from processors.engagement.windows import DAY_MS, date_number, date_of, zone

FACT, ENTITY = "fact", "entity"
SETTLED_MS = 7 * DAY_MS
"""A telling that is so much older than the newest of its ad account is late, and what was told before is settled."""
_PURCHASE = ("purchase", "default")

_read = msgspec.json.Decoder(list[Telling]).decode


@dataclass(slots=True)
class AdGrain:
    """What was told of an ad, campaign or account in a period."""

    name: Name
    tellings: list[Telling] = field(default_factory=list)

    def rows(self) -> Rows:
        grain = self.name[1:]
        held = beliefs(self.tellings)
        found: Rows = {("ad_fact_history", (*grain, one.as_of)): one.what for one in held}
        found["ad_facts", grain] = (*held[-1].what, held[-1].as_of)
        day = held[-1].what[0]
        for family, window, count, value in self.tellings[-1].rest:
            found["ad_results", (*grain, str(family), str(window))] = (day, count, value)
        return found

    def saved(self) -> object:
        return self.tellings


@dataclass(slots=True)
class AdThing:
    """What was told of an ad account, campaign, ad set or ad itself."""

    name: Name
    tellings: list[Telling] = field(default_factory=list)

    def rows(self) -> Rows:
        held = beliefs(self.tellings)[-1]
        return {("ad_entities", self.name[1:]): (*held.what, held.as_of)}

    def saved(self) -> object:
        return self.tellings


Believed = AdGrain | AdThing


def read_grain(name: Name, saved: bytes) -> AdGrain:
    return AdGrain(name, _read(saved))


def read_thing(name: Name, saved: bytes) -> AdThing:
    return AdThing(name, _read(saved))


def settle(entry: Believed, limit: int) -> None:
    """Forget what decides nothing any more, now that what is of `limit` or before is late."""
    entry.tellings = settled(entry.tellings, limit)


def learn(entry: Believed, telling: Telling) -> bool:
    """Was it anything new?"""
    return tell(entry.tellings, telling)


def name_of_fact(fact: AdFact) -> Name:
    return (
        FACT,
        fact.brand,
        fact.platform,
        fact.account_id,
        fact.level,
        fact.entity_id,
        fact.window,
        fact.breakdown,
    )


def name_of_entity(entity: AdEntity) -> Name:
    return ENTITY, entity.brand, entity.platform, entity.account_id, entity.kind, entity.entity_id


def day_of(fact: AdFact) -> str | None:
    """The fact's date; None for its whole life. Raises `UndecodableRecord` for any other window."""
    if fact.window == "lifetime":
        return None
    if date := _date_of(fact.window):
        return date
    raise UndecodableRecord("invalid_record", "the window is neither lifetime nor day:YYYY-MM-DD")


@lru_cache(1 << 12)
def _date_of(window: str) -> str:
    kind, _, date = window.partition(":")
    try:
        return date if kind == "day" and "2004" < date < "9999" and date_of(date_number(date)) == date else ""
    except ValueError:
        return ""


@lru_cache(1 << 12)
def _end_of(zone_name: str, date: str) -> int:
    return zone(zone_name).day(date_number(date)).end


def ends(figures: Telling, never: int) -> int:
    """When the day that they are of ends, epoch ms; `never` for a lifetime. Raises `UndecodableRecord` for an unknown
    zone."""
    date, name = figures.what[0], figures.what[5]
    try:
        if date is None:
            zone(str(name))
            return never
        return _end_of(str(name), str(date))
    except (KeyError, ValueError, OSError):
        raise UndecodableRecord("invalid_record", "the zone is no IANA time zone") from None


def telling_of_fact(fact: AdFact) -> Telling:
    """The figures in the order of `contracts.paid_columns.AD_FIGURES`, then `is_provisional`; with the results."""
    results = results_of(fact.results)
    _, _, count, value = next((one for one in results if one[:2] == _PURCHASE), (*_PURCHASE, None, None))
    what = (
        day_of(fact),
        fact.campaign_id,
        fact.adset_id,
        fact.ad_id,
        fact.currency,
        fact.zone,
        fact.spend_micros,
        fact.impressions,
        fact.clicks,
        fact.link_clicks,
        fact.reach,
        fact.reactions,
        fact.comments,
        fact.shares,
        fact.saves,
        fact.video_views,
        count,
        value,
        fact.attribution_setting,
        fact.provisional,
    )
    return Telling(fact.as_of, what, results)


def results_of(told: tuple[AdResult, ...]) -> tuple[Values, ...]:
    """One of each family and window: the greatest, should it stand there several times."""
    found: dict[tuple[str, str], Values] = {}
    for one in told:
        values = (one.family, one.window, one.count_micros, one.value_micros)
        known = found.get((one.family, one.window))
        if known is None or rank(values) > rank(known):
            found[one.family, one.window] = values
    return tuple([found[key] for key in sorted(found)])


def telling_of_entity(entity: AdEntity) -> Telling:
    """The columns of `ad_entities` in their order, `as_of` excepted."""
    what = (
        entity.name,
        entity.status,
        entity.effective_status,
        entity.objective,
        entity.campaign_id,
        entity.adset_id,
        entity.currency,
        entity.zone,
        entity.daily_budget_micros,
        entity.lifetime_budget_micros,
        entity.starts_at,
        entity.ends_at,
        entity.post_platform,
        entity.post_account_id,
        entity.post_id,
    )
    return Telling(entity.as_of, what)
