"""Each rule of a Page webhook's fields, one sentence a test."""

import json

import pytest

from contracts.events import EngagementEvent
from contracts.outcome import Keep, Refuse
from tests.unit.ingest.facebook import (
    PAGE,
    POST,
    RECEIVED_AT,
    SENT,
    delivery,
    dropped,
    kept,
    kept_post,
    only,
    parts,
    refusal,
    refused,
    value,
)

OWNER = {"id": PAGE, "name": "The page"}


# -- reactions ---------------------------------------------------------------------------------------------------


def test_a_reaction_is_the_relation_between_a_post_and_a_pseudonym() -> None:
    event = kept("reaction", "add")
    assert (event.kind, event.action, event.post_id, event.target_id) == ("reaction", "add", POST, POST)
    assert event.interaction_key == f"reaction|{POST}|<55>"
    assert (event.actor_id, event.actor_is_owner) == ("<55>", False)
    assert event.version_key == f"love:{SENT - 4}000"
    assert (event.occurred_at, event.occurred_quality) == ((SENT - 4) * 1000, "exact")


def test_a_changed_reaction_is_an_update_of_the_same_interaction() -> None:
    added = kept("reaction", "add")
    changed = kept("reaction", "edit", reaction_type="wow", created_time=SENT - 2)
    assert changed.action == "update"
    assert changed.interaction_key == added.interaction_key
    assert changed.event_id != added.event_id


def test_a_reaction_on_a_comment_has_the_comment_as_its_target_and_is_no_comment() -> None:
    event = kept("reaction", "add", comment_id="2001_3001")
    assert (event.kind, event.post_id, event.target_id, event.parent_id) == ("reaction", POST, "2001_3001", None)


def test_a_reaction_on_a_reply_keeps_its_post() -> None:
    event = kept("reaction", "add", comment_id="2001_3002", parent_id="2001_3001")
    assert (event.post_id, event.target_id, event.parent_id) == (POST, "2001_3002", None)


@pytest.mark.parametrize(
    ("native", "reaction"),
    [
        ("like", "like"),
        ("love", "love"),
        ("wow", "wow"),
        ("haha", "haha"),
        ("care", "care"),
        ("sad", "sad"),
        ("sorry", "sad"),
        ("angry", "angry"),
        ("anger", "angry"),
    ],
)
def test_every_reaction_has_our_word_and_keeps_the_platforms(native: str, reaction: str) -> None:
    event = kept("reaction", "add", reaction_type=native)
    assert (event.reaction, event.reaction_native) == (reaction, native)


def test_older_and_newer_words_of_a_reaction_are_one_fact() -> None:
    assert (
        kept("reaction", "add", reaction_type="sorry").event_id == kept("reaction", "add", reaction_type="sad").event_id
    )


def test_an_unknown_reaction_waits_for_an_upgrade() -> None:
    assert refused("reaction", "add", reaction_type="applause") == "unknown_reaction"


def test_a_reaction_without_its_own_time_takes_the_deliverys_and_keeps_it_out_of_its_version() -> None:
    event = kept("reaction", "add", created_time=None)
    assert (event.occurred_at, event.occurred_quality, event.version_key) == (SENT * 1000, "approx", "love")


def test_reactions_without_an_actor_stand_alone_by_target_action_type_and_time() -> None:
    event = kept("reaction", "add", from_=None)
    assert event.actor_id is None
    assert event.interaction_key == f"anonymous|reaction|{POST}|add|love|{SENT - 4}000"
    others = [
        kept("reaction", "remove", from_=None),
        kept("reaction", "add", from_=None, reaction_type="wow"),
        kept("reaction", "add", from_=None, created_time=SENT - 5),
        kept("reaction", "add", from_=None, comment_id="2001_3001"),
    ]
    assert len({event.event_id, *(other.event_id for other in others)}) == 5


def test_an_actor_without_an_id_is_no_actor() -> None:
    assert kept("reaction", "add", from_={"name": "A"}).actor_id is None


