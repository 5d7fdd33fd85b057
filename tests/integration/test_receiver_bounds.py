"""What the receiver holds of bodies that have not come yet is bounded for all of them together."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from contracts.config import Config, Partitions
from ingest.intake import Intake
from ingest.platforms import load
from ingest.records import Record, Records
from ingest.webhooks import receiver
from ingest.webhooks.receiver import Endpoint, Receiver
from runtime.clock import wall_ms
from runtime.health import Health
from runtime.instruments import Instruments
from runtime.seal import Sealer

HEAD = b"POST /webhooks/meta HTTP/1.1\r\nHost: x\r\n"


async def write(_records: Sequence[Record]) -> None:
    raise AssertionError("nobody signed anything")


@asynccontextmanager
async def receiving() -> AsyncIterator[int]:
    """The port of a receiver that knows no secret."""
    platforms = {"facebook": load()["facebook"]}
    webhook = platforms["facebook"].webhook
    assert webhook is not None
    intake = Intake(Config(), platforms, "an identity key", Sealer(["a key for tests"]), Records(Partitions()))
    endpoints = {"meta": Endpoint("meta", webhook, {}, ())}
    handler = Receiver(endpoints, intake, write, Health(), Instruments(), wall_ms, show_metrics=False)
    runner = web.ServerRunner(web.Server(handler.handle, access_log=None), shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


class Sender:
    """A delivery on a connection of its own, of which some may be sent later."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def of(cls, port: int, length: int, body: bytes) -> "Sender":
        sender = cls(*await asyncio.open_connection("127.0.0.1", port))
        await sender.send(HEAD + b"Content-Length: %d\r\n\r\n" % length + body)
        return sender

    async def send(self, more: bytes) -> None:
        self._writer.write(more)
        await self._writer.drain()

    async def status(self) -> int:
        return int((await self._reader.readline()).split()[1])


def test_bodies_that_come_slowly_take_no_more_room_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "MOST_BYTES_HELD", 10_000)

    async def run() -> list[int]:
        async with receiving() as port:
            slow = await Sender.of(port, 9_000, b"x" * 8_000)
            one_more = await Sender.of(port, 4_000, b"x" * 3_000)
            refused = await one_more.status()
            await slow.send(b"x" * 1_000)
            taken = await slow.status()
            return [refused, taken, await (await Sender.of(port, 4_000, b"x" * 4_000)).status()]

    assert asyncio.run(run()) == [503, 401, 401]
