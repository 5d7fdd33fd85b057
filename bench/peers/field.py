"""A broker with the workload on it, and a run's output topics."""

import asyncio
import itertools
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from typing import Any

from aiokafka import AIOKafkaProducer
from kafka.admin import KafkaAdminClient

from bench.peers.oracle import Oracle
from bench.peers.ours import kept_topics
from bench.peers.workload import TABLES, deliveries
from contracts.topics import partition_of

PARTITIONS = 4
BATCH = 3_000
"""Records in one record batch, 0.8 MB."""
COMPACT = {"cleanup.policy": "compact"}

_partition = cache(partition_of)


def load(bootstrap_servers: str, topic: str, skip: int, until: int, oracle: Oracle) -> None:
    """Write the deliveries from `skip` to `until` to a topic, which is made if it is new; the oracle counts them."""
    with _admin(bootstrap_servers) as admin:
        if topic not in admin.list_topics():
            _create(admin, [topic], {})
    asyncio.run(_send(bootstrap_servers, topic, _counted(itertools.islice(deliveries(until), skip, None), oracle)))


@contextmanager
def output_topics(bootstrap_servers: str, run: str) -> Iterator[None]:
    """The topics of a run, and whatever its engine makes under its name; deleted in the end."""
    with _admin(bootstrap_servers) as admin:
        _create(admin, [*(f"{run}-{table}" for table in TABLES), *kept_topics(run)], COMPACT)
    try:
        yield
    finally:
        with _admin(bootstrap_servers) as admin:
            admin.delete_topics([topic for topic in admin.list_topics() if run in topic])


def _admin(bootstrap_servers: str) -> closing[Any]:
    return closing(KafkaAdminClient(bootstrap_servers=bootstrap_servers))


def _create(admin: Any, topics: list[str], configs: dict[str, str]) -> None:
    admin.create_topics(
        {name: {"num_partitions": PARTITIONS, "replication_factor": 1, "configs": configs} for name in topics}
    )
    admin.wait_for_topics(topics)


def _counted(some: Iterable[tuple[bytes, bytes]], oracle: Oracle) -> Iterator[tuple[bytes, bytes]]:
    for key, value in some:
        oracle.count(value)
        yield key, value


async def _send(bootstrap_servers: str, topic: str, some: Iterable[tuple[bytes, bytes]]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, max_batch_size=1 << 20)
    await producer.start()
    try:
        waiting: list[list[tuple[bytes, bytes]]] = [[] for _ in range(PARTITIONS)]
        for delivery in some:
            number = _partition(delivery[0], PARTITIONS)
            waiting[number].append(delivery)
            if len(waiting[number]) == BATCH:
                await _send_batch(producer, topic, number, waiting[number])
                waiting[number] = []
        for number, rest in enumerate(waiting):
            if rest:
                await _send_batch(producer, topic, number, rest)
    finally:
        await producer.stop()


async def _send_batch(producer: Any, topic: str, partition: int, some: Iterable[tuple[bytes, bytes]]) -> None:
    batch = producer.create_batch()
    for key, value in some:
        assert batch.append(timestamp=None, key=key, value=value) is not None
    await (await producer.send_batch(batch, topic, partition=partition))
