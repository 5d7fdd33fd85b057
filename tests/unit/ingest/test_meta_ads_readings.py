"""What an ad account is polled for: each reading is driven by hand, request by request."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts.events import Listing
from ingest.platforms import Failure, Job, Known, Part, PollFailed, Request, State
from ingest.platforms.meta_ads import readings, reports
from ingest.platforms.meta_ads.unchanged import Unchanged
from tests.unit.ingest.ads import ACCOUNT, AS_OF, BASE, account, ad_entities, ad_facts, job, row, rows
from tests.unit.ingest.graph import Graph, drive, drive_all

TOO_MUCH = Failure("smaller", "1504018")
MINUTE = 60_000
Memory = dict[str, Listing | None]
TODAY = dt.date(2026, 9, 21)


def span(request: Request) -> tuple[str, str]:
    asked = json.loads((request.form or request.params)["time_range"])
    return asked["since"], asked["until"]


def of_days(*told: dict[str, Any]) -> Graph:
    """Insights by day of ads, those of the asked days; nothing of anything else."""

    def answer(request: Request) -> dict[str, Any]:
        if request.params.get("level") != "ad" or "time_range" not in request.params:
            return {"data": []}
        since, until = span(request)
        return {"data": [one for one in told if since <= one["date_start"] <= until]}

    return answer


def known_after(found: tuple[list[Request], list[Part], State], memory: Memory) -> Known:
    kept = {name: listing for name, listing in memory.items() if listing is not None and name in found[2]}
    return Known(AS_OF, found[2], kept)


def polled(graph: Graph, known: Known | None = None, now: int = AS_OF) -> tuple[list[Part], Known]:
    memory: Memory = dict(known.memory) if known else {}
    found = drive_all(readings.plan_insights(job(now, insights=known or Known())), graph, memory)
    return found[1], known_after(found, memory)


def test_every_day_that_may_be_restated_is_asked_for_once_at_each_level() -> None:
    asked, _, _ = drive_all(readings.plan_insights(job()), lambda _request: {"data": []}, {})
    daily = [request for request in asked if "time_range" in request.params]
    assert {request.path for request in asked} == {f"/act_{ACCOUNT}/insights"}
    for level in ("ad", "campaign", "account"):
        covered: list[str] = []
        for request in daily:
            if request.params["level"] == level:
                since, until = map(dt.date.fromisoformat, span(request))
                covered += [str(since + dt.timedelta(days=n)) for n in range((until - since).days + 1)]
        assert covered == [str(TODAY - dt.timedelta(days=28 - n)) for n in range(29)]
    lifetimes = [request.params for request in asked if "time_range" not in request.params]
    assert [(one["level"], one["date_preset"], one["time_increment"]) for one in lifetimes] == [
        ("ad", "maximum", "all_days"),
        ("campaign", "maximum", "all_days"),
    ]


def test_windows_are_asked_for_with_ads_and_none_that_exist_no_more() -> None:
    asked, _, _ = drive_all(readings.plan_insights(job()), lambda _request: {"data": []}, {})
    windows = {request.params.get("action_attribution_windows") for request in asked if request.params["level"] == "ad"}
    assert windows == {'["1d_view","1d_click","7d_click","28d_click"]'}


@pytest.mark.parametrize(
    ("zone", "today"),
    [("Pacific/Kiritimati", "2026-09-22"), ("Pacific/Pago_Pago", "2026-09-21"), ("UTC", "2026-09-21")],
)
def test_today_is_the_accounts_own(zone: str, today: str) -> None:
    at = int(dt.datetime(2026, 9, 21, 14, tzinfo=dt.UTC).timestamp() * 1000)
    asked, _, _ = drive_all(
        readings.plan_insights(replace(job(at), zone=ZoneInfo(zone))), lambda _request: {"data": []}, {}
    )
    assert max(span(request)[1] for request in asked if "time_range" in request.params) == today


def test_what_stands_as_it_stood_is_not_told_again_and_what_changed_is() -> None:
    first, known = polled(of_days(row("a1"), row("a2")))
    assert [fact.entity_id for fact in ad_facts(first)] == ["a1", "a2"]
    again, known = polled(of_days(row("a1"), row("a2")), known, AS_OF + 60 * MINUTE)
    assert again == []
    changed, _ = polled(of_days(row("a1", spend="1.51"), row("a2")), known)
    assert [(fact.entity_id, fact.spend_micros) for fact in ad_facts(changed)] == [("a1", 1_510_000)]


def test_a_day_is_told_once_more_when_it_stands() -> None:
    told = row("a1", date_start="2026-08-24", date_stop="2026-08-24")
    seen = Unchanged({}, ["ad@day:2026-08-24"])
    for today, news in ((TODAY - dt.timedelta(days=1), [True]), (TODAY, [False])):
        assert [fact.provisional for fact in ad_facts(seen.news(rows(told, today=today)))] == news
        assert list(seen.news(rows(told, today=today))) == []


def test_a_row_that_is_listed_no_more_is_believed_as_before() -> None:
    _, known = polled(of_days(row("a1")))
    gone, known = polled(of_days(), known)
    assert gone == []
    back, _ = polled(of_days(row("a1")), known)
    assert back == []


def test_a_memory_is_kept_in_pieces_that_kafka_takes() -> None:
    many = [row(f"a{n}") for n in range(8_001)]
    memory: Memory = {}
    seen = Unchanged({}, ["ad@day:2026-09-20"])
    assert len(list(seen.news(rows(*many)))) == 8_001
    for one in seen.remembered():
        memory[one.object_id] = one.listing
    assert list(memory) == list(seen.state()) == ["ad@day:2026-09-20#0", "ad@day:2026-09-20#1"]
    again = Unchanged({name: listing for name, listing in memory.items() if listing}, ["ad@day:2026-09-20"])
    assert list(again.news(rows(*many))) == []
    assert list(again.remembered()) == []


def test_a_range_that_is_too_much_is_halved_and_nothing_of_it_is_lost() -> None:
    told = [row("a1", date_start=f"2026-09-{day:02}", date_stop=f"2026-09-{day:02}") for day in range(1, 22)]
    usual = of_days(*told)

    def answer(request: Request) -> Any:
        if request.params.get("level") == "ad" and "time_range" in request.params:
            since, until = map(dt.date.fromisoformat, span(request))
            if (until - since).days > 1:
                return TOO_MUCH
        return usual(request)

    found, _ = polled(answer)
    assert sorted(fact.window for fact in ad_facts(found)) == [f"day:{one['date_start']}" for one in told]


def test_a_day_that_is_too_much_is_asked_for_in_smaller_pages_and_at_last_given_up() -> None:
    limits: list[str] = []

    def answer(request: Request) -> Any:
        if request.params.get("level") == "ad" and "time_range" in request.params:
            limits.append(request.params["limit"])
            return TOO_MUCH
        return {"data": []}

    with pytest.raises(PollFailed, match="too_much_data"):
        polled(answer)
    assert limits[-1] == "1"


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/v25.0/act_900/insights?after=x", "http://169.254.169.254/", "//graph.evil/x", "file:///x"],
)
def test_the_next_page_of_another_host_ends_the_poll(url: str) -> None:
    with pytest.raises(PollFailed, match="foreign_next"):
        polled(lambda _request: {"data": [], "paging": {"next": url}})


def test_a_next_link_gives_its_cursor_alone() -> None:
    def answer(request: Request) -> dict[str, Any]:
        if "after" in request.params or request.params.get("level") != "ad":
            return {"data": []}
        link = f"{BASE}/act_1/insights?access_token=canary&after=QVG&fields=none"
        return {"data": [], "paging": {"next": link}}

    asked, _, _ = drive_all(readings.plan_insights(job()), answer, {})
    following = [request for request in asked if "after" in request.params]
    assert following
    for request in following:
        assert request.path == f"/act_{ACCOUNT}/insights"
        assert (request.params["after"], "canary" in repr(request)) == ("QVG", False)
        assert "spend" in request.params["fields"]


def entities_of(changes: dict[str, object]) -> Graph:
    def answer(request: Request) -> dict[str, Any]:
        edge = request.path.rpartition("/")[2]
        if edge == f"act_{ACCOUNT}":
            return {"name": "Ads", "account_status": 1, "currency": "EUR", "timezone_name": "UTC"}
        name = {"campaigns": "c1", "adsets": "s1", "ads": "a1"}[edge]
        return {"data": [{"id": name, "name": changes.get(name, name), "campaign_id": "c1", "adset_id": "s1"}]}

    return answer


def test_entities_are_told_when_they_are_new_or_renamed() -> None:
    memory: Memory = {}
    first = drive_all(readings.plan_entities(job()), entities_of({}), memory)
    assert [(one.kind, one.entity_id) for one in ad_entities(first[1])] == [
        ("account", ACCOUNT), ("campaign", "c1"), ("adset", "s1"), ("ad", "a1"),
    ]  # fmt: skip
    known = known_after(first, memory)
    again = drive_all(readings.plan_entities(job(entities=known)), entities_of({"a1": "a new name"}), memory)
    assert [(one.entity_id, one.name) for one in ad_entities(again[1])] == [("a1", "a new name")]


def test_a_backfill_reads_as_far_back_as_it_is_told() -> None:
    back_to = int(dt.datetime(2026, 1, 5, tzinfo=dt.UTC).timestamp() * 1000)
    of = replace(job(), back_to=back_to)
    asked, _, _ = drive_all(readings.plan_insights(of), lambda _request: {"data": []}, {})
    assert min(span(request)[0] for request in asked if "time_range" in request.params) == "2026-01-05"
    assert reports.plan_reports(of).readings == []


OLD = account(connected_at=dt.datetime(2026, 7, 1, tzinfo=dt.UTC))
"""Connected 54 days before the first of those that are read all the time, which is August 24."""
STARTED = {"report_run_id": "6023"}


def report_job(state: State, now: int = AS_OF) -> Job:
    return job(now, OLD, reports=Known(AS_OF, state))


def step(state: State, answer: Callable[[Request], Any], now: int = AS_OF) -> tuple[list[Request], list[Part], State]:
    return drive_all(reports.plan_reports(report_job(state, now)), answer)


def status(word: str, percent: int) -> dict[str, Any]:
    return {"async_status": word, "async_percent_completion": percent, "id": "6023"}


def test_days_before_those_are_read_by_a_report_that_is_started_followed_and_fetched() -> None:
    asked, found, state = step({}, lambda _request: STARTED)
    assert [(request.path, request.form is not None, span(request)) for request in asked] == [
        (f"/act_{ACCOUNT}/insights", True, ("2026-07-27", "2026-08-23"))
    ]
    assert found == []
    asked, found, waiting = step(state, lambda _request: status("Job Running", 40), AS_OF + 10 * MINUTE)
    assert [request.path for request in asked] == ["/6023"]
    assert (found, waiting) == ([], state)

    def done(request: Request) -> dict[str, Any]:
        if request.path == "/6023":
            return status("Job Completed", 100)
        return {"data": [row("a1", date_start="2026-08-01", date_stop="2026-08-01")]}

    asked, found, state = step(waiting, done)
    assert [request.path for request in asked] == ["/6023", "/6023/insights"]
    assert [fact.window for fact in ad_facts(found)] == ["day:2026-08-01"]
    asked, _, state = step(state, lambda _request: STARTED)
    assert span(asked[0]) == ("2026-07-01", "2026-07-26")
    _, _, state = step(state, done)
    assert reports.plan_reports(report_job(state)).readings == []


@pytest.mark.parametrize(
    ("told", "minutes", "is_lost"),
    [
        (status("Job Failed", 12), 1, True),
        (status("Job Skipped", 0), 1, True),
        (status("Job Not Started", 0), 4, False),
        (status("Job Not Started", 0), 6, True),
        (status("Job Running", 40), 29, False),
        (status("Job Running", 40), 31, True),
        (status("Job Running", 100), 29, False),
        ({}, 1, False),
        ({}, 6, True),
        (Failure("refuse", "100"), 1, True),
    ],
)
def test_a_report_that_fails_or_stalls_is_asked_for_again_for_half_the_days(
    told: dict[str, Any] | Failure, minutes: int, is_lost: bool
) -> None:
    _, _, state = step({}, lambda _request: STARTED)
    _, found, after = step(state, lambda _request: told, AS_OF + minutes * MINUTE)
    assert found == []
    if not is_lost:
        assert after == state
        return
    asked, _, _ = step(after, lambda _request: STARTED)
    assert span(asked[0]) == ("2026-08-10", "2026-08-23")


def test_a_day_that_cannot_be_reported_is_tried_three_times_and_then_somebody_is_told() -> None:
    state: State = {"loaded": "2026-08-24", "run": None, "days": 1, "tries": 0}
    for _ in range(3):
        _, _, state = step(state, lambda _request: STARTED)
        _, _, state = step(state, lambda _request: status("Job Failed", 0))
    _, _, state = step(state, lambda _request: STARTED)
    with pytest.raises(PollFailed, match="report_failed") as failed:
        step(state, lambda _request: status("Job Failed", 0))
    assert failed.value.needs_help


def test_a_report_that_is_refused_as_too_large_is_asked_for_in_half() -> None:
    _, _, state = step({}, lambda _request: TOO_MUCH)
    asked, _, _ = step(state, lambda _request: STARTED)
    assert span(asked[0]) == ("2026-08-10", "2026-08-23")


@pytest.mark.parametrize("told", [{}, {"report_run_id": None}, {"report_run_id": "a b"}, {"report_run_id": []}])
def test_an_answer_without_a_report_ends_the_poll(told: dict[str, Any]) -> None:
    with pytest.raises(PollFailed, match="no_report"):
        step({}, lambda _request: told)


def test_a_state_that_cannot_be_read_begins_anew() -> None:
    asked, _, _ = step({"run": "6023 yesterday today 7"}, lambda _request: STARTED)
    assert len(asked) == 1
    assert asked[0].form is not None


def test_a_refused_reading_says_why() -> None:
    for reading in (*readings.plan_entities(job()).readings, *readings.plan_insights(job()).readings):
        with pytest.raises(PollFailed, match="refused_100"):
            drive(reading, lambda _request: Failure("refuse", "100"), {})
