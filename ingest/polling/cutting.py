"""Connections that can be cut off at a deadline: a socket's own timeout begins anew with each byte, so that headers, a
handshake or a chunk's length that come one byte at a time are waited for without end.

What is cut is a second handle of the connection. The first one changes hands in a TLS handshake, and is given up while
the body of an answer that ends the connection is still being read.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Line:
    """The connections of one thread, which makes one request at a time."""

    def __init__(self) -> None:
        self._handles: set[socket.socket] = set()
        self._given_up: set[socket.socket] = set()
        self.is_cut = False

    def hold(self, connection: socket.socket) -> socket.socket:
        handle = connection.dup()
        self._handles.add(handle)
        if self.is_cut:  # it took so long to get through
            _shut(handle)
        return handle

    def give_up(self, handle: socket.socket) -> None:
        """Its connection is closed; it can be cut until the request is over all the same."""
        self._given_up.add(handle)

    @contextmanager
    def for_seconds(self, seconds: float) -> Iterator[None]:
        """What is not through by then finds its connection cut."""
        self.is_cut = False
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            for handle in self._given_up:
                handle.close()
            self._handles -= self._given_up
            self._given_up.clear()

    def _cut(self) -> None:
        self.is_cut = True
        for handle in tuple(self._handles):
            _shut(handle)


def _shut(handle: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        handle.shutdown(socket.SHUT_RDWR)


def session(line: Line) -> requests.Session:
    """A session whose connections are those of the line."""
    made = requests.Session()
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Adapter(line))
    return made


class _Adapter(HTTPAdapter):
    def __init__(self, line: Line) -> None:
        self._line = line
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._line)


def _pools(line: Line) -> dict[str, type[HTTPConnectionPool]]:
    class Held(HTTPConnection):
        """One that the line holds a second handle of for as long as it is open."""

        _handle: socket.socket | None = None

        def _new_conn(self) -> socket.socket:
            made = super()._new_conn()
            self._handle = line.hold(made)
            return made

        def close(self) -> None:
            super().close()
            handle, self._handle = self._handle, None
            if handle is not None:
                line.give_up(handle)

    class HeldSafely(Held, HTTPSConnection):
        pass

    class Pool(HTTPConnectionPool):
        ConnectionCls = Held

    class SafePool(HTTPSConnectionPool):
        ConnectionCls = HeldSafely

    return {"http": Pool, "https": SafePool}
