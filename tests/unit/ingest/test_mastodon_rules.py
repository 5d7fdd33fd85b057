"""What Mastodon's notifications, statuses and threads mean, and what is wrong with those that mean nothing."""

import json
from datetime import UTC
from typing import Any

import pytest
from msgspec import Raw

from contracts.config import Polling
from contracts.events import Listing, Post, Snapshot, Wake
from contracts.outcome import Keep, Refuse
from contracts.platforms import unsent
from ingest.platforms import Answer, Failure, Gap, Job, Known, Message, PollFailed, Request, Resume, State
from ingest.platforms.mastodon import errors, paging, readings, responses, stream
from ingest.subjects import Subjects
from tests.unit.ingest.graph import drive_all
from tests.unit.ingest.mastodon import (
    ACCOUNT,
    ANN,
    AS_OF,
    BRAND,
    POST,
    account,
    answer,
    answered,
    events,
    fixture,
    kept,
    notification,
    parts,
    receipt,
    words,
)

BASE = "https://here.example"
NOW = 1_790_000_100_000


def job(**known: Known) -> Job:
    everything = {name: Known() for name in ("account", "posts", "comments", "notifications")} | known
    return Job(account(), UTC, Polling(), BASE, NOW, everything)


# -- notifications ---------------------------------------------------------------------------------------------------


def test_each_kind_of_notification_is_what_was_done() -> None:
    found = [part for one in fixture("notifications") for part in parts(one)]
    told = [(one.kind, one.interaction_key, one.post_id, one.actor_id) for one in events(found)]
    assert told == [
        ("reaction", "reaction|1031|<ann@remote.example>", POST, "<ann@remote.example>"),
        ("share", "share|1031|<bob@here.example>", POST, "<bob@here.example>"),
        ("follow", f"follow|{ACCOUNT}|<ann@remote.example>", None, "<ann@remote.example>"),
        ("mention", "mention|1041", None, "<ann@remote.example>"),
        ("share", "share|1043", POST, "<bob@here.example>"),
    ]
    assert [one for one in kept(found) if isinstance(one, Wake)] == [
        Wake(1, f"mastodon:{ACCOUNT}:posts", "mastodon", ACCOUNT, receipt().received_at)
    ]
    assert words(found) == ["taken_back", "own_answer", "unsubscribed_field"]


def test_a_favourite_is_a_like_at_the_second_it_was_given() -> None:
    (event,) = events(parts(notification()))
    assert (event.reaction, event.reaction_native, event.version_key) == ("like", "favourite", "like:1789997358000")
    assert (event.occurred_at, event.occurred_quality, event.actor_is_owner) == (1_789_997_358_000, "exact", False)


def test_one_that_is_given_again_is_another_fact_of_the_same_relation() -> None:
    (first,) = events(parts(notification()))
    (second,) = events(parts(notification(id="9", created_at="2026-09-21T13:30:00.000Z")))
    assert first.interaction_key == second.interaction_key
    assert first.event_id != second.event_id


def test_the_stream_and_the_list_tell_the_same_fact() -> None:
    text = json.dumps(notification()).encode()
    frame = stream.read(Message(text, "notification"), receipt(), Subjects())
    (streamed,) = events(list(frame.parts))
    (listed,) = events(parts(notification(), channel="poll", source_id="another"))
    assert streamed.event_id == listed.event_id
    assert (frame.position, frame.at) == ("7", 1_789_997_358_903)


@pytest.mark.parametrize("event", ["", "update", "delete", "status.update", "notifications_merged", "filters_changed"])
def test_the_stream_brings_nothing_else(event: str) -> None:
    frame = stream.read(Message(b"1031", event), receipt(), Subjects())
    assert words(list(frame.parts)) == ["unsubscribed_field"]


def test_the_token_travels_in_a_header_alone() -> None:
    address = stream.connect(Resume([account()], None, 0, False, "canary"))
    assert "canary" not in address.path
    assert (list(address.params), dict(address.headers)) == ([], {"Authorization": "Bearer canary"})


