"""A thousand accounts in simulated hours: what the poller asks, when, and what the platforms make of it.

The decisions are those of the poller (`agenda`, `turns`, budgets, breakers); time, network and platforms are simulated.
Each platform counts for itself what it is asked, in windows of its own.
"""

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise
from random import Random

import pytest

from ingest.platforms import Item, Limit, Usage
from ingest.polling.agenda import EVERYTHING, Entry, back_to
from ingest.polling.budget import Budget
from ingest.polling.pacing import DAY_MS, HOUR_MS
from ingest.polling.turns import Gate, Host, Lane, Turns

START_MS = 1_790_000_000_000
ACCOUNTS, HOSTS = 1000, 20
HOUR = 3600.0
INTERVAL = 60.0
WINDOW_CALLS, WINDOW_SECONDS = 5_000, 300.0
"""What a host allows all its accounts together."""
ACCOUNT_CALLS, ACCOUNT_SECONDS = 240, 3600.0
"""What it allows one of them."""


@dataclass
class Outage:
    """What a host answers from then until then."""

    host: int
    begins: float
    ends: float
    answer: str


@dataclass
class Platform:
    """Hosts that count what they are asked in sliding windows, and refuse whoever exceeds them."""

    outages: list[Outage] = field(default_factory=list)
    asked_host: dict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    asked_account: dict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    overruns: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    asked_in_outage: list[float] = field(default_factory=list)

    def answer(self, host: int, account: int, now: float) -> str:
        for outage in self.outages:
            if outage.host == host and outage.begins <= now < outage.ends:
                self.asked_in_outage.append(now)
                return self._told(outage.answer)
        for name, times, most, seconds in (
            ("host", self.asked_host[host], WINDOW_CALLS, WINDOW_SECONDS),
            ("account", self.asked_account[account], ACCOUNT_CALLS, ACCOUNT_SECONDS),
        ):
            while times and times[0] <= now - seconds:
                times.popleft()
            times.append(now)
            self.overruns[name] += len(times) > most
        return self._told("ok")

    def _told(self, answer: str) -> str:
        self.answers[answer] += 1
        return answer


@dataclass
class Account:
    """One account: its posts, when somebody did something to them, and until when we have seen that."""

    number: int
    lane: Lane
    entry: Entry
    pages: int
    posts: list[tuple[float, list[float]]]
    known: dict[str, Item] = field(default_factory=dict)
    due: dict[str, Item] = field(default_factory=dict)
    began: float = 0.0
    left: int = 0
    is_reading: bool = False
    reads: list[tuple[float, int]] = field(default_factory=list)
    """When a poll was through, and how far back it went."""


