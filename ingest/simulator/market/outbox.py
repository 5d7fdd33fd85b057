"""Between a market and the network: when each telling is due, and what goes wrong with it. No IO and no clock."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from random import Random

from ingest.simulator.faults import DELAY_SECONDS, HOLD_SECONDS, Plan, Tally
from ingest.simulator.market.telling import Source
from ingest.simulator.market.world import Posted

COPIED_WITHIN = 7_200
"""Seconds."""


class Outbox:
    """`sources`: by endpoint, what forges and spoils."""

    def __init__(self, plan: Plan, tally: Tally, rng: Random, sources: Mapping[str, Source]) -> None:
        self._plan = plan
        self._tally = tally
        self._rng = rng
        self._sources = sources
        self._waiting: list[tuple[int, int, Posted]] = []
        self._order = count()
        self._newest_sent = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, posted: Posted) -> None:
        """Plan when it is sent, if ever."""
        plan, telling = self._plan, posted.telling
        if telling.told and self._rng.random() < plan.drop:
            self._tally.add("dropped")
            return
        chance, pause = self._rng.random(), 0
        if chance < plan.delay:
            pause = self._rng.randrange(*DELAY_SECONDS)
            self._tally.add("delayed")
        elif chance < plan.delay + plan.hold:
            pause = self._rng.randrange(*HOLD_SECONDS)
            self._tally.add("held")
        self._wait(telling.sent_at + pause, posted)
        if self._rng.random() < plan.duplicate:
            copy = replace(telling, is_copy=True)
            self._wait(telling.sent_at + self._rng.randrange(1, COPIED_WITHIN), posted._replace(telling=copy))
            self._tally.add("duplicate_alone")

    def _wait(self, due_at: int, posted: Posted) -> None:
        heapq.heappush(self._waiting, (due_at, next(self._order), posted))

    def take(self, now: int, *, everything: bool = False) -> Iterator[Posted]:
        """What is due by `now`, or everything that still waits, with what nobody should have sent among it."""
        due = []
        while self._waiting and (everything or self._waiting[0][0] <= now):
            due.append(heapq.heappop(self._waiting)[2])
        if self._plan.shuffle:
            self._rng.shuffle(due)
        for posted in due:
            if posted.telling.sent_at < self._newest_sent:
                self._tally.add("reordered")
            self._newest_sent = max(self._newest_sent, posted.telling.sent_at)
            yield posted
            yield from self._unwanted(posted.endpoint, now)

    def _unwanted(self, endpoint: str, now: int) -> Iterator[Posted]:
        source = self._sources[endpoint]
        if self._tally.due(f"forged_{endpoint}", self._plan.forged_every):
            yield Posted(endpoint, source.forgery(now))
        if self._tally.due(f"malformed_{endpoint}", self._plan.malformed_every // 2):
            self._tally.add("malformed_delivery")
            yield Posted(endpoint, source.spoiled(now))
