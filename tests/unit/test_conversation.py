"""From comments to the worklist: who waits for an answer, and what becomes of a comment over its life."""

from typing import Any

from contracts import topics
from contracts.events import EngagementEvent
from contracts.identity import nameless
from processors.engagement import conversation
from processors.engagement.organic import Organic
from processors.engine.state import Change
from tests.property import folding

MINUTE, DAY = 60_000, 86_400_000
NOON = folding.NOON
LINK = "https://facebook.test/a"


def comment(object_id: str = "a", after: int = 0, **fields: Any) -> EngagementEvent:
    return folding.event(kind="comment", object_id=object_id, at=NOON + after, **fields)


def answer(object_id: str, after: int, parent: str | None = "a", **fields: Any) -> EngagementEvent:
    return comment(object_id, after, actor="page", owner=True, parent=parent, **fields)


def inbound(written: list[Change]) -> dict[object, folding.Row]:
    standing = folding.latest(written)
    return {row["comment_id"]: row for (topic, _), row in standing.items() if topic == "agg.inbound_comments"}


def told(*events: EngagementEvent, state: Organic | None = None) -> dict[object, folding.Row]:
    _, written = folding.fold([folding.records([event]) for event in events], state)
    return inbound(written)


def test_a_comment_waits_for_an_answer() -> None:
    assert told(comment(url=LINK)) == {
        "a": {
            "platform": "facebook",
            "account_id": "1001",
            "comment_id": "a",
            "post_id": "p1",
            "parent_id": None,
            "actor_id": "ann",
            "permalink": LINK,
            "asked_at": NOON,
            "answered_at": None,
            "answer_id": None,
            "is_removed": False,
            "is_hidden": False,
            "needs_answer": True,
        }
    }


def test_the_first_comment_of_the_owner_in_the_thread_answers_all_that_was_asked_before() -> None:
    rows = told(
        comment("a"),
        comment("b", MINUTE, actor="bob", parent="a"),
        answer("z", 3 * MINUTE),
        answer("y", 2 * MINUTE),
        comment("c", 4 * MINUTE, parent="a"),
        comment("d", 2 * MINUTE, parent="a"),
    )
    found = {comment_id: (row["answer_id"], row["answered_at"]) for comment_id, row in rows.items()}
    assert found == {
        "a": ("y", NOON + 2 * MINUTE),
        "b": ("y", NOON + 2 * MINUTE),
        "c": (None, None),
        "d": ("y", NOON + 2 * MINUTE),
    }
    assert [comment_id for comment_id, row in rows.items() if row["needs_answer"]] == ["c"]


def test_of_two_answers_at_once_the_smaller_id_is_named() -> None:
    assert told(comment(), answer("z", 1), answer("y", 1))["a"]["answer_id"] == "y"


def test_what_the_owner_says_elsewhere_or_earlier_is_no_answer() -> None:
    rows = told(answer("x", -MINUTE), comment(), answer("y", MINUTE, parent=None), answer("z", MINUTE, parent="b"))
    assert rows["a"]["needs_answer"]


def test_an_answer_that_is_deleted_leaves_the_question_to_the_next_one() -> None:
    first, second = answer("y", MINUTE), answer("z", 2 * MINUTE)
    gone = answer("y", 3 * MINUTE, action="remove", exact=False)
    assert told(comment(), first, second, gone)["a"]["answer_id"] == "z"
    assert told(comment(), first, gone)["a"]["needs_answer"]


def test_what_was_deleted_or_hidden_needs_no_answer_and_what_is_shown_again_does() -> None:
    removed = told(comment(), comment(after=1, action="remove"))["a"]
    hidden = told(comment(), comment(after=1, action="hide"))["a"]
    shown = told(comment(), comment(after=1, action="hide"), comment(after=2, action="unhide"))["a"]
    assert [(row["is_removed"], row["is_hidden"], row["needs_answer"]) for row in (removed, hidden, shown)] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


def test_the_author_stays_known_when_a_later_fact_names_nobody() -> None:
    assert told(comment(), comment(after=1, action="hide", actor=None))["a"]["actor_id"] == "ann"
    assert told(comment(actor=None), comment())["a"]["actor_id"] == "ann"


