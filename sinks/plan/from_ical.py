"""Reads a plan from an iCalendar file (RFC 5545): an event is a slot. Pure.

UID is the slot's id, DTSTART its time (a day: any time of it), SUMMARY its title, the first of CATEGORIES its pillar.
A recurring event is a slot for each occurrence; its id is the UID and the time that the rule gives it, so that a moved
occurrence keeps its id. A rule without an end is refused: a plan has one. Cancelled events are left out.
"""

import datetime as dt
from collections.abc import Collection, Iterator

import icalendar

from runtime.spreadsheet import Problem
from sinks.plan.recurrence import excluded, moment, occurrences, values
from sinks.plan.slots import Calendar, Plan, Slot, accepted, checked

Occurrence = tuple[str, dt.datetime]
"""UID of a recurring event, and when the rule lets it happen."""


def read(text: str, calendar: Calendar) -> Plan:
    """All slots, or all problems. A problem's line is that on which its event begins."""
    try:
        events = icalendar.Calendar.from_ical(text).walk("VEVENT")
    except ValueError as error:
        return Plan((), (Problem(1, f"not a calendar: {error}"),))
    begins = [number for number, line in enumerate(text.split("\n"), 1) if line.strip().upper() == "BEGIN:VEVENT"]
    if len(begins) != len(events):
        return Plan((), (Problem(1, "not a calendar: an event is not closed"),))
    slots: list[Slot] = []
    problems: list[Problem] = []
    sound = []
    for line, event in zip(begins, events, strict=True):
        try:
            sound.append((line, event, _replaced(event, calendar)))
        except ValueError as error:
            problems.append(Problem(line, str(error)))
    moved = {replaced for _, _, replaced in sound if replaced}
    for line, event, replaced in sound:
        try:
            if event.get("STATUS") != "CANCELLED":
                slots += _slots(event, replaced, moved, line, calendar)
        except ValueError as error:
            problems.append(Problem(line, str(error)))
    return checked(slots, problems)


def _replaced(event: icalendar.Component, calendar: Calendar) -> Occurrence | None:
    """The occurrence of another event that this one replaces; ValueError if a property cannot be read."""
    for name, text in event.errors:
        raise ValueError(f"{name}: {text}" if name else text)
    when = _time(event, "RECURRENCE-ID")
    return None if when is None else (_uid(event), calendar.instant(when))


def _slots(
    event: icalendar.Component,
    replaced: Occurrence | None,
    moved: Collection[Occurrence],
    line: int,
    calendar: Calendar,
) -> Iterator[Slot]:
    start = _time(event, "DTSTART")
    uid = _uid(event)
    if start is None:
        raise ValueError("no DTSTART")
    if replaced:
        yield _slot(event, _named(*replaced), start, line, calendar)
    elif "RRULE" not in event and "RDATE" not in event:
        yield _slot(event, uid, start, line, calendar)
    elif not uid:
        raise ValueError("an event that recurs needs a UID")
    else:
        out = excluded(event, calendar)
        for instant, when in occurrences(event, start, calendar).items():
            if instant not in out and (uid, instant) not in moved:
                yield _slot(event, _named(uid, instant), when, line, calendar)


def _slot(event: icalendar.Component, slot_id: str, when: dt.date, line: int, calendar: Calendar) -> Slot:
    pillars = (str(category).strip() for value in values(event, "CATEGORIES") for category in value.cats)
    return accepted(
        Slot(
            slot_id=slot_id,
            planned_at=calendar.instant(when),
            tolerance_minutes=calendar.tolerance(when),
            format=None,
            pillar=next(filter(None, pillars), None),
            title=str(event.get("SUMMARY", "")).strip() or None,
            line=line,
        )
    )


def _time(event: icalendar.Component, name: str) -> dt.date | None:
    found = event.get(name)
    if isinstance(found, list):
        raise ValueError(f"{name} stands twice")
    return None if found is None else moment(found, name)


def _uid(event: icalendar.Component) -> str:
    return str(event.get("UID", "")).strip()


def _named(uid: str, instant: dt.datetime) -> str:
    return f"{uid}/{instant:%Y%m%dT%H%M%SZ}"
