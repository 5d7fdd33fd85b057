"""A small Bluesky in the test's own process, and a streamer that listens to it as a real process."""

import asyncio
import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiohttp import WSMsgType, web

from contracts import codec, topics
from contracts.events import Memory, Subject
from ingest.kafka import read
from runtime.clock import wall_ms
from tests.integration.ingest_run import ENGAGEMENT, IngestRun

PACE_SECONDS = 0.01
HOSTS = ("one", "two")


class Network:
    """Serves `messages` from the position that is asked for, on two hosts, and `answers` by the last word of a path;
    `cursors`: what each connection has asked for."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self.cursors: list[tuple[str, int]] = []
        self.asked: list[str] = []
        self.down: set[str] = set()
        self._cut = 0
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)

    def __enter__(self) -> "Network":
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    @property
    def settings(self) -> dict[str, str]:
        return {
            "ENGAGEMENT_BLUESKY_STREAM_HOSTS": ",".join(f"ws://127.0.0.1:{self.port}/{host}" for host in HOSTS),
            "ENGAGEMENT_BLUESKY_API_URL": f"http://127.0.0.1:{self.port}/xrpc",
        }

    def cut(self, *down: str) -> None:
        """Break every connection; these hosts are away from now on."""
        self.down = set(down)
        self._cut += 1

    async def _serve(self) -> None:
        app = web.Application()
        app.add_routes([web.get("/{host}/subscribe", self._subscribe), web.get("/xrpc/{name}", self._answer)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = int(runner.addresses[0][1])
        self._started.set()
        await self._stop.wait()
        self._cut += 1
        await runner.cleanup()

    async def _subscribe(self, request: web.Request) -> web.StreamResponse:
        host, since = request.match_info["host"], self._cut
        if host in self.down:
            raise web.HTTPServiceUnavailable
        cursor = int(request.query["cursor"])
        self.cursors.append((host, cursor))
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        place = 0
        hearing = asyncio.create_task(_hear(socket))
        while since == self._cut and not socket.closed:
            while place < len(self.messages):
                if self.messages[place]["time_us"] >= cursor:
                    await socket.send_str(json.dumps(self.messages[place]))
                place += 1
            await asyncio.sleep(PACE_SECONDS)
        hearing.cancel()
        if request.transport is not None:
            request.transport.abort()
        return socket

    async def _answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"].rpartition(".")[2]
        self.asked.append(name)
        found = self.answers.get(name)
        if found is None:
            return web.json_response({"error": "InvalidRequest", "message": "no"}, status=400)
        return web.json_response(found)


async def _hear(socket: web.WebSocketResponse) -> None:
    async for message in socket:
        assert message.type in (WSMsgType.TEXT, WSMsgType.BINARY)


class StreamRun(IngestRun):
    """One account of its own. `hours_ago`: when it was connected."""

    def __init__(self, directory: Path, bootstrap: str, network: Network, hours_ago: int = 1) -> None:
        self._hours_ago = hours_ago
        super().__init__(directory, bootstrap, **network.settings)
        self.page = f"did:plc:{self.page}"
        self.post = f"at://{self.page}/app.bsky.feed.post/3l3p"
        self.begins_at = wall_ms() - 600_000

    def configure(self, *pages: str) -> None:
        connected_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600 * self._hours_ago))
        accounts = "".join(
            f'[[accounts]]\nplatform = "bluesky"\nid = "did:plc:{page}"\nname = "An account"\nbrand = "b"\n'
            f"connected_at = {connected_at}\n"
            for page in pages
        )
        self.config.write_text(f'[brands.b]\nname = "B"\n{accounts}', encoding="utf-8")

    @contextmanager
    def streamer(self, end: signal.Signals = signal.SIGTERM) -> Iterator["subprocess.Popen[bytes]"]:
        """A streamer, ended with that signal."""
        log = self.directory / f"{self.page}-streamer-{time.monotonic_ns()}.log"
        with log.open("wb") as stderr:
            process = subprocess.Popen([*ENGAGEMENT, "ingest", "stream"], env=self.environment, stderr=stderr)
        try:
            yield process
        finally:
            process.send_signal(end)
            code = process.wait(timeout=30)
        if end is signal.SIGTERM:
            assert code == 0, log.read_text(encoding="utf-8")

    def like(self, number: int, person: str = "ann") -> dict[str, Any]:
        """A like at that second of the run."""
        record = {"createdAt": f"2026-01-01T00:00:{number % 60:02}.{number:03}Z", "subject": {"uri": self.post}}
        return self._told(number, person, {"operation": "create", "rkey": f"3l{number}", "record": record})

    def unlike(self, number: int, of: int, person: str = "ann") -> dict[str, Any]:
        return self._told(number, person, {"operation": "delete", "rkey": f"3l{of}"})

    def _told(self, number: int, person: str, commit: dict[str, Any]) -> dict[str, Any]:
        time_us = (self.begins_at + number * 1000) * 1000
        commit |= {"collection": "app.bsky.feed.like"}
        return {"did": f"did:plc:{person}", "time_us": time_us, "kind": "commit", "commit": commit}

    def times(self, action: str = "add") -> list[int]:
        """Seconds of the run at which something was told, each fact once."""
        found = {event.event_id: event for event in self.events() if event.action == action}
        return sorted((event.occurred_at - self.begins_at) // 1000 for event in found.values())

    def remembered(self) -> int:
        """Records of the account's that are remembered."""
        decode = codec.decoder(Memory)
        newest: dict[bytes, Subject | None] = {}
        for key, value in read(self.bootstrap, topics.MEMORY.name):
            newest[key] = None if value is None else decode(value).subject
        return sum(subject is not None and subject.account_id == self.page for subject in newest.values())


def until(is_so: Callable[[], bool], what: str, seconds: float = 40) -> None:
    """Wait for it."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"{what}: it never came to that"
        time.sleep(0.1)
