"""What is too late changes nothing, memory goes when it can decide nothing any more, and rows stay."""

import pytest

from contracts.paid import PaidFact
from processors.attribution.ads import AdGrain
from processors.attribution.paid import Paid
from tests.property import paying
from tests.property.paying import (
    DAY_MS,
    HOUR_MS,
    NOON,
    fact,
    fold,
    latest,
    link,
    order,
    put,
    refund,
    reloaded,
    tick,
    touch,
)


def late(state: Paid) -> dict[str, int]:
    return state.tally.late_events


def written(state: Paid) -> set[str]:
    """The tables of which rows are written or deleted now."""
    return {topic for topic, _, _ in state.changes(5) if topic.startswith("agg.")}


@pytest.mark.parametrize(
    ("newest", "too_late", "grain"),
    [
        (fact(as_of=NOON), fact(as_of=NOON - 7 * DAY_MS), "interaction"),
        (fact(as_of=NOON), fact(as_of=NOON - 1, window="day:2025-08-15"), "interaction"),
        (paying.entity(as_of=NOON), paying.entity(as_of=NOON - 7 * DAY_MS), "interaction"),
        (order(), order(order_id="o2", ordered_at=NOON - 400 * DAY_MS), "interaction"),
        (order(), refund(refund_id="r2", refunded_at=NOON - 400 * DAY_MS), "interaction"),
        (link(), link(link_id="l2", at=NOON - 400 * DAY_MS), "interaction"),
    ],
)
def test_what_is_late_is_counted_and_changes_nothing(newest: PaidFact, too_late: PaidFact, grain: str) -> None:
    state, _ = fold([[newest]])
    put(state, [too_late])
    assert late(state) == {grain: 1}
    assert written(state) == set()


@pytest.mark.parametrize(
    ("newest", "in_time"),
    [
        (fact(as_of=NOON), fact(as_of=NOON - 7 * DAY_MS + 1)),
        (order(), order(order_id="o2", ordered_at=NOON - 400 * DAY_MS + 1)),
        (link(), link(link_id="l2", at=NOON - 400 * DAY_MS + 1)),
    ],
)
def test_a_moment_later_it_is_not_late(newest: PaidFact, in_time: PaidFact) -> None:
    state, _ = fold([[newest]])
    put(state, [in_time])
    assert late(state) == {}


def test_a_touch_is_late_when_its_local_day_ended_as_long_ago_as_hours_are_kept() -> None:
    """Noon in UTC is morning in Newfoundland, whose day ends at 02:30 UTC."""
    ends = NOON + 14 * HOUR_MS + HOUR_MS // 2
    state, _ = fold([[]])
    tick(state, ends + 35 * DAY_MS - 1)
    put(state, [touch()])
    assert late(state) == {}
    tick(state, ends + 35 * DAY_MS)
    put(state, [touch(touch_id="t2")])
    assert late(state) == {"hour": 1}


def test_what_another_account_or_brand_told_makes_nothing_late() -> None:
    state, _ = fold([[fact(as_of=NOON), order()]])
    old = NOON - 500 * DAY_MS
    put(state, [fact(as_of=NOON - 30 * DAY_MS, account_id="a2"), order(brand="other", ordered_at=old)])
    assert late(state) == {}


def test_a_refund_of_an_order_that_is_too_old_is_late_whether_the_order_is_still_in_memory_or_not() -> None:
    for ticks in (False, True):
        state, _ = fold([[order(ordered_at=NOON - 400 * DAY_MS), order(order_id="o2")]])
        if ticks:
            tick(state, NOON)
        put(state, [refund()])
        assert not any("conversions" in topic for topic in written(state))


def test_memory_goes_and_rows_stay() -> None:
    old = NOON - 401 * DAY_MS
    told: list[PaidFact] = [
        fact(as_of=old, window="day:2025-08-10"),
        order(ordered_at=old),
        refund(order_id="never", refunded_at=old),
        link(at=old - 400 * DAY_MS),
        touch(occurred_at=old),
    ]
    state, changes = fold([told])
    rows = latest(changes)
    put(state, [fact(as_of=NOON, entity_id="ad2"), order(order_id="o2"), link(link_id="l2")])
    changes += state.changes(1)
    tick(state, NOON)
    changes += state.changes(2)
    counted = {"fact": 1, "order": 1, "link": 1, "entity": 0, "touch": 0}
    assert counted.items() <= state.entries().items()
    assert rows.items() <= latest(changes).items()
    again = reloaded(changes)
    tick(again, NOON)
    assert again.entries() == state.entries()


def test_beliefs_that_are_settled_stay_in_the_history_and_the_newest_goes_on_from_them() -> None:
    days = [fact(as_of=NOON + day * DAY_MS, spend_micros=spend) for day, spend in enumerate((1, 1, 2, 2))]
    later = [fact(as_of=NOON + 20 * DAY_MS, spend_micros=2), fact(as_of=NOON + 21 * DAY_MS, spend_micros=3)]
    state, changes = fold([days, later[:1], later[1:]])
    history = [(row["as_of"], row["spend_micros"]) for row in paying.table(latest(changes), "ad_fact_history")]
    assert history == [(NOON, 1), (NOON + 2 * DAY_MS, 2), (NOON + 21 * DAY_MS, 3)]
    (entry,) = (entry for name, entry in state.book.entries.items() if name[0] == "fact")
    assert isinstance(entry, AdGrain)
    assert [one.as_of for one in entry.tellings] == [NOON + day * DAY_MS for day in (2, 20, 21)]


def test_somebody_who_is_erased_is_in_no_row_and_no_replay_brings_them_back() -> None:
    bought = order(customer_id="ann", visitor_id="v1")
    linked = link(visitor_id="v1", customer_id="ann")
    state, changes = fold(
        [[bought, linked, order(order_id="o2", ordered_at=NOON + 9, customer_id="ann", visitor_id="v1")]]
    )
    before = latest(changes)
    notice = paying.erase(state, "customer", "ann", NOON + 5)
    changes += state.changes(7)
    rows = latest(changes)
    assert [row["customer_id"] for row in paying.table(rows, "conversions")] == [None, "ann"]
    assert [row["visitor_id"] for row in paying.table(rows, "conversions")] == ["v1", "v1"]
    assert [row["net_micros"] for row in paying.table(rows, "conversions")] == [100, 100]
    assert paying.table(before, "identity_links")
    assert paying.table(rows, "identity_links") == []
    assert b'"ann"' not in b"".join(value or b"" for topic, key, value in changes[-4:] if b"o1" in key)
    replayed = paying.new_state()
    replayed.load("privacy.erasures", [notice])
    put(replayed, [bought, linked])
    [row] = paying.table(latest(list(replayed.changes(1))), "conversions")
    assert (row["customer_id"], row["visitor_id"]) == (None, "v1")
    assert replayed.entries()["link"] == 1
