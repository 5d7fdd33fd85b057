"""Reads topics to the end and on, committed records only; where to start is the caller's to know.

Partitions are assigned by hand: positions live with what was made of the records, and Kafka's groups have no say.
The rest of a sink sees places and records, not the client.
"""

import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import NamedTuple

import kafka
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaTimeoutError, OffsetOutOfRangeError

from sinks.records import Place, Record

POLL_MS = 100
RECORDS_A_POLL = 20_000
_FETCH_BYTES = 16 << 20
_PARTITION_BYTES = 4 << 20
_ASK_ALL_SECONDS = 0.3
_ASK_MS = 1000  # after an outage it asks the broker whether the position still holds


class PositionLost(Exception):
    """The broker does not hold the position: records are gone or the topic is another one."""


class Topics(NamedTuple):
    """What the broker knows of the wanted topics: each one's id, and all of their partitions."""

    ids: dict[str, uuid.UUID]
    places: list[Place]


def describe(servers: str, wanted: Iterable[str]) -> Topics:
    """The wanted topics; one that does not exist is a LookupError that names it."""
    names = sorted(wanted)
    with closing(KafkaAdminClient(bootstrap_servers=servers)) as admin:
        found = {topic["name"]: topic for topic in admin.describe_topics(names) if not topic["error_code"]}
    if missing := [name for name in names if name not in found]:
        raise LookupError(f"topics that do not exist: {', '.join(missing)}")
    ids = {name: uuid.UUID(str(found[name]["topic_id"])) for name in names}
    return Topics(ids, [Place(name, p["partition_index"]) for name in names for p in found[name]["partitions"]])


class Consumer:
    """Reads `places` from the given positions on; a position before the first record means the first record."""

    def __init__(self, servers: str, client_id: str, start: Mapping[Place, int]) -> None:
        self._client = kafka.KafkaConsumer(
            bootstrap_servers=servers,
            client_id=client_id,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            allow_auto_create_topics=False,
            metrics_enabled=False,
            max_poll_records=RECORDS_A_POLL,
            fetch_max_wait_ms=POLL_MS,
            fetch_max_bytes=_FETCH_BYTES,
            max_partition_fetch_bytes=_PARTITION_BYTES,
            reconnect_backoff_max_ms=1000,
        )
        self._partitions = {place: kafka.TopicPartition(*place) for place in start}
        self._places = {partition: place for place, partition in self._partitions.items()}
        self._client.assign(list(self._partitions.values()))
        first = self._client.beginning_offsets(list(self._partitions.values()))
        self._positions = {place: max(start[place], first[partition]) for place, partition in self._partitions.items()}
        self._asked_all_at = 0.0
        for place, position in self._positions.items():
            self._client.seek(self._partitions[place], position)

    def poll(self, timeout_ms: int = POLL_MS) -> dict[Place, Sequence[Record]]:
        """What has arrived, in offset order for each place; empty after `timeout_ms` without anything."""
        try:
            polled = self._client.poll(timeout_ms=timeout_ms)
        except OffsetOutOfRangeError as error:
            raise PositionLost(str(error)) from None
        self._note_positions(polled)
        return {self._places[partition]: records for partition, records in polled.items()}

    def _note_positions(self, polled: Mapping[kafka.TopicPartition, object]) -> None:
        """Asking for one costs 0.15 ms. Where nothing was returned, only the end of a transaction was passed."""
        asked: Iterable[kafka.TopicPartition] = polled
        if not polled and time.monotonic() - self._asked_all_at > _ASK_ALL_SECONDS:
            asked = self._places
            self._asked_all_at = time.monotonic()
        for partition in asked:
            position = self._client.position(partition, timeout_ms=_ASK_MS)
            if position is not None:
                self._positions[self._places[partition]] = position

    def positions(self) -> dict[Place, int]:
        """Next offset of each place, behind everything that `poll` has returned and never before it."""
        return dict(self._positions)

    def ends(self, timeout_ms: int = 5000) -> dict[Place, int] | None:
        """Offset behind the last committed record of each place; None when Kafka does not answer in time."""
        try:
            found = self._client.end_offsets(list(self._partitions.values()), timeout_ms=timeout_ms)
        except KafkaTimeoutError:
            return None
        return {place: found[partition] for place, partition in self._partitions.items()}

    def close(self) -> None:
        self._client.close(timeout_ms=5000)
