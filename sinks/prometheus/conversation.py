"""Which comments of other people are answered, by account: those of the newest whole day, and of the week before it.

Pure. A comment that changes must be counted anew, so those of the newest days are kept by their ids, and no others:
memory is bounded by what is said in nine days. Days are UTC. The newest day itself is not shown: whoever has just
asked is not yet waiting long.
"""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

Account = tuple[str, str]
"""Platform, account id."""

SPANS = {"day": range(1, 2), "week": range(2, 9)}
"""Days before the account's newest one with a comment."""

_KEPT_DAYS = 8
_MS_A_DAY = 86_400_000


class CommentRow(Struct, frozen=True, gc=False):
    """What is used of a row of `inbound_comments`."""

    asked_at: int = 0
    answered_at: int | None = None
    is_removed: bool = False
    needs_answer: bool = False

    @property
    def counts(self) -> bool:
        """Not if it was removed, nor if the page has hidden it without an answer."""
        return self.needs_answer or (self.answered_at is not None and not self.is_removed)


class Replied(NamedTuple):
    """Comments of a span."""

    answered: int
    waiting: int


class Conversation:
    """Takes rows in offset order; each replaces what was said of its comment before."""

    def __init__(self) -> None:
        self._days: dict[Account, dict[int, dict[str, bool]]] = {}

    def put(self, account: Account, comment_id: str, row: CommentRow | None) -> None:
        days = self._days.setdefault(account, {})
        for comments in days.values():
            comments.pop(comment_id, None)
        if row is None:
            return
        day = row.asked_at // _MS_A_DAY
        oldest = max((day, *days)) - _KEPT_DAYS
        for old in [old for old in days if old < oldest]:
            del days[old]
        if day >= oldest:
            comments = days.setdefault(day, {})  # whatever the comment is, its day has come
            if row.counts:
                comments[comment_id] = row.answered_at is not None

    def spans(self) -> Iterator[tuple[Account, dict[str, Replied]]]:
        """For every account with a comment."""
        for account, days in self._days.items():
            if days:
                newest = max(days)
                yield account, {name: _replied(days, newest, span) for name, span in SPANS.items()}


def _replied(days: dict[int, dict[str, bool]], newest: int, span: range) -> Replied:
    comments = [days.get(newest - back, {}) for back in span]
    answered = sum(sum(day.values()) for day in comments)
    return Replied(answered, sum(map(len, comments)) - answered)
