"""What a process says about itself: /healthz (alive), /readyz (connected), /metrics.

Alive means that work or an idle round was finished lately: the loop that does the work calls `progress()`,
so a process that hangs stops being alive although its threads still answer. Ready means alive, and that each
named need is met.
"""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from runtime.settings import MetricsSettings


class Health:
    """Thread-safe. Each of `needs` is unmet until `ready(name, True)`; alive for `stale_after` seconds."""

    def __init__(self, *needs: str, stale_after: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._needs = dict.fromkeys(needs, False)
        self._stale_after = stale_after
        self._clock = clock
        self._progressed_at = clock()

    def ready(self, name: str, is_ready: bool) -> None:
        with self._lock:
            self._needs[name] = is_ready

    def progress(self) -> None:
        self._progressed_at = self._clock()

    def report(self) -> dict[str, object]:
        """What /healthz and /readyz answer: `{"alive": bool, "ready": bool, "needs": {name: bool}}`."""
        alive = self._clock() - self._progressed_at <= self._stale_after
        with self._lock:
            needs = dict(self._needs)
        return {"alive": alive, "ready": alive and all(needs.values()), "needs": needs}


class HealthServer:
    """Answers GET from a daemon thread until closed. Port 0 takes a free one; read it from `port`."""

    def __init__(self, health: Health, registry: CollectorRegistry, host: str, port: int) -> None:
        self._server = ThreadingHTTPServer((host, port), _handler(health, registry))
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(health: Health, registry: CollectorRegistry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            report = health.report()
            match self.path.partition("?")[0]:
                case "/healthz":
                    self._answer(200 if report["alive"] else 503, json.dumps(report).encode())
                case "/readyz":
                    self._answer(200 if report["ready"] else 503, json.dumps(report).encode())
                case "/metrics":
                    self._answer(200, generate_latest(registry), CONTENT_TYPE_LATEST)
                case _:
                    self._answer(404, b"{}")

        def _answer(self, status: int, body: bytes, content_type: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Scrapes and checks are not news."""

    return Handler


@contextmanager
def serve(health: Health, registry: CollectorRegistry, settings: MetricsSettings) -> Iterator[None]:
    """Serve while the block runs, where the settings say; port 0 means nowhere."""
    if settings.metrics_port == 0:
        yield
        return
    server = HealthServer(health, registry, settings.metrics_host, settings.metrics_port)
    try:
        yield
    finally:
        server.close()


def ask(url: str, seconds: float = 3.0) -> tuple[bool, str]:
    """Whether the process at this health address answers 200, and what it says."""
    if not url.startswith(("http://", "https://")):
        raise ValueError("the URL must be http or https")
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:  # noqa: S310 - the scheme is checked above
            return True, answer.read(2048).decode("utf-8", "replace")
    except OSError as error:  # URLError, HTTPError and timeouts are all of this kind
        return False, str(error)
