"""The Data API as it is documented: every example a file, every file what it must become."""

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.platforms import Answer
from ingest.platforms.youtube import responses
from ingest.platforms.youtube.errors import failure
from ingest.platforms.youtube.paging import page
from tests.unit.ingest.youtube import AS_OF, CHANNEL, VIDEO, posts, receipt, snapshots

FIXTURES = Path(__file__).parents[1] / "fixtures" / "youtube"
ERRORS = {
    "error_comments_disabled": (403, "refuse", "commentsDisabled"),
    "error_video_not_found": (404, "refuse", "videoNotFound"),
    "error_playlist_not_found": (404, "refuse", "playlistNotFound"),
    "error_page_token": (400, "refuse", "invalidPageToken"),
    "error_quota": (403, "wait", "quotaExceeded"),
    "error_rate": (403, "wait", "rateLimitExceeded"),
    "error_forbidden": (403, "forbidden", "forbidden"),
    "error_not_configured": (403, "forbidden", "accessNotConfigured"),
    "error_key": (400, "reauthorise", "API_KEY_INVALID"),
    "error_token": (401, "reauthorise", "authError"),
    "error_backend": (500, "retry", "backendError"),
}


def wire(name: str) -> Answer:
    return Answer((FIXTURES / f"{name}.json").read_bytes(), AS_OF, receipt())


def values(name: str) -> dict[tuple[str | None, str], tuple[int | None, str]]:
    found, spoiled = responses.videos(CHANNEL, page(wire(name)), wire(name))
    assert spoiled == []
    every = snapshots([part for _, parts in found for part in parts])
    assert {(one.scope, one.window, one.as_of) for one in every} == {("total", "lifetime", AS_OF)}
    return {(one.post_id, one.metric): (one.value, one.value_state) for one in every}


@pytest.mark.parametrize("name", ERRORS)
def test_a_documented_error_is_known(name: str) -> None:
    status, action, code = ERRORS[name]
    found = failure(status, wire(name).body)
    assert found is not None
    assert (found.action, found.code) == (action, code)


def test_every_error_among_the_fixtures_is_judged() -> None:
    assert {path.stem for path in FIXTURES.glob("error_*.json")} == set(ERRORS)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("[!e]*.json")), ids=lambda path: path.stem)
def test_a_good_answer_is_no_failure(path: Path) -> None:
    assert failure(200, path.read_bytes()) is None


def test_a_video_becomes_a_post() -> None:
    found, _ = responses.videos(CHANNEL, page(wire("videos")), wire("videos"))
    first, second, third = posts([part for _, parts in found for part in parts])
    assert (first.post_id, first.published_at, first.as_of) == (VIDEO, 1_789_898_400_000, AS_OF)
    assert (first.text_length, first.hashtags, first.mentions) == (19, ("spring", "coffee"), ("ann",))
    assert (first.links, first.permalink) == (("https://ex.test/sale",), "https://www.youtube.com/watch?v=vid1")
    assert [post.format for post in (first, second, third)] == ["video", "short_video", "live"]
    assert [post.is_published for post in (first, second, third)] == [True, False, True]
    assert [(one.video_id, one.comments) for one, _ in found] == [("vid1", 18), ("vid2", 0), ("vid3", 2)]


def test_counters_are_strings_and_a_zero_is_known() -> None:
    assert values("videos") == {
        ("vid1", "views"): (5321, "known"),
        ("vid1", "likes"): (210, "known"),
        ("vid1", "comments"): (18, "known"),
        ("vid2", "views"): (0, "known"),
        ("vid2", "likes"): (0, "known"),
        ("vid2", "comments"): (0, "known"),
        ("vid3", "views"): (7, "known"),
        ("vid3", "likes"): (1, "known"),
        ("vid3", "comments"): (2, "known"),
    }


@pytest.mark.parametrize(
    ("name", "views", "likes", "comments"),
    [
        ("videos_without_likes", (5321, "known"), (None, "hidden"), (18, "known")),
        ("videos_without_comments", (5321, "known"), (0, "known"), (None, "unavailable")),
        ("videos_without_statistics", (None, "unavailable"), (None, "unavailable"), (None, "unavailable")),
    ],
)
def test_a_missing_counter_is_never_zero(name: str, views: object, likes: object, comments: object) -> None:
    assert values(name) == {(VIDEO, "views"): views, (VIDEO, "likes"): likes, (VIDEO, "comments"): comments}


@pytest.mark.parametrize(("name", "value"), [("channel", (123_000, "known")), ("channel_hidden", (None, "hidden"))])
def test_subscribers_are_the_figure_of_the_day_unless_they_are_hidden(name: str, value: object) -> None:
    (one,) = snapshots(list(responses.followers(CHANNEL, "2026-09-21", page(wire(name)), wire(name))))
    assert (one.metric, one.post_id, one.scope, one.window) == ("followers", None, "total", "day:2026-09-21")
    assert (one.value, one.value_state) == value


def test_a_channel_names_the_list_of_its_uploads_and_an_unknown_one_is_no_item() -> None:
    assert responses.uploads(page(wire("channel"))) == "UU1"
    assert responses.uploads(page(wire("channel_unknown"))) is None


def test_uploads_are_ids_whether_or_not_they_are_public() -> None:
    listing = page(wire("uploads"))
    assert responses.video_ids(CHANNEL, listing) == (["vid1", "vid2"], [])
    assert listing.next_page_token == "EAAaBlBUOkNB"


def test_threads_become_comments_with_exact_times() -> None:
    found, spoiled = responses.threads(CHANNEL, VIDEO, page(wire("threads")), wire("threads"))
    assert spoiled == []
    said = {one.comment_id: one for one in found}
    assert list(said) == ["Ugx1", "Ugx1.a", "Ugx2", "Ugx3"]
    assert [one.comment_id for one in found if one.has_more] == ["Ugx3"]
    first, reply, anonymous, _ = (one.added for one in found)
    assert (first.kind, first.action, first.post_id, first.target_id) == ("comment", "add", VIDEO, VIDEO)
    assert (first.occurred_at, first.occurred_quality) == (1_789_902_000_000, "exact")
    assert (first.actor_id, first.actor_is_owner, first.hashtags) == ("<UC9>", False, ("coffee",))
    assert (reply.parent_id, reply.target_id, reply.actor_is_owner) == ("Ugx1", "Ugx1", True)
    assert (anonymous.actor_id, anonymous.actor_is_owner) == (None, False)
    edited = {name: one.edited for name, one in said.items() if one.edited}
    assert list(edited) == ["Ugx1"]
    assert (edited["Ugx1"].action, edited["Ugx1"].occurred_at) == ("update", 1_789_902_300_000)
    assert edited["Ugx1"].version_key == "1789902300000"


def test_a_thread_whose_replies_are_left_out_has_more() -> None:
    answer = wire("threads_without_replies")
    (one,), _ = responses.threads(CHANNEL, VIDEO, page(answer), answer)
    assert one.has_more


def test_a_reply_is_the_same_fact_wherever_it_is_listed() -> None:
    listed, _ = responses.replies(CHANNEL, VIDEO, "Ugx3", page(wire("replies")), wire("replies"))
    assert [one.added.parent_id for one in listed] == ["Ugx3", "Ugx3"]
    again = replace(wire("replies"), receipt=receipt(source_id="another poll"))
    embedded, _ = responses.replies(CHANNEL, VIDEO, "Ugx1", page(again), again)
    assert [one.added.event_id for one in listed] == [one.added.event_id for one in embedded]
