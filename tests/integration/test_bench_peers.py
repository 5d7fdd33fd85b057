"""The comparison's own side is the real worker: killed without warning, it is succeeded, and its rows are exact."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.peers import field
from bench.peers.check import verdict
from bench.peers.measure import Unfinished, run
from bench.peers.oracle import Oracle
from bench.peers.workload import TABLES

RUN, SOURCE = "bench-peers-test", "bench-peers-test-source"
ROOT = Path(__file__).parents[2]


def _run_and_kill(bootstrap: str, deliveries: int, log: Path) -> None:
    """Run a worker until so many deliveries are committed, then kill it."""
    given = {
        "SOURCE": SOURCE,
        "RUN": RUN,
        "EVENTS": str(deliveries),
        "ENGAGEMENT_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "ENGAGEMENT_SEAL_KEY": "a key for tests",
        "ENGAGEMENT_PROCESSOR_FLUSH_SECONDS": "0.2",
        "ENGAGEMENT_PROCESSOR_INSTANCE_ID": "one",
    }
    command = [sys.executable, "-m", "bench.peers.ours"]
    with log.open("wb") as errors:
        worker = subprocess.Popen(
            command, env={**os.environ, **given}, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, bufsize=0
        )
    try:
        assert worker.stdout is not None
        assert [worker.stdout.readline(), worker.stdout.readline()] == [b"FIRST\n", b"LAST\n"], log.read_text()
    finally:
        worker.kill()
        worker.communicate()


def test_a_successor_goes_on_where_a_killed_worker_was(kafka_bootstrap: str, tmp_path: Path) -> None:
    oracle = Oracle()
    with field.output_topics(kafka_bootstrap, RUN):
        for begin, end in ((0, 3_000), (3_000, 7_000)):
            field.load(kafka_bootstrap, SOURCE, begin, end, oracle)
            _run_and_kill(kafka_bootstrap, end - begin, tmp_path / f"{end}.log")
        found = verdict(kafka_bootstrap, RUN, field.PARTITIONS, oracle.tables())
    assert found.faults == 0
    assert found.rows > len(TABLES)
    assert found.records > found.rows
    assert oracle.duplicates > 100


def test_an_engine_that_ends_early_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('FIRST'); raise SystemExit('no such topic')"]
    with pytest.raises(Unfinished, match="no such topic"):
        run(command, {}, tmp_path / "engine.log", os.getpid())
