"""What a channel is polled for: each reading is driven by hand, request by request."""

from dataclasses import replace
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contracts.config import Polling
from contracts.events import Listing
from contracts.platforms import unsent
from ingest.platforms import Failure, Job, Known, Part, PollFailed, Request, State
from ingest.platforms.youtube import readings, thread
from ingest.platforms.youtube.requests import authorise
from tests.unit.ingest.graph import NOW, Graph, drive, drive_all
from tests.unit.ingest.youtube import CHANNEL, VIDEO, account, comment, events, posts, snapshots, video
from tests.unit.ingest.youtube import thread as thread_of

DAY = 86_400_000
OLD = NOW - 2 * DAY
AT = 1_789_898_400_000
"""When a comment of `youtube.comment` was published."""
DISABLED = Failure("refuse", "commentsDisabled")
GONE = Failure("refuse", "videoNotFound")
CHANNELS = {
    "items": [
        {
            "contentDetails": {"relatedPlaylists": {"uploads": "UU1"}},
            "statistics": {"subscriberCount": "1230", "hiddenSubscriberCount": False},
        }
    ]
}
Memory = dict[str, Listing | None]


def job(**known: Known) -> Job:
    everything = {name: Known() for name in ("channel", "posts", "comments")} | known
    return Job(account(), UTC, Polling(), "https://api.example/v3", NOW, everything)


def pages(*items: list[dict[str, Any]]) -> Graph:
    """A listing of these pages; each but the last names the next."""

    def answer(request: Request) -> dict[str, Any]:
        number = int(request.params.get("pageToken", "0"))
        more = {"nextPageToken": str(number + 1)} if number + 1 < len(items) else {}
        return {"items": items[number], **more}

    return answer


def channel(*uploaded: list[str], **published: str) -> Graph:
    """A channel with pages of uploads; `published` are the videos that are not of yesterday."""
    listing = pages(*[[{"contentDetails": {"videoId": name}} for name in names] for names in uploaded])

    def answer(request: Request) -> dict[str, Any] | Failure:
        match request.path:
            case "/channels":
                return CHANNELS
            case "/playlistItems":
                return listing(request)
        names = request.params["id"].split(",")
        snippets = {name: {"publishedAt": published.get(name, "2026-09-20T10:00:00Z")} for name in names}
        return {"items": [video(name, snippet=snippets[name]) for name in names if name != "private"]}

    return answer


def paths(asked: list[Request]) -> list[str]:
    return [request.path for request in asked]


# -- credentials -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["AIzaSyCanary", "ya29.canary", "canary"])
def test_a_key_or_token_is_in_a_header_and_never_in_an_address(token: str) -> None:
    headers, params = authorise(token, ())
    assert params == {}
    assert [token in value for value in headers.values()] == [True]


def test_it_sends_comments_and_replies_and_nothing_else() -> None:
    assert unsent("youtube") == {"likes", "shares", "comment_reactions", "follows", "mentions"}


# -- the channel and its videos ----------------------------------------------------------------------------------


def test_subscribers_are_the_figure_of_the_accounts_own_day() -> None:
    tokyo = replace(job(), zone=ZoneInfo("Asia/Tokyo"))
    for one, day in (
        (job(), "day:2026-09-21"),
        (tokyo, "day:2026-09-21"),
        (replace(job(), zone=ZoneInfo("Pacific/Auckland")), "day:2026-09-22"),
    ):
        asked, found, state = drive_all(readings.plan_channel(one), channel())
        assert (paths(asked), state) == (["/channels"], {})
        assert [(told.metric, told.value, told.window) for told in snapshots(found)] == [("followers", 1230, day)]


def test_uploads_are_read_until_a_whole_page_is_too_old() -> None:
    old = "2026-08-01T10:00:00Z"
    graph = channel(["v1", "v2", "private"], ["v3"], ["v4"], v2=old, v3=old)
    asked, found, state = drive_all(readings.plan_posts(job()), graph)
    assert paths(asked) == ["/channels", "/playlistItems", "/videos", "/playlistItems", "/videos"]
    assert [post.post_id for post in posts(found)] == ["v1"]
    assert len(snapshots(found)) == 3
    assert state == {"uploads:": "UU1", "v1": f"3@{AT}"}


def test_the_list_of_uploads_is_asked_for_once() -> None:
    known = Known(OLD, {"uploads:": "UU1"})
    asked, _, _ = drive_all(readings.plan_posts(job(posts=known)), channel([f"v{n}" for n in range(50)]))
    assert paths(asked) == ["/playlistItems", "/videos"]
    assert asked[0].params["maxResults"] == "50"


