"""What Jetstream and the API should not send, each with what becomes of it, alone and among good ones."""

import json
from typing import Any

import pytest

from contracts.events import LARGEST_FIGURE
from contracts.outcome import Refuse
from ingest.platforms import Answer, PollFailed
from ingest.platforms.bluesky import responses
from ingest.platforms.bluesky.uris import parse
from tests.unit.ingest.bluesky import (
    ANN,
    AS_OF,
    OWNER,
    POST,
    Stream,
    answered,
    commit,
    deleted,
    events,
    like,
    reasons,
    receipt,
    said,
)

SURROGATE = "\ud83d"
REPLY = {"root": {"uri": POST}, "parent": {"uri": POST}}
NOTHING = "nothing"


def escaped(document: object) -> bytes:
    return json.dumps(document).encode()


def without(name: str) -> Any:
    return {key: value for key, value in like().items() if key != name}


MESSAGES: list[tuple[str, bytes, str]] = [
    ("nothing at all", b"", "unreadable_body"),
    ("spaces", b"  ", "unreadable_body"),
    ("one NUL", b"\0", "unreadable_body"),
    ("a byte order mark", b"\xef\xbb\xbf" + escaped(like()), "unreadable_body"),
    ("UTF-16", json.dumps(like()).encode("utf-16"), "unreadable_body"),
    ("Latin-1", b'{"did":"\xe9"}', "unreadable_body"),
    ("cut", escaped(like())[:-3], "unreadable_body"),
    ("two documents", escaped(like()) * 2, "unreadable_body"),
    ("a constant that is none", b'{"did":NaN}', "unreadable_body"),
    ("nesting without end", b"[" * 3000, "unreadable_body"),
    ("null", b"null", "invalid_envelope"),
    ("a number", b"7", "invalid_envelope"),
    ("a list", b"[]", "invalid_envelope"),
    ("an empty object", b"{}", "invalid_envelope"),
    ("no person", escaped(without("did")), "invalid_envelope"),
    ("no time", escaped(without("time_us")), "invalid_envelope"),
    ("no kind", escaped(without("kind")), "invalid_envelope"),
    ("a person that is a number", escaped(like() | {"did": 7}), "invalid_envelope"),
    ("a time that is a text", escaped(like() | {"time_us": "1790000000123456"}), "invalid_envelope"),
    ("a time that is a fraction", escaped(like() | {"time_us": 1.5}), "invalid_envelope"),
    ("a time of 30 digits", escaped(like() | {"time_us": 10**30}), "invalid_time"),
    ("a time of zero", escaped(like() | {"time_us": 0}), "invalid_time"),
    ("a time in milliseconds", escaped(like() | {"time_us": 1_790_000_000_123}), "invalid_time"),
    ("a time in nanoseconds", escaped(like() | {"time_us": 1_790_000_000_123_456_000}), "invalid_time"),
    ("a time to come", escaped(like() | {"time_us": 1_890_000_000_123_456}), "future_time"),
    ("a kind that nobody knows", escaped(like() | {"kind": "tombstone"}), NOTHING),
    ("a commit that is null", escaped({**like(), "commit": None, "x": OWNER}), "invalid_field"),
    (
        "an operation that nobody knows",
        escaped(commit("feed.like", "1", {"x": OWNER}, operation="merge")),
        "unknown_item",
    ),
    ("no record", escaped(commit("feed.like", "1", None) | {"x": OWNER}), "missing_field"),
    ("a collection that was not asked for", escaped(commit("feed.threadgate", "1", {"post": POST})), NOTHING),
    ("a person who is none", escaped(like(did="ann") | {"x": OWNER}), "invalid_field"),
    ("a key that is none", escaped(like("a/b")), "invalid_field"),
    ("an empty key", escaped(like("")), "invalid_field"),
    ("a key of 1 KiB", escaped(like("x" * 1024)), "invalid_field"),
    ("a key with separators", escaped(like("a|b")), "invalid_field"),
    ("NUL in a key", escaped(like("a\0b")), "invalid_field"),
    ("half a surrogate pair in a key", escaped(like(SURROGATE)), "invalid_field"),
    ("a like of nothing", escaped(commit("feed.like", "1", {"x": OWNER})), "invalid_field"),
    ("a like of a text", escaped(commit("feed.like", "1", {"subject": POST})), "invalid_field"),
    ("a like of a number", escaped(like(uri=7) | {"x": OWNER}), "invalid_field"),
    ("a like of a list", escaped(like(uri=[POST])), "invalid_field"),
    ("a like of no address", escaped(like(uri=f"http://{OWNER}")), NOTHING),
    ("a like of a profile", escaped(like(uri=f"at://{OWNER}/app.bsky.actor.profile/self")), NOTHING),
    ("a follow of an object", escaped(commit("graph.follow", "1", {"subject": {"did": OWNER}})), "invalid_field"),
    ("a reply to nothing", escaped(said(reply={"x": OWNER})), "missing_field"),
    ("a reply without a parent", escaped(said(reply={"root": {"uri": POST}})), "missing_field"),
    ("a reply that is a list", escaped(said(reply=[POST])), "missing_field"),
    ("an embed that is a list", escaped(said(embed=[POST])), NOTHING),
    ("embeds without end", escaped(said(embed={"record": {"record": {"record": {"uri": POST}}}})), NOTHING),
    ("facets that are none", escaped(said(facets={"features": OWNER})), NOTHING),
    ("features that are none", escaped(said(facets=[7, {"features": [OWNER, {"did": OWNER}]}])), NOTHING),
    ("a text that is a number", escaped(said(text=7, reply=REPLY)), "invalid_field"),
    ("a text without end", escaped(said(text="a" * 70_000, reply=REPLY)), "oversized"),
    ("NUL in a text", escaped(said(text="a\0b", reply=REPLY)), "keep"),
    ("half a surrogate pair in a text", escaped(said(text=SURROGATE, reply=REPLY)), "keep"),
    ("a text that reorders itself", escaped(said(text="\u202egnol\u2028\x1b[31m", reply=REPLY)), "keep"),
    ("a language that is none", escaped(said(langs=[7], reply=REPLY)), "keep"),
    ("languages that are none", escaped(said(langs="en", reply=REPLY)), "keep"),
    ("a claim that is an object", escaped(like(claimed={"a": 1})), "keep"),
    ("a claim of the year 10000", escaped(like(claimed="10000-01-01T00:00:00Z")), "keep"),
    ("a claim on a day that is none", escaped(like(claimed="2026-02-30T00:00:00Z")), "keep"),
    ("fields that nobody knows", escaped(like() | {"__proto__": {"a": 1}, "schema": 99}), "keep"),
    ("a deletion of nothing", escaped({**like(), "commit": {"operation": "delete"}}), "invalid_field"),
    ("a deletion of what nobody knows", escaped(deleted("feed.like", "3l9")), NOTHING),
    ("an account that is null", escaped({**like(), "kind": "account", "account": None}), "invalid_field"),
]


