"""When going on would lose or double something the worker stops with 70 and says what to do."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka.admin import ConfigResource, ConfigResourceType

from runtime.cli import EXIT_FAIL_STOP
from tests.integration.engine_run import CountingRun


@pytest.fixture
def run(kafka_bootstrap: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[CountingRun]:
    counting = CountingRun(kafka_bootstrap, request.node.name, tmp_path)
    counting.produce(300)
    counting.run_until_drained()
    yield counting
    counting.kill_all()


def refusal(run: CountingRun) -> str:
    """What a worker says that refuses to start."""
    assert run.wait_exit(run.start()) == EXIT_FAIL_STOP
    return run.log()


def test_records_that_were_deleted_before_they_were_folded(run: CountingRun) -> None:
    run.produce(300)
    end = next(end for place, end in run.ends([run.first]).items() if place.partition == 1)
    run.delete_before(run.first, 1, end - 1)
    said = refusal(run)
    assert "behind the checkpoint are gone" in said
    assert "--accept-loss" in said


def test_a_source_topic_that_was_created_again(run: CountingRun) -> None:
    with run.admin() as admin:
        admin.delete_topics([run.second])
        admin.create_topics({run.second: {"num_partitions": run.partitions, "replication_factor": 1}})
        admin.wait_for_topics([run.second])
    assert f"{run.second} was created again" in refusal(run)


def test_a_changed_partition_count(run: CountingRun) -> None:
    with run.admin() as admin:
        admin.create_partitions(dict.fromkeys(run.topics, run.partitions + 1))
    assert "had 2: keys now fold elsewhere" in refusal(run)


def test_unequal_partition_counts(run: CountingRun) -> None:
    with run.admin() as admin:
        admin.create_partitions({run.rows_topic: run.partitions + 1})
    assert "equal partition counts" in refusal(run)


def test_a_hole_in_what_a_running_worker_reads(run: CountingRun) -> None:
    worker = run.start()
    run.wait_said("partitions_assigned", worker)
    worker.send_signal(signal.SIGSTOP)  # or it may have fetched everything before it is deleted
    run.produce(4000)
    for place, end in run.ends(run.sources).items():
        run.delete_before(place.topic, place.partition, end - 5)
    worker.send_signal(signal.SIGCONT)
    assert run.wait_exit(worker) == EXIT_FAIL_STOP
    assert "Hole" in run.log()


def test_a_failed_send_ends_the_worker_and_nothing_of_the_flush_is_seen(run: CountingRun) -> None:
    before, written = run.rows(), run.ends([run.flushes])
    set_largest_batch(run, 64)
    run.produce(300)
    assert run.wait_exit(run.start()) == EXIT_FAIL_STOP
    assert "MessageSizeTooLarge" in run.log()
    assert run.rows() == before
    assert not [r for r in run.records(run.flushes) if r.offset >= max(written.values())]
    set_largest_batch(run, 1 << 20)
    run.run_until_drained()
    run.assert_exact()


def set_largest_batch(run: CountingRun, size: int) -> None:
    with run.admin() as admin:
        wanted = {"max.message.bytes": str(size)}
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, run.rows_topic, configs=wanted)])
