"""Every topic on one screen: what replaces a record (its key) and where it is folded (its partition).

Sources, state and aggregates of a processor have equal partition counts, which never change. Auto-creation is
off: `engagement topics apply` creates what stands here.
"""

from dataclasses import dataclass, replace
from typing import Literal

from contracts import tables
from contracts.config import Retention

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Topic:
    """`key`: what replaces a record. `partition_by`: what decides its partition; producers pass it explicitly.

    `partitions`: the setting that holds the count (`organic`, `paid` or `shared`), or `one`. `retention_ms` None: for
    ever.
    """

    name: str
    key: str
    partition_by: str
    partitions: Literal["organic", "paid", "shared", "one"]
    cleanup: Literal["delete", "compact", "compact,delete"]
    retention_ms: int | None = None
    log_append_time: bool = False


EVENTS = Topic("engagement.events", "platform:account", "platform:account", "organic", "delete", 30 * DAY_MS, True)
SNAPSHOTS = Topic(
    "engagement.snapshots", "platform:account", "platform:account", "organic", "delete", 30 * DAY_MS, True
)
POSTS = Topic("content.posts", "platform:account:post", "platform:account", "organic", "compact")
AD_FACTS = Topic("ads.facts", "grain", "brand", "paid", "delete", 400 * DAY_MS, True)
AD_ENTITIES = Topic("ads.entities", "brand|platform|entity", "brand", "paid", "compact")
TOUCHES = Topic("attribution.touches", "brand|touch", "brand", "paid", "delete", 400 * DAY_MS, True)
CONVERSIONS = Topic(
    "attribution.conversions", "brand|source|shop|order|record", "brand", "paid", "delete", 400 * DAY_MS, True
)
LINKS = Topic("attribution.links", "brand|link", "brand", "paid", "delete", 400 * DAY_MS, True)
CURSORS = Topic("ingest.cursors", "source", "source", "shared", "compact")
WAKES = Topic("ingest.wakes", "source", "source", "shared", "delete", DAY_MS)
HEALTH = Topic("ingest.health", "source", "source", "shared", "compact")
MEMORY = Topic("ingest.memory", "source|object", "source|object", "shared", "compact,delete", 100 * DAY_MS)
DEAD_LETTERS = Topic("dead-letters", "dead_letter_id", "dead_letter_id", "shared", "compact,delete", 90 * DAY_MS)
PEOPLE = Topic("privacy.people", "platform|actor_id", "platform|actor_id", "shared", "compact,delete", 400 * DAY_MS)
ERASURES = Topic("privacy.erasures", "erasure_id", "erasure_id", "one", "compact,delete", 500 * DAY_MS)
"""Kept for longer than a source record and a dead letter that is made of it at the end: until then a replay can bring
back what an erased person did."""

ORGANIC_SOURCES = (EVENTS, SNAPSHOTS, POSTS)
"""What the processor `organic` reads, all of it partitioned by account."""

PAID_SOURCES = (AD_FACTS, AD_ENTITIES, TOUCHES, CONVERSIONS, LINKS)
"""What the processor `paid` reads, all of it partitioned by brand."""

SOURCES = {"organic": ORGANIC_SOURCES, "paid": PAID_SOURCES}
"""By processor."""

TIMED = (EVENTS, TOUCHES)
"""Each processor's event topic: time and erasures reach every partition of it as records among the events."""

INPUTS = (*ORGANIC_SOURCES, *PAID_SOURCES, PEOPLE, WAKES, DEAD_LETTERS)
"""Where what comes of an input may go."""

STATE_INTERACTIONS = Topic("state.organic.interactions", "chunk number", "source partition", "organic", "compact")
STATE_ACCOUNTS = Topic("state.organic.accounts", "platform|account[|actor]", "source partition", "organic", "compact")
STATE_ALIASES = Topic("state.organic.aliases", "pseudonym", "source partition", "organic", "compact")
STATE_CHECKPOINT = Topic("state.organic.checkpoint", "partition", "source partition", "organic", "compact")
FLUSHES = Topic("agg.flushes", "processor|partition", "source partition", "organic", "compact")
STATE_PAID = Topic("state.paid.entries", "kind|grain", "source partition", "paid", "compact")
STATE_PAID_ALIASES = Topic("state.paid.aliases", "pseudonym", "source partition", "paid", "compact")
STATE_PAID_CHECKPOINT = Topic("state.paid.checkpoint", "partition", "source partition", "paid", "compact")
PAID_FLUSHES = Topic("agg.flushes.paid", "processor|partition", "source partition", "paid", "compact")


def aggregates(retention: Retention, processor: str | None = None) -> tuple[Topic, ...]:
    """One topic a table, of one processor or of all: absolute rows keyed by grain, in the partition of their source.

    What the processors let go of without a deletion, since Postgres keeps it for longer, goes a day later: rows of
    minutes, of hours and of single interactions.
    """
    window_days = {
        "minute": retention.minute_days + 1,
        "hour": retention.hour_days + 1,
        "interaction": retention.interaction_days + 1,
    }
    return tuple(
        Topic(
            table.topic,
            "|".join(column.name for column in table.key),
            "source partition",
            table.processor,
            "compact,delete" if table.retention in window_days else "compact",
            window_days[table.retention] * DAY_MS if table.retention in window_days else None,
        )
        for table in tables.load().values()
        if processor in (None, table.processor)
    )


def load(retention: Retention) -> tuple[Topic, ...]:
    """All topics."""
    return (
        *ORGANIC_SOURCES,
        *PAID_SOURCES,
        CURSORS,
        WAKES,
        HEALTH,
        MEMORY,
        DEAD_LETTERS,
        replace(PEOPLE, retention_ms=retention.people_days * DAY_MS),
        ERASURES,
        STATE_INTERACTIONS,
        STATE_ACCOUNTS,
        STATE_ALIASES,
        STATE_CHECKPOINT,
        FLUSHES,
        STATE_PAID,
        STATE_PAID_ALIASES,
        STATE_PAID_CHECKPOINT,
        PAID_FLUSHES,
        *aggregates(retention),
    )


SEGMENT_MS = DAY_MS
"""A part of a source topic is closed after so long, and goes as a whole when its newest record is too old."""


BUYERS = ("visitor", "customer")
"""What stands in place of a platform for people who come to a site or buy in a shop."""


def forgotten_at(time_ms: int, platform: str) -> int:
    """When no source topic holds what people of a platform, or `BUYERS`, did before `time_ms` any more."""
    sources = PAID_SOURCES if platform in BUYERS else ORGANIC_SOURCES
    return time_ms + SEGMENT_MS + max(topic.retention_ms or 0 for topic in sources)


def partition_of(key: bytes, partitions: int) -> int:
    """Partition of a key as Kafka's own clients choose it: murmur2 of the bytes, made positive, modulo the count.

    >>> partition_of(b"facebook:1001", 4) == partition_of(b"facebook:1001", 4)
    True
    """
    return (_murmur2(key) & 0x7FFFFFFF) % partitions


def _murmur2(data: bytes) -> int:
    """MurmurHash2 with Kafka's seed, 32 bits, little-endian (org.apache.kafka.common.utils.Utils.murmur2)."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = (0x9747B28C ^ len(data)) & mask
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = (h * m & mask) ^ k
    if tail := data[whole:]:
        h = (h ^ int.from_bytes(tail, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15
