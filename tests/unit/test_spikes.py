"""What is usual for an hour, what is not, and which hours a late fact can make unusual."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.engagement import spikes
from processors.engagement.spikes import Baseline, Counts
from processors.engagement.windows import DAY_MS, HOUR_MS

NOW = 500_000 * HOUR_MS
WEEK = 7 * DAY_MS


def counts(hours: Mapping[int, int]) -> Counts:
    return lambda hour: hours.get(hour, 0)


def every_hour(since: int, engagements: int) -> dict[int, int]:
    return dict.fromkeys(range(NOW - since, NOW, HOUR_MS), engagements)


def test_an_account_of_a_few_hours_is_not_judged() -> None:
    assert spikes.baseline(counts(every_hour(11 * HOUR_MS, 5)), NOW) is None
    assert spikes.baseline(counts({}), NOW) is None


def test_a_new_account_is_measured_by_the_hours_that_it_has_had() -> None:
    assert spikes.baseline(counts(every_hour(12 * HOUR_MS, 5)), NOW) == Baseline("hours", 12, 5, 0)
    assert spikes.baseline(counts(every_hour(3 * DAY_MS, 5)), NOW) == Baseline("hours", 24, 5, 0)


def test_an_hour_without_engagement_counts_as_none() -> None:
    assert spikes.baseline(counts({NOW - 13 * HOUR_MS: 4, NOW - HOUR_MS: 8}), NOW) == Baseline("hours", 13, 0, 0)


def test_after_three_weeks_the_same_hour_of_the_weeks_before_counts() -> None:
    found = {NOW - WEEK: 10, NOW - 2 * WEEK: 14, NOW - 3 * WEEK: 30}
    assert spikes.baseline(counts(found), NOW) == Baseline("weeks", 3, 14, 4)
    older = found | {NOW - 4 * WEEK - DAY_MS: 1}
    assert spikes.baseline(counts(older), NOW) == Baseline("weeks", 4, 12, 7)


def test_what_lies_more_than_four_weeks_and_a_day_back_is_forgotten() -> None:
    assert spikes.baseline(counts({NOW - 4 * WEEK - DAY_MS - HOUR_MS: 9}), NOW) is None


@pytest.mark.parametrize(
    ("engagements", "severity"), [(19, None), (24, None), (25, "notable"), (34, "high"), (45, "extreme")]
)
def test_the_severity_follows_from_the_robust_z(engagements: int, severity: str | None) -> None:
    found = spikes.judgement(engagements, Baseline("weeks", 4, 14.0, 2.0))
    assert (found and found[-1]) == severity


def test_a_quiet_account_needs_twenty_engagements_and_a_steady_one_is_measured_by_one() -> None:
    steady = Baseline("hours", 24, 0.0, 0.0)
    assert spikes.judgement(19, steady) is None
    assert spikes.judgement(20, steady) == (20, 0.0, 0.0, 20.0, "hours", 24, "extreme")
    assert spikes.judgement(20, None) is None


hours = st.integers(-900, 0).map(lambda n: NOW + n * HOUR_MS)


@given(st.dictionaries(hours, st.integers(1, 9), max_size=8), hours, st.integers(0, 9))
def test_no_hour_is_moved_by_a_change_that_is_not_said_to_influence_it(
    before: dict[int, int], changed: int, count: int
) -> None:
    after = before | {changed: count}
    moved = {
        hour
        for hour in range(changed - DAY_MS, NOW + 1, HOUR_MS)
        if spikes.baseline(counts(before), hour) != spikes.baseline(counts(after), hour)
    }
    assert moved <= set(spikes.influenced(counts(after), changed, NOW))
