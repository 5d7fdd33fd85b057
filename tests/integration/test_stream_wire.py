"""Connections that stay open, against a server of the test's own: their messages in order, and how each ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Literal

import pytest
from aiohttp import web

from ingest.platforms import Address, Message, Stream, load
from ingest.streaming.wire import Disconnected, connected, session

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BLUESKY = load()["bluesky"]


def stream(kind: Literal["websocket", "events"], silence: float = 5.0) -> Stream:
    assert BLUESKY.stream is not None
    limits = replace(BLUESKY.stream.limits, max_bytes=1_000)
    return replace(BLUESKY.stream, kind=kind, silence_seconds=silence, limits=limits)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes([web.get("/listen", handler), web.get("/elsewhere", handler)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def heard(handler: Handler, of: Stream, address: Address | None = None) -> tuple[list[Message], Disconnected]:
    """Everything that comes, and how it ended."""
    found: list[Message] = []
    scheme = "ws" if of.kind == "websocket" else "http"
    async with serving(handler) as here, session() as client:
        try:
            where = address or Address("/listen")
            async with connected(client, of, BLUESKY.poll, f"{scheme}://{here}", where) as messages:
                async for message in messages:
                    found += [message]
        except Disconnected as error:
            return found, error
    raise AssertionError("a connection ended without a word")


async def _told(request: web.Request, *pieces: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for piece in pieces:
        await response.write(piece)
        await asyncio.sleep(0.01)
    return response


def test_events_come_whole_however_they_are_cut() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        assert request.headers["Accept"] == "text/event-stream"
        assert request.headers["Authorization"] == "Bearer canary"
        return await _told(request, b":thump\n\nevent: upd", b'ate\ndata: {"a"', b":1}\n", b"\ndata: 2\n\n")

    address = Address("/listen", headers={"Authorization": "Bearer canary"})
    found, end = asyncio.run(heard(handler, stream("events"), address))
    assert found == [Message(b'{"a":1}', "update"), Message(b"2")]
    assert end.reason == "ended"


def test_a_refusal_says_what_it_calls_for() -> None:
    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": "ExpiredToken", "message": "no"}, status=400)

    _, end = asyncio.run(heard(handler, stream("events")))
    assert end.reason == "http_400"
    assert end.failure is not None
    assert end.failure.action == "reauthorise"
    _, end = asyncio.run(heard(handler, stream("websocket")))
    assert end.reason == "http_400"


@pytest.mark.parametrize(("kind", "reason"), [("events", "http_302"), ("websocket", "redirected")])
def test_a_connection_is_not_led_elsewhere(kind: Literal["websocket", "events"], reason: str) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/listen":
            raise web.HTTPFound("/elsewhere")
        raise AssertionError("it went where it was sent")

    _, end = asyncio.run(heard(handler, stream(kind)))
    assert end.reason == reason


@pytest.mark.parametrize("kind", ["events", "websocket"])
def test_a_connection_that_says_nothing_is_dead(kind: Literal["websocket", "events"]) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if kind == "events":
            await _told(request)
        else:
            socket = web.WebSocketResponse(autoping=False)
            await socket.prepare(request)
        await asyncio.sleep(3)
        raise AssertionError("it was listened to for too long")

    _, end = asyncio.run(heard(handler, stream(kind, silence=0.3)))
    assert end.reason == "silent" or end.reason.startswith("closed")


def test_messages_come_in_order_and_the_end_of_a_socket_is_told() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        assert request.query.getall("wanted") == ["a", "b"]
        for number in range(3):
            await socket.send_str(str(number))
        await socket.send_bytes(b"\xff")
        await socket.close()
        return socket

    address = Address("/listen", [("wanted", "a"), ("wanted", "b")])
    found, end = asyncio.run(heard(handler, stream("websocket"), address))
    assert [message.body for message in found] == [b"0", b"1", b"2", b"\xff"]
    assert end.reason == "closed_1000"


@pytest.mark.parametrize("kind", ["events", "websocket"])
def test_what_is_far_too_large_ends_the_connection(kind: Literal["websocket", "events"]) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if kind == "events":
            return await _told(request, b"data: " + b"a" * 2_000 + b"\n\n")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str("a" * 2_000)
        await socket.receive()
        return socket

    found, end = asyncio.run(heard(handler, stream(kind)))
    assert found == []
    assert end.reason in ("too_large", "closed_1009")


def test_where_nobody_listens_there_is_no_connection() -> None:
    async def nowhere() -> str:
        async with session() as client:
            try:
                async with connected(client, stream("websocket"), None, "ws://127.0.0.1:9", Address("/listen")):
                    raise AssertionError("somebody answered")
            except Disconnected as error:
                return error.reason

    assert asyncio.run(nowhere()) == "ClientConnectorError"
