"""Runs counting workers as real processes, and recounts by itself what they should have written."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import CoordinatorNotAvailableError

from contracts import topics
from processors.engine.positions import GENERATION_SHIFT
from tests.integration.engine_counting import SPEED, chained, topics_of

ROOT = Path(__file__).parents[2]
SEAL_KEY = "a key for tests"
KEYS = 40


class CountingRun:
    """One counting processor: its topics, its input, its workers, and what came out."""

    def __init__(self, bootstrap: str, name: str, logs: Path, partitions: int = 2) -> None:
        self.bootstrap, self.partitions = bootstrap, partitions
        self.name = re.sub(r"[^a-z_]+", "_", name.removeprefix("test_"))[:80]
        self.topics = topics_of(self.name)
        self.first, self.second, self.rows_topic, self.total_topic, self.checkpoint_topic, self.flushes = self.topics
        self.sources = (self.first, self.second)
        self.logs = logs
        self._started = 0
        self._produced = 0
        self._workers: list[subprocess.Popen[bytes]] = []
        with self.admin() as admin:
            # Small segments: the topics are compacted while the test runs, as they are in real life.
            compact = {"cleanup.policy": "compact", "segment.bytes": str(1 << 20), "min.cleanable.dirty.ratio": "0.1"}
            admin.create_topics({topic: _new(partitions) for topic in self.sources})
            admin.create_topics({topic: _new(partitions, compact) for topic in self.topics[2:]})
            if topics.DEAD_LETTERS.name not in admin.list_topics():
                admin.create_topics({topics.DEAD_LETTERS.name: _new(2, {"cleanup.policy": "compact"})})
            admin.wait_for_topics([*self.topics, topics.DEAD_LETTERS.name])

    def admin(self) -> Any:
        return closing(KafkaAdminClient(bootstrap_servers=self.bootstrap))

    # -- input ---------------------------------------------------------------------------------------------------

    def produce(self, count: int, seed: int = 0, bad: Sequence[int] = ()) -> None:
        """Numbered values under random keys; the records at the indexes `bad` are not JSON."""
        choose = random.Random(f"{seed}-{self._produced}")
        with closing(KafkaProducer(bootstrap_servers=self.bootstrap, linger_ms=2)) as producer:
            for index in range(count):
                self._produce_one(producer, choose, b"\x00 not json" if index in bad else None)
            producer.flush()

    @contextmanager
    def producing(self, per_second: int, seed: int = 0) -> Iterator[None]:
        """The same without an end, while the block runs."""
        ended = threading.Event()

        def produce() -> None:
            choose = random.Random(seed)
            with closing(KafkaProducer(bootstrap_servers=self.bootstrap, linger_ms=2)) as producer:
                while not ended.wait(0.05):
                    for _ in range(per_second // 20):
                        self._produce_one(producer, choose, None)
                producer.flush()

        thread = threading.Thread(target=produce)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _produce_one(self, producer: Any, choose: random.Random, value: bytes | None) -> None:
        key = choose.randrange(KEYS)
        producer.send(
            self.sources[choose.random() < 0.3],
            key=b"k%d" % key,
            value=b"%d" % self._produced if value is None else value,
            partition=key % self.partitions,
        )
        self._produced += 1

    def send(self, topic: str, key: bytes, value: bytes, partition: int) -> None:
        with closing(KafkaProducer(bootstrap_servers=self.bootstrap)) as producer:
            producer.send(topic, key=key, value=value, partition=partition).get(30)

    def delete_before(self, topic: str, partition: int, offset: int) -> None:
        with self.admin() as admin:
            admin.delete_records({TopicPartition(topic, partition): offset})

    # -- workers -------------------------------------------------------------------------------------------------

    def start(self, records_per_second: float = float("inf"), **environment: str) -> subprocess.Popen[bytes]:
        self._started += 1
        settings = {
            "ENGAGEMENT_KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "ENGAGEMENT_SEAL_KEY": SEAL_KEY,
            "ENGAGEMENT_PROCESSOR_FLUSH_SECONDS": "0.2",
            "ENGAGEMENT_PROCESSOR_SESSION_TIMEOUT_SECONDS": "6",
            "ENGAGEMENT_PROCESSOR_INSTANCE_ID": "one",
            SPEED: str(records_per_second),
        }
        with (self.logs / f"{self.name}-{self._started}.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.engine_counting", self.name],
                env={**os.environ, **settings, **environment},
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        self._workers.append(worker)
        return worker

    def log(self, number: int = -1) -> str:
        """What a worker said; the last one started, unless told otherwise."""
        wanted = self._started if number == -1 else number
        return (self.logs / f"{self.name}-{wanted}.log").read_text(encoding="utf-8")

    def stop(self, worker: subprocess.Popen[bytes]) -> int:
        worker.send_signal(signal.SIGTERM)
        return worker.wait(60)

    def kill_all(self) -> None:
        for worker in self._workers:
            if worker.poll() is None:
                worker.kill()
                worker.wait()

    def run_until_drained(self) -> None:
        """One worker folds all there is and stops cleanly."""
        worker = self.start()
        self.wait_said("partitions_assigned", worker)
        self.wait_drained(worker)
        assert self.stop(worker) == 0, self.log()

    def wait_drained(self, worker: subprocess.Popen[bytes] | None = None, seconds: float = 90) -> None:
        """Until the group's offsets equal the ends of the sources; fails if the worker dies first."""
        deadline = time.monotonic() + seconds
        while (left := self.lag()) > 0:
            assert worker is None or worker.poll() is None, self.log()
            assert time.monotonic() < deadline, f"{left} records left\n{self.log()}"
            time.sleep(0.1)

    def wait_said(self, event: str, worker: subprocess.Popen[bytes], seconds: float = 60) -> None:
        """Until the last worker that was started logs `event`."""
        deadline = time.monotonic() + seconds
        while event not in self.log():
            assert worker.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def wait_exit(self, worker: subprocess.Popen[bytes], seconds: float = 60) -> int:
        """The exit code of a worker that should end by itself."""
        try:
            return worker.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still alive\n{self.log()}") from None

    def lag(self) -> int:
        group_id = f"engagement-{self.name}"
        with self.admin() as admin:
            try:
                group = admin.list_group_offsets({group_id: None})[group_id]
            except CoordinatorNotAvailableError:  # the first group of a new broker
                group = {}
        ends = self.ends(self.sources)
        return sum(end - (group[place].offset if place in group else 0) for place, end in ends.items())

    # -- output --------------------------------------------------------------------------------------------------

    def ends(self, wanted: Sequence[str]) -> dict[TopicPartition, int]:
        places = [TopicPartition(topic, number) for topic in wanted for number in range(self.partitions)]
        with closing(KafkaConsumer(bootstrap_servers=self.bootstrap)) as consumer:
            return dict(consumer.end_offsets(places))

    def records(self, topic: str, partitions: int | None = None) -> Iterator[Any]:
        """All committed records of a topic, in order within each partition."""
        places = [TopicPartition(topic, number) for number in range(partitions or self.partitions)]
        with closing(
            KafkaConsumer(
                bootstrap_servers=self.bootstrap,
                isolation_level="read_committed",
                auto_offset_reset="earliest",
                enable_auto_commit=False,
            )
        ) as consumer:
            consumer.assign(places)
            ends = consumer.end_offsets(places)
            while any(consumer.position(place) < ends[place] for place in places):
                for polled in consumer.poll(200).values():
                    yield from polled

    def newest(self, topic: str) -> dict[bytes, dict[str, Any]]:
        """The newest value of each key, parsed; deleted keys are absent. Versions must never go back."""
        found: dict[bytes, dict[str, Any]] = {}
        versions: dict[bytes, int] = defaultdict(int)
        for record in self.records(topic):
            if record.value is None:
                version = int(dict(record.headers)["version"])
                found.pop(record.key, None)
            else:
                found[record.key] = json.loads(record.value)
                version = found[record.key]["version"]
            assert version >= versions[record.key], f"{record.key!r} went back"
            versions[record.key] = version
        return found

    def rows(self) -> dict[bytes, tuple[int, int]]:
        return {key: (row["count"], row["chain"]) for key, row in self.newest(self.rows_topic).items()}

    def generations(self) -> set[int]:
        return {row["version"] >> GENERATION_SHIFT for row in self.newest(self.rows_topic).values()}

    def recount(self) -> dict[bytes, tuple[int, int]]:
        """What the rows should be, straight from the sources."""
        expected: dict[bytes, tuple[int, int]] = {}
        for topic in self.sources:
            for record in self.records(topic):
                if record.value.startswith(b"\x00"):
                    continue
                key = f"{topic}|".encode() + record.key
                count, chain = expected.get(key, (0, 0))
                expected[key] = (count + 1, chained(chain, int(record.value)))
        return expected

    def dead_letters(self) -> list[dict[str, Any]]:
        """Those of our own sources: the topic is everybody's, and holds the deletions of replayed ones too."""
        found = self.records(topics.DEAD_LETTERS.name, 2)
        letters = [json.loads(record.value) for record in found if record.value is not None]
        return [letter for letter in letters if letter["topic"] in self.sources]

    def assert_exact(self) -> None:
        """Nothing lost, nothing twice, nothing out of order."""
        expected, actual = self.recount(), self.rows()
        wrong = {key: (expected.get(key), actual.get(key)) for key in expected | actual}
        wrong = {key: pair for key, pair in wrong.items() if pair[0] != pair[1]}
        assert not wrong, f"{len(wrong)} of {len(expected)} rows: {dict(list(wrong.items())[:5])}"
        assert expected
        counted = sum(total["total"] for total in self.totals())
        assert counted == sum(count for count, _ in expected.values()), "state and rows do not belong together"

    def totals(self) -> list[dict[str, Any]]:
        newest: dict[int, dict[str, Any]] = {}
        for record in self.records(self.total_topic):
            newest[record.partition] = json.loads(record.value)
        return list(newest.values())


def _new(partitions: int, configs: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {"num_partitions": partitions, "replication_factor": 1, "configs": dict(configs or {})}
