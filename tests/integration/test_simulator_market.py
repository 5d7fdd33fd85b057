"""The simulated Marketing API: who reads it reads what the ledger notes; and the repair listing of a shop."""

import asyncio
import datetime as dt
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args
from zoneinfo import ZoneInfo

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from msgspec import Raw, structs
from msgspec import json as wire

from contracts.outcome import Keep
from contracts.paid import AdEntity, AdFact, Level
from ingest.meta.listing import Page
from ingest.platforms import Answer, Receipt, Request
from ingest.platforms.meta_ads import entities, facts, requests
from ingest.platforms.meta_ads.facts import Asked
from ingest.simulator.faults import PLANS, Plan, Tally
from ingest.simulator.graph.desk import Access
from ingest.simulator.ledger.paid_notes import PaidNotes
from ingest.simulator.market import brands
from ingest.simulator.market.ads_api import AdsApi
from ingest.simulator.market.shop_api import ShopApi
from ingest.simulator.market.world import World

BEGINS_AT, SPAN = 1_790_000_000, 200_000
CONFIGURED = brands.configured(BEGINS_AT)
AD_ACCOUNTS = [account for account in CONFIGURED.accounts if account.platform == "meta_ads"]
POSTS = {"alder": ["100000000001001_9001", "100000000001001_9002"]}
Told = list[tuple[str, dict[str, Any]]]


