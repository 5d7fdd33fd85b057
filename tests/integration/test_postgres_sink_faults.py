"""The database dies, the connection breaks in a commit, the sink is killed: every row is there once, none is old."""

import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import pytest

from deploy.local.stack import LocalStack
from tests.integration.sink_run import SEAL_KEY, TABLES, SinkRun

POST = TABLES["engagement_by_post"]


class Proxy:
    """Passes bytes between the sink and the server, and cuts the connection once at a COMMIT that it is told of."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cut: str | None = None
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        with client, socket.create_connection(self._server) as server:
            while True:
                for source in select.select([client, server], [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    if source is client and self.cut and b"COMMIT" in data:
                        when, self.cut = self.cut, None
                        self.cuts += 1
                        if when == "after":
                            server.sendall(data)
                            server.recv(65536)  # it is committed, and nobody is told
                        return
                    (server if source is client else client).sendall(data)

    def dsn(self, dsn: str) -> str:
        parts = urlsplit(dsn)
        return urlunsplit(parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{self.port}"))

    def close(self) -> None:
        self._listener.close()


@contextmanager
def proxy_before(sink: SinkRun) -> Iterator[Proxy]:
    parts = urlsplit(sink.writer_dsn)
    proxy = Proxy((str(parts.hostname), int(parts.port or 0)))
    try:
        yield proxy
    finally:
        proxy.close()


def produce(sink: SinkRun, start: int, count: int) -> None:
    for number in range(start, start + count):
        values = {"platform": "facebook", "account_id": "1001", "post_id": f"p{number % 300}"}
        sink.put(POST, values | {"version": number + 1, "likes": number}, partition=number % 300 % 4)
    sink.flush()


def held(sink: SinkRun) -> dict[str, int]:
    return {r["post_id"]: r["likes"] for r in sink.query("SELECT post_id, likes FROM analytics.engagement_by_post")}


def expected(count: int) -> dict[str, int]:
    return {f"p{number % 300}": number for number in range(count)}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_that_breaks_in_a_commit_is_asked_what_became_of_it(sink: SinkRun, when: str) -> None:
    with proxy_before(sink) as proxy, sink.running(dsn=proxy.dsn(sink.writer_dsn)) as running:
        running.until(lambda: len(sink.query("SELECT * FROM pipeline.leases")) == 1)
        proxy.cut = when
        produce(sink, 0, 600)
        running.until_applied()
        assert proxy.cuts == 1
    assert held(sink) == expected(600)


def test_a_database_that_is_killed_is_waited_for_and_nothing_is_lost(sink: SinkRun, stores: LocalStack) -> None:
    with sink.running() as running:
        for round_ in range(3):
            produce(sink, round_ * 2000, 2000)
            stores.services["postgres"].kill()
            produce(sink, round_ * 2000 + 1000, 1000)
        stores.services["postgres"].wait_ready(60)
        sink.reconnect()
        running.until_applied()
    assert held(sink) == expected(6000)


def test_a_sink_that_is_killed_at_any_moment_leaves_no_row_wrong(sink: SinkRun) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "ENGAGEMENT_KAFKA_BOOTSTRAP_SERVERS": sink.bootstrap,
        "ENGAGEMENT_POSTGRES_DSN": sink.writer_dsn,
        "ENGAGEMENT_SEAL_KEY": SEAL_KEY,
    }
    command = [sys.executable, "-c", "from runtime.cli import main; main()", "sink", "postgres"]
    for kill in range(4):
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
            for burst in range(4):
                produce(sink, (kill * 4 + burst) * 500, 500)
            before = sink.offsets()
            while sink.offsets() == before and process.poll() is None:
                select.select([], [], [], 0.02)
            os.kill(process.pid, signal.SIGKILL)
    sink.apply()
    assert held(sink) == expected(8000)
