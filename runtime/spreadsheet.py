"""Reads files that people keep in spreadsheets: CSV with commas or semicolons. Pure.

The first line names the columns, in any order; an empty cell is as good as a missing column.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import NamedTuple


class Problem(NamedTuple):
    """What is wrong with a line of a file; the first is 1."""

    line: int
    text: str


class Line(NamedTuple):
    """A line that is not empty: its number in the file, and its trimmed cells by column."""

    number: int
    cells: Mapping[str, str]


def read(text: str, columns: Sequence[str], required: Sequence[str]) -> tuple[list[Line], list[Problem]]:
    """The lines, and what is wrong: with the header alone if that is, since nothing can be read without it.

    >>> read("kind;code\\ncode; LENA10\\n", ("kind", "code"), ("code",))
    ([Line(number=2, cells={'kind': 'code', 'code': 'LENA10'})], [])
    """
    head = text.partition("\n")[0]
    records, problems = _cut(text, ";" if ";" in head and "," not in head else ",")
    first, names = records[0] if records else (1, [])
    if wrong := list(_wrong_columns(names, columns, required)):
        return [], [*(Problem(first, text) for text in wrong), *problems]
    lines = []
    for number, cells in records[1:]:
        if len(cells) == len(names):
            lines.append(Line(number, dict(zip(names, cells, strict=True))))
        else:
            problems.append(Problem(number, f"{len(cells)} cells under {len(names)} columns"))
    return lines, problems


def _cut(text: str, delimiter: str) -> tuple[list[tuple[int, list[str]]], list[Problem]]:
    """Records that are not empty, with the number of their first line; a cell may go over several lines."""
    records = []
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                records.append((begins, stripped))
            begins = reader.line_num + 1
    except csv.Error as error:
        return records, [Problem(begins, f"{error}; is a quote not closed?")]
    return records, []


def _wrong_columns(names: Sequence[str], columns: Sequence[str], required: Sequence[str]) -> Iterator[str]:
    for name in required:
        if name not in names:
            yield f"no column {name}"
    for name in dict.fromkeys(names):
        if name not in columns:
            yield f"unknown column {name!r}: there are {', '.join(columns)}"
        elif names.count(name) > 1:
            yield f"column {name} stands twice"
