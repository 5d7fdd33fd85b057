"""One run of the market: people come and buy, the shops and sites post, the APIs answer."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import web

from ingest.simulator.faults import PLANS, Tally
from ingest.simulator.graph.desk import Access
from ingest.simulator.ledger.paid_notes import PaidNotes
from ingest.simulator.market import ambassadors, brands, exchange
from ingest.simulator.market.ads import BOOSTS_AFTER
from ingest.simulator.market.ads_api import AdsApi
from ingest.simulator.market.outbox import Outbox
from ingest.simulator.market.people import Crowd
from ingest.simulator.market.shop_api import ShopApi
from ingest.simulator.market.telling import Source, Telling
from ingest.simulator.market.world import PEOPLE, World
from ingest.simulator.posts import Post
from ingest.simulator.sender import Sender
from ingest.simulator.shows import Phase, Setup
from ingest.simulator.simulation import FLUSH_SECONDS, PACE_SECONDS, Cast
from ingest.simulator.story import Story

NAME = "market"
ADS_SECRETS = "meta_ads_app_secrets"
SHARE = 0.06
"""Visits for each fact of the measure."""
CONNECTIONS = 3
MOST_PENDING = 48
MOST_POSTS = 12
"""Of a brand that are promoted."""
MOST_BOOSTED = 6
"""Of a brand, from which its ad accounts choose."""
ENOUGH_FACTS = 600
MINIMA = {
    "dropped": 10,
    "duplicate_alone": 10,
    "held": 15,
    "delayed": 5,
    "reordered": 80,
    "resent": 15,
    "malformed_delivery": 15,
    "forged": 10,
    "refused": 8,
}
"""What a storm over so many facts must at least have done."""


class Market:
    """Owns the world. The APIs ask it for the present before they read anything."""

    def __init__(self, setup: Setup, notes: PaidNotes) -> None:
        self.plan = PLANS[setup.faults]
        self.tally = Tally()
        self._setup = setup
        self._notes = notes
        scale = setup.scale
        self.world = World(
            *(setup.seed, setup.begins_at, scale.facts_per_second * SHARE, scale.ends_after),
            promoted(setup),
            young(setup),
        )
        sources: dict[str, Source] = {**self.world.shops, "collector": self.world.collector}
        self._outbox = Outbox(self.plan, self.tally, Random(setup.seed + 11), sources)
        self._senders = {
            name: Sender(one.endpoint(setup), self._taken, self.plan, self.tally, Random(setup.seed + 12), CONNECTIONS)
            for name, one in sources.items()
        }
        access = Access(setup.token, setup.secrets.get(ADS_SECRETS, ()))
        self._apis: tuple[AdsApi, ShopApi] = (
            AdsApi(setup.seed, self.world, notes, self.plan, self.tally, access, self.present),
            ShopApi(self.world, notes, self.plan, self.tally, setup.token, self.present),
        )
        self.tellings_sent = 0
        self.phase = Phase.WAITING
        self._finished = asyncio.Lock()
        self._note_configured()

    def routes(self) -> Sequence[web.RouteDef]:
        return [route for api in self._apis for route in api.routes()]

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._play())
            group.create_task(self._flush())
            for sender in self._senders.values():
                group.create_task(sender.run())

    def present(self) -> int:
        """Bring the world up to now; the second of its clock."""
        now = self._setup.clock.now_ms() // 1000
        if self.phase in (Phase.WAITING, Phase.PLAYING):
            for posted in self.world.until(now):
                self.phase = Phase.PLAYING
                self._outbox.put(posted)
            if self.world.is_over:
                self.phase = Phase.PLAYED
        return now

    async def finish(self) -> None:
        async with self._finished:
            if self.phase is Phase.FINISHED:
                return
            now = self.present()
            self.phase = Phase.FINISHING
            self._send(now, everything=True)
            self.tally.calm()
            for sender in self._senders.values():
                await sender.settled()
            self._notes.flush()
            self.phase = Phase.FINISHED

    def state(self) -> dict[str, Any]:
        answers: Counter[str] = Counter()
        for sender in self._senders.values():
            answers.update(sender.answers)
        return {
            "facts": self.world.facts,
            "posts": 0,
            "changes_sent": self.tellings_sent,
            "waiting_changes": len(self._outbox),
            "pending_deliveries": self._pending(),
            "answers": dict(answers),
            "faults": dict(self.tally.counts),
            "minima": self._minima(),
        }

    def _minima(self) -> dict[str, int]:
        if self._setup.faults != "storm":
            return {}
        part = self.world.facts / ENOUGH_FACTS
        return {fault: int(least * part) for fault, least in MINIMA.items()}

    def dead_letters(self) -> Mapping[str, int]:
        expected: Counter[str] = Counter()
        for sender in self._senders.values():
            expected.update(sender.dead_letters)
        return expected

    def _pending(self) -> int:
        return sum(sender.pending for sender in self._senders.values())

    def _send(self, now: int, *, everything: bool = False) -> None:
        for endpoint, telling in self._outbox.take(now, everything=everything):
            self._senders[endpoint].put([telling])

    def _taken(self, telling: Telling) -> None:
        self.tellings_sent += 1
        for kind, columns in telling.told:
            self._notes.told(kind, columns)

    async def _play(self) -> None:
        while True:
            now = self.present()
            if self.phase is not Phase.FINISHED and self._pending() < MOST_PENDING:
                self._send(now)
            await asyncio.sleep(PACE_SECONDS)

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            self._notes.flush()

    def _note_configured(self) -> None:
        found = brands.configured(self._setup.begins_at)
        for one in found.accounts:
            self._notes.configured(
                one.platform,
                one.id,
                brand=one.brand,
                name=one.name,
                zone=one.zone,
                currency=one.currency,
                connected_at=int(one.connected_at.timestamp()) * 1000,
            )
        for site in found.sites:
            self._notes.site(site.id, site.brand, site.zone)


def promoted(setup: Setup) -> dict[str, list[str]]:
    """Brand -> posts of its Facebook pages, the same that the show of Facebook publishes before the world begins."""
    world = Cast().made(setup)
    found: dict[str, list[str]] = {}
    for page in world.pages:
        posts = found.setdefault(page.brand, [])
        posts += [post.id for post in world.posts_of[page.id][-2:]]
    return {brand: posts[:MOST_POSTS] for brand, posts in found.items()}


def young(setup: Setup) -> dict[str, list[str]]:
    """Brand -> posts of its Facebook pages that a brand would boost: of those of the world's first hours the ones that
    got most until then, which is played ahead. In an endless world nobody boosts."""
    if setup.scale.ends_after == float("inf"):
        return {}
    cast = Cast()
    world = cast.made(setup)
    for _ in Story(world, cast.repertoire).until(world.begins_at + BOOSTS_AFTER):
        pass
    found: dict[str, list[Post]] = {page.brand: [] for page in world.pages}
    for post in world.posts.values():
        if post.created_at > world.begins_at and post.deleted_at is None:
            found[post.page.brand].append(post)
    for posts in found.values():
        posts.sort(key=lambda post: (-len(post.reactions) - post.live_comments, post.id))
    return {brand: [post.id for post in posts[:MOST_BOOSTED]] for brand, posts in found.items()}


def _give(directory: Path, setup: Setup, notes: PaidNotes) -> None:
    """Tell whose code is whose and who buys, in files and to the ledger."""
    buyers = {site.brand: Crowd(site.brand, PEOPLE) for site in brands.SITES}
    people = {
        brand: [crowd.person(number) for number in range(ambassadors.BUYING + 1)] for brand, crowd in buyers.items()
    }
    told = list(ambassadors.notes(Cast().made(setup).pages, people))
    ambassadors.write(directory, told)
    for note in told:
        notes.told(*note)


@contextmanager
def stage(setup: Setup) -> Iterator[Market]:
    directory = setup.notes_of(NAME)
    with PaidNotes(directory) as notes:
        if directory is not None:
            found = exchange.quotes(setup.begins_at)
            exchange.write(directory, found)
            notes.quoted(exchange.FILE, exchange.BASE, found)
            _give(directory, setup, notes)
        yield Market(setup, notes)
