"""One connection: its messages are read as they come, and what they mean is written in batches.

Events first, then what the subjects remember, then the cursor, each when the one before is acknowledged. So a streamer
that is killed anywhere reads some messages again, whose events are known, and understands a deletion that comes again
as it did before. Messages wait in a queue of bounded length: when Kafka is slow or away, nothing more is received.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import aiohttp

from contracts import metrics
from contracts.events import EngagementEvent, Subject
from contracts.outcome import Keep, Refuse
from contracts.topics import MEMORY
from ingest.intake import Intake
from ingest.kafka import KafkaAway, Offsets, Producer
from ingest.limits import exceeds
from ingest.platforms import Failure, Frame, Message, Part, Platform, PollFailed, Stream
from ingest.records import Record, Records
from ingest.streaming.hosts import Hosts
from ingest.streaming.register import Register
from ingest.streaming.wire import Disconnected, connected
from ingest.streaming.writing import written
from ingest.subjects import Subjects
from runtime.clock import wall_ms
from runtime.health import Health
from runtime.instruments import Instruments
from runtime.logging import get_logger

WAITING_MESSAGES = 2_000
BATCH_MESSAGES = 500
ROUND_SECONDS = 1.0
"""How often cursors are written while messages come."""
KAFKA_PAUSE_SECONDS = 0.5

log = get_logger()

Queue = asyncio.Queue[Message | None]
"""None: nothing more comes over this connection."""


@dataclass(frozen=True, slots=True)
class Means:
    """What all feeds of a process write with."""

    intake: Intake
    producer: Producer
    records: Records
    instruments: Instruments
    health: Health
    stop: asyncio.Event


class Feed:
    """`source`: what the memory of its subjects is kept under. `token` is asked for at each connection."""

    def __init__(
        self,
        source: str,
        platform: Platform,
        stream: Stream,
        hosts: Hosts,
        token: Callable[[], str] | None,
        register: Register,
        subjects: Subjects,
        means: Means,
    ) -> None:
        self._source = source
        self._platform = platform
        self._stream = stream
        self._hosts = hosts
        self._token = token
        self._register = register
        self._subjects = subjects
        self._means = means
        self._failure: Failure | None = None

    async def run(self, session: aiohttp.ClientSession) -> None:
        """Connect, and again whenever it breaks, until the stop. What was received by then is written; raises
        `KafkaAway` if it cannot be."""
        stop = self._means.stop
        while not stop.is_set():
            self._means.health.progress()
            self._failure = None
            try:
                reason = await self._connection(session)
            except PollFailed as error:  # there is no token
                reason = error.reason
            if stop.is_set():
                return
            pause = self._hosts.failed()
            self._register.disconnected(reason, self._failure, self._hosts.failures)
            action = self._failure.action if self._failure else None
            log.warning("stream_disconnected", source=self._source, reason=reason, action=action)
            self._count("disconnected")
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await stop.wait()

    async def _connection(self, session: aiohttp.ClientSession) -> str:
        """One connection from its beginning to its end; gives the reason of that."""
        host = self._hosts.current
        token = self._token() if self._token is not None else None
        address = self._stream.connect(self._register.begins(self._stream, host, token))
        try:
            async with connected(session, self._stream, self._platform.poll, host, address) as messages:
                log.info("stream_connected", source=self._source, host=host)
                self._register.connected()
                self._count("connected")
                return await self._serve(messages, host)
        except Disconnected as error:
            self._failure = error.failure or self._failure
            return error.reason

    async def _serve(self, messages: AsyncIterator[Message], host: str) -> str:
        """Receive and write side by side, until there is nothing more to receive and all of it is written."""
        queue: Queue = asyncio.Queue(WAITING_MESSAGES)
        receiving = asyncio.create_task(_receive(messages, queue))
        stopping = asyncio.create_task(self._means.stop.wait())
        stopping.add_done_callback(lambda _done: receiving.cancel())
        try:
            await self._work(queue, host, receiving)
        finally:
            stopping.cancel()
            receiving.cancel()
            await asyncio.wait({receiving, stopping})
        if receiving.cancelled():
            return "error_reported" if self._failure else "stopped"
        receiving.result()
        return "ended"

    async def _work(self, queue: Queue, host: str, receiving: asyncio.Task[None]) -> None:
        loop = asyncio.get_running_loop()
        due, is_over = loop.time() + ROUND_SECONDS, False
        while not is_over:
            batch = await _next(queue)
            is_over = None in batch
            if messages := [message for message in batch if message is not None]:
                self._hosts.worked()
                await self._take(messages, host)
            if self._failure is not None:
                receiving.cancel()
            if is_over or loop.time() >= due:
                due = loop.time() + ROUND_SECONDS
                await self.write_cursors()
            self._means.health.progress()

    async def _take(self, messages: Sequence[Message], host: str) -> None:
        """What these messages mean, until all of it is acknowledged."""
        means, name = self._means, self._platform.name
        received_at = wall_ms()
        receipt = means.intake.receipt(name, "stream", f"{self._source}@{received_at}", received_at)
        receipt = replace(receipt, accounts={account.id: account for account in self._register.accounts})
        parts: list[Part] = []
        remembered: dict[str, Subject | None] = {}
        last: Frame | None = None
        for message in messages:
            frame = self._refused(message) or self._stream.read(message, receipt, self._subjects)
            for record, subject in frame.subjects:
                self._subjects.put(record, subject)
                remembered[record] = subject
            parts += frame.parts
            last = frame if frame.position is not None else last
            if frame.failure is not None:
                self._failure = frame.failure
                break
        batch = means.intake.batch(name, "stream", received_at, "change", parts)
        offsets = await self._written(batch.records)
        batch.tally(means.instruments)
        means.instruments.counter(metrics.STREAM_MESSAGES).labels(name).inc(len(messages))
        await self._written([means.records.of_subject(self._source, *one) for one in remembered.items()])
        self._subjects.let_go(received_at - (MEMORY.retention_ms or received_at))
        self._register.heard(last, host, offsets, _newest(parts))

    def _refused(self, message: Message) -> Frame | None:
        limits = self._stream.limits
        if len(message.body) > limits.max_bytes:
            reason = Refuse("oversized", "message")
        elif exceeds(message.body, limits.max_values, limits.max_depth):
            reason = Refuse("too_deep", "values or levels")
        else:
            return None
        return Frame([Part(reason, None, message.body, whole=True)])

    async def write_cursors(self) -> None:
        """Where to go on from, for the accounts of which something else is written."""
        changes = self._register.changes()
        await self._written(self._register.cursors(changes))
        self._register.written(changes)

    async def _written(self, records: Sequence[Record]) -> Offsets:
        """Acknowledged, however long Kafka is away, unless it is so at the stop: then raises `KafkaAway`."""
        while True:
            try:
                return await written(self._means.producer, records)
            except KafkaAway:
                self._register.kafka_away()
                if self._means.stop.is_set():
                    raise
                await asyncio.sleep(KAFKA_PAUSE_SECONDS)

    def _count(self, outcome: str) -> None:
        self._means.instruments.counter(metrics.STREAM_CONNECTIONS).labels(self._platform.name, outcome).inc()


async def _receive(messages: AsyncIterator[Message], queue: Queue) -> None:
    try:
        async for message in messages:
            await queue.put(message)
    finally:
        await queue.put(None)


async def _next(queue: Queue) -> list[Message | None]:
    """What has come, as far as it makes one batch; nothing if nothing comes for a round."""
    batch: list[Message | None] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(ROUND_SECONDS):
            batch.append(await queue.get())
    while batch and batch[-1] is not None and len(batch) < BATCH_MESSAGES and not queue.empty():
        batch.append(queue.get_nowait())
    return batch


def _newest(parts: Sequence[Part]) -> dict[str, int]:
    """Account -> the time of its newest event among these."""
    found: dict[str, int] = {}
    for part in parts:
        if isinstance(part.outcome, Keep) and isinstance(event := part.outcome.value, EngagementEvent):
            found[event.account_id] = max(event.occurred_at, found.get(event.account_id, 0))
    return found
