"""A rebuild recomputes everything as a new generation, whoever is running, however often it is killed."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from processors.engine.checkpoint import Refused
from processors.engine.rebuild import raise_generation
from runtime.cli import EXIT_FAIL_STOP
from tests.integration.engine_counting import counting_processor
from tests.integration.engine_run import CountingRun


@pytest.fixture
def run(kafka_bootstrap: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[CountingRun]:
    counting = CountingRun(kafka_bootstrap, request.node.name, tmp_path)
    counting.produce(600)
    yield counting
    counting.kill_all()


def rebuild(run: CountingRun, accept_loss: bool = False) -> dict[int, int]:
    return asyncio.run(raise_generation(counting_processor(run.name), run.bootstrap, accept_loss))


def test_a_running_worker_is_fenced_and_its_successor_recomputes(run: CountingRun) -> None:
    worker = run.start()
    run.wait_drained(worker)
    assert rebuild(run) == {0: 1, 1: 1}
    run.produce(50)
    assert run.wait_exit(worker) == EXIT_FAIL_STOP
    assert "ProducerFenced" in run.log()
    assert run.generations() == {0}
    run.run_until_drained()
    assert run.generations() == {1}
    run.assert_exact()


def test_a_worker_killed_while_it_recomputes_goes_on_from_where_it_was(run: CountingRun) -> None:
    run.run_until_drained()
    rebuild(run)
    for _ in range(2):
        worker = run.start(records_per_second=300)
        run.wait_said("partitions_assigned", worker)
        time.sleep(0.8)
        worker.kill()
        worker.wait()
    assert set(run.rows()) == set(run.recount()), "old rows stay until they are replaced"
    run.run_until_drained()
    assert run.generations() == {1}
    run.assert_exact()


def test_rows_that_the_rebuild_does_not_write_again_are_deleted_at_its_end(run: CountingRun) -> None:
    run.send(run.first, b"once", b"1", 0)
    run.run_until_drained()
    beyond = next(end for place, end in run.ends([run.first]).items() if place.partition == 0)
    run.produce(200)
    run.delete_before(run.first, 0, beyond)
    with pytest.raises(Refused, match="accept-loss"):
        rebuild(run)
    assert rebuild(run, accept_loss=True) == {0: 1, 1: 1}
    run.run_until_drained()
    assert f"{run.first}|once".encode() not in run.rows()
    run.assert_exact()


def test_a_lost_checkpoint_topic_is_refused_and_mended_by_a_rebuild(run: CountingRun) -> None:
    run.run_until_drained()
    configs = {"cleanup.policy": "compact"}
    with run.admin() as admin:
        admin.delete_topics([run.checkpoint_topic])
        new = {"num_partitions": run.partitions, "replication_factor": 1, "configs": configs}
        admin.create_topics({run.checkpoint_topic: new})
        admin.wait_for_topics([run.checkpoint_topic])
    assert run.wait_exit(run.start()) == EXIT_FAIL_STOP
    assert "rows but no checkpoint" in run.log()
    assert rebuild(run) == {0: 1, 1: 1}
    run.run_until_drained()
    assert run.generations() == {1}
    run.assert_exact()


def test_a_partition_that_was_never_folded_needs_no_rebuild(run: CountingRun) -> None:
    assert rebuild(run) == {}
    run.run_until_drained()
    assert run.generations() == {0}
