"""A real sink against the real stores, driven by tests: what is produced, what runs, what the tables then hold."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import kafka
import msgspec
import psycopg
from kafka.admin import KafkaAdminClient
from psycopg.rows import dict_row

from contracts import identity, tables, topics
from contracts.config import Account, Retention
from contracts.table import Table, row_struct
from runtime.health import Health
from runtime.instruments import Instruments
from runtime.seal import Sealer
from sinks.consumer import Consumer, describe
from sinks.dead_letters import DeadLetters
from sinks.postgres.batch import Reader
from sinks.postgres.offsets import SINK
from sinks.postgres.sink import Plan, PostgresSink
from sinks.records import Place, Shard

SEAL_KEY = "a key for tests"
PATIENCE_SECONDS = 60.0
TABLES = tables.load()
NOTES = ("sink_offsets", "applied_positions", "freshness", "source_health", "dead_letters", "erasures")
_PARTITIONS = {"organic": 4, "paid": 2, "shared": 2, "one": 1}


def make_topics(bootstrap: str) -> None:
    """The declared topics, as far as they are missing."""
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        existing = set(admin.list_topics())
        missing = {
            topic.name: {"num_partitions": _PARTITIONS[topic.partitions], "replication_factor": 1}
            for topic in topics.load(Retention())
            if topic.name not in existing
        }
        if missing:
            admin.create_topics(missing)


def as_role(dsn: str, login: str) -> str:
    """The database of `dsn` through the login of another role's DSN."""
    return urlunsplit(urlsplit(login)._replace(path=urlsplit(dsn).path))


def row(table: Table, **values: Any) -> dict[str, Any]:
    """A row of the table: what is not given is zero, empty or null."""
    return (
        {"version": 1, "value_state": "known", **values} if "value_state" in _names(table) else {"version": 1, **values}
    )


def _names(table: Table) -> set[str]:
    return {column.name for column in table.columns}


def key_of(table: Table, values: Mapping[str, Any]) -> bytes:
    return identity.join_key(*(str(values[column.name]) for column in table.key)).encode()


class SinkRun:
    """Topics, a migrated database, and the sink between them."""

    def __init__(self, bootstrap: str, writer_dsn: str, owner_dsn: str) -> None:
        self.bootstrap = bootstrap
        self.writer_dsn = writer_dsn
        self.owner_dsn = owner_dsn
        self.places = describe(bootstrap, Reader(tuple(TABLES.values())).topics).places
        self._producer = kafka.KafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=5)
        self.reconnect()
        self._began: dict[Place, int] = {}
        self.instruments = Instruments()

    def reconnect(self) -> None:
        """After the server was restarted."""
        self._connection = psycopg.connect(self.owner_dsn, autocommit=True, row_factory=dict_row)

    def begin_here(self) -> None:
        """Empty tables; the sink begins behind everything that earlier tests have produced."""
        known = describe(self.bootstrap, {place.topic for place in self.places})
        with psycopg.connect(self.owner_dsn, autocommit=True) as connection:
            for name in (*TABLES, "accounts", "people"):
                connection.execute(f"TRUNCATE analytics.{name}")
            for name in (*NOTES, "leases"):
                connection.execute(f"TRUNCATE pipeline.{name}")
            self._began = self.ends()
            for place, end in self._began.items():
                connection.execute(
                    "INSERT INTO pipeline.sink_offsets (sink, topic, partition, next_offset, topic_id)"
                    " VALUES (%s, %s, %s, %s, %s)",
                    [SINK, place.topic, place.partition, end, known.ids[place.topic]],
                )

    def rewind(self) -> None:
        """As if nothing had been applied since `begin_here`: every record comes again."""
        with psycopg.connect(self.owner_dsn, autocommit=True) as connection:
            for place, offset in self._began.items():
                connection.execute(
                    "UPDATE pipeline.sink_offsets SET next_offset = %s WHERE topic = %s AND partition = %s",
                    [offset, *place],
                )

    def put(self, table: Table, values: Mapping[str, Any], partition: int = 0) -> Any:
        value = msgspec.json.encode(row_struct(table)(**values))
        return self.put_bytes(table.topic, key_of(table, values), value, partition)

    def put_bytes(
        self,
        topic: str,
        key: bytes,
        value: bytes | None,
        partition: int = 0,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> Any:
        return self._producer.send(topic, value, key, headers=list(headers), partition=partition)

    def flush(self) -> None:
        self._producer.flush(timeout=30)

    def ends(self) -> dict[Place, int]:
        with closing(Consumer(self.bootstrap, "test", dict.fromkeys(self.places, 0))) as consumer:
            ends = consumer.ends(30_000)
        assert ends is not None
        return ends

    def offsets(self) -> dict[Place, int]:
        found = self.query("SELECT topic, partition, next_offset FROM pipeline.sink_offsets")
        return {Place(one["topic"], one["partition"]): one["next_offset"] for one in found}

    def query(self, sql: str) -> list[dict[str, Any]]:
        return self._connection.execute(sql.encode()).fetchall()

    def sink(
        self,
        stop: threading.Event,
        health: Health,
        *,
        dsn: str | None = None,
        shard: Shard | None = None,
        accounts: tuple[Account, ...] = (),
        refresh_seconds: float = 60.0,
    ) -> PostgresSink:
        plan = Plan(
            self.bootstrap,
            dsn or self.writer_dsn,
            shard or Shard(),
            accounts,
            {"minute": 30, "hour": 400},
            400,
            refresh_seconds,
        )
        letters = DeadLetters(self.bootstrap, "test", Sealer([SEAL_KEY]))
        self.instruments = Instruments()
        return PostgresSink(plan, letters, health, self.instruments, stop)

    @contextmanager
    def running(self, **options: Any) -> Iterator["Running"]:
        running = Running(self, **options)
        try:
            yield running
        finally:
            running.end()

    def apply(self, **options: Any) -> None:
        """Run the sink until all that was produced is applied."""
        self.flush()
        with self.running(**options) as running:
            running.until_applied()

    def close(self) -> None:
        self._producer.close(timeout=10)
        self._connection.close()


class Running:
    """A sink in a thread."""

    def __init__(self, run: SinkRun, **options: Any) -> None:
        self.stop = threading.Event()
        self.health = Health("kafka", "postgres")
        self.error: BaseException | None = None
        self._run = run
        self._sink = run.sink(self.stop, self.health, **options)
        self._thread = threading.Thread(target=self._main, daemon=True)
        self._thread.start()

    def _main(self) -> None:
        try:
            self._sink.run()
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds; an error of the sink is raised here."""
        pause = threading.Event()
        for _ in range(int(PATIENCE_SECONDS * 10)):
            if self.error is not None:
                raise self.error
            if holds():
                return
            pause.wait(0.1)
        raise AssertionError("the sink did not get there")

    def until_applied(self) -> None:
        """Everything that was produced; where there is nothing, until a first round is over."""
        ends = self._run.ends()

        def is_applied() -> bool:
            offsets = self._run.offsets()
            is_at_work = self.health.report()["ready"] is True
            return is_at_work and all(offsets.get(place, -1) >= end for place, end in ends.items())

        self.until(is_applied)

    def until_it_stops(self) -> BaseException | None:
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()
        return self.error

    def end(self) -> None:
        self.stop.set()
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()
