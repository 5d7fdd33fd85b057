"""A simulated Mastodon's stream, read as the streamer reads it: notifications until the connection breaks."""

import asyncio
from collections import Counter
from pathlib import Path

from contracts.outcome import Drop, Keep, Refuse
from ingest.platforms import Failure, Message, Part, Resume, load
from ingest.platforms.mastodon.stream import connect, read
from ingest.simulator import shows
from ingest.simulator.cli import scale_of
from ingest.simulator.mastodon.stream import PREFIX
from ingest.simulator.mastodon.world import ACCOUNT
from ingest.simulator.server import serve
from ingest.simulator.shows import Phase, Setup
from ingest.simulator.simulation import Simulation
from ingest.simulator.timeline import virtual_clock
from ingest.streaming.wire import Disconnected, connected, session
from ingest.subjects import Subjects
from runtime.clock import wall_ms
from tests.unit.ingest.mastodon import account, receipt

SHOW, PLATFORM = shows.load()["mastodon"], load()["mastodon"]
SECONDS = 3.0


async def listen(
    directory: Path, faults: str, token: str
) -> tuple[list[Message], list[str], Failure | None, Counter[str]]:
    """Messages, the reasons why each connection ended, what the last one was refused for, and faults."""
    setup = Setup(
        3, faults, virtual_clock(wall_ms() + 200, SECONDS), scale_of(SECONDS, 3000.0), "", "t", notes_in=directory
    )
    messages: list[Message] = []
    reasons: list[str] = []
    refusal = None
    stream = PLATFORM.stream
    assert stream is not None
    async with serve(setup, [SHOW]) as running, session() as http:
        (simulation,) = running.runs
        assert isinstance(simulation, Simulation)
        host = f"http://127.0.0.1:{running.port}{PREFIX}"
        address = connect(Resume([], None, 0, False, token))

        async def hear() -> None:
            nonlocal refusal
            while True:
                try:
                    async with connected(http, stream, PLATFORM.poll, host, address) as told:
                        async for message in told:
                            messages.append(message)  # noqa: PERF401 - it ends with an error
                except Disconnected as error:
                    reasons.append(error.reason)
                    refusal = error.failure
                    if refusal is not None:
                        return

        reading = asyncio.create_task(hear())
        while simulation.phase is not Phase.PLAYED and not reading.done():  # noqa: ASYNC110 - the world has no bell
            await asyncio.sleep(0.05)
        await simulation.finish()
        reading.cancel()
        await asyncio.wait({reading})
        return messages, reasons, refusal, Counter(simulation.state()["faults"])


def meaning(messages: list[Message]) -> list[Part]:
    here = receipt(accounts={ACCOUNT: account()}, received_at=wall_ms())
    return [part for one in messages for part in read(one, here, Subjects()).parts]


def test_what_happens_is_told_and_a_broken_connection_is_made_again(tmp_path: Path) -> None:
    messages, reasons, _, faults = asyncio.run(listen(tmp_path, "storm", "t"))
    assert {message.event for message in messages} == {"notification"}
    kinds = Counter(type(part.outcome) for part in meaning(messages))
    assert kinds[Keep] > 50
    assert kinds[Refuse] > 0
    assert kinds[Drop] == 0
    assert set(reasons) == {"ended"}
    assert faults["stream_broken"] > 0


def test_a_wrong_token_is_told_as_such(tmp_path: Path) -> None:
    messages, reasons, refusal, _ = asyncio.run(listen(tmp_path, "none", "another"))
    assert (messages, reasons, refusal) == ([], ["http_401"], Failure("reauthorise", "http_401"))


def test_without_faults_nothing_breaks(tmp_path: Path) -> None:
    messages, reasons, _, _ = asyncio.run(listen(tmp_path, "none", "t"))
    assert (reasons, bool(messages)) == ([], True)
    assert all(isinstance(part.outcome, Keep) for part in meaning(messages))
