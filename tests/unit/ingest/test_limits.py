"""How deliveries and polls are bounded."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.limits import exceeds
from ingest.platforms import Usage
from ingest.polling.budget import FIRST_STOP_SECONDS, SLOWEST_SECONDS, Budget

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=40,
)


def depth(value: object) -> int:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


@given(json_values, st.integers(0, 6))
def test_depth_is_measured_as_counting_would(value: object, max_depth: int) -> None:
    assert exceeds(json.dumps(value).encode(), 10**6, max_depth) == (depth(value) > max_depth)


def test_the_number_of_values_is_bounded() -> None:
    assert exceeds(b"[" + b"0," * 100 + b"0]", 100, 32)
    assert not exceeds(b"[" + b"0," * 100 + b"0]", 200, 32)
    assert not exceeds(json.dumps([",[{" * 100]).encode(), 100, 32)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("ratio", "pause"), [(0.0, 0.0), (0.75, 0.0), (0.875, SLOWEST_SECONDS / 2)])
def test_the_poller_slows_from_three_quarters_on(ratio: float, pause: float) -> None:
    budget = Budget(Clock())
    budget.note(Usage(ratio))
    assert budget.pause() == pytest.approx(pause)


def test_at_the_limit_it_stops_for_as_long_as_the_platform_says() -> None:
    clock = Clock()
    budget = Budget(clock)
    budget.note(Usage(1.0, regain_seconds=120))
    assert budget.pause() is None
    clock.now += 119
    assert budget.pause() is None
    clock.now += 1
    assert budget.pause() is not None


def test_without_the_platforms_word_each_stop_is_longer_until_a_request_passes() -> None:
    clock = Clock()
    budget = Budget(clock)
    stops = []
    for _ in range(3):
        budget.stop()
        stops.append(budget.stopped_until - clock.now)
        clock.now = budget.stopped_until
    assert stops == [FIRST_STOP_SECONDS, 2 * FIRST_STOP_SECONDS, 4 * FIRST_STOP_SECONDS]
    budget.note(Usage(0.5))
    budget.stop()
    assert budget.stopped_until - clock.now == FIRST_STOP_SECONDS


def test_readings_that_hit_the_limit_together_stop_once() -> None:
    clock = Clock()
    budget = Budget(clock)
    for _ in range(4):
        budget.stop()
    assert budget.stopped_until - clock.now == FIRST_STOP_SECONDS
