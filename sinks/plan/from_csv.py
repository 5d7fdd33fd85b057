"""Reads a plan from CSV, as spreadsheets save it: with commas or semicolons. Pure.

The first line names the columns, `planned_at` and any of the others; an empty cell is as good as a missing column.
"""

import csv
import datetime as dt
from collections.abc import Iterator, Mapping

from sinks.plan.slots import Calendar, Plan, Problem, Slot, accepted, checked

COLUMNS = ("slot_id", "planned_at", "tolerance_minutes", "format", "pillar", "title")


def read(text: str, calendar: Calendar) -> Plan:
    """All slots, or all problems: of the header alone if that is wrong, since nothing can be read without it."""
    head = text.partition("\n")[0]
    lines = _lines(text, ";" if ";" in head and "," not in head else ",")
    number, names = next(lines, (1, []))
    if wrong := list(_wrong_columns(names)):
        return Plan((), tuple(Problem(number, text) for text in wrong))
    slots, problems = [], []
    for number, cells in lines:
        try:
            if len(cells) != len(names):
                raise ValueError(f"{len(cells)} cells under {len(names)} columns")
            slots.append(_slot(dict(zip(names, cells, strict=True)), number, calendar))
        except ValueError as error:
            problems.append(Problem(number, str(error)))
    return checked(slots, problems)


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Records that are not empty, with the number of their first line; a cell may go over several lines."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    begins = 1
    for cells in reader:
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield begins, stripped
        begins = reader.line_num + 1


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
