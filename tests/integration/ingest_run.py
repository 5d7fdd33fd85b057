"""Runs the commands of ingest as real processes against a real broker, and reads what they wrote."""

import hmac
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import requests

from contracts import codec, topics
from contracts.events import Cursor, DeadLetter, EngagementEvent, Post, Snapshot
from contracts.health import SourceHealth
from ingest.kafka import read

T = TypeVar("T")

CURRENT, PREVIOUS = "the current secret", "the previous secret"
VERIFY_TOKEN = "a verify token"
ENGAGEMENT = [sys.executable, "-c", "from runtime.cli import main; main()"]
_pages = count(time.time_ns() // 1_000_000)


class IngestRun:
    """One page of its own, so that runs share a broker, and the environment that its commands get."""

    def __init__(self, directory: Path, bootstrap: str, polling: str = "", sites: str = "", **settings: str) -> None:
        self.page = str(next(_pages))
        self.post = f"{self.page}_2001"
        self.directory = directory
        self.bootstrap = bootstrap
        self.config = directory / f"{self.page}.toml"
        self._polling = polling
        self.sites = sites
        self.configure(self.page)
        self.environment = {
            **os.environ,
            "ENGAGEMENT_CONFIG": str(self.config),
            "ENGAGEMENT_KAFKA_BOOTSTRAP_SERVERS": bootstrap,
            "ENGAGEMENT_META_APP_SECRETS": f"{CURRENT},{PREVIOUS}",
            "ENGAGEMENT_META_VERIFY_TOKEN": VERIFY_TOKEN,
            "ENGAGEMENT_META_ACCESS_TOKEN": "canary-access-token",
            "ENGAGEMENT_IDENTITY_KEY": "an identity key",
            "ENGAGEMENT_SEAL_KEY": "a seal key",
            "ENGAGEMENT_WEBHOOKS_PORT": "0",
            **settings,
        }

    def configure(self, *pages: str) -> None:
        """Write the configuration anew, for these pages."""
        accounts = "".join(
            f'[[accounts]]\nplatform = "facebook"\nid = "{page}"\nname = "A page"\nbrand = "b"\n'
            "connected_at = 2026-01-01T00:00:00Z\n"
            for page in pages
        )
        self.config.write_text(f'{self._polling}\n[brands.b]\nname = "B"\n{accounts}{self.sites}', encoding="utf-8")

    def command(self, *arguments: str, code: int = 0, **settings: str) -> str:
        """Run a command to its end and check its exit code: what it printed."""
        done = subprocess.run(
            [*ENGAGEMENT, *arguments],
            env=self.environment | settings,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout

    @contextmanager
    def receiver(self, **settings: str) -> Iterator["Receiver"]:
        """A receiver on a free port, stopped with SIGTERM at the end."""
        log = self.directory / f"{self.page}-receiver-{time.monotonic_ns()}.log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [*ENGAGEMENT, "ingest", "webhooks"], env=self.environment | settings, stderr=stderr
            )
        try:
            yield Receiver(self, process, log)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)

    # -- what was written ----------------------------------------------------------------------------------------

    def events(self) -> list[EngagementEvent]:
        return [event for event in self._read(topics.EVENTS, EngagementEvent) if event.account_id == self.page]

    def snapshots(self) -> list[Snapshot]:
        return [one for one in self._read(topics.SNAPSHOTS, Snapshot) if one.account_id == self.page]

    def posts(self) -> list[Post]:
        return [post for post in self._read(topics.POSTS, Post) if post.account_id == self.page]

    def cursors(self) -> dict[str, Cursor]:
        """The newest cursor of each source of the page."""
        return {
            one.source.rpartition(":")[2]: one for one in self._read(topics.CURSORS, Cursor) if self.page in one.source
        }

    def health(self) -> dict[str, SourceHealth]:
        """How each source of the page fares, as last told."""
        told = [one for one in self._read(topics.HEALTH, SourceHealth) if one.account_id == self.page]
        return {one.source.rpartition(":")[2]: one for one in told}

    def dead_letters(self, page: str | None = None) -> list[DeadLetter]:
        """Those of a page that still stand."""
        standing: dict[bytes, DeadLetter] = {}
        decode = codec.decoder(DeadLetter)
        for key, value in read(self.bootstrap, topics.DEAD_LETTERS.name):
            standing.pop(key, None)
            if value is not None:
                standing[key] = decode(value)
        return [letter for letter in standing.values() if letter.account_id == (page or self.page)]

    def _read(self, topic: topics.Topic, record_type: type[T]) -> Iterator[T]:
        decode = codec.decoder(record_type)
        for _, value in read(self.bootstrap, topic.name):
            try:
                yield decode(value or b"")
            except codec.UndecodableRecord:
                continue  # a tick, or what another test wrote

    # -- what is sent --------------------------------------------------------------------------------------------

    def value(self, number: int, **fields: object) -> dict[str, object]:
        """A comment that is like no other of this run."""
        comment: dict[str, object] = {
            "item": "comment",
            "verb": "add",
            "comment_id": f"c{number}",
            "post_id": self.post,
            "parent_id": self.post,
            "from": {"id": str(number), "name": "canary-name"},
            "created_time": 1_790_000_000 + number,
            "message": "canary-text",
        }
        return comment | fields

    def delivery(self, values: Sequence[Mapping[str, object]], page: str | None = None) -> bytes:
        changes = [{"field": "feed", "value": value} for value in values]
        entry = {"id": page or self.page, "time": 1_790_000_500, "changes": changes}
        return json.dumps({"object": "page", "entry": [entry]}).encode()


class Receiver:
    """A running receiver."""

    def __init__(self, run: IngestRun, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.run = run
        self.process = process
        self.log = log
        self.session = requests.Session()
        self.port = int(self.told("receiver_started")["addresses"][0].rpartition(":")[2])

    def told(self, event: str, seconds: float = 30) -> dict[str, Any]:
        """The log line of that event, waited for."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for line in self.log.read_text(encoding="utf-8").splitlines():
                told: dict[str, Any] = json.loads(line)
                if told.get("event") == event:
                    return told
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            time.sleep(0.05)
        raise AssertionError(f"{event} was never logged: {self.log.read_text(encoding='utf-8')}")

    def url(self, path: str = "/webhooks/meta") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def deliver(
        self, body: bytes, secret: str | None = CURRENT, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """POST a body, signed with `secret`."""
        signed = {} if secret is None else {"X-Hub-Signature-256": signature(body, secret)}
        return self.session.post(self.url(), data=body, headers={**signed, **(headers or {})}, timeout=60)

    def wait_ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while self.session.get(self.url("/readyz"), timeout=5).status_code != 200:
            assert time.monotonic() < deadline, self.log.read_text(encoding="utf-8")
            time.sleep(0.05)

    def metric(self, line: str) -> float:
        """The value of a series, 0 if it is not there."""
        for told in self.session.get(self.url("/metrics"), timeout=5).text.splitlines():
            name, _, found = told.rpartition(" ")
            if name == line:
                return float(found)
        return 0.0


def signature(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()
