"""Days of a zone, also when the clocks change."""

import datetime as dt
from itertools import pairwise

import pytest

from processors.engagement.windows import HOUR_MS, Zone, date_number, last_before


def ms(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("zone", "time", "date", "hours"),
    [
        ("UTC", "2026-03-29T00:00:00+00:00", "2026-03-29", 24),
        ("Europe/London", "2026-03-29T12:00:00+00:00", "2026-03-29", 23),
        ("Europe/London", "2026-10-25T23:30:00+00:00", "2026-10-25", 25),
        ("Asia/Kolkata", "2026-06-01T18:29:59+00:00", "2026-06-01", 24),
        ("Asia/Kolkata", "2026-06-01T18:30:00+00:00", "2026-06-02", 24),
        ("America/Sao_Paulo", "2018-11-04T03:00:00+00:00", "2018-11-04", 23),  # midnight itself was skipped
    ],
)
def test_a_day_is_the_local_date_and_as_long_as_it_was(zone: str, time: str, date: str, hours: int) -> None:
    day = Zone(zone).day_of(ms(time))
    assert (day.date, (day.end - day.start) / HOUR_MS) == (date, hours)
    assert day.start <= ms(time) < day.end


def test_days_of_a_year_touch_without_gap() -> None:
    zone = Zone("Australia/Lord_Howe")
    first = date_number("2026-01-01")
    days = [zone.day(first + n) for n in range(366)]
    assert all(one.end == following.start for one, following in pairwise(days))


def test_last_before_is_strictly_before() -> None:
    assert last_before([1, 5, 9], 5) == 1
    assert last_before([1, 5, 9], 1) is None
