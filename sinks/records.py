"""Words that the sinks share: a place in Kafka, a record as it is read or refused, a shard. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Place(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int


class Record(Protocol):
    """What is used of a Kafka record. `timestamp` is the broker's or producer's, in epoch milliseconds."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...


class Refused(NamedTuple):
    """A record that could not be used. `reason` is a word of `contracts.reasons`; `detail` quotes nothing of it."""

    record: Record
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of the partitions: those with `partition % count == index`."""

    index: int = 0
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Read `i/n`.

        >>> Shard.parse("1/3")
        Shard(index=1, count=3)
        """
        index, _, count = text.partition("/")
        shard = cls(int(index), int(count))
        if not 0 <= shard.index < shard.count:
            raise ValueError("a shard is written i/n with 0 <= i < n")
        return shard

    def has(self, partition: int) -> bool:
        return partition % self.count == self.index


def lag_by_topic(ends: Mapping[Place, int], positions: Mapping[Place, int]) -> dict[str, int]:
    """Records between the positions and the ends, summed up for each topic."""
    behind: dict[str, int] = {}
    for place, end in ends.items():
        behind[place.topic] = behind.get(place.topic, 0) + max(0, end - positions[place])
    return behind
