"""`engagement rebuild`: make every partition start over, as a new generation.

It takes each partition's transactional id, which fences the worker that owns it, and writes a checkpoint at the
beginning of the sources. Rows of the older generation stay visible until they are written again, or are proved stale
when the positions noted here are reached. Each partition is raised by itself, so being killed half-way is harmless.
"""

from contracts.codec import decoder, encode
from contracts.events import FlushMarker
from processors.engine import checkpoint as checkpoints
from processors.engine.checkpoint import Refused, Topology
from processors.engine.partition import marker_key
from processors.engine.positions import GENERATION_SHIFT
from processors.engine.recovery import LogReader, log_reader, read_checkpoint
from processors.engine.state import Processor
from processors.engine.topology import read_topology
from processors.engine.transaction import open_writer, transactional_id
from runtime.clock import wall_ms

_read_marker = decoder(FlushMarker)


async def raise_generation(processor: Processor, bootstrap_servers: str, accept_loss: bool) -> dict[int, int]:
    """Raise every partition's generation; returns partition -> new generation, without those never folded.

    Raises `Refused`, before anything is touched, when source records are gone and `accept_loss` is not given.
    """
    topology = read_topology(bootstrap_servers, processor)
    if not accept_loss:
        await _refuse_loss(processor, bootstrap_servers, topology)
    raised = {}
    for partition in range(topology.partitions):
        if (generation := await _raise(processor, bootstrap_servers, partition, topology)) is not None:
            raised[partition] = generation
    return raised


async def _refuse_loss(processor: Processor, bootstrap_servers: str, topology: Topology) -> None:
    lost = []
    for partition in range(topology.partitions):
        async with log_reader(bootstrap_servers, partition) as reader:
            beginnings = await reader.beginnings(processor.sources)
            lost += [f"{topic}-{partition} begins at {at}" for topic, at in beginnings.items() if at > 0]
    if lost:
        raise Refused(
            f"the oldest records are gone ({', '.join(lost)}): a rebuild would lose what they say; "
            "give --accept-loss if that is meant"
        )


async def _raise(processor: Processor, bootstrap_servers: str, partition: int, topology: Topology) -> int | None:
    writer = await open_writer(bootstrap_servers, transactional_id(processor.name, partition))
    try:
        async with log_reader(bootstrap_servers, partition) as reader:
            generation = await _last_generation(reader, processor, partition, topology)
            if generation is None:
                return None
            beginnings, ends = await reader.beginnings(processor.sources), await reader.ends(processor.sources)
        after = checkpoints.rebuilt(generation + 1, topology, beginnings, ends)
        outbox = writer.outbox(wall_ms())
        outbox.add(processor.checkpoint_topic, partition, checkpoints.key(partition), encode(after))
        await writer.begin()
        await writer.send(outbox)
        await writer.commit()
        return after.generation
    finally:
        await writer.close()


async def _last_generation(reader: LogReader, processor: Processor, partition: int, topology: Topology) -> int | None:
    """Of the checkpoint, or of the last flush's marker if the checkpoint topic was lost."""
    checkpoint = await read_checkpoint(reader, processor, partition)
    if checkpoint is None:
        marker = await reader.newest(processor.flushes_topic, marker_key(processor.name, partition))
        return None if marker is None else _read_marker(marker).version >> GENERATION_SHIFT
    if checkpoint.partitions != topology.partitions:
        raise Refused(
            f"the topics have {topology.partitions} partitions and had {checkpoint.partitions}: "
            "rows would be written from two partitions; start with new topics"
        )
    return checkpoint.generation