def test_a_mention_keeps_what_was_said_without_the_markup() -> None:
    mention = next(one for one in fixture("notifications") if one["id"] == "34975532")
    (event,) = events(parts(mention, keep_text=True))
    assert (event.text, event.text_length, event.hashtags, event.mentions) == (
        "Look: @brand #Tea",
        17,
        ("tea",),
        ("brand",),
    )
    (event,) = events(parts(mention))
    assert event.text is None


def test_what_the_account_itself_does_is_the_owners() -> None:
    (event,) = events(parts(notification(account=BRAND)))
    assert event.actor_is_owner


BAD = {
    "nobody": (notification(account=None), ("missing_field", "account")),
    "no name": (notification(account={"id": "1"}), ("missing_field", "account.acct")),
    "no id": (notification(account={"acct": "a@b.example"}), ("missing_field", "account.id")),
    "a name that is none": (notification(account=ANN | {"acct": "a b@c"}), ("invalid_field", "account.acct")),
    "a name with a NUL": (notification(account=ANN | {"acct": "a\0@c"}), ("invalid_text", "account.acct")),
    "half a surrogate": (notification(account=ANN | {"acct": "\ud800@c"}), ("invalid_text", "account.acct")),
    "a name here without a server": (
        notification(account=ANN | {"acct": "a", "url": None}),
        ("missing_field", "account.url"),
    ),
    "an address that is none": (
        notification(account=ANN | {"acct": "a", "url": "http://["}),
        ("missing_field", "account.url"),
    ),
    "no time": (notification(created_at=None), ("missing_field", "created_at")),
    "a time that is none": (notification(created_at="yesterday"), ("invalid_time", "created_at")),
    "a time without a zone": (notification(created_at="2026-09-21T13:29:18"), ("invalid_time", "created_at: no zone")),
    "a time to come": (notification(created_at="2036-09-21T13:29:18Z"), ("future_time", "created_at")),
    "a time before all of it": (notification(created_at="1999-09-21T13:29:18Z"), ("invalid_time", "created_at")),
    "no status id": (notification(status={"account": BRAND}), ("missing_field", "status.id")),
    "a number for an id": (notification(status={"id": 7}), ("invalid_field", "$.status.id")),
    "a text for a status": (notification(status="1031"), ("invalid_field", "$.status")),
    "a quote of nothing": (notification(type="quote"), ("missing_field", "quote.quoted_status.id")),
    "a list": ([], ("invalid_field", "$")),
    "a long text": (
        notification(type="mention", status={"id": "1", "content": "a" * 70_000}),
        ("oversized", "content: 70000 characters"),
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_notification_costs_only_itself(kind: str) -> None:
    bad, expected = BAD[kind]
    (part,) = parts(bad)
    assert isinstance(part.outcome, Refuse)
    assert (part.outcome.reason, part.outcome.detail) == expected
    good = [notification(id=str(number)) for number in range(1, 501)]
    plan = readings.plan_notifications(job())
    _, found, state = drive_all(plan, lambda _request: [*good[:250], bad, *good[250:]])
    assert (len(events(found)), words(found)) == (500, [expected[0]])
    assert state == {"newest": "1"}


@pytest.mark.parametrize(
    ("content", "length"),
    [("<![x[", 5), ("<" * 60_000, 60_000), ("<a " * 20_000, 60_000), ("</" * 30_000, 60_000), ("&#x110000;", 1)],
)
def test_markup_that_is_none_is_text(content: str, length: int) -> None:
    (event,) = events(parts(notification(type="mention", status={"id": "1", "content": content})))
    assert event.text_length == length


def test_a_character_of_an_impossible_number_costs_only_its_status() -> None:
    content = "&#" + "9" * 5_000 + ";"
    (part,) = parts(notification(type="mention", status={"id": "1", "content": content}))
    assert part.outcome == Refuse("invalid_text", "content")


def test_a_message_that_is_no_json_is_put_aside() -> None:
    frame = stream.read(Message(b'{"id": "7"', "notification"), receipt(), Subjects())
    assert words(list(frame.parts)) == ["unreadable_body"]


# -- pages -----------------------------------------------------------------------------------------------------------

REQUEST = Request("/api/v1/notifications?types[]=follow", {"limit": "80", "min_id": "1"})
HERE = f"{BASE}/api/v1/notifications"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (f'<{HERE}?limit=80&max_id=5>; rel="next", <{HERE}?min_id=9>; rel="prev"', {"limit": "80", "min_id": "9"}),
        (f'<{HERE}?limit=80&max_id=5>; rel="next"', None),
        (f'<{HERE}>; rel="prev"', None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_the_next_page_is_the_one_that_the_header_names(link: str, expected: dict[str, str] | None) -> None:
    following = paging.following(REQUEST, answered([], link), "prev", BASE)
    assert (None if following is None else dict(following.params)) == expected
    assert following is None or following.path == REQUEST.path


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/api/v1/notifications?min_id=9",
        "https://here.example:8443/api/v1/notifications?min_id=9",
        "https://here.example/api/v1/accounts?min_id=9",
        "//169.254.169.254/api/v1/notifications?min_id=9",
        "file:///etc/passwd?min_id=9",
    ],
)
def test_a_link_that_leads_elsewhere_is_not_followed(address: str) -> None:
    with pytest.raises(PollFailed, match="foreign_link"):
        paging.following(REQUEST, answered([], f'<{address}>; rel="prev"'), "prev", BASE)


def walked(pages: dict[str | None, tuple[list[object], str]], known: State) -> tuple[list[Request], State, int]:
    """Requests, state and number of events of a reading; `pages`: by the id that is asked for, with their links."""
    plan = readings.plan_notifications(job(notifications=Known(state=known)))
    (reading,) = plan.readings
    asked: list[Request] = []
    told: Answer | None = None
    found = 0
    while True:
        try:
            step = reading.send(told)
        except StopIteration as end:
            return asked, end.value, found
        told = None
        if isinstance(step, Request):
            asked.append(step)
            body, link = pages[step.params.get("min_id") or step.params.get("max_id")]
            told = answered(body, link)
        else:
            found += len(getattr(step, "parts", ()))


def test_what_came_since_the_last_time_is_read_forward_without_a_gap() -> None:
    pages: dict[str | None, tuple[list[object], str]] = {
        "5": ([notification(id="7"), notification(id="6")], f'<{HERE}?min_id=7>; rel="prev"'),
        "7": ([notification(id="8")], f'<{HERE}?min_id=8>; rel="prev"'),
        "8": ([], ""),
    }
    asked, state, found = walked(pages, {"newest": "5"})
    assert [request.params["min_id"] for request in asked] == ["5", "7", "8"]
    assert (state, found) == ({"newest": "8"}, 3)


def test_the_first_time_it_is_read_back_as_far_as_is_followed() -> None:
    old = notification(id="1", created_at="2026-07-01T00:00:00.000Z")
    pages: dict[str | None, tuple[list[object], str]] = {
        None: ([notification(id="8")], f'<{HERE}?max_id=8>; rel="next", <{HERE}?min_id=8>; rel="prev"'),
        "8": ([old], f'<{HERE}?max_id=1>; rel="next"'),
    }
    asked, state, found = walked(pages, {})
    assert (len(asked), state, found) == (2, {"newest": "8"}, 2)


def test_pages_that_lead_in_a_circle_end_the_poll() -> None:
    page: tuple[list[object], str] = [notification()], f'<{HERE}?min_id=5>; rel="prev"'
    with pytest.raises(PollFailed, match="paging_loop"):
        walked({"5": page}, {"newest": "5"})


def test_a_gap_of_the_stream_is_read_back_with_some_of_what_came_before() -> None:
    plan = readings.backfill(job(), Gap("7", NOW - 1_000, NOW))
    asked, found, _ = drive_all(plan, lambda _request: [notification()])
    assert ("min_id" in asked[0].params, len(events(found))) == (False, 1)


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"7", b"\xff"])
def test_what_is_no_list_ends_the_poll(body: bytes) -> None:
    with pytest.raises(PollFailed, match="no_listing"):
        paging.items(Answer(body, AS_OF, receipt()))


