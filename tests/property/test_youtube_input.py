"""Laws of what YouTube answers: whatever comes in, something comes out; and what is read twice is one fact."""

import json
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from hypothesis import given
from hypothesis import strategies as st

from contracts.events import EngagementEvent, Post, Snapshot, Wake
from contracts.outcome import Keep, Refuse
from contracts.reasons import DEAD_LETTERS
from ingest.platforms import Answer, Failure, Part, PollFailed
from ingest.platforms.youtube import paging, responses
from ingest.platforms.youtube.errors import failure
from ingest.platforms.youtube.push import parse
from tests.property.test_facebook_input import anything, ids
from tests.unit.ingest.youtube import AS_OF, CHANNEL, RECEIVED_AT, VIDEO, answered, comment, receipt, thread, threads

KEYS = ("id", "snippet", "statistics", "contentDetails", "replies", "topLevelComment", "publishedAt", "viewCount")
plausible = st.sampled_from(("7", 7, -1, "vid1", "2026-09-20T10:00:00Z", "PT1M", [], {}))
items = st.recursive(
    plausible | anything, lambda inner: st.dictionaries(st.sampled_from(KEYS), inner, max_size=5), max_leaves=12
)
comments = st.builds(
    lambda name, author, text: comment(name, authorChannelId=author, textDisplay=text),
    ids,
    st.none() | anything,
    st.none() | anything | st.text(),
)
documents = st.fixed_dictionaries({"items": st.lists(items | comments.map(thread), max_size=4) | anything}) | anything


def read(answer: Answer) -> list[Part]:
    """Everything that any of the readings would make of an answer."""
    try:
        page = paging.page(answer)
    except PollFailed:
        return []
    videos, spoiled = responses.videos(CHANNEL, page, answer)
    found = [part for _, parts in videos for part in parts] + spoiled
    found += responses.followers(CHANNEL, "2026-09-21", page, answer)
    found += responses.video_ids(CHANNEL, page)[1]
    responses.uploads(page)
    for said, bad in (
        responses.threads(CHANNEL, VIDEO, page, answer),
        responses.replies(CHANNEL, VIDEO, "Ugx1", page, answer),
    ):
        found += [Part(Keep(one.added), CHANNEL, person=one.person) for one in said] + bad
    return found


def checked(found: list[Part]) -> None:
    for part in found:
        match part.outcome:
            case Keep(fact):
                assert isinstance(fact, EngagementEvent | Post | Snapshot | Wake)
                assert fact.account_id == CHANNEL
                for record in (fact, part.person):
                    for name in record.__struct_fields__ if record is not None else ():
                        told = getattr(record, name)
                        for text in told if isinstance(told, tuple) else (told,):
                            assert not isinstance(text, str) or b"\0" not in text.encode()
            case Refuse(reason, _):
                assert reason in DEAD_LETTERS
                assert part.body or part.whole


@given(st.binary(max_size=200))
def test_any_bytes_become_outcomes_or_no_listing(body: bytes) -> None:
    checked(read(Answer(body, AS_OF, receipt(keep_text=True, keep_names=True))))


@given(documents)
def test_any_json_becomes_outcomes_or_no_listing(document: object) -> None:
    checked(read(answered(document, keep_text=True, keep_names=True)))


words = st.sampled_from(("entry", "at:deleted-entry", "at:by", "uri", "yt:videoId", "yt:channelId", "published"))
texts = (
    st.sampled_from(("UC1", "https://www.youtube.com/channel/UC1", "yt:video:v", "2026-09-20T10:00:00Z")) | st.text()
)
elements = st.recursive(
    texts.map(escape),
    lambda inner: st.builds(
        lambda word, ref, when, below: f"<{word} ref={quoteattr(ref)} when={quoteattr(when)}>{''.join(below)}</{word}>",
        words,
        texts,
        texts,
        st.lists(inner, max_size=5),
    ),
    max_leaves=12,
)
SPACES = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:yt="http://www.youtube.com/xml/schemas/2015" '
    'xmlns:at="http://purl.org/atompub/tombstones/1.0"'
)


@given(
    st.binary(max_size=200) | st.lists(elements).map(lambda found: f"<feed {SPACES}>{''.join(found)}</feed>".encode())
)
def test_any_notification_becomes_outcomes(body: bytes) -> None:
    """What is refused of it is refused for the same when it comes alone."""
    found = list(parse(body, receipt(channel="webhook")))
    checked(found)
    for part in found:
        if isinstance(part.outcome, Refuse) and not part.whole:
            (again,) = parse(part.body, receipt(channel="webhook"))
            assert again.outcome == part.outcome


@given(st.integers(100, 599), st.binary(max_size=200) | anything.map(lambda found: json.dumps(found).encode()))
def test_any_error_calls_for_something(status: int, body: bytes) -> None:
    found = failure(status, body)
    assert found is None or isinstance(found, Failure)
    if status != 200:
        assert found is not None


@given(
    name=ids,
    author=st.none() | ids,
    second=st.integers(1_072_915_200, RECEIVED_AT // 1000 - 100),
    edits=st.lists(st.integers(0, 90), min_size=2, max_size=2),
    texts=st.lists(st.text(), min_size=2, max_size=2),
    is_reply=st.booleans(),
)
def test_a_comment_that_is_read_twice_is_one_fact(
    name: str, author: str | None, second: int, edits: list[int], texts: list[str], is_reply: bool
) -> None:
    """Whatever was edited between the readings: the add is the same fact, and each edit one of its own."""
    adds, updates = set(), set()
    for poll, (edit, text) in enumerate(zip(edits, texts, strict=True)):
        when = (datetime.fromtimestamp(moment, UTC).isoformat() for moment in (second, second + edit))
        published, updated = when
        who = None if author is None else {"value": author}
        one = comment(name, authorChannelId=who, textDisplay=text, publishedAt=published, updatedAt=updated)
        whole = thread(comment("another"), one) if is_reply else thread(one)
        found, spoiled = threads(whole, source_id=f"poll {poll}")
        assert spoiled == []
        said = found[-1]
        fact = said.added
        adds.add((fact.event_id, fact.interaction_key, fact.occurred_at, fact.actor_id, fact.parent_id))
        if said.edited:
            updates.add((said.edited.event_id, said.edited.occurred_at))
    assert len(adds) == 1
    assert {at for _, at in updates} == {(second + edit) * 1000 for edit in edits if edit}
    assert len(updates) == len({edit for edit in edits if edit})
