"""What the receiver tells of its sources: which account's deliveries came last, and that none has come for long."""

import asyncio
from collections.abc import Callable

from contracts.health import Watched
from ingest import health
from ingest.health import Watch
from ingest.intake import Batch
from ingest.kafka import KafkaAway
from ingest.records import Records
from ingest.webhooks.setup import Setup
from ingest.writer import Write
from runtime.clock import Clock, wall_ms

BEAT_SECONDS = 3.0
"""Between two looks; what comes in between is taken together."""


class Pulse:
    """Used on one event loop. A delivery costs it next to nothing. `is_ready`: whether Kafka can be reached."""

    def __init__(self, setup: Setup, write: Write, is_ready: Callable[[], bool]) -> None:
        self._servers = setup.settings.kafka_bootstrap_servers
        self._clock = Clock.parse(setup.settings.clock)
        self._records = Records(setup.config.partitions)
        self._write = write
        self._is_ready = is_ready
        self._heard: dict[tuple[str, str], int] = {}
        self.follow(setup)

    def follow(self, setup: Setup) -> None:
        """From now on, the accounts of this setup that a platform sends webhooks for."""
        self._sources = [
            Watched(account.platform, account.id, "webhook", "webhook")
            for account in setup.config.accounts
            if account.platform in setup.platforms and setup.platforms[account.platform].webhook is not None
        ]

    def heard(self, batch: Batch) -> None:
        """Kafka has all of a delivery."""
        for account_id, at in batch.newest.items():
            source = batch.platform, account_id
            self._heard[source] = max(at, self._heard.get(source, 0))

    async def run(self) -> None:
        """Until cancelled. Nothing is written before it is known what was last said, for that is where habits are."""
        watch = await self._begun()
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            heard, self._heard = self._heard, {}
            for watched in self._sources:
                watch.follow(watched)
                at = heard.get((watched.platform, watched.account_id))
                if at is not None:
                    watch.saw(watched, at)
                    watch.succeeded(watched)
            try:
                await self._write([*watch.due(), *watch.strangers("webhook")])
            except KafkaAway:
                watch.again()

    async def _begun(self) -> Watch:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            if self._is_ready():  # else it would be asked for in vain, for longer than the end of a process may take
                try:
                    known = await asyncio.to_thread(health.recorded, self._servers)
                except KafkaAway:
                    continue
                return Watch(self._records, self._clock.now_ms, wall_ms, known)
