"""A real browser without a window, driven over the WebDriver protocol; and a site whose pages it opens."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    """One session: its cookies and storage are its own."""

    def __init__(self, driver: str, profile: Path, chromium: str, user_agent: str | None) -> None:
        arguments = [*_FLAGS, f"--user-data-dir={profile}", *([f"--user-agent={user_agent}"] if user_agent else [])]
        options = {"binary": chromium, "args": arguments}
        wanted = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}
        self._driver = driver
        made = requests.post(f"{driver}/session", json={"capabilities": wanted}, timeout=120).json()["value"]
        self._session = f"{driver}/session/{made['sessionId']}"

    def open(self, url: str) -> None:
        self._ask("url", url=url)

    def click(self, selector: str) -> None:
        found = self._ask("element", using="css selector", value=selector)[_ELEMENT]
        self._ask(f"element/{found}/click")

    def run(self, script: str) -> Any:
        """What a script returns that runs in the page."""
        return self._ask("execute/sync", script=script, args=[])

    def close(self) -> None:
        requests.delete(self._session, timeout=60)

    def _ask(self, command: str, **told: object) -> Any:
        answer = requests.post(f"{self._session}/{command}", json=told, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]


@contextmanager
def browser(directory: Path, user_agent: str | None = PERSON) -> Iterator[Browser]:
    """A browser with a new profile. The test is skipped where Chromium and its driver are not installed."""
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if driver is None or chromium is None:
        pytest.skip("needs Debian's packages chromium and chromium-driver")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (directory / "chromedriver.log").open("wb") as log:
        process = subprocess.Popen([driver, f"--port={port}"], stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{port}/status")
        session = Browser(f"http://127.0.0.1:{port}", directory / f"profile-{port}", chromium, user_agent)
        try:
            yield session
        finally:
            session.close()
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(url: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if requests.get(url, timeout=5).json()["value"]["ready"]:
                return
        except requests.RequestException:
            assert time.monotonic() < deadline
        time.sleep(0.05)


class Site:
    """A website of one page, whatever its path. `body` may be set later than it is started."""

    def __init__(self) -> None:
        site = self
        self.body = b""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(site.body)))
                self.end_headers()
                self.wfile.write(site.body)

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