def test_a_channel_without_videos_is_no_failure_and_no_channel_is() -> None:
    def empty(request: Request) -> dict[str, Any] | Failure:
        return CHANNELS if request.path == "/channels" else Failure("refuse", "playlistNotFound")

    _, found, state = drive_all(readings.plan_posts(job()), empty)
    assert (found, state) == ([], {"uploads:": "UU1"})
    with pytest.raises(PollFailed, match="no_channel") as failed:
        drive_all(readings.plan_posts(job()), lambda _request: {"pageInfo": {"totalResults": 0}})
    assert failed.value.needs_help


@pytest.mark.parametrize("path", ["/channels", "/playlistItems", "/videos"])
def test_a_refusal_ends_the_poll(path: str) -> None:
    graph = channel(["v1"])
    refusal = Failure("refuse", "invalidPageToken")
    with pytest.raises(PollFailed, match="refused_invalidPageToken"):
        drive_all(readings.plan_posts(job()), lambda asked: refusal if asked.path == path else graph(asked))


@pytest.mark.parametrize("path", ["/playlistItems", "/commentThreads"])
def test_pages_that_lead_to_each_other_end_the_poll(path: str) -> None:
    known = Known(OLD, {"uploads:": "UU1", VIDEO: f"3@{OLD}"})
    plan = readings.plan_posts if path == "/playlistItems" else readings.plan_comments
    with pytest.raises(PollFailed, match="paging_loop"):
        drive_all(plan(job(posts=known)), lambda _request: {"items": [], "nextPageToken": "again"}, {})


# -- comments ----------------------------------------------------------------------------------------------------


def read(
    graph: Graph, memory: Memory | None = None, mark: str | None = None
) -> tuple[list[Request], list[Part], State]:
    """The comments of the video, read with what is remembered of them."""
    memory = {} if memory is None else memory
    listed = {name: listing for name, listing in memory.items() if listing is not None}
    known = Known(OLD, {VIDEO: mark} if mark else {}, listed)
    plan = readings.plan_comments(job(posts=Known(NOW, {VIDEO: f"3@{OLD}"}), comments=known))
    return drive_all(plan, graph, memory)


def told(found: list[Part]) -> list[tuple[str, str]]:
    return [(event.interaction_key.removeprefix("comment|"), event.action) for event in events(found)]


def planned(plan: Any) -> list[str]:
    return [reading.send(None).params["videoId"] for reading in plan.readings]


def test_comments_are_read_of_new_moved_young_uncounted_and_incomplete_videos_alone_the_newest_first() -> None:
    old = dict.fromkeys(("moved", "settled", "new", "lacking"), f"5@{OLD}")
    posts = Known(NOW, {**old, "young": f"5@{NOW - 60_000}", "uncounted": f"@{OLD}", "silent": f"0@{OLD}"})
    before: State = {"moved": f"4@{OLD}", "settled": f"5@{OLD}", "lacking": f"5@{OLD}", "young": f"5@{OLD}"}
    memory = {"settled": Listing({"c": None}), "lacking": Listing({"c": None}, ("c",))}
    plan = readings.plan_comments(job(posts=posts, comments=Known(OLD, before, memory)))
    assert planned(plan) == ["young", "moved", "new", "lacking", "uncounted"]
    assert plan.kept == {"settled": f"5@{OLD}", "silent": f"0@{OLD}"}


def test_polled_comments_and_replies_are_facts_that_they_were_added() -> None:
    asked, found, state = read(pages([thread_of(comment("a"), comment("a.1"))], [thread_of(comment("b"))]))
    assert paths(asked) == ["/commentThreads"] * 2
    assert [(event.interaction_key, event.parent_id) for event in events(found)] == [
        ("comment|a", None),
        ("comment|a.1", "a"),
        ("comment|b", None),
    ]
    assert state == {VIDEO: f"3@{NOW + 1}", f"units:{VIDEO}": f"2@{NOW + 1}"}


def test_replies_that_did_not_all_come_are_listed_by_themselves() -> None:
    replies = pages([comment("a.1")], [comment("a.2")])
    listing = pages([thread_of(comment("a"), comment("a.1"), total=2)])
    asked, found, state = read(lambda request: (replies if request.path == "/comments" else listing)(request))
    assert [request.params.get("parentId") for request in asked] == [None, "a", "a"]
    assert told(found) == [("a", "add"), ("a.1", "add"), ("a.2", "add")]
    assert state[f"units:{VIDEO}"] == f"3@{NOW + 1}"


