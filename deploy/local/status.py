"""What a running stack says about itself: who is up, how far behind, how fresh, what could not be used."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import kafka.errors
import psycopg
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from psycopg.rows import dict_row

from deploy import secrets as secret_files
from deploy.local.observers import METRICS
from deploy.local.process import StackError, is_running
from deploy.local.settings import LocalSettings
from runtime.health import ask

KNOWN_AS = "stack.json"

FRESHNESS = (
    "SELECT name, newest_event_at, applied_at, complete_through FROM pipeline.freshness WHERE kind = %s ORDER BY name"
)
PROBLEMS = "SELECT source, state, problem, since FROM pipeline.source_health WHERE problem IS NOT NULL ORDER BY source"
DEAD_LETTERS = "SELECT reason, count(*) AS letters FROM pipeline.dead_letters GROUP BY reason ORDER BY reason"
POSITIONS = "SELECT sink AS reader, topic, partition, next_offset FROM pipeline.sink_offsets"

Status = dict[str, Any]
Position = tuple[str, str, int, int]
"""Reader, topic, partition, next offset."""


def running(data_dir: Path) -> Status:
    """What the stack of this directory wrote down when it started."""
    file = data_dir / KNOWN_AS
    known: Status = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if not known or not is_running(known["pid"]):
        raise StackError(f"no stack runs in {data_dir}: engagement up --data-dir {data_dir}")
    return known


def reader_dsn(known: Status, settings: LocalSettings) -> str:
    if settings.postgres_dsn:
        return settings.postgres_dsn.get_secret_value()
    return secret_files.logins(Path(known["secrets"]), known["addresses"]["postgres"])["reader"]


def collect(known: Status, dsn: str) -> Status:
    """All of it as plain values; what cannot be reached is null and named under `unreachable`."""
    addresses: dict[str, str] = known["addresses"]
    unreachable = []
    tables: Status = {"sources": None, "problems": None, "freshness": None, "dead_letters": None}
    positions: list[Position] = []
    try:
        with psycopg.connect(dsn, connect_timeout=3) as connection:
            tables, positions = _tables(connection)
    except psycopg.Error as error:
        unreachable.append(f"postgres: {str(error).strip().splitlines()[0]}")
    try:
        lag = _lag(addresses["kafka"], positions)
    except (OSError, kafka.errors.KafkaError) as error:
        lag = None
        unreachable.append(f"kafka: {error}")
    processes = {
        name.removeprefix(METRICS): ask(f"{url}/readyz")[0]
        for name, url in sorted(addresses.items())
        if name.startswith(METRICS)
    }
    return {"addresses": addresses, "processes": processes, "lag": lag, **tables, "unreachable": unreachable}


def _tables(connection: psycopg.Connection[Any]) -> tuple[Status, list[Position]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        sources = cursor.execute(FRESHNESS, ["source"]).fetchall()
        problems = cursor.execute(PROBLEMS).fetchall()
        freshness = cursor.execute(FRESHNESS, ["table"]).fetchall()
        letters = {row["reason"]: row["letters"] for row in cursor.execute(DEAD_LETTERS)}
    tables = {"sources": sources, "problems": problems, "freshness": freshness, "dead_letters": letters}
    return tables, connection.execute(POSITIONS).fetchall()


def _lag(bootstrap_servers: str, sinks: list[Position]) -> dict[str, dict[str, int]]:
    """Reader -> topic -> records between its position and the end that committed readers see."""
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap_servers, bootstrap_timeout_ms=5000)) as admin:
        positions = [*sinks, *_group_positions(admin)]
    consumer = KafkaConsumer(bootstrap_servers=bootstrap_servers, isolation_level="read_committed")
    with closing(consumer):
        ends = consumer.end_offsets({TopicPartition(topic, number) for _, topic, number, _ in positions})
    behind: dict[str, Counter[str]] = {}
    for reader, topic, number, offset in positions:
        behind.setdefault(reader, Counter())[topic] += max(0, ends[TopicPartition(topic, number)] - offset)
    return {reader: dict(topics) for reader, topics in behind.items()}


def _group_positions(admin: Any) -> Iterator[Position]:
    groups = [group["group_id"] for group in admin.list_groups()]
    if groups:
        for group, offsets in admin.list_group_offsets(groups).items():
            for partition, committed in offsets.items():
                yield group, partition.topic, partition.partition, committed.offset
