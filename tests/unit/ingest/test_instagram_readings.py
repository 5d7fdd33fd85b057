"""What an Instagram account is polled for: each reading is driven by hand, request by request."""

from dataclasses import replace
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts.config import Polling
from contracts.events import EngagementEvent, Listing, Post
from contracts.outcome import Keep
from ingest.platforms import Failure, Job, Known, Part, PollFailed, Request, State
from ingest.platforms.instagram import readings, requests, thread
from tests.unit.ingest.graph import NOW, POLL, Graph, drive, drive_all
from tests.unit.ingest.instagram import ACCOUNT, MEDIA, account, snapshots

BASE = "https://graph.example/v25.0"
DAY = 86_400_000
OLD = NOW - 2 * DAY
REFUSED = Failure("refuse", "100")
NO_INSIGHTS = Failure("refuse", "no_insights")


def job(**known: Known) -> Job:
    everything = {name: Known() for name in ("posts", "comments", "insights")} | known
    return Job(account(), UTC, Polling(), BASE, NOW, everything)


def media(number: int, comments: int | None = 0, created: str = "2026-09-20T10:00:00+0000") -> dict[str, Any]:
    counted = {} if comments is None else {"comments_count": comments}
    return {"id": str(number), "timestamp": created, "media_type": "IMAGE", "like_count": 5, **counted}


def comment(number: int, second: int = 0, **fields: object) -> dict[str, Any]:
    return {"id": f"c{number}", "timestamp": f"2026-09-20T10:00:{second:02}+0000", "from": {"id": "9001"}, **fields}


def pages(*data: list[dict[str, Any]]) -> Graph:
    """A listing of these pages; each but the last has a `next`."""

    def answer(request: Request) -> dict[str, Any]:
        number = int(request.params.get("after", "0"))
        more = {"next": f"{BASE}/any?after={number + 1}"} if number + 1 < len(data) else {}
        return {"data": data[number], "paging": more}

    return answer


def events(found: list[Part]) -> list[EngagementEvent]:
    values = [part.outcome.value for part in found if isinstance(part.outcome, Keep)]
    return [value for value in values if isinstance(value, EngagementEvent)]


# -- media -------------------------------------------------------------------------------------------------------


def test_media_are_listed_until_a_whole_page_is_too_old() -> None:
    old = "2026-08-01T10:00:00+0000"
    listing = pages([media(1), media(2, created=old), media(3)], [media(4, created=old)], [media(5)])
    (reading,) = readings.plan_posts(job()).readings
    asked, found, state = drive(reading, listing)
    assert len(asked) == 2
    assert {name for name in state if name.isdigit()} == {"1", "3"}
    posts = [part.outcome.value for part in found if isinstance(part.outcome, Keep)]
    assert [post.post_id for post in posts if isinstance(post, Post)] == ["1", "3"]


def test_an_empty_page_is_not_the_end() -> None:
    (reading,) = readings.plan_posts(job()).readings
    _, _, state = drive(reading, pages([media(1)], [], [media(2)]))
    assert {name for name in state if name.isdigit()} == {"1", "2"}


def test_counters_with_ads_are_not_asked_for_again_for_a_day_where_they_are_refused() -> None:
    listing = pages([media(1)])

    def graph(request: Request) -> dict[str, Any] | Failure:
        return REFUSED if "total_" in request.params["fields"] else listing(request)

    (reading,) = readings.plan_posts(job()).readings
    asked, _, state = drive(reading, graph)
    assert ["total_" in request.params["fields"] for request in asked] == [True, False]
    (reading,) = readings.plan_posts(job(posts=Known(NOW, state))).readings
    asked, _, again = drive(reading, graph)
    assert ["total_" in request.params["fields"] for request in asked] == [False]
    assert again == state
    tired = {name: at - DAY if isinstance(at, int) else at for name, at in state.items()}
    (reading,) = readings.plan_posts(job(posts=Known(NOW, tired))).readings
    asked, _, _ = drive(reading, graph)
    assert "total_" in asked[0].params["fields"]


def test_a_media_that_cannot_be_read_costs_only_itself() -> None:
    bad: list[dict[str, Any]] = [{"id": "9"}, {"id": 5.5}, media(8, comments=-1), media(7, created="yesterday")]
    (reading,) = readings.plan_posts(job()).readings
    _, found, state = drive(reading, pages([media(1), *bad, media(2)]))
    assert {name for name in state if name.isdigit()} == {"1", "2"}
    assert sum(not isinstance(part.outcome, Keep) for part in found) == 4


