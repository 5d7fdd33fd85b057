"""Whatever a plan's file holds, it is read, or its problems are said by line; nothing else happens."""

from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from sinks.plan import from_csv, from_ical
from sinks.plan.slots import Calendar, Plan

ZONES = st.sampled_from(["America/Sao_Paulo", "Asia/Tokyo"]).map(ZoneInfo)

cells = st.sampled_from(
    ["2026-11-24", "2026-11-24T09:00", "0001-01-01T00:00+14:00", "a", '"', '"a\nb"', "60", ""]
) | st.text(max_size=8)
tables = st.lists(st.lists(cells, max_size=5).map(",".join), max_size=6).map("\n".join)
headers = st.sampled_from(
    ["planned_at", "slot_id,planned_at", "planned_at;title", "title", "planned_at,tolerance_minutes"]
)

times = st.sampled_from(["20261124T090000", "20261124T090000Z", "20261124", "99991231T235959", "x", ""])
rules = st.sampled_from(
    [
        "FREQ=DAILY;COUNT=3",
        "FREQ=WEEKLY;UNTIL=20261224",
        "FREQ=YEARLY",
        "FREQ=YEARLY;UNTIL=99991231T235959Z",
        "FREQ=DAILY;BYDAY=XX;COUNT=2",
        "x",
    ]
)
properties = st.one_of(
    st.tuples(st.sampled_from(["DTSTART", "RECURRENCE-ID", "EXDATE", "RDATE", "DTSTART;TZID=Europe/Berlin"]), times),
    st.tuples(st.sampled_from(["RRULE"]), rules),
    st.tuples(st.sampled_from(["UID", "SUMMARY", "CATEGORIES", "STATUS", "x", "BEGIN", "END"]), st.text(max_size=6)),
).map(":".join)
events = st.lists(properties, max_size=6).map(lambda lines: "\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"]))
calendars = st.lists(events, max_size=4).map(lambda parts: "\n".join(["BEGIN:VCALENDAR", *parts, "END:VCALENDAR"]))


def is_whole(plan: Plan, text: str) -> bool:
    lines = text.count("\n") + text.count("\r") + 1
    ids = [slot.slot_id for slot in plan.slots]
    return all(1 <= line <= lines and said for line, said in plan.problems) and (
        bool(plan.problems) or (all(ids) and len(set(ids)) == len(ids))
    )


@given(st.one_of(st.text(), st.tuples(headers, tables).map("\n".join)), ZONES)
@example("planned_at\n" + "x" * 200_000, ZoneInfo("UTC"))
def test_any_text_is_read_as_csv_or_its_problems_are_said(text: str, zone: ZoneInfo) -> None:
    assert is_whole(from_csv.read(text, Calendar(zone)), text)


@given(st.one_of(st.text(), calendars), ZONES)
@example(
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:a\u2028BEGIN:VEVENT\nDTSTART:20261124\nEND:VEVENT\nEND:VCALENDAR",
    ZoneInfo("UTC"),
)
@example(
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20261124T090000\nRRULE:FREQ=YEARLY;UNTIL=99991231T235959Z\n"
    "END:VEVENT\nEND:VCALENDAR",
    ZoneInfo("Asia/Tokyo"),
)
def test_any_text_is_read_as_a_calendar_or_its_problems_are_said(text: str, zone: ZoneInfo) -> None:
    assert is_whole(from_ical.read(text, Calendar(zone)), text)