def test_a_reaction_without_actor_and_time_has_no_time_in_its_key() -> None:
    event = kept("reaction", "add", from_=None, created_time=None)
    assert event.interaction_key == f"anonymous|reaction|{POST}|add|love|"


def test_the_old_shape_names_the_same_person() -> None:
    old = kept("reaction", "add", from_=None, sender_id=55, sender_name="A")
    assert old == kept("reaction", "add")


def test_the_pages_own_reaction_is_flagged_and_pseudonymised_like_any_other() -> None:
    event = kept("reaction", "add", from_=OWNER)
    assert (event.actor_is_owner, event.actor_id) == (True, f"<{PAGE}>")


# -- likes -------------------------------------------------------------------------------------------------------


def test_a_like_with_a_post_and_its_reaction_are_one_fact() -> None:
    like, reaction = parts(
        delivery(
            value("like", "add", created_time=SENT - 4),
            value("reaction", "add", reaction_type="like"),
        )
    )
    assert isinstance(like.outcome, Keep)
    assert isinstance(reaction.outcome, Keep)
    assert isinstance(like.outcome.value, EngagementEvent)
    assert isinstance(reaction.outcome.value, EngagementEvent)
    assert like.outcome.value.event_id == reaction.outcome.value.event_id


def test_a_like_without_a_post_follows_the_page() -> None:
    event = kept("like", "add", post_id=None, parent_id=None, from_=None, user_id=55, created_time=SENT - 4)
    assert (event.kind, event.post_id, event.target_id, event.actor_id) == ("follow", None, PAGE, "<55>")
    assert (event.interaction_key, event.version_key) == (f"follow|{PAGE}|<55>", f"like:{SENT - 4}000")
    assert event.reaction is None


def test_a_page_like_finds_its_actor_in_any_of_three_places() -> None:
    shapes: tuple[dict[str, object], ...] = ({"user_id": 55, "from_": None}, {}, {"from_": None, "sender_id": 55})
    actors = {kept("like", "add", post_id=None, created_time=SENT, **shape).actor_id for shape in shapes}
    assert actors == {"<55>"}


def test_a_page_like_without_an_actor_stands_alone() -> None:
    event = kept("like", "add", post_id=None, from_=None, created_time=SENT - 4)
    assert event.interaction_key == f"anonymous|follow|{PAGE}|add|like|{SENT - 4}000"


def test_a_page_like_taken_back_is_the_same_interaction() -> None:
    added, removed = (kept("like", verb, post_id=None, created_time=SENT) for verb in ("add", "remove"))
    assert added.interaction_key == removed.interaction_key
    assert removed.action == "remove"


# -- comments ----------------------------------------------------------------------------------------------------


def test_a_comment_is_named_by_its_id_and_has_no_parent() -> None:
    event = kept("comment", "add")
    assert (event.interaction_key, event.version_key) == ("comment|2001_3001", "")
    assert (event.post_id, event.target_id, event.parent_id) == (POST, POST, None)


def test_a_reply_has_the_comment_as_its_parent() -> None:
    event = kept("comment", "add", comment_id="2001_3002", parent_id="2001_3001")
    assert (event.post_id, event.parent_id, event.target_id) == (POST, "2001_3001", "2001_3001")


@pytest.mark.parametrize("verb", ["edit", "edited"])
def test_an_edit_happens_at_its_edit_time(verb: str) -> None:
    event = kept("comment", verb, edited_time=SENT + 295)
    assert (event.action, event.version_key) == ("update", f"{SENT + 295}000")
    assert (event.occurred_at, event.occurred_quality) == ((SENT + 295) * 1000, "exact")


def test_an_edit_without_its_time_takes_the_deliverys() -> None:
    event = kept("comment", "edited")
    assert (event.version_key, event.occurred_at, event.occurred_quality) == ("", SENT * 1000, "approx")


