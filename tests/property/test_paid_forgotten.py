"""Memory goes, and what is left of it agrees with the rows: whoever comes back, whenever a worker restarts."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts import topics
from contracts.paid import PaidFact
from processors.attribution.chunks import CHUNK_TOUCHES
from processors.attribution.credits import WHOLE
from processors.engine.state import Change
from tests.property import paying
from tests.property.paying import DAY_MS, NOON, erase, fold, latest, link, order, put, reloaded, tick, touch
from tests.property.test_paid_fold import by_hand, published

Made = Callable[[int, int], PaidFact]
"""A record, by a number of its own and the day at which it is told."""
SUMS = {
    "attribution_by_channel_day": ("units", "value_micros"),
    "attribution_by_campaign_day": ("units", "value_micros"),
    "channel_paths": ("purchases", "open_journeys"),
    "channel_transitions": ("steps",),
}
visitors, customers = st.sampled_from(("v1", "v2")), st.sampled_from(("c1", "c2"))


def at(day: int, ago: int) -> int:
    return NOON + (day - ago) * DAY_MS


made: st.SearchStrategy[Made] = st.one_of(
    st.builds(
        lambda who, ago, kind: (
            lambda number, day: touch(touch_id=f"t{number}", visitor_id=who, occurred_at=at(day, ago), kind=kind)
        ),
        visitors,
        st.sampled_from((0, 1, 20, 34)),
        st.sampled_from(("click", "view")),
    ),
    st.builds(
        lambda who, ago, again: (
            lambda number, day: order(
                order_id=f"o{day}" if again else f"n{number}", visitor_id=who, ordered_at=at(day, ago), version=number
            )
        ),
        visitors,
        st.sampled_from((0, 1, 20, 100, 390)),
        st.booleans(),
    ),
    st.builds(
        lambda who, whom, ago: (
            lambda number, day: link(link_id=f"l{number}", visitor_id=who, customer_id=whom, at=at(day, ago))
        ),
        visitors,
        customers,
        st.sampled_from((0, 10, 100, 390)),
    ),
)
steps = st.lists(st.tuples(st.sampled_from((0, 1, 30, 200, 440)), st.lists(made, max_size=4)), max_size=12)
Steps = list[tuple[int, list[Made]]]


def after(told: Steps, restarts: Sequence[bool]) -> list[Change]:
    """What is written: at each step so many days go by, then something is told, then it is written."""
    state, written, day, number = paying.new_state(), list[Change](), 0, 0
    for step, (days, news) in enumerate(told):
        if restarts[step % len(restarts)]:
            state = reloaded(written)
        day += days
        tick(state, at(day, 0))
        for one in news:
            number += 1
            put(state, [one(number, day)])
        written.extend(state.changes(step))
    return written


@given(steps, st.lists(st.booleans(), min_size=1, max_size=4))
def test_a_restart_brings_back_what_was_remembered_and_nothing_else(told: Steps, restarts: list[bool]) -> None:
    assert latest(after(told, restarts)) == latest(after(told, [False]))


@given(steps, st.lists(st.booleans(), min_size=1, max_size=4))
def test_no_sum_is_below_zero_and_every_purchase_is_credited_whole(told: Steps, restarts: list[bool]) -> None:
    rows = latest(after(told, restarts))
    for name, columns in SUMS.items():
        for row in paying.table(rows, name):
            assert all(row[column] >= 0 for column in columns), (name, row)
    units: Counter[Any] = Counter()
    for row in paying.table(rows, "attribution_credits"):
        units[row["order_id"], row["model"]] += row["units"]
    assert set(units.values()) <= {WHOLE}


@given(steps)
def test_days_sum_up_the_credits_however_much_was_forgotten(told: Steps) -> None:
    rows = latest(after(told, [False]))
    credited: Counter[str] = Counter()
    for row in paying.table(rows, "attribution_credits"):
        credited[row["model"]] += row["units"]
    for basis in ("touch", "conversion"):
        summed: Counter[str] = Counter()
        for row in paying.table(rows, "attribution_by_channel_day"):
            if row["basis"] == basis:
                summed[row["model"]] += row["units"]
        assert summed == credited


@given(st.lists(paying.FACTS, max_size=15), st.lists(st.integers(0, 34), max_size=15))
def test_nothing_is_forgotten_while_it_is_not_late(told: list[PaidFact], days: list[int]) -> None:
    state, written = paying.new_state(), list[Change]()
    for number, one in enumerate(told):
        if number < len(days):
            tick(state, at(sorted(days)[number], 0))
        put(state, [one])
        written.extend(state.changes(number))
    rows = published(written)
    assert rows == by_hand(told)


def test_an_order_whose_deletion_came_first_is_cancelled_however_long_it_takes() -> None:
    state, written = fold([[order(is_deleted=True, version=2)]])
    for hours in (1, 2):
        tick(state, NOON + hours * paying.HOUR_MS)
        written.extend(state.changes(hours))
    put(state, [order(version=1)])
    written.extend(state.changes(3))
    assert [row["status"] for row in paying.table(latest(written), "conversions")] == ["cancelled"]


def test_nobody_who_was_erased_is_named_in_what_is_remembered_of_journeys() -> None:
    """In no chunk: neither in one that is open nor in those that are full."""
    touches = [touch(touch_id=f"t{n}", visitor_id="whoever" if n % 9 == 0 else "v1") for n in range(CHUNK_TOUCHES + 9)]
    state, written = fold([touches, [order(visitor_id="whoever")]])
    rows = latest(written)
    erase(state, "visitor", "whoever", NOON + 1)
    written.extend(state.changes(7))
    standing = {key: value for topic, key, value in written if topic == topics.STATE_PAID.name}
    assert b"whoever" not in b"".join(value or b"" for value in standing.values())
    kept = {key: row for key, row in latest(written).items() if "conversions" not in key[0]}
    assert kept == {key: row for key, row in rows.items() if "conversions" not in key[0]}
    assert list(reloaded(written).changes(8)) == []


@given(steps, st.lists(st.booleans(), min_size=1, max_size=4))
def test_paths_count_the_journeys_that_are_remembered_and_no_others(told: Steps, restarts: list[bool]) -> None:
    written = after([*told, (1000, [])], restarts)
    assert paying.table(latest(written), "channel_paths") == []


@given(st.integers(0, 30))
def test_a_touch_that_is_told_again_once_it_is_late_is_another_one(restarted_on: int) -> None:
    """And until then it is the same, whatever was forgotten besides."""
    written = list[Change]()
    state = paying.new_state()
    for day, when in ((0, 0), (33, 0), (33, 33), (40, 40), (41, 40)):
        if day >= restarted_on:
            state = reloaded(written)
        tick(state, at(day, 0))
        put(state, [touch(visitor_id="v1", occurred_at=at(when, 0))])
        written.extend(state.changes(day))
    [path] = paying.table(latest(written), "channel_paths")
    assert (path["path"], path["open_journeys"]) == ("direct", 1)
    days = [(row["day"], row["touches"]) for row in paying.table(latest(written), "touches_by_campaign_day")]
    assert days == [("2026-09-21", 1), ("2026-10-31", 1)]
    assert state.entries()["journey_touch"] == 2


@given(st.lists(st.booleans(), min_size=3, max_size=3))
def test_a_late_name_is_another_touchs_even_if_that_was_nobodys_at_first(restarts: list[bool]) -> None:
    state, written = paying.new_state(), list[Change]()
    for restarted, (day, visitor) in zip(restarts, ((0, "v1"), (40, None), (40, "v1")), strict=True):
        state = reloaded(written) if restarted else state
        tick(state, at(day, 0))
        put(state, [touch(visitor_id=visitor, occurred_at=at(day, 0))])
        written.extend(state.changes(day))
    assert state.entries()["journey_touch"] == 2


@given(st.lists(st.booleans(), min_size=3, max_size=3))
def test_what_turns_out_to_be_older_is_forgotten_no_later_than_after_a_restart(restarts: list[bool]) -> None:
    state, written = paying.new_state(), list[Change]()
    for restarted, (day, ago) in zip(restarts, ((0, 0), (1, 390), (440, 0)), strict=True):
        state = reloaded(written) if restarted else state
        tick(state, at(day, 0))
        told = at(day, ago)
        put(state, [link(at=told), link(link_id="l2", at=told)])
        written.extend(state.changes(day))
    tick(state, at(441, 0))
    written.extend(state.changes(441))
    assert state.entries()["link"] == 0
