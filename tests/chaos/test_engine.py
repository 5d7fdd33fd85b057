"""Workers are killed, stopped and continued at random instants; what is committed stays equal to a recount.

The schedule is seeded, and a failure shows what each kill hit.
"""

import logging
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.stack import LocalStack
from runtime.cli import EXIT_FAIL_STOP
from tests.integration.engine_run import CountingRun

SEED = 20_261
PER_SECOND = 400
log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with LocalStack(tmp_path_factory.mktemp("broker")) as stack:
        stack.start("kafka")
        yield stack.bootstrap_servers


@pytest.fixture
def run(broker: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[CountingRun]:
    counting = CountingRun(broker, request.node.name, tmp_path, partitions=4)
    yield counting
    counting.kill_all()


def start(run: CountingRun, name: str) -> subprocess.Popen[bytes]:
    """A worker that folds slowly enough for its faults to hit something."""
    return run.start(
        records_per_second=2000,
        ENGAGEMENT_PROCESSOR_INSTANCE_ID=name,
        ENGAGEMENT_PROCESSOR_FLUSH_SECONDS="0.05",
    )


def at_a_random_instant(run: CountingRun, worker: subprocess.Popen[bytes], chance: random.Random) -> None:
    """Let the newest worker come to a random phase of its life, and a little further."""
    phase = chance.choice(["starting", "recovering", "folding", "folding"])
    if phase == "starting":
        time.sleep(chance.uniform(0.5, 2.0))
    elif phase == "recovering":
        run.wait_said("partition_recovered", worker)
        time.sleep(chance.uniform(0, 0.1))
    else:
        run.wait_said("partitions_assigned", worker)
        time.sleep(chance.uniform(0, 2.0))
    log.warning("fault while the newest worker is %s", phase)


def test_one_worker_killed_at_random_instants_loses_and_doubles_nothing(run: CountingRun) -> None:
    chance = random.Random(SEED)
    with run.producing(PER_SECOND, SEED):
        for _ in range(8):
            worker = start(run, "one")
            at_a_random_instant(run, worker, chance)
            worker.kill()
            assert worker.wait() == -signal.SIGKILL
    run.run_until_drained()
    run.assert_exact()


def test_two_workers_killed_and_stopped_at_random_instants_lose_and_double_nothing(run: CountingRun) -> None:
    chance = random.Random(SEED)
    with run.producing(PER_SECOND, SEED):
        workers = {name: start(run, name) for name in ("one", "two")}
        for fault in range(6):
            at_a_random_instant(run, list(workers.values())[-1], chance)
            hit = workers[chance.choice(sorted(workers))]
            hit.send_signal(signal.SIGTERM if fault % 3 == 2 else signal.SIGKILL)
            hit.wait(60)
            time.sleep(chance.uniform(0, 1.5))
            for name in [name for name, worker in workers.items() if worker.poll() is not None]:
                del workers[name]
                workers[name] = start(run, name)
    run.kill_all()
    run.run_until_drained()
    run.assert_exact()


def test_a_worker_stopped_past_its_session_is_fenced_and_leaves_nothing_visible(run: CountingRun) -> None:
    chance = random.Random(SEED)
    with run.producing(PER_SECOND, SEED):
        former = start(run, "former")
        run.wait_said("partitions_assigned", former)
        time.sleep(chance.uniform(0.5, 1.5))
        former.send_signal(signal.SIGSTOP)
        successor = start(run, "successor")
        run.wait_said('"partitions": [0, 1, 2, 3]', successor)
        time.sleep(1.0)
        former.send_signal(signal.SIGCONT)
        assert run.wait_exit(former) == EXIT_FAIL_STOP
        assert "ProducerFenced" in run.log(1)
    run.wait_drained(successor)
    assert run.stop(successor) == 0
    run.assert_exact()
