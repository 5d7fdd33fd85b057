"""What counts as equal when rows are compared with the truth, and what a schedule of kills promises."""

import datetime as dt
from typing import Any

import pytest

from deploy.local.evidence import percentile
from deploy.local.kills import schedule
from deploy.local.reconcile import compare

KEY = ("facebook", "1001")


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (3, 3),
        (0.1 + 0.2, 0.3),
        (None, None),
        (["a", "b"], ["a", "b"]),
        (dt.datetime(2026, 9, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=2))), dt.datetime(2026, 9, 1, tzinfo=dt.UTC)),
    ],
)
def test_equal_values_are_no_mismatch(expected: Any, got: Any) -> None:
    assert compare({KEY: {"value": expected}}, {KEY: {"value": got}}).wrong == 0


@pytest.mark.parametrize(
    ("expected", "got"),
    [(3, 4), (0, None), (None, 0), (1, True), (1.0, 1.00000001), ("a", "b"), (["a", "b"], ["b", "a"])],
)
def test_different_values_are_a_mismatch(expected: Any, got: Any) -> None:
    (found,) = compare({KEY: {"value": expected, "same": 1}}, {KEY: {"value": got, "same": 1}}).mismatches
    assert found == (KEY, {"value": expected}, {"value": got})


def test_a_column_that_one_side_lacks_is_a_mismatch() -> None:
    assert compare({KEY: {"a": None}}, {KEY: {}}).wrong == 1
    assert compare({KEY: {}}, {KEY: {"a": None}}).wrong == 1


def test_missing_and_unexpected_rows_are_mismatches() -> None:
    found = compare({KEY: {"a": 1}}, {("facebook", "1002"): {"a": 1}}).mismatches
    assert [(one.key[1], one.expected is None, one.got is None) for one in found] == [
        ("1001", False, True),
        ("1002", True, False),
    ]


def test_an_empty_table_is_at_fault() -> None:
    assert compare({}, {}).fault == "the table is empty"
    assert compare({}, {}, is_filled=False).wrong == 0


def test_a_percentile_is_the_least_value_that_the_part_does_not_exceed() -> None:
    values = [float(number) for number in range(1, 101)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([7.0], 0.5)) == (50.0, 99.0, 7.0)
    assert percentile([], 0.5) is None


def test_a_seed_gives_the_same_kills_and_each_name_its_own() -> None:
    services = ("kafka", "poller", "poller")
    assert schedule(5, 30.0, services) == schedule(5, 30.0, services)
    assert sorted(blow.service for blow in schedule(5, 30.0, services)) == sorted(services)
    assert all(0 < blow.at <= 30.0 for blow in schedule(5, 30.0, services))
