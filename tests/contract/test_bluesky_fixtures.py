"""Jetstream and the public API as they are documented: every example a file, every file what it must become."""

import json
from pathlib import Path

import pytest

from ingest.platforms import Answer, Message
from ingest.platforms.bluesky import responses
from ingest.platforms.bluesky.errors import failure
from ingest.platforms.bluesky.jetstream import read
from ingest.platforms.bluesky.uris import parse
from ingest.subjects import Subjects
from tests.unit.ingest.bluesky import (
    ANN,
    AS_OF,
    OWNER,
    POST,
    TIME_US,
    Stream,
    events,
    posts,
    reasons,
    receipt,
    snapshots,
)

FIXTURES = Path(__file__).parents[1] / "fixtures" / "bluesky"
AT = TIME_US // 1000
ERRORS = {
    "error_not_found": (400, "refuse", "NotFound"),
    "error_invalid_request": (400, "refuse", "InvalidRequest"),
    "error_expired_token": (400, "reauthorise", "ExpiredToken"),
    "error_rate": (429, "wait", "RateLimitExceeded"),
    "error_upstream": (502, "retry", "UpstreamFailure"),
    "error_takedown": (400, "forbidden", "AccountTakedown"),
}
REPLY, ANSWER, QUOTE, MEDIA, MENTION = (
    f"<at://{did}/app.bsky.feed.post/{rkey}>"
    for did, rkey in ((ANN, "3l3qc1"), (OWNER, "3l3qc2"), (ANN, "3l3qq1"), (ANN, "3l3qq2"), (ANN, "3l3qm1"))
)
MESSAGES: dict[str, tuple[str, str, str, str | None]] = {
    "like": ("reaction", f"reaction|3l3p|<{ANN}>", "like:1789997599900", "3l3p"),
    "like_1970": ("reaction", f"reaction|3l3p|<{ANN}>", "like:3l3qo9", "3l3p"),
    "repost": ("share", f"share|3l3p|<{ANN}>", "repost:1789997599900", "3l3p"),
    "follow": ("follow", f"follow|{OWNER}|<{ANN}>", "follow:1789997599900", None),
    "reply": ("comment", f"comment|{REPLY}", "", "3l3p"),
    "reply_to_reply": ("comment", f"comment|{ANSWER}", "", "3l3p"),
    "quote": ("share", f"share|{QUOTE}", "", "3l3p"),
    "quote_with_media": ("share", f"share|{MEDIA}", "", "3l3p"),
    "mention": ("mention", f"mention|{MENTION}", "", None),
}
"""Example -> kind, interaction, version and post of the event that it becomes."""
NOTHING = ("somebody_elses", "account_deactivated", "identity")


def wire(name: str) -> Answer:
    return Answer((FIXTURES / f"{name}.json").read_bytes(), AS_OF, receipt(channel="poll"))


def message(name: str) -> object:
    return json.loads(wire(name).body)


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_becomes_one_event_at_the_streams_own_time(name: str) -> None:
    frame = Stream().frame(message(name))
    (event,) = events(frame.parts)
    assert (event.kind, event.interaction_key, event.version_key, event.post_id) == MESSAGES[name]
    assert (event.action, event.occurred_at, event.occurred_quality, event.channel) == ("add", AT, "exact", "stream")
    owner_did_it = name == "reply_to_reply"
    assert (event.actor_is_owner, event.actor_id) == (owner_did_it, f"<{OWNER if owner_did_it else ANN}>")
    assert (frame.position, frame.at) == (str(TIME_US), AT)


def test_a_reply_to_a_reply_has_it_as_its_parent_and_a_text_its_words() -> None:
    (reply,) = events(Stream().tell(message("reply")))
    (answer,) = events(Stream().tell(message("reply_to_reply")))
    assert (reply.parent_id, reply.target_id, reply.hashtags, reply.language) == (None, "3l3p", ("coffee",), "en")
    assert (answer.parent_id, answer.target_id) == (REPLY, REPLY)


@pytest.mark.parametrize("name", NOTHING)
def test_what_concerns_nobody_of_ours_is_a_place_in_the_stream(name: str) -> None:
    frame = read(Message(wire(name).body), receipt(), Subjects())
    assert (frame.parts, frame.subjects, frame.position) == ([], [], str(TIME_US))


def test_the_deletion_of_a_like_is_understood_by_what_is_remembered() -> None:
    stream = Stream()
    added, removed = events(stream.tell(message("like"), message("like_deleted")))
    assert removed.action == "remove"
    assert (removed.interaction_key, removed.post_id) == (added.interaction_key, added.post_id)
    assert removed.occurred_at == AT + 60_000
    assert len(stream.subjects) == 0


