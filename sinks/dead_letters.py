"""Puts records that a sink cannot use on the dead-letter topic, acknowledged before the sink moves on."""

from collections.abc import Sequence
from importlib.metadata import version

import kafka
from kafka.errors import KafkaError

from contracts import codec, dead_letters, topics
from contracts.topics import partition_of
from runtime.clock import wall_ms
from runtime.seal import Sealer
from sinks.records import Refused

CODE_VERSION = version("engagement-pipeline")


class Undelivered(Exception):
    """Kafka did not take a dead letter: the sink must not move past its record."""


class DeadLetters:
    """Connects when the first one is sent; most sinks never do."""

    def __init__(self, servers: str, client_id: str, sealer: Sealer) -> None:
        self._config = {"bootstrap_servers": servers, "client_id": client_id}
        self._sealer = sealer
        self._producer: kafka.KafkaProducer | None = None

    def send(self, refused: Sequence[Refused]) -> None:
        """Return when all are acknowledged; sent twice, a letter keeps its id and collapses."""
        try:
            producer = self._connected()
            count = len(producer.partitions_for(topics.DEAD_LETTERS.name))
            sent = [self._send(producer, one, count) for one in refused]
            producer.flush(timeout=10)
            for future in sent:
                future.get(timeout=0)
        except KafkaError as error:
            raise Undelivered(f"{len(refused)} dead letters were not taken: {error}") from None

    def close(self) -> None:
        if self._producer is not None:
            self._producer.close(timeout=5)

    def _connected(self) -> kafka.KafkaProducer:
        if self._producer is None:
            self._producer = kafka.KafkaProducer(
                **self._config,
                acks="all",
                enable_idempotence=True,
                delivery_timeout_ms=10_000,
                request_timeout_ms=5_000,
                max_block_ms=5_000,
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
        return self._producer

    def _send(self, producer: kafka.KafkaProducer, one: Refused, partitions: int) -> kafka.future.Future:
        record = one.record
        letter = dead_letters.from_record(
            stage="sink",
            reason=one.reason,
            detail=one.detail,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            key=record.key,
            sealed=self._sealer.seal(record.value or b""),
            received_at=wall_ms(),
            code_version=CODE_VERSION,
        )
        key = letter.dead_letter_id.encode()
        return producer.send(
            topics.DEAD_LETTERS.name, codec.encode(letter), key, partition=partition_of(key, partitions)
        )