# -- statuses and threads --------------------------------------------------------------------------------------------


def test_a_status_that_answers_nobody_is_a_post_with_its_counters() -> None:
    found, spoiled = responses.posts(ACCOUNT, paging.items(answered(fixture("statuses"))), answered([]))
    assert (spoiled, [one.status_id for one, _ in found]) == ([], [POST, "1029"])
    first, *counters = kept(found[0][1])
    assert isinstance(first, Post)
    assert (first.format, first.text_length, first.permalink) == ("media", 52, "https://here.example/@brand/1031")
    assert (first.hashtags, first.mentions, first.links) == (("tea",), ("bob",), ("https://shop.example/p/1",))
    assert (first.published_at, first.platform_updated_at) == (1_789_984_800_000, 1_789_986_600_000)
    assert [(one.metric, one.value) for one in counters if isinstance(one, Snapshot)] == [
        ("likes", 4),
        ("reposts", 2),
        ("quotes", 1),
        ("direct_comments", 3),
        ("shares", 3),
    ]
    second, *counters = kept(found[1][1])
    assert (second.format, second.text_length) == ("poll", 0)
    assert [(one.metric, one.value, one.value_state) for one in counters] == [
        ("likes", 0, "known"),
        ("reposts", 0, "known"),
        ("direct_comments", 0, "known"),
        ("shares", 0, "known"),
    ]


