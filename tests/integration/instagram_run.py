"""Ingest against a simulated Instagram, without Kafka: what it would write is kept, folded and compared."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
from aiohttp import web

from contracts import codec, tables, topics
from contracts.config import Config, Polling, parse
from contracts.events import TICK_KEY, DeadLetter, Listing, Memory, Tick
from contracts.platforms import unsent
from ingest.health import Watch
from ingest.intake import Intake
from ingest.kafka import Offsets, Producer
from ingest.platforms import load
from ingest.polling.access import Access, Lanes
from ingest.polling.http import Http
from ingest.polling.notebook import Notebook
from ingest.polling.poller import Poller
from ingest.polling.process import scheduled
from ingest.polling.reader import Reader
from ingest.polling.schedule import Scope
from ingest.records import Record, Records
from ingest.simulator import configuration, shows
from ingest.simulator.happenings import Happening
from ingest.simulator.instagram import acts
from ingest.simulator.ledger import Rows
from ingest.simulator.posts import Remark
from ingest.simulator.server import serve
from ingest.simulator.shows import Phase, Setup
from ingest.simulator.simulation import Simulation
from ingest.simulator.world import World
from ingest.webhooks.receiver import Endpoint, Receiver, Signer
from processors.engagement.organic import Organic, processor
from processors.engine.state import Change
from runtime.clock import Clock, wall_ms
from runtime.health import Health
from runtime.instruments import Instruments
from runtime.seal import Sealer
from tests.property import folding
from tests.property.test_fold_agrees_with_the_ledger import on_the_wire

PLATFORM = load()["instagram"]
SHOW = shows.load()["instagram"]
SECRETS = ("new", "old")
TOKEN, IDENTITY_KEY = "t", "an identity key"
QUICK = Polling(posts_seconds=1, comments_seconds=1, insights_seconds=2, tick_seconds=1)


class Log(Producer):
    """A topic log in memory: everything is acknowledged at once."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._ends: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()
        self._delivery_seconds = 10.0

    def submit(self, records: Sequence[Record], done: Callable[[Offsets | None], None]) -> None:
        done(self.write(records))

    def write(self, records: Sequence[Record]) -> Offsets:
        offsets: Offsets = {}
        with self._lock:
            for record in records:
                self.records.append(record)
                self._ends[record.topic, record.partition] += 1
                offsets.setdefault(record.topic, {})[record.partition] = self._ends[record.topic, record.partition]
        return offsets

    async def written(self, records: Sequence[Record]) -> None:
        """What a receiver asks for."""
        self.write(records)

    def of(self, topic: topics.Topic) -> list[Record]:
        return [record for record in self.records if record.topic == topic.name]

    def memory(self) -> dict[str, dict[str, Listing]]:
        """Source -> object -> its last listing, as a new poller reads it."""
        newest = {record.key: record.value for record in self.of(topics.MEMORY)}
        found: dict[str, dict[str, Listing]] = {}
        for value in newest.values():
            if value is not None:
                memory = codec.decoder(Memory)(value)
                found.setdefault(memory.source, {})[memory.object_id] = memory.listing
        return found

    def refusals(self) -> Counter[str]:
        letters = {record.key: record.value for record in self.of(topics.DEAD_LETTERS)}
        return Counter(codec.decoder(DeadLetter)(value).reason for value in letters.values() if value is not None)

    def now(self) -> int:
        """The greatest tick."""
        ticks = [record.value for record in self.of(topics.EVENTS) if record.key == TICK_KEY]
        return max(codec.decoder(Tick)(value).as_of for value in ticks if value is not None)


