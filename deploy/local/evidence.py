"""What lies on the source topics after a run: the facts that got there, and how long each took to become visible.

The ledger knows what the platform offered. What an answered poll offered may be lost with a killed poller, so after
kills the ledger is told what reached the log; without kills everything must have.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from contracts import topics
from contracts.codec import decoder
from contracts.events import CONTROL_KEYS, LIFETIME, TICK_KEY, EngagementEvent, Post, Snapshot, Tick
from contracts.identity import split_key
from contracts.paid import AdEntity, AdFact
from ingest.simulator.ledger.evaluation import Seen
from ingest.simulator.ledger.notes import CONTENT
from ingest.simulator.ledger.observing import SCOPE

Comment = tuple[str, str, str]
"""Platform, account, comment."""
AppliedAt = Callable[[int, int], int | None]
"""Partition and offset of an event -> epoch milliseconds at which its row was seen; None if nobody looked."""


@dataclass(slots=True)
class Evidence:
    """`observed`: the platform's answers; `polled`: comments that came by a poll; `latencies`: seconds, sorted.

    `now`: the greatest tick, in epoch milliseconds.
    """

    events: int = 0
    now: int = 0
    observed: set[Seen] = field(default_factory=set)
    polled: set[Comment] = field(default_factory=set)
    latencies: list[float] = field(default_factory=list)


def gather(bootstrap_servers: str, applied_at: AppliedAt) -> Evidence:
    """Read the source topics once, from the beginning to where they end now."""
    found = Evidence()
    event, tick, snapshot, post = decoder(EngagementEvent), decoder(Tick), decoder(Snapshot), decoder(Post)
    for record in read(bootstrap_servers, topics.EVENTS.name):
        if record.key == TICK_KEY:
            found.now = max(found.now, tick(record.value).as_of)
        elif record.key not in CONTROL_KEYS:
            _note_event(found, event(record.value), applied_at(record.partition, record.offset))
    for record in read(bootstrap_servers, topics.SNAPSHOTS.name):
        one = snapshot(record.value)
        where = one.platform, one.account_id, one.post_id
        found.observed.add((*where, one.metric, one.scope, one.window, one.as_of))
    for record in read(bootstrap_servers, topics.POSTS.name):
        seen = post(record.value)
        if seen.deleted_at is None:
            place = seen.platform, seen.account_id, seen.post_id
            found.observed.add((*place, CONTENT, SCOPE, LIFETIME, seen.as_of))
    _note_paid(found, bootstrap_servers)
    found.latencies.sort()
    return found


def _note_paid(found: Evidence, bootstrap_servers: str) -> None:
    fact, entity = decoder(AdFact), decoder(AdEntity)
    for record in read(bootstrap_servers, topics.AD_FACTS.name):
        ad = fact(record.value)
        grain = ad.platform, ad.account_id, ad.entity_id, ad.level, ad.breakdown, ad.window
        found.observed.add((*grain, ad.as_of))
    for record in read(bootstrap_servers, topics.AD_ENTITIES.name):
        one = entity(record.value)
        found.observed.add((one.platform, one.account_id, one.entity_id, one.kind, "", "", one.as_of))
    for topic in (topics.TOUCHES, topics.CONVERSIONS, topics.LINKS):
        found.events += sum(record.key not in CONTROL_KEYS for record in read(bootstrap_servers, topic.name))


def _note_event(found: Evidence, event: EngagementEvent, applied_at: int | None) -> None:
    found.events += 1
    if event.channel == "poll" and event.kind == "comment":
        found.polled.add((event.platform, event.account_id, split_key(event.interaction_key)[1]))
    if event.channel in ("webhook", "stream") and applied_at is not None:
        found.latencies.append((applied_at - event.received_at) / 1000)


def read(bootstrap_servers: str, topic: str) -> Iterator[Any]:
    """Every record of a topic up to where it ends now, partition by partition in offset order."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_poll_records=5000,
    )
    with closing(consumer):
        places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        ends = consumer.end_offsets(places)
        consumer.assign(places)
        consumer.seek_to_beginning()
        while any(consumer.position(place) < end for place, end in ends.items()):
            for records in consumer.poll(timeout_ms=500).values():
                yield from records


def percentile(ordered: Sequence[float], part: float) -> float | None:
    """The smallest value that at least `part` of them do not exceed.

    >>> percentile([0.1, 0.2, 0.3, 0.4], 0.5)
    0.2
    """
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else None
