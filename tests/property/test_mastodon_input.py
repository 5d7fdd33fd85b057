"""Laws of what Mastodon sends: whatever comes in, something comes out; and what is told twice is one fact."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from contracts.events import EngagementEvent, Post, Snapshot, Wake
from contracts.outcome import Drop, Keep, Refuse
from contracts.reasons import DEAD_LETTERS, DROPS
from ingest.platforms import Answer, Failure, Message, Part, PollFailed, Usage
from ingest.platforms.mastodon import errors, paging, responses, stream
from ingest.platforms.mastodon.requests import TYPES, notifications
from ingest.subjects import Subjects
from tests.property.test_facebook_input import anything, ids
from tests.unit.ingest.mastodon import (
    ACCOUNT,
    ANN,
    AS_OF,
    BRAND,
    POST,
    RECEIVED_AT,
    answer,
    answered,
    events,
    notification,
    parts,
    receipt,
)

KEYS = ("id", "type", "created_at", "account", "acct", "url", "status", "content", "in_reply_to_id", "tags", "mentions")
plausible: st.SearchStrategy[object] = st.sampled_from(
    ("7", 7, -1, "2026-09-20T10:00:00Z", ACCOUNT, POST, "a@b.example", "<p>#x</p>", [], {}, None, ANN, BRAND, *TYPES)
)
items = st.recursive(
    plausible | anything, lambda inner: st.dictionaries(st.sampled_from(KEYS), inner, max_size=6), max_leaves=14
)
nearly = st.dictionaries(st.sampled_from(KEYS), plausible | anything, max_size=3).map(
    lambda some: notification() | some
)


def read(answer: Answer) -> list[Part]:
    """Everything that any of the readings, or the stream, would make of an answer."""
    found = [responses.followers(ACCOUNT, "2026-09-21", answer)]
    found += stream.read(Message(answer.body, "notification"), receipt(keep_text=True), Subjects()).parts
    try:
        listed = paging.items(answer)
    except PollFailed:
        listed = []
    for raw in listed:
        found += parts(json.loads(bytes(raw)), keep_text=True, keep_names=True)
    told, spoiled = responses.posts(ACCOUNT, listed, answer)
    found += [part for _, some in told for part in some] + spoiled
    try:
        said, bad = responses.thread(ACCOUNT, POST, answer)
    except PollFailed:
        return found
    return found + [Part(Keep(one.added), ACCOUNT, person=one.person) for one in said] + bad


def checked(found: list[Part]) -> None:
    for part in found:
        match part.outcome:
            case Keep(fact):
                assert isinstance(fact, EngagementEvent | Post | Snapshot | Wake)
                assert fact.account_id == ACCOUNT
                for record in (fact, part.person):
                    for name in record.__struct_fields__ if record is not None else ():
                        told = getattr(record, name)
                        for text in told if isinstance(told, tuple) else (told,):
                            assert not isinstance(text, str) or b"\0" not in text.encode()
            case Refuse(reason, _):
                assert reason in DEAD_LETTERS
            case Drop(reason):
                assert reason in DROPS


@given(st.binary(max_size=200))
def test_any_bytes_become_outcomes_or_no_listing(body: bytes) -> None:
    checked(read(Answer(body, AS_OF, receipt(keep_text=True, keep_names=True))))


@given(
    items | st.lists(items | nearly, max_size=4) | st.fixed_dictionaries({"descendants": st.lists(items, max_size=4)})
)
def test_any_json_becomes_outcomes_or_no_listing(document: object) -> None:
    checked(read(answered(document, keep_text=True, keep_names=True)))


@given(st.text(max_size=200) | st.text('<>;,=" relnxtpv:/?&_idma0', max_size=200))
def test_any_link_header_leads_to_the_same_path_or_nowhere(header: str) -> None:
    request = notifications(80, "1")
    for relation in ("next", "prev"):
        try:
            found = paging.following(request, answered([], header), relation, "https://here.example")
        except PollFailed:
            continue
        assert found is None or found.path == request.path


@given(
    st.integers(100, 599),
    st.binary(max_size=50),
    st.dictionaries(
        st.sampled_from(("date", *(f"x-ratelimit-{name}" for name in ("limit", "remaining", "reset")))),
        st.text(max_size=40),
    ),
)
def test_any_error_and_any_limit_call_for_something(status: int, body: bytes, headers: dict[str, str]) -> None:
    found = errors.failure(status, body)
    assert found is None if status == 200 else isinstance(found, Failure)
    usage = errors.usage(headers)
    assert usage is None or (isinstance(usage, Usage) and 0 <= usage.ratio <= 1 and usage.regain_seconds >= 0)


@given(kind=st.sampled_from(TYPES), status=ids, second=st.integers(1_072_915_200, RECEIVED_AT // 1000 - 100))
def test_what_is_told_twice_is_one_fact(kind: str, status: str, second: int) -> None:
    """By the stream and by the list, with another number of the notification and other counters."""
    made = datetime.fromtimestamp(second, UTC).isoformat()
    shown = {"id": status, "account": BRAND, "quote": {"quoted_status": {"id": POST}}}
    one = notification(id="1", type=kind, created_at=made, status=shown)
    other = notification(id="2", type=kind, created_at=made, status=shown | {"favourites_count": 7})
    told = events(parts(one)) + events(parts(other, channel="poll", source_id="poll"))
    assert len({(event.event_id, event.occurred_at, event.actor_id, event.post_id) for event in told}) == 1


@given(st.lists(st.integers(0, 90), min_size=2, max_size=2))
def test_an_answer_that_is_listed_twice_is_one_fact_and_each_edit_one_of_its_own(edits: list[int]) -> None:
    adds, updates = set(), set()
    for edit in edits:
        changed = datetime.fromtimestamp(1_789_997_100 + edit, UTC).isoformat()
        listed = answered({"descendants": [answer(edited_at=changed, content=f"<p>{edit}</p>")]})
        (said,), _ = responses.thread(ACCOUNT, POST, listed)
        adds.add((said.added.event_id, said.added.occurred_at))
        if said.edited:
            updates.add(said.edited.event_id)
    assert len(adds) == 1
    assert len(updates) == len({edit for edit in edits if edit})