# -- comments ----------------------------------------------------------------------------------------------------


def known_media(**marks: str) -> Known:
    """Media `m1` ... with their marks; all of them feed posts."""
    state: State = {name.removeprefix("m"): mark for name, mark in marks.items()}
    return Known(NOW - 1000, state | {f"type:{name}": "FEED" for name in state})


Memory = dict[str, Listing | None]


def read(
    graph: Graph, memory: Memory | None = None, mark: str | None = None
) -> tuple[list[Request], list[Part], dict[str, Any]]:
    """The comments of the media, read with what is remembered of them."""
    memory = {} if memory is None else memory
    listed = {name: listing for name, listing in memory.items() if listing is not None}
    known = Known(OLD, {MEDIA: mark} if mark else {}, listed)
    plan = readings.plan_comments(job(posts=known_media(**{f"m{MEDIA}": f"3@{OLD}"}), comments=known))
    return drive_all(plan, graph, memory)


def told(found: list[Part]) -> list[tuple[str, str]]:
    return [(event.interaction_key.removeprefix("comment|"), event.action) for event in events(found)]


def test_comments_are_read_of_new_moved_young_uncounted_and_incomplete_media_alone() -> None:
    posts = known_media(
        m1=f"5@{OLD}", m2=f"5@{OLD}", m3=f"5@{NOW - 60_000}", m4=f"@{OLD}", m5=f"0@{OLD}", m6=f"5@{OLD}"
    )
    posts.state |= {"7": f"5@{OLD}", "8": f"0@{OLD}"}
    before: State = {"1": f"4@{OLD}", "2": f"5@{OLD}", "3": f"5@{OLD}", "4": f"5@{OLD}", "7": f"5@{OLD}"}
    memory = {"2": Listing({"c9": None}), "7": Listing({"c9": None}, ("c9",)), "8": Listing({"c9": None})}
    plan = readings.plan_comments(job(posts=posts, comments=Known(OLD, before, memory)))
    paths = {reading.send(None).path for reading in plan.readings}  # type: ignore[union-attr]
    assert paths == {f"/{name}/comments" for name in ("1", "3", "4", "6", "7", "8")}
    assert plan.kept == {"2": f"5@{OLD}", "5": f"0@{OLD}"}


def test_polled_comments_and_replies_are_facts_that_they_were_added() -> None:
    reply = comment(2, 1)
    asked, found, state = read(pages([comment(1, replies={"data": [reply]})], [comment(3, 2)]))
    assert [(event.interaction_key, event.parent_id, event.channel) for event in events(found)] == [
        ("comment|c1", None, "poll"),
        ("comment|c2", "c1", "poll"),
        ("comment|c3", None, "poll"),
    ]
    assert {event.occurred_quality for event in events(found)} == {"exact"}
    assert [request.path for request in asked] == [f"/{MEDIA}/comments"] * 2
    assert state == {MEDIA: f"3@{NOW + 1}"}


def test_names_come_with_comments_where_they_are_kept() -> None:
    posts = known_media(**{f"m{MEDIA}": f"3@{OLD}"})
    listing = pages([comment(1, username="ann"), comment(2)])
    _, found, _ = drive_all(readings.plan_comments(job(posts=posts)), listing, {}, replace(POLL, keep_names=True))
    assert [part.person.name if part.person else None for part in found] == ["ann", None]


def test_replies_that_did_not_all_come_are_listed_by_themselves() -> None:
    listing = pages([comment(1, replies={"data": [comment(2)], "paging": {"next": f"{BASE}/c1/replies?after=x"}})])
    replies = pages([comment(2)], [comment(3)])
    asked, found, _ = read(lambda request: (replies if request.path == "/c1/replies" else listing)(request))
    assert [request.path for request in asked] == [f"/{MEDIA}/comments", "/c1/replies", "/c1/replies"]
    assert [(event.interaction_key, event.parent_id) for event in events(found)] == [
        ("comment|c1", None),
        ("comment|c2", "c1"),
        ("comment|c3", "c1"),
    ]


def test_what_was_read_before_is_written_again_only_within_the_overlap() -> None:
    read_at = 1_789_898_400_000 + 600_000 + 30_000  # 10:00:30 and the overlap of ten minutes
    _, found, _ = read(pages([comment(1, 29), comment(2, 30), comment(3, 31)]), mark=f"1@{read_at}")
    assert told(found) == [("c2", "add"), ("c3", "add")]


