"""Laws of what Bluesky sends: whatever comes in, something comes out; and no history of records can be told wrongly."""

import json
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from contracts.events import EngagementEvent, Post, Snapshot
from contracts.outcome import Drop, Keep, Refuse
from contracts.reasons import DEAD_LETTERS, DROPS
from ingest.platforms import Answer, Failure, Gap, Message, Part, PollFailed
from ingest.platforms.bluesky import responses
from ingest.platforms.bluesky.errors import failure, usage
from ingest.platforms.bluesky.jetstream import read
from ingest.platforms.bluesky.posts import claimed
from ingest.platforms.bluesky.uris import parse
from ingest.streaming.place import Place
from ingest.streaming.sse import Events, TooLarge
from ingest.subjects import Subjects
from tests.property.test_facebook_input import anything
from tests.unit.ingest.bluesky import AS_OF, OWNER, POST, Stream, deleted, events, left, like, receipt

KEYS = (
    *("did", "time_us", "kind", "commit", "operation", "collection", "rkey", "record", "subject", "uri", "reply"),
    *("root", "parent", "embed", "facets", "features", "account", "status", "text", "createdAt", "$type"),
    *("post", "replies", "thread", "feed", "likes", "posts", "cursor", "actor", "indexedAt", "likeCount"),
)
plausible = st.sampled_from(
    (
        *(POST, OWNER, "create", "delete", "commit", "account", "deleted", "app.bsky.feed.like", "app.bsky.feed.post"),
        *("app.bsky.graph.follow", 1_790_000_000_123_456, "2026-09-20T10:00:00Z", 7, [], {}, "3l1"),
    )
)
documents = st.recursive(
    plausible | anything,
    lambda inner: st.dictionaries(st.sampled_from(KEYS), inner, max_size=7) | st.lists(inner),
    max_leaves=25,
)
commits = st.fixed_dictionaries(
    {
        "did": plausible,
        "time_us": st.just(1_790_000_000_123_456) | st.integers(),
        "kind": st.sampled_from(("commit", "account")),
        "commit": st.fixed_dictionaries(
            dict.fromkeys(("operation", "collection", "rkey"), plausible) | {"record": documents}
        ),
        "account": documents,
    }
)


def checked(found: list[Part]) -> None:
    for part in found:
        match part.outcome:
            case Keep(fact):
                assert isinstance(fact, EngagementEvent | Post | Snapshot)
                assert fact.account_id == OWNER
                for name in fact.__struct_fields__:
                    told = getattr(fact, name)
                    for text in told if isinstance(told, tuple) else (told,):
                        assert not isinstance(text, str) or b"\0" not in text.encode()
            case Refuse(reason, _):
                assert reason in DEAD_LETTERS
            case Drop(reason):
                assert reason in DROPS


def bodies(of: st.SearchStrategy[object]) -> st.SearchStrategy[bytes]:
    return of.map(lambda document: json.dumps(document).encode())


@given(st.binary(max_size=300) | bodies(documents) | bodies(commits))
def test_any_message_becomes_outcomes(body: bytes) -> None:
    frame = read(Message(body), receipt(keep_text=True), Subjects())
    checked(list(frame.parts))
    assert frame.position is None or int(frame.position) // 1000 == frame.at


@given(st.binary(max_size=300) | bodies(documents))
def test_any_answer_becomes_outcomes_or_no_listing(body: bytes) -> None:
    answer, post = Answer(body, AS_OF, receipt(keep_names=True)), parse(POST)
    assert post is not None
    checked([responses.followers(OWNER, "2026-09-21", answer)])
    try:
        page = responses.page(answer)
    except PollFailed:
        pass
    else:
        listed, spoiled = responses.feed(OWNER, page.feed, answer)
        checked(spoiled + [part for one in listed for part in responses.post(OWNER, one, answer)])
        checked([part for _, part in responses.likes(OWNER, post, page.likes, answer)])
        checked([part for _, part in responses.said(OWNER, page.posts, answer)])
    try:
        below, spoiled = responses.replies(OWNER, answer)
    except PollFailed:
        return
    checked(spoiled + [part for _, part in responses.said(OWNER, below, answer)])


