"""Rates are read as a central bank publishes them, or refused with the line that is wrong."""

import datetime as dt

import pytest

from sinks.rates.from_csv import Rate, Unreadable, read

FRIDAY, THURSDAY = dt.date(2026, 9, 18), dt.date(2026, 9, 17)


def test_each_cell_is_a_rate_and_the_base_is_one() -> None:
    text = "Date,USD,JPY,\n2026-09-18,1.25,160.5,\n2026-09-17,1.2,N/A,\n"
    assert read(text, "EUR") == [
        Rate("USD", FRIDAY, 1.25),
        Rate("JPY", FRIDAY, 160.5),
        Rate("EUR", FRIDAY, 1.0),
        Rate("USD", THURSDAY, 1.2),
        Rate("EUR", THURSDAY, 1.0),
    ]


def test_spaces_empty_lines_and_carriage_returns_mean_nothing() -> None:
    assert read("Date, USD\r\n\r\n2026-09-18, 1.25\r\n", "EUR")[0] == Rate("USD", FRIDAY, 1.25)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "line 1"),
        ("Date\n", "line 1"),
        ("Date,usd\n", "line 1"),
        ("Date,USD,USD\n", "line 1"),
        ("Date,EUR\n", "line 1"),
        ("Date,USD\nyesterday,1\n", "line 2"),
        ("Date,USD\n2026-09-18,1\n2026-09-17\n", "line 3"),
        ("Date,USD\n2026-09-18,much\n", "line 2"),
        ("Date,USD\n2026-09-18,0\n", "line 2"),
        ("Date,USD\n2026-09-18,inf\n", "line 2"),
        ("Date,USD\n2026-09-18,nan\n", "line 2"),
    ],
)
def test_what_is_no_table_of_rates_is_refused_with_its_line(text: str, line: str) -> None:
    with pytest.raises(Unreadable, match=line):
        read(text, "EUR")
