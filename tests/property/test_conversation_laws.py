"""However often comments change, what is shown is a recount of their newest rows."""

from hypothesis import given
from hypothesis import strategies as st

from sinks.prometheus.conversation import CommentRow, Conversation, Replied

ACCOUNT = ("facebook", "1")
DAY = 86_400_000
SPANS = {"day": (1, 1), "week": (2, 8)}

rows = st.builds(
    CommentRow,
    asked_at=st.integers(0, 20 * DAY),
    answered_at=st.none() | st.integers(1, 30 * DAY),
    is_removed=st.booleans(),
    needs_answer=st.booleans(),
).filter(lambda row: not row.needs_answer or (row.answered_at is None and not row.is_removed))
logs = st.lists(st.tuples(st.sampled_from("abcdefgh"), rows | st.none()), max_size=40)


@given(logs)
def test_answered_and_waiting_comments_are_those_of_the_newest_rows(log: list[tuple[str, CommentRow | None]]) -> None:
    conversation = Conversation()
    for comment_id, row in log:
        conversation.put(ACCOUNT, comment_id, row)
    seen = [row.asked_at // DAY for _, row in log if row]
    if not seen:
        assert list(conversation.spans()) == []
        return
    standing = [row for row in dict(log).values() if row]
    expected = {}
    for span, (first, last) in SPANS.items():
        rows = [row for row in standing if first <= max(seen) - row.asked_at // DAY <= last]
        answered = [row for row in rows if row.answered_at is not None and not row.is_removed]
        expected[span] = Replied(len(answered), sum(row.needs_answer for row in rows))
    assert list(conversation.spans()) == [(ACCOUNT, expected)]
