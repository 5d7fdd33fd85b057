"""Asks the broker what a processor's topics are: their ids and their partition count."""

from contextlib import closing

from kafka.admin import KafkaAdminClient

from processors.engine.checkpoint import Refused, Topology
from processors.engine.state import Processor


def read_topology(bootstrap_servers: str, processor: Processor) -> Topology:
    """Blocks. Raises `Refused` for a missing topic, or when the counts differ: what is joined must meet."""
    wanted = (*processor.sources, *processor.written_topics())
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap_servers)) as admin:
        found = {topic["name"]: topic for topic in admin.describe_topics([*wanted, *processor.notices])}
    existing = {name for name, topic in found.items() if topic["partitions"]}
    if missing := sorted({*wanted, *processor.notices} - existing):
        raise Refused(f"topics do not exist: {', '.join(missing)}; run `engagement topics apply`")
    counts = {name: len(found[name]["partitions"]) for name in wanted}
    if len(set(counts.values())) != 1:
        raise Refused(f"topics of one processor need equal partition counts: {counts}")
    topic_ids = {name: str(found[name]["topic_id"]) for name in wanted}
    return Topology(counts[wanted[0]], topic_ids, processor.state_format, processor.rules)
