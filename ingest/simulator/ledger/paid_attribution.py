"""Who is credited for what was bought: journeys, models, paths and the chain of channels, from the notes of a market.

Of a touch the world knows the channel; the rest follows from conversions and links. Nothing here is incremental.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from ingest.simulator.ledger.counting import Row, Rows, local_day, moment
from ingest.simulator.ledger.paid_people import People, digest

DAY_MS = 86_400_000
CLICK_DAYS, VIEW_DAYS, LINK_DAYS, CHAIN_DAYS = 30, 1, 400, 90
PATH_OPTION = "without_repeats"
WHOLE = 10**12
_FIFTH = Fraction(1, 5)
_START, _WON, _LOST = "(start)", "(conversion)", "(null)"


class _Met(NamedTuple):
    at: int
    touch: str
    visitor: str
    channel: str
    campaign: str
    day: dt.date
    is_view: bool


class _Bought(NamedTuple):
    at: int
    order: tuple[str, str, str]
    day: dt.date
    net: int
    currency: str


Sums = dict[str, Counter[Any]]


def tables(
    touches: Iterable[Row],
    conversions: Rows,
    links: Rows,
    sites: Mapping[str, Row],
    people: People,
    now: int | None,
) -> dict[str, Rows]:
    """Every table of attribution. `conversions` and `links` are the rows of the tables `conversions` and
    `identity_links`; `now`: epoch milliseconds of the last tick.
    """
    met = _touches(touches, sites, people)
    brands = {key[0] for key in (*met, *conversions)}
    credits: Rows = {}
    sums: Sums = defaultdict(Counter)
    for brand in brands:
        own = {key[1:]: row for key, row in conversions.items() if key[0] == brand}
        said = [row for key, row in links.items() if key[0] == brand]
        for path, bought in _journeys([one for key, one in met.items() if key[0] == brand], own, said):
            if not path:
                continue
            if bought is not None:
                _credit(brand, credits, sums, path, bought)
            channels = [name for name, _ in groupby(one.channel for one in path)]
            sums["paths"][(brand, PATH_OPTION, _named(channels)), bought is not None] += 1
            for begin, end in pairwise((_START, *channels, _WON if bought else _LOST)):
                sums["steps"][brand, PATH_OPTION, path[-1].day, begin, end] += 1
    return {
        "attribution_credits": credits,
        **{
            f"attribution_by_{of}_day": {
                key: {"units": units, "value_micros": sums[f"{of} value"][key]}
                for key, units in sums[f"{of} units"].items()
            }
            for of in ("channel", "campaign")
        },
        "channel_paths": {
            key: {"purchases": sums["paths"][key, True], "open_journeys": sums["paths"][key, False]}
            for key, _ in sums["paths"]
        },
        "channel_transitions": {key: {"steps": steps} for key, steps in sums["steps"].items()},
        "channel_removal_effects": _removal_effects(sums["steps"], now),
    }


def _touches(touches: Iterable[Row], sites: Mapping[str, Row], people: People) -> dict[tuple[str, str], _Met]:
    """Those of somebody; of several that are one touch the smallest."""
    found: dict[tuple[str, str], _Met] = {}
    for one in touches:
        if one["visitor"] is None or one["bot"]:
            continue
        zone = sites[one["site"]]["zone"] if one["site"] in sites else "UTC"
        touch = digest("touch", one["site"], one["event"])
        visitor, day = people.visitor(one["visitor"]), local_day(one["at"], zone)
        assert visitor is not None
        met = _Met(one["at"], touch, visitor, one["channel"], one["tag"], day, one["kind"] == "view")
        found[one["brand"], touch] = min(met, found.get((one["brand"], touch), met))
    return found


def _ms(moment: Any) -> int:
    return int(moment.timestamp() * 1000 + 0.5)


def _owner(links: list[tuple[int, str]], visitor: str, at: int) -> tuple[str, str]:
    after = [link for link in links if link[0] >= at]
    if after:
        return "customer", after[0][1]
    before = [link for link in links if at - LINK_DAYS * DAY_MS < link[0]]
    return ("customer", min(who for when, who in before if when == before[-1][0])) if before else ("visitor", visitor)


def _journeys(
    met: list[_Met], conversions: Mapping[tuple[Any, ...], Row], links: Iterable[Row]
) -> Iterable[tuple[list[_Met], _Bought | None]]:
    """The paths of every purchase and of every open journey."""
    said: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in links:
        said[row["visitor_id"]].append((_ms(row["linked_at"]), row["customer_id"]))
    for known in said.values():
        known.sort()
    theirs: dict[tuple[str, str], list[_Met]] = defaultdict(list)
    for one in met:
        theirs[_owner(said[one.visitor], one.visitor, one.at)].append(one)
    bought: dict[tuple[str, str], list[_Bought]] = defaultdict(list)
    for order, row in conversions.items():
        customer, visitor = row["customer_id"], row["visitor_id"]
        if row["status"] != "paid" or row["event_name"] != "purchase" or not (customer or visitor):
            continue
        at = _ms(row["ordered_at"])
        person = ("customer", customer) if customer else _owner(said[visitor], visitor, at)
        source, shop, number = order
        bought[person].append(_Bought(at, (source, shop, number), row["day"], row["net_micros"], row["currency"]))
    for person in theirs.keys() | bought.keys():
        left = sorted(theirs[person])
        for purchase in sorted(bought[person]):
            own = [one for one in left if one.at <= purchase.at]
            left = left[len(own) :]
            yield [one for one in own if one.at >= purchase.at - _lookback(one)], purchase
        yield left, None


def _lookback(met: _Met) -> int:
    return (VIEW_DAYS if met.is_view else CLICK_DAYS) * DAY_MS


def _named(channels: list[str]) -> str:
    return " > ".join(channels) if len(channels) <= 12 else "… > " + " > ".join(channels[-12:])


def _weights(path: list[_Met]) -> dict[str, list[Fraction]]:
    """What each model thinks of the touches."""
    n = len(path)
    channels = [one.channel for one in path]
    led = [place for place, name in enumerate(channels) if name != "direct"] or [n - 1]

    def only(chosen: int) -> list[Fraction]:
        return [Fraction(place == chosen) for place in range(n)]

    def ends(first: Fraction, pair: Fraction) -> list[Fraction]:
        if n < 3:
            return [Fraction(1)] if n == 1 else [pair, 1 - pair]
        return [first, *[_FIFTH / (n - 2)] * (n - 2), 1 - _FIFTH - first]

    with localcontext() as context:
        context.prec = 50
        decay = [Fraction(Decimal(2) ** (Decimal(one.at - path[-1].at) / (7 * DAY_MS))) for one in path]
    return {
        "first_touch": only(0),
        "last_touch": only(n - 1),
        "last_non_direct": only(led[-1]),
        "linear": [Fraction(1)] * n,
        "position": ends(2 * _FIFTH, Fraction(1, 2)),
        "j_shape": ends(_FIFTH, Fraction(1, 4)),
        "inverse_j": ends(3 * _FIFTH, Fraction(3, 4)),
        "time_decay": decay,
        "shapley": [Fraction(1, len(set(channels)) * channels.count(name)) for name in channels],
    }


def _shared(whole: int, weights: list[Fraction], names: list[str]) -> list[int]:
    """By largest remainder; equal ones by name."""
    total = sum(weights)
    exact = [whole * weight / total for weight in weights]
    parts = [int(one) for one in exact]
    order = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], names[place]))
    for place in order[: whole - sum(parts)]:
        parts[place] += 1
    return parts


def _credit(brand: str, credits: Rows, sums: Sums, path: list[_Met], bought: _Bought) -> None:
    names = [one.touch for one in path]
    for model, weights in _weights(path).items():
        units = _shared(WHOLE, weights, names)
        values = _shared(bought.net, [Fraction(part) for part in units], names)
        for one, part, value in zip(path, units, values, strict=True):
            if not part:
                continue
            credits[brand, *bought.order, one.touch, model] = {
                "channel": one.channel,
                "campaign": one.campaign,
                "touched_at": moment(one.at),
                "ordered_at": moment(bought.at),
                "currency": bought.currency,
                "units": part,
                "value_micros": value,
            }
            for basis, day in (("touch", one.day), ("conversion", bought.day)):
                grain = brand, model, basis, one.channel
                for of, key in (
                    ("channel", (*grain, bought.currency, day)),
                    ("campaign", (*grain, one.campaign, bought.currency, day)),
                ):
                    sums[f"{of} units"][key] += part
                    sums[f"{of} value"][key] += value


def _removal_effects(steps: Counter[Any], now: int | None) -> Rows:
    """By really removing each channel from the chain."""
    if now is None:
        return {}
    today = moment(now).date()
    first = today - dt.timedelta(CHAIN_DAYS - 1)
    chains: dict[tuple[str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    for (brand, option, day, begin, end), count in steps.items():
        if day >= first:
            chains[brand, option][begin, end] += count
    rows: Rows = {}
    for place, chain in chains.items():
        purchases = sum(count for (_, end), count in chain.items() if end == _WON)
        if not purchases:
            continue
        whole = _rate(chain, None)
        effects = {name: 1 - _rate(chain, name) / whole for name in {begin for begin, _ in chain} - {_START}}
        for channel, effect in effects.items():
            if effect > 0:
                rows[(*place, channel)] = {
                    "purchases": purchases,
                    "removal_effect": float(effect),
                    "credited": float(purchases * effect / sum(effects.values())),
                    "as_of": today,
                }
    return rows


def _rate(chain: Counter[tuple[str, str]], without: str | None) -> Fraction:
    """The chance to convert, in fractions, by taking state after state out; who meets `without` is lost."""
    total: Counter[str] = Counter()
    for (begin, _), count in chain.items():
        total[begin] += count
    ways: dict[str, dict[str, Fraction]] = defaultdict(dict)
    for (begin, end), count in chain.items():
        if without not in (begin, end) and end != _LOST:
            ways[begin][end] = Fraction(count, total[begin])
    for state in [name for name in total if name != _START]:
        own = ways.pop(state, {})
        stays = own.pop(state, Fraction(0))
        for leading in ways.values():
            if (through := leading.pop(state, None)) is not None:
                for end, part in own.items():
                    leading[end] = leading.get(end, Fraction(0)) + through * part / (1 - stays)
    return ways[_START].get(_WON, Fraction(0))
