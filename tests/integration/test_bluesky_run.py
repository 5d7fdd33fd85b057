"""A simulated Bluesky, its streamer and its poller: the rows made of what they wrote are the ledger's, however often
the streamer is cut off in the middle."""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import aiohttp
import msgspec
import pytest

from contracts import codec, topics
from contracts.config import parse
from contracts.events import Cursor, EngagementEvent, Memory
from ingest.health import Watch
from ingest.platforms import Stream
from ingest.polling.access import Access
from ingest.records import Records
from ingest.simulator import configuration
from ingest.simulator.bluesky.world import World
from ingest.simulator.cli import scale_of
from ingest.simulator.happenings import Happening
from ingest.simulator.server import serve
from ingest.simulator.shows import Phase, Setup, load
from ingest.simulator.simulation import Simulation
from ingest.simulator.timeline import virtual_clock
from ingest.streaming import wire
from ingest.streaming.feed import Feed, Means
from ingest.streaming.hosts import Hosts
from ingest.streaming.place import Place
from ingest.streaming.process import lines
from ingest.streaming.register import Register, Surroundings
from ingest.subjects import Subjects
from runtime.clock import Clock, wall_ms
from runtime.health import Health
from runtime.instruments import Instruments
from tests.integration.social_run import QUICK, TABLES, TOKEN, OnTheWire, SocialRun

SECONDS, RATE = 8.0, 1500.0


class BlueskyRun(SocialRun):
    """The streamer is ended without a word now and then, and begins anew with what stands on the log."""

    cuts = 0

    async def play(self, setup: Setup) -> None:
        setup = replace(setup, notes_in=self.directory)
        show = load()["bluesky"]
        async with serve(setup, [show]) as running, wire.session() as session:
            (simulation,) = running.runs
            assert isinstance(simulation, Simulation)
            here = f"127.0.0.1:{running.port}"
            self._addresses = {
                setting: address.format(http=f"http://{here}", ws=f"ws://{here}")
                for setting, address in show.addresses.items()
            }
            text = configuration.write(self.directory, [show.configured(setup)], 1.0).read_text(encoding="utf-8")
            self._config = msgspec.structs.replace(parse(text), polling=QUICK)
            chance, polling = random.Random(setup.seed), threading.Event()
            poller = asyncio.create_task(asyncio.to_thread(self._poller(setup.clock, polling, once=False).run))
            try:
                while simulation.phase is not Phase.PLAYED:
                    await self._listen(setup.clock, session, chance.uniform(0.2, 1.5))
                    self.cuts += 1
            finally:
                polling.set()  # its thread outlives whatever fails here
            await poller
            self.world_is_over()
            stop = asyncio.Event()
            listening = asyncio.create_task(self._feed(setup.clock, stop).run(session))
            for happening in _taken_back(cast(World, simulation.world), simulation.present()):
                simulation.tell(happening)
            await simulation.finish()
            stop.set()
            await listening
            await asyncio.to_thread(self._poller(setup.clock, threading.Event(), once=True).run)
            self.faults = Counter(simulation.state()["faults"])
            self.dead_letters = Counter(simulation.dead_letters())

    async def _listen(self, clock: Clock, session: aiohttp.ClientSession, seconds: float) -> None:
        task = asyncio.create_task(self._feed(clock, asyncio.Event()).run(session))
        await asyncio.sleep(seconds)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled(), task.exception()

    def _feed(self, clock: Clock, stop: asyncio.Event) -> Feed:
        poll = self.platform.poll
        assert poll is not None
        access = Access(self.platform, poll, self._addresses[poll.base_url.name], lambda: TOKEN, (), {})
        (line,) = lines((account, access) for account in self._config.accounts)
        records, instruments = Records(self._config.partitions), Instruments()
        watch = Watch(records, clock.now_ms, wall_ms)
        around = Surroundings(records, self._config.partitions.organic, watch, clock, instruments)
        cursors = [codec.decoder(Cursor)(one.value) for one in self.log.of(topics.CURSORS) if one.value is not None]
        places = {cursor.source: Place.of(cursor.state) for cursor in cursors}
        register = Register([account for account, _ in line.accounts], places, around)
        hosts = Hosts(self._addresses[line.stream.hosts.name].split(","))
        means = Means(self._intake(records), self.log, records, instruments, Health(), stop)
        # The world's hours pass in moments: no pause is a gap there.
        stream: Stream = replace(line.stream, lookback_ms=10**12)
        return Feed(line.source, self.platform, stream, hosts, None, register, self._remembered(), means)

    def _remembered(self) -> Subjects:
        newest = {record.key: record.value for record in self.log.of(topics.MEMORY)}
        found = [codec.decoder(Memory)(value) for value in newest.values() if value is not None]
        return Subjects((one.object_id, one.subject) for one in found if one.subject is not None)


def _taken_back(world: World, at: int) -> Iterator[Happening]:
    """Somebody who did something long ago deletes it: only who listens now can hear of that."""
    person = next(one for one, deeds in world.deeds.items() if deeds and one not in world.page)
    rkey, deed = world.deeds[person].popitem()
    yield Happening(at, deed.collection, "delete", deed.page, person, True, object_id=rkey, fact=deed.undo(at))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> BlueskyRun:
    found = BlueskyRun("bluesky", tmp_path_factory.mktemp("bluesky"))
    clock = virtual_clock(wall_ms() + 500, SECONDS)
    asyncio.run(found.play(Setup(5, "storm", clock, scale_of(SECONDS, RATE), "", TOKEN)))
    return found


@pytest.fixture(scope="module")
def judged(run: BlueskyRun) -> dict[str, tuple[OnTheWire, OnTheWire]]:
    return run.judged()


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_the_ledgers(judged: dict[str, tuple[OnTheWire, OnTheWire]], table: str) -> None:
    got, expected = judged[table]
    assert got == expected
    assert got


def test_every_dead_letter_is_expected(run: BlueskyRun) -> None:
    assert run.log.refusals() == run.dead_letters
    assert set(run.dead_letters) >= {"invalid_field", "future_time", "unreadable_body", "invalid_envelope"}


def test_everything_that_can_happen_happened(run: BlueskyRun) -> None:
    decode = codec.decoder(EngagementEvent)
    events = [decode(one.value) for one in run.log.of(topics.EVENTS) if b":" in one.key and one.value is not None]
    kinds = {(event.kind, event.action) for event in events}
    assert kinds == {
        (kind, action) for kind in ("reaction", "share", "comment", "follow", "mention") for action in ("add", "remove")
    }
    assert run.cuts > 2
    assert run.faults["stream_broken"] > 2
    assert run.faults["redelivered"] > 2
    assert len({event.event_id for event in events}) < len(events)


def test_no_cursor_speaks_of_what_was_not_yet_written(run: BlueskyRun) -> None:
    """At each cursor, everything up to its position stood before it."""
    decode_event, decode_cursor = codec.decoder(EngagementEvent), codec.decoder(Cursor)
    written: set[str] = set()
    newest: dict[str, int] = {}
    for record in run.log.records:
        if record.topic == topics.EVENTS.name and b":" in record.key and record.value is not None:
            event = decode_event(record.value)
            is_late = event.event_id not in written and event.occurred_at < newest.get(event.account_id, 0)
            assert not is_late, "an event came for the first time behind a cursor that had passed it"
            written.add(event.event_id)
        elif record.topic == topics.CURSORS.name and record.value is not None:
            cursor = decode_cursor(record.value)
            if cursor.source.endswith(":stream") and cursor.started_at is not None:
                newest[cursor.account_id] = max(cursor.started_at, newest.get(cursor.account_id, 0))
