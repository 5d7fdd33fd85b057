"""A request to a host that answers as it likes: bounded in size and time, and whole or not at all."""

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from time import sleep

import pytest

from ingest.polling import http
from ingest.polling.cutting import Line
from ingest.polling.http import Http, Unreachable

Answer = Callable[[socket.socket], None]


class Host:
    """Answers one request after the other as it is told to."""

    def __init__(self) -> None:
        self.answer: Answer = lambda _connection: None
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                with closing(connection), suppress(OSError):
                    connection.recv(65_536)
                    self.answer(connection)


@pytest.fixture
def host() -> Iterator[Host]:
    with closing(Host()) as host:
        yield host


def said(*pieces: bytes, pause: float = 0.0) -> Answer:
    def answer(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            sleep(pause)

    return answer


@pytest.mark.parametrize(
    "pieces",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"good"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\ng\r\n", b"3\r\nood\r\n0\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"go", b"od"),
    ],
)
def test_a_body_is_read_to_its_end(host: Host, pieces: tuple[bytes, ...]) -> None:
    host.answer = said(*pieces)
    assert Http().get(host.url, {}, {}).body == b"good"


@pytest.mark.parametrize(
    "pieces",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", b"good"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"4\r\ngood\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", b"good"),
        (b"nonsense\r\n\r\n",),
    ],
)
def test_what_breaks_off_or_is_no_answer_is_none(host: Host, pieces: tuple[bytes, ...]) -> None:
    host.answer = said(*pieces)
    with pytest.raises(Unreachable):
        Http().get(host.url, {}, {})


@pytest.mark.parametrize(
    "begin",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Long: ",
        b"",
    ],
    ids=["a body", "a body without a length", "the length of a chunk", "a header", "the status"],
)
def test_what_comes_byte_by_byte_is_not_waited_for(host: Host, monkeypatch: pytest.MonkeyPatch, begin: bytes) -> None:
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.2)
    broken_off = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(begin)
        try:
            for _ in range(500):
                connection.sendall(b"0")
                sleep(0.02)
        except OSError:
            broken_off.set()

    host.answer = drip
    with pytest.raises(Unreachable, match="too_slow"):
        Http().get(host.url, {}, {})
    assert broken_off.wait(10)


def test_a_body_that_is_too_large_is_not_read_on(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST_ANSWER", 1_000)
    host.answer = said(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x" * 100_000)
    with pytest.raises(Unreachable, match="too_large"):
        Http().get(host.url, {}, {})


def test_after_a_connection_was_cut_the_next_request_makes_another(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = Http()
    with monkeypatch.context() as patched:
        patched.setattr(http, "TOTAL_SECONDS", 0.2)
        host.answer = said(*[b"x"] * 50, pause=0.02)
        with pytest.raises(Unreachable, match="too_slow"):
            asking.get(host.url, {}, {})
    host.answer = said(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood")
    assert asking.get(host.url, {}, {}).body == b"good"


def test_a_handshake_that_comes_byte_by_byte_is_not_waited_for(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TOTAL_SECONDS", 0.2)
    record = b"\x16\x03\x03\x40\x00" + b"\x02" * 500  # a ServerHello that is never whole
    host.answer = said(*[record[place : place + 1] for place in range(len(record))], pause=0.02)
    with pytest.raises(Unreachable, match="too_slow"):
        Http().get(host.url.replace("http://", "https://"), {}, {})


def test_a_connection_that_gets_through_only_after_the_deadline_is_cut_at_once() -> None:
    line, (ours, theirs) = Line(), socket.socketpair()
    with closing(theirs), closing(ours), line.for_seconds(0.0):
        while not line.is_cut:
            sleep(0.001)
        with closing(line.hold(ours)):
            assert ours.recv(1) == b""


def test_what_is_small_and_unpacks_into_too_much_is_not_unpacked(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LARGEST_ANSWER", 1_000_000)
    bomb = gzip.compress(bytes(50_000_000))
    host.answer = said(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb), bomb)
    with pytest.raises(Unreachable, match="too_large"):
        Http().get(host.url, {}, {})


def test_nobody_is_sent_elsewhere(host: Host) -> None:
    """Nor is the token: whoever answers with another address is taken at his word and not followed."""
    asked: list[bytes] = []

    def elsewhere(connection: socket.socket) -> None:
        asked.append(b"")
        location = b"Location: " + host.url.encode() + b"again\r\n"
        connection.sendall(b"HTTP/1.1 301 Moved\r\n" + location + b"Content-Length: 0\r\n\r\n")

    host.answer = elsewhere
    assert Http().get(host.url, {}, {"Authorization": "Bearer t"}).status == 301
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ((b"HTTP/1.1 204 No Content\r\n\r\n",), 204),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",), 200),
        ((b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n",), 401),
    ],
)
def test_an_answer_without_a_body_is_one(host: Host, pieces: tuple[bytes, ...], status: int) -> None:
    host.answer = said(*pieces)
    assert Http().get(host.url, {}, {})[::2] == (status, b"")


@pytest.mark.parametrize(
    "pieces",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", b"good"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", b"good"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"zz\r\ngood\r\n0\r\n\r\n"),
    ],
    ids=["too short a length", "a length below zero", "a chunk without a length"],
)
def test_a_length_that_is_wrong_never_hangs_or_adds(host: Host, pieces: tuple[bytes, ...]) -> None:
    host.answer = said(*pieces)
    try:
        body = Http().get(host.url, {}, {}).body
    except Unreachable:
        body = b""
    assert b"good".startswith(body)
