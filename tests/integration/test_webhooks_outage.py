"""A broker that stands still or dies under the receiver: no 200 without Kafka, nothing acknowledged is lost."""

from collections.abc import Iterator

import pytest

from deploy.local.stack import LocalStack
from tests.integration.ingest_run import IngestRun


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(tmp_path_factory.mktemp("outage")) as stack:
        stack.start("kafka")
        yield stack


def test_a_broker_that_stands_still_or_dies_costs_retries_and_nothing_else(
    stack: LocalStack, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run = IngestRun(tmp_path_factory.mktemp("run"), stack.bootstrap_servers)
    run.command("topics", "apply")
    kafka = stack.services["kafka"]
    with run.receiver() as receiver:
        receiver.wait_ready()
        assert receiver.deliver(run.delivery([run.value(0)])).status_code == 200

        kafka.stop_signal()
        answer = receiver.deliver(run.delivery([run.value(1)]))
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert receiver.session.get(receiver.url("/readyz"), timeout=10).status_code == 503
        kafka.cont_signal()
        receiver.wait_ready()
        assert receiver.deliver(run.delivery([run.value(1)])).status_code == 200

        kafka.kill()
        statuses: list[int] = []
        while not statuses or statuses[-1] != 200:
            statuses.append(receiver.deliver(run.delivery([run.value(2)])).status_code)
        assert set(statuses) <= {200, 503}
        receiver.wait_ready()
        assert receiver.deliver(run.delivery([run.value(3)])).status_code == 200
    assert {event.interaction_key for event in run.events()} == {f"comment|c{number}" for number in range(4)}
