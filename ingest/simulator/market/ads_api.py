"""The Marketing API: what an ad account holds, insights at once or by a report, and refusals of its own."""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, cast, get_args

from aiohttp import web

from ingest.simulator.faults import Plan, Tally
from ingest.simulator.graph.desk import FORM, VERSION, Access, Desk
from ingest.simulator.graph.errors import GraphError, no_such_object
from ingest.simulator.ledger.paid_notes import PaidNotes
from ingest.simulator.market import insights
from ingest.simulator.market.ads import Book, Entity
from ingest.simulator.market.insights import Level, Row
from ingest.simulator.market.orders import Note, micros
from ingest.simulator.market.world import World

PREFIX = "/ads"
THROTTLES = (
    (17, "(#17) User request limit reached"),
    (80000, "(#80000) There have been too many calls to this ad-account."),
    (80004, "(#80004) There have been too many calls to this ad-account."),
)
MOST_ITEMS = 60
"""In a page, whatever is asked for."""
MOST_DAYS_OF_A_REPORT = 20
REPORT_SECONDS = 240
FIRST_RUN = 6_023_000_000_000_001

_EDGES = {"campaigns": "campaign", "adsets": "adset", "ads": "ad"}
_RETIRED = {"7d_view", "28d_view"}


@dataclass(frozen=True, slots=True)
class Report:
    """`fate`: what becomes of it."""

    book: Book
    level: Level
    since: dt.date
    until: dt.date
    begun_at: int
    fate: str


