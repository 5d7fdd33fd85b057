"""What money of one currency is in another while the world lasts: a file for an operator to import."""

import csv
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

FILE = "rates.csv"
BASE = "EUR"
DAYS_BEFORE = 6
SATURDAY = 5
_UNITS = {"USD": 1.0915, "JPY": 162.31, "GBP": 0.8427}
_LAPSES = "GBP"
"""Is known on the first day alone."""

Quotes = Mapping[str, Mapping[str, float]]
"""Day -> currency -> units for one of the base."""


def quotes(begins_at: int) -> Quotes:
    """Those of the working days from some before the world's beginning, a second, to a day after it."""
    first = dt.datetime.fromtimestamp(begins_at, dt.UTC).date() - dt.timedelta(DAYS_BEFORE)
    days = [first + dt.timedelta(number) for number in range(DAYS_BEFORE + 2)]
    working = [day for day in days if day.weekday() < SATURDAY]
    return {
        day.isoformat(): {
            name: round(units * (1 + number / 1000), 4)
            for name, units in _UNITS.items()
            if name != _LAPSES or number == 0
        }
        for number, day in enumerate(working)
    }


def write(directory: Path, of_days: Quotes) -> None:
    """The file, as a central bank publishes it: the newest day first, a comma at the end of each line."""
    with (directory / FILE).open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["Date", *_UNITS, ""])
        for day, units in sorted(of_days.items(), reverse=True):
            lines.writerow([day, *(units.get(name, "N/A") for name in _UNITS), ""])
