"""The checkpoint of a partition: up to where the rows and the state that were committed with it have folded.

Written in the transaction of each flush, so it is never ahead of the rows nor behind them. Here is also what makes
a checkpoint unusable, each with the way out. Pure.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from msgspec import Struct

from contracts.codec import decoder
from contracts.events import SCHEMA


class Checkpoint(Struct, frozen=True, forbid_unknown_fields=True):
    """Record value on a processor's checkpoint topic.

    `positions`: source topic -> next offset. `topic_ids`: every topic of the processor -> Kafka's id of it, which a
    topic that is created again does not get back. `rebuild_until`: during a rebuild, the source positions at its start;
    once they are reached, rows that the rebuild did not write again are deleted. `state_format`, `rules`: as in
    `Processor`; of a checkpoint from before rules were noted they are not known.
    """

    schema: int
    generation: int
    partitions: int
    positions: dict[str, int]
    topic_ids: dict[str, str]
    rebuild_until: dict[str, int] | None = None
    state_format: int = 1
    rules: str = ""


decode: Callable[[bytes], Checkpoint] = decoder(Checkpoint)


@dataclass(frozen=True, slots=True)
class Topology:
    """The processor's topics as the broker has them: how many partitions each, and their ids. `state_format` and
    `rules`: as in `Processor`."""

    partitions: int
    topic_ids: dict[str, str]
    state_format: int = 1
    rules: str = ""


class Refused(RuntimeError):
    """This partition cannot be continued without losing or doubling something; the message says what to do."""


def key(partition: int) -> bytes:
    """Record key of a partition's checkpoint."""
    return str(partition).encode()


def first(topology: Topology, beginnings: Mapping[str, int]) -> Checkpoint:
    """Where a partition starts that was never folded: generation 0, at the beginning of its sources."""
    return Checkpoint(
        schema=SCHEMA,
        generation=0,
        partitions=topology.partitions,
        positions=dict(beginnings),
        topic_ids=topology.topic_ids,
        state_format=topology.state_format,
        rules=topology.rules,
    )


def rebuilt(generation: int, topology: Topology, beginnings: Mapping[str, int], ends: Mapping[str, int]) -> Checkpoint:
    """The checkpoint that makes a partition start over, as that generation."""
    return Checkpoint(
        schema=SCHEMA,
        generation=generation,
        partitions=topology.partitions,
        positions=dict(beginnings),
        topic_ids=topology.topic_ids,
        rebuild_until=dict(ends),
        state_format=topology.state_format,
        rules=topology.rules,
    )


def refusals(
    checkpoint: Checkpoint, topology: Topology, beginnings: Mapping[str, int], ends: Mapping[str, int]
) -> Iterator[str]:
    """Why folding cannot go on from `checkpoint`; nothing if it can.

    `beginnings` and `ends` are the source topics' first and next offsets in this partition.
    """
    if checkpoint.partitions != topology.partitions:
        yield (
            f"the topics have {topology.partitions} partitions and had {checkpoint.partitions}: "
            "keys now fold elsewhere; give the topics their old count, or start with new topics"
        )
    if checkpoint.state_format != topology.state_format:
        yield (
            f"what it remembers is in format {checkpoint.state_format}, and this version reads format "
            f"{topology.state_format}: run `engagement rebuild`"
        )
    if checkpoint.rules and checkpoint.rules != topology.rules:
        yield "its rows follow from another configuration: take the change back, or run `engagement rebuild`"
    for topic in sorted(checkpoint.topic_ids.keys() | topology.topic_ids.keys()):
        if checkpoint.topic_ids.get(topic) != topology.topic_ids.get(topic):
            word = "was created again" if topic in checkpoint.topic_ids else "is new to this processor"
            yield f"{topic} {word}: run `engagement rebuild`"
    for topic, beginning in beginnings.items():
        position = checkpoint.positions.get(topic, beginning)
        if position < beginning:
            yield (
                f"{topic} begins at {beginning}, {beginning - position} records behind the checkpoint are gone: "
                "run `engagement rebuild --accept-loss`"
            )
        if position > ends[topic]:
            yield f"{topic} ends at {ends[topic]}, before the checkpoint's {position}: the broker lost records"
