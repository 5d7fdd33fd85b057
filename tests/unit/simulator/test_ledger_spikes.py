"""Hours above what is usual: `docs/semantics.md` section 6, Spikes."""

import datetime as dt
from collections.abc import Mapping

import pytest

from ingest.simulator.ledger import spikes
from ingest.simulator.ledger.counting import Rows

KEY = ("facebook", "1001")
START = dt.datetime(2026, 9, 21, 0, tzinfo=dt.UTC)


def hour(number: int) -> dt.datetime:
    return START + dt.timedelta(hours=number)


def account(xs: Mapping[int, int]) -> Rows:
    """Hours of the account in which so many liked."""
    return {(*KEY, hour(number)): {"likes": x, "comments": 0, "shares": 0} for number, x in xs.items()}


def posts(xs: Mapping[int, int]) -> Rows:
    return {(*KEY, "p", hour(number)): {"likes": 0, "comments": x, "shares": 0} for number, x in xs.items()}


def found(
    hours: Mapping[int, int], of_post: Mapping[int, int] | None = None
) -> dict[tuple[str, int], tuple[object, ...]]:
    rows = spikes.anomalies(account(hours), posts(of_post or {}))
    return {(key[2], int((key[4] - START).total_seconds() // 3600)): tuple(row.values()) for key, row in rows.items()}


def test_an_hour_is_measured_by_the_24_before_it() -> None:
    """Twelve hours of 4 and twelve of 8: median 6, MAD 2, scale 2.9652; 26 is 6.745 deviations above."""
    past = {number: 4 if number % 2 else 8 for number in range(24)}
    assert found(past | {24: 26}) == {("account", 24): (26, 6.0, 2.0, pytest.approx(20 / 2.9652), "hours", 24, "high")}


def test_a_quiet_hour_without_a_row_counts_as_none() -> None:
    """Only hour 0 had anything: of the 24 before hour 24 it is the first, 23 are 0; the scale is at least 1."""
    assert found({0: 5, 24: 20}) == {("account", 24): (20, 0.0, 0.0, 20.0, "hours", 24, "extreme")}


def test_before_twelve_hours_there_is_no_judgement() -> None:
    assert found({0: 1, 11: 500}) == {}
    assert found({0: 1, 12: 500})["account", 12][4:6] == ("hours", 12)


def test_an_hour_before_the_first_engagement_is_no_part_of_the_baseline() -> None:
    past = dict.fromkeys(range(-24, 0), 0) | dict.fromkeys(range(12), 3)
    assert found(past | {12: 25})["account", 12] == (25, 3.0, 0.0, 22.0, "hours", 12, "extreme")


def test_after_three_weeks_an_hour_is_measured_by_the_same_hour_of_earlier_weeks() -> None:
    """10, 14 and 12 at the same hour of three weeks: median 12, MAD 2; the day before does not matter."""
    week = 168
    past = {0: 10, week: 14, 2 * week: 12} | dict.fromkeys(range(3 * week - 24, 3 * week), 900)
    assert found(past | {3 * week: 25})["account", 3 * week] == (
        *(25, 12.0, 2.0, pytest.approx(13 / 2.9652), "weeks", 3, "notable"),
    )
    later = dict.fromkeys((0, week, 2 * week, 3 * week), 5)
    assert found(later | {4 * week: 40})["account", 4 * week] == (40, 5.0, 0.0, 35.0, "weeks", 4, "extreme")
    assert found({1: 5, 3 * week: 40})["account", 3 * week][4] == "hours"


def test_what_lies_more_than_four_weeks_and_a_day_back_is_forgotten() -> None:
    day, week = 24, 168
    assert found({0: 5, 4 * week + day: 40})["account", 4 * week + day][4:6] == ("weeks", 4)
    assert found({0: 5, 4 * week + day + 1: 40}) == {}


@pytest.mark.parametrize(("x", "severity"), [(20, "extreme"), (19, None), (23, "extreme")])
def test_less_than_twenty_is_never_a_spike(x: int, severity: str | None) -> None:
    rows = found({0: 1, 12: x})
    assert rows.get(("account", 12), (None,))[-1] == severity


@pytest.mark.parametrize(
    ("z", "severity"), [(3.49, None), (3.5, "notable"), (5.99, "notable"), (6.0, "high"), (10.0, "extreme")]
)
def test_severity_begins_with_its_bound(z: float, severity: str | None) -> None:
    assert spikes.severity(z) == severity


def test_a_post_is_measured_by_its_account() -> None:
    past = dict.fromkeys(range(12), 10)
    rows = found(past | {12: 10}, {12: 21})
    assert rows == {("post", 12): (21, 10.0, 0.0, 11.0, "hours", 12, "extreme")}


def test_adjoining_hours_are_one_spike_and_the_newest_is_still_open() -> None:
    hours = dict.fromkeys(range(24), 2) | {24: 30, 25: 60, 27: 24, 30: 1}
    rows = spikes.spikes(spikes.anomalies(account(hours), {}), account(hours))
    assert {key[4]: tuple(row.values()) for key, row in rows.items()} == {
        hour(24): (hour(26), 2, 58.0, 90, "extreme"),
        hour(27): (hour(28), 1, 22.0, 24, "extreme"),
    }
    without_the_last = {number: x for number, x in hours.items() if number < 28}
    open_ones = spikes.spikes(spikes.anomalies(account(without_the_last), {}), account(without_the_last))
    assert [row["ended_at"] for row in open_ones.values()] == [hour(26), None]
