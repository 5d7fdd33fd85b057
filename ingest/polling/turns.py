"""Whose request comes next: fair between accounts, urgent ones first within an account, all within the limits. Pure.

A lane is what an account asks of one host; its requests wait in the order of their deadlines. A gate is a host with the
limits that its lanes share; several may lead to one host. Of all lanes that may go, the one goes that has gone least:
each request moves its lane back by its cost, and one that begins anew begins where the others are. So nobody saves up
turns, and nobody starves.
"""

from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Generic, NamedTuple, TypeVar

from ingest.polling.breaker import Breaker
from ingest.polling.budget import Budget

T = TypeVar("T")

LONGEST_HOLD_SECONDS = 60.0
"""What has to wait for longer than that is given back: what it knows would be too old by then."""


@dataclass(eq=False, slots=True)
class Host:
    """An address: how many requests may be under way there, and how it fares."""

    at_once: int
    breaker: Breaker = field(default_factory=Breaker)
    under_way: int = 0

    @property
    def is_full(self) -> bool:
        return self.under_way >= self.at_once


@dataclass(eq=False, slots=True)
class Gate:
    """A host with the budgets that all its lanes share."""

    host: Host
    budgets: tuple[Budget, ...]
    ready: "list[tuple[float, int, Lane]]" = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Lane:
    """An account at a host. `budgets` are its own, beside those of the gate; `went`: what its requests have cost."""

    gate: Gate
    budgets: tuple[Budget, ...]
    went: float = 0.0
    is_listed: bool = False
    waiting: "list[tuple[float, int, object, int]]" = field(default_factory=list)

    def opens_at(self, now: float) -> float:
        """When its limits and its host let it ask; no later than `now` if they do already."""
        budgets = (*self.gate.budgets, *self.budgets)
        return max(self.gate.host.breaker.ready_at(now), *(budget.ready_at(now) for budget in budgets), 0.0)


class Turn(NamedTuple, Generic[T]):
    """A task that may be done now, and the lane that it goes in; `finished` is to be told of it."""

    task: T
    lane: Lane


class Turns(Generic[T]):
    """Holds the tasks of all lanes, each of which is one request."""

    def __init__(self) -> None:
        self._gates: dict[int, Gate] = {}
        self._later: list[tuple[float, int, Lane, tuple[float, int, object, int] | None]] = []
        self._went = 0.0
        self._count = 0

    def put(self, lane: Lane, task: T, *, deadline: float, cost: int = 1, not_before: float = 0.0) -> None:
        """A request is to be made, and urgent by then."""
        self._gates[id(lane.gate)] = lane.gate
        entry = (deadline, self._next(), task, cost)
        if not_before > 0:
            heappush(self._later, (not_before, self._next(), lane, entry))
        else:
            self._enter(lane, entry)

    def take(self, now: float) -> Turn[T] | None:
        """The next request to make, which is thereby made; None: none may be now."""
        self._wake(now)
        best: Gate | None = None
        for gate in self._gates.values():
            if gate.ready and self._may_go(gate, now) and (best is None or gate.ready[0][:2] < best.ready[0][:2]):
                best = gate
        if best is None:
            return None
        went, _, lane = heappop(best.ready)
        lane.is_listed = False
        _, _, task, cost = heappop(lane.waiting)
        self._went = max(self._went, went)
        lane.went = max(lane.went, went) + cost
        for budget in (*best.budgets, *lane.budgets):
            budget.spend(now, cost)
        best.host.breaker.asked()
        best.host.under_way += 1
        if lane.waiting:
            self._list(lane)
        return Turn(task, lane)  # type: ignore[arg-type]  # a lane may serve tasks of any kind, these turns one

    def finished(self, lane: Lane) -> None:
        """A request that was taken is through."""
        lane.gate.host.under_way -= 1

    def refused(self, now: float) -> list[Turn[T]]:
        """Takes out what would have to wait for too long."""
        lanes = {id(lane): lane for _, _, lane, _ in self._later}
        lanes |= {id(lane): lane for gate in self._gates.values() for _, _, lane in gate.ready}
        found: list[Turn[T]] = []
        for lane in lanes.values():
            if lane.opens_at(now) - now > LONGEST_HOLD_SECONDS:
                entries = lane.waiting + [entry for _, _, held, entry in self._later if held is lane and entry]
                self._later = [one for one in self._later if one[2] is not lane]
                heapify(self._later)
                lane.gate.ready = [one for one in lane.gate.ready if one[2] is not lane]
                heapify(lane.gate.ready)
                lane.waiting, lane.is_listed = [], False
                found += [Turn(entry[2], lane) for entry in entries]  # type: ignore[arg-type]
        return found

    def wakes_at(self, now: float) -> float | None:
        """When `take` may give something that it does not now, as far as time decides that; None: never."""
        open_gates = (gate for gate in self._gates.values() if gate.ready and not gate.host.is_full)
        times = [*(at for at, _, _, _ in self._later[:1]), *(self._opens_at(gate, now) for gate in open_gates)]
        return min(times, default=None)

    def _may_go(self, gate: Gate, now: float) -> bool:
        """Whether the gate is open and its first lane may go; lanes that may not by themselves wait apart."""
        if gate.host.is_full:
            return False
        while gate.ready:
            _, number, lane = gate.ready[0]
            cost = lane.waiting[0][3]
            if self._opens_at(gate, now) > now:
                return False
            own = max((budget.ready_at(now, cost) for budget in lane.budgets), default=now)
            if own <= now:
                return True
            heappop(gate.ready)
            heappush(self._later, (own, number, lane, None))
        return False

    def _opens_at(self, gate: Gate, now: float) -> float:
        cost = gate.ready[0][2].waiting[0][3]
        return max(gate.host.breaker.ready_at(now), *(budget.ready_at(now, cost) for budget in gate.budgets), now)

    def _wake(self, now: float) -> None:
        while self._later and self._later[0][0] <= now:
            _, _, lane, entry = heappop(self._later)
            if entry is None:
                lane.is_listed = False
                if lane.waiting:
                    self._list(lane)
            else:
                self._enter(lane, entry)

    def _enter(self, lane: Lane, entry: tuple[float, int, object, int]) -> None:
        heappush(lane.waiting, entry)
        if not lane.is_listed:
            lane.went = max(lane.went, self._went)
            self._list(lane)

    def _list(self, lane: Lane) -> None:
        lane.is_listed = True
        heappush(lane.gate.ready, (lane.went, self._next(), lane))

    def _next(self) -> int:
        self._count += 1
        return self._count