def test_after_a_reading_that_broke_off_everything_is_written_again() -> None:
    _, found, _ = read(pages([comment(1, 29), comment(2, 30)]), mark=f"@{OLD + 86_400_000}")
    assert told(found) == [("c1", "add"), ("c2", "add")]


def test_a_media_that_was_deleted_after_it_was_listed_is_no_failure() -> None:
    _, found, state = read(lambda _request: REFUSED)
    assert (found, state) == ([], {})


# -- what only a comparison shows --------------------------------------------------------------------------------

READ = f"9@{NOW - 1000}"
"""Comments were read a moment ago: those of the pages below are told again no more."""


def test_a_hidden_comment_is_told_once_and_when_it_is_shown_again() -> None:
    memory: Memory = {}
    hidden = pages([comment(1, hidden=True), comment(2, hidden=False)])
    _, found, _ = read(hidden, memory)
    assert told(found) == [("c1", "add"), ("c2", "add"), ("c1", "hide")]
    hide = events(found)[-1]
    assert (hide.occurred_at, hide.occurred_quality, hide.version_key) == (NOW + 1, "approx", "")
    assert (hide.actor_id, hide.text_length, hide.post_id) == ("<9001>", None, MEDIA)
    assert memory == {MEDIA: Listing({"c1": None, "c2": None}, hidden=("c1",))}
    _, found, _ = read(hidden, memory, READ)
    assert told(found) == []
    _, found, _ = read(pages([comment(1), comment(2)]), memory, READ)
    assert told(found) == [("c1", "unhide")]
    assert memory == {MEDIA: Listing({"c1": None, "c2": None})}


def test_a_comment_that_is_missing_twice_was_removed() -> None:
    memory: Memory = {}
    read(pages([comment(1, replies={"data": [comment(2)]})]), memory)
    left = pages([comment(1)])
    _, found, _ = read(left, memory, READ)
    assert told(found) == []
    assert memory == {MEDIA: Listing({"c1": None, "c2": "c1"}, absent=("c2",))}
    _, found, _ = read(left, memory, READ)
    (removed,) = events(found)
    assert (removed.interaction_key, removed.action, removed.parent_id) == ("comment|c2", "remove", "c1")
    assert (removed.occurred_at, removed.occurred_quality, removed.actor_id) == (NOW + 1, "approx", None)
    assert memory == {MEDIA: Listing({"c1": None})}
    _, found, _ = read(left, memory, READ)
    assert told(found) == []


def test_a_removal_was_received_with_the_answer_that_shows_it_however_long_ago_the_poll_began() -> None:
    known = Known(OLD, {MEDIA: READ}, {MEDIA: Listing({"c1": None}, absent=("c1",))})
    long_poll = job(posts=known_media(**{f"m{MEDIA}": f"3@{OLD}"}), comments=known)
    asked, found, _ = drive_all(readings.plan_comments(long_poll), pages([], [], []), {})
    assert [(event.action, event.received_at) for event in events(found)] == [("remove", NOW + len(asked))]


def test_separators_in_an_id_are_part_of_it_when_it_is_removed() -> None:
    strange = comment(1) | {"id": "a|b%"}
    memory: Memory = {}
    _, added, _ = read(pages([strange]), memory)
    assert memory == {MEDIA: Listing({"a|b%": None})}
    read(pages([]), memory, READ)
    _, removed, _ = read(pages([]), memory, READ)
    assert events(added)[0].interaction_key == events(removed)[0].interaction_key


def test_a_comment_that_is_missing_once_was_not_removed() -> None:
    memory: Memory = {MEDIA: Listing({"c1": None, "c2": None}, absent=("c2",))}
    _, found, _ = read(pages([comment(1), comment(2)]), memory, READ)
    assert told(found) == []
    assert memory == {MEDIA: Listing({"c1": None, "c2": None})}


def test_a_comment_that_is_listed_late_is_told_however_old_it_is() -> None:
    memory: Memory = {MEDIA: Listing({"c1": None})}
    _, found, _ = read(pages([comment(1), comment(2)]), memory, READ)
    assert told(found) == [("c2", "add")]
    _, found, _ = read(pages([comment(1), comment(2)]), memory, READ)
    assert told(found) == []


