"""Brings a run to its end: everything offered is read, folded and applied, shown by positions and never by waiting.

Drained means: the group of each processor stands at the end of each of its source topics, the tables show exactly
these positions as applied, the sink stands at the end of each topic that it reads, and the materialised views contain
what the tables do.
"""

import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import kafka.errors
import psycopg
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient

from contracts import topics
from deploy.local.process import StackError
from deploy.local.stack import LocalStack
from processors.engine.positions import GENERATION_SHIFT
from sinks.postgres import refresher

POLLER, STREAMER, PROCESSOR = "poller", "streamer", "processor-organic"
GROUP = "engagement-"
ATTEMPTS = 3
STALLED_SECONDS = 120.0
ROUND_SECONDS = 0.2

SINK_POSITIONS = "SELECT topic, partition, next_offset FROM pipeline.sink_offsets"
APPLIED_POSITIONS = "SELECT processor, topic, partition, next_offset, version FROM pipeline.applied_positions"

Positions = dict[tuple[str, int], int]


class Behind(NamedTuple):
    """Records between a reader and the end of what it reads."""

    processor: int
    tables: int
    sink: int


def last_poll(stack: LocalStack, as_of_ms: int) -> None:
    """End the poller, read every source whole one last time, and tell the processors how late it is.

    The streamer ends, too, and writes what it has received: the world's end has come to it before.
    """
    for name in (STREAMER, POLLER):
        if name in stack.services:
            stack.services.pop(name).stop()
    for attempt in range(1, ATTEMPTS + 1):
        if run(stack, POLLER, "ingest", "poll", "--once") == 0:
            break
        if attempt == ATTEMPTS:
            raise StackError(f"a source could not be read: see {_log(stack, 'poll')}")
    tick(stack, as_of_ms)


def tick(stack: LocalStack, as_of_ms: int) -> None:
    """Tell every processor what time it is; it gives them something to flush, too."""
    if run(stack, POLLER, "ingest", "tick", "--as-of", str(as_of_ms)):
        raise StackError(f"no tick was written: see {_log(stack, 'tick')}")


def run(stack: LocalStack, service: str, *arguments: str) -> int:
    """Run one of our commands with a service's environment, to its end: its exit code."""
    environment = stack.environment(service)
    with _log(stack, arguments[1]).open("ab") as log:
        done = subprocess.run(["engagement", *arguments], env=environment, stdout=log, stderr=log, check=False)
    return done.returncode


def wait(stack: LocalStack, **generations: int) -> None:
    """Until nothing is left to do; StackError when nothing moves any more. `generations`: by processor, the one that it
    has been raised to.
    """
    behind: Behind | None = None
    moved_at = time.monotonic()
    while True:
        now, failure = behind, None
        try:
            now = measure(stack, **generations)
            if not any(now):
                _refresh_views(stack)
                return
        except (psycopg.Error, kafka.errors.KafkaError) as error:  # one that has just been killed comes back
            failure = error
        if now != behind:
            behind, moved_at = now, time.monotonic()
        if time.monotonic() - moved_at > STALLED_SECONDS:
            raise StackError(f"nothing moves any more: {behind}; see {stack.data_dir / 'logs'}") from failure
        time.sleep(ROUND_SECONDS)


def measure(stack: LocalStack, **generations: int) -> Behind:
    """How far each reader is behind, right now."""
    with psycopg.connect(stack.dsn("reader"), connect_timeout=3) as connection:
        sink: Positions = {(t, p): offset for t, p, offset in connection.execute(SINK_POSITIONS)}
        applied: Positions = {
            (topic, partition): offset
            for processor, topic, partition, offset, version in connection.execute(APPLIED_POSITIONS)
            if version >> GENERATION_SHIFT >= generations.get(processor, 0)
        }
    processors = running(stack)
    # Ends are asked after positions, so that a position can only seem further behind than it is.
    with closing(KafkaAdminClient(bootstrap_servers=stack.bootstrap_servers)) as admin:
        offsets = admin.list_group_offsets([GROUP + name for name in processors])
    folded = {
        (place.topic, place.partition): committed.offset
        for positions in offsets.values()
        for place, committed in positions.items()
    }
    with closing(
        KafkaConsumer(
            bootstrap_servers=stack.bootstrap_servers, isolation_level="read_committed", enable_auto_commit=False
        )
    ) as reader:
        sources = _ends(reader, {topic.name for name in processors for topic in topics.SOURCES[name]})
        aggregates = _ends(reader, {topic for topic, _ in sink})
    return Behind(_behind(sources, folded), _behind(sources, applied), _behind(aggregates, sink))


def running(stack: LocalStack) -> list[str]:
    """The processors that the stack runs."""
    return [name for name in topics.SOURCES if f"processor-{name}" in stack.services]


def _refresh_views(stack: LocalStack) -> None:
    """The sink would do so within a minute."""
    with psycopg.connect(stack.dsn("writer"), autocommit=True, connect_timeout=3) as connection:
        refresher.refresh_changed(connection)


def _ends(reader: KafkaConsumer, names: set[str]) -> Positions:
    places = [TopicPartition(name, number) for name in names for number in reader.partitions_for_topic(name) or ()]
    return {(place.topic, place.partition): end for place, end in reader.end_offsets(places).items()}


def _behind(ends: Positions, positions: Positions) -> int:
    return sum(abs(end - positions.get(place, 0)) for place, end in ends.items())


def _log(stack: LocalStack, name: str) -> Path:
    return stack.data_dir / "logs" / f"{name}.log"
