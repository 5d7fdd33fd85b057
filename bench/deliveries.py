"""Signed webhook deliveries, sent as a platform does: over a few kept connections, each again until it is taken."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import aiohttp

from bench import field, workload
from bench.workload import Act
from ingest.simulator import wire

CONNECTIONS = 32
PATH = "/webhooks/meta"


class Delivery(NamedTuple):
    body: bytes
    signature: str


def signed(batches: Iterable[Sequence[Act]]) -> Iterator[Delivery]:
    """One delivery a batch."""
    for batch in batches:
        body = workload.delivery(batch)
        yield Delivery(body, wire.signature(field.APP_SECRET, body))


async def send_paced(url: str, deliveries: Iterable[tuple[float, Delivery]]) -> int:
    """Send each at its wall time (epoch seconds), however long the others take to be answered."""
    async with _session() as session, asyncio.TaskGroup() as group:
        tasks = []
        for due, delivery in deliveries:
            if (pause := due - time.time()) > 0:
                await asyncio.sleep(pause)
            tasks.append(group.create_task(_send_one(session, url, delivery)))
    return sum(task.result() for task in tasks)


async def _send_one(session: aiohttp.ClientSession, url: str, delivery: Delivery) -> int:
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": delivery.signature}
    attempts = 0
    while True:
        async with session.post(f"{url}{PATH}", data=delivery.body, headers=headers) as answer:
            await answer.read()
            if answer.status == 200:
                return attempts
        assert answer.status == 503, f"answered {answer.status}"
        attempts += 1
        await asyncio.sleep(0.2)


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS))
