"""Rows of the paid leg for every panel: a campaign of the brand acme, who came for it, and what they bought."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

WHOLE = 10**12
BRAND: dict[str, Any] = {"brand": "acme"}
ACCOUNT = BRAND | {"platform": "meta_ads", "ad_account_id": "a1"}
CHANNELS = ("organic_search", "paid_social:facebook", "paid_social:tiktok", "organic_social:facebook")
Row = tuple[str, dict[str, Any]]


def money(minute: datetime, size: int) -> Iterator[Row]:
    """Table and row; numbers grow with `size`."""
    yield from _ads(minute, size)
    yield from _orders(minute, size)
    day = {"day": minute.date()}
    arrived = BRAND | {"site_id": "shop"} | day
    yield "touches_by_campaign_day", arrived | {"campaign_id": "c1", "touches": 10}
    yield "touches_by_campaign_day", arrived | {"campaign_id": "unknown", "touches": size}
    for number, channel in enumerate(CHANNELS, start=1):
        for model, part in (("linear", number), ("last_touch", size)):
            for basis in ("touch", "conversion"):
                row = BRAND | {"model": model, "basis": basis, "channel": channel, "currency": "EUR"} | day
                row |= {"units": part * size * WHOLE, "value_micros": part * size * 1_000_000}
                yield "attribution_by_channel_day", row
                if channel == "paid_social:facebook":
                    yield "attribution_by_campaign_day", row | {"campaign": "c1"}
        of_option = BRAND | {"path_option": "without_repeats"}
        yield "channel_paths", of_option | {"path": channel, "purchases": number * size, "open_journeys": size}
        effect = {"channel": channel, "purchases": size, "removal_effect": number / (4 + size), "credited": 1.0}
        yield "channel_removal_effects", of_option | effect | {"as_of": minute.date()}


def _ads(minute: datetime, size: int) -> Iterator[Row]:
    """A campaign with a budget: an ad of which people arrive, and another campaign of which nobody does."""
    day, as_of = minute.date(), minute - timedelta(hours=2)
    for campaign, clicks in (("c1", 40), ("c2", size)):
        ad = ACCOUNT | {"level": "ad", "entity_id": f"ad of {campaign}", "period": f"day:{day}", "day": day}
        ad |= {"campaign_id": campaign, "currency": "EUR", "zone": "UTC", "spend_micros": 5_000_000 * size}
        ad |= {"link_clicks": clicks, "purchases_micros": 9_000_000, "purchase_value_micros": 70_000_000 * size}
        yield "ad_facts", ad | {"as_of": minute}
        before = day - timedelta(days=1)  # the day on which the post was published
        yield "ad_facts", ad | {"period": f"day:{before}", "day": before, "as_of": minute}
        yield "ad_fact_history", ad | {"as_of": as_of, "purchase_value_micros": 30_000_000}
        yield "ad_fact_history", ad | {"as_of": minute, "purchase_value_micros": 70_000_000 * size**2}
        run = {"period": "lifetime", "day": None, "as_of": minute, "reach": 100 * size, "reactions": size}
        yield "ad_facts", ad | run
        post = {"post_platform": "facebook", "post_account_id": "1001", "post_id": "p1"}
        yield "ad_entities", ACCOUNT | {"kind": "ad", "entity_id": ad["entity_id"], "as_of": as_of} | post
        result = {name: ad[name] for name in (*ACCOUNT, "level", "entity_id", "period", "day")}
        claim = {"family": "purchase", "attribution_window": "default", "count_micros": 9_000_000}
        yield "ad_results", result | claim
    span = {"starts_at": minute - timedelta(days=4), "ends_at": minute + timedelta(days=5), "as_of": as_of}
    campaign_row = ACCOUNT | {"kind": "campaign", "entity_id": "c1", "name": "Beans", "effective_status": "ACTIVE"}
    yield "ad_entities", campaign_row | span | {"lifetime_budget_micros": 40_000_000}


def _orders(minute: datetime, size: int) -> Iterator[Row]:
    """One that is helped, one of nobody known, and so many that end in a post; two platforms led to the others."""
    whole = {"ordered_at": minute, "currency": "EUR"}
    paths = [CHANNELS[:3], (), *([CHANNELS[1:]] * size)]
    for number, path in enumerate(paths):
        key = BRAND | {"source": "shopify", "shop_id": "s", "order_id": str(number)}
        order = {"event_name": "purchase", "status": "paid", "day": minute.date(), "net_micros": 8_000_000 * size}
        codes = [] if number else ["lena10"]
        yield "conversions", key | whole | order | {"customer_id": f"customer {number}", "discount_codes": codes}
        for step, channel in enumerate(path):
            touch = {"touch_id": f"{number}-{step}", "touched_at": minute - timedelta(hours=9 - step)}
            credit = {"model": "linear", "channel": channel, "units": WHOLE // len(path)}
            yield "attribution_credits", key | whole | touch | credit
