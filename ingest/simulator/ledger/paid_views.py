"""What follows from the paid leg's tables: performance, rates, beliefs in time, efficiency, pacing."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

from ingest.simulator.ledger.counting import Row, Rows
from ingest.simulator.ledger.figures import ratio

Key = tuple[Any, ...]
MICROS = 1_000_000
_SUMS = ("spend_micros", "impressions", "clicks", "link_clicks", "engagements", "video_views")
_RATES: tuple[tuple[str, str, str, int], ...] = (
    ("CTR", "clicks", "impressions", 1),
    ("CPC", "spend", "clicks", 1),
    ("CPM", "spend", "impressions", 1000),
    ("CPP", "spend", "reach", 1000),
    ("frequency", "impressions", "reach", 1),
    ("CVR", "purchases", "clicks", 1),
    ("CPA", "spend", "purchases", 1),
    ("ROAS", "value", "spend", 1),
    ("CPE", "spend", "engagements", 1),
)
"""Definition, numerator, denominator, factor."""


def views(facts: Rows, history: Rows, entities: Rows, conversions: Rows) -> dict[str, Rows]:
    """Every view over the paid leg."""
    ads = dict(by_ad_day(facts, entities))
    campaigns = by_campaign_day(facts, entities)
    return {
        "ad_performance_by_ad_day": ads,
        "ad_performance_by_campaign_day": campaigns,
        "ad_rates_by_ad_day": rates(ads),
        "ad_rates_by_campaign_day": rates(campaigns, lambda _row: {}),
        "ad_fact_beliefs": beliefs(history),
        "brand_efficiency_day": efficiency(conversions, campaigns),
        "budget_pacing": pacing(facts, entities),
    }


def _days(facts: Rows, level: str) -> Iterator[tuple[Key, Row]]:
    """((brand, platform, account, entity), figures) of totals of days."""
    for key, row in facts.items():
        if key[3] == level and key[6] == "" and row["day"] is not None:
            yield (*key[:3], key[4]), row


def _named(entities: Rows, account: Key, kind: str, entity: str | None) -> Row:
    return entities.get((*account, kind, entity), {})


def _begins(row: Row) -> dt.datetime:
    return dt.datetime.combine(row["day"], dt.time(), ZoneInfo(row["zone"]))


def _engagements(row: Row) -> int:
    return int(row["reactions"] + row["comments"] + row["shares"] + row["saves"])


def _whole(micros: int | None) -> float | None:
    return None if micros is None else micros / MICROS


def by_ad_day(facts: Rows, entities: Rows) -> Iterator[tuple[Key, Row]]:
    """`ad_performance_by_ad_day`."""
    for key, row in _days(facts, "ad"):
        ad = _named(entities, key[:3], "ad", key[3])
        shown = ("campaign_id", "adset_id", "zone", "currency", "spend_micros", "impressions", "clicks", "link_clicks")
        rest = ("reach", "video_views", "purchase_value_micros", "is_provisional", "as_of")
        yield (
            (*key, row["day"]),
            {
                **{name: row[name] for name in (*shown, *rest)},
                "ad_name": ad.get("name"),
                "campaign_name": _named(entities, key[:3], "campaign", row["campaign_id"]).get("name"),
                **{name: ad.get(name) for name in ("post_platform", "post_account_id", "post_id")},
                "day_starts_at": _begins(row),
                "engagements": _engagements(row),
                "purchases": _whole(row["purchases_micros"]),
            },
        )


def by_campaign_day(facts: Rows, entities: Rows) -> Rows:
    """`ad_performance_by_campaign_day`: the sum of its ads, or its own row where there is none."""
    of_ads: dict[Key, list[Row]] = defaultdict(list)
    for key, row in _days(facts, "ad"):
        if row["campaign_id"] is not None:
            of_ads[(*key[:3], row["campaign_id"], row["day"], row["currency"])].append(row)
    own = {(*key, row["day"], row["currency"]): row for key, row in _days(facts, "campaign")}
    rows: Rows = {}
    for key in of_ads.keys() | own.keys():
        summed = of_ads.get(key) or [own[key]]
        campaign = _named(entities, key[:3], "campaign", key[3])
        totals = [{**row, "engagements": _engagements(row)} for row in summed]
        rows[key] = {
            "campaign_name": campaign.get("name"),
            "objective": campaign.get("objective"),
            "ads": len(of_ads.get(key, ())),
            "day_starts_at": _begins(summed[0]),
            "zone": summed[0]["zone"],
            **{name: sum(row[name] for row in totals) for name in _SUMS},
            "reach": own[key]["reach"] if key in own else None,
            "purchases": _whole(_known_sum(row["purchases_micros"] for row in summed)),
            "purchase_value_micros": _known_sum(row["purchase_value_micros"] for row in summed),
            "is_provisional": any(row["is_provisional"] for row in summed),
            "as_of": max(row["as_of"] for row in summed),
        }
    return rows


def _known_sum(values: Iterator[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def rates(performance: Rows, also: Callable[[Row], Row] = lambda row: {"currency": row["currency"]}) -> Rows:
    """`ad_rates_by_*`: one row a definition; `also` are columns that are no part of the key."""
    rows: Rows = {}
    for key, row in performance.items():
        known = row | {"spend": _whole(row["spend_micros"]), "value": _whole(row["purchase_value_micros"])}
        for definition, over, under, factor in _RATES:
            numerator, denominator = _double(known[over]), _double(known[under])
            found = ratio(numerator, denominator)
            rows[*key, definition] = {
                **also(row),
                "numerator": numerator,
                "denominator": denominator,
                "denominator_name": under,
                "rate": None if found is None else found * factor,
            }
    return rows


def _double(value: float | None) -> float | None:
    return None if value is None else float(value)


def beliefs(history: Rows) -> Rows:
    """`ad_fact_beliefs`."""
    held: dict[Key, list[Key]] = defaultdict(list)
    for key in sorted(history, key=lambda key: key[-1]):
        held[key[:-1]].append(key)
    rows: Rows = {}
    for keys in held.values():
        for key, following in zip(keys, [*keys[1:], None], strict=True):
            row = history[key]
            rows[key] = {
                "believed_until": following[-1] if following else None,
                **{name: row[name] for name in ("day", "campaign_id", "currency", "spend_micros", "impressions")},
                "clicks": row["clicks"],
                "purchases": _whole(row["purchases_micros"]),
                "purchase_value_micros": row["purchase_value_micros"],
                "roas": ratio(row["purchase_value_micros"], row["spend_micros"]),
            }
    return rows


def efficiency(conversions: Rows, campaigns: Rows) -> Rows:
    """`brand_efficiency_day`."""
    revenue: dict[Key, list[int]] = defaultdict(list)
    spent: dict[Key, int] = defaultdict(int)
    for key, row in conversions.items():
        if row["status"] == "paid":
            revenue[key[0], row["day"], row["currency"]].append(row["net_micros"])
    for key, row in campaigns.items():
        spent[key[0], key[4], key[5]] += row["spend_micros"]
    return {
        key: {
            "orders": len(revenue.get(key, ())),
            "revenue_micros": sum(revenue.get(key, ())),
            "spend_micros": spent.get(key),
            "mer": ratio(sum(revenue[key]), spent.get(key)) if key in revenue else None,
        }
        for key in revenue.keys() | spent.keys()
    }


def pacing(facts: Rows, entities: Rows) -> Rows:
    """`budget_pacing`, through the newest day that is known of the ad account."""
    of_account: dict[Key, list[Row]] = defaultdict(list)
    for key, row in _days(facts, "ad"):
        of_account[key[:3]].append(row)
    rows: Rows = {}
    for key, entity in entities.items():
        if key[3] not in ("campaign", "adset") or key[:3] not in of_account:
            continue
        for kind in ("daily", "lifetime"):
            if entity[f"{kind}_budget_micros"]:
                rows[*key, kind] = _paced(key, entity, kind, of_account[key[:3]])
    return rows


def _paced(key: Key, entity: Row, kind: str, days: list[Row]) -> Row:
    newest = max(days, key=lambda row: row["day"])
    through, zone = newest["day"], ZoneInfo(newest["zone"])
    budget = entity[f"{kind}_budget_micros"]
    first = last = through
    if kind == "lifetime":
        starts, ends = entity["starts_at"], entity["ends_at"]
        first = starts.astimezone(zone).date() if starts else None
        last = (ends - dt.timedelta(microseconds=1)).astimezone(zone).date() if ends else None
    spent = sum(
        row["spend_micros"]
        for row in days
        if row[f"{key[3]}_id"] == key[4]
        and row["currency"] == newest["currency"]
        and (kind == "lifetime" or row["day"] == through)
    )
    total = (last - first).days + 1 if first and last else None
    elapsed_days = max((min(through, last or through) - first).days + 1, 0) if first else None
    elapsed = ratio(elapsed_days, total)
    return {
        "name": entity["name"],
        "effective_status": entity["effective_status"],
        "currency": newest["currency"],
        "budget_micros": budget,
        "spend_micros": spent,
        "first_day": first,
        "last_day": last,
        "through_day": through,
        "elapsed_days": elapsed_days,
        "total_days": total,
        "expected_micros": None if elapsed is None else budget * elapsed,
        "pacing_percent": None if not elapsed else spent / budget / elapsed * 100,
        "projected_micros": ratio(spent, elapsed),
    }
