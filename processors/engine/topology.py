"""Asks the broker what a processor's topics are: their ids and their partition count."""

from contextlib import closing

from kafka.admin import KafkaAdminClient

from processors.engine.checkpoint import Refused, Topology
from processors.engine.state import Processor


def read_topology(bootstrap_servers: str, processor: Processor) -> Topology:
    """Blocks. Raises `Refused` for a missing topic, or when the counts differ: what is joined must meet."""
    wanted = (*processor.sources, *processor.written_topics())
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap_servers)) as admin:
        found = {topic["name"]: topic for topic in admin.describe_topics(list(wanted))}
    counts = {name: len(found[name]["partitions"]) if name in found else 0 for name in wanted}
    if missing := sorted(name for name, count in counts.items() if count == 0):
        raise Refused(f"topics do not exist: {', '.join(missing)}; run `engagement topics apply`")
    if len(set(counts.values())) != 1:
        raise Refused(f"topics of one processor need equal partition counts: {counts}")
    return Topology(counts[wanted[0]], {name: str(found[name]["topic_id"]) for name in wanted})