def test_what_was_read_before_is_written_again_only_within_the_overlap_and_an_edit_whenever_it_is_new() -> None:
    mark = f"1@{AT + 600_000 + 30_000}"  # half a minute after the comments, and the overlap of ten minutes
    later = comment("new", publishedAt="2026-09-20T10:00:30Z", updatedAt="2026-09-20T10:00:30Z")
    edited = comment("edited", updatedAt="2026-09-20T10:01:00Z")
    listing = pages([thread_of(later), thread_of(edited), thread_of(comment("old"))])
    _, found, _ = read(listing, mark=mark)
    assert told(found) == [("new", "add"), ("edited", "update")]


def test_comments_that_are_disabled_cost_only_their_video_until_the_counter_moves() -> None:
    plan = readings.plan_comments(job(posts=Known(NOW, {"v1": f"@{OLD}", "v2": f"1@{OLD}"})))
    listing = pages([thread_of(comment("a"))])
    memory: Memory = {}
    _, found, state = drive_all(
        plan, lambda asked: DISABLED if asked.params["videoId"] == "v1" else listing(asked), memory
    )
    assert told(found) == [("a", "add")]
    assert state["v1"] == "@0"
    again = readings.plan_comments(
        job(posts=Known(NOW, {"v1": f"@{OLD}", "v2": f"1@{OLD}"}), comments=Known(NOW, state))
    )
    assert again.readings == []


def test_comments_that_are_disabled_for_a_while_are_not_removed() -> None:
    memory: Memory = {VIDEO: Listing({"a": None})}
    read(lambda _request: DISABLED, memory)
    _, found, _ = read(lambda _request: DISABLED, memory)
    assert (found, memory) == ([], {VIDEO: Listing({"a": None})})


@pytest.mark.parametrize("counter", ["3", ""])
def test_comments_that_are_no_longer_disabled_are_told_however_old_they_are(counter: str) -> None:
    known = Known(NOW, {VIDEO: f"{counter}@{OLD}"})
    _, _, state = drive_all(readings.plan_comments(job(posts=known)), lambda _request: DISABLED, {})
    again = job(posts=Known(NOW, {VIDEO: f"4@{OLD}"}), comments=Known(NOW, state))
    _, found, _ = drive_all(readings.plan_comments(again), pages([thread_of(comment("a"))]), {})
    assert told(found) == [("a", "add")]


def test_what_lies_behind_a_thread_that_broke_off_is_told_by_the_next_reading() -> None:
    listing = pages([thread_of(comment("a"), total=2), thread_of(comment("b"), total=2)])

    def broken(asked: Request) -> dict[str, Any] | Failure:
        return listing(asked) if asked.path == "/commentThreads" else Failure("refuse", "commentNotFound")

    _, _, state = read(broken)
    mark = state[VIDEO]
    assert isinstance(mark, str)
    _, found, _ = read(pages([thread_of(comment("b"), comment("b.1"))]), mark=mark)
    assert told(found) == [("b", "add"), ("b.1", "add")]


def test_a_video_or_comment_that_was_deleted_after_it_was_listed_is_no_failure() -> None:
    assert read(lambda _request: GONE)[1:] == ([], {})
    listing = pages([thread_of(comment("a"), total=2)])
    memory: Memory = {VIDEO: Listing({"b": None}, ("b",))}
    _, found, state = read(
        lambda asked: Failure("refuse", "commentNotFound") if asked.path == "/comments" else listing(asked), memory
    )
    assert told(found) == [("a", "add")]
    assert state[VIDEO] == f"@{NOW + 1}"
    assert memory == {VIDEO: Listing({"b": None}, ("b",))}


def test_a_comment_that_is_missing_twice_was_removed_and_one_that_comes_back_was_not() -> None:
    memory: Memory = {}
    mark = f"9@{NOW}"
    read(pages([thread_of(comment("a"), comment("a.1")), thread_of(comment("b"))]), memory)
    less = pages([thread_of(comment("a"))])
    assert told(read(less, memory, mark)[1]) == []
    assert memory == {VIDEO: Listing({"a": None, "a.1": "a", "b": None}, ("a.1", "b"))}
    _, found, _ = read(pages([thread_of(comment("a")), thread_of(comment("b"))]), memory, mark)
    assert told(found) == [("a.1", "remove")]
    (event,) = events(found)
    assert (event.parent_id, event.occurred_at, event.occurred_quality) == ("a", NOW + 1, "approx")
    assert (event.actor_id, event.account_id, event.post_id) == (None, CHANNEL, VIDEO)
    assert memory == {VIDEO: Listing({"a": None, "b": None})}


