"""A small Graph API in the test's own process: what it answers is scripted, what it was asked is kept."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

DATE = "Mon, 21 Sep 2026 14:15:00 GMT"
AS_OF = 1_790_000_100_000


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    params: dict[str, str]
    headers: Mapping[str, str]


@dataclass
class Reply:
    """What to answer; `body` is JSON unless it is bytes."""

    body: Any = field(default_factory=lambda: {"data": []})
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Script = Callable[[Asked], Reply]


class Graph:
    """Serves while the block runs; the `script` may be replaced at any time."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url = f"{self.origin}/v25.0"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def error(code: int, status: int = 400, **fields: object) -> Reply:
    return Reply({"error": {"message": f"(#{code})", "type": "OAuthException", "code": code, **fields}}, status)


def _handler(graph: Graph) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            asked = Asked(url.path.removeprefix("/v25.0"), dict(parse_qsl(url.query)), dict(self.headers))
            graph.asked.append(asked)
            reply = graph.script(asked)
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response_only(reply.status)
            for name, value in {"Date": DATE, "Content-Length": str(len(body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The test keeps what was asked."""

    return Handler
