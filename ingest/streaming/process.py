"""The streamer as a process: its parts put together from the settings, and the loops beside its connections."""

import asyncio
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
from msgspec.structs import replace

from contracts import metrics
from contracts.config import Account, Config
from contracts.events import Cursor, Memory
from contracts.topics import CURSORS, HEALTH, INPUTS, MEMORY
from ingest.health import Watch, recorded
from ingest.intake import Intake
from ingest.kafka import KafkaAway, Producer, newest
from ingest.platforms import Platform, PollFailed, Stream
from ingest.polling.access import Access
from ingest.polling.http import Http
from ingest.polling.process import accesses
from ingest.polling.reader import Reader
from ingest.records import Records
from ingest.settings import PollSettings, text_of
from ingest.streaming import wire
from ingest.streaming.backfill import Backfill
from ingest.streaming.feed import Feed, Means
from ingest.streaming.hosts import Hosts
from ingest.streaming.place import Place
from ingest.streaming.register import Register, Surroundings, watched
from ingest.streaming.writing import written
from ingest.subjects import Subjects, shared_source
from runtime.clock import Clock, wall_ms
from runtime.health import Health, serve
from runtime.instruments import Instruments
from runtime.logging import get_logger
from runtime.seal import Sealer
from runtime.shutdown import async_stop_event

WRITE_SECONDS = 10.0
HEALTH_SECONDS = 1.0
BACKFILL_SECONDS = 1.0
FIRST_RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 900.0

log = get_logger()


@dataclass(frozen=True, slots=True)
class Line:
    """A connection to be kept open: whose accounts it serves, and what is remembered for it."""

    source: str
    platform: Platform
    stream: Stream
    accounts: Sequence[tuple[Account, Access]]


def lines(accounts: Iterable[tuple[Account, Access]]) -> list[Line]:
    """One connection a platform where it is shared, else one an account; none for platforms without a stream."""
    found: dict[str, Line] = {}
    for account, access in accounts:
        platform = access.platform
        if (stream := platform.stream) is None:
            continue
        source = shared_source(platform.name) if stream.is_shared else watched(account).source
        before = found[source].accounts if source in found else ()
        found[source] = Line(source, platform, stream, (*before, (account, access)))
    return list(found.values())


async def run(settings: PollSettings, config: Config, platforms: Mapping[str, Platform]) -> None:
    """Listen until a signal; then write what was received, and end. Raises `KafkaAway` at the start."""
    stop, halt = async_stop_event(), threading.Event()
    servers = settings.kafka_bootstrap_servers
    telling = tuple(account for account in config.accounts if platforms[account.platform].stream is not None)
    open_lines = lines(accesses(settings, replace(config, accounts=telling), platforms))
    places = await asyncio.to_thread(_read_places, servers)
    remembered = await asyncio.to_thread(_read_subjects, servers)
    instruments, health, records = Instruments(), Health("kafka"), Records(config.partitions)
    clock = Clock.parse(settings.clock)
    watch = Watch(records, clock.now_ms, wall_ms, await asyncio.to_thread(recorded, servers))
    sealer = Sealer.of(settings.seal_key)
    key, key_next = settings.identity_keys
    intake = Intake(config, platforms, key, sealer, records, key_next)
    producer = Producer(
        servers,
        "engagement-streamer",
        records.counts((*INPUTS, CURSORS, HEALTH, MEMORY)),
        delivery_seconds=WRITE_SECONDS,
        linger_ms=5,
        on_state=lambda is_up: health.ready("kafka", is_up),
    )
    means = Means(intake, producer, records, instruments, health, stop)
    around = Surroundings(records, config.partitions.organic, watch, clock, instruments)
    reader = Reader(Http(), intake, producer, records, clock, instruments, channel="backfill", is_lasting=False)
    backfill = Backfill(config, reader, clock, halt)
    with serve(health, instruments.registry, settings):
        log.info("streamer_started", connections=len(open_lines), remembered=sum(map(len, remembered.values())))
        async with wire.session() as session, asyncio.TaskGroup() as group:
            group.create_task(_beat(watch, means, is_idle=not open_lines))
            for line in open_lines:
                register = Register([account for account, _ in line.accounts], places, around)
                subjects = remembered.get(line.source) or Subjects()
                group.create_task(_listen(line, settings, register, subjects, means, session))
                group.create_task(_read_back(line, register, backfill, means))
            await stop.wait()
            halt.set()
        with suppress(KafkaAway):
            await written(producer, watch.due())
    await asyncio.to_thread(producer.close)
    log.info("streamer_stopped")


async def _listen(
    line: Line,
    settings: PollSettings,
    register: Register,
    subjects: Subjects,
    means: Means,
    session: aiohttp.ClientSession,
) -> None:
    hosts = Hosts([host.strip() for host in text_of(settings, line.stream.hosts).split(",") if host.strip()])
    token = line.accounts[0][1].token if line.stream.token is not None else None
    feed = Feed(line.source, line.platform, line.stream, hosts, token, register, subjects, means)
    try:
        await feed.run(session)
    except KafkaAway:
        log.warning("stop_without_kafka", source=line.source)  # the cursor stands where everything was acknowledged


async def _read_back(line: Line, register: Register, backfill: Backfill, means: Means) -> None:
    """Whatever gap there is, one at a time; one that cannot be read back is tried again later."""
    failures, stop = 0, means.stop
    while not stop.is_set():
        pause = BACKFILL_SECONDS
        for account, access in line.accounts:
            gap = register.place(account).gap
            if gap is None or stop.is_set():
                continue
            try:
                found = await asyncio.to_thread(backfill.run, line.stream, account, access, gap)
            except PollFailed as error:
                failures += 1
                pause = min(FIRST_RETRY_SECONDS * 2 ** min(failures, 10), LONGEST_RETRY_SECONDS)
                log.warning("backfill_failed", source=watched(account).source, reason=error.reason)
            else:
                failures = 0
                register.read_back(account, gap, found.state, found.produced)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await stop.wait()


async def _beat(watch: Watch, means: Means, *, is_idle: bool) -> None:
    """Write how the sources fare. That something goes on is for the connections to say, if there are any."""
    while not means.stop.is_set():
        try:
            await written(means.producer, watch.due())
        except KafkaAway:
            watch.again()
        if is_idle:
            means.health.progress()
        means.instruments.gauge(metrics.LAST_PROGRESS).labels("streamer").set_to_current_time()
        with suppress(TimeoutError):
            async with asyncio.timeout(HEALTH_SECONDS):
                await means.stop.wait()


def _read_places(bootstrap_servers: str) -> dict[str, Place]:
    """How far each source has been heard, by its name."""
    return {cursor.source: Place.of(cursor.state) for cursor in newest(bootstrap_servers, CURSORS, Cursor)}


def _read_subjects(bootstrap_servers: str) -> dict[str, Subjects]:
    """What each connection remembers of records, by its source."""
    found: dict[str, Subjects] = {}
    now = wall_ms()
    known = [
        (memory, memory.subject if memory.subject.seen_at else replace(memory.subject, seen_at=now))
        for memory in newest(bootstrap_servers, MEMORY, Memory)
        if memory.subject is not None
    ]
    for memory, subject in sorted(known, key=lambda one: one[1].seen_at):
        found.setdefault(memory.source, Subjects()).put(memory.object_id, subject)
    return found
