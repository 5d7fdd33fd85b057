"""Whose request comes next."""

from collections import Counter

from ingest.platforms import Limit
from ingest.polling.breaker import FAILURES, FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Breaker
from ingest.polling.budget import Budget
from ingest.polling.turns import LONGEST_HOLD_SECONDS, Gate, Host, Lane, Turns

NOW = 5000.0


def budget(amount: int | None = None, seconds: int = 0) -> Budget:
    return Budget(Limit("account", amount, seconds), 1.0, lambda: 0)


def gate(at_once: int = 100, *budgets: Budget) -> Gate:
    return Gate(Host(at_once), budgets)


def all_of(turns: Turns[str], now: float = NOW, most: int = 100) -> list[str]:
    """Everything that may go now, each request being through at once."""
    found: list[str] = []
    while len(found) < most and (turn := turns.take(now)) is not None:
        found.append(turn.task)
        turns.finished(turn.lane)
    return found


def test_within_an_account_the_most_urgent_goes_first() -> None:
    turns: Turns[str] = Turns()
    lane = Lane(gate(), ())
    for deadline, task in ((30, "old"), (10, "young"), (20, "middling")):
        turns.put(lane, task, deadline=deadline)
    assert all_of(turns) == ["young", "middling", "old"]


def test_a_big_account_does_not_keep_a_small_one_waiting() -> None:
    turns: Turns[str] = Turns()
    shared = gate()
    big, small = Lane(shared, ()), Lane(shared, ())
    for _ in range(1000):
        turns.put(big, "big", deadline=0)
    assert all_of(turns, most=50) == ["big"] * 50
    for _ in range(3):
        turns.put(small, "small", deadline=99)
    assert Counter(all_of(turns, most=6)) == {"big": 3, "small": 3}


def test_who_was_silent_has_saved_no_turns() -> None:
    turns: Turns[str] = Turns()
    shared = gate()
    idle, busy = Lane(shared, ()), Lane(shared, ())
    turns.put(idle, "idle", deadline=0)
    all_of(turns)
    for _ in range(200):
        turns.put(busy, "busy", deadline=0)
    all_of(turns, most=100)
    for _ in range(100):
        turns.put(idle, "idle", deadline=0)
    assert Counter(all_of(turns, most=20)) == {"idle": 10, "busy": 10}


def test_what_costs_more_goes_less_often() -> None:
    turns: Turns[str] = Turns()
    shared = gate()
    dear, cheap = Lane(shared, ()), Lane(shared, ())
    for _ in range(100):
        turns.put(dear, "dear", deadline=0, cost=9)
        turns.put(cheap, "cheap", deadline=0, cost=1)
    counts = Counter(all_of(turns, most=50))
    assert counts["cheap"] >= 8 * counts["dear"]


def test_a_host_has_no_more_requests_under_way_than_it_may() -> None:
    turns: Turns[str] = Turns()
    narrow, wide = gate(2), gate(3)
    for number in range(5):
        turns.put(Lane(narrow, ()), f"narrow{number}", deadline=0)
        turns.put(Lane(wide, ()), f"wide{number}", deadline=0)
    taken = []
    while (turn := turns.take(NOW)) is not None:
        taken.append(turn)
    assert Counter(turn.task.rstrip("01234") for turn in taken) == {"narrow": 2, "wide": 3}
    turns.finished(taken[0].lane)
    assert turns.take(NOW) is not None
    assert turns.take(NOW) is None


def test_an_account_at_its_limit_holds_up_nobody_else() -> None:
    turns: Turns[str] = Turns()
    shared = gate()
    full, free = Lane(shared, (limit := budget(),)), Lane(shared, (budget(),))
    limit.stop(NOW, 20)
    turns.put(full, "full", deadline=0)
    turns.put(free, "free", deadline=99)
    assert all_of(turns) == ["free"]
    assert turns.wakes_at(NOW) == NOW + 20
    assert all_of(turns, NOW + 20) == ["full"]


