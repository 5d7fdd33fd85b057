"""Topics as Kafka has to have them: the settings behind a declaration, and how what exists differs from it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from contracts import topics
from contracts.config import Config, Partitions
from contracts.topics import Topic
from ingest.records import count

MIB = 1024 * 1024
HOUR_MS = 3_600_000


class Existing(NamedTuple):
    """A topic that exists: its partitions, and its effective settings."""

    partitions: int
    configs: dict[str, str | None]


class Wanted(NamedTuple):
    """A topic to be created."""

    partitions: int
    replication: int
    configs: dict[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A topic that is not as declared. `partitions` cannot be mended; `configs` are the settings to change."""

    topic: Topic
    is_missing: bool = False
    partitions: tuple[int, int] | None = None
    configs: tuple[tuple[str, str | None, str], ...] = ()

    def __str__(self) -> str:
        if self.is_missing:
            return f"{self.topic.name}: missing"
        lines = [f"{name} is {found}, declared {wanted}" for name, found, wanted in self.configs]
        if self.partitions:
            lines.insert(0, f"{self.partitions[0]} partitions, declared {self.partitions[1]}")
        return f"{self.topic.name}: {'; '.join(lines)}"


def configs(topic: Topic, replication: int) -> dict[str, str]:
    """The topic's settings.

    Compacted topics are read whole at each start, so they are cleaned early and in small segments; and within a day
    whatever their size, since what is replaced or deleted may be a person's.
    """
    is_compacted = "compact" in topic.cleanup
    found = {
        "cleanup.policy": topic.cleanup,
        "retention.ms": str(topic.retention_ms or -1),
        "segment.bytes": str((16 if is_compacted else 64) * MIB),
        "message.timestamp.type": "LogAppendTime" if topic.log_append_time else "CreateTime",
        "min.insync.replicas": str(2 if replication > 2 else 1),
        "unclean.leader.election.enable": "false",
    }
    if is_compacted:
        found |= {"min.cleanable.dirty.ratio": "0.2", "segment.ms": str(6 * HOUR_MS)}
        found["max.compaction.lag.ms"] = str(24 * HOUR_MS)
    elif topic.retention_ms is not None:
        found["segment.ms"] = str(topics.SEGMENT_MS)
    if topic == topics.DEAD_LETTERS:
        found["max.message.bytes"] = str(12 * MIB)  # a delivery of the largest size, sealed, in base64
    return found


def wanted(topic: Topic, partitions: Partitions, replication: int) -> Wanted:
    """The topic as it is to be created."""
    return Wanted(count(topic, partitions), replication, configs(topic, replication))


def differences(config: Config, replication: int, existing: Mapping[str, Existing]) -> Iterator[Difference]:
    """Every declared topic that does not exist, or exists otherwise."""
    for topic in topics.load(config.retention):
        found = existing.get(topic.name)
        if found is None:
            yield Difference(topic, is_missing=True)
            continue
        declared = count(topic, config.partitions)
        wrong = tuple(
            (name, found.configs.get(name), value)
            for name, value in configs(topic, replication).items()
            if found.configs.get(name) != value
        )
        if wrong or found.partitions != declared:
            counts = (found.partitions, declared) if found.partitions != declared else None
            yield Difference(topic, partitions=counts, configs=wrong)
