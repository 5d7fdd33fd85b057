"""How much is asked, and when not."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ingest.platforms import Limit, Usage
from ingest.polling.budget import (
    DAYS_FREE,
    FIRST_STOP_SECONDS,
    LONGEST_STOP_SECONDS,
    LONGEST_TOLD_SECONDS,
    SLOWEST_SECONDS,
    Budget,
)
from ingest.polling.reader import retry_after

PACIFIC = ZoneInfo("America/Los_Angeles")
TOLD, WINDOW = Limit("account"), Limit("host", 300, 300)


class Clock:
    """Both clocks: seconds since the start, and the platform's."""

    def __init__(self, at: datetime | None = None) -> None:
        self.now = 1000.0
        self._origin = (at or datetime(2026, 11, 23, 12, tzinfo=PACIFIC)).timestamp()

    def ms(self) -> int:
        return int((self._origin + self.now - 1000) * 1000)


def budget(limit: Limit, clock: Clock, share: float = 1.0) -> Budget:
    return Budget(limit, share, clock.ms)


@pytest.mark.parametrize(("ratio", "pause"), [(0.0, 0.0), (0.75, 0.0), (0.875, SLOWEST_SECONDS / 2)])
def test_requests_come_slower_from_three_quarters_on(ratio: float, pause: float) -> None:
    clock = Clock()
    told = budget(TOLD, clock)
    told.note(clock.now, Usage(ratio))
    told.spend(clock.now)
    assert max(told.ready_at(clock.now) - clock.now, 0) == pytest.approx(pause)


def test_what_is_left_of_a_window_is_spread_over_the_rest_of_it() -> None:
    clock = Clock()
    told = budget(TOLD, clock)
    told.note(clock.now, Usage(0.8, regain_seconds=120, left=60))
    told.spend(clock.now)
    assert told.ready_at(clock.now) == clock.now + 2
    told.note(clock.now, Usage(0.0, regain_seconds=300, left=300))
    told.spend(clock.now)
    assert told.ready_at(clock.now) <= clock.now


def test_at_the_limit_it_stops_for_as_long_as_the_platform_says() -> None:
    clock = Clock()
    told = budget(TOLD, clock)
    told.note(clock.now, Usage(1.0, regain_seconds=120))
    assert told.ready_at(clock.now) == clock.now + 120
    clock.now += 120
    told.spend(clock.now)
    assert told.ready_at(clock.now) <= clock.now


def test_without_the_platforms_word_each_stop_is_longer_until_an_answer_comes() -> None:
    clock = Clock()
    told = budget(TOLD, clock)
    stops = []
    for _ in range(3):
        told.stop(clock.now)
        stops.append(told.stopped_until - clock.now)
        clock.now = told.stopped_until
    assert stops == [FIRST_STOP_SECONDS, 2 * FIRST_STOP_SECONDS, 4 * FIRST_STOP_SECONDS]
    told.passed()  # on a platform without usage headers, too
    told.stop(clock.now)
    assert told.stopped_until - clock.now == FIRST_STOP_SECONDS


def test_no_stop_is_endless() -> None:
    clock = Clock()
    told = budget(TOLD, clock)
    for _ in range(200):
        told.stop(clock.now)
        clock.now = told.stopped_until
    told.stop(clock.now)
    assert told.stopped_until - clock.now == LONGEST_STOP_SECONDS


def test_requests_that_hit_the_limit_together_stop_once() -> None:
    clock = Clock()
    told = budget(TOLD, clock)
    for _ in range(4):
        told.stop(clock.now)
    assert told.stopped_until - clock.now == FIRST_STOP_SECONDS


def test_retry_after_is_waited_for_even_if_a_shorter_stop_runs() -> None:
    clock = Clock()
    told = budget(TOLD, clock)
    told.stop(clock.now)
    told.stop(clock.now, 30)
    assert told.ready_at(clock.now) == clock.now + 30


@pytest.mark.parametrize("usage", [Usage(1.0, 3e11), Usage(0.9, 3e11, left=1)])
def test_a_reset_that_no_limit_has_stops_for_a_day_at_most(usage: Usage) -> None:
    clock = Clock()
    told = budget(TOLD, clock)
    told.note(clock.now, usage)
    told.spend(clock.now)
    assert told.ready_at(clock.now) == clock.now + LONGEST_TOLD_SECONDS


