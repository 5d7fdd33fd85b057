"""Connections that stay open: websockets and server-sent events, as messages in their order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from yarl import URL

from ingest.platforms import Address, Failure, Message, Poll, Stream
from ingest.streaming.sse import Events, TooLarge

CONNECT_SECONDS = 15.0
LARGEST_REFUSAL = 64 * 1024
_PIECE = 64 * 1024


class Disconnected(Exception):
    """The connection broke, or there was none; `reason` is a word for the log. `failure`: the platform says why."""

    def __init__(self, reason: str, failure: Failure | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.failure = failure


def session() -> aiohttp.ClientSession:
    """No proxies of the environment, no way to anywhere else; an answer may go on for ever."""
    timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS)
    led = aiohttp.TraceConfig()
    led.on_request_redirect.append(_refuse_redirect)
    headers = {"User-Agent": "engagement-pipeline"}
    return aiohttp.ClientSession(timeout=timeout, trust_env=False, headers=headers, trace_configs=[led])


async def _refuse_redirect(*_: object) -> None:
    """A websocket's handshake would follow one."""
    raise Disconnected("redirected")


@asynccontextmanager
async def connected(
    session: aiohttp.ClientSession, stream: Stream, poll: Poll | None, host: str, address: Address
) -> AsyncIterator[AsyncIterator[Message]]:
    """The messages of a connection; that it cannot be made or breaks is `Disconnected`, and so is its end."""
    url = URL(host.rstrip("/") + address.path).with_query(list(address.params))
    try:
        if stream.kind == "websocket":
            async with asyncio.timeout(CONNECT_SECONDS):
                socket = await session.ws_connect(
                    url,
                    headers=address.headers,
                    heartbeat=stream.silence_seconds / 3,
                    max_msg_size=stream.limits.max_bytes + 1,
                )
            async with socket:
                yield _of_socket(socket, stream)
        else:
            timeout = aiohttp.ClientTimeout(
                total=None, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=stream.silence_seconds
            )
            headers = {**address.headers, "Accept": "text/event-stream"}
            async with session.get(url, headers=headers, allow_redirects=False, timeout=timeout) as answer:
                if answer.status != 200:
                    body = await answer.content.read(LARGEST_REFUSAL)
                    failure = poll.failure(answer.status, body) if poll else None
                    raise Disconnected(f"http_{answer.status}", failure)
                yield _of_events(answer, stream)
    except aiohttp.WSServerHandshakeError as error:
        raise Disconnected(f"http_{error.status}", poll.failure(error.status, b"") if poll else None) from None
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Disconnected(type(error).__name__) from None


async def _of_socket(socket: aiohttp.ClientWebSocketResponse, stream: Stream) -> AsyncIterator[Message]:
    while True:
        try:
            received = await socket.receive(timeout=stream.silence_seconds)
        except TimeoutError:
            raise Disconnected("silent") from None
        match received.type:
            case aiohttp.WSMsgType.TEXT:
                yield Message(received.data.encode("utf-8", "surrogatepass"))
            case aiohttp.WSMsgType.BINARY:
                yield Message(received.data)
            case _:
                raise Disconnected(f"closed_{socket.close_code}")


async def _of_events(answer: aiohttp.ClientResponse, stream: Stream) -> AsyncIterator[Message]:
    events = Events(stream.limits.max_bytes)
    try:
        async for piece in answer.content.iter_chunked(_PIECE):
            for message in events.feed(piece):
                yield message
    except TooLarge:
        raise Disconnected("too_large") from None
    except TimeoutError:
        raise Disconnected("silent") from None
    except (aiohttp.ClientError, OSError) as error:
        raise Disconnected(type(error).__name__) from None
    raise Disconnected("ended")