class AdsApi(Desk):
    """Handlers. `seed` is what the figures are drawn from."""

    most_items = MOST_ITEMS
    throttles = THROTTLES

    def __init__(
        self,
        seed: int,
        world: World,
        notes: PaidNotes,
        plan: Plan,
        tally: Tally,
        access: Access,
        present: Callable[[], int],
    ) -> None:
        super().__init__(plan, tally, access, present)
        self._seed = seed
        self._books = {f"act_{book.account.id}": book for book in world.books}
        self._notes = notes
        self._reports: dict[str, Report] = {}
        self._runs = count(FIRST_RUN)

    def routes(self) -> list[web.RouteDef]:
        at = f"{PREFIX}/{VERSION}/{{node}}"
        edges = [web.get(f"{at}/{edge}", self._serve(partial(self._edge, edge=edge))) for edge in _EDGES]
        return [
            web.get(f"{at}/insights", self._serve(self._insights)),
            web.post(f"{at}/insights", self._serve(self._start)),
            *edges,
            web.get(at, self._serve(self._node)),
        ]

    def _usage(self, request: web.Request) -> dict[str, str]:
        percent = min(self._budget.percent, 100)
        told = {"acc_id_util_pct": percent / 2, "reset_time_duration": 1, "ads_api_access_tier": "standard_access"}
        headers = self._budget.headers(None) | {"X-Ad-Account-Usage": json.dumps(told)}
        node = request.match_info["node"]
        if node in self._books:
            case = {"type": "ads_insights", "call_count": percent, "total_time": percent, "total_cputime": 0}
            case |= {"estimated_time_to_regain_access": 0}
            headers["X-Business-Use-Case-Usage"] = json.dumps({node.removeprefix("act_"): [case]})
        return headers

    def _book(self, request: web.Request) -> Book:
        node = request.match_info["node"]
        if node not in self._books:
            raise no_such_object(node)
        return self._books[node]

    def _node(self, request: web.Request, now: int) -> dict[str, Any]:
        """An ad account, or how far a report is."""
        node = request.match_info["node"]
        if node in self._reports:
            return self._progress(node, now)
        account = self._book(request).account
        columns = {"kind": "account", "entity": account.id, "name": account.name, "status": "ACTIVE"}
        self._note_entity(self._book(request), now, columns | {"zone": account.zone})
        return {
            "id": node,
            "name": account.name,
            "account_status": 1,
            "currency": account.currency,
            "timezone_name": account.zone,
        }

    # -- what there is ---------------------------------------------------------------------------------------------

    def _edge(self, request: web.Request, now: int, *, edge: str) -> dict[str, Any]:
        book, kind = self._book(request), _EDGES[edge]
        statuses = json.loads(request.query.get("effective_status", "[]"))
        listed = [one for one in _entities(book, kind, now) if not statuses or one[1]["effective_status"] in statuses]
        found, answer = self._page(request, listed, lambda one: one[0].id)
        data = []
        for entity, facts in found:
            self._note_entity(book, now, _columns(book, kind, entity, facts))
            data.append(_shown(entity, facts))
        return {"data": data} | answer

    def _note_entity(self, book: Book, now: int, columns: dict[str, Any]) -> None:
        account = book.account
        always = {"brand": account.brand, "platform": "meta_ads", "account": account.id, "as_of": now * 1000}
        self._notes.told("entity", always | {"currency": account.currency} | columns)

    # -- what they did ---------------------------------------------------------------------------------------------

    def _insights(self, request: web.Request, now: int) -> dict[str, Any]:
        node, query = request.match_info["node"], request.query
        if node in self._reports:
            return self._read(request, node, now)
        book, level = self._book(request), _level(query)
        if query.get("time_increment") == "all_days":
            rows = insights.lifetime(self._seed, book, level, now)
        else:
            since, until = _range(query)
            if until > since and self._obstacles.met("too_much_data", self._plan.too_much_data_every // 4):
                raise GraphError(500, 1, "Please reduce the amount of data you're asking for", subcode=1487534)
            rows = insights.daily(self._seed, book, level, since, until, now)
        return self._told(request, rows, _windows(query), now)

    def _told(self, request: web.Request, rows: Sequence[Row], windows: set[str], now: int) -> dict[str, Any]:
        found, answer = self._page(request, rows, lambda row: row.name)
        for row in found:
            self._notes.told(*_within(row.note, windows))
        return {"data": [_asked(row.shown, windows) for row in found]} | answer

    def _start(self, request: web.Request, now: int) -> dict[str, Any]:
        """Large reports of some accounts fail, some others stall for ever: both want smaller ones."""
        book, form = self._book(request), request[FORM]
        since, until = _range(form)
        run = str(next(self._runs))
        is_large = (until - since).days >= MOST_DAYS_OF_A_REPORT and int(book.account.id) % 2 == 1
        fate = "fails" if is_large and self._plan.too_much_data_every else "completes"
        if fate == "completes" and self._tally.due("stalled_report", self._plan.lost_cursor_every // 6):
            fate = "stalls"
        if fate != "completes":
            self._tally.add(f"report_{fate}")
        self._reports[run] = Report(book, _level(form), since, until, now, fate)
        return {"report_run_id": run}

    def _progress(self, run: str, now: int) -> dict[str, Any]:
        report = self._reports[run]
        passed = now - report.begun_at
        status, percent = "Job Running", min(99, 100 * passed // REPORT_SECONDS)
        if report.fate == "stalls":
            status, percent = "Job Started", 0
        elif passed >= REPORT_SECONDS:
            status, percent = ("Job Failed", 40) if report.fate == "fails" else ("Job Completed", 100)
        return {"id": run, "async_status": status, "async_percent_completion": percent}

    def _read(self, request: web.Request, run: str, now: int) -> dict[str, Any]:
        report = self._reports[run]
        if self._progress(run, now)["async_status"] != "Job Completed":
            raise GraphError(400, 100, "(#100) The report is not completed")
        self._tally.add("report_read")
        rows = insights.daily(self._seed, report.book, report.level, report.since, report.until, now)
        return self._told(request, rows, set(insights.WINDOWS), now)


def _level(query: Mapping[str, Any]) -> Level:
    level = query.get("level", "account")
    if level not in get_args(Level) or "breakdowns" in query:
        raise GraphError(400, 100, "(#100) Invalid parameter")
    return cast(Level, level)


def _range(query: Mapping[str, Any]) -> tuple[dt.date, dt.date]:
    try:
        asked = json.loads(query["time_range"])
        return dt.date.fromisoformat(asked["since"]), dt.date.fromisoformat(asked["until"])
    except (KeyError, ValueError):
        raise GraphError(400, 100, "(#100) param time_range must be non-empty") from None


def _windows(query: Mapping[str, Any]) -> set[str]:
    asked = set(json.loads(query.get("action_attribution_windows", "[]")))
    if asked & _RETIRED:
        raise GraphError(400, 100, "(#100) action_attribution_windows: 7d_view and 28d_view are not supported")
    return asked


def _asked(shown: dict[str, Any], windows: set[str]) -> dict[str, Any]:
    """A row without the windows that nobody asked for."""
    kept = {"action_type", "value", *windows}
    lists = {
        name: [{key: value for key, value in one.items() if key in kept} for one in shown[name]]
        for name in ("actions", "action_values")
        if name in shown
    }
    return shown | lists


def _within(note: Note, windows: set[str]) -> Note:
    kind, columns = note
    return kind, columns | {"results": [one for one in columns["results"] if one[1] in {"default", *windows}]}


def _entities(book: Book, kind: str, now: int) -> Iterator[tuple[Entity, dict[str, Any]]]:
    """Each of a kind as it stands; what is within something paused does not run either."""
    for campaign in book.campaigns:
        own = campaign.at(now)
        if kind == "campaign":
            yield campaign, own
        for ad_set in campaign.ad_sets:
            theirs = ad_set.at(now)
            if own["effective_status"] != "ACTIVE":
                theirs["effective_status"] = "CAMPAIGN_PAUSED"
            if kind == "adset":
                yield ad_set, theirs
            for ad in ad_set.ads if kind == "ad" else ():
                facts = ad.at(now) | ({"post": ad.post} if ad.post else {})
                if own["effective_status"] != "ACTIVE":
                    facts["effective_status"] = "CAMPAIGN_PAUSED"
                elif theirs["effective_status"] != "ACTIVE":
                    facts["effective_status"] = "ADSET_PAUSED"
                yield ad, facts


def _shown(entity: Entity, facts: Mapping[str, Any]) -> dict[str, Any]:
    """As the API writes it: budgets as strings in minor units, times with their zone."""
    shown = {"id": entity.id, **{name: value for name, value in facts.items() if name not in ("post", "updated_time")}}
    for name in ("start_time", "end_time"):
        if name in shown:
            shown[name] = dt.datetime.fromtimestamp(shown[name], dt.UTC).strftime("%Y-%m-%dT%H:%M:%S%z")
    for name in ("daily_budget", "lifetime_budget"):
        if name in shown:
            shown[name] = str(shown[name])
    if "post" in facts:
        shown["creative"] = {"id": f"9{entity.id}", "effective_object_story_id": facts["post"]}
    return shown


def _columns(book: Book, kind: str, entity: Entity, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The same as `ad_entities` holds it."""
    found = {name: facts.get(name) for name in ("name", "status", "effective_status", "objective", "campaign_id")}
    found |= {"kind": kind, "entity": entity.id, "adset_id": facts.get("adset_id")}
    if kind in ("campaign", "adset"):
        found[f"{kind}_id"] = entity.id
    for name in ("daily_budget", "lifetime_budget"):
        found[f"{name}_micros"] = micros(book.account.currency, facts[name]) if name in facts else None
    found["starts_at"] = facts["start_time"] * 1000 if "start_time" in facts else None
    found["ends_at"] = facts["end_time"] * 1000 if "end_time" in facts else None
    if "post" in facts:
        found |= {"post_platform": "facebook", "post_id": facts["post"]}
        found["post_account_id"] = facts["post"].partition("_")[0]
    return found