class Api:
    """A market at a second of its own, and the ledger's notes of what it answered."""

    def __init__(self, directory: Path, plan: Plan) -> None:
        self.now = BEGINS_AT + 1_000
        self.world = World(3, BEGINS_AT, 0.002, SPAN, POSTS)
        self.tally = Tally()
        self._directory = directory
        self._notes = PaidNotes(directory)
        ads = AdsApi(3, self.world, self._notes, plan, self.tally, Access("t", ()), self._present)
        shop = ShopApi(self.world, self._notes, plan, self.tally, "t", self._present)
        self._app = web.Application()
        self._app.add_routes([*ads.routes(), *shop.routes()])
        self._client: TestClient[web.Request, web.Application]

    def _present(self) -> int:
        list(self.world.until(self.now))
        return self.now

    def ask(self, asking: Callable[["Api"], Awaitable[None]]) -> None:
        async def run() -> None:
            self._client = TestClient(TestServer(self._app))
            async with self._client:
                await asking(self)

        asyncio.run(run())

    async def get(self, path: str, params: Any, bearer: str = "Bearer t") -> tuple[int, Any]:
        async with self._client.get(path, params=params, headers={"Authorization": bearer}) as answer:
            return answer.status, json.loads(await answer.text())

    async def post(self, path: str, form: Any) -> Any:
        async with self._client.post(path, data=form, headers={"Authorization": "Bearer t"}) as answer:
            return await answer.json()

    async def rows(self, path: str, params: Any) -> list[dict[str, Any]]:
        """Everything, by following `next`."""
        found: list[dict[str, Any]] = []
        while True:
            status, body = await self.get(path, params)
            assert status == 200, body
            found += body["data"]
            link = body.get("paging", {}).get("next")
            if link is None:
                return found
            path, params = "/" + link.split("/", 3)[3].replace("%20", " "), None

    def told(self, kind: str) -> list[dict[str, Any]]:
        self._notes.flush()
        lines = (self._directory / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
        return [line[1] for line in map(json.loads, lines) if line[0] == kind]


def asked(directory: Path, asking: Callable[[Api], Awaitable[None]], plan: str = "none") -> Api:
    api = Api(directory, PLANS[plan])
    api.ask(asking)
    return api


RECEIPT = Receipt(0, "poll", "s", MappingProxyType({}), str, visitor=str, customer=str)


def days(api: Api, account: str, level: Level, back: int) -> Request:
    zone = next(one.zone for one in AD_ACCOUNTS if one.id == account)
    today = dt.datetime.fromtimestamp(api.now, ZoneInfo(zone)).date()
    return requests.days(account, level, today - dt.timedelta(days=back), today)


def read(account: Any, level: Level, rows: list[dict[str, Any]], now: int, *, lifetime: bool = False) -> list[AdFact]:
    answer = Answer(b"", now * 1000, replace(RECEIPT, received_at=now * 1000))
    today = dt.datetime.fromtimestamp(now, ZoneInfo(account.zone)).date()
    page = Page([Raw(wire.encode(row)) for row in rows])
    parts = facts.of_page(Asked(account, level, today, lifetime), page, answer)
    found = [part.outcome.value for part in parts if isinstance(part.outcome, Keep)]
    return [fact for fact in found if isinstance(fact, AdFact)]


def as_noted(fact: AdFact) -> dict[str, Any]:
    told = structs.asdict(fact)
    renamed = {"account_id": "account", "entity_id": "entity", "window": "period", "provisional": "is_provisional"}
    results = [[one.family, one.window, one.count_micros, one.value_micros] for one in fact.results]
    left_out = ("schema", "received_at", "run_id", "results")
    return {renamed.get(name, name): value for name, value in told.items() if name not in left_out} | {
        "results": sorted(results, key=str)
    }


def ordered(rows: Iterable[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def complete(note: dict[str, Any]) -> dict[str, Any]:
    ids = dict.fromkeys(("campaign_id", "adset_id", "ad_id"))
    return ids | note | {"results": sorted(note["results"], key=str)}


def test_whoever_reads_the_insights_reads_what_the_ledger_notes(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        read_facts: list[AdFact] = []
        for account in AD_ACCOUNTS:
            for level in get_args(Level):
                request = days(api, account.id, level, 30)
                rows = await api.rows(f"/ads/v25.0{request.path}", request.params)
                read_facts += read(account, level, rows, api.now)
                request = requests.lifetime(account.id, level)
                rows = await api.rows(f"/ads/v25.0{request.path}", request.params)
                read_facts += read(account, level, rows, api.now, lifetime=True)
        noted = [complete(note) for note in api.told("ad")]
        assert ordered(map(as_noted, read_facts)) == ordered(noted)
        assert {fact.currency for fact in read_facts} == {"EUR", "USD", "JPY", "INR", "GBP"}
        assert {one.family for fact in read_facts for one in fact.results} == {"purchase", "lead", "landing_page_view"}
        assert any(fact.level == "ad" and not fact.results and fact.impressions for fact in read_facts)

    asked(tmp_path, asking)


def test_whoever_reads_the_entities_reads_what_the_ledger_notes(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        found: list[AdEntity] = []
        for second in (BEGINS_AT + 1_000, BEGINS_AT + SPAN):
            api.now = second
            for account in AD_ACCOUNTS:
                request = requests.account(account.id)
                _, body = await api.get(f"/ads/v25.0{request.path}", request.params)
                parts = [entities.of_account(account, Answer(wire.encode(body), second * 1000, RECEIPT))]
                for edge in entities.KINDS:
                    request = requests.entities(account.id, edge, 5)
                    rows = await api.rows(f"/ads/v25.0{request.path}", request.params)
                    page = Page([Raw(wire.encode(row)) for row in rows])
                    parts += entities.of_page(account, edge, page, Answer(b"", second * 1000, RECEIPT))
                values = [part.outcome.value for part in parts if isinstance(part.outcome, Keep)]
                found += [value for value in values if isinstance(value, AdEntity)]
        noted = [{name: value for name, value in note.items() if value is not None} for note in api.told("entity")]
        told = [
            {
                {"account_id": "account", "entity_id": "entity"}.get(name, name): value
                for name, value in structs.asdict(entity).items()
                if value is not None and name not in ("schema", "received_at")
            }
            for entity in found
        ]
        assert ordered(told) == ordered(noted)
        assert len({note["name"] for note in noted if note["kind"] == "campaign"}) > len(AD_ACCOUNTS)
        assert any(note.get("post_id") == POSTS["alder"][0] for note in noted)

    asked(tmp_path, asking)


def test_past_days_are_restated_and_windows_hold_one_another(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        account = AD_ACCOUNTS[0].id
        request = days(api, account, "ad", 20)
        before = await api.rows(f"/ads/v25.0{request.path}", request.params)
        api.now += SPAN - 1_000
        after = await api.rows(f"/ads/v25.0{request.path}", request.params)
        young = {(row["ad_id"], row["date_start"]): row for row in after}
        moved = [row for row in before if young[row["ad_id"], row["date_start"]] != row]
        assert 0.1 < len(moved) / len(before) < 1
        for row in after:
            for action in row.get("actions", ()):
                nested = [int(action.get(window, 0)) for window in ("1d_click", "7d_click", "28d_click")]
                assert nested == sorted(nested)

    asked(tmp_path, asking)


def test_windows_that_exist_no_more_and_unknown_accounts_are_refused(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        request = days(api, AD_ACCOUNTS[0].id, "ad", 1)
        retired = {**request.params, "action_attribution_windows": json.dumps(["7d_view"])}
        assert (await api.get(f"/ads/v25.0{request.path}", retired))[0] == 400
        assert (await api.get("/ads/v25.0/act_1/insights", request.params))[0] == 400
        assert (await api.get(f"/ads/v25.0{request.path}", request.params, "Bearer x"))[0] == 401

    asked(tmp_path, asking)


async def _fate(api: Api, back: int) -> list[str]:
    """How a report of so many days goes on."""
    today = dt.datetime.fromtimestamp(api.now, dt.UTC).date()
    since = today - dt.timedelta(days=30 + back)
    request = requests.start_report(AD_ACCOUNTS[0].id, "ad", since, since + dt.timedelta(days=back - 1))
    run = (await api.post(f"/ads/v25.0{request.path}", request.form))["report_run_id"]
    told = []
    for _ in range(4):
        status = requests.report(run)
        told.append((await api.get(f"/ads/v25.0{status.path}", status.params))[1]["async_status"])
        api.now += 120
    if told[-1] == "Job Completed":
        rows = requests.report_rows(run)
        assert await api.rows(f"/ads/v25.0{rows.path}", rows.params)
    return told


def test_reports_take_their_time_and_large_ones_fail_in_a_storm(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        small = [await _fate(api, 7) for _ in range(6)]
        assert ["Job Running", "Job Running", "Job Completed", "Job Completed"] in small
        assert ["Job Started"] * 4 in small
        assert (await _fate(api, 28))[-1] == "Job Failed"

    plan = Plan(too_much_data_every=401, lost_cursor_every=31)
    api = Api(tmp_path, plan)
    api.ask(asking)


def test_a_shop_lists_what_changed_in_pages(tmp_path: Path) -> None:
    key = "Basic " + b64encode(b"t").decode()

    async def asking(api: Api) -> None:
        api.now = BEGINS_AT + SPAN
        listed: list[dict[str, Any]] = []
        for page in range(1, 50):
            asked_for = {"modified_after": "2000-01-01T00:00:00", "per_page": "7", "page": str(page)}
            status, body = await api.get("/woocommerce/wp-json/wc/v3/orders", asked_for, key)
            assert status == 200
            listed += body
            if len(body) < 7:
                break
        standing = api.world.orders.values()
        assert len(listed) == len(standing) > 7
        changed = [order["date_modified_gmt"] for order in listed]
        assert changed == sorted(changed)
        assert {note["order"] for note in api.told("order")} == {order.id for order in standing}
        assert (await api.get("/woocommerce/wp-json/wc/v3/orders", {}, "Basic x"))[0] == 401

    asked(tmp_path, asking)
