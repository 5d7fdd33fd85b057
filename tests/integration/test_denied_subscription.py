"""Somebody tells the receiver that the hub has ended a subscription: the poller is woken, and told no more often than
helps, since nothing proves who it was."""

import asyncio
from collections.abc import Sequence

import aiohttp
from aiohttp import web

from contracts import codec, topics
from contracts.config import Config, Partitions
from contracts.events import Wake
from ingest.intake import Intake
from ingest.kafka import KafkaAway
from ingest.platforms import load
from ingest.platforms.youtube import websub
from ingest.records import Record, Records
from ingest.webhooks.receiver import Endpoint, Receiver, Signer
from runtime.clock import wall_ms
from runtime.health import Health
from runtime.instruments import Instruments
from runtime.seal import Sealer
from tests.unit.ingest.youtube import CHANNEL, account

YOUTUBE = load()["youtube"]


class Listening:
    """A receiver of one channel; what it would write is kept, unless Kafka `is_away`."""

    def __init__(self) -> None:
        self.written: list[Record] = []
        self.is_away = False

    async def _write(self, records: Sequence[Record]) -> None:
        if self.is_away:
            raise KafkaAway
        self.written += records

    async def asked(self, *queries: dict[str, str]) -> list[int]:
        """The status of each answer, in order."""
        config, webhook = Config(accounts=(account(),)), YOUTUBE.webhook
        assert webhook is not None
        intake = Intake(config, {"youtube": YOUTUBE}, "k", Sealer(["a key for tests"]), Records(Partitions()))
        endpoints = {"youtube": Endpoint("youtube", webhook, {b"s": Signer((YOUTUBE,), 0)}, ("s",))}
        handler = Receiver(endpoints, intake, self._write, Health(), Instruments(), wall_ms, show_metrics=False)
        runner = web.ServerRunner(web.Server(handler.handle, access_log=None), shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/youtube"
        try:
            async with aiohttp.ClientSession() as session:
                found = []
                for query in queries:
                    async with session.get(url, params=query) as answer:
                        found.append(answer.status)
                return found
        finally:
            await runner.cleanup()


def denial(channel: str) -> dict[str, str]:
    return {"hub.mode": "denied", "hub.topic": websub.topic(channel), "hub.reason": "gone"}


def test_a_denial_wakes_whoever_renews_the_lease_once_however_often_it_comes() -> None:
    listening = Listening()
    assert asyncio.run(listening.asked(*[denial(CHANNEL)] * 3)) == [403] * 3
    [record] = listening.written
    assert record.topic == topics.WAKES.name
    assert codec.decoder(Wake)(record.value or b"").source == f"youtube:{CHANNEL}:lease"


def test_of_a_strangers_channel_nothing_is_written() -> None:
    listening = Listening()
    assert asyncio.run(listening.asked(denial("UCstranger"), {"hub.mode": "denied"}, {})) == [403] * 3
    assert listening.written == []


def test_a_denial_that_cannot_be_written_is_to_come_again() -> None:
    listening = Listening()
    listening.is_away = True
    assert asyncio.run(listening.asked(denial(CHANNEL), denial(CHANNEL))) == [503, 503]
