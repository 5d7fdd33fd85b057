"""A storm against a receiver that knows nothing but signatures, and a caller that reads whatever the API lists."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web

from contracts.config import parse
from ingest.simulator import configuration, shows, wire
from ingest.simulator.cli import scale_of
from ingest.simulator.faults import API_MINIMA
from ingest.simulator.ledger import Ledger
from ingest.simulator.server import serve
from ingest.simulator.shows import Phase, Setup
from ingest.simulator.simulation import Simulation
from ingest.simulator.timeline import virtual_clock
from runtime.clock import Clock, wall_ms

SECRETS = ("new", "old")
TOKEN = "t"
SECONDS = 6.0


class Receiver:
    """Refuses what is not signed, and every thirtieth delivery for no reason; keeps what it answered 200."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.signed_with: set[str] = set()
        self.is_away = False
        self._asked = 0

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        signature = request.headers.get("X-Hub-Signature-256")
        signers = [secret for secret in SECRETS if signature == wire.signature(secret, body)]
        if not signers:
            return web.Response(status=401)
        self._asked += 1
        if self.is_away or self._asked % 30 == 0:
            return web.Response(status=503, headers={"Retry-After": "1"})
        self.signed_with.update(signers)
        self.bodies.append(body)
        return web.Response()


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[str]:
    app = web.Application(client_max_size=2**24)
    app.router.add_post("/webhooks/meta", receiver.receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def setup(url: str, directory: Path, *, faults: str = "storm", seconds: float = SECONDS, seed: int = 5) -> Setup:
    clock = virtual_clock(wall_ms(), seconds)
    return Setup(seed, faults, clock, scale_of(seconds, None), url, TOKEN, {"meta_app_secrets": SECRETS}, directory)


@asynccontextmanager
async def playing(setup: Setup) -> AsyncIterator[tuple[Simulation, str]]:
    """Facebook's simulation, and the address that it is served at."""
    async with serve(setup, [shows.load()["facebook"]]) as running:
        (simulation,) = running.runs
        assert isinstance(simulation, Simulation)
        yield simulation, f"http://127.0.0.1:{running.port}"


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - the world has no bell
        await asyncio.sleep(0.05)


async def listed(session: ClientSession, url: str, **params: str) -> list[dict[str, Any]]:
    """Everything a listing shows; what ends in an error is left at that."""
    found: list[dict[str, Any]] = []
    while True:
        async with session.get(url, params=params) as answer:
            body = await answer.json()
        if "error" in body:
            return found
        found += body["data"]
        if "next" not in body.get("paging", {}):
            return found
        url, params = body["paging"]["next"], {}


POST_FIELDS = (
    "message,created_time,updated_time,permalink_url,status_type,is_published,shares,reactions.limit(0).summary(1)"
)


async def poll(session: ClientSession, simulation: Simulation, at: str) -> None:
    """Read posts, comments of the latest, and figures of every page, over and over until the world is over."""
    base = f"{at}/v25.0"
    while simulation.phase in (Phase.WAITING, Phase.PLAYING):
        for page in simulation.world.pages:
            posts = await listed(session, f"{base}/{page.id}/published_posts", limit="50", fields=POST_FIELDS)
            for post in posts[:3]:
                await listed(session, f"{base}/{post['id']}/comments", filter="stream", limit="5")
            for metric in ("page_follows", "page_post_engagements"):
                await listed(session, f"{base}/{page.id}/insights", metric=metric, period="day")


async def storm(directory: Path, receiver: Receiver) -> tuple[dict[str, Any], dict[str, int]]:
    """State at the end, and the dead letters to expect."""
    async with receiving(receiver) as url, playing(setup(url, directory)) as (simulation, at):
        control = f"{at}/_control"
        async with ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as session:
            await poll(session, simulation, at)
            async with session.post(f"{control}/finish") as answer:
                state = await answer.json()
            async with session.get(f"{control}/dead-letters") as answer:
                return state, await answer.json()


def test_a_storm_reaches_its_minima_and_ends_with_everything_answered(tmp_path: Path) -> None:
    receiver = Receiver()
    state, dead_letters = asyncio.run(storm(tmp_path, receiver))
    assert state["phase"] == "finished"
    assert (state["pending_deliveries"], state["waiting_changes"]) == (0, 0)
    short = {fault: state["faults"].get(fault, 0) for fault, least in state["minima"].items()}
    assert {fault: seen for fault, seen in short.items() if seen < state["minima"][fault]} == {}
    assert {fault for fault in API_MINIMA if not state["faults"].get(fault)} == set()
    assert state["faults"].get("forged_accepted", 0) == 0
    assert receiver.signed_with == set(SECRETS)
    assert state["answers"]["503"] > 0
    assert sum(dead_letters.values()) == (state["faults"]["malformed_change"] + state["faults"]["malformed_delivery"])
    _answered_is_what_the_ledger_noted(tmp_path, receiver, state)


def _answered_is_what_the_ledger_noted(directory: Path, receiver: Receiver, state: dict[str, Any]) -> None:
    ledger = Ledger.read(directory / "facebook")
    tables = ledger.evaluate()
    assert {name for name, rows in tables.items() if not rows} == set()
    assert len(ledger.facts) == state["facts"]
    assert [gap for gap in ledger.gaps() if not gap.is_explained] == []
    assert sum(gap.never_offered != 0 for gap in ledger.gaps()) > 0
    added = set()
    for body in receiver.bodies:
        try:
            entries = json.loads(body)["entry"]
        except ValueError:
            continue
        for change in (change for entry in entries for change in entry["changes"]):
            value = change["value"]
            if value["item"] == "share" and value["verb"] == "add":
                added.add(value["share_id"])
    shares = sum(row["shares"] + row["owner_shares"] for row in tables["engagement_by_account_day"].values())
    withdrawn = sum(fact.kind == "share" and fact.action == "remove" for fact in ledger.facts)
    assert len(added) - withdrawn <= shares <= len(added)


def test_a_run_without_faults_hides_nothing(tmp_path: Path) -> None:
    async def run() -> dict[str, Any]:
        async with (
            receiving(Receiver()) as url,
            playing(setup(url, tmp_path, faults="none", seconds=2.0)) as (simulation, _),
        ):
            await until(lambda: simulation.phase is Phase.PLAYED)
            await simulation.finish()
            return simulation.state()

    state = asyncio.run(run())
    assert state["facts"] > 1_000
    assert {gap.never_offered for gap in Ledger.read(tmp_path / "facebook").gaps() if gap.kind != "shares"} == {0}
    assert "dropped" not in state["faults"]


def test_a_run_can_be_finished_before_the_world_is_over(tmp_path: Path) -> None:
    async def run() -> tuple[int, int]:
        async with (
            receiving(Receiver()) as url,
            playing(setup(url, tmp_path, seconds=600.0)) as (simulation, _),
        ):
            await until(lambda: simulation.facts >= 100)
            await simulation.finish()
            facts = simulation.facts
            simulation.present()
            return facts, simulation.facts

    before, after = asyncio.run(run())
    assert before == after


def test_the_endless_world_goes_on_in_real_time_and_keeps_no_notes(tmp_path: Path) -> None:
    async def run() -> Phase:
        async with receiving(Receiver()) as url:
            endless = Setup(5, "mild", Clock(), scale_of(0, None), url, TOKEN, {"meta_app_secrets": SECRETS})
            async with playing(endless) as (simulation, _):
                await until(lambda: simulation.changes_sent >= 20)
                return simulation.phase

    assert asyncio.run(run()) is Phase.PLAYING
    assert list(tmp_path.iterdir()) == []


def test_what_waits_while_the_receiver_is_away_comes_in_great_batches(tmp_path: Path) -> None:
    receiver = Receiver()

    async def run() -> None:
        async with receiving(receiver) as url, playing(setup(url, tmp_path)) as (simulation, _):
            receiver.is_away = True
            await until(lambda: simulation.facts > 1_500)
            assert simulation.changes_sent == 0
            receiver.is_away = False
            await simulation.finish()

    asyncio.run(run())
    assert max(body.count(b'"field":"feed"') for body in receiver.bodies) > 100
    assert [gap for gap in Ledger.read(tmp_path / "facebook").gaps() if not gap.is_explained] == []


def test_the_configuration_it_writes_is_one_the_pipeline_reads(tmp_path: Path) -> None:
    found = shows.load()["facebook"].configured(setup("", tmp_path))
    config = parse(configuration.write(tmp_path, [found], 60).read_text(encoding="utf-8"))
    assert len(config.accounts) == 20
    assert len({account.zone for account in config.accounts}) == 20
    token = Path(config.accounts[0].access_token_file or "")
    assert token.stat().st_mode & 0o077 == 0
    assert configuration.read_token(tmp_path) == token.read_text(encoding="utf-8")
