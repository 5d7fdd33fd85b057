"""What holds of the polling engine whatever is asked of it, in any order and at any time."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ingest import habit
from ingest.platforms import Item, Limit
from ingest.polling.agenda import Entry
from ingest.polling.budget import Budget
from ingest.polling.pacing import AGES, OLD_SECONDS, next_page_size, seconds_between
from ingest.polling.turns import Gate, Host, Lane, Turns

waits = st.lists(st.floats(0, 120), max_size=200)


@given(st.integers(1, 300), st.integers(1, 600), waits)
def test_no_window_ever_holds_more_than_its_amount(amount: int, seconds: int, pauses: list[float]) -> None:
    budget = Budget(Limit("app", amount, seconds), 1.0, lambda: 0)
    now, made = 1000.0, []
    for pause in pauses:
        now += pause
        for _ in range(20):
            if budget.ready_at(now) > now:
                break
            budget.spend(now)
            made.append(now)
    assert all(sum(at <= other < at + seconds for other in made) <= max(1, amount) for at in made)


@st.composite
def requests(draw: st.DrawFn) -> list[tuple[int, float, int, float]]:
    """Of which account, how urgent, how dear, and not before when."""
    one = st.tuples(st.integers(0, 5), st.floats(0, 100), st.integers(1, 9), st.just(0.0) | st.floats(1, 50))
    return draw(st.lists(one, max_size=60))


@given(requests(), st.lists(st.tuples(st.integers(0, 5), st.floats(0.1, 55)), max_size=5), st.integers(1, 4))
def test_every_request_is_made_once_and_none_before_its_time(
    asked: list[tuple[int, float, int, float]], stops: list[tuple[int, float]], at_once: int
) -> None:
    turns: Turns[int] = Turns()
    budgets = [Budget(Limit("account"), 1.0, lambda: 0) for _ in range(6)]
    gate = Gate(Host(at_once), ())
    lanes = [Lane(gate, (budget,)) for budget in budgets]
    for number, (account, deadline, cost, not_before) in enumerate(asked):
        turns.put(lanes[account], number, deadline=deadline, cost=cost, not_before=not_before)
    for account, seconds in stops:
        budgets[account].stop(0.0, seconds)
    now, made = 0.0, Counter[int]()
    while True:
        under_way = []
        while (turn := turns.take(now)) is not None:
            assert asked[turn.task][3] <= now
            assert budgets[asked[turn.task][0]].stopped_until <= now
            made[turn.task] += 1
            under_way.append(turn)
        assert len(under_way) <= at_once
        for turn in under_way:
            turns.finished(turn.lane)
        if not under_way:
            wakes_at = turns.wakes_at(now)
            if wakes_at is None:
                break
            assert wakes_at > now
            now = wakes_at
    assert made == Counter(range(len(asked)))


@given(st.lists(st.integers(1, 9), min_size=200, max_size=200), st.integers(2, 6))
def test_accounts_that_always_want_more_get_the_same_whatever_their_requests_cost(costs: list[int], many: int) -> None:
    turns: Turns[int] = Turns()
    gate = Gate(Host(1), ())
    lanes = [Lane(gate, ()) for _ in range(many)]
    for place, cost in enumerate(costs):
        for number in range(many):
            turns.put(lanes[number], number, deadline=place, cost=cost if number else 1)
    got: Counter[int] = Counter()
    for _ in range(100):
        turn = turns.take(0.0)
        assert turn is not None
        got[turn.task] = int(turn.lane.went)
        turns.finished(turn.lane)
    assert max(got.values()) - min(got[number] for number in range(many)) <= 9


ages = st.integers(0, 40 * 86_400_000)


@given(ages, ages, st.none() | ages)
def test_what_is_younger_is_never_read_less_often_and_what_moves_never_less_than_what_rests(
    age: int, more: int, active: int | None
) -> None:
    younger, older = Item("a", -age), Item("a", -age - more)
    assert seconds_between(younger, 0) <= seconds_between(older, 0) <= OLD_SECONDS
    assert AGES[0][1] <= seconds_between(older._replace(active_at=None if active is None else -active), 0)
    assert seconds_between(older._replace(active_at=None if active is None else -active), 0) <= seconds_between(
        older, 0
    )


@given(st.lists(ages, max_size=20), st.floats(1, 20_000))
def test_a_source_is_due_no_later_than_the_first_of_its_items(found: list[int], passed: float) -> None:
    items = [Item(str(number), -age) for number, age in enumerate(found)]
    entry = Entry(300.0, 100)
    entry.succeeded([], items, 1000.0, 1000.0, 0, finds=True)
    assert entry.due <= 1300
    due = entry.due_items(items, 1000 + passed, 0)
    assert {item.name for item in items if seconds_between(item, 0) <= passed} <= due.keys()
    if due:
        assert entry.due <= 1000 + passed / 0.89 or entry.due == 1300


@given(st.integers(1, 100), st.integers(0, 10), st.integers(1, 100))
def test_a_page_is_never_empty_and_never_larger_than_wanted(size: int, halvings: int, largest: int) -> None:
    assert 1 <= next_page_size(min(size, largest), halvings, largest) <= largest


silences = st.dictionaries(st.integers(0, 7 * 24), st.integers(1, 10**9), max_size=120)


@given(silences, st.integers(0, 7 * 24 * habit.HOUR_MS))
def test_the_longest_silence_of_all_is_never_usual_unless_it_is_not_alone(known: dict[int, int], since: int) -> None:
    usual = habit.usual_gap(known, since)
    if usual is None:
        assert len(known) < habit.FEWEST
    else:
        assert sum(longest >= usual for longest in known.values()) >= 2


@given(st.lists(st.integers(1, 3 * habit.HOUR_MS), max_size=300))
def test_what_is_kept_of_silences_is_bounded_and_none_is_longer_than_it_was(gaps: list[int]) -> None:
    kept: dict[int, int] = {}
    now = 10**12
    for gap in gaps:
        kept = habit.heard(kept, now, now + gap)
        now += gap
    assert len(kept) <= habit.DAYS * 24
    assert not gaps or max(kept.values(), default=0) <= max(gaps)