def test_a_comment_that_is_listed_but_cannot_be_read_was_not_removed() -> None:
    memory: Memory = {MEDIA: Listing({"c1": None, "c2": None})}
    spoiled = pages([comment(1), comment(2) | {"timestamp": "?"}])
    for _ in range(3):
        _, found, _ = read(spoiled, memory, READ)
        assert told(found) == []
        assert memory == {MEDIA: Listing({"c1": None, "c2": None}, absent=("c2",))}
    _, found, _ = read(pages([comment(1)]), memory, READ)
    assert told(found) == [("c2", "remove")]


def test_a_listing_that_does_not_come_to_its_end_removes_nothing() -> None:
    memory: Memory = {MEDIA: Listing({"c1": None, "c2": None}, absent=("c2",))}
    listing = pages([comment(1)], [])
    with pytest.raises(PollFailed):
        read(lambda request: REFUSED if "after" in request.params else listing(request), memory, READ)
    more = pages([comment(1, replies={"data": [], "paging": {"next": f"{BASE}/c1/replies?after=x"}})])
    _, found, state = read(lambda request: REFUSED if request.path == "/c1/replies" else more(request), memory, READ)
    assert told(found) == []
    assert state == {MEDIA: f"@{NOW + 1}"}, "it is read again the next time"
    assert memory == {MEDIA: Listing({"c1": None, "c2": None}, absent=("c2",))}


def test_of_a_media_with_too_many_comments_it_is_not_remembered_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread, "MOST_REMEMBERED", 1)
    memory: Memory = {}
    read(pages([comment(1)]), memory)
    assert memory == {MEDIA: Listing({"c1": None})}
    read(pages([comment(1), comment(2)]), memory, READ)
    assert memory == {MEDIA: None}
    _, found, _ = read(pages([comment(1)]), memory, READ)
    assert told(found) == []


# -- insights ----------------------------------------------------------------------------------------------------


def insight(request: Request) -> dict[str, Any]:
    if request.path == f"/{ACCOUNT}":
        return {"followers_count": 100}
    names = request.params["metric"].split(",")
    if request.params["period"] == "day":
        return {"data": [{"name": name, "total_value": {"value": 5}} for name in names]}
    return {"data": [{"name": name, "values": [{"value": 7}]} for name in names]}


def insights(graph: Graph, **known: Known) -> tuple[list[Request], list[Part], dict[str, Any]]:
    return drive_all(readings.plan_insights(job(**known)), graph)


def of_media(asked: list[Request]) -> list[list[str]]:
    return [request.params["metric"].split(",") for request in asked if request.params.get("period") == "lifetime"]


def test_the_accounts_figures_are_of_whole_days_of_its_zone() -> None:
    asked, found, _ = insights(insight, insights=Known(NOW))
    assert {(one.metric, one.window, one.value) for one in snapshots(found)} == {
        ("followers", "day:2026-09-21", 100),
        *((metric, f"day:2026-09-{day}", 5) for metric in ("reach", "views") for day in (19, 20)),
    }
    spans = {(request.params["since"], request.params["until"]) for request in asked if "since" in request.params}
    assert spans == {("1789862400", "1789948800"), ("1789776000", "1789862400")}


def test_the_first_time_thirty_days_are_read() -> None:
    _, found, _ = insights(insight)
    assert len({one.window for one in snapshots(found) if one.metric == "reach"}) == 30


def test_days_follow_the_zone_through_a_change_of_clocks() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    noon = 1_792_756_800_000 + 3 * DAY  # 2026-10-26 12:00 UTC
    days = readings.ended_days(noon - 3 * DAY, noon, berlin)
    assert [(day.date, day.ends - day.begins) for day in days] == [
        ("2026-10-25", 25 * 3600),
        ("2026-10-24", 24 * 3600),
        ("2026-10-23", 24 * 3600),
    ]


def test_a_retired_metric_of_the_account_costs_only_itself_and_rests_for_a_day() -> None:
    def graph(request: Request) -> dict[str, Any] | Failure:
        return REFUSED if request.params.get("metric") == "views" else insight(request)

    _, found, state = insights(graph)
    assert {one.metric for one in snapshots(found)} == {"followers", "reach"}
    assert state == {"refused:views": NOW}
    asked, _, later = insights(graph, insights=Known(NOW, state))
    assert "views" not in {request.params.get("metric") for request in asked}
    assert later == state


