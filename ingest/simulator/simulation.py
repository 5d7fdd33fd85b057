"""One run: the world is told as its clock goes on, the webhook hears of it, the API answers from it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any

from ingest.simulator import planning
from ingest.simulator.faults import PLANS, Tally
from ingest.simulator.happenings import Happening
from ingest.simulator.ledger import Notes
from ingest.simulator.outbox import FEED, Dialect, Outbox
from ingest.simulator.population import Page
from ingest.simulator.posts import Post
from ingest.simulator.sender import Sender
from ingest.simulator.story import PAGES, Repertoire, Story
from ingest.simulator.world import Scale, World
from runtime.clock import Clock

PACE_SECONDS = 0.025
FLUSH_SECONDS = 1.0
MOST_PENDING = 64
"""Deliveries; while so many are unanswered, further changes wait and are packed together."""


class Phase(StrEnum):
    """`played`: the world is over, not everything is answered yet."""

    WAITING = "waiting"
    PLAYING = "playing"
    PLAYED = "played"
    FINISHING = "finishing"
    FINISHED = "finished"


Standing = tuple[str, int | None, int, int | None]
"""(post, likes, comments, shares) since the world's beginning; None for what the platform tells no events of."""


def _standing(post: Post) -> Standing:
    base = post.base
    return (
        post.id,
        post.likes() - sum(base.likes.values()),
        post.comment_count(True) - base.comments,
        post.share_count() - base.shares,
    )


@dataclass(frozen=True, slots=True)
class Cast:
    """What is a platform's own: its world, what people do, how it is told, and how its counters stand at the end."""

    world: Callable[[int, int, Scale], World] = World
    repertoire: Repertoire = PAGES
    dialect: Dialect = FEED
    standing: Callable[[Post], Standing] = _standing


@dataclass(frozen=True, slots=True)
class Setup:
    """What a run is made of. `app_secrets`: newest first."""

    seed: int
    faults: str
    clock: Clock
    scale: Scale
    webhook_url: str
    app_secrets: tuple[str, ...]
    platform: str = "facebook"


class Simulation:
    """Owns the world. The API asks it for the present before it reads anything.

    `plans_in`: where editorial plans are left at the end.
    """

    def __init__(self, setup: Setup, notes: Notes, plans_in: Path | None = None, cast: Cast | None = None) -> None:
        self._cast = cast or Cast()
        self.plan = PLANS[setup.faults]
        self.tally = Tally()
        self._setup = setup
        self._notes = notes
        self._plans_in = plans_in
        begins_at_ms = setup.clock.virtual_ms or setup.clock.now_ms()
        self.world = self._cast.world(setup.seed, begins_at_ms // 1000, setup.scale)
        self._story = Story(self.world, self._cast.repertoire)
        self._outbox = Outbox(self.plan, self.tally, Random(setup.seed + 1), self._cast.dialect)
        self.sender = Sender(setup.webhook_url, setup.app_secrets, notes, self.plan, self.tally, Random(setup.seed + 2))
        self.facts = 0
        self.phase = Phase.WAITING
        self._finished = asyncio.Lock()
        for page in self.world.pages:
            notes.account(
                page.id,
                brand=page.brand,
                name=page.name,
                zone=page.zone,
                currency=page.currency,
                connected_at=page.connected_at * 1000,
            )

    async def run(self) -> None:
        """Play and send until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._play())
            group.create_task(self.sender.run())
            group.create_task(self._flush())

    def present(self) -> int:
        """Bring the world up to now; the second of its clock."""
        now = self._setup.clock.now_ms() // 1000
        if self.phase in (Phase.WAITING, Phase.PLAYING):
            for happening in self._story.until(now):
                self.phase = Phase.PLAYING
                self.tell(happening)
            if self._story.is_over:
                self.phase = Phase.PLAYED
        return now

    def tell(self, happening: Happening) -> None:
        """It happened: the ledger knows of it, and the platform will tell what it tells."""
        if happening.fact is not None:
            happening.number = self._notes.fact(happening.fact)
            self.facts += 1
            if happening.item == "comment" and happening.comment is not None:
                happening.comment.noted(happening.verb, happening.number)
            self._classify(happening)
        self._outbox.put(happening)

    def _classify(self, happening: Happening) -> None:
        """What lies in the facts themselves, whatever the plan."""
        if not happening.names_actor:
            self.tally.add("anonymous")
        if happening.item == "reaction":
            if happening.verb == "remove":
                self.tally.add("unlikes")
            if happening.is_second_thought:
                self.tally.add("same_second_ties")
        if happening.verb in ("edit", "edited"):
            self.tally.add("edits")
        if happening.actor == happening.page.id:
            self.tally.add("owner_actions")

    async def _play(self) -> None:
        while True:
            now = self.present()
            if self.phase is not Phase.FINISHED and self.sender.pending < MOST_PENDING:
                self.sender.put(self._outbox.take(now))
            await asyncio.sleep(PACE_SECONDS)

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            self._notes.flush()

    async def finish(self) -> None:
        """Make no more facts, send everything that waits, and return when every delivery is answered.

        From then on the API answers without faults.
        """
        async with self._finished:
            if self.phase is Phase.FINISHED:
                return
            now = self.present()
            self.phase = Phase.FINISHING
            self.sender.put(self._outbox.take(now, everything=True))
            self.tally.calm()
            await self.sender.settled()
            for page in self.world.pages:
                self._notes.standing(page.id, map(self._cast.standing, self.world.posts_of[page.id]))
                self._plan(page)
            self._notes.flush()
            self.phase = Phase.FINISHED

    def _plan(self, page: Page) -> None:
        world = self.world
        if self._plans_in is None:
            return
        ends_at = world.begins_at + int(world.scale.ends_after)
        if planned := planning.slots(page, world.posts_of[page.id], world.begins_at, ends_at):
            self._notes.planned(page.id, planning.write(self._plans_in, page, planned).name, planned)

    def state(self) -> dict[str, Any]:
        """What `/_control/state` answers; faults with what a storm of this size promises at least."""
        return {
            "phase": self.phase.value,
            "seed": self._setup.seed,
            "faults_plan": self._setup.faults,
            "clock": str(self._setup.clock),
            "facts": self.facts,
            "posts": len(self.world.posts),
            "changes_sent": self.sender.changes_sent,
            "waiting_changes": len(self._outbox),
            "pending_deliveries": self.sender.pending,
            "answers": dict(self.sender.answers),
            "faults": dict(sorted(self.tally.counts.items())),
            "minima": self.tally.minima(self._setup.faults, self.facts),
        }
