"""When a source is due, and for which of its items."""

from random import Random

from ingest.platforms import Item
from ingest.polling.agenda import Entry, back_to
from ingest.polling.pacing import DAY_MS, HOUR_MS, MINUTE_MS, seconds_between

NOW_MS = 1_790_000_000_000
NOW = 5000.0


def aged(name: str, hours: float, active_hours: float | None = None) -> Item:
    active = None if active_hours is None else NOW_MS - int(active_hours * HOUR_MS)
    return Item(name, NOW_MS - int(hours * HOUR_MS), active)


YOUNG, DAYS, WEEKS, OLD = aged("young", 0.5), aged("days", 20), aged("weeks", 100), aged("old", 600)
ALL = [YOUNG, DAYS, WEEKS, OLD]


def read(entry: Entry, items: list[Item], at: float, known: list[Item] | None = None) -> None:
    entry.succeeded([item.name for item in items], known or ALL, at, at, NOW_MS, finds=False)


def test_young_items_are_due_more_often_than_old_ones() -> None:
    entry = Entry(60.0, 100)
    read(entry, ALL, NOW)
    due = {after: set(entry.due_items(ALL, NOW + after, NOW_MS)) for after in (30, 45, 300, 1800, 21600)}
    assert due == {
        30: set(),
        45: {"young"},
        300: {"young", "days"},
        1800: {"young", "days", "weeks"},
        21600: {"young", "days", "weeks", "old"},
    }


def test_what_moves_is_read_more_often_than_its_age_says() -> None:
    assert seconds_between(aged("a", 600, active_hours=0.1), NOW_MS) == 300
    assert seconds_between(aged("a", 600, active_hours=100), NOW_MS) == 1800
    assert seconds_between(aged("a", 0.1, active_hours=0.1), NOW_MS) == 45


def test_an_item_that_is_new_is_due_at_once() -> None:
    entry = Entry(60.0, 100)
    read(entry, [OLD], NOW, known=[OLD])
    assert set(entry.due_items([OLD, DAYS], NOW, NOW_MS)) == {"days"}


def test_the_source_comes_when_its_first_item_is_due_and_after_its_interval_at_the_latest() -> None:
    entry = Entry(300.0, 100)
    read(entry, ALL, NOW)
    assert entry.due == NOW + 45
    read(entry, [OLD], NOW, known=[OLD])
    assert entry.due == NOW + 300


def test_what_a_listing_has_found_it_has_read() -> None:
    entry = Entry(60.0, 100)
    entry.succeeded([], ALL, NOW, NOW, NOW_MS, finds=True)
    assert entry.due_items(ALL, NOW + 1, NOW_MS) == {}


def test_what_is_gone_is_forgotten() -> None:
    entry = Entry(60.0, 100)
    read(entry, ALL, NOW)
    read(entry, [YOUNG], NOW, known=[YOUNG])
    assert set(entry.read_at) == {"young"}


def test_a_listing_goes_back_to_the_oldest_that_is_due_and_an_hour_at_least() -> None:
    assert back_to({}, NOW_MS) == NOW_MS - HOUR_MS
    assert back_to({"young": YOUNG}, NOW_MS) == NOW_MS - HOUR_MS
    assert back_to({"young": YOUNG, "weeks": WEEKS}, NOW_MS) == WEEKS.published_at


def test_failures_come_back_soon_then_later_and_with_a_person_in_their_own_time() -> None:
    entry, random = Entry(300.0, 100), Random(7)
    pauses = []
    for _ in range(15):
        entry.failed(NOW, random, not_before=0.0, needs_help=False)
        pauses.append(entry.due - NOW)
    assert pauses[0] <= 1
    assert 150 <= pauses[-1] <= 300
    entry.failed(NOW, random, not_before=0.0, needs_help=True)
    assert entry.due == NOW + 300
    entry.failed(NOW, random, not_before=NOW + 5000, needs_help=False)
    assert entry.due == NOW + 5000


def test_sources_that_begin_together_drift_apart_and_none_is_late() -> None:
    random, dues = Random(7), set()
    for _ in range(100):
        entry = Entry(300.0, 100, due=NOW + 300)
        entry.jitter(NOW, random)
        dues.add(round(entry.due, 3))
        assert NOW + 270 <= entry.due <= NOW + 300
    assert len(dues) > 90


def test_who_is_woken_is_due_now_and_again_after_a_poll_that_began_before() -> None:
    entry = Entry(300.0, 100)
    read(entry, [OLD], NOW, known=[OLD])
    entry.wake(NOW + 10)
    assert entry.due == NOW + 10
    read(entry, [OLD], NOW + 20, known=[OLD])
    assert entry.due == NOW + 20


def test_whoever_fails_is_not_woken_into_failing_more_often() -> None:
    entry = Entry(300.0, 100)
    entry.failed(NOW, Random(7), not_before=NOW + 100, needs_help=False)
    entry.wake(NOW)
    assert entry.due == NOW + 100


def test_pages_shrink_when_the_platform_asks_for_it_and_grow_back() -> None:
    entry = Entry(300.0, 100)
    entry.resized(2, 100)
    assert entry.page_size == 25
    sizes = []
    for _ in range(10):
        entry.resized(0, 100)
        sizes.append(entry.page_size)
    assert sizes == sorted(sizes)
    assert sizes[-1] == 100


def test_the_ages_are_those_of_the_documentation() -> None:
    ages = (MINUTE_MS, 2 * HOUR_MS, 2 * DAY_MS, 20 * DAY_MS)
    assert [seconds_between(Item("a", NOW_MS - age), NOW_MS) for age in ages] == [45, 300, 1800, 21600]
