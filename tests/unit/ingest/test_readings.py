"""What a page is polled for: each reading is driven by hand, request by request."""

from datetime import UTC
from typing import Any

import pytest

from contracts.config import Polling
from contracts.events import EngagementEvent, Snapshot
from contracts.outcome import Keep
from ingest.meta import listing
from ingest.platforms import Failure, Job, Known, Part, PollFailed, Request
from ingest.platforms.facebook import readings, requests
from tests.unit.ingest.facebook import PAGE, POST, account
from tests.unit.ingest.graph import NOW, Graph, drive, drive_all

BASE = "https://graph.example/v25.0"
DAY = 86_400_000
REFUSED = Failure("refuse", "100")


def job(**known: Known) -> Job:
    everything = {name: Known() for name in ("posts", "comments", "insights")} | known
    return Job(account(), UTC, Polling(), BASE, NOW, everything)


def pages(*data: list[dict[str, Any]], base: str = BASE) -> Graph:
    """A listing of these pages; each but the last has a `next`, whatever it holds."""

    def answer(request: Request) -> dict[str, Any]:
        number = int(request.params.get("after", "0"))
        more = number + 1 < len(data)
        paging = (
            {"next": f"{base}/any?after={number + 1}&access_token=x&limit=7"} if more else {"cursors": {"after": "z"}}
        )
        return {"data": data[number], "paging": paging}

    return answer


def post(number: int, comments: int | None = 0, created: str = "2026-09-20T10:00:00+0000") -> dict[str, Any]:
    counted = {} if comments is None else {"comments": {"data": [], "summary": {"total_count": comments}}}
    return {"id": f"1001_{number}", "created_time": created, **counted}


def comment(number: int, second: int = 0) -> dict[str, Any]:
    return {"id": f"c{number}", "created_time": f"2026-09-20T10:00:{second:02}+0000", "from": {"id": "55"}}


def events(found: list[Part]) -> list[EngagementEvent]:
    values = [part.outcome.value for part in found if isinstance(part.outcome, Keep)]
    return [value for value in values if isinstance(value, EngagementEvent)]


def snapshots(found: list[Part]) -> list[Snapshot]:
    values = [part.outcome.value for part in found if isinstance(part.outcome, Keep)]
    return [value for value in values if isinstance(value, Snapshot)]


# -- listings ----------------------------------------------------------------------------------------------------


def test_a_listing_ends_only_where_next_is_missing() -> None:
    (reading,) = readings.plan_posts(job()).readings
    asked, _, state = drive(reading, pages([post(1)], [], [post(2)], []))
    assert [request.params.get("after") for request in asked] == [None, "1", "2", "3"]
    assert set(state) == {"1001_1", "1001_2"}


def test_of_a_next_link_only_the_cursor_is_used() -> None:
    (reading,) = readings.plan_posts(job()).readings
    asked, _, _ = drive(reading, pages([post(1)], [post(2)]))
    assert asked[1].path == asked[0].path == "/1001/published_posts"
    assert dict(asked[1].params) == {**asked[0].params, "after": "1"}


@pytest.mark.parametrize(
    "base", ["https://169.254.169.254/v25.0", "http://graph.example/v25.0", "https://graph.example:8443", "//x", ""]
)
def test_a_next_link_to_another_origin_ends_the_poll(base: str) -> None:
    (reading,) = readings.plan_posts(job()).readings
    with pytest.raises(PollFailed, match="foreign_next"):
        drive(reading, pages([post(1)], [post(2)], base=base))


@pytest.mark.parametrize("link", [f"{BASE}/any", f"{BASE}/any?after=same"])
def test_a_cursor_that_comes_twice_ends_the_poll(link: str) -> None:
    (reading,) = readings.plan_posts(job()).readings
    with pytest.raises(PollFailed, match="paging_loop"):
        drive(reading, lambda _request: {"data": [], "paging": {"next": link}})


def test_too_much_data_is_asked_for_in_halves_until_it_passes() -> None:
    (reading,) = readings.plan_posts(job()).readings
    listing = pages([post(1)], [post(2)])

    def graph(request: Request) -> dict[str, Any] | Failure:
        return Failure("smaller", "1") if int(request.params["limit"]) > 30 else listing(request)

    asked, _, state = drive(reading, graph)
    assert [request.params["limit"] for request in asked] == ["100", "50", "25", "25"]
    assert len(state) == 2


def test_what_is_too_much_even_alone_ends_the_poll() -> None:
    (reading,) = readings.plan_posts(job()).readings
    with pytest.raises(PollFailed, match="too_much_data"):
        drive(reading, lambda _request: Failure("smaller", "1"))