def test_a_missing_counter_is_unknown_and_a_wrong_one_refused() -> None:
    one = fixture("statuses")[0]
    without = {name: value for name, value in one.items() if name != "favourites_count"}
    ((_, told),), _ = responses.posts(ACCOUNT, [Raw(json.dumps(without).encode())], answered([]))
    likes = next(fact for fact in kept(told) if isinstance(fact, Snapshot) and fact.metric == "likes")
    assert (likes.value, likes.value_state) == (None, "unavailable")
    wrong = Raw(json.dumps(one | {"favourites_count": -1}).encode())
    _, spoiled = responses.posts(ACCOUNT, [wrong], answered([]))
    assert words(spoiled) == ["invalid_field"]


def test_the_followers_are_the_figure_of_the_day() -> None:
    part = responses.followers(ACCOUNT, "2026-09-21", answered(fixture("account")))
    assert isinstance(part.outcome, Keep)
    told = part.outcome.value
    assert isinstance(told, Snapshot)
    assert (told.metric, told.value, told.window, told.post_id) == ("followers", 4321, "day:2026-09-21", None)


def test_a_thread_is_flat_below_its_first_answers() -> None:
    found, spoiled = responses.thread(ACCOUNT, POST, answered(fixture("context")))
    assert spoiled == []
    assert [(one.status_id, one.added.parent_id, one.added.post_id) for one in found] == [
        ("1042", None, POST),
        ("1050", "1042", POST),
        ("1051", "1042", POST),
    ]
    first, second, _ = found
    assert (second.added.actor_is_owner, first.added.url) == (True, "https://here.example/@bob/1042")
    assert first.edited is not None
    assert (first.edited.action, first.edited.version_key) == ("update", "1789998000000")
    assert second.edited is None


