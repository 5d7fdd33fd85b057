"""Reads rates as the European Central Bank publishes them: a line a day, a column a currency. Pure."""

import csv
import datetime as dt
import math
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import NamedTuple

_CURRENCY = re.compile(r"[A-Z]{3}")
_UNKNOWN = frozenset({"", "N/A"})


class Rate(NamedTuple):
    """So many units of the currency for one unit of the base."""

    currency: str
    day: dt.date
    units: float


class Unreadable(ValueError):
    """The file is not such a table; the message says where."""


def read(text: str, base: str) -> list[Rate]:
    """All rates, with the base's own, which is 1 on each day. The first column is the day; an empty cell or `N/A` is no
    rate. Raises `Unreadable`.

    >>> read("Date,USD\\n2026-09-18,1.25\\n", "EUR")[0]
    Rate(currency='USD', day=datetime.date(2026, 9, 18), units=1.25)
    """
    lines = csv.reader(StringIO(text, newline=""), skipinitialspace=True)
    names = [name.strip() for name in next(lines, [])][1:]
    while names and not names[-1]:  # each line of the bank's ends with a comma
        names.pop()
    if not names or not all(map(_CURRENCY.fullmatch, [base, *names])):
        raise Unreadable("line 1: a day, then currencies such as USD, are expected")
    if len({base, *names}) != len(names) + 1:
        raise Unreadable("line 1: a currency stands twice, or is the base")
    return [rate for cells in lines if any(cells) for rate in _of_day(cells, names, base, lines.line_num)]


def _of_day(cells: Sequence[str], names: Sequence[str], base: str, line: int) -> Iterator[Rate]:
    try:
        day = dt.date.fromisoformat(cells[0].strip())
        for name, cell in zip(names, cells[1 : len(names) + 1], strict=True):
            if cell.strip() not in _UNKNOWN:
                yield Rate(name, day, _units(cell))
    except ValueError as error:
        raise Unreadable(f"line {line}: {error}") from None
    yield Rate(base, day, 1.0)


def _units(cell: str) -> float:
    units = float(cell)
    if not (0 < units < math.inf):
        raise ValueError(f"{units} is no rate")
    return units
