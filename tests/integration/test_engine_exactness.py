"""Every record counts once and in order, whatever the batches, restarts and bad data."""

import json
import socket
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from contracts.identity import digest
from runtime.seal import Sealer
from tests.integration.engine_run import SEAL_KEY, CountingRun


@pytest.fixture
def run(kafka_bootstrap: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[CountingRun]:
    counting = CountingRun(kafka_bootstrap, request.node.name, tmp_path)
    yield counting
    counting.kill_all()


def test_every_record_counts_once_over_batches_and_restarts(run: CountingRun) -> None:
    for part in range(3):
        run.produce(1500, seed=part)
        run.run_until_drained()
    run.assert_exact()


def test_a_restart_folds_nothing_again_and_an_idle_worker_writes_nothing(run: CountingRun) -> None:
    run.produce(200)
    run.run_until_drained()
    written = run.ends(run.topics[2:])
    worker = run.start(ENGAGEMENT_PROCESSOR_FLUSH_SECONDS="0.05")
    run.wait_said("partitions_assigned", worker)
    time.sleep(1.0)  # many times the flush interval
    assert run.stop(worker) == 0
    assert run.ends(run.topics[2:]) == written


def test_a_bad_record_becomes_one_dead_letter_and_its_neighbours_count(run: CountingRun) -> None:
    run.produce(500, bad=[250])
    run.run_until_drained()
    run.run_until_drained()
    assert sum(count for count, _ in run.rows().values()) == 499
    run.assert_exact()
    [letter] = run.dead_letters()
    assert (letter["stage"], letter["origin"], letter["reason"]) == ("processor", "record", "invalid_record")
    place = (letter["topic"], str(letter["partition"]), str(letter["offset"]))
    assert letter["dead_letter_id"] == digest(*place)
    sealed = b64decode(letter["sealed"])
    assert Sealer([SEAL_KEY]).open(sealed) == b"\x00 not json"


def test_a_flush_marker_names_its_rows_and_positions(run: CountingRun) -> None:
    run.produce(300)
    run.run_until_drained()
    markers = {record.partition: json.loads(record.value) for record in run.records(run.flushes)}
    ends = run.ends(run.sources)
    rows = list(run.records(run.rows_topic))
    for number, marker in markers.items():
        assert marker["processor"] == run.name
        assert marker["partition"] == number
        assert marker["positions"] == {place.topic: end for place, end in ends.items() if place.partition == number}
        assert marker["version"] == sum(marker["positions"].values())
        assert marker["rows_until"] == {run.rows_topic: max(row.offset for row in rows if row.partition == number) + 1}
    assert sorted(markers) == [0, 1]


@pytest.fixture
def unused_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


def test_a_worker_says_how_it_is(run: CountingRun, unused_port: int) -> None:

    run.produce(50)
    worker = run.start(ENGAGEMENT_METRICS_PORT=str(unused_port))
    run.wait_drained(worker)
    base = f"http://127.0.0.1:{unused_port}"
    assert requests.get(f"{base}/readyz", timeout=5).json()["needs"] == {"partitions": True}
    shown = requests.get(f"{base}/metrics", timeout=5).text
    folded = [line for line in shown.splitlines() if line.startswith("engagement_processor_records_total{")]
    assert sum(float(line.split()[-1]) for line in folded) == 50
    assert f'engagement_processor_partitions{{processor="{run.name}"}} 2.0' in shown
    assert run.stop(worker) == 0