def test_a_limit_that_all_share_holds_up_all() -> None:
    turns: Turns[str] = Turns()
    shared = gate(100, limit := budget())
    for name in "ab":
        turns.put(Lane(shared, ()), name, deadline=0)
    limit.stop(NOW, 20)
    assert all_of(turns) == []
    assert turns.wakes_at(NOW) == NOW + 20
    assert all_of(turns, NOW + 20) == ["a", "b"]


def test_what_is_to_be_tried_again_later_is_not_tried_before() -> None:
    turns: Turns[str] = Turns()
    lane = Lane(gate(), ())
    turns.put(lane, "again", deadline=0, not_before=NOW + 5)
    turns.put(lane, "first", deadline=99)
    assert all_of(turns) == ["first"]
    assert turns.wakes_at(NOW) == NOW + 5
    assert all_of(turns, NOW + 5) == ["again"]


def test_what_would_wait_for_too_long_is_given_back_and_the_rest_is_not() -> None:
    turns: Turns[str] = Turns()
    shared = gate()
    stopped, free = Lane(shared, (limit := budget(),)), Lane(shared, ())
    turns.put(stopped, "waiting", deadline=0)
    turns.put(stopped, "again", deadline=0, not_before=NOW + 1)
    turns.put(free, "free", deadline=0, not_before=NOW + 1)
    limit.stop(NOW, LONGEST_HOLD_SECONDS)
    assert turns.refused(NOW) == []
    limit.stop(NOW, LONGEST_HOLD_SECONDS + 1)
    assert sorted(turn.task for turn in turns.refused(NOW)) == ["again", "waiting"]
    assert all_of(turns, NOW + 1000) == ["free"]
    turns.put(stopped, "later", deadline=0)
    assert all_of(turns, NOW + 1000) == ["later"]


def test_a_host_that_does_not_answer_is_left_alone_probed_once_and_asked_again_when_it_is_back() -> None:
    turns: Turns[str] = Turns()
    shared = gate()
    lane = Lane(shared, ())
    for _ in range(FAILURES):
        turns.put(lane, "x", deadline=0)
        all_of(turns)
        shared.host.breaker.failed(NOW)
    for _ in range(3):
        turns.put(lane, "y", deadline=0)
    assert all_of(turns) == []
    later = NOW + FIRST_PAUSE_SECONDS
    assert turns.wakes_at(NOW) == later
    assert all_of(turns, later) == ["y"]  # the probe, and while it is under way nothing else
    shared.host.breaker.failed(later)
    assert all_of(turns, later + FIRST_PAUSE_SECONDS) == []
    assert all_of(turns, later + 2 * FIRST_PAUSE_SECONDS) == ["y"]
    shared.host.breaker.answered()
    assert all_of(turns, later + 2 * FIRST_PAUSE_SECONDS) == ["y"]


def test_a_probe_that_was_not_made_after_all_leaves_its_place_to_the_next() -> None:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker.asked()
        breaker.failed(NOW)
    breaker.asked()
    breaker.forgone()
    assert breaker.ready_at(breaker.open_until) == breaker.open_until


def test_failures_that_answers_come_between_open_nothing() -> None:
    breaker = Breaker()
    for _ in range(10 * FAILURES):
        breaker.asked()
        breaker.failed(NOW)
        breaker.asked()
        breaker.answered()
    assert not breaker.is_open


def test_a_host_that_stays_away_is_asked_now_and_then_for_ever() -> None:
    breaker, now, pauses = Breaker(), NOW, []
    for _ in range(FAILURES + 10):
        breaker.asked()
        breaker.failed(now)
        if breaker.is_open:
            pauses.append(breaker.open_until - now)
            now = breaker.open_until
    assert pauses[:3] == [FIRST_PAUSE_SECONDS, 2 * FIRST_PAUSE_SECONDS, 4 * FIRST_PAUSE_SECONDS]
    assert pauses[-1] == LONGEST_PAUSE_SECONDS
