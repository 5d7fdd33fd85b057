"""Under the load of wrk a broker is killed: whatever was ever answered 200 is found in Kafka, as often as it was."""

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.deliveries import Delivery
from bench.load import Load
from deploy.local.stack import LocalStack
from tests.integration.ingest_run import CURRENT, IngestRun, Receiver, signature

CONNECTIONS = 8
SECONDS = 20
DELIVERIES, EVENTS = 12_000, 2
ACCEPTED = 'engagement_webhook_deliveries_total{outcome="accepted",platform="meta"}'


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A broker of its own, for it is killed."""
    if shutil.which("wrk") is None:
        pytest.skip("needs Debian's package wrk")
    with LocalStack(tmp_path_factory.mktemp("load")) as stack:
        stack.start("kafka")
        yield stack


def delivery(run: IngestRun, number: int) -> Delivery:
    """Comments that no other delivery has."""
    values = [run.value(EVENTS * number + place, created_time=1_790_000_000) for place in range(EVENTS)]
    body = run.delivery(values)
    return Delivery(body, signature(body, CURRENT))


def accepts(receiver: Receiver, wanted: int) -> None:
    deadline = time.monotonic() + 60
    while receiver.metric(ACCEPTED) < wanted:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_was_answered_200_is_in_kafka_though_the_broker_was_killed(stack: LocalStack, tmp_path: Path) -> None:
    run = IngestRun(tmp_path, stack.bootstrap_servers)
    run.command("topics", "apply")
    deliveries = [delivery(run, number) for number in range(DELIVERIES)]
    with run.receiver() as receiver:
        receiver.wait_ready()
        load = Load(
            receiver.url(""), deliveries, tmp_path, seconds=SECONDS, connections=CONNECTIONS, threads=CONNECTIONS
        )
        accepts(receiver, 500)
        stack.services["kafka"].kill()
        answers = load.answers()
        receiver.wait_ready()
        last = run.delivery([run.value(EVENTS * DELIVERIES)])
        assert receiver.deliver(last).status_code == 200
    written = Counter(event.interaction_key for event in run.events())
    assert set(answers.statuses) <= {"200", "503"}
    assert answers.accepted == answers.taken.total() >= 500
    short = {
        number
        for number, times in answers.taken.items()
        for place in range(EVENTS)
        if written[f"comment|c{EVENTS * number + place}"] < times
    }
    assert short == set()
