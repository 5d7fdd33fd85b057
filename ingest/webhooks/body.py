"""Reading a request's body within limits: not too large, not too slow, whatever the headers claim."""

import asyncio

from aiohttp import web

BODY_SECONDS = 10.0
"""The longest that a body may take."""
GRACE_SECONDS = 2.0
SLOWEST_BYTES_A_SECOND = 1024
"""After the grace a body must come at least this fast."""


class TooLarge(Exception):
    """More bytes than allowed."""


class TooSlow(Exception):
    """The bytes did not come in time."""


async def read_body(request: web.BaseRequest, max_bytes: int) -> bytes:
    """The body; raises `TooLarge`, `TooSlow`, or aiohttp's errors for one that breaks off."""
    if request.content_length is not None and request.content_length > max_bytes:
        raise TooLarge
    if request.content.is_eof():  # the usual case: it came with the headers, and nothing has to be waited for
        return await _whole(request, max_bytes)
    loop = asyncio.get_running_loop()
    started_at = loop.time()
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(GRACE_SECONDS) as deadline:
            while chunk := await request.content.readany():
                size += len(chunk)
                if size > max_bytes:
                    raise TooLarge
                chunks.append(chunk)
                allowed = min(BODY_SECONDS, GRACE_SECONDS + size / SLOWEST_BYTES_A_SECOND)
                deadline.reschedule(started_at + allowed)
    except TimeoutError:
        raise TooSlow from None
    return b"".join(chunks)


async def _whole(request: web.BaseRequest, max_bytes: int) -> bytes:
    body = await request.content.read()
    if len(body) > max_bytes:
        raise TooLarge
    return body
