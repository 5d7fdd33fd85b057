"""Spend, claims and clicks beside purchases: what joins what the platforms tell with what the brand saw itself."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from ingest.simulator.ledger.counting import Rows
from ingest.simulator.ledger.figures import ratio
from ingest.simulator.ledger.paid_models import WHOLE

Key = tuple[Any, ...]


def views(tables: Mapping[str, Rows]) -> dict[str, Rows]:
    """Every view that joins the two sides, from the tables of the paid leg."""
    return {
        "attributed_roas_by_campaign_day": attributed_roas(
            tables["ad_performance_by_campaign_day"],
            tables["attribution_by_campaign_day"],
            tables["attribution_by_channel_day"],
        ),
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