class InstagramRun:
    """A simulated world in `directory`, the receiver and the poller that face it, and the log they write."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.log = Log()
        self.state: dict[str, int] = {}
        self.dead_letters: Counter[str] = Counter()
        self.config = Config()

    async def play(self, setup: Setup) -> None:
        """The whole world, and after it what befalls one comment: hidden, shown again, removed, and seen each time."""
        async with self._receiving() as url:
            setup = replace(setup, receiver=url, notes_in=self.directory)
            async with serve(setup, [SHOW]) as running:
                (simulation,) = running.runs
                assert isinstance(simulation, Simulation)
                base_url = SHOW.addresses["instagram_graph_url"].format(http=f"http://127.0.0.1:{running.port}")
                await self._poll_until(base_url, setup, lambda: simulation.phase is Phase.PLAYED)
                await self._read_everything(base_url, setup.clock)
                for happening in befalls(simulation.world):
                    simulation.tell(happening)
                    for _ in range(2):
                        await self._read_everything(base_url, setup.clock)
                await simulation.finish()
                await self._read_everything(base_url, setup.clock)
                self.state = simulation.state()["faults"]
                self.dead_letters = Counter(simulation.dead_letters())

    async def _poll_until(self, base_url: str, setup: Setup, is_over: Callable[[], bool]) -> None:
        text = configuration.write(self.directory, [SHOW.configured(setup)], 1.0).read_text(encoding="utf-8")
        self.config = msgspec.structs.replace(parse(text), polling=QUICK)
        stop = threading.Event()
        polling = asyncio.create_task(asyncio.to_thread(self._poller(base_url, setup.clock, stop, once=False).run))
        while not is_over() and not polling.done():  # noqa: ASYNC110 - the world has no bell
            await asyncio.sleep(0.1)
        stop.set()
        await polling

    async def _read_everything(self, base_url: str, clock: Clock) -> None:
        await asyncio.to_thread(self._poller(base_url, clock, threading.Event(), once=True).run)

    def _poller(self, base_url: str, clock: Clock, stop: threading.Event, *, once: bool) -> Poller:
        assert PLATFORM.poll is not None
        access = [
            (account, Access(PLATFORM, PLATFORM.poll, base_url, lambda: TOKEN, SECRETS))
            for account in self.config.accounts
        ]
        records, instruments = Records(self.config.partitions), Instruments()
        intake, lanes, scope = self._intake(records), Lanes(1.0, clock), Scope(once=once)
        watch = Watch(records, clock.now_ms, wall_ms)
        return Poller(
            self.config.polling,
            list(scheduled(access, self.config.polling, {}, self.log.memory(), lanes, scope)),
            lanes,
            Reader(Http(), intake, self.log, records, clock, instruments),
            intake,
            Notebook(self.config.polling, self.log, records, watch, clock, instruments, Health()),
            clock,
            instruments,
            stop.is_set,
            concurrency=4,
            scope=scope,
        )

    def _intake(self, records: Records) -> Intake:
        return Intake(self.config, {"instagram": PLATFORM}, IDENTITY_KEY, Sealer(["a key for tests"]), records)

    @asynccontextmanager
    async def _receiving(self) -> AsyncIterator[str]:
        """The real receiver; it learns of the accounts when the world has some."""
        assert PLATFORM.webhook is not None
        signers = {secret.encode(): Signer((PLATFORM,), place) for place, secret in enumerate(SECRETS)}
        endpoint = Endpoint("meta", PLATFORM.webhook, signers, ("v",))

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            receiver = Receiver(
                {"meta": endpoint},
                self._intake(Records(self.config.partitions)),
                self.log.written,
                Health(),
                Instruments(),
                wall_ms,
                show_metrics=False,
            )
            return await receiver.handle(request)

        runner = web.ServerRunner(web.Server(handle, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    def standing(self) -> folding.Rows:
        """The rows that the processor makes of the log."""
        state = processor(self.config).new_state(0, 0, 1)
        assert isinstance(state, Organic)
        written: list[Change] = []
        for number, topic in enumerate(topics.ORGANIC_SOURCES):
            found = [(offset, record.key, record.value) for offset, record in enumerate(self.log.of(topic))]
            state.fold(topic.name, found)
            written.extend(state.changes(number))
        return folding.latest(written)


def befalls(world: World) -> Iterator[Happening]:
    """One after the other, what is never pushed."""
    remarks = [one for one in world.comments.values() if isinstance(one, Remark) and not one.replies]
    remark = next(one for one in remarks if not (one.is_removed or one.is_hidden))
    yield acts.turned(remark.created_at + 1, remark)
    yield acts.turned(remark.created_at + 2, remark)
    yield from acts.removed(remark.created_at + 3, remark)


def as_written(table: str, rows: Rows) -> set[tuple[object, ...]]:
    """The ledger's rows as the processor writes them: it counts 0 of what the platform never tells."""
    unknown = {column.name for column in tables.load()[table].wire_columns if column.kind in unsent("instagram")}
    counted = {
        key: {name: 0 if name in unknown and value is None else value for name, value in row.items()}
        for key, row in rows.items()
    }
    return on_the_wire(table, counted)
