"""Reading a request's body within limits: not too large, not too slow, whatever the headers claim."""

import asyncio
from collections.abc import Callable

from aiohttp import ClientPayloadError, web

BODY_SECONDS = 10.0
"""The longest that a body may take."""
GRACE_SECONDS = 2.0
SLOWEST_BYTES_A_SECOND = 1024
"""After the grace a body must come at least this fast."""

Took = Callable[[int], None]


class NoBody(Exception):
    """There is no body to work with; `status` is how to answer, and the connection is of no more use."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _TooLarge(Exception):
    """More bytes than allowed."""


class _TooSlow(Exception):
    """The bytes did not come in time."""


async def read_body(request: web.BaseRequest, max_bytes: int, took: Took = lambda _size: None) -> bytes:
    """The body as it was sent; raises `NoBody` for one that is encoded, too large, too slow, or breaks off. `took` is
    told of its bytes as they come, and may raise `NoBody` itself."""
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise NoBody(415)
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    try:
        return await _read(request, max_bytes, took)
    except _TooLarge:
        raise NoBody(413) from None
    except _TooSlow:
        raise NoBody(408) from None
    except (ClientPayloadError, web.RequestPayloadError, ConnectionError):
        raise NoBody(400) from None


async def _read(request: web.BaseRequest, max_bytes: int, took: Took) -> bytes:
    if request.content_length is not None and request.content_length > max_bytes:
        raise _TooLarge
    if request.content.is_eof():  # the usual case: it came with the headers, and nothing has to be waited for
        return await _whole(request, max_bytes, took)
    loop = asyncio.get_running_loop()
    started_at = loop.time()
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(GRACE_SECONDS) as deadline:
            while chunk := await request.content.readany():
                size += len(chunk)
                if size > max_bytes:
                    raise _TooLarge
                took(len(chunk))
                chunks.append(chunk)
                allowed = min(BODY_SECONDS, GRACE_SECONDS + size / SLOWEST_BYTES_A_SECOND)
                deadline.reschedule(started_at + allowed)
    except TimeoutError:
        raise _TooSlow from None
    return b"".join(chunks)


async def _whole(request: web.BaseRequest, max_bytes: int, took: Took) -> bytes:
    body = await request.content.read()
    if len(body) > max_bytes:
        raise _TooLarge
    took(len(body))
    return body
