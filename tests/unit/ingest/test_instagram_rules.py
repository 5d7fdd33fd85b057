"""Each rule of an Instagram webhook's fields, one sentence a test."""

import json

import pytest

from contracts.outcome import Keep, Refuse
from tests.unit.ingest.instagram import (
    ACCOUNT,
    MEDIA,
    PERSON,
    RECEIVED_AT,
    SENT,
    comment,
    delivery,
    dropped,
    flat,
    kept,
    only,
    parts,
    refusal,
    refused,
    said,
    snapshots,
)

# -- comments ----------------------------------------------------------------------------------------------------


def test_a_comment_is_named_by_its_id_and_happened_about_when_it_was_sent() -> None:
    event = said()
    assert (event.kind, event.action, event.interaction_key, event.version_key) == (
        "comment",
        "add",
        "comment|1791",
        "",
    )
    assert (event.post_id, event.target_id, event.parent_id) == (MEDIA, MEDIA, None)
    assert (event.occurred_at, event.occurred_quality) == (SENT * 1000, "approx")
    assert (event.actor_id, event.actor_is_owner) == ("<9001>", False)


def test_a_reply_has_the_comment_as_its_parent() -> None:
    event = said(parent_id="1790")
    assert (event.post_id, event.target_id, event.parent_id) == (MEDIA, "1790", "1790")


def test_a_parent_that_is_the_media_is_none() -> None:
    assert said(parent_id=MEDIA).parent_id is None


def test_the_id_may_have_its_other_name() -> None:
    assert said(id=None, comment_id="1791") == said()


@pytest.mark.parametrize(
    "author", [{"id": ACCOUNT}, {"id": "9500", "self_ig_scoped_id": ACCOUNT}, {"self_ig_scoped_id": int(ACCOUNT)}]
)
def test_the_accounts_own_comment_is_the_owners_whichever_id_says_so(author: dict[str, object]) -> None:
    assert said(from_=author).actor_is_owner


def test_a_person_with_a_scoped_id_of_their_own_is_a_person() -> None:
    event = said(from_=PERSON | {"self_ig_scoped_id": "9100"})
    assert (event.actor_id, event.actor_is_owner) == ("<9001>", False)


def test_a_comment_without_an_author_is_anonymous() -> None:
    assert (said(from_=None).actor_id, said(from_={"username": "ann"}).actor_id) == (None, None)


def test_a_comment_on_an_ad_belongs_to_the_ads_own_media() -> None:
    event = said(media={"id": "1805", "ad_id": "2385", "original_media_id": MEDIA})
    assert (event.post_id, event.ad_id, event.organic) == ("1805", "2385", "paid")
    assert (said().ad_id, said().organic) == (None, "unknown")


def test_a_comment_during_a_live_video_is_a_comment() -> None:
    assert kept(delivery(comment(), field="live_comments")) == said()


def test_of_a_text_only_length_and_signed_words_leave_this_process() -> None:
    event = said(text="Café with @ann.b #Spring_Sale")
    assert (event.text, event.text_length) == (None, 29)
    assert (event.mentions, event.hashtags) == (("ann.b",), ("spring_sale",))
    assert kept(delivery(comment(text="hi\0 \ud800")), keep_text=True).text == "hi \ufffd"


def test_names_are_told_only_where_they_are_kept() -> None:
    assert only(delivery(comment())).person is None
    person = only(delivery(comment()), keep_names=True).person
    assert person is not None
    assert (person.actor_id, person.name) == ("<9001>", "ann")
    assert person.profile_url == "https://www.instagram.com/ann/"


@pytest.mark.parametrize("name", [7, ["ann"], {}, None, ""])
def test_a_name_that_is_none_costs_the_name_and_not_the_comment(name: object) -> None:
    part = only(delivery(comment(from_={"id": "9001", "username": name})), keep_names=True)
    assert isinstance(part.outcome, Keep)
    assert part.person is None


# -- mentions ----------------------------------------------------------------------------------------------------


def test_a_mention_names_a_comment_and_nobody() -> None:
    event = kept(delivery({"media_id": MEDIA, "comment_id": "1791"}, field="mentions"))
    assert (event.kind, event.interaction_key, event.post_id) == ("mention", "mention|1791", None)
    assert (event.actor_id, event.target_id, event.occurred_quality) == (None, ACCOUNT, "approx")


def test_a_mention_in_a_caption_is_named_by_the_media() -> None:
    assert kept(delivery({"media_id": MEDIA}, field="mentions")).interaction_key == f"mention|{MEDIA}"


def test_a_mention_of_nothing_is_none() -> None:
    assert refusal(delivery({}, field="mentions")) == "missing_field"


# -- stories -----------------------------------------------------------------------------------------------------


def story(**figures: object) -> bytes:
    return delivery({"media_id": "1820", **figures}, field="story_insights")


def test_a_storys_figures_are_snapshots_at_the_time_of_sending() -> None:
    (one,) = snapshots(parts(story(reach=44)))
    assert (one.post_id, one.metric, one.scope, one.window) == ("1820", "reach", "organic", "lifetime")
    assert (one.value, one.value_state, one.as_of) == (44, "known", SENT * 1000)


