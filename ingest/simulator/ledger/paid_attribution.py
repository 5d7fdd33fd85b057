"""Whose purchases and touches are whose, which touch led to which purchase, and what each is credited with."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from ingest.simulator.ledger.counting import Row, Rows, local_day, moment
from ingest.simulator.ledger.paid_models import DIRECT, MODELS, WHOLE, Touch, shared
from ingest.simulator.ledger.paid_people import People
from ingest.simulator.ledger.paid_touches import name_of

DAY_MS = 86_400_000
CLICK_MS, VIEW_MS = 30 * DAY_MS, DAY_MS
PATHS = ("without_repeats",)
LONGEST, MOST = 12, 1_000
KEPT_DAYS = 90
START, CONVERSION, NULL = "(start)", "(conversion)", "(null)"
Key = tuple[Any, ...]
Person = tuple[str, str]


class Touchpoint(NamedTuple):
    """A touch of somebody; `day` is that of its site."""

    touch: Touch
    campaign: str
    day: dt.date
    is_view: bool


class Purchase(NamedTuple):
    """A paid order; `key` is (source, shop, order)."""

    at: int
    key: tuple[str, str, str]
    row: Row


class Journey(NamedTuple):
    """The touches within the look-back of a purchase; of an open one (None), all."""

    path: list[Touchpoint]
    purchase: Purchase | None


def tables(
    touches: Iterable[Row], sites: Mapping[str, Row], links: Rows, conversions: Rows, people: People, now: int | None
) -> dict[str, Rows]:
    """The tables of attribution. `now`: the newest tick, epoch milliseconds; without one nothing is solved."""
    found: dict[str, Rows] = {name: {} for name in ("attribution_credits", "channel_paths", "channel_transitions")}
    sums: dict[str, dict[Key, Counter[str]]] = {
        name: defaultdict(Counter) for name in ("attribution_by_channel_day", "attribution_by_campaign_day")
    }
    paths: dict[Key, Counter[str]] = defaultdict(Counter)
    steps: Counter[Key] = Counter()
    for brand in sorted({key[0] for key in conversions} | {touch["brand"] for touch in touches}):
        for journey in _journeys(brand, touches, sites, links, conversions, people):
            if journey.purchase is not None:
                _credit(brand, journey, journey.purchase, found["attribution_credits"], sums)
            for option in PATHS:
                channels = _shortened(option, [point.touch.channel for point in journey.path])
                paths[brand, option, _named(channels)][
                    "open_journeys" if journey.purchase is None else "purchases"
                ] += 1
                for step in pairwise((START, *channels, NULL if journey.purchase is None else CONVERSION)):
                    steps[(brand, option, journey.path[-1].day, *step)] += 1
    found["channel_paths"] = {
        key: {name: row[name] for name in ("purchases", "open_journeys")} for key, row in paths.items()
    }
    found["channel_transitions"] = {key: {"steps": number} for key, number in steps.items()}
    today = None if now is None else moment(now).date()
    found["channel_removal_effects"] = {} if today is None else removal_effects(steps, today)
    for name, rows in sums.items():
        found[name] = {
            key: {"units": row["units"], "value_micros": row["value"]} for key, row in rows.items() if any(row.values())
        }
    return found


def _journeys(
    brand: str, touches: Iterable[Row], sites: Mapping[str, Row], links: Rows, conversions: Rows, people: People
) -> list[Journey]:
    """Every journey of a brand that has a path."""
    of_visitor: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for (whose, _), link in links.items():
        if whose == brand:
            of_visitor[link["visitor_id"]].append((_ms(link["linked_at"]), link["customer_id"]))
    theirs: dict[Person, list[Touchpoint]] = defaultdict(list)
    for point, visitor in _touchpoints(brand, touches, sites, people):
        theirs[_person(of_visitor, visitor, point.touch.at)].append(point)
    bought: dict[Person, list[Purchase]] = defaultdict(list)
    for key, row in conversions.items():
        if key[0] == brand and row["status"] == "paid" and row["event_name"] == "purchase":
            purchase = Purchase(_ms(row["ordered_at"]), key[1:], row)
            if row["customer_id"]:
                bought["customer", row["customer_id"]].append(purchase)
            elif row["visitor_id"]:
                bought[_person(of_visitor, row["visitor_id"], purchase.at)].append(purchase)
    found = [journey for person, points in theirs.items() for journey in _of_person(points, bought.get(person, []))]
    return [journey for journey in found if journey.path]


def _ms(at: dt.datetime) -> int:
    return (at - dt.datetime.fromtimestamp(0, dt.UTC)) // dt.timedelta(milliseconds=1)


def _touchpoints(
    brand: str, touches: Iterable[Row], sites: Mapping[str, Row], people: People
) -> Iterable[tuple[Touchpoint, str]]:
    """Those of known visitors, each once, with whose they are."""
    known = {
        name_of(touch): touch for touch in touches if touch["brand"] == brand and touch["visitor"] and not touch["bot"]
    }
    for name, touch in known.items():
        day = local_day(touch["at"], sites[touch["site"]]["zone"])
        point = Touch(touch["at"], name, touch["channel"])
        visitor = people.visitor(touch["visitor"])
        assert visitor is not None
        yield Touchpoint(point, touch["called"], day, touch["kind"] == "view"), visitor


def _person(links: Mapping[str, list[tuple[int, str]]], visitor: str, at: int) -> Person:
    """Whose something of a visitor is: by the earliest link at or after it, else by the latest before."""
    own = links.get(visitor)
    if not own:
        return "visitor", visitor
    after = [link for link in own if link[0] >= at]
    if after:
        return "customer", min(after)[1]
    latest = max(when for when, _ in own)
    return "customer", min(customer for when, customer in own if when == latest)


def _of_person(points: Iterable[Touchpoint], purchases: Iterable[Purchase]) -> list[Journey]:
    left = sorted(points)
    found = []
    for purchase in sorted(purchases, key=lambda one: one[:2]):
        before = [point for point in left if point.touch.at <= purchase.at]
        left = [point for point in left if point.touch.at > purchase.at]
        path = [point for point in before if purchase.at - point.touch.at <= (VIEW_MS if point.is_view else CLICK_MS)]
        found.append(Journey(path[-MOST:], purchase))
    return [*found, Journey(left[-MOST:], None)]


def _credit(
    brand: str, journey: Journey, purchase: Purchase, credits: Rows, sums: dict[str, dict[Key, Counter[str]]]
) -> None:
    row, path = purchase.row, [point.touch for point in journey.path]
    names = [touch.id for touch in path]
    for model, weigh in MODELS.items():
        units = shared(WHOLE, weigh(path), names)
        values = shared(row["net_micros"], [Fraction(part) for part in units], names)
        for point, part, value in zip(journey.path, units, values, strict=True):
            if not part:
                continue
            channel = point.touch.channel
            credits[(brand, *purchase.key, point.touch.id, model)] = {
                "channel": channel,
                "campaign": point.campaign,
                "touched_at": moment(point.touch.at),
                "ordered_at": row["ordered_at"],
                "currency": row["currency"],
                "units": part,
                "value_micros": value,
            }
            for basis, day in (("touch", point.day), ("conversion", row["day"])):
                end = (row["currency"], day)
                both = Counter({"units": part, "value": value})
                sums["attribution_by_channel_day"][(brand, model, basis, channel, *end)].update(both)
                called = (brand, model, basis, channel, point.campaign, *end)
                sums["attribution_by_campaign_day"][called].update(both)


def _shortened(option: str, channels: Sequence[str]) -> list[str]:
    """What an option leaves of a path.

    >>> _shortened("without_repeats", ["a", "a", "b", "a"]), _shortened("first_occurrences", ["a", "b", "a"])
    (['a', 'b', 'a'], ['a', 'b'])
    """
    match option:
        case "without_repeats":
            return [channel for n, channel in enumerate(channels) if n == 0 or channels[n - 1] != channel]
        case "first_occurrences":
            return list(dict.fromkeys(channels))
        case "without_direct":
            return [channel for channel in channels if channel != DIRECT] or list(channels)
        case "without_trailing_direct":
            last = max((n for n, channel in enumerate(channels) if channel != DIRECT), default=len(channels) - 1)
            return list(channels[: last + 1])
    return list(channels)


def _named(channels: Sequence[str]) -> str:
    cut = "… > " if len(channels) > LONGEST else ""
    return cut + " > ".join(channels[-LONGEST:])


def removal_effects(steps: Mapping[Key, int], today: dt.date) -> Rows:
    """`channel_removal_effects`: what is lost if a channel is taken out, by solving the chain with and without it."""
    chains: dict[Key, Counter[tuple[str, str]]] = defaultdict(Counter)
    for (brand, option, day, begin, end), number in steps.items():
        if day > today - dt.timedelta(days=KEPT_DAYS):  # it is tomorrow somewhere
            chains[brand, option][begin, end] += number
    rows: Rows = {}
    for key, chain in chains.items():
        whole = _converts(chain, None)
        if not whole:
            continue
        channels = {name for step in chain for name in step} - {START, CONVERSION, NULL}
        effects = {channel: 1 - _converts(chain, channel) / whole for channel in channels}
        purchases = sum(number for (_, end), number in chain.items() if end == CONVERSION)
        total = sum(effects.values())
        for channel, effect in effects.items():
            if effect > 0:
                rows[(*key, channel)] = {
                    "purchases": purchases,
                    "removal_effect": float(effect),
                    "credited": float(effect / total * purchases),
                    "as_of": today,
                }
    return rows


def _converts(chain: Mapping[tuple[str, str], int], without: str | None) -> Fraction:
    """The chance that a path converts; whoever would meet `without` is lost."""
    leaving: Counter[str] = Counter()
    for (begin, _), number in chain.items():
        leaving[begin] += number
    places = sorted(name for name in leaving if name not in (START, without))
    names = [START, *places]
    matrix = [[Fraction(int(a == b)) - Fraction(chain.get((a, b), 0), leaving[a]) for b in names] for a in names]
    ends = [Fraction(chain.get((a, CONVERSION), 0), leaving[a]) for a in names]
    return _solved(matrix, ends)[0] if leaving[START] else Fraction(0)


def _solved(matrix: list[list[Fraction]], ends: list[Fraction]) -> list[Fraction]:
    """x of matrix x = ends, by elimination."""
    rows = [[*row, end] for row, end in zip(matrix, ends, strict=True)]
    for place in range(len(rows)):
        pivot = next(n for n in range(place, len(rows)) if rows[n][place])
        rows[place], rows[pivot] = rows[pivot], rows[place]
        head = rows[place][place]
        rows[place] = [value / head for value in rows[place]]
        for other in range(len(rows)):
            if other != place and (factor := rows[other][place]):
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[place], strict=True)]
    return [row[-1] for row in rows]