def test_a_lost_cursor_ends_the_poll_and_does_not_pass_for_the_end() -> None:
    (reading,) = readings.plan_posts(job()).readings
    listing = pages([post(1)], [post(2)])
    with pytest.raises(PollFailed, match="refused_100"):
        drive(reading, lambda request: REFUSED if "after" in request.params else listing(request))


@pytest.mark.parametrize("answer", [{}, {"data": {}}, {"data": None}, {"data": [], "paging": 5}])
def test_an_answer_without_a_listing_ends_the_poll(answer: dict[str, Any]) -> None:
    (reading,) = readings.plan_posts(job()).readings
    with pytest.raises(PollFailed, match="no_listing"):
        drive(reading, lambda _request: answer)


def test_an_item_that_cannot_be_read_costs_only_itself() -> None:
    (reading,) = readings.plan_posts(job()).readings
    bad: list[dict[str, Any]] = [{"id": "1001_9"}, {"id": 5.5}, post(8, comments=-1), post(7, created="yesterday")]
    _, found, state = drive(reading, pages([post(1), *bad, post(2)]))
    assert set(state) == {"1001_1", "1001_2"}
    assert sum(not isinstance(part.outcome, Keep) for part in found) == 4


# -- posts -------------------------------------------------------------------------------------------------------


