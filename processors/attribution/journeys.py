"""Journeys: a person's touches up to each purchase, and what they add to the tables. A pure function of what is known.

A touch belongs to the first purchase that is not before it; touches after the last purchase are an open journey, which
counts as lost until a purchase follows.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, TypeVar

from processors.attribution import markov, models
from processors.attribution.credits import credits_of, values_of
from processors.attribution.models import Step
from processors.attribution.paths import TRANSFORMS

DAY_MS = 86_400_000
LONGEST_PATH = 12
"""Channels in a path's name; of longer ones the last are named, after an ellipsis."""
ARROW, CUT = " > ", "… > "

OrderKey = tuple[str, str, str]
"""(source, shop, order)."""
Link = tuple[int, str, str]
"""When a visitor turned out to be a customer, which one, and what the link is called."""


class Touchpoint(NamedTuple):
    """A touch of a known visitor; they sort by time, then by name. `day`: days since 1970 in the site's zone."""

    at: int
    touch_id: str
    channel: str
    campaign: str
    day: int
    is_view: bool


class Purchase(NamedTuple):
    """A paid order, net of refunds; they sort by time, then by name. `day`: days since 1970 in the shop's zone."""

    at: int
    order: OrderKey
    day: int
    net_micros: int
    currency: str


class Lookback(NamedTuple):
    """How long before a purchase a touch may lie to be credited, in milliseconds, both ends included."""

    click_ms: int
    view_ms: int


class Journey(NamedTuple):
    """The touches that lead to `purchase`; None while there is none. Never without a touch unless it was bought."""

    touches: tuple[Touchpoint, ...]
    purchase: Purchase | None


class Credit(NamedTuple):
    """What a model gives a touch of a purchase: `units` of 10^-12, and its money."""

    touch: Touchpoint
    purchase: Purchase
    units: int
    value_micros: int


def journeys(touches: Iterable[Touchpoint], purchases: Iterable[Purchase]) -> Iterator[Journey]:
    """A person's journeys in order of time, the open one last."""
    waiting = sorted(touches)
    begin = 0
    for purchase in sorted(purchases):
        end = begin
        while end < len(waiting) and waiting[end].at <= purchase.at:
            end += 1
        yield Journey(tuple(waiting[begin:end]), purchase)
        begin = end
    if begin < len(waiting):
        yield Journey(tuple(waiting[begin:]), None)


def credited(journey: Journey, lookback: Lookback) -> tuple[Touchpoint, ...]:
    """The touches that a purchase is credited to; of an open journey all, since any could still be."""
    purchase = journey.purchase
    if purchase is None:
        return journey.touches
    earliest = {True: purchase.at - lookback.view_ms, False: purchase.at - lookback.click_ms}
    return tuple(touch for touch in journey.touches if touch.at >= earliest[touch.is_view])


_Key = TypeVar("_Key")
Sums = defaultdict[_Key, int]
_sums: Callable[[], defaultdict[Any, int]] = partial(defaultdict, int)


@dataclass(slots=True)
class Contribution:
    """What a person adds. The keys are those of the tables, without the brand; days are days since 1970.

    `channels`: (model, basis, channel, currency, day, `units` or `value`) -> sum; `campaigns` likewise, the campaign
    after the channel. `basis` is `touch` or `conversion`: the day of which of them. `paths`: (transform, path,
    `purchases` or `open`) -> journeys. `transitions`: (transform, day of the last touch, begin, end) -> steps.
    """

    credits: dict[tuple[OrderKey, str, str], Credit] = field(default_factory=dict)
    channels: Sums[tuple[str, str, str, str, int, str]] = field(default_factory=_sums)
    campaigns: Sums[tuple[str, str, str, str, str, int, str]] = field(default_factory=_sums)
    paths: Sums[tuple[str, str, str]] = field(default_factory=_sums)
    transitions: Sums[tuple[str, int, str, str]] = field(default_factory=_sums)


def contribution(
    touches: Iterable[Touchpoint], purchases: Iterable[Purchase], lookback: Lookback, transforms: Sequence[str]
) -> Contribution:
    """What a person adds to every table, given everything that is theirs."""
    out = Contribution()
    for journey in journeys(touches, purchases):
        path = credited(journey, lookback)
        if not path:
            continue
        if journey.purchase is not None:
            _share(out, path, journey.purchase)
        _walk(out, path, journey.purchase is not None, transforms)
    return out


def _share(out: Contribution, path: Sequence[Touchpoint], purchase: Purchase) -> None:
    steps = [Step(touch.at, touch.touch_id, touch.channel) for touch in path]
    names = [touch.touch_id for touch in path]
    for model in models.load().values():
        units = credits_of(model, steps, purchase.at)
        values = values_of(units, names, purchase.net_micros)
        for touch, part, value in zip(path, units, values, strict=True):
            if not part:
                continue
            out.credits[purchase.order, touch.touch_id, model.name] = Credit(touch, purchase, part, value)
            for basis, day in (("touch", touch.day), ("conversion", purchase.day)):
                for number, kind in ((part, "units"), (value, "value")):
                    channel = (model.name, basis, touch.channel, purchase.currency, day, kind)
                    out.channels[channel] += number
                    out.campaigns[*channel[:3], touch.campaign, *channel[3:]] += number


def _walk(out: Contribution, path: Sequence[Touchpoint], converted: bool, transforms: Sequence[str]) -> None:
    steps = [Step(touch.at, touch.touch_id, touch.channel) for touch in path]
    day = path[-1].day
    for name in transforms:
        channels = [step.channel for step in TRANSFORMS[name](steps)]
        out.paths[name, named(channels), "purchases" if converted else "open"] += 1
        for begin, end in markov.steps_of(channels, converted=converted):
            out.transitions[name, day, begin, end] += 1


def named(channels: Sequence[str]) -> str:
    """A path in words.

    >>> named(["email", "direct"])
    'email > direct'
    """
    return ARROW.join(channels) if len(channels) <= LONGEST_PATH else CUT + ARROW.join(channels[-LONGEST_PATH:])


def owner(links: Sequence[Link], at: int, memory_ms: int) -> str | None:
    """The customer to whom something of a visitor at `at` belongs: by the earliest link at or after it, else by the
    latest before it that is no older than `memory_ms`; of several at one time the smallest customer. None without one.

    `links` are sorted.

    >>> owner([(5, "ann", "l1"), (9, "bob", "l2")], 5, 100), owner([(5, "ann", "l1"), (9, "bob", "l2")], 6, 100)
    ('ann', 'bob')
    """
    place = bisect_left(links, (at,))
    if place < len(links):
        return links[place][1]
    if not links or links[-1][0] <= at - memory_ms:
        return None
    return links[bisect_left(links, (links[-1][0],))][1]
