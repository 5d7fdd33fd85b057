"""Requests to a platform, within limits: no redirects, no proxies of the environment, bounded size and time.

Errors never carry the address, for its parameters may hold credentials.
"""

import threading
from collections.abc import Mapping
from typing import NamedTuple

import requests
import urllib3.exceptions

from ingest.polling.cutting import Line, session

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
TOTAL_SECONDS = 60.0
LARGEST_ANSWER = 10 * 1024 * 1024
_CHUNK = 64 * 1024


class Unreachable(Exception):
    """No whole answer came; `reason` is the kind of error, without its text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Response(NamedTuple):
    """An answer. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Http:
    """Thread-safe: each thread has connections of its own."""

    def __init__(self) -> None:
        self._local = threading.local()

    def get(
        self, url: str, params: Mapping[str, str], headers: Mapping[str, str], form: Mapping[str, str] | None = None
    ) -> Response:
        """One request, with `form` a POST of it; raises `Unreachable`."""
        connections, line = self._mine()
        try:
            with (
                line.for_seconds(TOTAL_SECONDS),
                connections.request(
                    "GET" if form is None else "POST",
                    url,
                    params=params,
                    data=form,
                    headers=headers,
                    timeout=(CONNECT_SECONDS, READ_SECONDS),
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                body = bytearray()
                while chunk := response.raw.read1(_CHUNK, decode_content=True):  # what there is, not a whole chunk
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        raise Unreachable("too_large")
                names = {name.lower(): value for name, value in response.headers.items()}
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise Unreachable("too_slow" if line.is_cut else type(error).__name__) from None
        if line.is_cut:  # what has no length seems to have ended
            raise Unreachable("too_slow")
        return Response(response.status_code, names, bytes(body))

    def _mine(self) -> tuple[requests.Session, Line]:
        """The connections of this thread."""
        mine: tuple[requests.Session, Line] | None = getattr(self._local, "mine", None)
        if mine is None:
            line = Line()
            made = session(line)
            made.trust_env = False
            made.headers["User-Agent"] = "engagement-pipeline"
            mine = self._local.mine = made, line
        return mine
