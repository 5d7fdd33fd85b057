"""Reads a plan from CSV, as spreadsheets save it: with commas or semicolons. Pure.

The first line names the columns, `planned_at` and any of the others; an empty cell is as good as a missing column.
"""

import csv
import datetime as dt
from collections.abc import Iterator, Mapping
from io import StringIO

from sinks.plan.slots import Calendar, Plan, Problem, Slot, accepted, checked

COLUMNS = ("slot_id", "planned_at", "tolerance_minutes", "format", "pillar", "title")


def read(text: str, calendar: Calendar) -> Plan:
    """All slots, or all problems: of the header alone if that is wrong, since nothing can be read without it."""
    head = text.partition("\n")[0]
    records, problems = _cut(text, ";" if ";" in head and "," not in head else ",")
    first, names = records[0] if records else (1, [])
    if wrong := list(_wrong_columns(names)):
        return Plan((), (*(Problem(first, text) for text in wrong), *problems))
    slots = []
    for line, cells in records[1:]:
        try:
            if len(cells) != len(names):
                raise ValueError(f"{len(cells)} cells under {len(names)} columns")
            slots.append(_slot(dict(zip(names, cells, strict=True)), line, calendar))
        except ValueError as error:
            problems.append(Problem(line, str(error)))
    return checked(slots, problems)


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


def _wrong_columns(names: list[str]) -> Iterator[str]:
    if "planned_at" not in names:
        yield "no column planned_at"
    for name in dict.fromkeys(names):
        if name not in COLUMNS:
            yield f"unknown column {name!r}: there are {', '.join(COLUMNS)}"
        elif names.count(name) > 1:
            yield f"column {name} stands twice"


def _slot(row: Mapping[str, str], line: int, calendar: Calendar) -> Slot:
    when = _when(row["planned_at"])
    tolerance = row.get("tolerance_minutes")
    if tolerance and not (tolerance.isascii() and tolerance.isdigit() and len(tolerance) < 10):
        raise ValueError(f"tolerance_minutes is not a number of minutes: {tolerance!r}")
    return accepted(
        Slot(
            slot_id=row.get("slot_id", ""),
            planned_at=calendar.instant(when),
            tolerance_minutes=int(tolerance) if tolerance else calendar.tolerance(when),
            format=row.get("format") or None,
            pillar=row.get("pillar") or None,
            title=row.get("title") or None,
            line=line,
        )
    )


def _when(text: str) -> dt.date:
    """A day, or a time with or without an offset, in ISO 8601."""
    for read_ in (dt.date.fromisoformat, dt.datetime.fromisoformat):
        try:
            return read_(text)
        except ValueError:
            continue
    raise ValueError(f"planned_at is not ISO 8601, for instance 2026-11-24T09:00: {text!r}")