@pytest.mark.parametrize(("body", "outcome"), [row[1:] for row in MESSAGES], ids=[row[0] for row in MESSAGES])
def test_a_message_is_kept_or_refused_and_its_neighbours_are_kept(body: bytes, outcome: str) -> None:
    stream = Stream()
    parts = stream.tell(like("3b1", did="did:plc:before"), body, like("3b2", did="did:plc:after"))
    assert reasons(parts) == ([] if outcome in ("keep", NOTHING) else [outcome])
    assert len(events(parts)) == (3 if outcome == "keep" else 2)
    alone = Stream().tell(body)
    assert reasons(alone) == reasons(parts)
    assert [part.body for part in alone if isinstance(part.outcome, Refuse)] == [body] * len(reasons(alone))


FEED: list[tuple[str, object, str]] = [
    ("null", None, "invalid_field"),
    ("a number", 7, "invalid_field"),
    ("no post", {}, "invalid_field"),
    ("no address", {"post": {"indexedAt": "2026-09-20T10:00:00Z"}}, "missing_field"),
    ("an address that is none", {"post": {"uri": "7", "indexedAt": "2026-09-20T10:00:00Z"}}, "invalid_field"),
    ("no time", {"post": {"uri": POST}}, "missing_field"),
    ("a time that is none", {"post": {"uri": POST, "indexedAt": "soon"}}, "invalid_time"),
    ("a time to come", {"post": {"uri": POST, "indexedAt": "2099-01-01T00:00:00Z"}}, "future_time"),
    ("a counter that is a text", {"post": {"uri": POST, "likeCount": "7"}}, "invalid_field"),
]


