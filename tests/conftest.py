"""A test's layer is its directory; unit and property tests may not open a socket; random searches print their seed."""

import faulthandler
import os
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

LAST_THREAD_SECONDS, STDERR = 60, 2
TESTS = Path(__file__).parent
WITHOUT_NETWORK = {"unit", "property", "contract"}
WHOLE_STACK = "tests/e2e/"
SHORT_LIVED_BROKER = "-XX:TieredStopAtLevel=1"
"""A broker that lives for a minute spends more on compiling well than it ever gains."""

settings.register_profile(
    "engagement",
    deadline=None,  # a slow machine is not a wrong program
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "engagement"))


def pytest_configure() -> None:
    """The caller's settings are not ours; only the place of the downloads is kept."""
    for name in list(os.environ):
        if name.startswith("ENGAGEMENT_") and name != "ENGAGEMENT_CACHE_DIR":
            del os.environ[name]
    os.environ.setdefault("JDK_JAVA_OPTIONS", SHORT_LIVED_BROKER)


def pytest_unconfigure() -> None:
    """A thread that does not end would keep the process for ever: then it is shown, and the process ends.

    One of several test processes is ended by the first, which it waits for.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        faulthandler.dump_traceback_later(LAST_THREAD_SECONDS, exit=True, file=STDERR)


def _layer(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).parts[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(_layer(item))


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Of several test processes one takes a whole file, and one all of the tests that keep the cores busy for long."""

    def _split_scope(self, nodeid: str) -> str:
        return WHOLE_STACK if nodeid.startswith(WHOLE_STACK) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile | None:
    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pure tests stay pure: a connection is an error, except to a server that the test itself opened here."""
    if _layer(request.node) not in WITHOUT_NETWORK:
        return

    def connect(self: socket.socket, address: object) -> None:
        raise AssertionError(f"a {_layer(request.node)} test connects to {address}")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect)
