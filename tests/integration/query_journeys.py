"""How the buyers behind docs/queries.md came: the touches of their orders, and what each is credited with."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

WHOLE = 10**12
FACEBOOK, SEARCH = "paid_social:facebook", "organic_search"
PATHS = {"0": (SEARCH, FACEBOOK), "1": (FACEBOOK, "email"), "2": ("paid_search", FACEBOOK)}
"""Order -> its channels; whoever came through Facebook came by the campaign beans."""
LOST = {FACEBOOK: 0.5, "paid_search": 0.25, SEARCH: 0.2, "email": 0.05}
MODELS: dict[str, Callable[[int, Sequence[str]], float]] = {
    "first_touch": lambda place, path: place == 0,
    "last_touch": lambda place, path: place == len(path) - 1,
    "linear": lambda place, path: 1 / len(path),
}


def journeys(orders: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Table and row, but the brand; an order's touches are hours before it."""
    sums: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for order in orders:
        path = PATHS.get(order["order_id"], ())
        whose = {name: order[name] for name in ("source", "shop_id", "order_id", "ordered_at", "currency")}
        for place, channel in enumerate(path):
            at: datetime = order["ordered_at"] - timedelta(hours=len(path) - place)
            touch = {"touch_id": f"{order['order_id']}-{place}", "channel": channel, "touched_at": at}
            touch["campaign"] = "beans" if channel == FACEBOOK else ""
            for model, part in MODELS.items():
                weight = part(place, path)
                credit = {"units": int(weight * WHOLE), "value_micros": int(weight * order["net_micros"])}
                if weight:
                    yield "attribution_credits", whose | touch | credit | {"model": model}
                for basis in ("touch", "conversion"):
                    sums[model, basis, channel, touch["campaign"], order["day"]].update(credit)
    yield from _summed(sums)
    for channel, effect in LOST.items():
        row = {"path_option": "without_repeats", "channel": channel, "purchases": len(PATHS), "removal_effect": effect}
        yield "channel_removal_effects", row | {"credited": effect * len(PATHS), "as_of": date(2026, 11, 24)}


def _summed(sums: Mapping[tuple[Any, ...], Mapping[str, int]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A channel has one campaign here, so that both tables have the same sums."""
    for (model, basis, channel, campaign, day), credits in sums.items():
        row = {"model": model, "basis": basis, "channel": channel, "currency": "EUR", "day": day, **credits}
        yield "attribution_by_channel_day", row
        yield "attribution_by_campaign_day", row | {"campaign": campaign}