@pytest.mark.parametrize(
    ("figure", "value", "state"), [(-1, None, "floored"), (0, 0, "known"), (None, None, "unavailable")]
)
def test_too_small_zero_and_missing_are_kept_apart(figure: int | None, value: int | None, state: str) -> None:
    (one,) = snapshots(parts(story(exits=figure)))
    assert (one.value, one.value_state) == (value, state)


@pytest.mark.parametrize("figure", [-2, 2**63, 1.5, "44", True])
def test_a_figure_that_is_none_refuses_the_whole_story(figure: object) -> None:
    assert refusal(story(reach=44, exits=figure)) == "invalid_field"


def test_a_story_without_figures_is_nothing() -> None:
    assert parts(story()) == []
    assert refusal(delivery({"reach": 5}, field="story_insights")) == "missing_field"


# -- envelopes ---------------------------------------------------------------------------------------------------


def test_a_flat_entry_is_an_entry_with_one_change() -> None:
    assert kept(flat(comment())) == said()


def test_changes_come_before_a_flat_change() -> None:
    both = json.loads(delivery(comment()))
    both["entry"][0] |= {"field": "comments", "value": comment(id="1799")}
    assert kept(json.dumps(both).encode()).interaction_key == "comment|1791"


def test_every_envelope_of_a_list_is_read() -> None:
    envelopes = [json.loads(delivery(comment(id=name))) for name in ("1", "2")]
    found = parts(json.dumps(envelopes).encode())
    assert [part.outcome.value.interaction_key for part in found if isinstance(part.outcome, Keep)] == [  # type: ignore[union-attr]
        "comment|1",
        "comment|2",
    ]


@pytest.mark.parametrize("time", [SENT, SENT * 1000])
def test_the_time_of_sending_is_in_seconds_or_milliseconds(time: int) -> None:
    assert kept(delivery(comment(), time=time)).occurred_at == SENT * 1000


@pytest.mark.parametrize("field", ["messages", "message_reactions", "standby", ""])
@pytest.mark.parametrize("value", [None, 7, {"id": []}])
def test_another_field_is_dropped_whatever_its_value(field: str, value: object) -> None:
    assert dropped(delivery(value, field=field)) == "unsubscribed_field"
    assert dropped(flat(value, field=field)) == "unsubscribed_field"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"messaging": [{"message": {"text": "hi"}}]}, "messaging"),
        ({"standby": [{}]}, "messaging"),
        ({"changed_fields": ["comments"]}, "values_not_included"),
    ],
)
def test_entries_without_changes_are_dropped_by_name(entry: dict[str, object], reason: str) -> None:
    whole = {"object": "instagram", "entry": [{"id": ACCOUNT, "time": SENT, **entry}]}
    assert dropped(json.dumps(whole).encode()) == reason


# -- what cannot be used -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["id", "media"])
def test_without_a_needed_field_nothing_can_be_counted(missing: str) -> None:
    assert refused(**{missing: None}) == "missing_field"
    assert refused(media={}) == "missing_field"


def test_an_account_that_is_not_configured_waits_for_the_configuration() -> None:
    part = only(delivery(comment(), to="2002"))
    assert refusal(part.body) == "unknown_account"
    assert part.account_id == "2002"


@pytest.mark.parametrize("time", [0, -1, 1_072_915_199, 253_370_764_800, 253_370_764_800_000, 10**30, -(10**30)])
def test_a_time_before_2004_or_beyond_9998_is_none(time: int) -> None:
    assert refusal(delivery(comment(), time=time)) == "invalid_time"


def test_more_than_five_minutes_ahead_of_the_receipt_is_the_future() -> None:
    now = RECEIVED_AT // 1000
    assert kept(delivery(comment(), time=now + 300)).occurred_at == RECEIVED_AT + 300_000
    assert refusal(delivery(comment(), time=now + 301)) == "future_time"


def test_without_the_time_of_sending_nothing_can_be_placed() -> None:
    assert refusal(delivery(comment(), time=None)) == "missing_field"


@pytest.mark.parametrize("make", [delivery, flat])
def test_a_refused_change_can_be_replayed_alone_in_either_envelope(make: object) -> None:
    assert callable(make)
    part = only(make(comment(media={"id": "bad\n"})))
    again = only(part.body)
    assert again.outcome == part.outcome == Refuse("invalid_field", "media.id: control characters")
    assert json.loads(part.body)["entry"][0]["changes"][0]["value"]["id"] == "1791"


def test_a_change_that_is_sent_again_later_is_refused_under_the_same_name() -> None:
    first, again = (only(delivery(comment(id=""), time=at)) for at in (SENT, SENT + 60))
    assert first.body != again.body
    assert first.identity == again.identity != b""


@pytest.mark.parametrize("name", ["id", "text", "from", "media", "parent_id"])
def test_the_detail_of_a_refusal_quotes_nothing(name: str) -> None:
    outcome = only(delivery(comment() | {name: ["canary"]})).outcome
    assert isinstance(outcome, Refuse)
    assert "canary" not in outcome.detail
