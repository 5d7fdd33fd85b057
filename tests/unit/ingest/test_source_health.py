"""What is known of a source, what is wrong with it, and when that is written."""

import pytest

from contracts import codec
from contracts.config import Partitions
from contracts.health import PROBLEMS, SourceHealth, Watched
from ingest import habit
from ingest.health import LOOK_MS, REPEAT_MS, Watch
from ingest.records import Record, Records

NOW = 1_790_000_000_000
HOUR, MINUTE = 3_600_000, 60_000
PAGE = Watched("facebook", "1001", "webhook", "webhook")


class Clock:
    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def watching(clock: Clock, known: SourceHealth | None = None) -> Watch:
    return Watch(Records(Partitions()), clock, clock, {known.source: known} if known else {})


def read(records: list[Record]) -> list[SourceHealth]:
    return [codec.decoder(SourceHealth)(record.value or b"") for record in records]


def a_week_of_events(watch: Watch, clock: Clock, every: int = MINUTE * 10) -> None:
    for _ in range(7 * 24 * HOUR // every):
        clock.now += every
        watch.saw(PAGE, clock.now)


def test_a_source_that_nothing_was_heard_of_is_unknown_and_is_written_all_the_same() -> None:
    watch = watching(Clock())
    watch.follow(PAGE)
    (health,) = read(watch.due())
    assert (health.source, health.state, health.problem) == ("facebook:1001:webhook", "unknown", None)


def test_a_change_is_written_at_once_and_what_only_ages_once_a_minute() -> None:
    clock = Clock()
    watch = watching(clock)
    watch.succeeded(PAGE)
    assert [health.state for health in read(watch.due())] == ["healthy"]
    clock.now += 1000
    watch.succeeded(PAGE)
    assert watch.due() == []
    watch.failed(PAGE, "token_expired")
    assert [(health.state, health.since) for health in read(watch.due())] == [("failing", NOW + 1000)]
    clock.now += REPEAT_MS
    (health,) = read(watch.due())
    assert (health.since, health.last_success_at) == (NOW + 1000, NOW + 1000)


def test_what_time_alone_changes_is_written_within_seconds() -> None:
    clock = Clock()
    watch = watching(clock)
    watch.leased(PAGE, NOW + 1000)
    assert [health.state for health in read(watch.due())] == ["healthy"]
    clock.now += LOOK_MS
    assert [health.problem for health in read(watch.due())] == ["lease_lapsed"]


def test_what_may_not_have_been_written_is_written_again() -> None:
    watch = watching(Clock())
    watch.follow(PAGE)
    watch.due()
    watch.again()
    assert len(watch.due()) == 1


def test_a_success_ends_what_was_wrong() -> None:
    watch = watching(Clock())
    watch.failed(PAGE, "rate_limited", state="degraded")
    assert watch.health(PAGE).state == "degraded"
    watch.succeeded(PAGE)
    assert (watch.health(PAGE).state, watch.health(PAGE).problem) == ("healthy", None)


def test_a_lease_lapses_and_a_token_expires_by_time_alone() -> None:
    clock = Clock()
    watch = watching(clock)
    watch.leased(PAGE, NOW + HOUR)
    watch.token_expires(PAGE, NOW + 2 * HOUR)
    assert watch.health(PAGE).state == "healthy"
    clock.now += HOUR
    assert (watch.health(PAGE).state, watch.health(PAGE).problem) == ("failing", "lease_lapsed")
    watch.leased(PAGE, NOW + 9 * HOUR)
    assert watch.health(PAGE).state == "healthy"
    clock.now += HOUR
    assert watch.health(PAGE).problem == "token_expired"
    watch.token_expires(PAGE, None)
    assert watch.health(PAGE).problem is None


def test_a_gap_stays_open_until_it_is_read_back_and_grows_by_what_is_missed_meanwhile() -> None:
    watch = watching(Clock())
    watch.succeeded(PAGE)
    watch.missed(PAGE, NOW - 3 * HOUR, NOW - 2 * HOUR)
    watch.missed(PAGE, NOW - HOUR, NOW)
    health = watch.health(PAGE)
    assert (health.state, health.problem) == ("degraded", "gap")
    assert (health.gap_from, health.gap_until) == (NOW - 3 * HOUR, NOW)
    watch.backfilled(PAGE)
    assert (watch.health(PAGE).state, watch.health(PAGE).backfilled_at) == ("healthy", NOW)
    watch.missed(PAGE, NOW - 10, NOW)
    assert (watch.health(PAGE).gap_from, watch.health(PAGE).backfilled_at) == (NOW - 10, None)


def test_what_is_unusually_silent_is_quiet_until_something_comes() -> None:
    clock = Clock()
    watch = watching(clock)
    watch.succeeded(PAGE)
    a_week_of_events(watch, clock)
    clock.now += 3 * 10 * MINUTE - 1
    assert watch.health(PAGE).state == "healthy"
    clock.now += 1
    health = watch.health(PAGE)
    assert (health.state, health.problem, health.usual_gap_ms) == ("degraded", "quiet", 10 * MINUTE)
    assert health.quiet_since == clock.now
    watch.saw(PAGE, clock.now)
    assert watch.health(PAGE).problem is None


def test_a_habit_outlives_the_process_that_learned_it() -> None:
    clock = Clock()
    first = watching(clock)
    first.succeeded(PAGE)
    a_week_of_events(first, clock)
    clock.now += HOUR
    (written,) = read(first.due())
    assert written.problem == "quiet"
    second = watching(clock, written)
    second.follow(PAGE)
    assert second.health(PAGE).problem == "quiet"
    second.saw(PAGE, clock.now)
    assert (second.health(PAGE).state, second.health(PAGE).usual_gap_ms) == ("healthy", 10 * MINUTE)


def test_what_failed_before_a_restart_is_failing_after_it() -> None:
    first = watching(Clock())
    first.failed(PAGE, "permission_lost")
    second = watching(Clock(), first.health(PAGE))
    second.follow(PAGE)
    assert (second.health(PAGE).state, second.health(PAGE).problem) == ("failing", "permission_lost")


def test_what_comes_late_and_what_is_dated_ahead_makes_no_habit() -> None:
    clock = Clock()
    watch = watching(clock)
    watch.saw(PAGE, NOW + 5 * MINUTE)
    watch.saw(PAGE, NOW - HOUR)
    assert watch.health(PAGE).last_event_at == NOW
    assert watch.health(PAGE).silences == {}


def test_one_outage_and_one_burst_change_no_habit() -> None:
    clock = Clock()
    watch = watching(clock)
    a_week_of_events(watch, clock, every=20 * MINUTE)
    usual = watch.health(PAGE).usual_gap_ms
    clock.now += 5 * HOUR
    watch.saw(PAGE, clock.now)
    for _ in range(500):
        clock.now += 100
        watch.saw(PAGE, clock.now)
    assert watch.health(PAGE).usual_gap_ms == usual == 20 * MINUTE


def test_a_night_is_as_silent_as_the_nights_before() -> None:
    midnight = NOW - NOW % (24 * HOUR)
    clock = Clock(midnight)
    watch = watching(clock)
    watch.succeeded(PAGE)

    def events(day: int, until_hour: int) -> None:
        for minute in range(0, until_hour * 60, 5):
            clock.now = midnight + (day * 24 * 60 + minute) * MINUTE
            watch.saw(PAGE, clock.now)

    for day in range(7):
        events(day, until_hour=15)  # then nothing until the next day
    clock.now = midnight + 7 * 24 * HOUR - MINUTE
    assert watch.health(PAGE).problem is None
    events(7, until_hour=10)
    clock.now += 15 * MINUTE
    assert watch.health(PAGE).problem == "quiet"


def test_too_little_is_known_of_a_new_source_to_call_it_quiet() -> None:
    assert habit.quiet_from(dict.fromkeys(range(habit.FEWEST - 1), MINUTE), 0) is None
    assert habit.quiet_from(dict.fromkeys(range(habit.FEWEST), MINUTE), 0) == habit.SHORTEST_MS


def test_what_is_followed_no_more_is_deleted_once_and_what_others_follow_is_not() -> None:
    clock = Clock()
    first = watching(clock)
    poll = Watched("facebook", "1001", "posts", "poll")
    first.follow(PAGE)
    first.follow(poll)
    known = {health.source: health for health in read(first.due())}
    second = Watch(Records(Partitions()), clock, clock, known)
    assert [(record.key, record.value) for record in second.strangers("poll")] == [(b"facebook:1001:posts", None)]
    assert second.strangers("poll") == []
    second.follow(PAGE)
    assert second.strangers("webhook") == []


def test_only_known_words_are_problems() -> None:
    with pytest.raises(AssertionError):
        watching(Clock()).failed(PAGE, "bad hair day")
    assert all(text.endswith(".") for text in PROBLEMS.values())