def test_with_an_account_goes_everything_that_it_did() -> None:
    stream = Stream()
    stream.tell(*(message(name) for name in ("like", "repost", "follow", "reply", "quote", "mention")))
    gone = events(stream.tell(message("account_deleted")))
    assert {event.kind for event in gone} == {"reaction", "share", "follow", "comment", "mention"}
    assert {(event.action, event.occurred_at) for event in gone} == {("remove", AT + 90_000)}
    assert len(gone) == 6
    assert len(stream.subjects) == 0


def test_what_the_account_publishes_is_left_to_the_poller_and_what_it_deletes_is_told() -> None:
    assert reasons(Stream().tell(message("post_of_the_account"))) == ["post_left_to_poller"]
    (post,) = posts(Stream().tell(message("post_deleted")))
    assert (post.post_id, post.deleted_at) == ("3l3p", AT)


@pytest.mark.parametrize("name", ERRORS)
def test_a_documented_error_is_known(name: str) -> None:
    status, action, code = ERRORS[name]
    found = failure(status, wire(name).body)
    assert found is not None
    assert (found.action, found.code) == (action, code)


def test_every_fixture_is_judged() -> None:
    answers = {"author_feed", "profile", "likes", "quotes", "thread"}
    others = {"like_deleted", "account_deleted", "post_of_the_account", "post_deleted"}
    assert {path.stem for path in FIXTURES.glob("*.json")} == {*ERRORS, *MESSAGES, *NOTHING, *answers, *others}


@pytest.mark.parametrize("name", ["author_feed", "profile", "likes", "quotes", "thread"])
def test_a_good_answer_is_no_failure(name: str) -> None:
    assert failure(200, wire(name).body) is None


def test_the_feed_holds_the_accounts_own_posts() -> None:
    answer = wire("author_feed")
    found, spoiled = responses.feed(OWNER, responses.page(answer).feed, answer)
    assert spoiled == []
    parts = [part for one in found for part in responses.post(OWNER, one, answer)]
    first, second = posts(parts)
    assert (first.post_id, first.published_at, first.as_of) == ("3l3p", 1_789_898_400_250, AS_OF)
    assert (first.hashtags, first.mentions, first.links) == (("spring",), ("ann.test",), ("https://ex.test/sale",))
    assert (first.format, first.permalink) == ("text", f"https://bsky.app/profile/{OWNER}/post/3l3p")
    assert (second.format, second.links) == ("link", ("https://ex.test/sale", "https://ex.test/a"))
    assert second.published_at == 1_789_898_400_900, "a claim in the future gives way to the index"
    told = {(one.post_id, one.metric): (one.value, one.value_state) for one in snapshots(parts)}
    assert {metric: told["3l3p", metric] for _, metric in told} == {
        "likes": (12, "known"),
        "shares": (4, "known"),
        "reposts": (3, "known"),
        "quotes": (1, "known"),
        "direct_comments": (2, "known"),
        "saves": (4, "known"),
    }
    assert told["3l3o", "likes"] == (0, "known")
    assert told["3l3o", "saves"] == (None, "unavailable")


def test_followers_are_the_figure_of_the_day() -> None:
    (one,) = snapshots([responses.followers(OWNER, "2026-09-21", wire("profile"))])
    assert (one.metric, one.value, one.window, one.post_id) == ("followers", 4321, "day:2026-09-21", None)


def test_a_like_that_is_listed_is_the_fact_that_the_stream_told() -> None:
    answer, post = wire("likes"), parse(POST)
    assert post is not None
    told = list(responses.likes(OWNER, post, responses.page(answer).likes, answer))
    first, timeless = events(part for _, part in told)
    (streamed,) = events(Stream().tell(message("like")))
    assert first.event_id == streamed.event_id
    assert (first.occurred_quality, first.occurred_at) == ("approx", 1_789_997_600_400)
    assert timeless.version_key == "like"


def test_replies_and_quotations_that_are_listed_are_the_facts_that_the_stream_told() -> None:
    below, spoiled = responses.replies(OWNER, wire("thread"))
    assert spoiled == []
    quotes = responses.page(wire("quotes")).posts
    listed = events(part for _, part in responses.said(OWNER, below + quotes, wire("thread")))
    names = ("reply", "reply_to_reply", "quote")
    streamed = [event for name in names for event in events(Stream().tell(message(name)))]
    assert {event.event_id for event in listed} == {event.event_id for event in streamed}
    assert {event.occurred_quality for event in listed} == {"approx"}
