"""Sends deliveries to the webhook, several at a time, each again and again until it is answered 200."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from random import Random

import aiohttp

from ingest.simulator import wire
from ingest.simulator.faults import Plan, Tally
from ingest.simulator.ledger import Notes
from ingest.simulator.outbox import Delivery

CONNECTIONS = 8
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 3.0
"""Seconds of wall time between attempts; the platform's own schedule, compressed."""

PREVIOUS_SECRET_SHARE = 0.1


class Sender:
    """`app_secrets`: newest first; the older ones still sign now and then."""

    def __init__(
        self, url: str, app_secrets: tuple[str, ...], notes: Notes, plan: Plan, tally: Tally, rng: Random
    ) -> None:
        self._url = url
        self._secrets = app_secrets
        self._notes = notes
        self._plan = plan
        self._tally = tally
        self._rng = rng
        self._queue: asyncio.Queue[Delivery] = asyncio.Queue()
        self.pending = 0
        self._settled = asyncio.Event()
        self._settled.set()
        self.answers: Counter[str] = Counter()
        self.changes_sent = 0
        self.dead_letters: Counter[str] = Counter()

    def put(self, deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            self._expect()
            self._queue.put_nowait(delivery)

    async def settled(self) -> None:
        """Wait until everything that was put is answered, repetitions included."""
        await self._settled.wait()

    def _expect(self) -> None:
        self.pending += 1
        self._settled.clear()

    async def run(self) -> None:
        """Send until cancelled."""
        timeout = aiohttp.ClientTimeout(total=60)
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        async with (
            aiohttp.ClientSession(timeout=timeout, connector=connector) as session,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(CONNECTIONS):
                group.create_task(self._work(session))

    async def _work(self, session: aiohttp.ClientSession) -> None:
        while True:
            delivery = await self._queue.get()
            await self._deliver(session, delivery)
            self.pending -= 1
            if not self.pending:
                self._settled.set()

    async def _deliver(self, session: aiohttp.ClientSession, delivery: Delivery) -> None:
        headers = {"Content-Type": "application/json", "User-Agent": "Webhooks/1.0 (https://fb.me/webhooks)"}
        if signature := self._signature(delivery):
            headers["X-Hub-Signature-256"] = signature
        pause = FIRST_PAUSE
        while True:
            status = await self._post(session, delivery.body, headers)
            self.answers[str(status)] += 1
            if status == 200 or (delivery.is_forged and status is not None and status < 500):
                break
            await asyncio.sleep(pause * self._rng.uniform(0.8, 1.2))
            pause = min(pause * 2, LONGEST_PAUSE)
        if delivery.is_forged:
            self._tally.add("forged" if status == 401 else "forged_accepted")
        else:
            self._answered(delivery)

    async def _post(self, session: aiohttp.ClientSession, body: bytes, headers: dict[str, str]) -> int | None:
        """Status of the answer; None if there was none."""
        try:
            async with session.post(self._url, data=body, headers=headers) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return None

    def _signature(self, delivery: Delivery) -> str | None:
        if delivery.is_forged:
            wrong = (None, "sha256=", "sha256=" + "0" * 64, wire.signature("guessed", delivery.body))
            return self._rng.choice(wrong)
        is_previous = len(self._secrets) > 1 and self._rng.random() < PREVIOUS_SECRET_SHARE
        return wire.signature(self._secrets[1 if is_previous else 0], delivery.body)

    def _answered(self, delivery: Delivery) -> None:
        if delivery.is_repeated:
            self._tally.add("resent")
            return
        facts = [(change.number, change.names_actor) for change in delivery.changes if change.number >= 0]
        if facts:
            self._notes.delivered(delivery.sent_at * 1000, facts)
        for change in delivery.changes:
            if change.deletes is not None:
                self._notes.deleted(delivery.sent_at * 1000, change.page, change.deletes)
            if change.shows:
                self._notes.observed(delivery.sent_at * 1000, change.page, change.shows, "organic")
        self.changes_sent += len(delivery.changes)
        self.dead_letters.update(delivery.reasons)
        if self._rng.random() < self._plan.resend:
            for _ in range(self._rng.randrange(1, 4)):
                self._expect()
                again = replace(delivery, is_repeated=True)
                asyncio.get_running_loop().call_later(self._rng.uniform(0, 2), self._queue.put_nowait, again)