def test_a_poll_tells_the_permalink_of_a_comment_that_a_webhook_brought() -> None:
    for actor in ("ann", folding.CAT, None):
        assert told(comment(actor=actor), comment(actor=actor, url=LINK))["a"]["permalink"] == LINK


def test_a_comment_without_its_add_has_no_row_until_the_add_is_known() -> None:
    state, written = folding.fold([folding.records([comment(after=MINUTE, action="remove", url=LINK)])])
    assert inbound(written) == {}
    _, added = folding.fold([folding.records([comment(actor=None)])], state)
    row = inbound(added)["a"]
    assert (row["actor_id"], row["permalink"], row["is_removed"]) == ("ann", LINK, True)
    kept = [value for topic, key, value in added if topic == topics.STATE_ACCOUNTS.name and b"|comment|" in key]
    assert kept == [None]


def test_a_comment_that_turns_out_to_be_the_owners_loses_its_row_and_answers() -> None:
    state, _ = folding.fold([folding.records([comment("a"), comment("b", MINUTE, actor=None, parent="a")])])
    _, written = folding.fold([folding.records([answer("b", MINUTE)])], state)
    assert [value for topic, key, value in written if topic == "agg.inbound_comments" and key.endswith(b"|b")] == [None]
    assert inbound(written)["a"]["answer_id"] == "b"


def test_a_comment_that_turns_out_to_be_a_reply_changes_its_thread() -> None:
    rows = told(answer("z", MINUTE), comment("b"), comment("b", 1, action="update", parent="a", edit="e"))
    assert (rows["b"]["parent_id"], rows["b"]["answer_id"]) == ("a", "z")


def test_old_comments_leave_the_state_but_not_the_table() -> None:
    state, _ = folding.fold([folding.records([comment("a"), comment("b", DAY), answer("z", 1), answer("y", 2 * DAY)])])
    state.fold(topics.EVENTS.name, [folding.tick(NOON + 400 * DAY + 1)])
    account = state.account("facebook", "1001")
    assert (set(account.conversation.rows), set(account.conversation.asides)) == ({"b"}, {"y"})
    written = list(state.changes(1))
    assert not [key for topic, key, _ in written if topic == "agg.inbound_comments"]
    kept = {key: value for topic, key, value in written if topic == topics.STATE_ACCOUNTS.name and b"|comment|" in key}
    assert kept == {b"facebook|1001|comment|z": None}


def test_what_is_told_of_a_comment_that_left_changes_nothing() -> None:
    state, _ = folding.fold([folding.records([comment()])])
    state.fold(topics.EVENTS.name, [folding.tick(NOON + 400 * DAY)])
    assert told(comment(after=400 * DAY, action="remove"), state=state) == {}


def test_an_erased_person_wrote_nothing_even_after_a_restart_and_when_told_again() -> None:
    state, written = folding.fold([folding.records([comment("a"), comment("b", actor="bob")])])
    account, gone = state.account("facebook", "1001"), nameless("e1")
    conversation.erase(state, account, "ann", gone)
    erased = list(state.changes(1))
    assert [row["actor_id"] for row in inbound(erased).values()] == [None]
    restarted = folding.new_state()
    folding.reload(restarted, [*written, *erased])
    again = told(comment("a", actor=gone, url=LINK), comment("a", MINUTE, action="update", edit="e"), state=restarted)
    assert (again["a"]["actor_id"], again["a"]["permalink"]) == (None, LINK)
    assert told(comment("c", actor=gone), state=restarted)["c"]["actor_id"] is None


def test_ids_with_the_signs_of_keys_are_kept_apart() -> None:
    state, written = folding.fold([folding.records([comment("a|b"), comment("a%7Cb")])])
    assert {key for topic, key, _ in written if topic == "agg.inbound_comments"} == {
        b"facebook|1001|a%7Cb",
        b"facebook|1001|a%257Cb",
    }
    assert set(inbound(written)) == {"a|b", "a%7Cb"}
    restarted = folding.new_state()
    folding.reload(restarted, written)
    assert set(restarted.account("facebook", "1001").conversation.rows) == {"a|b", "a%7Cb"}
    assert set(state.account("facebook", "1001").conversation.rows) == {"a|b", "a%7Cb"}
