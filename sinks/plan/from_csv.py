"""Reads a plan from CSV: a column `planned_at` and any of the others. Pure."""

import datetime as dt
from collections.abc import Mapping

from runtime import spreadsheet
from runtime.spreadsheet import Problem
from sinks.plan.slots import Calendar, Plan, Slot, accepted, checked

COLUMNS = ("slot_id", "planned_at", "tolerance_minutes", "format", "pillar", "title")


def read(text: str, calendar: Calendar) -> Plan:
    """All slots, or all problems: of the header alone if that is wrong."""
    lines, problems = spreadsheet.read(text, COLUMNS, ("planned_at",))
    slots = []
    for line, cells in lines:
        try:
            slots.append(_slot(cells, line, calendar))
        except ValueError as error:
            problems.append(Problem(line, str(error)))
    return checked(slots, problems)


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