def read_thread(document: dict[str, Any], held: Listing | None) -> tuple[list[tuple[str, str]], Listing | None]:
    """(id, action) of each event, and what is remembered."""
    known = Known(state={POST: f"2@{NOW - 60_000}"} if held else {}, memory={POST: held} if held else {})
    posts = Known(state={POST: f"1@{NOW - 7_200_000}"})
    memory: dict[str, Listing | None] = {POST: held}
    plan = readings.plan_comments(job(posts=posts, comments=known))
    _, found, _ = drive_all(plan, lambda _request: document, memory)
    told: list[tuple[str, str]]
    told = [(one.interaction_key.removeprefix("comment|"), one.action) for one in events(found)]
    return told, memory[POST]


def test_an_answer_that_is_missing_twice_was_removed() -> None:
    told, held = read_thread({"descendants": [answer("1"), answer("2", "1")]}, None)
    assert (told, held) == ([("1", "add"), ("2", "add")], Listing({"1": None, "2": "1"}))
    told, held = read_thread({"descendants": [answer("1")]}, held)
    assert (told, held) == ([], Listing({"1": None, "2": "1"}, ("2",)))
    told, held = read_thread({"descendants": [answer("1")]}, held)
    assert (told, held) == ([("2", "remove")], Listing({"1": None}))


def test_one_that_comes_back_was_not_removed() -> None:
    held = Listing({"1": None, "2": "1"}, ("2",))
    assert read_thread({"descendants": [answer("1"), answer("2", "1")]}, held) == ([], Listing({"1": None, "2": "1"}))


def test_while_one_cannot_be_read_none_is_taken_to_be_removed() -> None:
    held = Listing({"1": None, "2": None}, ("2",))
    told, now = read_thread({"descendants": [answer("1"), answer("9", account=None)]}, held)
    assert (told, now) == ([], held)


def test_a_status_that_is_gone_costs_only_its_thread() -> None:
    posts = Known(state={POST: f"1@{NOW}"})
    plan = readings.plan_comments(job(posts=posts))
    _, found, state = drive_all(plan, lambda _request: Failure("refuse", "http_404"))
    assert (found, state) == ([], {})


def test_a_thread_whose_counter_stands_still_is_left_alone() -> None:
    posts = Known(state={POST: f"2@{NOW - 7_200_000}", "quiet": f"0@{NOW - 7_200_000}"})
    plan = readings.plan_comments(job(posts=posts, comments=Known(state={POST: f"2@{NOW - 60_000}"})))
    assert plan.readings == []
    assert set(plan.kept) == {POST, "quiet"}


# -- errors and limits -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, None),
        (401, Failure("reauthorise", "http_401")),
        (403, Failure("forbidden", "http_403")),
        (404, Failure("refuse", "http_404")),
        (410, Failure("refuse", "http_410")),
        (422, Failure("refuse", "http_422")),
        (429, Failure("wait", "http_429", until_reset=True)),
        (503, Failure("retry", "http_503")),
        (302, Failure("retry", "http_302")),
    ],
)
def test_an_error_calls_for_what_its_status_says(status: int, expected: Failure | None) -> None:
    assert errors.failure(status, b'{"error": "whatever"}') == expected


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-ratelimit-limit": "300"},
        {"x-ratelimit-limit": "many", "x-ratelimit-remaining": "1"},
        {"x-ratelimit-limit": "0", "x-ratelimit-remaining": "0"},
    ],
)
def test_a_limit_that_is_not_told_is_unknown(headers: dict[str, str]) -> None:
    assert errors.usage(headers) is None


@pytest.mark.parametrize("reset", ["soon", "2026-09-21T14:00:00Z", ""])
def test_a_reset_that_cannot_be_told_or_is_over_is_no_pause(reset: str) -> None:
    headers = {"x-ratelimit-limit": "300", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    usage = errors.usage(headers | {"date": "Mon, 21 Sep 2026 14:15:00 GMT"})
    assert usage is not None
    assert (usage.ratio, usage.regain_seconds) == (1.0, 0.0)


def test_it_sends_everything_but_reactions_to_answers() -> None:
    assert unsent("mastodon") == {"comment_reactions"}
