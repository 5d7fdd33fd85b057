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
from ingest.platforms.facebook import responses
from ingest.platforms.facebook.parse import parse
from tests.unit.ingest.facebook import PAGE, RECEIVED_AT, SENT, delivery, parts, receipt, value

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.text(st.characters(codec=None), max_size=5),  # half surrogate pairs too
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("item", "verb", "from", "sender_id", "user_id", "post_id", "parent_id", "comment_id", "share_id")
MORE = ("created_time", "edited_time", "message", "reaction_type")
WORDS = ("reaction", "like", "comment", "share", "status", "add", "edit", "edited", "remove", "hide", "love", "x")
plausible = st.sampled_from(WORDS) | st.sampled_from((PAGE, "1001_2001", SENT, {"id": "55"}))
values = st.dictionaries(st.sampled_from(FIELDS + MORE), plausible | anything, max_size=10)
changes = st.fixed_dictionaries({"field": st.just("feed") | anything, "value": values | anything}) | anything
some_changes = st.lists(changes, max_size=4) | anything
entries = st.fixed_dictionaries(
    {"id": st.just(PAGE) | anything, "time": st.just(SENT) | anything, "changes": some_changes}
)
some_entries = st.lists(entries | anything, max_size=3) | anything
envelopes = st.fixed_dictionaries({"object": st.just("page") | anything, "entry": some_entries})


def entry_of(changes: list[object]) -> bytes:
    return json.dumps({"object": "page", "entry": [{"id": PAGE, "time": SENT, "changes": changes}]}).encode()


def checked(found: list[Part]) -> None:
    for part in found:
        match part.outcome:
            case Keep(fact):
                assert isinstance(fact, EngagementEvent | Post | Snapshot)
                assert fact.account_id == PAGE
            case Drop(reason):
                assert reason in DROPS
            case Refuse(reason, _):
                assert reason in DEAD_LETTERS
                assert part.body or part.whole


@given(st.binary(max_size=200))
def test_any_bytes_become_outcomes(body: bytes) -> None:
    checked(list(parse(body, receipt())))


@given(envelopes | anything)
def test_any_json_becomes_outcomes_and_each_refusal_refuses_itself_again(document: object) -> None:
    body = json.dumps(document).encode()
    found = parts(body)
    checked(found)
    for part in found:
        if isinstance(part.outcome, Refuse) and not part.whole:
            (again,) = parts(part.body)
            assert again.outcome == part.outcome


@given(envelopes)
def test_what_leaves_is_utf_8_without_nul(document: object) -> None:
    for part in parts(json.dumps(document).encode(), keep_text=True):
        if isinstance(part.outcome, Keep):
            record = part.outcome.value
            for name in record.__struct_fields__:
                found = getattr(record, name)
                for text in found if isinstance(found, tuple) else (found,):
                    assert not isinstance(text, str) or b"\0" not in text.encode()


def is_json(change: object) -> bool:
    """Not a number only (NaN, Infinity) anywhere: those make a whole body unreadable, not one change of it."""
    try:
        json.dumps(change, allow_nan=False)
    except ValueError:
        return False
    return True


@given(st.lists(st.tuples(changes.filter(is_json), st.integers(0, 20)), max_size=4))
def test_a_change_means_the_same_wherever_it_stands(spoiled: list[tuple[object, int]]) -> None:
    good = [{"field": "feed", "value": value("comment", "add", comment_id=f"c{n}")} for n in range(20)]
    mixed: list[object] = list(good)
    for change, place in spoiled:
        mixed.insert(place, change)
    whole = parts(entry_of(mixed))
    alone = [part for change in mixed for part in parts(entry_of([change]))]
    assert [part.outcome for part in whole] == [part.outcome for part in alone]


ids = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=20)


@given(
    comment=ids,
    post=ids,
    parent=st.none() | ids,
    actor=st.none() | ids,
    second=st.integers(1_072_915_200, RECEIVED_AT // 1000),
    message=st.none() | st.text(),
)
def test_a_comment_has_one_id_whether_pushed_or_polled(
    comment: str, post: str, parent: str | None, actor: str | None, second: int, message: str | None
) -> None:
    pushed = _event(
        parts(
            delivery(
                value(
                    "comment",
                    "add",
                    comment_id=comment,
                    post_id=post,
                    parent_id=parent or post,
                    from_={"id": actor} if actor else None,
                    created_time=second,
                    message=message,
                )
            )
        )
    )
    item: dict[str, object] = {
        "id": comment,
        "created_time": datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }
    item |= {"parent": {"id": parent}} if parent else {}
    item |= {"from": {"id": actor}} if actor else {}
    item |= {"message": message} if message is not None else {}
    answer = Answer(json.dumps({"data": [item]}).encode(), RECEIVED_AT, receipt(channel="poll"))
    polled = _event(list(responses.comments(PAGE, post, page(answer), answer)))
    for name in ("event_id", "interaction_key", "version_key", "actor_id", "occurred_at", "parent_id", "target_id"):
        assert getattr(pushed, name) == getattr(polled, name)
    assert (pushed.text_length, pushed.hashtags) == (polled.text_length, polled.hashtags)


@given(
    st.sampled_from(("reaction", "comment", "share", "like")),
    st.sampled_from(("add", "edit", "remove")),
    st.integers(SENT, SENT + 200),
    st.integers(SENT, SENT + 200),
)
def test_a_redelivery_at_another_time_has_the_same_ids(item: str, verb: str, sent: int, sent_again: int) -> None:
    first, again = (parts(delivery(value(item, verb), time=at)) for at in (sent, sent_again))
    for one, other in zip(first, again, strict=True):
        if isinstance(one.outcome, Keep) and isinstance(other.outcome, Keep):
            assert _event([one]).event_id == _event([other]).event_id
        else:
            assert one.identity == other.identity


def _event(found: list[Part]) -> EngagementEvent:
    (part,) = found
    assert isinstance(part.outcome, Keep), part.outcome
    assert isinstance(part.outcome.value, EngagementEvent)
    return part.outcome.value
