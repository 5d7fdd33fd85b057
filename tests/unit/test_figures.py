"""What the platform reports, when records of it are gone, too old, or make no sense."""

import datetime as dt
from typing import Any

import pytest

from contracts import topics
from contracts.codec import encode
from contracts.events import SCHEMA, Post, Snapshot
from processors.engagement.organic import Organic
from tests.property import folding

HOUR, DAY = 3_600_000, 86_400_000
KEY = b"facebook:1001"


def figure(value: int, at: int = folding.NOON, *, post: str | None = "1001_1", window: str = "lifetime") -> bytes:
    metric = "likes" if post else "followers"
    return encode(Snapshot(SCHEMA, "facebook", "1001", post, metric, "total", window, value, "known", at, at, "a poll"))


def post(at: int) -> bytes:
    return encode(Post(SCHEMA, "facebook", "1001", "1001_1", at, at, published_at=folding.NOON))


def take(state: Organic, topic: topics.Topic, *values: bytes) -> None:
    state.fold(topic.name, [(offset, KEY, value) for offset, value in enumerate(values)])


def of_table(written: Any, table: str) -> list[dict[str, object]]:
    return [row for (topic, _), row in folding.latest(written).items() if topic == f"agg.{table}"]


def test_a_row_that_a_rebuild_deleted_begins_from_nothing_when_its_post_is_seen_again_after_a_restart() -> None:
    state = folding.new_state()
    take(state, topics.SNAPSHOTS, figure(5))
    take(state, topics.POSTS, post(folding.NOON))
    written = list(state.changes(1))
    rebuilt = folding.new_state(generation=1)
    folding.reload(rebuilt, written)
    restarted = folding.new_state(generation=1)
    folding.reload(restarted, [*written, *rebuilt.stale()])
    take(restarted, topics.SNAPSHOTS, figure(7, folding.NOON + DAY))
    take(restarted, topics.POSTS, post(folding.NOON + DAY))
    again = list(restarted.changes(1 << 48))
    (metric,), (hour,), (content,) = (of_table(again, t) for t in ("post_metrics", "post_metrics_hour", "posts"))
    assert (metric["value"], hour["delta"], content["deleted_at"]) == (7, None, None)


def test_a_figure_of_a_day_that_is_too_old_is_late_whether_or_not_it_is_remembered() -> None:
    remembered = folding.new_state()
    days = [folding.NOON - age * DAY for age in (402, 2)]
    records = [figure(5, post=None, window=f"day:{date}") for date in map(date_at, days)]
    take(remembered, topics.SNAPSHOTS, *records)
    assert len(of_table(list(remembered.changes(1)), "account_metrics_day")) == 2
    for state in (remembered, folding.new_state()):
        state.fold(topics.EVENTS.name, [folding.tick(folding.NOON)])
        take(state, topics.SNAPSHOTS, figure(6, folding.NOON + 1, post=None, window=f"day:{date_at(days[0])}"))
        assert state.tally.late_events == {"day": 1}
        assert of_table(list(state.changes(2)), "account_metrics_day") == []
    assert len(remembered.account_metrics) == 1


def date_at(time_ms: int) -> str:
    return dt.datetime.fromtimestamp(time_ms / 1000, dt.UTC).date().isoformat()


def test_hours_that_are_too_old_go_but_for_the_last_which_the_next_change_starts_from() -> None:
    state = folding.new_state()
    take(state, topics.SNAPSHOTS, *(figure(n, folding.NOON + n * HOUR) for n in range(48)))
    state.fold(topics.EVENTS.name, [folding.tick(folding.NOON + 60 * DAY)])
    (metric,) = state.metrics.values()
    assert metric.starts == list(metric.hours) == [folding.NOON + 47 * HOUR]
    list(state.changes(1))
    take(state, topics.SNAPSHOTS, figure(50, folding.NOON + 60 * DAY))
    (hour,) = of_table(list(state.changes(2)), "post_metrics_hour")
    assert (hour["delta"], hour["gap_seconds"]) == (3, (60 * 24 - 47) * 3600)


@pytest.mark.parametrize(
    "bad",
    [
        figure(5, post=None, window="day:2026-13-45"),
        figure(5, post=None, window="day:2026-W01-1"),
        figure(5, post=None, window="day:9999-12-31"),
        figure(5, post=None, window="day:0001-01-01"),
        figure(2**64 - 1),
        figure(10**30),
        figure(5, -5),
        figure(5, 2**63),
    ],
)
def test_what_no_reader_could_store_is_refused(bad: bytes) -> None:
    state = folding.new_state()
    take(state, topics.SNAPSHOTS, bad)
    assert [one.reason for one in state.rejected] == ["invalid_record"]
    assert list(state.changes(1)) == []


def test_a_change_is_measured_from_the_last_known_value_though_its_hour_is_kept_nowhere_any_more() -> None:
    hour_rows = "agg.post_metrics_hour"
    state = folding.new_state()
    take(state, topics.SNAPSHOTS, figure(5))
    written = list(state.changes(1))
    restarted, late = folding.new_state(), folding.new_state()
    folding.reload(restarted, [change for change in written if change[0] != hour_rows])
    late.fold(topics.EVENTS.name, [folding.tick(folding.NOON + 40 * DAY)])
    take(late, topics.SNAPSHOTS, figure(5))
    for one in (state, restarted, late):
        take(one, topics.SNAPSHOTS, figure(7, folding.NOON + 40 * DAY))
        (hour,) = of_table(list(one.changes(2)), "post_metrics_hour")
        assert (hour["value"], hour["delta"], hour["gap_seconds"]) == (7, 2, 40 * 24 * 3600)