def test_days_before_all_that_is_known_are_no_retired_metric() -> None:
    def graph(request: Request) -> dict[str, Any] | Failure:
        return REFUSED if int(request.params.get("since", NOW)) < (NOW - 5 * DAY) // 1000 else insight(request)

    asked, found, state = insights(graph)
    assert len({one.window for one in snapshots(found) if one.metric == "reach"}) == 4
    assert len(asked) == 1 + 2 * 5
    assert state == {}


@pytest.mark.parametrize("kind", requests.MEDIA_METRICS)
def test_metrics_are_asked_for_by_the_type_of_the_media(kind: requests.MediaType) -> None:
    posts = Known(NOW, {"1": f"0@{OLD}", "type:1": kind})
    asked, found, state = insights(insight, posts=posts, insights=Known(NOW))
    assert of_media(asked) == [list(requests.MEDIA_METRICS[kind])]
    values = {one.metric: (one.value, one.value_state) for one in snapshots(found) if one.post_id}
    assert values == dict.fromkeys(requests.MEDIA_METRICS[kind].values(), (7, "known"))
    assert state == {"post:1": NOW}


def test_a_retired_metric_spoils_the_common_request_and_costs_only_itself() -> None:
    posts = known_media(m1=f"0@{OLD}", m2=f"0@{OLD}")
    posts.state["type:2"] = "REELS"

    def graph(request: Request) -> dict[str, Any] | Failure:
        retired = request.path == "/1/insights" and "shares" in request.params["metric"]
        return REFUSED if retired else insight(request)

    asked, found, state = insights(graph, posts=posts, insights=Known(NOW))
    assert len(of_media(asked)) == 1 + len(requests.MEDIA_METRICS["FEED"]) + 1
    assert {one.metric for one in snapshots(found) if one.post_id == "1"} == {
        *requests.MEDIA_METRICS["FEED"].values()
    } - {"shares"}
    assert state == {"refused:FEED:shares": NOW, "post:1": NOW, "post:2": NOW}
    before: dict[str, Any] = {"refused:FEED:shares": NOW}
    asked, _, _ = insights(graph, posts=posts, insights=Known(NOW, before))
    assert ["shares" in metrics for metrics in of_media(asked)] == [False, True]


def test_what_one_media_found_to_be_retired_the_next_ones_do_not_ask_for() -> None:
    posts = known_media(m1=f"0@{OLD}", m2=f"0@{OLD}", m3=f"0@{OLD}")
    asked, found, _ = insights(
        lambda request: REFUSED if "shares" in request.params.get("metric", "") else insight(request),
        posts=posts,
        insights=Known(NOW),
    )
    assert len(of_media(asked)) == 1 + len(requests.MEDIA_METRICS["FEED"]) + 2
    assert {one.post_id for one in snapshots(found) if one.metric == "views" and one.post_id} == {"1", "2", "3"}


def test_too_few_viewers_are_no_zeros_and_no_retired_metrics() -> None:
    posts = known_media(m1=f"0@{OLD}")
    _, found, state = insights(
        lambda request: NO_INSIGHTS if request.path == "/1/insights" else insight(request),
        posts=posts,
        insights=Known(NOW),
    )
    of_post = [one for one in snapshots(found) if one.post_id]
    assert {one.metric for one in of_post} == set(requests.MEDIA_METRICS["FEED"].values())
    assert {(one.value, one.value_state) for one in of_post} == {(None, "unavailable")}
    assert state == {"post:1": NOW}


def test_a_deleted_media_does_not_pass_for_retired_metrics() -> None:
    posts = known_media(m1=f"0@{OLD}")
    _, _, state = insights(
        lambda request: REFUSED if request.path == "/1/insights" else insight(request), posts=posts, insights=Known(NOW)
    )
    assert state == {}


def test_a_medias_insights_are_read_again_when_a_twentieth_of_its_age_has_passed() -> None:
    posts = known_media(m1=f"0@{NOW - 20 * DAY}", m2=f"0@{NOW - 20 * DAY}")
    known = Known(NOW, {"post:1": NOW - DAY, "post:2": NOW - DAY + 1})
    asked, _, state = insights(insight, posts=posts, insights=known)
    assert {request.path for request in asked} == {f"/{ACCOUNT}", f"/{ACCOUNT}/insights", "/1/insights"}
    assert state == {"post:1": NOW, "post:2": NOW - DAY + 1}


def test_an_id_stays_within_its_place_in_the_path() -> None:
    assert requests.comments("1/../2?x#y", 5).path == "/1%2F..%2F2%3Fx%23y/comments"
