"""Taking notes: one JSON line for each thing that happened or was offered, appended and never changed.

Cheap on purpose, since it runs beside the simulator's sender: nothing is counted or looked up here.
Times are epoch milliseconds UTC.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FILE = "ledger.jsonl"
CONTENT = "content"
"""Metric word under which a reading of a post's content is noted among the observations."""

_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Fact:
    """One action of one person in the world.

    `subject`: the comment or share itself, or what was reacted to (post, comment; the page for a page like).
    `post`: the post as the wire tells it, None where it does not; `about`: the post it truly belongs to.
    `at`: when it happened; `exact`: whether the wire tells that time. `actor`: the page's own id for the owner,
    None when every delivery of a reaction or page like hides it. `to_comment`: a reply, or a reaction to a comment;
    `parent`: the comment that a reply answers. `version`: what tells it from the same action on the same subject, where
    the wire says so.
    """

    account: str
    kind: str
    action: str
    subject: str
    post: str | None
    about: str | None
    at: int
    exact: bool
    actor: str | None
    reaction: str | None = None
    to_comment: bool = False
    parent: str | None = None
    version: str | None = None


class Notes:
    """The ledger's pen. Buffered: `flush` now and then, `close` at the end. Without a directory nothing is kept."""

    def __init__(self, directory: Path | None, platform: str = "facebook") -> None:
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
        path = Path(os.devnull) if directory is None else directory / FILE
        self._file = path.open("w", encoding="utf-8")
        self._facts = 0
        self._line("platform", platform)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def account(self, account: str, **columns: Any) -> None:
        """A configured account: `brand`, `name`, `zone`, `currency`, `connected_at` (epoch milliseconds)."""
        self._line("account", account, columns)

    def fact(self, fact: Fact) -> int:
        """It happened. The number returned names it in later notes."""
        self._line("fact", *astuple(fact))
        self._facts += 1
        return self._facts - 1

    def delivered(self, entry_time: int, facts: Sequence[tuple[int, bool]]) -> None:
        """A delivery with these facts was answered 2xx; the flag tells whether it named the actor."""
        self._line("delivered", entry_time, facts)

    def listed(self, as_of: int, facts: Sequence[tuple[int, bool, str | None]]) -> None:
        """An answered poll listed these comments; the flag tells whether it named the actor, then where they are.

        Of what is told otherwise than by listing the comment, that it went for instance, an answer shows that it is so.
        """
        self._line("listed", as_of, facts)

    def observed(
        self,
        as_of: int,
        account: str,
        values: Iterable[tuple[str | None, str, str, int | None, str]],
        scope: str = "total",
    ) -> None:
        """An answered poll, or a delivery that was answered 2xx, showed (post, metric, window, value, state).

        Windows are `lifetime` or `day:YYYY-MM-DD`, scopes `total` or `organic`.
        """
        self._line("observed", as_of, account, list(values), scope)

    def content(self, as_of: int, account: str, posts: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """An answered poll showed these posts' content: the columns of `posts`, times in epoch milliseconds."""
        self._line("content", as_of, account, list(posts))

    def deleted(self, entry_time: int, account: str, post: str) -> None:
        """A delivery that was answered 2xx reported the post's deletion."""
        self._line("deleted", entry_time, account, post)

    def planned(self, account: str, source: str, slots: Iterable[Mapping[str, Any]]) -> None:
        """An editorial plan of that source: the columns of `editorial_plan` a slot, times in epoch milliseconds."""
        self._line("planned", account, source, list(slots))

    def standing(self, account: str, counters: Iterable[tuple[str, int | None, int, int | None]]) -> None:
        """The world's end: the platform's (post, likes, comments, shares), less what is older than the world.

        None for kinds of which the platform tells no events.
        """
        self._line("standing", account, list(counters))

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def _line(self, *parts: Any) -> None:
        self._file.write(_encode(parts) + "\n")