class Simulation:
    """Plays so many seconds. `pages`: how many requests a whole listing of an account takes."""

    def __init__(self, platform: Platform, seed: int, pages: Callable[[int], int] = lambda _number: 1) -> None:
        self.platform = platform
        self.random = Random(seed)
        self.turns: Turns[Account] = Turns()
        self.now = 0.0
        limits = (
            Limit("host", WINDOW_CALLS, int(WINDOW_SECONDS)),
            Limit("account", ACCOUNT_CALLS, int(ACCOUNT_SECONDS)),
        )
        self.gates = [Gate(Host(8), (Budget(limits[0], 0.8, self.ms),)) for _ in range(HOSTS)]
        self.accounts = [
            Account(
                number,
                Lane(self.gates[number % HOSTS], (Budget(limits[1], 0.8, self.ms),)),
                Entry(INTERVAL, 100),
                pages(number),
                self._posts(),
            )
            for number in range(ACCOUNTS)
        ]

    def ms(self) -> int:
        return START_MS + int(self.now * 1000)

    def _posts(self) -> list[tuple[float, list[float]]]:
        """Some from before, and every second account publishes one; people act on it in its first hour."""
        old: list[tuple[float, list[float]]] = [(-self.random.uniform(1, 29) * 24 * HOUR, []) for _ in range(3)]
        if self.random.random() < 0.5:
            return [*old]
        at = self.random.uniform(0, HOUR / 2)
        acts = sorted(at + self.random.uniform(0, HOUR) for _ in range(10))
        return [*old, (at, acts)]

    def play(self, seconds: float) -> None:
        under_way: list[tuple[float, int, Account, str]] = []
        dues = [(self.random.uniform(0, INTERVAL), account.number) for account in self.accounts]
        for due, number in dues:
            self.accounts[number].entry.due = due
        dues.sort()
        look_at = 0.0
        while self.now < seconds:
            while dues and dues[0][0] <= self.now:
                _, number = heappop(dues)
                self._begin(self.accounts[number])
            if self.now >= look_at:
                look_at = self.now + 1.0
                for account, lane in self.turns.refused(self.now):
                    self._fail(account, lane, dues)
            while len(under_way) < 64 and (turn := self.turns.take(self.now)) is not None:
                account = turn.task
                told = self.platform.answer(account.number % HOSTS, account.number, self.now)
                heappush(under_way, (self.now + self.random.uniform(0.05, 0.4), account.number, account, told))
            wakes_at = self.turns.wakes_at(self.now) if len(under_way) < 64 else None
            times = [under_way[0][0] if under_way else seconds, dues[0][0] if dues else seconds]
            self.now = max(self.now, min([*times, *([max(wakes_at, self.now + 0.01)] if wakes_at is not None else [])]))
            while under_way and under_way[0][0] <= self.now:
                _, _, account, told = heappop(under_way)
                self.turns.finished(account.lane)
                self._weigh(account, told, dues)

    def _begin(self, account: Account) -> None:
        opens_at = account.lane.opens_at(self.now)
        items = [*account.known.values(), Item(EVERYTHING, self.ms() - 30 * DAY_MS)]
        account.due = account.entry.due_items(items, self.now, self.ms())
        account.began, account.is_reading = self.now, True
        account.left = account.pages if EVERYTHING in account.due else 1
        self._ask(account, not_before=opens_at if opens_at > self.now else 0.0)

    def _ask(self, account: Account, not_before: float = 0.0) -> None:
        self.turns.put(account.lane, account, deadline=account.began + INTERVAL, not_before=not_before)

    def _weigh(self, account: Account, told: str, dues: list[tuple[float, int]]) -> None:
        breaker, budget = account.lane.gate.host.breaker, account.lane.budgets[-1]
        if told == "unreachable":
            breaker.failed(self.now)
            self._ask(account, not_before=self.now + 1)
            return
        breaker.answered()
        if told == "limited":
            budget.stop(self.now, 30.0)
            self._ask(account)
            return
        budget.passed()
        account.left -= 1
        if account.left:
            self._ask(account)
            return
        since = back_to(account.due, START_MS + int(account.began * 1000))
        account.reads.append((self.now, since))
        for place, (at, _) in enumerate(account.posts):
            if START_MS + int(at * 1000) >= since and at <= account.began:
                account.known[str(place)] = Item(str(place), START_MS + int(at * 1000))
        items = [*account.known.values(), Item(EVERYTHING, self.ms() - 30 * DAY_MS)]
        account.entry.succeeded(account.due, items, account.began, self.now, self.ms(), finds=True)
        account.entry.jitter(self.now, self.random)
        self._end(account, dues)

    def _fail(self, account: Account, lane: Lane, dues: list[tuple[float, int]]) -> None:
        account.entry.failed(self.now, self.random, not_before=lane.opens_at(self.now), needs_help=False)
        self._end(account, dues)

    def _end(self, account: Account, dues: list[tuple[float, int]]) -> None:
        account.is_reading = False
        heappush(dues, (account.entry.due, account.number))

    def waits(self) -> list[float]:
        """How long it took to see each act on a post younger than an hour."""
        found = []
        for account in self.accounts:
            times = [at for at, _ in account.reads]
            for published_at, acts in account.posts:
                for act in acts:
                    place = bisect_left(times, act + 0.4)  # what was under way when it happened may have missed it
                    if act - published_at < HOUR and place < len(times):
                        found.append(times[place] - act)
        return found