def test_what_a_window_allows_is_never_exceeded_wherever_the_window_begins() -> None:
    clock = Clock()
    calls = budget(WINDOW, clock)
    made = []
    while clock.now < 1000 + 3 * 300:
        if calls.ready_at(clock.now) <= clock.now:
            calls.spend(clock.now)
            made.append(clock.now)
        else:
            clock.now = calls.ready_at(clock.now)
    assert max(sum(at <= other < at + 300 for other in made) for at in made) <= 300
    assert len(made) > 3 * 300 * 0.85


def test_of_a_day_a_part_is_free_and_the_rest_comes_with_the_day() -> None:
    clock = Clock(datetime(2026, 11, 23, tzinfo=PACIFIC))
    units = budget(Limit("app", 1000, zone="America/Los_Angeles"), clock)
    spent = 0
    while units.ready_at(clock.now) <= clock.now:
        units.spend(clock.now)
        spent += 1
    assert spent == 1000 * DAYS_FREE
    assert units.ready_at(clock.now) == pytest.approx(clock.now + 2 * 86.4)
    clock.now += 12 * 3600
    while units.ready_at(clock.now) <= clock.now:
        units.spend(clock.now)
        spent += 1
    assert spent == pytest.approx(750, abs=1)


def test_units_come_back_at_midnight_in_the_limits_own_zone_and_not_before() -> None:
    clock = Clock(datetime(2026, 11, 23, 23, 59, 30, tzinfo=PACIFIC))
    units = budget(Limit("app", 1000, zone="America/Los_Angeles"), clock)
    units.stop(clock.now, until_reset=True)
    assert units.ready_at(clock.now) == pytest.approx(clock.now + 30)
    clock.now += 29
    assert units.ready_at(clock.now) > clock.now
    clock.now += 1
    assert units.ready_at(clock.now) <= clock.now


def test_what_was_spent_before_a_restart_counts_on_its_day_alone() -> None:
    clock = Clock(datetime(2026, 11, 23, 1, tzinfo=PACIFIC))
    units = budget(Limit("app", 1000, zone="America/Los_Angeles"), clock)
    assert units.today() == "2026-11-23"
    units.recall("2026-11-22", 900)
    assert units.ready_at(clock.now) <= clock.now
    units.recall("2026-11-23", 700)
    assert units.ready_at(clock.now) > clock.now


def test_where_time_is_simulated_the_day_is_over_sooner() -> None:
    clock = Clock(datetime(2026, 11, 23, 12, tzinfo=PACIFIC))
    units = Budget(Limit("app", 1000, zone="America/Los_Angeles"), 1.0, clock.ms, speed=3600)
    units.stop(clock.now, until_reset=True)
    assert units.ready_at(clock.now) == pytest.approx(clock.now + 12)


def test_a_share_is_a_part_of_the_amount() -> None:
    clock = Clock()
    window = budget(Limit("app", 100, 10), clock, share=0.2)
    made = 0
    while clock.now < 1010:
        if window.ready_at(clock.now) <= clock.now:
            window.spend(clock.now)
            made += 1
        else:
            clock.now = window.ready_at(clock.now)
    assert made <= 20


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("30", 30.0),
        ("1000000000", 86_400.0),
        ("9" * 400, 86_400.0),
        ("-1", 0.0),
        ("1.5", 0.0),
        ("1e9", 0.0),
        ("٣", 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("Thu, 01 Jan 1970 00:01:00 GMT", 60.0),
        ("Thu, 01 Jan 1970 00:01:00", 60.0),
        ("Thu, 01 Jan 2100 00:00:00 GMT", 86_400.0),
        ("Wed, 31 Dec 1969 23:00:00 GMT", 0.0),
        ("Thu, 32 Foo 1970 99:99:99 GMT", 0.0),
    ],
)
def test_whatever_retry_after_says_nobody_waits_for_ever(text: str, seconds: float) -> None:
    assert retry_after({"retry-after": text}, 0) == seconds
