"""Journeys, links and refunds: the tables follow from what is known in the end, whatever the way to it."""

from array import array
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.attribution import models
from processors.attribution.chunks import Chunks
from processors.attribution.credits import WHOLE
from processors.attribution.journeys import MOST_TOUCHES, Contribution, Lookback, Purchase, Touchpoint, journeys, owner
from processors.attribution.people import Order, People
from processors.attribution.sums import Difference, walked
from processors.engagement.windows import date_of

HOUR = 3_600_000
LOOKBACK = Lookback(20 * HOUR, 5 * HOUR)
TRANSFORMS = ("all", "without_repeats")
MEMORY = 1000 * HOUR
VISITORS, CUSTOMERS = ("v1", "v2", "v3"), ("ann", "bob")

times = st.integers(0, 60).map(lambda hours: hours * HOUR)


def touchpoint(at: int, touch_id: str, channel: str, is_view: bool) -> Touchpoint:
    return Touchpoint(at, touch_id, channel, f"{channel} campaign", at // (24 * HOUR), is_view)


touches = st.builds(
    lambda number, visitor, at, channel, is_view: (
        "touch",
        f"t{number}",
        visitor,
        touchpoint(at, f"t{number}", channel, is_view),
    ),
    st.integers(0, 8),
    st.sampled_from(VISITORS),
    times,
    st.sampled_from(["email", "direct", "paid"]),
    st.booleans(),
)
links = st.builds(
    lambda number, visitor, customer, at: ("link", f"l{number}", visitor, customer, at),
    st.integers(0, 4),
    st.sampled_from(VISITORS),
    st.sampled_from(CUSTOMERS),
    times,
)
orders = st.builds(
    lambda number, customer, visitor, at, net, paid: ("order", f"o{number}", customer, visitor, at, net, paid),
    st.integers(0, 4),
    st.sampled_from([*CUSTOMERS, None]),
    st.sampled_from([*VISITORS, None]),
    times,
    st.integers(0, 10**9),
    st.sampled_from([True, True, False]),
)
news = st.lists(st.one_of(touches, links, orders), max_size=25)


def tell(people: People, item: tuple[Any, ...]) -> None:
    match item:
        case ("touch", _, visitor, touch):
            people.touch(visitor, touch)
        case ("link", name, visitor, customer, at):
            people.link(name, visitor, customer, at)
        case ("order", name, customer, visitor, at, net, paid):
            key = ("shop", "1", name)
            bought = Purchase(at, key, at // (24 * HOUR), net, "EUR") if paid else None
            people.order(key, Order(customer, visitor, bought, at))


class Tables:
    """Sums of differences, as rows are."""

    def __init__(self) -> None:
        self.sums: Counter[Any] = Counter()
        self.credits: dict[Any, Any] = {}

    def take(self, people: People) -> None:
        difference = Difference(people.settle())
        for gone in difference.gone():
            del self.credits[gone]
        self.credits |= dict(difference.changed())
        channels, campaigns = difference.credited()
        paths, steps = walked(difference.walks, TRANSFORMS)
        for field, added in (("channels", channels), ("campaigns", campaigns)):
            for key, (units, value) in added.items():
                self.sums[field, *key, "units"] += units
                self.sums[field, *key, "value"] += value
        for path, (purchases, lost) in paths.items():
            self.sums["paths", *path, "purchases"] += purchases
            self.sums["paths", *path, "open"] += lost
        for day, counts in steps.items():
            self.sums.update({("transitions", *day, *step): times for step, times in counts.items()})

    def rows(self) -> tuple[dict[Any, int], dict[Any, Any]]:
        return {key: n for key, n in self.sums.items() if n}, self.credits


def nobody() -> People:
    return People("b", LOOKBACK, MEMORY, Chunks(0))


def told(items: list[tuple[Any, ...]], flush_after: set[int]) -> Tables:
    people, tables = nobody(), Tables()
    people.forget_changes()
    for number, item in enumerate(items):
        tell(people, item)
        if number in flush_after:
            tables.take(people)
    tables.take(people)
    return tables


def newest(items: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """What is known in the end: of each thing the last that was told."""
    return list({item[:2]: item for item in items}.values())


@given(news, st.sets(st.integers(0, 25)))
def test_the_rows_follow_from_what_is_known_in_the_end(items: list[tuple[Any, ...]], flushes: set[int]) -> None:
    assert told(items, flushes).rows() == told(newest(items), set()).rows()


@given(st.randoms(use_true_random=False), news, st.sets(st.integers(0, 25)))
def test_the_order_of_arrival_decides_nothing(random: Any, items: list[tuple[Any, ...]], flushes: set[int]) -> None:
    items = newest(items)
    mixed = list(items)
    random.shuffle(mixed)
    assert told(mixed, flushes).rows() == told(items, set()).rows()


@given(news, st.sets(st.integers(0, 25)))
def test_every_purchase_with_a_touch_is_credited_once_in_each_model(
    items: list[tuple[Any, ...]], flushes: set[int]
) -> None:
    tables = told(items, flushes)
    units: Counter[Any] = Counter()
    money: Counter[Any] = Counter()
    value = {}
    for (order, _, model), credit in tables.credits.items():
        units[order, model] += credit.units
        money[order, model] += credit.value_micros
        value[order] = credit.purchase.net_micros
    assert set(units.values()) <= {WHOLE}
    assert {key: value[key[0]] for key in money} == dict(money)
    credited = {order for order, _ in units}
    assert set(units) == {(order, model) for order in credited for model in models.load()}


@given(news, st.sets(st.integers(0, 25)))
def test_days_and_channels_sum_up_the_credits(items: list[tuple[Any, ...]], flushes: set[int]) -> None:
    sums, credits = told(items, flushes).rows()
    expected: Counter[Any] = Counter()
    for (_, _, model), credit in credits.items():
        touch, purchase = credit.touch, credit.purchase
        for basis, day in (("touch", touch.day), ("conversion", purchase.day)):
            expected["channels", model, basis, touch.channel, "EUR", date_of(day), "units"] += credit.units
            expected["channels", model, basis, touch.channel, "EUR", date_of(day), "value"] += credit.value_micros
    assert {key: n for key, n in sums.items() if key[0] == "channels"} == {k: n for k, n in expected.items() if n}


def naive_owner(known: list[tuple[Any, ...]], visitor: str, at: int) -> Any:
    """Whose something of a visitor is, by the words of the definition."""
    own = sorted((when, customer) for _, _, whose, customer, when in known if whose == visitor)
    later = [link for link in own if link[0] >= at]
    if later:
        return later[0][1]
    before = [link for link in own if link[0] < at]
    return min(link for link in before if link[0] == before[-1][0])[1] if before else visitor


@given(news)
def test_the_last_touch_of_each_purchase_is_the_one_that_a_plain_search_finds(items: list[tuple[Any, ...]]) -> None:
    known = newest(items)
    of_links = [item for item in known if item[0] == "link"]
    persons: dict[str, list[Touchpoint]] = {}
    for item in known:
        if item[0] == "touch":
            persons.setdefault(naive_owner(of_links, item[2], item[3].at), []).append(item[3])
    bought: dict[str, list[tuple[int, str]]] = {}
    for item in known:
        if item[0] == "order" and item[6] and (item[2] or item[3]):
            _, name, customer, visitor, at, _, _ = item
            bought.setdefault(customer or naive_owner(of_links, visitor, at), []).append((at, name))
    expected = {}
    for person, purchases in bought.items():
        for place, (at, name) in enumerate(sorted(purchases)):
            since = sorted(purchases)[place - 1][0] if place else -1
            led = [
                touch
                for touch in persons.get(person, [])
                if since < touch.at <= at
                and touch.at >= at - (LOOKBACK.view_ms if touch.is_view else LOOKBACK.click_ms)
            ]
            if led:
                expected[name] = max(led).touch_id
    found = {order[2]: touch for (order, touch, model) in told(items, set()).credits if model == "last_touch"}
    assert found == expected


@given(news)
def test_a_journey_is_lost_until_it_is_bought(items: list[tuple[Any, ...]]) -> None:
    sums, _ = told(items, set()).rows()
    paths = [(key, n) for key, n in sums.items() if key[0] == "paths" and key[1] == "all"]
    ends = Counter(key[4] for key in sums if key[0] == "transitions" and key[1] == "all")
    assert all(n > 0 for _, n in paths)
    assert bool(ends["(null)"]) == any(key[3] == "open" for key, _ in paths)
    assert bool(ends["(conversion)"]) == any(key[3] == "purchases" for key, _ in paths)


def test_a_touch_at_the_time_of_a_purchase_led_to_it() -> None:
    (journey,) = journeys(array("Q", [7]), [Purchase(5, ("s", "1", "o"), 0, 1, "EUR")], {7: 5}.__getitem__)
    assert list(journey[0]) == [7]


@given(st.integers(MOST_TOUCHES - 2, MOST_TOUCHES + 2), st.booleans())
def test_however_often_somebody_comes_the_last_touches_alone_make_the_path(count: int, is_bought: bool) -> None:
    items: list[tuple[Any, ...]] = [
        ("touch", f"t{n}", "v1", touchpoint(n, f"t{n:05}", "email" if n % 2 else "paid", False)) for n in range(count)
    ]
    if is_bought:
        items.append(("order", "o1", None, "v1", count, 10**6, True))
    tables = told(items, set())
    steps = Counter({key[3:]: n for key, n in tables.sums.items() if key[:2] == ("transitions", "all")})
    assert sum(steps.values()) == min(count, MOST_TOUCHES) + 1
    linear = [touch for _, touch, model in tables.credits if model == "linear"]
    assert sorted(linear) == [f"t{n:05}" for n in range(count)][-MOST_TOUCHES:] * is_bought


def test_of_two_touches_of_one_name_in_a_path_the_first_is_credited() -> None:
    chunks = Chunks(0)
    people, tables = People("b", LOOKBACK, MEMORY, chunks), Tables()
    people.forget_changes()
    people.touch("v1", touchpoint(HOUR, "t1", "email", False))
    chunks.forget_name("b", "t1")
    people.touch("v1", touchpoint(2 * HOUR, "t1", "paid", False))
    tell(people, ("order", "o1", None, "v1", 3 * HOUR, 10**6, True))
    tables.take(people)
    assert {(credit.touch.at, credit.units) for credit in tables.credits.values()} == {(HOUR, WHOLE)}


@pytest.mark.parametrize(("at", "whose"), [(1, "ann"), (5, "ann"), (6, "bob"), (9, "bob"), (10, "bob")])
def test_the_next_link_decides_and_after_the_last_one_that(at: int, whose: str) -> None:
    assert owner([(5, "ann", "a"), (9, "bob", "b")], at, 1000) == whose


def test_nobody_adds_nothing() -> None:
    assert nobody().contribution(("visitor", "v")) == Contribution()
