"""What the engine asks of the thing that folds: a pure, synchronous state of one partition."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Record = tuple[int, bytes | None, bytes | None]
"""Offset, key, value of one record."""

Change = tuple[str, bytes, bytes | None]
"""Topic, key, value of one record to write; value None deletes the key."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A source record that could not be used: its place, its bytes, and why (a word of `contracts.reasons`)."""

    topic: str
    offset: int
    key: bytes | None
    value: bytes | None
    reason: str
    detail: str


@dataclass(slots=True)
class Tally:
    """What happened since the last flush, for metrics and the flush marker. Times in epoch milliseconds."""

    events: int = 0
    duplicate_facts: int = 0
    ambiguous_events: int = 0
    late_events: dict[str, int] = field(default_factory=dict)
    oldest_received_at: int | None = None
    newest_received_at: int | None = None

    def received(self, times: Sequence[int]) -> None:
        """Events that were received at `times` (epoch milliseconds) were folded."""
        if not times:
            return
        self.events += len(times)
        oldest, newest = min(times), max(times)
        if self.oldest_received_at is None or oldest < self.oldest_received_at:
            self.oldest_received_at = oldest
        if self.newest_received_at is None or newest > self.newest_received_at:
            self.newest_received_at = newest


class PartitionState(Protocol):
    """All that is known about one partition of the source topics.

    The engine calls `load` for every record of the state and aggregate topics, oldest first, then `fold` with source
    records in offset order, and about once a second `changes`, whose records it commits in one transaction with the
    checkpoint. Nothing here may block, read a clock or do IO. Bad data never raises: it goes to `rejected`.
    """

    tally: Tally
    rejected: list[Rejected]
    newest_event_at: int | None

    def load(self, topic: str, records: Sequence[Record]) -> None:
        """Take back notices, and what an earlier run wrote; of a smaller generation only that it is stale."""

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        """Fold source records, in offset order."""

    def changes(self, version: int) -> Iterator[Change]:
        """Every record that differs from what was last written, encoded now; afterwards nothing is dirty."""

    def stale(self) -> Iterator[Change]:
        """Deletions of the rows of an older generation that the rebuild did not write again."""

    def entries(self) -> dict[str, int]:
        """Sizes of the state, for metrics."""


@dataclass(frozen=True, slots=True)
class Processor:
    """A processor as the engine sees it: its topics, and how the state of one partition is made.

    `sources` are folded; `state_topics` and `aggregate_topics` are read back at recovery, in this order; before them
    `notices`, topics of one partition that every partition of the processor is told whole.
    `new_state(generation, partition, partitions)` makes an empty state. `state_format` is raised when a state can no
    longer read what an earlier version of it wrote: then that is refused, and a rebuild makes it anew. `rules` stands
    for what of the configuration every row follows from: rows by other rules are refused in the same way.
    """

    name: str
    sources: tuple[str, ...]
    state_topics: tuple[str, ...]
    aggregate_topics: tuple[str, ...]
    checkpoint_topic: str
    flushes_topic: str
    new_state: Callable[[int, int, int], PartitionState]
    notices: tuple[str, ...] = ()
    state_format: int = 1
    rules: str = ""

    def written_topics(self) -> Iterable[str]:
        """Every topic that a flush may write to, dead letters excepted."""
        return (*self.state_topics, *self.aggregate_topics, self.checkpoint_topic, self.flushes_topic)
