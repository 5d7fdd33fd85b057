"""What is unusual follows from the rows of hours alone: judged as they change, it is what a look at all finds."""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import topics
from contracts.events import EngagementEvent
from ingest.simulator.ledger import spikes
from processors.engine.state import Change, Record
from tests.property import folding
from tests.property.test_fold_agrees_with_the_ledger import on_the_wire

HOUR, DAY = 3_600_000, 86_400_000
NOW = folding.NOON + 30 * 60_000
TOPIC = "agg.engagement_anomalies"


class Burst(NamedTuple):
    """So many shares of a post, so many hours ago; of the last ones it comes out that they are the page's own."""

    hours_ago: int
    shares: int
    own: int
    post: str

    def events(self, number: int) -> list[EngagementEvent]:
        at = NOW - self.hours_ago * HOUR
        told = [
            folding.event(kind="share", actor=None, object_id=f"{number}_{n}", post=self.post, at=at)
            for n in range(self.shares)
        ]
        found_out = [
            folding.event(kind="share", actor="page", owner=True, object_id=f"{number}_{n}", post=self.post, at=at)
            for n in range(min(self.own, self.shares))
        ]
        return told + found_out


def bursts(*hours_ago: int) -> st.SearchStrategy[list[Burst]]:
    one = st.builds(
        Burst,
        st.sampled_from(hours_ago),
        st.sampled_from((1, 2, 5, 19, 20, 21, 30, 45)),
        st.sampled_from((0, 0, 0, 1, 45)),
        st.sampled_from(("p1", "p2")),
    )
    return st.lists(one, min_size=1, max_size=9)


WEEKS_AGO = tuple(hour + week * 168 for week in (1, 2, 3, 4) for hour in (0, 1, 2))
recent = bursts(0, 0, 1, 2, 3, 12, 13, 24, 25, 26, 100)
older = bursts(*WEEKS_AGO, 29 * 24, 29 * 24 + 1, 30 * 24)
EARLIER = (*WEEKS_AGO, *(hour + 1680 for hour in WEEKS_AGO), 29 * 24 + 1680, 1680, 1681, 1692, 1693, 1704)
long_ago = bursts(0, 1, 2, 12, 24, *EARLIER)


def judged(written: Sequence[Change]) -> set[tuple[Any, ...]]:
    return {tuple(row.values()) for (topic, _), row in folding.latest(written).items() if topic == TOPIC}


def judged_at_once(written: Sequence[Change]) -> set[tuple[Any, ...]]:
    """What the ledger finds in all rows of hours as they stand in the end."""
    standing = folding.latest(written)
    tables = []
    for table, size in (("account", 3), ("post", 4)):
        rows = [list(row.items()) for (topic, _), row in standing.items() if topic == f"agg.engagement_by_{table}_hour"]
        keys = [[value for _, value in row[:size]] for row in rows]
        tables.append(
            {
                (*key[:-1], dt.datetime.fromtimestamp(int(str(key[-1])) // 1000, dt.UTC)): dict(row)
                for key, row in zip(keys, rows, strict=True)
            }
        )
    return on_the_wire("engagement_anomalies", spikes.anomalies(*tables))


def in_order(found: list[Burst]) -> list[EngagementEvent]:
    return [e for n, one in enumerate(sorted(found, reverse=True)) for e in one.events(n)]


def cut(records: Sequence[Record], places: Sequence[int]) -> list[Sequence[Record]]:
    bounds = [0, *sorted(place % (len(records) + 1) for place in places), len(records)]
    return [records[start:end] for start, end in pairwise(bounds)]


places = st.lists(st.integers(0, 500), max_size=4)


@settings(max_examples=200)
@given(older, recent)
def test_late_facts_are_judged_as_if_they_had_been_in_time(past: list[Burst], late: list[Burst]) -> None:
    batches = [folding.records(one.events(n)) for n, one in enumerate([*sorted(past, reverse=True), *late])]
    _, written = folding.fold(batches)
    assert judged(written) == judged_at_once(written)


@settings(max_examples=150)
@given(long_ago, places)
def test_months_in_one_batch_are_judged_as_if_each_hour_had_been_flushed(found: list[Burst], at: list[int]) -> None:
    records = []
    for event in in_order(found):
        records += [*folding.records([event]), folding.tick(event.occurred_at)]
    records += [folding.tick(NOW + 100 * DAY)] * 2
    _, written = folding.fold(cut(records, at))
    assert judged(written) == judged_at_once(written)
    _, singly = folding.fold([[record] for record in records[::2]])
    assert judged(singly) == judged(written)


@settings(max_examples=100)
@given(older, recent, recent)
def test_a_restarted_worker_judges_on(past: list[Burst], before: list[Burst], after: list[Burst]) -> None:
    first = [*in_order(past), *(event for n, one in enumerate(before) for event in one.events(n + 100))]
    rest = [event for n, one in enumerate(after) for event in one.events(n + 200)]
    _, written = folding.fold([folding.records(first)])
    restarted = folding.new_state()
    folding.reload(restarted, written)
    _, more = folding.fold([folding.records(rest)], restarted)
    assert judged([*written, *more]) == judged_at_once([*written, *more])


def test_an_hour_that_turns_out_to_be_usual_loses_its_row() -> None:
    first = [Burst(13, 1, 0, "p1"), Burst(0, 25, 0, "p1")]
    state, written = folding.fold([folding.records(in_order(first))])
    assert len(judged(written)) == 2
    late = [event for hour in range(2, 9) for event in Burst(hour, 25, 0, "p2").events(hour)]
    _, more = folding.fold([folding.records(late)], state)
    of_now = [value for topic, key, value in more if topic == TOPIC and key.endswith(b"|%d" % folding.NOON)]
    assert of_now == [None, None]


def test_nothing_is_kept_of_hours_that_are_too_old() -> None:
    state, written = folding.fold([folding.records(in_order([Burst(13, 1, 0, "p1"), Burst(0, 25, 0, "p1")]))])
    assert judged(written)
    state.fold(topics.EVENTS.name, [folding.tick(NOW + 36 * DAY)])
    account = state.account("facebook", "1001")
    assert account.spikes.rows == {}
    assert not judged(list(state.changes(1)))
    state.fold(topics.EVENTS.name, [folding.tick(NOW + 36 * DAY + HOUR)])
    assert (account.book.hours.known, account.book.post_hours.known) == ({}, {})


def test_a_post_that_takes_off_is_found_by_the_flush_after_the_minute_in_which_it_does() -> None:
    usual = [folding.event(actor=f"u{hour}", target="p1", post="p1", at=NOW - hour * HOUR) for hour in range(1, 30)]
    state, _ = folding.fold([folding.records(usual)])
    found = []
    for minute in range(4):
        rush = [
            folding.event(actor=f"{minute}_{n}", target="p2", post="p2", at=NOW + minute * 60_000) for n in range(8)
        ]
        _, written = folding.fold([folding.records(rush)], state)
        rows = [row for (topic, _), row in folding.latest(written).items() if topic == TOPIC]
        found.append({row["scope"]: row["engagements"] for row in rows})
    assert found == [{}, {}, {"account": 24, "post": 24}, {"account": 32, "post": 32}]
