"""Spend, claims and clicks beside purchases: what joins what the platforms tell with what the brand saw itself."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ingest.simulator.ledger.counting import Row, Rows
from ingest.simulator.ledger.figures import ratio
from ingest.simulator.ledger.paid_models import WHOLE

Key = tuple[Any, ...]


def views(tables: Mapping[str, Rows]) -> dict[str, Rows]:
    """Every view that joins the two sides, from the tables of the paid leg."""
    campaigns, by_channel = tables["ad_performance_by_campaign_day"], tables["attribution_by_channel_day"]
    conversions, credits = tables["conversions"], tables["attribution_credits"]
    return {
        "attributed_roas_by_campaign_day": attributed_roas(
            campaigns, tables["attribution_by_campaign_day"], by_channel
        ),
        "claimed_vs_attributed": claimed(tables["ad_facts"], tables["ad_results"], by_channel, credits, conversions),
        "tagging_health_by_day": tagging(
            campaigns, tables["touches_by_campaign_day"], tables["ad_entities"], conversions, credits
        ),
        "organic_assists": assists(conversions, credits),
    }


def attributed_roas(campaigns: Rows, by_campaign: Rows, by_channel: Rows) -> Rows:
    """`attributed_roas_by_campaign_day`."""
    owners: dict[tuple[str, str], tuple[str, str]] = {}
    names: dict[Key, str | None] = {}
    for (brand, platform, account, campaign, *_), row in campaigns.items():
        held = owners.get((brand, campaign), (platform, account))
        owners[brand, campaign] = min(held, (platform, account))
        names[brand, platform, account, campaign] = row["campaign_name"]
    credited: dict[Key, Counter[str]] = defaultdict(Counter)
    for (brand, model, basis, _, campaign, currency, day), row in by_campaign.items():
        if basis == "touch" and (brand, campaign) in owners:
            credited[(brand, *owners[brand, campaign], campaign, day, currency, model)].update(row)
    spent = {
        (*key, model): row["spend_micros"] for key, row in campaigns.items() for model in _models(by_channel, key[0])
    }
    rows: Rows = {}
    for key in spent.keys() | credited.keys():
        units, value = credited[key]["units"], credited[key]["value_micros"]
        rows[key] = {
            "campaign_name": names[key[:4]],
            "spend_micros": spent.get(key),
            "units": units,
            "purchases": units / WHOLE,
            "value_micros": value,
            "roas": ratio(value, spent.get(key)),
        }
    return rows


def _models(by_channel: Rows, brand: str) -> set[str]:
    return {key[1] for key in by_channel if key[0] == brand}


def claimed(facts: Rows, results: Rows, by_channel: Rows, credits: Rows, conversions: Rows) -> Rows:
    """`claimed_vs_attributed`."""
    claims: dict[Key, list[Row]] = defaultdict(list)
    for key, result in results.items():
        brand, platform, _, level, _, _, breakdown, family, window = key
        if level == "ad" and not breakdown and family == "purchase" and result["day"] is not None:
            claims[brand, platform, result["day"], facts[key[:7]]["currency"], window].append(result)
    own: dict[Key, Counter[str]] = defaultdict(Counter)
    for (brand, model, basis, channel, currency, day), row in by_channel.items():
        if platform := platform_of_ads(channel):
            own[brand, platform, day, currency, model, basis].update(row)
    pairs = {
        (*claim, model, basis)
        for claim in claims
        for model, basis in {key[1:3] for key in by_channel if key[0] == claim[0]}
    }
    matched = {(*key[:4], *key[5:]) for key in pairs}
    alone = {(*key[:4], None, *key[4:]) for key in own.keys() - matched}
    overlaps = _overlaps(credits, conversions)
    return {
        key: _claimed(
            claims.get(key[:5]), own[(*key[:4], *key[5:])], overlaps[key[:4]] if key[6] == "conversion" else None
        )
        for key in pairs | alone
    }


def _claimed(told: list[Row] | None, own: Counter[str], overlap: int | None) -> Row:
    count = None if told is None else sum(one["count_micros"] for one in told) / 1_000_000
    values = [one["value_micros"] for one in told or () if one["value_micros"] is not None]
    value = sum(values) if values else None
    return {
        "claimed_purchases": count,
        "claimed_value_micros": value,
        "units": own["units"],
        "purchases": own["units"] / WHOLE,
        "value_micros": own["value_micros"],
        "purchases_ratio": ratio(count, own["units"] / WHOLE),
        "value_ratio": ratio(value, own["value_micros"]),
        "eligible_overlap": overlap,
    }


def _overlaps(credits: Rows, conversions: Rows) -> Counter[Key]:
    """(brand, platform, day, currency) -> purchases that another platform may claim too."""
    found: Counter[Key] = Counter()
    for key, path in _paths(credits).items():
        platforms = {platform for _, _, channel in path if (platform := platform_of_ads(channel))}
        if len(platforms) > 1:
            order = conversions[key]
            found.update((key[0], platform, order["day"], order["currency"]) for platform in platforms)
    return found


def platform_of_ads(channel: str) -> str | None:
    """Whose ads a channel is.

    >>> platform_of_ads("paid_social:instagram"), platform_of_ads("paid_search"), platform_of_ads("email")
    ('meta_ads', 'paid_search', None)
    """
    kind, _, network = channel.partition(":")
    if kind == "paid_social":
        return "meta_ads" if network in ("facebook", "instagram") else network
    return channel if channel == "paid_search" else None


def _paths(credits: Rows) -> dict[Key, list[tuple[Any, str, str]]]:
    """Order -> (time, touch, channel) of its path, in their order."""
    paths: dict[Key, list[tuple[Any, str, str]]] = defaultdict(list)
    for (*order, touch, model), row in credits.items():
        if model == "linear":
            paths[tuple(order)].append((row["touched_at"], touch, row["channel"]))
    return {order: sorted(path) for order, path in paths.items()}


def tagging(campaigns: Rows, touches: Rows, entities: Rows, conversions: Rows, credits: Rows) -> Rows:
    """`tagging_health_by_day`."""
    arrived = {(key[0], key[5], key[6]) for key, row in touches.items() if row["touches"]}
    days: dict[Key, Counter[str]] = defaultdict(Counter)
    clicks: Counter[Key] = Counter()
    for (brand, _, _, campaign, day, _), row in campaigns.items():
        if row["spend_micros"] > 0 and row["link_clicks"]:
            clicks[brand, campaign, day] += row["link_clicks"]
    for (brand, campaign, day), number in clicks.items():
        near = {(brand, campaign, day + dt.timedelta(days=days_off)) for days_off in (-1, 0, 1)}
        days[brand, day].update({"campaigns": 1, "link_clicks": number})
        if not near & arrived:
            days[brand, day].update({"unlanded_campaigns": 1, "unlanded_clicks": number})
    known = {(key[0], key[4]) for key in entities if key[3] == "campaign"}
    for (brand, *_, campaign, day), row in touches.items():
        if campaign and row["touches"]:
            unknown = 0 if (brand, campaign) in known else row["touches"]
            days[brand, day].update({"named_touches": row["touches"], "unknown_touches": unknown})
    credited = {key[:4] for key in credits}
    for key, row in _purchases(conversions).items():
        days[key[0], row["day"]].update({"purchases": 1, "uncredited_purchases": int(key not in credited)})
    return {key: _tagged(row) for key, row in days.items()}


def _purchases(conversions: Rows) -> Rows:
    return {key: row for key, row in conversions.items() if row["status"] == "paid" and row["event_name"] == "purchase"}


def _tagged(day: Counter[str]) -> Row:
    counts = ("campaigns", "unlanded_campaigns", "link_clicks", "unlanded_clicks", "named_touches", "unknown_touches")
    return {
        **{name: day[name] for name in (*counts, "purchases", "uncredited_purchases")},
        "unlanded_share": ratio(day["unlanded_clicks"], day["link_clicks"]),
        "unknown_share": ratio(day["unknown_touches"], day["named_touches"]),
        "uncredited_share": ratio(day["uncredited_purchases"], day["purchases"]),
    }


def assists(conversions: Rows, credits: Rows) -> Rows:
    """`organic_assists`."""
    paths = _paths(credits)
    sums: dict[Key, Counter[str]] = defaultdict(Counter)
    persons: dict[Key, set[str]] = defaultdict(set)
    linked: dict[Key, set[str]] = defaultdict(set)
    for key, order in _purchases(conversions).items():
        row = key[0], order["day"], order["currency"]
        path = [_kind(channel) for _, _, channel in paths.get(key, ())]
        sums[row].update(_helped(path, order["net_micros"]))
        if person := order["customer_id"] or order["visitor_id"]:
            persons[row].add(person)
            if path:
                linked[row].add(person)
    names = ("purchases", "paid_purchases", "paid_value_micros", "assisted_purchases", "assisted_value_micros")
    return {
        key: {
            **{name: row[name] for name in (*names, "organic_purchases", "last_organic_purchases")},
            "assisted_share": ratio(row["assisted_purchases"], row["paid_purchases"]),
            "assist_ratio": ratio(row["organic_purchases"], row["last_organic_purchases"]),
            "persons": len(persons[key]),
            "linked_persons": len(linked[key]),
        }
        for key, row in sums.items()
    }


def _kind(channel: str) -> str:
    if platform_of_ads(channel):
        return "paid"
    return "organic" if channel == "organic_search" or channel.startswith("organic_social:") else "other"


def _helped(path: Sequence[str], value: int) -> dict[str, int]:
    """What a purchase adds."""
    found = {"purchases": 1, "organic_purchases": int("organic" in path)}
    found["last_organic_purchases"] = int(path[-1:] == ["organic"])
    if "paid" in path:
        last_paid = max(place for place, kind in enumerate(path) if kind == "paid")
        is_assisted = "organic" in path[:last_paid]
        found |= {"paid_purchases": 1, "paid_value_micros": value, "assisted_purchases": int(is_assisted)}
        found["assisted_value_micros"] = value * is_assisted
    return found
