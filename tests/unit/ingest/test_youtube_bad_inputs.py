"""What YouTube should not answer, each with what becomes of it, alone and among good ones."""

import json
from typing import Any

import pytest

from contracts import codec
from contracts.config import Config, Partitions
from contracts.events import LARGEST_FIGURE
from ingest.intake import Intake
from ingest.platforms import Answer, Part, PollFailed, load
from ingest.platforms.youtube import responses
from ingest.platforms.youtube.errors import failure
from ingest.platforms.youtube.paging import page
from ingest.records import Records
from tests.unit.ingest.test_bad_inputs import SEALER, letters
from tests.unit.ingest.youtube import (
    AS_OF,
    CHANNEL,
    PERSON,
    PUBLISHED,
    RECEIVED_AT,
    VIDEO,
    account,
    answered,
    comment,
    posts,
    reasons,
    receipt,
    snapshots,
    thread,
    threads,
    video,
    videos,
)

SURROGATE = "\ud83d"
COMMENTS: list[tuple[str, object, str]] = [
    ("null", None, "invalid_field"),
    ("a number", 7, "invalid_field"),
    ("a list", [], "invalid_field"),
    ("an empty object", {}, "missing_field"),
    ("a snippet that is null", {"snippet": None}, "invalid_field"),
    ("replies that are none", thread(comment()) | {"replies": []}, "invalid_field"),
    ("a count of replies that is a text", thread(comment()) | {"snippet": {"totalReplyCount": "2"}}, "invalid_field"),
    ("no time", thread(comment(publishedAt=None)), "missing_field"),
    ("a time that is none", thread(comment(publishedAt="yesterday")), "invalid_time"),
    ("a time without a zone", thread(comment(publishedAt="2026-09-20T10:00:00")), "invalid_time"),
    ("a time before YouTube", thread(comment(publishedAt="1999-01-01T00:00:00Z")), "invalid_time"),
    ("a time to come", thread(comment(publishedAt="2027-01-01T00:00:00Z")), "future_time"),
    ("an edit to come", thread(comment(updatedAt="2027-01-01T00:00:00Z")), "future_time"),
    ("an edit before the comment", thread(comment(updatedAt="2026-09-20T09:00:00Z")), "keep"),
    ("no id", thread(comment() | {"id": None}), "missing_field"),
    ("an empty id", thread(comment("")), "invalid_field"),
    ("an id of 1 KiB", thread(comment("x" * 1024)), "invalid_field"),
    ("an id that is a number", thread(comment() | {"id": 7}), "invalid_field"),
    ("NUL in an id", thread(comment("a\0b")), "invalid_text"),
    ("half a surrogate pair in an id", thread(comment(SURROGATE)), "invalid_text"),
    ("an id with separators", thread(comment("a|b%7C")), "keep"),
    ("no author", thread(comment(authorChannelId=None)), "keep"),
    ("an author without an id", thread(comment(authorChannelId={})), "keep"),
    ("an author that is a text", thread(comment(authorChannelId="UC9")), "invalid_field"),
    ("an author with an empty id", thread(comment(authorChannelId={"value": ""})), "invalid_field"),
    ("a name that is none", thread(comment(authorDisplayName={"a": 1})), "keep"),
    ("half a surrogate pair in a name", thread(comment(authorDisplayName=SURROGATE)), "keep"),
    ("no text", thread(comment(textDisplay=None)), "keep"),
    ("NUL in a text", thread(comment(textDisplay="a\0b")), "keep"),
    ("half a surrogate pair in a text", thread(comment(textDisplay=SURROGATE)), "keep"),
    ("a text that is a number", thread(comment(textDisplay=7)), "invalid_field"),
    ("a text without end", thread(comment(textDisplay="a" * 70_000)), "oversized"),
    ("fields that nobody knows", thread(comment(__proto__={"a": 1}, schema=99)), "keep"),
    ("nesting without end", json.loads('{"a":' * 200 + "1" + "}" * 200), "missing_field"),
]
VIDEOS: list[tuple[str, object, str]] = [
    ("null", None, "invalid_field"),
    ("an empty object", {}, "missing_field"),
    ("no id", video() | {"id": None}, "missing_field"),
    ("no time", video(snippet={"title": "a"}), "missing_field"),
    ("a time that is none", video(snippet={"publishedAt": "soon"}), "invalid_time"),
    ("no title", video(snippet={"publishedAt": PUBLISHED}), "keep"),
    ("a title that is a number", video(snippet={"publishedAt": PUBLISHED, "title": 7}), "invalid_field"),
    ("half a surrogate pair in a title", video(snippet={"publishedAt": PUBLISHED, "title": SURROGATE}), "keep"),
    ("a duration that is none", video(contentDetails={"duration": "long"}), "keep"),
    ("a duration that is a number", video(contentDetails={"duration": 7}), "invalid_field"),
    ("counters that are numbers", video(statistics={"viewCount": 7}), "keep"),
    ("a negative counter", video(statistics={"viewCount": "-1"}), "invalid_field"),
    ("a fraction", video(statistics={"viewCount": "1.5"}), "invalid_field"),
    ("a counter beyond any", video(statistics={"viewCount": str(LARGEST_FIGURE + 1)}), "invalid_field"),
    ("the largest counter", video(statistics={"viewCount": str(LARGEST_FIGURE)}), "keep"),
    ("a counter without end", video(statistics={"viewCount": "9" * 5000}), "invalid_field"),
    ("digits of another script", video(statistics={"likeCount": "٣"}), "invalid_field"),
    ("an empty counter", video(statistics={"commentCount": ""}), "invalid_field"),
    ("a counter that is an object", video(statistics={"likeCount": {}}), "invalid_field"),
    ("statistics that are null", video(statistics=None), "keep"),
]


