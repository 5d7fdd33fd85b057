"""Who asked what under an account's posts, and whether the brand has answered: the rows of `inbound_comments`.

A row is a pure function of its comment's facts, of what deliveries told beside them, and of the owner's standing
comments in its thread. Rows are kept for as long as interactions are. What no row says is kept aside, in the state:
comments without a row, which are the owner's or such whose add is not known yet, and the names of nameless people.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec
from msgspec import structs

from contracts.codec import encode
from contracts.identity import escaped, is_nameless, split_key
from processors.engagement import facts
from processors.engagement.facts import Fact
from processors.engagement.rows import DIRTY, NUMBER, PUBLISHED, VALUES, Row, named, new_row
from processors.engagement.windows import DAY_MS
from processors.engine.state import Change

if TYPE_CHECKING:
    from processors.engagement.accounts import Account
    from processors.engagement.interactions import Event
    from processors.engagement.organic import Organic

T = TypeVar("T")

_TABLE = NUMBER["inbound_comments"]
_POST, _PARENT, _ACTOR, _PERMALINK, _ASKED, _ANSWERED, _ANSWER, _REMOVED, _HIDDEN, _NEEDS = range(VALUES, VALUES + 10)
_TOLD = slice(_POST, _ASKED)
_NOTHING = ("", None, None, None, 0, None, None, False, False, False)
_WAITING = (None, None, False, False, True)
"""The end of a row that nobody has answered yet."""
RECORD = "comment"
"""Third part of the key of a comment's record in the state."""

Answers = list[tuple[int, str]]
"""The owner's standing comments of a thread as (time, id), in order."""


class Told(NamedTuple):
    """What deliveries say of a comment beside its facts: of several the smallest, so that order does not matter."""

    post_id: str
    parent_id: str | None
    actor_id: str | None
    permalink: str | None


