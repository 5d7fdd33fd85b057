"""Waiting for Kafka's acknowledgement without holding up the event loop."""

import asyncio
from collections.abc import Sequence

from ingest.kafka import KafkaAway, Offsets, Producer
from ingest.records import Record


async def written(producer: Producer, records: Sequence[Record]) -> Offsets:
    """Write `records` and wait for all acknowledgements; raises `KafkaAway`, at once while Kafka is away.

    The client fails what is not acknowledged in its time, so this ends.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Offsets | None] = loop.create_future()

    def resolve(offsets: Offsets | None) -> None:
        if not answer.done():
            answer.set_result(offsets)

    def done(offsets: Offsets | None) -> None:
        loop.call_soon_threadsafe(resolve, offsets)

    producer.submit(records, done)
    offsets = await answer
    if offsets is None:
        raise KafkaAway
    return offsets
