"""Journeys: a person's touches up to each purchase, and what they add to the tables. A pure function of what is known.

A touch belongs to the first purchase that is not before it; touches after the last purchase are an open journey, which
counts as lost until a purchase follows.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from processors.attribution import models
from processors.attribution.credits import credits_of, values_of
from processors.attribution.models import Step

DAY_MS = 86_400_000
LONGEST_PATH = 12
"""Channels in a path's name; of longer ones the last are named, after an ellipsis."""
ARROW, CUT = " > ", "… > "
MOST_TOUCHES = 1_000
"""Touches in a path; of more the last: so nobody, however often they come, costs more than this."""

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


class Path(NamedTuple):
    """The touches that a purchase is credited to, or an open journey's (None), in their order."""

    touches: "array[int]"
    purchase: Purchase | None


class Credit(NamedTuple):
    """What a model gives a touch of a purchase: `units` of 10^-12, and its money."""

    touch: Touchpoint
    purchase: Purchase
    units: int
    value_micros: int


class Walk(NamedTuple):
    """The channels of a path, the day of its last touch (since 1970), and whether it ended in a purchase."""

    channels: tuple[str, ...]
    day: int
    is_bought: bool


@dataclass(slots=True)
class Contribution:
    """What a person adds: the credits of their purchases by order, touch and model, and the walks of their paths."""

    credits: dict[tuple[OrderKey, str, str], Credit] = field(default_factory=dict)
    walks: list[Walk] = field(default_factory=list)


class Kept(Protocol):
    """What is known of a touch by where it lies."""

    def at(self, slot: int) -> int: ...
    def day(self, slot: int) -> int: ...
    def is_view(self, slot: int) -> bool: ...
    def touch(self, slot: int) -> Touchpoint: ...
    def channels(self, slots: Iterable[int]) -> tuple[str, ...]: ...


def journeys(
    touches: "array[int]", purchases: Iterable[Purchase], at: Callable[[int], int]
) -> Iterator[tuple["array[int]", Purchase | None]]:
    """A person's journeys in order of time, the open one last. `touches` are sorted, `at` says when one was."""
    begin = 0
    for purchase in sorted(purchases):
        end = bisect_right(touches, purchase.at, begin, key=at)
        yield touches[begin:end], purchase
        begin = end
    if begin < len(touches):
        yield touches[begin:], None


def paths(touches: "array[int]", purchases: Sequence[Purchase], lookback: Lookback, kept: Kept) -> Iterator[Path]:
    """The path of each journey of a person that has one; nobody is credited for the others."""
    for led, purchase in journeys(touches, purchases, kept.at):
        path = led[-MOST_TOUCHES:] if purchase is None else _credited(led, purchase, lookback, kept)
        if path:
            yield Path(path, purchase)


def _credited(led: "array[int]", purchase: Purchase, lookback: Lookback, kept: Kept) -> "array[int]":
    """The last touches within the look-back."""
    clicked, viewed = purchase.at - lookback.click_ms, purchase.at - lookback.view_ms
    found = array("Q")
    for slot in reversed(led):
        at = kept.at(slot)
        if at < min(clicked, viewed) or len(found) == MOST_TOUCHES:
            break
        if at >= (viewed if kept.is_view(slot) else clicked):
            found.append(slot)
    found.reverse()
    return found


def contribution(of: Iterable[Path], kept: Kept) -> Contribution:
    """What these paths of a person add."""
    out = Contribution()
    for path in of:
        channels = kept.channels(path.touches)
        out.walks.append(Walk(channels, kept.day(path.touches[-1]), path.purchase is not None))
        if path.purchase is not None:
            _share(out, _named_once(map(kept.touch, path.touches)), path.purchase)
    return out


def open_journey(touches: "array[int]", kept: Kept) -> Contribution:
    """What somebody adds who bought nothing: nearly everybody, so it is worked out without detours."""
    path = touches[-MOST_TOUCHES:]
    return Contribution({}, [Walk(kept.channels(path), kept.day(path[-1]), False)] if path else [])


def _named_once(touches: Iterable[Touchpoint]) -> list[Touchpoint]:
    """Of those with one name the first: it was told again when it was known no longer."""
    found: dict[str, Touchpoint] = {}
    for touch in touches:
        found.setdefault(touch.touch_id, touch)
    return list(found.values())


def _share(out: Contribution, path: Sequence[Touchpoint], purchase: Purchase) -> None:
    steps = [Step(touch.at, touch.touch_id, touch.channel) for touch in path]
    names = [touch.touch_id for touch in path]
    for model in models.load().values():
        units = credits_of(model, steps, purchase.at)
        values = values_of(units, names, purchase.net_micros)
        for touch, part, value in zip(path, units, values, strict=True):
            if part:
                out.credits[purchase.order, touch.touch_id, model.name] = Credit(touch, purchase, part, value)


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