class Aside(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What no row says of a comment: its record in the state. `newest` is the time of its newest fact.

    `answers_at`: when it was written, if it is the owner's and stands.
    """

    generation: int
    newest: int
    post_id: str
    parent_id: str | None = None
    actor_id: str | None = None
    permalink: str | None = None
    answers_at: int | None = None

    @property
    def told(self) -> Told:
        return Told(self.post_id, self.parent_id, self.actor_id, self.permalink)


_decode = msgspec.json.Decoder(Aside).decode


class Standing(NamedTuple):
    """What the facts of a comment make of it. `asked_at` is the time of its add, None while that is unknown."""

    is_owners: bool
    asked_at: int | None
    is_removed: bool
    is_hidden: bool
    newest: int


class Conversation:
    """The comments of one account. `rows`: comment id -> row; `asides`: what no row says.

    By thread: `replies` with a row, and `answers`. A thread is named by the comment on the post that opened it.
    """

    __slots__ = ("answers", "asides", "changed", "evicted_on", "replies", "rows")

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.asides: dict[str, Aside] = {}
        self.replies: dict[str, list[Row]] = {}
        self.answers: dict[str, Answers] = {}
        self.changed: dict[str, None] = {}
        self.evicted_on = 0

    def add(self, comment_id: str, row: Row) -> None:
        """Take in a row whose values are set."""
        self.rows[comment_id] = row
        if row[_PARENT] is not None:
            self.replies.setdefault(row[_PARENT], []).append(row)

    def drop(self, comment_id: str) -> None:
        """Let go of a row."""
        row = self.rows.pop(comment_id)
        if row[_PARENT] is not None:
            self._keep_replies(row[_PARENT], lambda other: other is not row)

    def _keep_replies(self, thread: str, is_kept: Callable[[Row], bool]) -> None:
        _set_or_drop(self.replies, thread, list(filter(is_kept, self.replies[thread])))

    def put_aside(self, comment_id: str, aside: Aside | None) -> set[str]:
        """Keep a comment aside, or no longer; returns the threads whose answers changed by it."""
        before = self.asides.pop(comment_id, None)
        if aside is not None:
            self.asides[comment_id] = aside
        old, new = _answer_of(comment_id, before), _answer_of(comment_id, aside)
        if old == new:
            return set()
        if old is not None:
            thread, answer = old
            _set_or_drop(self.answers, thread, [other for other in self.answers[thread] if other != answer])
        if new is not None:
            thread, answer = new
            insort(self.answers.setdefault(thread, []), answer)
        return {thread for thread, _ in filter(None, (old, new))}

    def thread(self, thread: str) -> Iterator[Row]:
        """The rows of a thread."""
        if thread in self.rows and self.rows[thread][_PARENT] is None:
            yield self.rows[thread]
        yield from self.replies.get(thread, ())

    def load_row(self, comment_id: str, row: Row | None) -> None:
        """Take a row back as it was written; None: it was deleted."""
        if comment_id in self.rows:
            self.drop(comment_id)
        if row is not None:
            self.add(comment_id, row)

    def load_aside(self, comment_id: str, value: bytes | None) -> None:
        """Take back the record of a comment without a row; None: it was deleted."""
        self.put_aside(comment_id, None if value is None else _decode(value))

    def changes(self, topic: str, prefix: str) -> Iterator[Change]:
        """The records of what was put aside, or no longer is, since the last time."""
        changed, self.changed = self.changed, {}
        for comment_id in changed:
            aside = self.asides.get(comment_id)
            key = f"{prefix}{RECORD}|{escaped(comment_id)}".encode()
            yield topic, key, None if aside is None else encode(aside)

    def evict(self, oldest: int) -> None:
        """Once a day: let go of comments from before `oldest` (epoch ms), which nothing can change any more."""
        if oldest // DAY_MS == self.evicted_on:
            return
        self.evicted_on = oldest // DAY_MS
        old = [comment_id for comment_id, row in self.rows.items() if row[_ASKED] <= oldest]
        parents = [self.rows.pop(comment_id)[_PARENT] for comment_id in old]
        for thread in {parent for parent in parents if parent is not None}:
            self._keep_replies(thread, lambda row: bool(row[_ASKED] > oldest))
        for comment_id in [c for c, aside in self.asides.items() if aside.newest <= oldest]:
            self.put_aside(comment_id, None)
            self.changed[comment_id] = None


def ask(state: "Organic", account: "Account", event: "Event", who: int, interaction: int) -> None:
    """A comment of which nothing was known was added at an exact time: nearly every comment's whole story."""
    comment_id = _object_id(event.interaction_key)
    conversation, parent_id = account.conversation, event.parent_id
    if who == facts.OWNER or (event.actor_id is not None and is_nameless(event.actor_id)):
        settle(state, account, event, interaction)
        return
    assert event.post_id is not None
    post_id, asked_at = account.post_ids[account.post(event.post_id)], event.occurred_at
    row = _row(account, comment_id, (post_id, parent_id, event.actor_id, event.url, asked_at, *_WAITING))
    answers = conversation.answers.get(comment_id if parent_id is None else parent_id)
    if answers is not None:
        _answer(row, answers)
    conversation.add(comment_id, row)
    row[DIRTY] = 1
    state.dirty.append(row)


def tell_again(state: "Organic", account: "Account", event: "Event", interaction: int) -> None:
    """A known fact came once more: it may tell what no delivery told before, most often the permalink."""
    row = account.conversation.rows.get(_object_id(event.interaction_key))
    if row is None or [event.post_id, event.parent_id, event.actor_id, event.url or row[_PERMALINK]] != row[_TOLD]:
        settle(state, account, event, interaction)


def settle(state: "Organic", account: "Account", event: "Event", interaction: int) -> None:
    """Bring a comment's row up to date with its facts, among which the event's are, and with what the event tells."""
    found = facts.unpack(state.register.interactions.get(interaction))
    if not found:
        return
    standing = standing_of(found)
    oldest = account.newest - state.limits.interaction
    if (standing.newest if standing.asked_at is None else standing.asked_at) <= oldest:
        return
    conversation, comment_id = account.conversation, _object_id(event.interaction_key)
    row, aside = conversation.rows.get(comment_id), conversation.asides.get(comment_id)
    told = _told(aside.told if aside is not None else Told(*row[_TOLD]) if row is not None else None, event)
    if standing.is_owners or standing.asked_at is None:
        if row is not None:
            conversation.drop(comment_id)
            row[VALUES:] = _NOTHING
            state.touch(row)
        answers_at = None if not standing.is_owners or standing.is_removed else standing.asked_at
        _put_aside(state, account, comment_id, Aside(state.generation, standing.newest, *told, answers_at=answers_at))
        return
    if told.actor_id is not None and is_nameless(told.actor_id):
        _put_aside(state, account, comment_id, Aside(state.generation, standing.newest, *told))
        told = told._replace(actor_id=None)
    elif aside is not None:
        _put_aside(state, account, comment_id, None)
    _set_row(state, account, comment_id, told, standing)


def erase(state: "Organic", account: "Account", actor_id: str, name: str) -> None:
    """What `actor_id` wrote so far was written by nobody from now on; `name` is the nameless one in its stead."""
    conversation = account.conversation
    for comment_id, aside in list(conversation.asides.items()):
        if aside.actor_id == actor_id:
            _put_aside(state, account, comment_id, structs.replace(aside, actor_id=name))
    for comment_id, row in conversation.rows.items():
        if row[_ACTOR] == actor_id:
            told = Told(*row[_TOLD])._replace(actor_id=name)
            _put_aside(state, account, comment_id, Aside(state.generation, row[_ASKED], *told))
            row[_ACTOR] = None
            state.touch(row)


def standing_of(known: Iterable[Fact]) -> Standing:
    """What a comment's facts make of it: a pure function of the set."""
    walked = sorted(known, key=facts.walk_order)
    asked_at = next((fact.occurred_at for fact in walked if fact.action == facts.ADD), None)
    is_active = is_hidden = False
    for fact in walked:
        if fact.action in (facts.HIDE, facts.UNHIDE):
            is_hidden = fact.action == facts.HIDE
        else:
            is_active = fact.action != facts.REMOVE
    is_owners = facts.effective_who([fact.state for fact in walked]) == facts.OWNER
    return Standing(is_owners, asked_at, not is_active, is_hidden, walked[-1].occurred_at)


def row_of(account: "Account", comment_id: str, values: list[object]) -> Row:
    """A row that its topic holds, from its values; it shares the post's id with the post."""
    values[0] = account.post_ids[account.post(str(values[0]))]
    row = _row(account, comment_id, tuple(values))
    row[PUBLISHED] = True
    return row


def _row(account: "Account", comment_id: str, values: tuple[object, ...]) -> Row:
    """A row under the account's own name, unless its id needs escapes in the key."""
    if "|" in comment_id or "%" in comment_id:
        return new_row(_TABLE, named((*account.name.grain, comment_id)), None, values)
    return new_row(_TABLE, account.name, comment_id, values)


def _set_row(state: "Organic", account: "Account", comment_id: str, told: Told, standing: Standing) -> None:
    conversation = account.conversation
    row = conversation.rows.get(comment_id)
    if row is None or row[_PARENT] != told.parent_id:
        if row is not None:
            conversation.drop(comment_id)
            row[_PARENT] = told.parent_id
        else:
            row = _row(account, comment_id, (*told, *_NOTHING[4:]))
        conversation.add(comment_id, row)
        state.touch(row)
    before = row[VALUES:]
    row[_TOLD], row[_ASKED] = told, standing.asked_at
    row[_REMOVED], row[_HIDDEN] = standing.is_removed, standing.is_hidden
    _answer(row, conversation.answers.get(_thread(comment_id, told.parent_id), []))
    if row[VALUES:] != before:
        state.touch(row)


def _put_aside(state: "Organic", account: "Account", comment_id: str, aside: Aside | None) -> None:
    """Keep a comment aside, or no longer, and answer again what is young enough in the threads that it concerns."""
    conversation = account.conversation
    if conversation.asides.get(comment_id) == aside:
        return
    conversation.changed[comment_id] = None
    oldest = account.newest - state.limits.interaction
    for thread in conversation.put_aside(comment_id, aside):
        answers = conversation.answers.get(thread, [])
        for row in conversation.thread(thread):
            before = row[_ANSWERED], row[_ANSWER]
            if row[_ASKED] > oldest and _answer(row, answers) != before:
                state.touch(row)


def _answer(row: Row, answers: Answers) -> tuple[int | None, str | None]:
    """Answer a row by the first of the owner's comments that is not before it; returns time and id."""
    place = bisect_left(answers, (row[_ASKED], ""))
    answered_at, answer_id = answers[place] if place < len(answers) else (None, None)
    row[_ANSWERED], row[_ANSWER] = answered_at, answer_id
    row[_NEEDS] = answered_at is None and not row[_REMOVED] and not row[_HIDDEN]
    return answered_at, answer_id


def _answer_of(comment_id: str, aside: Aside | None) -> tuple[str, tuple[int, str]] | None:
    """The thread that a comment kept aside answers in, and the answer."""
    if aside is None or aside.answers_at is None:
        return None
    return _thread(comment_id, aside.parent_id), (aside.answers_at, comment_id)


def _thread(comment_id: str, parent_id: str | None) -> str:
    return comment_id if parent_id is None else parent_id


def _told(before: Told | None, event: "Event") -> Told:
    """With what the event tells."""
    now = Told(event.post_id or "", event.parent_id, event.actor_id, event.url)
    return now if before is None else Told._make(map(facts.smaller, before, now))


def _object_id(interaction_key: str) -> str:
    """The id that `identity.object_interaction` made the key of."""
    _, _, rest = interaction_key.partition("|")
    return split_key(rest)[0] if "%" in rest or "|" in rest else rest


def _set_or_drop(lists: dict[str, list[T]], thread: str, kept: list[T]) -> None:
    if kept:
        lists[thread] = kept
    else:
        del lists[thread]