def test_a_comment_that_is_listed_late_is_told_however_old_it_is() -> None:
    memory: Memory = {VIDEO: Listing({"a": None})}
    listing = pages([thread_of(comment("a")), thread_of(comment("b", updatedAt="2026-09-20T10:01:00Z"))])
    assert told(read(listing, memory, f"9@{NOW}")[1]) == [("b", "add"), ("b", "update")]
    assert told(read(listing, memory, f"9@{NOW}")[1]) == []


def test_a_comment_that_is_listed_but_cannot_be_read_was_not_removed() -> None:
    memory: Memory = {VIDEO: Listing({"a": None, "b": None})}
    spoiled = pages([thread_of(comment("a")), thread_of(comment("b", publishedAt="?"))])
    for _ in range(3):
        assert told(read(spoiled, memory, f"9@{NOW}")[1]) == []
        assert memory == {VIDEO: Listing({"a": None, "b": None}, ("b",))}
    assert told(read(pages([thread_of(comment("a"))]), memory, f"9@{NOW}")[1]) == [("b", "remove")]


def test_a_removal_was_received_with_the_answer_that_shows_it_however_long_ago_the_poll_began() -> None:
    known = Known(OLD, {VIDEO: f"9@{NOW}"}, {VIDEO: Listing({"a": None}, ("a",))})
    long_poll = job(posts=Known(NOW, {VIDEO: f"3@{OLD}"}), comments=known)
    asked, found, _ = drive_all(readings.plan_comments(long_poll), pages([], [], []), {})
    assert [(event.action, event.received_at) for event in events(found)] == [("remove", NOW + len(asked))]


def test_a_listing_that_breaks_off_removes_nothing() -> None:
    memory: Memory = {VIDEO: Listing({"a": None}, ("a",))}
    listing = pages([], [])
    refusal = Failure("refuse", "invalidPageToken")
    with pytest.raises(PollFailed, match="refused_invalidPageToken"):
        read(lambda asked: refusal if "pageToken" in asked.params else listing(asked), memory)
    assert memory == {VIDEO: Listing({"a": None}, ("a",))}


def test_of_too_many_comments_it_is_not_remembered_which_there_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread, "MOST_REMEMBERED", 1)
    memory: Memory = {VIDEO: Listing({"a": None})}
    read(pages([thread_of(comment("a")), thread_of(comment("b"))]), memory)
    assert memory == {VIDEO: None}


# -- the quota ---------------------------------------------------------------------------------------------------


def test_the_quotas_day_begins_at_midnight_in_california() -> None:
    midnight = 1_789_974_000_000  # 2026-09-21 07:00 UTC, in summer
    days = [readings.quota_day(at).isoformat() for at in (midnight - 1, midnight)]
    assert days == ["2026-09-20", "2026-09-21"]


def test_when_the_days_units_are_spent_videos_wait_and_keep_what_is_known_of_them() -> None:
    posts = Known(NOW, {"big": f"900@{OLD}", "small": f"5@{OLD - 1}", "new": f"6@{OLD - 2}"})
    before: State = {"big": f"1@{OLD}", "small": f"1@{OLD}", "units:big": f"{readings.COMMENT_UNITS - 1}@{NOW - 1}"}
    plan = readings.plan_comments(job(posts=posts, comments=Known(OLD, before)))
    assert planned(plan) == ["small"]
    assert plan.kept == {"big": f"1@{OLD}", "units:big": f"{readings.COMMENT_UNITS - 1}@{NOW - 1}"}


def test_units_of_another_day_do_not_count_and_those_of_today_add_up() -> None:
    yesterday: State = {VIDEO: f"1@{OLD}", f"units:{VIDEO}": f"{readings.COMMENT_UNITS}@{NOW - DAY}"}
    posts = Known(NOW, {VIDEO: f"3@{OLD}"})
    today: State = {VIDEO: f"1@{OLD}", f"units:{VIDEO}": f"40@{NOW - 1}"}
    for state, units in ((yesterday, 1), (today, 41)):
        plan = readings.plan_comments(job(posts=posts, comments=Known(OLD, state)))
        assert drive_all(plan, pages([]), {})[2][f"units:{VIDEO}"] == f"{units}@{NOW + 1}"


def test_a_page_is_as_large_as_the_configuration_allows() -> None:
    (reading,) = readings.plan_comments(job(posts=Known(NOW, {VIDEO: f"3@{OLD}"}))).readings
    asked, _, _ = drive(reading, pages([]), {})
    assert asked[0].params == {
        "part": "snippet,replies",
        "videoId": VIDEO,
        "order": "time",
        "textFormat": "plainText",
        "maxResults": "100",
    }