def _names(rows: list[tuple[str, object, str]]) -> list[str]:
    return [row[0] for row in rows]


@pytest.mark.parametrize(("item", "outcome"), [row[1:] for row in COMMENTS], ids=_names(COMMENTS))
def test_a_comment_is_kept_or_refused_and_its_neighbours_are_kept(item: object, outcome: str) -> None:
    found, spoiled = threads(thread(comment("before")), item, thread(comment("after")))
    assert reasons(spoiled) == ([] if outcome == "keep" else [outcome])
    assert len(found) == 3 - len(spoiled)
    assert (found[0].comment_id, found[-1].comment_id) == ("before", "after")


REPLIES: list[tuple[str, object, str]] = [
    ("null", None, "invalid_field"),
    ("a number", 7, "invalid_field"),
    ("an empty object", {}, "missing_field"),
    ("no time", comment(publishedAt=None), "missing_field"),
    ("a time to come", comment(publishedAt="2027-01-01T00:00:00Z"), "future_time"),
    ("half a surrogate pair in an id", comment(SURROGATE), "invalid_text"),
    ("half a surrogate pair in a text", comment("top.x", textDisplay=SURROGATE), "keep"),
    ("an author that is a text", comment(authorChannelId="UC9"), "invalid_field"),
]


@pytest.mark.parametrize(("reply", "outcome"), [row[1:] for row in REPLIES], ids=_names(REPLIES))
def test_a_reply_is_kept_or_refused_and_its_neighbours_and_its_thread_are_kept(reply: object, outcome: str) -> None:
    found, spoiled = threads(thread(comment("top"), comment("top.a"), reply, comment("top.b")))
    assert reasons(spoiled) == ([] if outcome == "keep" else [outcome])
    assert [one.comment_id for one in found if one.comment_id != "top.x"] == ["top", "top.a", "top.b"]
    assert len(found) == 4 - len(spoiled)


