"""Attribution computed the slow way, from all records at once, as docs/semantics.md says; no code is the fold's."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from contracts.paid import Hints, PaidFact, Touch
from tests.property.paid_by_hand import Table, local_day

HOUR = 3_600_000
DAY = 24 * HOUR
FIFTH = Fraction(1, 5)
WHOLE = 10**12


class Met(NamedTuple):
    """A touch of somebody, in the order of touches."""

    at: int
    touch_id: str
    visitor: str
    channel: str
    campaign: str
    day: str
    is_view: bool


class Bought(NamedTuple):
    """A purchase, in the order of purchases."""

    at: int
    order: tuple[str, str, str]
    day: str
    net: int
    currency: str


def channel(hints: Hints) -> str:
    """Of the addresses that these tests know."""
    if "gclid" in hints.click_ids:
        return "paid_search"
    if hints.source == "meta" or "fbclid" in hints.click_ids:
        return "organic_social:facebook"
    return "unknown" if hints.source or hints.campaign or hints.campaign_id else "direct"


def attribution(
    told: Iterable[PaidFact], conversions: Table, links: Table, shops: Mapping[str, str], zone: str
) -> dict[str, Any]:
    """Credits, their sums, paths and transitions. `shops`: source -> shop; `zone`: of the site."""
    journeys = _journeys(_touches(told, zone), conversions, links, shops)
    credits: dict[Any, Any] = {}
    sums: dict[str, Counter[Any]] = defaultdict(Counter)
    for met, bought in journeys:
        path = [one for one in met if bought is None or one.at >= bought.at - (DAY if one.is_view else 30 * DAY)]
        path = path[-1000:]
        if path and bought is not None:
            _credit(credits, sums, path, bought)
        if path:
            channels = [
                one.channel for place, one in enumerate(path) if not place or path[place - 1].channel != one.channel
            ]
            sums["paths"]["without_repeats", " > ".join(channels), bought is not None] += 1
            steps = ["(start)", *channels, "(conversion)" if bought else "(null)"]
            for begin, end in pairwise(steps):
                sums["steps"]["without_repeats", path[-1].day, begin, end] += 1
    return {
        "attribution_credits": credits,
        "attribution_by_channel_day": _pairs(sums["channel units"], sums["channel value"]),
        "attribution_by_campaign_day": _pairs(sums["campaign units"], sums["campaign value"]),
        "channel_paths": {
            key: (sums["paths"][*key, True], sums["paths"][*key, False]) for key in {key[:2] for key in sums["paths"]}
        },
        "channel_transitions": {key: (n,) for key, n in sums["steps"].items()},
    }


def _pairs(units: Counter[Any], values: Counter[Any]) -> dict[Any, tuple[int, int]]:
    return {key: (n, values[key]) for key, n in units.items()}


def _touches(told: Iterable[PaidFact], zone: str) -> list[Met]:
    found: dict[str, Met] = {}
    for one in told:
        if isinstance(one, Touch) and one.visitor_id is not None and one.bot is None:
            hints = one.hints
            campaign = hints.campaign_id or hints.utm_id or hints.campaign or ""
            day = local_day(one.occurred_at, zone)
            met = Met(one.occurred_at, one.touch_id, one.visitor_id, channel(hints), campaign, day, one.kind == "view")
            found[one.touch_id] = min(met, found.get(one.touch_id, met))
    return list(found.values())


def _owner(links: Table, visitor: str, at: int) -> Any:
    own = sorted((when, "customer " + customer) for whose, customer, when in links.values() if whose == visitor)
    after = [link for link in own if link[0] >= at]
    if after:
        return after[0][1]
    before = [link for link in own if link[0] > at - 400 * DAY]
    return next(customer for when, customer in before if when == before[-1][0]) if before else "visitor " + visitor


def _journeys(
    touches: list[Met], conversions: Table, links: Table, shops: Mapping[str, str]
) -> list[tuple[list[Met], Bought | None]]:
    met: dict[str, list[Met]] = defaultdict(list)
    for one in touches:
        met[_owner(links, one.visitor, one.at)].append(one)
    bought: dict[str, list[Bought]] = defaultdict(list)
    for (source, order_id), row in conversions.items():
        status, at, day, currency, _, _, net, _, _, customer, visitor = row[:11]
        if status == "paid" and (customer or visitor):
            person = "customer " + customer if customer else _owner(links, visitor, at)
            bought[person].append(Bought(at, (source, shops[source], order_id), day, net, currency))
    found: list[tuple[list[Met], Bought | None]] = []
    for person in met.keys() | bought.keys():
        left = sorted(met[person])
        for purchase in sorted(bought[person]):
            found.append(([one for one in left if one.at <= purchase.at], purchase))
            left = [one for one in left if one.at > purchase.at]
        found.append((left, None))
    return found


def _weights(path: list[Met]) -> dict[str, list[Any]]:
    n = len(path)
    channels = [one.channel for one in path]
    led = [place for place, name in enumerate(channels) if name != "direct"] or [n - 1]

    def ends(first: Fraction, pair: Fraction) -> list[Any]:
        if n < 3:
            return [1] if n == 1 else [pair, 1 - pair]
        return [first, *[FIFTH / (n - 2)] * (n - 2), 1 - FIFTH - first]

    with localcontext() as context:
        context.prec = 60
        decay = [Decimal(2) ** (Decimal(one.at - path[-1].at) / (7 * DAY)) for one in path]
    return {
        "first_touch": [place == 0 for place in range(n)],
        "last_touch": [place == n - 1 for place in range(n)],
        "last_non_direct": [place == led[-1] for place in range(n)],
        "linear": [1] * n,
        "position": ends(2 * FIFTH, Fraction(1, 2)),
        "j_shape": ends(FIFTH, Fraction(1, 4)),
        "inverse_j": ends(3 * FIFTH, Fraction(3, 4)),
        "time_decay": [Fraction(weight) for weight in decay],
        "shapley": [Fraction(1, len(set(channels)) * channels.count(name)) for name in channels],
    }


def _shared(whole: int, weights: list[Any], names: list[str]) -> list[int]:
    exact = [whole * Fraction(weight) / sum(map(Fraction, weights)) for weight in weights]
    parts = [int(one) for one in exact]
    order = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], names[place]))
    for place in order[: whole - sum(parts)]:
        parts[place] += 1
    return parts


def _credit(credits: dict[Any, Any], sums: dict[str, Counter[Any]], path: list[Met], bought: Bought) -> None:
    names = [one.touch_id for one in path]
    for model, weights in _weights(path).items():
        units = _shared(WHOLE, weights, names)
        values = _shared(bought.net, units, names)
        for one, part, value in zip(path, units, values, strict=True):
            if not part:
                continue
            credits[(*bought.order, one.touch_id, model)] = (
                one.channel,
                one.campaign,
                one.at,
                bought.at,
                bought.currency,
                part,
                value,
            )
            for basis, day in (("touch", one.day), ("conversion", bought.day)):
                grain = (model, basis, one.channel)
                sums["channel units"][*grain, bought.currency, day] += part
                sums["channel value"][*grain, bought.currency, day] += value
                sums["campaign units"][*grain, one.campaign, bought.currency, day] += part
                sums["campaign value"][*grain, one.campaign, bought.currency, day] += value
