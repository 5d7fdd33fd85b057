"""What a plan's file says: the slots of a good one, every problem of a bad one."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from runtime.spreadsheet import Problem
from sinks.plan import from_csv, from_ical
from sinks.plan.recurrence import MAX_OCCURRENCES
from sinks.plan.slots import ANY_TIME_OF_DAY, Calendar, Plan, Slot

BERLIN = Calendar(ZoneInfo("Europe/Berlin"))


def utc(year: int, month: int, day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC)


def csv(*lines: str) -> Plan:
    return from_csv.read("\n".join(lines), BERLIN)


def ical(*events: str) -> Plan:
    """A calendar of events, each its properties separated by lines; the first event begins in line 4."""
    parts = [f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events]
    return from_ical.read(f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{''.join(parts)}END:VCALENDAR\n", BERLIN)


def times(plan: Plan) -> list[dt.datetime]:
    assert plan.problems == ()
    return [slot.planned_at for slot in plan.slots]


def problems(plan: Plan) -> list[Problem]:
    return list(plan.problems)


# -- CSV -------------------------------------------------------------------------------------------------------
def test_a_slot_of_a_csv_file_has_what_its_line_says() -> None:
    plan = csv(
        "slot_id,planned_at,tolerance_minutes,format,pillar,title",
        'a,2026-11-24T09:00+02:00,15,added_photos,Tips,"Coffee, cold"',
    )
    assert plan == Plan((Slot("a", utc(2026, 11, 24, 7), 15, "added_photos", "Tips", "Coffee, cold"),), ())


def test_a_time_without_an_offset_is_in_the_accounts_zone_and_the_rest_may_be_missing() -> None:
    [winter, summer] = csv("planned_at", "2026-01-24 09:00", "2026-07-24T09:00").slots
    assert (winter.planned_at, summer.planned_at) == (utc(2026, 1, 24, 8), utc(2026, 7, 24, 7))
    assert (winter.tolerance_minutes, winter.format, winter.pillar, winter.title) == (60, None, None, None)


def test_a_local_time_that_is_skipped_or_comes_twice_has_the_offset_from_before_the_change() -> None:
    assert times(csv("planned_at", "2026-03-29T02:30", "2026-10-25T02:30")) == [
        utc(2026, 3, 29, 1, 30),
        utc(2026, 10, 25, 0, 30),
    ]


def test_a_day_without_a_time_means_any_time_of_it() -> None:
    [slot, narrow] = csv("planned_at;tolerance_minutes", "2026-11-24;", "2026-11-25;0").slots
    assert (slot.planned_at, slot.tolerance_minutes) == (utc(2026, 11, 24, 11), ANY_TIME_OF_DAY)
    assert narrow.tolerance_minutes == 0


def test_a_slot_without_an_id_has_the_one_of_its_content() -> None:
    header = "planned_at,title,tolerance_minutes"
    [first] = csv(header, "2026-11-24T09:00,Hello,5").slots
    [again] = csv(header, "", "2026-11-24T08:00Z, Hello ,90").slots
    [other] = csv(header, "2026-11-24T09:00,Hullo,5").slots
    assert first.slot_id == again.slot_id != other.slot_id
    assert (again.line, again.tolerance_minutes) == (3, 90)


def test_all_problems_of_a_csv_file_are_found_at_once_with_their_lines() -> None:
    plan = csv(
        "slot_id,planned_at,tolerance_minutes,title",
        "a,2026-11-24T09:00,,fine",
        "b,tomorrow,,",
        'c,2026-11-25T09:00,soon,"a title',
        'of two lines"',
        "d,2026-11-26T09:00",
        "e,2026-11-27T09:00,43201,",
        "f,1999-12-31T09:00,,",
        "g,2026-11-28T09:00,,\0",
        "a,2026-11-29T09:00,-5,",
        "a,2026-11-29T09:00,5,",
    )
    assert problems(plan) == [
        Problem(3, "planned_at is not ISO 8601, for instance 2026-11-24T09:00: 'tomorrow'"),
        Problem(4, "tolerance_minutes is not a number of minutes: 'soon'"),
        Problem(6, "2 cells under 4 columns"),
        Problem(7, "tolerance_minutes is not between 0 and 43200"),
        Problem(8, "the year 1999 is not between 2004 and 2199"),
        Problem(9, "title has a NUL character"),
        Problem(10, "tolerance_minutes is not a number of minutes: '-5'"),
        Problem(11, "slot a stands in line 2 already"),
    ]


def test_two_equal_lines_without_ids_are_one_slot_too_many() -> None:
    [problem] = csv("planned_at,title", "2026-11-24,Same", "2026-11-24,Same").problems
    assert problem.line == 3
    assert "stands in line 2 already" in problem.text


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("title", ["no column planned_at"]),
        ("planned_at,when,planned_at", ["column planned_at stands twice", "unknown column 'when'"]),
    ],
)
def test_a_header_that_cannot_be_read_by_is_the_only_problem(header: str, expected: list[str]) -> None:
    plan = csv(header, "x,y,z")
    assert plan.slots == ()
    assert [(line, text.partition(":")[0]) for line, text in plan.problems] == [(1, text) for text in expected]


def test_an_empty_file_has_no_header() -> None:
    assert from_csv.read("", BERLIN).problems == (Problem(1, "no column planned_at"),)


# -- iCalendar -------------------------------------------------------------------------------------------------
def test_an_event_is_a_slot() -> None:
    plan = ical("UID:a@b\nDTSTART;TZID=America/New_York:20261124T090000\nSUMMARY:Coffee\\, cold\nCATEGORIES:Tips,More")
    assert plan == Plan((Slot("a@b", utc(2026, 11, 24, 14), 60, None, "Tips", "Coffee, cold"),), ())


def test_a_time_is_in_its_own_zone_else_in_utc_if_it_says_so_else_in_the_accounts() -> None:
    lines = ("DTSTART;TZID=Asia/Tokyo:20261124T090000", "DTSTART:20261124T090000Z", "DTSTART:20261124T090000")
    assert times(ical(*lines)) == [utc(2026, 11, 24, hour) for hour in (0, 9, 8)]


def test_an_event_of_a_day_means_any_time_of_it() -> None:
    [slot] = ical("UID:a\nDTSTART;VALUE=DATE:20261124").slots
    assert (slot.planned_at, slot.tolerance_minutes, slot.title) == (utc(2026, 11, 24, 11), ANY_TIME_OF_DAY, None)


def test_a_recurring_event_keeps_its_wall_time_over_a_change_of_the_clock() -> None:
    plan = ical("UID:a\nDTSTART;TZID=Europe/Berlin:20261019T090000\nRRULE:FREQ=WEEKLY;COUNT=2")
    assert times(plan) == [utc(2026, 10, 19, 7), utc(2026, 10, 26, 8)]
    assert [slot.slot_id for slot in plan.slots] == ["a/20261019T070000Z", "a/20261026T080000Z"]


@pytest.mark.parametrize("until", ["20261126", "20261126T080000Z", "20261126T090000"])
def test_the_end_of_a_rule_is_included_however_it_is_written(until: str) -> None:
    plan = ical(f"UID:a\nDTSTART;TZID=Europe/Berlin:20261124T090000\nRRULE:FREQ=DAILY;UNTIL={until}")
    assert times(plan) == [utc(2026, 11, day, 8) for day in (24, 25, 26)]


def test_occurrences_are_taken_out_added_moved_and_cancelled() -> None:
    plan = ical(
        "UID:a\nDTSTART:20261101T090000Z\nRRULE:FREQ=DAILY;COUNT=5\nEXDATE:20261102T090000Z\nRDATE:20261120T090000Z",
        "UID:a\nRECURRENCE-ID:20261103T090000Z\nDTSTART:20261103T150000Z\nSUMMARY:Moved",
        "UID:a\nRECURRENCE-ID:20261104T090000Z\nDTSTART:20261104T090000Z\nSTATUS:CANCELLED",
    )
    assert {slot.slot_id: slot.planned_at for slot in plan.slots} == {
        "a/20261101T090000Z": utc(2026, 11, 1, 9),
        "a/20261103T090000Z": utc(2026, 11, 3, 15),
        "a/20261105T090000Z": utc(2026, 11, 5, 9),
        "a/20261120T090000Z": utc(2026, 11, 20, 9),
    }


def test_days_recur_as_days() -> None:
    plan = ical("UID:a\nDTSTART;VALUE=DATE:20261024\nRRULE:FREQ=DAILY;UNTIL=20261026\nEXDATE;VALUE=DATE:20261025")
    assert times(plan) == [utc(2026, 10, 24, 10), utc(2026, 10, 26, 11)]
    assert {slot.tolerance_minutes for slot in plan.slots} == {ANY_TIME_OF_DAY}


RECURS = "UID:a\nDTSTART:20261124T090000Z\nRRULE:FREQ="


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (f"{RECURS}DAILY", "recurs without an end: give the rule a COUNT or an UNTIL"),
        (f"{RECURS}DAILY;UNTIL=99991231", "recurs without an end: give the rule a COUNT or an UNTIL"),
        (f"{RECURS}DAILY;COUNT={MAX_OCCURRENCES + 1}", "recurs more than 1000 times"),
        (f"{RECURS}HOURLY;COUNT=3", "RRULE: FREQ is none of DAILY, WEEKLY, MONTHLY, YEARLY"),
        (f"{RECURS}DAILY;COUNT=1\nRRULE:FREQ=DAILY;COUNT=2", "RRULE stands twice"),
        ("DTSTART:20261124T090000Z\nRRULE:FREQ=DAILY;COUNT=2", "an event that recurs needs a UID"),
        ("UID:a\nDTSTART;TZID=Nowhere/Land:20261124T090000", "DTSTART: unknown zone Nowhere/Land"),
        ("UID:a\nSUMMARY:No time", "no DTSTART"),
        ("UID:a\nDTSTART:20261124T090000Z\nDTSTART:20261125T090000Z", "DTSTART stands twice"),
        ("UID:a\nDTSTART:10000101T090000Z", "the year 1000 is not between 2004 and 2199"),
    ],
)
def test_an_event_that_cannot_be_a_slot_is_named_with_its_line(event: str, expected: str) -> None:
    good = "UID:good\nDTSTART:20261124T090000Z"
    assert problems(ical(good, event)) == [Problem(8, expected)]


def test_all_bad_events_are_found_at_once() -> None:
    plan = ical("UID:a", "UID:b\nDTSTART:x", "UID:c\nDTSTART:20261124", "UID:c\nDTSTART:20261125")
    assert [line for line, _ in plan.problems] == [4, 7, 15]


@pytest.mark.parametrize(
    "text", ["", "hello", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "BEGIN:A\nEND:A\nBEGIN:VEVENT"]
)
def test_what_is_no_calendar_is_one_problem(text: str) -> None:
    [problem] = from_ical.read(text, BERLIN).problems
    assert problem.line == 1
    assert problem.text.startswith("not a calendar")
