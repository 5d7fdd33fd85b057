"""Ingest against a simulated platform, without Kafka: what it would write is kept, folded and compared."""

import asyncio
import threading
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
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
from ingest.simulator.ledger import Ledger, Rows
from ingest.simulator.server import serve
from ingest.simulator.shows import Phase, Setup
from ingest.simulator.simulation import Simulation
from ingest.webhooks.receiver import Endpoint, Receiver, Signer
from processors.engagement.organic import Organic, processor
from processors.engine.state import Change
from runtime.clock import Clock, wall_ms
from runtime.health import Health
from runtime.instruments import Instruments
from runtime.seal import Sealer
from tests.property import folding
from tests.property.test_fold_agrees_with_the_ledger import on_the_wire

SECRETS = ("new", "old")
TOKEN, IDENTITY_KEY = "t", "an identity key"
TABLES = (
    *("engagement_by_post", "engagement_by_post_minute", "engagement_by_post_hour", "engagement_by_post_day"),
    *("engagement_by_account_minute", "engagement_by_account_hour", "engagement_by_account_day"),
    *("post_metrics", "post_metrics_hour", "account_metrics_day", "posts", "inbound_comments"),
    *("community_members", "community_by_account_day"),
)
OnTheWire = set[tuple[object, ...]]
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


class SocialRun:
    """A simulated world of one platform, the receiver and the poller that face it, and the log they write."""

    def __init__(self, platform: str, directory: Path) -> None:
        self.platform = load()[platform]
        self.directory = directory
        self.log = Log()
        self.faults: Counter[str] = Counter()
        self.dead_letters: Counter[str] = Counter()
        self.identity_keys: tuple[str, str | None] = (IDENTITY_KEY, None)
        self._show = shows.load()[platform]
        self._config = Config()
        self._addresses: dict[str, str] = {}

    async def play(self, setup: Setup) -> None:
        """The whole world, then everything once more."""
        async with self._receiving() as receiver:
            setup = replace(setup, receiver=receiver, notes_in=self.directory)
            async with serve(setup, [self._show]) as running:
                (simulation,) = running.runs
                assert isinstance(simulation, Simulation)
                here = f"http://127.0.0.1:{running.port}"
                self._addresses = {
                    setting: address.format(http=here, ws=here, receiver=receiver)
                    for setting, address in self._show.addresses.items()
                }
                await self._poll_until(setup, lambda: simulation.phase is Phase.PLAYED)
                await self._end(simulation, setup.clock)
                self.faults = Counter(simulation.state()["faults"])
                self.dead_letters = Counter(simulation.dead_letters())

    async def _end(self, simulation: Simulation, clock: Clock) -> None:
        """After the world is over: everything is answered, and read twice, as comparing listings needs."""
        self.world_is_over()
        await simulation.finish()
        for _ in range(2):
            await self._read_everything(clock)

    def world_is_over(self) -> None:
        """Nothing new happens from now on; what did may come again."""

    async def _read_everything(self, clock: Clock) -> None:
        await asyncio.to_thread(self._poller(clock, threading.Event(), once=True).run)

    async def _poll_until(self, setup: Setup, is_over: Callable[[], bool]) -> None:
        text = configuration.write(self.directory, [self._show.configured(setup)], 1.0).read_text(encoding="utf-8")
        self._config = msgspec.structs.replace(parse(text), polling=QUICK)
        stop = threading.Event()
        polling = asyncio.create_task(asyncio.to_thread(self._poller(setup.clock, stop, once=False).run))
        try:
            while not is_over() and not polling.done():  # noqa: ASYNC110 - the world has no bell
                await asyncio.sleep(0.1)
        finally:
            stop.set()  # its thread outlives whatever fails here
        await polling

    def _poller(self, clock: Clock, stop: threading.Event, *, once: bool) -> Poller:
        poll = self.platform.poll
        assert poll is not None
        base_url = self._addresses[poll.base_url.name]
        settings = {setting.name: self._values(setting.name) for setting in poll.settings}
        access = [
            (account, Access(self.platform, poll, base_url, lambda: TOKEN, SECRETS, settings))
            for account in self._config.accounts
        ]
        records, instruments = Records(self._config.partitions), Instruments()
        intake, lanes, scope = self._intake(records), Lanes(1.0, clock), Scope(once=once)
        watch = Watch(records, clock.now_ms, wall_ms)
        return Poller(
            self._config.polling,
            list(scheduled(access, self._config.polling, {}, self.log.memory(), lanes, scope)),
            lanes,
            Reader(Http(), intake, self.log, records, clock, instruments),
            Notebook(self._config.polling, self.log, records, watch, clock, instruments, Health()),
            clock,
            instruments,
            stop.is_set,
            concurrency=4,
            scope=scope,
        )

    def _values(self, setting: str) -> tuple[str, ...]:
        return (self._addresses[setting],) if setting in self._addresses else SECRETS

    def _intake(self, records: Records) -> Intake:
        sealer = Sealer(["a key for tests"])
        key, key_next = self.identity_keys
        return Intake(self._config, {self.platform.name: self.platform}, key, sealer, records, key_next)

    @asynccontextmanager
    async def _receiving(self) -> AsyncIterator[str]:
        """The real receiver; it learns of the accounts when the world has some."""
        endpoints = {}
        if hook := self.platform.webhook:
            signers = {secret.encode(): Signer((self.platform,), place) for place, secret in enumerate(SECRETS)}
            endpoints[hook.endpoint] = Endpoint(hook.endpoint, hook, signers, SECRETS)

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            intake = self._intake(Records(self._config.partitions))
            receiver = Receiver(
                endpoints, intake, self.log.written, Health(), Instruments(), wall_ms, show_metrics=False
            )
            return await receiver.handle(request)

        runner = web.ServerRunner(web.Server(handle, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    def judged(self) -> dict[str, tuple[OnTheWire, OnTheWire]]:
        """Of each table the rows that the processor makes of the log, and those of the ledger."""
        truth = Ledger.read(self.directory / self.platform.name)
        expected = truth.evaluate(now=self.log.now(), identity_key=IDENTITY_KEY)
        found: dict[str, OnTheWire] = defaultdict(set)
        for (topic, _), row in self._standing().items():
            found[topic].add(tuple(row.values()))
        return {table: (found[f"agg.{table}"], self._as_written(table, expected[table])) for table in TABLES}

    def _standing(self) -> folding.Rows:
        """The rows that the processor makes of the log."""
        state = processor(self._config).new_state(0, 0, 1)
        assert isinstance(state, Organic)
        written: list[Change] = []
        for number, topic in enumerate(topics.ORGANIC_SOURCES):
            found = [(offset, record.key, record.value) for offset, record in enumerate(self.log.of(topic))]
            state.fold(topic.name, found)
            written.extend(state.changes(number))
        return folding.latest(written)

    def _as_written(self, table: str, rows: Rows) -> OnTheWire:
        """The ledger's rows as the processor writes them: it counts 0 of what the platform never tells."""
        kinds = unsent(self.platform.name)
        unknown = {column.name for column in tables.load()[table].wire_columns if column.kind in kinds}
        counted = {
            key: {name: 0 if name in unknown and value is None else value for name, value in row.items()}
            for key, row in rows.items()
        }
        return on_the_wire(table, counted)
