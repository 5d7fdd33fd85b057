"""Between the world and the network: when each change is due, in which delivery, and what goes wrong with it.

No IO and no clock: times are arguments, in the world's seconds.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random
from typing import Protocol

from ingest.simulator import wire
from ingest.simulator.faults import DELAY_SECONDS, HOLD_SECONDS, Plan, Tally
from ingest.simulator.happenings import Happening
from ingest.simulator.malformed import Malformed
from ingest.simulator.sender import Parcel
from ingest.simulator.wire import Change

MOST_CHANGES = 1000
"""In one delivery."""
CROWD = 150
"""So many changes that are due at once are many."""


@dataclass(slots=True)
class Delivery(Parcel):
    """Changes in one envelope: what its being taken means."""

    changes: list[Change] = field(default_factory=list)


class Spoiler(Protocol):
    """Makes what nobody should send: changes and deliveries, each with the reason for which it is refused."""

    def change(self, at: int, page: str) -> tuple[str, Change]: ...
    def delivery(self, at: int, page: str) -> tuple[str, bytes]: ...
    def forgery(self, at: int, page: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a platform tells what happened. What `silent` verbs do is never told."""

    changes: Callable[[Happening, Random], list[Change]]
    body: Callable[[int, Iterable[tuple[str, Sequence[str]]]], bytes]
    spoiler: Callable[[], Spoiler]
    silent: frozenset[str] = frozenset()


FEED = Dialect(wire.changes, wire.body, Malformed)


class Outbox:
    """Holds changes until they are due and packs them into deliveries."""

    def __init__(self, plan: Plan, tally: Tally, rng: Random, dialect: Dialect = FEED) -> None:
        self.plan = plan
        self._dialect = dialect
        self.tally = tally
        self._rng = rng
        self._waiting: list[tuple[int, int, Change]] = []
        self._order = count()
        self._unsent_adds: dict[object, int] = defaultdict(int)
        self._malformed = dialect.spoiler()
        self._newest_sent = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, happening: Happening) -> None:
        """Plan how and when it is told, if ever."""
        if happening.verb in self._dialect.silent:
            return
        if happening.fact is not None and self._rng.random() < self.plan.drop:
            self.tally.add("dropped")
            return
        for change in self._dialect.changes(happening, self._rng):
            change.late, pause = self._lateness()
            self._wait(change, change.made_at + pause)
            if self._rng.random() < self.plan.duplicate:
                copy = replace(change, is_copy=True, is_alone=self._rng.random() < 0.5)
                self._wait(copy, change.made_at + self._rng.randrange(1, 7200))

    def _lateness(self) -> tuple[str | None, int]:
        chance = self._rng.random()
        if chance < self.plan.delay:
            return "delayed", self._rng.randrange(*DELAY_SECONDS)
        if chance < self.plan.delay + self.plan.hold:
            return "held", self._rng.randrange(*HOLD_SECONDS)
        return None, 0

    def _wait(self, change: Change, due_at: int) -> None:
        heapq.heappush(self._waiting, (due_at, next(self._order), change))
        if change.action == "add" and not change.is_copy:
            self._unsent_adds[change.relation] += 1

    def take(self, now: int, everything: bool = False) -> list[Delivery]:
        """The deliveries of what is due by `now`, or of everything that still waits."""
        due = []
        while self._waiting and (everything or self._waiting[0][0] <= now):
            due.append(heapq.heappop(self._waiting)[2])
        if self.plan.shuffle:
            self._rng.shuffle(due)
        deliveries = []
        packed = [change for change in due if not change.is_alone]
        while packed:
            size = self._size(len(packed))
            deliveries += self._deliveries(packed[:size], now)
            del packed[:size]
        for change in due:
            if change.is_alone:
                deliveries += self._deliveries([change], now)
        return deliveries

    def _size(self, waiting: int) -> int:
        """Mostly a handful; where many wait, as after an outage of the receiver, great batches."""
        chance = self._rng.random()
        if waiting > CROWD:
            return 1 if chance < 0.1 else self._rng.randrange(2, MOST_CHANGES + 1 if chance > 0.9 else CROWD)
        return 1 if chance < 0.3 else self._rng.randrange(2, 25)

    def _deliveries(self, changes: list[Change], now: int) -> list[Delivery]:
        """One delivery, and at times something that nobody should have sent beside it."""
        for change in changes:
            self._account_for(change)
        made, page = [], changes[0].page
        if self.tally.due("forged", self.plan.forged_every):
            made.append(Delivery(self._malformed.forgery(now, page), now, is_forged=True))
        if self.tally.due("malformed_delivery", self.plan.malformed_every * 7):
            reason, broken = self._malformed.delivery(now, page)
            made.append(Delivery(broken, now, reasons=[reason]))
            self.tally.add("malformed_delivery")
        reasons = []
        if len(changes) < MOST_CHANGES and self.tally.due("malformed_change", self.plan.malformed_every):
            reason, bad = self._malformed.change(now, page)
            changes.insert(self._rng.randrange(len(changes) + 1), bad)
            reasons.append(reason)
            self.tally.add("malformed_change")
        by_page: dict[str, list[str]] = defaultdict(list)
        for change in changes:
            by_page[change.page].append(change.text)
        made.append(Delivery(self._dialect.body(now, by_page.items()), now, changes, reasons=reasons))
        return made

    def _account_for(self, change: Change) -> None:
        """Count what has gone wrong with a change that leaves now."""
        if change.is_copy:
            self.tally.add("duplicate_alone" if change.is_alone else "duplicate_in_batch")
            return
        if change.action == "add":
            self._unsent_adds[change.relation] -= 1
            if not self._unsent_adds[change.relation]:
                del self._unsent_adds[change.relation]
        elif change.action == "remove" and change.relation in self._unsent_adds:
            self.tally.add("removal_before_add")
        if change.made_at < self._newest_sent:
            self.tally.add(change.late or "reordered")
        self._newest_sent = max(self._newest_sent, change.made_at)
