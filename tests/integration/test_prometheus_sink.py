"""The exporter shows the same figures after a restart, read from the topics alone."""

import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import kafka
import msgspec
import pytest

from contracts import identity, metrics
from runtime.health import Health, HealthServer
from runtime.instruments import Instruments
from sinks.prometheus import exporter
from sinks.prometheus.samples import COMMENTS, DAYS, FIGURES
from tests.integration.sink_run import make_topics

ACCOUNT = "prometheus-sink-test"


@pytest.fixture(scope="module")
def bootstrap(kafka_bootstrap: str) -> str:
    make_topics(kafka_bootstrap)
    return kafka_bootstrap


@contextmanager
def exporting(bootstrap: str) -> Iterator[Callable[[str], str]]:
    """A running exporter, as a function from a path to what it answers."""
    instruments, health, stop = Instruments(), Health("kafka"), threading.Event()
    server = HealthServer(health, instruments.registry, "127.0.0.1", 0)
    thread = threading.Thread(target=exporter.run, args=(bootstrap, instruments, health, stop), daemon=True)
    thread.start()

    def get(path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    try:
        yield get
    finally:
        stop.set()
        thread.join(30)
        server.close()
        assert not thread.is_alive()


def put(bootstrap: str, topic: str, key: tuple[str, ...], **values: object) -> None:
    producer = kafka.KafkaProducer(bootstrap_servers=bootstrap)
    name = identity.join_key("facebook", ACCOUNT, *key).encode()
    producer.send(topic, msgspec.json.encode(values), name, partition=0).get(timeout=30)
    producer.close()


def until(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(600):
        if holds():
            return
        pause.wait(0.1)
    raise AssertionError("the exporter did not get there")


def test_figures_follow_the_topics_and_survive_a_restart(bootstrap: str) -> None:
    put(bootstrap, DAYS, ("2026-09-01",), likes=5, unique_engagers=2, version=1)
    put(bootstrap, FIGURES, ("followers", "total", "2026-09-01"), value=40, version=1)
    day = 86_400_000
    put(bootstrap, COMMENTS, ("c1",), asked_at=20_000 * day, needs_answer=True, version=1)
    put(bootstrap, COMMENTS, ("c2",), asked_at=20_001 * day, needs_answer=True, version=1)
    likes = f'{metrics.INTERACTIONS.name}{{account="{ACCOUNT}",kind="likes",platform="facebook"}}'
    labels = f'{{account="{ACCOUNT}",platform="facebook"}}'
    with exporting(bootstrap) as get:
        until(lambda: f"{likes} 5.0" in get("/metrics"))
        put(bootstrap, DAYS, ("2026-09-02",), likes=3, unique_engagers=1, version=2)
        until(lambda: f"{likes} 8.0" in get("/metrics"))
        before = [line for line in get("/metrics").splitlines() if ACCOUNT in line]
        until(lambda: '"ready": true' in get("/readyz"))
    assert f"{metrics.UNIQUE_ENGAGERS_TODAY.name}{labels} 1.0" in before
    assert f"{metrics.FOLLOWERS.name}{labels} 40.0" in before
    waiting = f'{metrics.COMMENTS_WAITING.name}{{account="{ACCOUNT}",platform="facebook",span="day"}}'
    assert f"{waiting} 1.0" in before
    with exporting(bootstrap) as get:
        until(lambda: likes in get("/metrics"))
        assert [line for line in get("/metrics").splitlines() if ACCOUNT in line] == before