@pytest.mark.parametrize(("item", "reason"), [row[1:] for row in FEED], ids=[row[0] for row in FEED])
def test_a_post_that_cannot_be_read_costs_itself(item: object, reason: str) -> None:
    good = {"post": {"uri": POST, "indexedAt": "2026-09-20T10:00:00Z", "record": {"text": "a"}}}
    answer = answered({"feed": [good, item, good]})
    found, spoiled = responses.feed(OWNER, responses.page(answer).feed, answer)
    assert (len(found), reasons(spoiled)) == (2, [reason])


@pytest.mark.parametrize(
    ("count", "reason"),
    [(-1, "invalid_field"), (LARGEST_FIGURE + 1, "invalid_field"), (LARGEST_FIGURE, None), (0, None)],
)
def test_a_counter_is_a_number_that_can_be(count: int, reason: str | None) -> None:
    view = {"uri": POST, "indexedAt": "2026-09-20T10:00:00Z", "likeCount": count}
    answer = answered({"feed": [{"post": view}]})
    ((listed,), _) = responses.feed(OWNER, responses.page(answer).feed, answer)
    assert reasons(responses.post(OWNER, listed, answer)) == ([reason] if reason else [])


LIKES: list[tuple[str, object, str]] = [
    ("null", None, "invalid_field"),
    ("nobody", {"indexedAt": "2026-09-20T10:00:00Z"}, "invalid_field"),
    ("somebody without an id", {"actor": {}, "indexedAt": "2026-09-20T10:00:00Z"}, "missing_field"),
    ("somebody who is none", {"actor": {"did": "ann"}, "indexedAt": "2026-09-20T10:00:00Z"}, "invalid_field"),
    ("no time", {"actor": {"did": ANN}}, "missing_field"),
    ("half a surrogate pair", {"actor": {"did": SURROGATE}, "indexedAt": "2026-09-20T10:00:00Z"}, "invalid_field"),
]


@pytest.mark.parametrize(("item", "reason"), [row[1:] for row in LIKES], ids=[row[0] for row in LIKES])
def test_a_like_that_cannot_be_read_costs_itself(item: object, reason: str) -> None:
    good = {"actor": {"did": ANN, "handle": SURROGATE}, "createdAt": 7, "indexedAt": "2026-09-20T10:00:00Z"}
    answer, post = answered({"likes": [good, item, good]}), parse(POST)
    assert post is not None
    told = [part for _, part in responses.likes(OWNER, post, responses.page(answer).likes, answer)]
    assert (len(events(told)), reasons(told)) == (2, [reason])


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'{"likes":7}', b'{"likes":[],"cursor":7}', b"<html>", b"\xff"])
def test_what_is_no_listing_ends_the_poll(body: bytes) -> None:
    with pytest.raises(PollFailed):
        responses.page(Answer(body, AS_OF, receipt()))


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b"[]", b"<html>"])
def test_what_is_no_thread_ends_the_poll(body: bytes) -> None:
    with pytest.raises(PollFailed):
        responses.replies(OWNER, Answer(body, AS_OF, receipt()))


@pytest.mark.parametrize("node", [7, None, {"replies": 7}, {"post": 7}])
def test_a_place_in_a_thread_that_cannot_be_read_costs_itself(node: object) -> None:
    good = {"post": {"uri": f"at://{ANN}/app.bsky.feed.post/1", "indexedAt": "2026-09-20T10:00:00Z"}}
    answer = answered({"thread": {"post": {}, "replies": [good, node, good]}})
    found, spoiled = responses.replies(OWNER, answer)
    told = [part for _, part in responses.said(OWNER, found, answer)]
    assert len(reasons(spoiled + told)) == 1
