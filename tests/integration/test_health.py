"""What a process answers about itself over HTTP."""

from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, Counter

from runtime.health import Health, HealthServer, ask


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health("kafka", "postgres", stale_after=10, clock=clock)


@pytest.fixture
def address(health: Health) -> Iterator[str]:
    registry = CollectorRegistry()
    Counter("rounds_total", "Rounds.", registry=registry).inc(3)
    server = HealthServer(health, registry, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.port}"
    server.close()


def test_it_is_ready_when_every_need_is_met(health: Health, address: str) -> None:
    health.ready("kafka", True)
    assert not ask(f"{address}/readyz")[0]
    health.ready("postgres", True)
    assert ask(f"{address}/readyz")[0]
    health.ready("kafka", False)
    assert not ask(f"{address}/readyz")[0]
    assert ask(f"{address}/healthz")[0]


def test_it_is_neither_alive_nor_ready_when_nothing_progresses(health: Health, clock: Clock, address: str) -> None:
    health.ready("kafka", True)
    health.ready("postgres", True)
    clock.now = 10.5
    assert not ask(f"{address}/healthz")[0]
    assert not ask(f"{address}/readyz")[0]
    health.progress()
    assert ask(f"{address}/healthz")[0]


def test_it_serves_its_metrics(address: str) -> None:
    answered, body = ask(f"{address}/metrics")
    assert answered
    assert "rounds_total 3.0" in body


def test_an_unknown_path_and_a_closed_port_are_not_ready(address: str) -> None:
    assert not ask(f"{address}/else")[0]
    assert not ask("http://127.0.0.1:1/readyz")[0]
