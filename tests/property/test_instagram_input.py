"""Laws of the parser: whatever comes in, something comes out; and one fact has one id, however it came."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from contracts.events import EngagementEvent, Post, Snapshot
from contracts.outcome import Drop, Keep, Refuse
from contracts.reasons import DEAD_LETTERS, DROPS
from ingest.meta.listing import page
from ingest.platforms import Answer, Part
from ingest.platforms.instagram import responses
from ingest.platforms.instagram.parse import parse
from tests.property.test_facebook_input import anything, ids, is_json
from tests.unit.ingest.instagram import (
    ACCOUNT,
    MEDIA,
    PERSON,
    RECEIVED_AT,
    SENT,
    change,
    comment,
    delivery,
    event_of,
    flat,
    only,
    parts,
    receipt,
)

FIELDS = ("comments", "live_comments", "mentions", "story_insights", "messages")
KEYS = ("id", "comment_id", "media_id", "parent_id", "text", "from", "media", "reach", "exits", "replies")
plausible = st.sampled_from(("1791", 1791, MEDIA, ACCOUNT, -1, 0, 7, PERSON, {"id": MEDIA, "ad_id": "1"}, "hello"))
values = st.dictionaries(st.sampled_from(KEYS), plausible | anything, max_size=8)
fields = st.sampled_from(FIELDS) | anything
changes = st.fixed_dictionaries({"field": fields, "value": values | anything}) | anything
some_changes = st.lists(changes, max_size=4) | anything
times = st.sampled_from((SENT, SENT * 1000)) | anything
entries = st.fixed_dictionaries({"id": st.just(ACCOUNT) | anything, "time": times, "changes": some_changes})
flat_entries = st.fixed_dictionaries(
    {"id": st.just(ACCOUNT), "time": times, "field": fields, "value": values | anything}
)
some_entries = st.lists(entries | flat_entries | anything, max_size=3) | anything
envelopes = st.fixed_dictionaries({"object": st.just("instagram") | anything, "entry": some_entries})
documents = envelopes | st.lists(envelopes, max_size=3) | anything


def checked(found: list[Part]) -> None:
    for part in found:
        match part.outcome:
            case Keep(fact):
                assert isinstance(fact, EngagementEvent | Post | Snapshot)
                assert fact.account_id == ACCOUNT
            case Drop(reason):
                assert reason in DROPS
            case Refuse(reason, _):
                assert reason in DEAD_LETTERS
                assert part.body or part.whole


@given(st.binary(max_size=200))
def test_any_bytes_become_outcomes(body: bytes) -> None:
    checked(list(parse(body, receipt())))


@given(documents)
def test_any_json_becomes_outcomes_and_each_refusal_refuses_itself_again(document: object) -> None:
    found = parts(json.dumps(document).encode())
    checked(found)
    for part in found:
        if isinstance(part.outcome, Refuse) and not part.whole:
            (again,) = parts(part.body)
            assert again.outcome == part.outcome


@given(documents)
def test_what_leaves_is_utf_8_without_nul(document: object) -> None:
    for part in parts(json.dumps(document).encode(), keep_text=True, keep_names=True):
        for record in (part.outcome.value if isinstance(part.outcome, Keep) else None, part.person):
            for name in record.__struct_fields__ if record is not None else ():
                found = getattr(record, name)
                for text in found if isinstance(found, tuple) else (found,):
                    assert not isinstance(text, str) or b"\0" not in text.encode()


@given(st.lists(st.tuples(changes.filter(is_json), st.integers(0, 20)), max_size=4))
def test_a_change_means_the_same_wherever_it_stands(spoiled: list[tuple[object, int]]) -> None:
    mixed: list[object] = [change(comment(id=f"c{n}")) for n in range(20)]
    for one, place in spoiled:
        mixed.insert(place, one)

    def of(some: list[object]) -> list[Part]:
        entry = {"id": ACCOUNT, "time": SENT, "changes": some}
        return parts(json.dumps({"object": "instagram", "entry": [entry]}).encode())

    assert [part.outcome for part in of(mixed)] == [part.outcome for one in mixed for part in of([one])]


@given(st.sampled_from(FIELDS), values.filter(is_json))
def test_a_change_means_the_same_in_either_envelope(field: str, value: dict[str, object]) -> None:
    pushed, flattened = parts(delivery(value, field=field)), parts(flat(value, field=field))
    assert [part.outcome for part in pushed] == [part.outcome for part in flattened]


@given(
    name=ids,
    media=ids,
    parent=st.none() | ids,
    author=st.none() | ids,
    second=st.integers(1_072_915_200, SENT),
    text=st.none() | st.text(),
    is_flat=st.booleans(),
)
def test_a_comment_is_one_fact_whether_pushed_or_polled(
    name: str, media: str, parent: str | None, author: str | None, second: int, text: str | None, is_flat: bool
) -> None:
    """A poll knows exactly when it was said, a webhook about when: nothing else differs, and the id does not."""
    said = comment(id=name, media={"id": media}, parent_id=parent, text=text, from_={"id": author} if author else None)
    pushed = event_of(only(flat(said) if is_flat else delivery(said)))
    item = {name: given for name, given in said.items() if name != "media"}
    item["timestamp"] = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
    answer = Answer(json.dumps({"data": [item]}).encode(), RECEIVED_AT, receipt(channel="poll"))
    found, _ = responses.comments(ACCOUNT, media, page(answer), answer)
    polled: EngagementEvent = found[0].added
    differing = {
        field for field in EngagementEvent.__struct_fields__ if getattr(pushed, field) != getattr(polled, field)
    }
    assert differing <= {"occurred_at", "occurred_quality", "channel"}
    assert (polled.occurred_at, polled.occurred_quality) == (second * 1000, "exact")


@given(st.sampled_from(("comments", "mentions")), st.integers(SENT, SENT + 200), st.integers(SENT, SENT + 200))
def test_a_redelivery_at_another_time_has_the_same_ids(field: str, sent: int, sent_again: int) -> None:
    first, again = (
        event_of(only(delivery(comment(media_id=MEDIA), time=at, field=field))) for at in (sent, sent_again)
    )
    assert first.event_id == again.event_id
