"""The occurrences of a recurring calendar event: RRULE and RDATE less EXDATE (RFC 5545, 3.8.5). Pure."""

import datetime as dt
from collections.abc import Iterator
from itertools import islice, takewhile
from typing import Any

import icalendar
from dateutil.rrule import rrulestr

from sinks.plan.slots import YEARS, Calendar

MAX_OCCURRENCES = 1000
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


def occurrences(event: icalendar.Component, start: dt.date, calendar: Calendar) -> dict[dt.datetime, dt.date]:
    """Instant -> the day or local time of each; ValueError for a rule without an end, or with too many."""
    found = list(_by_rule(event, start, calendar)) if "RRULE" in event else [start]
    found += _listed(event, "RDATE")
    return {calendar.instant(when): when for when in found}


def excluded(event: icalendar.Component, calendar: Calendar) -> set[dt.datetime]:
    """The instants that EXDATE takes out."""
    return {calendar.instant(when) for when in _listed(event, "EXDATE")}


def values(event: icalendar.Component, name: str) -> list[Any]:
    """Of a property that may stand several times."""
    found = event.get(name, [])
    return found if isinstance(found, list) else [found]


def moment(value: icalendar.vDDDTypes, name: str) -> dt.date:
    """A day or a time; of a period its beginning. One in a zone that nobody knows would silently be another time."""
    when = value.dt[0] if isinstance(value.dt, tuple) else value.dt
    if not isinstance(when, dt.date):
        raise ValueError(f"{name} is neither a day nor a time")
    if isinstance(when, dt.datetime) and when.tzinfo is None and "TZID" in value.params:
        raise ValueError(f"{name}: unknown zone {value.params['TZID']}")
    return when


def _by_rule(event: icalendar.Component, start: dt.date, calendar: Calendar) -> Iterator[dt.date]:
    """In the event's own wall time, which is what a rule speaks of: nine o'clock stays nine o'clock."""
    zone = (start.tzinfo if isinstance(start, dt.datetime) else None) or calendar.zone
    until, rule = _rule(event)
    last = _wall(until, zone, dt.time.max) if until else None
    every = rrulestr(rule, dtstart=_wall(start, zone, dt.time.min))
    steps = takewhile(lambda step: last is None or step <= last, every)
    found = list(islice(steps, MAX_OCCURRENCES + 1))
    if len(found) > MAX_OCCURRENCES:
        raise ValueError(f"recurs more than {MAX_OCCURRENCES} times")
    for step in found:
        yield step.replace(tzinfo=zone) if isinstance(start, dt.datetime) else step.date()


def _rule(event: icalendar.Component) -> tuple[dt.date | None, str]:
    """UNTIL and the rest of the rule."""
    rule = event["RRULE"]
    if isinstance(rule, list):
        raise ValueError("RRULE stands twice")
    rest = icalendar.vRecur(rule)
    if rest.get("FREQ", [""])[0] not in FREQUENCIES:
        raise ValueError(f"RRULE: FREQ is none of {', '.join(FREQUENCIES)}")
    [until] = rest.pop("UNTIL", [None])
    if until is not None and until.year not in YEARS:  # how some write that there is no end
        until = None
    if until is None and "COUNT" not in rest:
        raise ValueError("recurs without an end: give the rule a COUNT or an UNTIL")
    return until, bytes(rest.to_ical()).decode()  # type: ignore[no-untyped-call]


def _wall(when: dt.date, zone: dt.tzinfo, of_a_day: dt.time) -> dt.datetime:
    """Local time without its zone; of a day the given time."""
    if not isinstance(when, dt.datetime):
        return dt.datetime.combine(when, of_a_day)
    return when.astimezone(zone).replace(tzinfo=None) if when.tzinfo else when


def _listed(event: icalendar.Component, name: str) -> Iterator[dt.date]:
    for value in values(event, name):
        for one in value.dts:
            yield moment(one, name)
