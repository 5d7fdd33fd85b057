"""`engagement up --simulate` runs the whole stack, tells how it is, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy.local.process import is_running

ENGAGEMENT = [sys.executable, "-m", "runtime.cli"]
PATIENCE = 120.0


def engagement(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*ENGAGEMENT, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


@pytest.fixture(scope="module")
def up(directory: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [*ENGAGEMENT, "up", "--simulate", "--data-dir", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        until_up = next((line for line in process.stdout if line.startswith("database")), None)
        assert until_up is not None, "up ended before it was up"
        yield process
        process.kill()


def status(directory: Path) -> dict[str, Any]:
    done = engagement("status", "--json", "--data-dir", str(directory))
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.usefixtures("up")
def test_every_declared_process_is_ready(directory: Path) -> None:
    names = {
        "webhooks",
        "poller",
        "streamer",
        "processor-organic",
        "processor-paid",
        "sink-postgres",
        "sink-prometheus",
    }
    assert status(directory)["processes"] == dict.fromkeys(names, True)


@pytest.mark.usefixtures("up")
def test_rows_arrive_where_applications_read_them(directory: Path) -> None:
    dsn = status(directory)["dsn"]
    deadline = time.monotonic() + PATIENCE
    with psycopg.connect(dsn, autocommit=True) as connection:
        while not connection.execute("SELECT 1 FROM analytics.engagement_by_post WHERE likes > 0 LIMIT 1").fetchone():
            assert time.monotonic() < deadline, "no row arrived"
            time.sleep(0.5)


@pytest.mark.usefixtures("up")
def test_the_doctor_finds_topics_tables_and_zones_as_they_should_be(directory: Path) -> None:
    done = engagement("doctor", "--data-dir", str(directory))
    assert done.returncode == 0, done.stdout
    checks = {line.split()[1] for line in done.stdout.splitlines()}
    assert {"topics", "db", "zones"} <= checks


def test_an_interrupt_stops_everything(up: "subprocess.Popen[str]", directory: Path) -> None:
    children = [int(pid) for pid in Path(f"/proc/{up.pid}/task/{up.pid}/children").read_text().split()]
    os.kill(up.pid, signal.SIGINT)
    assert up.wait(PATIENCE) == 0
    assert not [pid for pid in children if is_running(pid)]
    assert not (directory / "stack.json").exists()
    assert engagement("status", "--data-dir", str(directory)).returncode == 1