def test_posts_are_listed_as_far_back_as_they_are_followed() -> None:
    request = requests.posts(PAGE, NOW - 30 * DAY, 100)
    (reading,) = readings.plan_posts(job()).readings
    asked, _, _ = drive(reading, pages([]))
    assert asked == [request]
    assert request.params["since"] == str((NOW - 30 * DAY) // 1000)
    assert "token" not in str(request)


# -- comments ----------------------------------------------------------------------------------------------------


def known_posts(**counters: str) -> Known:
    return Known(NOW - 1000, {name.replace("p", "1001_"): mark for name, mark in counters.items()})


OLD = NOW - 2 * DAY


def planned(plan: Any) -> set[str]:
    """The posts whose comments are asked for."""
    paths = {reading.send(None).path for reading in plan.readings}
    return {path.split("/")[1] for path in paths}


def test_comments_are_read_of_new_moved_young_and_uncounted_posts_alone() -> None:
    posts = known_posts(
        p1=f"5@{OLD}", p2=f"5@{OLD}", p3=f"5@{NOW - 60_000}", p4=f"@{OLD}", p5=f"0@{OLD}", p6=f"5@{OLD}"
    )
    read = {"1001_1": f"4@{OLD}", "1001_2": f"5@{OLD}", "1001_3": f"5@{OLD}", "1001_4": f"@{OLD}"}
    plan = readings.plan_comments(job(posts=posts, comments=Known(OLD, dict(read))))
    assert planned(plan) == {"1001_1", "1001_3", "1001_4", "1001_6"}
    assert plan.kept == {"1001_2": f"5@{OLD}", "1001_5": f"0@{OLD}"}


def test_a_post_that_is_followed_no_longer_is_forgotten() -> None:
    plan = readings.plan_comments(job(posts=known_posts(), comments=Known(OLD, {"1001_1": f"4@{OLD}"})))
    assert (plan.readings, plan.kept) == ([], {})


def test_a_counter_that_came_back_after_zero_has_moved() -> None:
    plan = readings.plan_comments(job(posts=known_posts(p1=f"0@{OLD}"), comments=Known(OLD, {"1001_1": f"4@{OLD}"})))
    again = readings.plan_comments(job(posts=known_posts(p1=f"4@{OLD}"), comments=Known(OLD, plan.kept)))
    assert planned(again) == {"1001_1"}


def test_polled_comments_are_facts_that_they_were_added() -> None:
    plan = readings.plan_comments(job(posts=known_posts(p2001=f"2@{OLD}")))
    reply = comment(2) | {"parent": {"id": "c1"}}
    asked, found, state = drive(plan.readings[0], pages([comment(1)], [reply]))
    assert {request.params["filter"] for request in asked} == {"stream"}
    assert [(event.action, event.channel, event.post_id, event.parent_id) for event in events(found)] == [
        ("add", "poll", POST, None),
        ("add", "poll", POST, "c1"),
    ]
    assert state == {POST: f"2@{NOW + 1}"}


def test_what_was_read_before_is_written_again_only_within_the_overlap() -> None:
    read_at = 1_789_898_400_000 + 600_000 + 30_000  # 10:00:30 and the overlap of ten minutes
    known = Known(OLD, {POST: f"1@{read_at}"})
    plan = readings.plan_comments(job(posts=known_posts(p2001=f"3@{OLD}"), comments=known))
    _, found, _ = drive(plan.readings[0], pages([comment(1, 29), comment(2, 30), comment(3, 31)]))
    assert [event.interaction_key for event in events(found)] == ["comment|c2", "comment|c3"]


def test_a_post_that_was_deleted_after_it_was_listed_is_no_failure() -> None:
    plan = readings.plan_comments(job(posts=known_posts(p1=f"2@{OLD}")))
    _, found, state = drive(plan.readings[0], lambda _request: REFUSED)
    assert (found, state) == ([], {})


# -- insights ----------------------------------------------------------------------------------------------------


def insight(request: Request) -> dict[str, Any]:
    names = request.params["metric"].split(",")
    value = {"value": 5, "end_time": "2026-09-20T00:00:00+0000"}
    return {"data": [{"name": name, "values": [value]} for name in names]}


def test_each_metric_of_the_page_is_asked_for_alone() -> None:
    asked, found, _ = drive_all(readings.plan_insights(job()), insight)
    assert sorted(request.params["metric"] for request in asked) == sorted(requests.PAGE_METRICS)
    assert {(one.metric, one.window, one.value) for one in snapshots(found)} == {
        (name, "day:2026-09-19", 5) for name in ("followers", "reach", "views", "post_engagements")
    }


def test_a_retired_metric_costs_only_itself_and_rests_for_a_day() -> None:
    def graph(request: Request) -> dict[str, Any] | Failure:
        return REFUSED if "page_follows" in request.params["metric"] else insight(request)

    _, found, state = drive_all(readings.plan_insights(job()), graph)
    assert {one.metric for one in snapshots(found)} == {"reach", "views", "post_engagements"}
    asked, _, later = drive_all(readings.plan_insights(job(insights=Known(NOW, state))), graph)
    assert "page_follows" not in {request.params["metric"] for request in asked}
    assert later == state
    tired = {name: at - DAY if isinstance(at, int) else at for name, at in state.items()}
    asked, _, _ = drive_all(readings.plan_insights(job(insights=Known(NOW, tired))), graph)
    assert "page_follows" in {request.params["metric"] for request in asked}


def test_the_posts_metrics_share_a_request_until_one_is_refused() -> None:
    posts = known_posts(p1=f"0@{OLD}")
    asked, found, state = drive_all(readings.plan_insights(job(posts=posts)), insight)
    assert len(asked) == len(requests.PAGE_METRICS) + 1
    assert {(one.metric, one.window) for one in snapshots(found) if one.post_id} == {
        ("views", "lifetime"),
        ("reach", "lifetime"),
    }
    assert state == {"post:1001_1": NOW}

    def graph(request: Request) -> dict[str, Any] | Failure:
        return REFUSED if "post_media_view" in request.params["metric"] else insight(request)

    _, found, state = drive_all(readings.plan_insights(job(posts=posts)), graph)
    assert {one.metric for one in snapshots(found) if one.post_id} == {"reach"}
    assert state == {"post:1001_1": NOW, "refused:post_media_view": NOW}


def test_a_deleted_post_does_not_pass_for_retired_metrics() -> None:
    def graph(request: Request) -> dict[str, Any] | Failure:
        return insight(request) if request.path == "/1001/insights" else REFUSED

    _, _, state = drive_all(readings.plan_insights(job(posts=known_posts(p1=f"0@{OLD}"))), graph)
    assert state == {}


def test_a_posts_insights_are_read_again_when_a_twentieth_of_its_age_has_passed() -> None:
    posts = known_posts(p1=f"0@{NOW - 20 * DAY}", p2=f"0@{NOW - 20 * DAY}")
    known = Known(NOW, {"post:1001_1": NOW - DAY, "post:1001_2": NOW - DAY + 1})
    asked, _, state = drive_all(readings.plan_insights(job(posts=posts, insights=known)), insight)
    assert {request.path for request in asked} == {"/1001/insights", "/1001_1/insights"}
    assert state == {"post:1001_1": NOW, "post:1001_2": NOW - DAY + 1}


def test_an_id_stays_within_its_place_in_the_path() -> None:
    assert requests.comments("1/../2?x#y", 5).path == "/1%2F..%2F2%3Fx%23y/comments"


def test_the_token_travels_in_a_header_and_its_proof_as_a_parameter() -> None:
    headers, params = listing.authorise("token", ["secret", "older"])
    assert headers == {"Authorization": "Bearer token"}
    assert params == {"appsecret_proof": "e941110e3d2bfe82621f0e3e1434730d7305d106c5f68c87165d0b27a4611a4a"}
    assert listing.authorise("token", []) == (headers, {})