@given(st.integers(100, 599), st.binary(max_size=200) | bodies(anything))
def test_any_error_calls_for_something(status: int, body: bytes) -> None:
    found = failure(status, body)
    assert found is None or isinstance(found, Failure)
    assert found is not None or status == 200


@given(
    st.dictionaries(st.sampled_from(("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "date")), st.text())
)
def test_any_headers_are_a_limit_or_none(headers: dict[str, str]) -> None:
    found = usage(headers)
    assert found is None or 0 <= found.ratio <= 1


@given(st.text() | st.datetimes().map(lambda moment: moment.isoformat()) | anything)
def test_any_claim_is_a_number(text: object) -> None:
    assert isinstance(claimed(text), int)


deeds = st.lists(
    st.tuples(st.sampled_from(("like", "unlike", "leave")), st.sampled_from("ab"), st.integers(0, 3)), max_size=25
)


@given(deeds)
def test_likes_stand_by_person_as_long_as_one_record_of_theirs_does(history: list[tuple[str, str, int]]) -> None:
    """Whatever is liked, liked twice, taken back or left: adds and removals alternate to what truly stands."""
    stream = Stream()
    records: set[tuple[str, int]] = set()
    standing: Counter[str] = Counter()
    for at, (verb, who, number) in enumerate(history):
        did = f"did:plc:{who}"
        before = {person for person, _ in records}
        if verb == "leave":
            told = events(stream.tell(left(at, did=did)))
            records = {record for record in records if record[0] != who}
        elif verb == "unlike":
            told = events(stream.tell(deleted("feed.like", f"3l{number}", at, did=did)))
            records.discard((who, number))
        else:
            if (who, number) in records:
                continue  # a key is used once at a time
            told = events(stream.tell(like(f"3l{number}", at, did=did, claimed=f"2026-09-21T10:00:{at:02}Z")))
            records.add((who, number))
        after = {person for person, _ in records}
        standing.update({who: 1 if who in after and who not in before else -1 if who in before - after else 0})
        assert {event.action for event in told} <= {"add" if verb == "like" else "remove"}
        assert bool([event for event in told if event.action == "remove"]) == (who in before - after)
        assert len(stream.subjects) == len(records)
    assert {who for who, number in standing.items() if number} == {who for who, _ in records}


pieces = st.lists(
    st.sampled_from((b"event: a", b"data: x", b"data:y", b":thump", b"\n", b"\r\n", b"\r", b"id: 7", b"data", b"\n\n"))
)


@given(pieces, st.lists(st.integers(1, 9), min_size=1))
def test_events_are_the_same_however_their_bytes_are_cut(lines: list[bytes], sizes: list[int]) -> None:
    whole = b"".join(lines)
    at_once = list(Events(10_000).feed(whole))
    events_, cut, place, turn = Events(10_000), [], 0, 0
    while place < len(whole):
        size = sizes[turn % len(sizes)]
        cut += list(events_.feed(whole[place : place + size]))
        place, turn = place + size, turn + 1
    assert cut == at_once


@given(st.binary(max_size=400))
def test_any_bytes_are_events_or_too_large(body: bytes) -> None:
    try:
        for message in Events(50).feed(body):
            assert len(message.body) <= 50 + body.count(b"\n") + body.count(b"\r")
    except TooLarge:
        assert len(body) > 50


positions = st.none() | st.text()
times = st.integers(0, 10**13)


@given(st.builds(Place, positions, st.none() | times, positions, st.none() | st.builds(Gap, positions, times, times)))
def test_a_cursor_keeps_a_place(place: Place) -> None:
    assert Place.of(place.state) == place