@pytest.mark.parametrize(
    ("verb", "action"), [("remove", "remove"), ("delete", "remove"), ("hide", "hide"), ("unhide", "unhide")]
)
def test_what_befalls_a_comment_takes_the_deliverys_time_whatever_its_own(verb: str, action: str) -> None:
    with_time, without = kept("comment", verb), kept("comment", verb, created_time=None)
    assert with_time.action == action
    assert (with_time.occurred_at, with_time.occurred_quality, with_time.version_key) == (SENT * 1000, "approx", "")
    assert with_time.event_id == without.event_id


def test_of_a_text_only_length_and_signed_words_leave_this_process() -> None:
    event = kept("comment", "add", message="Café with @ann.b #Spring_Sale")
    assert (event.text, event.text_length) == (None, 29)
    assert (event.mentions, event.hashtags) == (("ann.b",), ("spring_sale",))


def test_the_text_is_kept_where_the_configuration_says_so() -> None:
    outcome = only(delivery(value("comment", "add", message="hi\0 \ud800")), keep_text=True).outcome
    assert isinstance(outcome, Keep)
    assert isinstance(outcome.value, EngagementEvent)
    assert outcome.value.text == "hi \ufffd"


def test_a_comment_without_text_has_no_length() -> None:
    assert kept("comment", "add", message=None).text_length is None


# -- shares ------------------------------------------------------------------------------------------------------


def test_a_share_is_named_by_its_number_as_text() -> None:
    event = kept("share", "add")
    assert (event.kind, event.interaction_key, event.post_id, event.target_id) == ("share", "share|4001", POST, POST)


def test_the_story_of_a_share_is_not_the_post_that_was_shared() -> None:
    event = kept("share", "add", parent_id=None)
    assert (event.post_id, event.target_id) == (None, "4001")


def test_a_share_that_names_only_the_shared_post_has_it() -> None:
    assert kept("share", "add", parent_id=None, post_id=POST).post_id == POST


def test_a_share_taken_back_has_only_the_deliverys_time() -> None:
    event = kept("share", "remove")
    assert (event.action, event.occurred_at, event.occurred_quality) == ("remove", SENT * 1000, "approx")


# -- posts and the rest ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", ["status", "post", "photo", "video", "link", "album", "event"])
@pytest.mark.parametrize("actor", [OWNER, {"id": "55"}, None])
def test_a_post_removed_by_anybody_is_a_deletion(item: str, actor: object) -> None:
    post = kept_post(item, "remove", from_=actor)
    assert (post.post_id, post.deleted_at, post.as_of) == (POST, SENT * 1000, SENT * 1000)
    assert post.published_at is None


@pytest.mark.parametrize("verb", ["add", "edit", "edited", "update"])
def test_the_pages_own_posts_are_left_to_the_poller_and_others_are_visitors(verb: str) -> None:
    assert dropped(delivery(value("status", verb, from_=OWNER))) == "post_left_to_poller"
    assert dropped(delivery(value("status", verb))) == "visitor_post"


@pytest.mark.parametrize(("verb", "reason"), [("hide", "visibility_of_post"), ("block", "moderation")])
def test_what_is_no_engagement_is_dropped_by_name(verb: str, reason: str) -> None:
    assert dropped(delivery(value("photo", verb))) == reason


def test_another_field_is_dropped_whatever_its_value() -> None:
    assert dropped(delivery({"item": 7, "from": []}, field="ratings")) == "unsubscribed_field"
    assert dropped(delivery(value("post", "add"), field="mention")) == "unsubscribed_field"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"messaging": [{"message": {"text": "hi"}}]}, "messaging"),
        ({"standby": [{}]}, "messaging"),
        ({"changed_fields": ["feed"]}, "values_not_included"),
    ],
)
def test_entries_without_changes_are_dropped_by_name(entry: dict[str, object], reason: str) -> None:
    assert dropped(json.dumps({"object": "page", "entry": [{"id": PAGE, "time": SENT, **entry}]}).encode()) == reason


@pytest.mark.parametrize(
    ("item", "verb", "reason"),
    [
        ("hologram", "add", "unknown_item"),
        ("reaction", "hide", "unknown_item"),
        ("comment", "mute", "unknown_item"),
        ("share", "hide", "unknown_item"),
        ("status", "levitate", "unknown_item"),
    ],
)
def test_what_this_version_does_not_know_waits_for_an_upgrade(item: str, verb: str, reason: str) -> None:
    assert refused(item, verb) == reason