@pytest.fixture(scope="module")
def played() -> Simulation:
    simulation = Simulation(Platform(), seed=7)
    simulation.play(1.25 * HOUR)
    return simulation


def test_no_limit_is_ever_exceeded(played: Simulation) -> None:
    assert sum(played.platform.overruns.values()) == 0
    assert played.platform.answers["ok"] > 60_000


def test_young_posts_are_fresh_within_a_minute(played: Simulation) -> None:
    waits = played.waits()
    assert len(waits) > 4000
    assert max(waits) <= 60


def test_no_account_is_starved(played: Simulation) -> None:
    for account in played.accounts:
        times = [0.0, *(at for at, _ in account.reads), played.now]
        assert max(later - earlier for earlier, later in pairwise(times)) < 2 * INTERVAL


def test_everything_is_read_again_in_its_time(played: Simulation) -> None:
    for account in played.accounts:
        of_this_week = any(-6 * 24 * HOUR < at < -24 * HOUR for at, _ in account.posts)
        deep = [at for at, since in account.reads if since <= START_MS - 24 * HOUR_MS]
        assert len(deep) in (range(3, 6) if of_this_week else range(1, 6))


def test_big_accounts_under_pressure_take_nothing_from_small_ones() -> None:
    """A tenth of the accounts needs hundreds of requests at once, more than its host gives in the time."""
    simulation = Simulation(Platform(), seed=11, pages=lambda number: 180 if number // HOSTS % 10 == 0 else 1)
    simulation.play(900)
    small = [account for account in simulation.accounts if account.pages == 1]
    for account in small:
        times = [0.0, *(at for at, _ in account.reads), simulation.now]
        assert max(later - earlier for earlier, later in pairwise(times)) < 2 * INTERVAL
    assert sum(simulation.platform.overruns.values()) == 0


def test_a_host_that_asks_to_be_left_alone_is_and_the_others_go_on() -> None:
    outage = Outage(3, 200, 260, "limited")
    simulation = Simulation(Platform([outage]), seed=5)
    simulation.play(600)
    there = [account for account in simulation.accounts if account.number % HOSTS == 3]
    assert simulation.platform.answers["limited"] <= 3 * len(there)  # each is told, and waits for thirty seconds
    for account in there:
        assert any(at > 320 for at, _ in account.reads)
    for account in simulation.accounts:
        if account.number % HOSTS != 3:
            assert sum(200 <= at < 320 for at, _ in account.reads) >= 1


def test_a_dead_host_is_hardly_asked_and_is_found_again_when_it_is_back() -> None:
    outage = Outage(3, 200, 800, "unreachable")
    simulation = Simulation(Platform([outage]), seed=5)
    simulation.play(1500)
    asked = simulation.platform.asked_in_outage
    assert len([at for at in asked if at > 210]) <= 8  # probes, further and further apart
    there = [account for account in simulation.accounts if account.number % HOSTS == 3]
    for account in there:
        times = [at for at, _ in account.reads if at > 800]
        assert times
        assert times[-1] > 1500 - 2 * INTERVAL
    others = [account for account in simulation.accounts if account.number % HOSTS != 3]
    assert all(len(account.reads) >= 1500 / (INTERVAL + 1) for account in others)


def test_percent_headers_keep_a_shared_limit_from_being_reached() -> None:
    """An app's limit that all accounts share and only answers tell of: it drains evenly, and is never full."""
    budget = Budget(Limit("app"), 1.0, lambda: 0)
    used, now, asked, last = 0.0, 0.0, 0, 0.0
    while now < HOUR:
        now = max(now + 0.02, budget.ready_at(now))
        used = max(0.0, used - (now - last) * 2.0) + 1
        last = now
        assert used <= 200
        budget.spend(now)
        budget.note(now, Usage(used / 200, per="app"))
        asked += 1
    assert asked > 2 * HOUR * 0.9