@pytest.mark.parametrize(("item", "outcome"), [row[1:] for row in VIDEOS], ids=_names(VIDEOS))
def test_a_video_is_kept_or_refused_and_its_neighbours_are_kept(item: object, outcome: str) -> None:
    found, spoiled = videos(video("before"), item, video("after"))
    assert reasons(spoiled) == ([] if outcome == "keep" else [outcome])
    assert len(posts(found)) == 3 - len(spoiled)
    assert len(snapshots(found)) == 3 * len(posts(found))


@pytest.mark.parametrize(
    ("statistics", "outcome"),
    [
        ({"subscriberCount": "-1"}, "invalid_field"),
        ({"subscriberCount": "many"}, "invalid_field"),
        ({"subscriberCount": "9" * 30}, "invalid_field"),
        ({"hiddenSubscriberCount": "no"}, "invalid_field"),
        ([], "invalid_field"),
        ({}, "unavailable"),
        ({"subscriberCount": "0"}, "known"),
    ],
)
def test_subscribers_are_told_or_refused(statistics: object, outcome: str) -> None:
    answer = answered({"items": [{"id": CHANNEL, "statistics": statistics}]})
    found = list(responses.followers(CHANNEL, "2026-09-21", page(answer), answer))
    assert [one.value_state for one in snapshots(found)] + reasons(found) == [outcome]


@pytest.mark.parametrize("item", [None, 7, {}, {"contentDetails": {}}, {"contentDetails": {"videoId": "a,b"}}])
def test_an_upload_without_a_usable_id_costs_only_itself(item: object) -> None:
    listing = page(answered({"items": [item, {"contentDetails": {"videoId": VIDEO}}]}))
    found, spoiled = responses.video_ids(CHANNEL, listing)
    assert (found, len(reasons(spoiled))) == ([VIDEO], 1)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"<html>", b"\xff", b'{"items":7}', b'{"nextPageToken":7}', b"[" * 9]
)
def test_an_answer_that_is_no_listing_ends_the_poll(body: bytes) -> None:
    with pytest.raises(PollFailed, match="no_listing"):
        page(Answer(body, AS_OF, receipt()))


@pytest.mark.parametrize(
    ("status", "body", "action", "code"),
    [
        (200, b"<html>", "retry", "not_json"),
        (502, b"<html>", "retry", "http_502"),
        (503, b"", "retry", "http_503"),
        (408, b"", "retry", "http_408"),
        (429, b"", "wait", "http_429"),
        (403, b"<html>", "forbidden", "http_403"),
        (401, b"{}", "reauthorise", "http_401"),
        (404, b'{"error":{}}', "refuse", "http_404"),
        (400, b'{"error":{"errors":[{"reason":"a b\\n"}]}}', "refuse", "http_400"),
        (200, b'{"error":{"errors":[{"reason":"quotaExceeded"}]}}', "wait", "quotaExceeded"),
        (403, b'{"error":{"errors":[{"reason":"somethingNew"}]}}', "forbidden", "somethingNew"),
        (403, b'{"error":{"errors":7}}', "forbidden", "http_403"),
    ],
)
def test_an_error_that_is_not_documented_is_judged_by_its_status(
    status: int, body: bytes, action: str, code: str
) -> None:
    found = failure(status, body)
    assert found is not None
    assert (found.action, found.code) == (action, code)


def test_a_dead_letter_holds_the_item_alone_and_does_not_tell_what_is_in_it() -> None:
    config = Config(accounts=(account(),))
    intake = Intake(config, load(), "an identity key", SEALER, Records(Partitions()))
    spoiled: list[Part] = threads(thread(comment(textDisplay="canary", publishedAt="never")))[1]
    (letter,) = letters(intake.batch("youtube", "poll", RECEIVED_AT, "poll", spoiled))
    record = codec.encode(letter)
    assert letter.reason == "invalid_time"
    assert b"canary" not in record
    assert PERSON.encode() not in record
    sealed: dict[str, Any] = json.loads(SEALER.open(letter.sealed))
    assert sealed["snippet"]["topLevelComment"]["snippet"]["textDisplay"] == "canary"