@pytest.mark.parametrize(
    ("item", "verb", "missing"),
    [
        ("reaction", "add", "post_id"),
        ("reaction", "add", "reaction_type"),
        ("comment", "add", "comment_id"),
        ("comment", "add", "post_id"),
        ("share", "add", "share_id"),
        ("status", "remove", "post_id"),
    ],
)
def test_without_a_needed_field_nothing_can_be_counted(item: str, verb: str, missing: str) -> None:
    assert refused(item, verb, **{missing: None}) == "missing_field"


def test_a_page_that_is_not_configured_waits_for_the_configuration() -> None:
    part = only(delivery(value("reaction", "add"), page="2002"))
    assert refusal(part.body) == "unknown_account"
    assert part.account_id == "2002"


# -- times -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0, -1, 1_072_915_199, 1_790_000_001_000, 10**18, 253_370_764_800, 10**30])
def test_a_time_before_2004_or_beyond_9998_is_none(seconds: int) -> None:
    assert refused("reaction", "add", created_time=seconds) == "invalid_time"


def test_more_than_five_minutes_ahead_of_the_receipt_is_the_future() -> None:
    now = RECEIVED_AT // 1000
    assert kept("reaction", "add", created_time=now + 300).occurred_at == RECEIVED_AT + 300_000
    assert refused("reaction", "add", created_time=now + 301) == "future_time"


def test_a_change_without_any_time_cannot_be_placed() -> None:
    assert refusal(delivery(value("comment", "remove"), time=None)) == "missing_field"


# -- ids ---------------------------------------------------------------------------------------------------------


def test_ids_that_come_as_numbers_are_the_same_ids() -> None:
    assert kept("reaction", "add", from_={"id": 55}).event_id == kept("reaction", "add").event_id
    assert kept("comment", "add", comment_id=2**70).interaction_key == f"comment|{2**70}"


def test_separators_inside_ids_make_no_other_id() -> None:
    one = kept("reaction", "add", post_id="a|b", from_={"id": "c"})
    other = kept("reaction", "add", post_id="a", from_={"id": "b|c"})
    assert one.event_id != other.event_id


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("", "invalid_field"),
        ("x" * 256, "invalid_field"),
        ("a\nb", "invalid_field"),
        ("a\u2028b", "invalid_field"),
        ("a\0b", "invalid_text"),
        ("\ud800", "invalid_text"),
        ([], "invalid_field"),
        ({}, "invalid_field"),
        (True, "invalid_field"),
        (1.5, "invalid_field"),
    ],
)
@pytest.mark.parametrize("name", ["post_id", "comment_id", "from"])
def test_what_cannot_be_an_id_is_refused(given: object, reason: str, name: str) -> None:
    if name == "from":
        assert refused("comment", "add", from_={"id": given}) == reason
    else:
        assert refused("comment", "add", **{name: given}) == reason


# -- dead letters ------------------------------------------------------------------------------------------------


def test_a_refused_change_can_be_replayed_alone() -> None:
    body = delivery(value("reaction", "add"), value("hologram", "add"), value("comment", "add"))
    _, refused_part, _ = parts(body)
    assert refusal(refused_part.body) == "unknown_item"
    assert json.loads(refused_part.body)["entry"][0]["changes"][0]["value"]["item"] == "hologram"


def test_a_change_that_is_sent_again_later_is_refused_under_the_same_name() -> None:
    first, again = (only(delivery(value("hologram", "add"), time=at)) for at in (SENT, SENT + 60))
    assert first.body != again.body
    assert first.identity == again.identity != b""


@pytest.mark.parametrize("name", ["item", "verb", "post_id", "message", "from"])
def test_the_detail_of_a_refusal_quotes_nothing(name: str) -> None:
    outcome = only(delivery(value("comment", "add") | {name: ["canary"]})).outcome
    assert isinstance(outcome, Refuse)
    assert "canary" not in outcome.detail
