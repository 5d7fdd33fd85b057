"""The embedded stack keeps its data through kills and restarts, and leaves nothing running."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from kafka.admin import KafkaAdminClient

from contracts import topics as declared
from deploy.local import observers
from deploy.local.process import StackError, is_running
from deploy.local.settings import LocalSettings
from deploy.local.stack import LocalStack
from runtime.health import ask

PATIENCE = 60.0


def topics(stack: LocalStack) -> list[str]:
    with closing(KafkaAdminClient(bootstrap_servers=stack.bootstrap_servers)) as admin:
        return [str(name) for name in admin.list_topics()]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own-stack")


@pytest.fixture(scope="module")
def stack(directory: Path) -> Iterator[LocalStack]:
    with LocalStack(directory) as running:
        running.start("kafka", "postgres")
        with closing(KafkaAdminClient(bootstrap_servers=running.bootstrap_servers)) as admin:
            admin.create_topics({"kept": {"num_partitions": 2}})
        with psycopg.connect(running.dsn("migrator")) as connection:
            connection.execute("CREATE TABLE kept (x int); INSERT INTO kept VALUES (1)")
        yield running


@pytest.mark.parametrize("store", ["kafka", "postgres"])
def test_a_killed_store_is_restarted_with_its_data(stack: LocalStack, store: str) -> None:
    before = stack.services[store].restarts
    hit = stack.services[store].kill()
    assert hit is not None
    deadline = time.monotonic() + PATIENCE
    while stack.services[store].restarts == before and time.monotonic() < deadline:
        time.sleep(0.05)
    stack.services[store].wait_ready(PATIENCE)
    assert stack.services[store].pid != hit
    assert "kept" in topics(stack)
    with (
        psycopg.connect(stack.dsn("writer")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT * FROM kept")
    with psycopg.connect(stack.dsn("migrator")) as connection:
        assert connection.execute("SELECT x FROM kept").fetchall() == [(1,)]


@pytest.mark.skipif(not observers.is_installed("prometheus"), reason="no prometheus on the PATH")
def test_prometheus_runs_with_the_provisioned_rules(stack: LocalStack) -> None:
    stack.start("prometheus")
    answered, rules = ask(f"{stack.addresses['prometheus']}/api/v1/rules")
    assert answered
    assert "alert" in rules


def test_a_broker_and_a_database_from_elsewhere_are_used_and_none_is_started(stack: LocalStack, tmp_path: Path) -> None:
    elsewhere = LocalSettings.load(kafka_bootstrap_servers=stack.bootstrap_servers, postgres_dsn=stack.dsn("migrator"))
    with LocalStack(tmp_path, settings=elsewhere) as other:
        other.start("init")
        assert set(other.services) == {"init"}
        assert other.services["init"].exit_code == 0
    assert declared.EVENTS.name in topics(stack)
    with psycopg.connect(stack.dsn("migrator")) as connection:
        assert connection.execute("SELECT count(*) FROM pipeline.migrations").fetchone() != (0,)


def test_a_second_stack_in_the_same_directory_is_refused(stack: LocalStack, directory: Path) -> None:
    with pytest.raises(StackError, match="another stack runs"):
        LocalStack(directory)


def test_the_next_stack_in_the_directory_has_the_data_and_the_addresses(stack: LocalStack, directory: Path) -> None:
    before, pids = dict(stack.addresses), [process.pid for process in stack.services.values()]
    stack.stop()
    assert not any(pid is not None and is_running(pid) for pid in pids)
    with LocalStack(directory) as again:
        again.start("kafka", "postgres")
        assert again.addresses == {name: before[name] for name in again.addresses}
        assert "kept" in topics(again)
        with psycopg.connect(again.dsn("migrator")) as connection:
            assert connection.execute("SELECT x FROM kept").fetchall() == [(1,)]


def test_nothing_is_left_running_when_the_starter_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from deploy.local.stack import LocalStack\n"
        "stack = LocalStack(Path(sys.argv[1])); stack.start('postgres')\n"
        "print(stack.services['postgres'].pid, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert is_running(pid)
        starter.kill()
    deadline = time.monotonic() + PATIENCE
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not is_running(pid)
