"""One run of one world of posts: it is told as its clock goes on, the pipeline hears of it, the API answers from it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Protocol

from aiohttp import web

from ingest.simulator import meta, planning
from ingest.simulator.faults import PLANS, Plan, Tally
from ingest.simulator.graph.desk import Access
from ingest.simulator.graph.server import Graph
from ingest.simulator.happenings import Happening
from ingest.simulator.ledger import Notes
from ingest.simulator.outbox import FEED, Delivery, Dialect, Outbox
from ingest.simulator.population import Page
from ingest.simulator.posts import Post
from ingest.simulator.sender import Courier, Sender
from ingest.simulator.shows import Phase, Setup
from ingest.simulator.story import PAGES, Repertoire, Story
from ingest.simulator.world import Scale, World

PACE_SECONDS = 0.025
FLUSH_SECONDS = 1.0
MOST_PENDING = 64
"""Deliveries; while so many are unanswered, further changes wait and are packed together."""

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


class Api(Protocol):
    """What is polled of a platform."""

    def routes(self) -> Sequence[web.RouteDef]: ...


Makes = Callable[[World, Notes, Plan, Tally, Access, Callable[[], int]], Api]
"""Of an API: the callable brings the world up to now and returns the second."""
Brings = Callable[[Setup, str, Callable[[Delivery], None], Plan, Tally, Random], Courier[Delivery]]
"""Of a courier: it signs with the secrets of that setting, and tells of each delivery when it has arrived."""


def posted(
    setup: Setup, secrets: str, taken: Callable[[Delivery], None], plan: Plan, tally: Tally, rng: Random
) -> Courier[Delivery]:
    """As Meta does."""
    return Sender(meta.endpoint(setup, secrets), taken, plan, tally, rng)


@dataclass(frozen=True, slots=True)
class Cast:
    """What is a platform's own: its world, what people do, how it is told and brought, what answers when it is asked,
    and how its counters stand at the end.

    `share`: of the facts and posts of a run, one platform being the measure. `secrets`: the setting that holds those
    of its app. `plan`: what of a plan can go wrong there.
    """

    platform: str = "facebook"
    share: float = 1.0
    secrets: str = "meta_app_secrets"
    world: Callable[[int, int, Scale], World] = World
    repertoire: Repertoire = PAGES
    dialect: Dialect = FEED
    courier: Brings = posted
    api: Makes = Graph
    standing: Callable[[Post], Standing] = _standing
    plan: Callable[[Plan], Plan] = lambda plan: plan

    def made(self, setup: Setup) -> World:
        """Its world at the beginning."""
        scale = setup.scale
        own = replace(
            scale,
            facts_per_second=scale.facts_per_second * self.share,
            publish_every=scale.publish_every / self.share,
            old_posts=round(scale.old_posts * self.share),
        )
        return self.world(setup.seed, setup.begins_at, own)


class Simulation:
    """Owns the world. The API asks it for the present before it reads anything."""

    def __init__(self, setup: Setup, notes: Notes, cast: Cast) -> None:
        self._cast = cast
        self.plan = cast.plan(PLANS[setup.faults])
        self.tally = Tally()
        self._setup = setup
        self._notes = notes
        self._plans_in = setup.notes_of(cast.platform)
        self.world = cast.made(setup)
        self._story = Story(self.world, cast.repertoire)
        self._outbox = Outbox(self.plan, self.tally, Random(setup.seed + 1), cast.dialect)
        rng = Random(setup.seed + 2)
        self.courier = cast.courier(setup, cast.secrets, self._taken, self.plan, self.tally, rng)
        access = Access(setup.token, setup.secrets.get(cast.secrets, ()))
        self._api = cast.api(self.world, notes, self.plan, self.tally, access, self.present)
        self.facts = 0
        self.changes_sent = 0
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

    def routes(self) -> list[web.RouteDef]:
        return [*self._api.routes(), *self.courier.routes()]

    async def run(self) -> None:
        """Play and send until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._play())
            group.create_task(self.courier.run())
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

    def _taken(self, delivery: Delivery) -> None:
        """It arrived: what is in it was offered."""
        sent_ms = delivery.sent_at * 1000
        facts = [(change.number, change.names_actor) for change in delivery.changes if change.number >= 0]
        if facts:
            self._notes.delivered(sent_ms, facts)
        for change in delivery.changes:
            if change.deletes is not None:
                deleted_at = change.made_at * 1000 if change.tells_when else sent_ms
                self._notes.deleted(deleted_at, change.page, change.deletes)
            if change.shows:
                self._notes.observed(sent_ms, change.page, change.shows, "organic")
        self.changes_sent += len(delivery.changes)

    async def _play(self) -> None:
        while True:
            now = self.present()
            if self.phase is not Phase.FINISHED and self.courier.pending < MOST_PENDING:
                self.courier.put(self._outbox.take(now))
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
            self.courier.put(self._outbox.take(now, everything=True))
            self.tally.calm()
            await self.courier.settled()
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
        return {
            "facts": self.facts,
            "posts": len(self.world.posts),
            "changes_sent": self.changes_sent,
            "waiting_changes": len(self._outbox),
            "pending_deliveries": self.courier.pending,
            "answers": dict(self.courier.answers),
            "faults": dict(self.tally.counts),
            "minima": self.tally.minima(self._setup.faults, self.facts) if self._cast.share == 1.0 else {},
        }

    def dead_letters(self) -> Mapping[str, int]:
        return self.courier.dead_letters
