"""Events into rows: the hot loop for new facts, and the careful way for everything else."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from xxhash import xxh3_64_intdigest

from contracts import topics
from contracts.codec import UndecodableRecord, decoder
from contracts.events import CONTROL_KEYS, SCHEMA, Action, Instant, Kind, Quality, Reaction
from contracts.identity import escaped
from processors.engagement import conversation, facts, persons, spikes
from processors.engagement.accounts import COUNT_COLUMNS, POST_UNIQUE, Account, Post
from processors.engagement.facts import KINDS, OWNER, Fact, contribution
from processors.engagement.persons import Presence
from processors.engagement.register import newest_time
from processors.engagement.rows import DIRTY, VALUES
from processors.engagement.windows import MINUTE_MS
from processors.engine.state import Record

if TYPE_CHECKING:
    from processors.engagement.organic import Organic


class Event(Struct, gc=False):
    """What the fold needs of an `EngagementEvent`; the rest is not even decoded."""

    schema: int
    kind: Kind
    action: Action
    interaction_key: str
    version_key: str
    post_id: str | None
    target_id: str
    occurred_at: Instant
    occurred_quality: Quality
    received_at: Instant
    actor_id: str | None = None
    actor_is_owner: bool = False
    parent_id: str | None = None
    reaction: Reaction | None = None
    url: str | None = None


_decode = msgspec.json.Decoder(Event).decode
_explain = decoder(Event)
_EFFECTS = facts.Effects(COUNT_COLUMNS)
_ADDED = tuple(VALUES + effect[0][0] for effect in _EFFECTS.added)
"""For each state, where in a row an addition counts."""
_ADDED_TOO = tuple(tuple(VALUES + column for column, _ in effect[1:]) for effect in _EFFECTS.added)
"""For each state, where else it counts."""
_HAVE_IDS = (facts.COMMENT, facts.REPLY, facts.SHARE, facts.MENTION)
"""Kinds whose interactions are named by an id of the platform; the others need an actor."""


_OTHERS = {"share": facts.SHARE, "follow": facts.FOLLOW, "mention": facts.MENTION}


def kind_of(event: Event) -> int:
    """The number of what was done: a reaction by its type and target, a comment or reply, or something else."""
    if event.kind == "reaction":
        kind = facts.REACTION_OF[event.reaction or "other"]
        return kind if event.target_id == event.post_id else kind + facts.ON_COMMENT
    if event.kind == "comment":
        return facts.COMMENT if event.parent_id is None else facts.REPLY
    return _OTHERS[event.kind]


def fold(state: "Organic", records: Sequence[Record]) -> None:
    """Fold records of `engagement.events`. A new fact with an exact time, which nearly all are, is counted at once.

    Such a fact is packed without a look at its version key: the time and type that make it up are packed too.
    """
    accounts, recent, forgotten = state.accounts, state.limits.minute, state.limits.interaction
    register = state.register
    interactions, new_keys, new_values = register.interactions, register.new_keys, register.new_values
    erased = state.erasures.persons
    received = []
    for record in records:
        _, key, value = record
        try:
            if key in CONTROL_KEYS:
                state.control(key, value or b"")
                continue
            event = _decode(value)  # type: ignore[arg-type]  # a deleted value is refused like any other bad one
            account = accounts.get(key) or state.account_of(key)  # type: ignore[arg-type]  # None is in no dictionary
            if event.schema != SCHEMA:
                _explain(value or b"")
        except UndecodableRecord as error:
            state.reject(topics.EVENTS.name, record, error)
            continue
        except (msgspec.MsgspecError, ValueError, TypeError, RecursionError):
            _reject_unreadable(state, record)
            continue
        received.append(event.received_at)
        if event.actor_id in erased:
            _make_nameless(state, account, event)
        kind = kind_of(event)
        time_ms = event.occurred_at
        who = OWNER if event.actor_is_owner else facts.PERSON if event.actor_id is not None else facts.ANONYMOUS
        code = who * KINDS + kind
        interaction = xxh3_64_intdigest(event.interaction_key.encode(), account.seed)
        known = interactions.get(interaction)
        packed: int | None = time_ms << 8 | code
        if kind >= facts.COMMENT:
            if kind >= facts.FOLLOW:
                event.post_id = None
            if who == facts.PERSON:
                packed = _authored(event, code)
        if event.action == "add" and event.occurred_quality == "exact":
            if known is None:
                if packed and time_ms > account.newest - recent and _is_placed(event):
                    if kind >= facts.COMMENT and who == facts.PERSON:
                        register.put(interaction, packed)
                    else:
                        interactions[interaction] = packed
                        new_keys.append(interaction)
                        new_values.append(packed)
                    _count(state, account, event, interaction, code)
                    if event.kind == "comment":
                        conversation.ask(state, account, event, who, interaction)
                    continue
            elif known == packed and time_ms > account.newest - forgotten:
                _hear_again(state, account, event, interaction, code)
                continue
        _weigh(state, account, event, record, interaction, code)
        if event.kind == "comment" and event.post_id is not None:
            conversation.settle(state, account, event, interaction)
    state.tally.received(received)


def _hear_again(state: "Organic", account: Account, event: Event, interaction: int, code: int) -> None:
    """A packed addition came once more."""
    state.tally.duplicate_facts += 1
    state.tally.ambiguous_events += code // KINDS == facts.ANONYMOUS and code % KINDS not in _HAVE_IDS
    if event.kind == "comment" and event.post_id is not None:
        conversation.tell_again(state, account, event, interaction)


def _make_nameless(state: "Organic", account: Account, event: Event) -> None:
    """What an erased person did before the erasure, by either clock, is nobody's."""
    assert event.actor_id is not None
    time_ms = min(event.occurred_at, event.received_at)
    event.actor_id = state.erasures.name(account.platform, event.actor_id, time_ms)


def _count(state: "Organic", account: Account, event: Event, interaction: int, code: int) -> None:
    """Count a new addition that is too old for no window."""
    time_ms, post_id, actor = event.occurred_at, event.post_id, event.actor_id
    account.is_changed = True
    if time_ms > account.newest:
        if time_ms >= account.spikes.turns_at:
            spikes.turn(state, account, time_ms)
        if time_ms >= account.community.today_ends:
            account.community.turn(time_ms)
        account.newest = time_ms
        account.newest_changed = True
    if time_ms > (state.newest_event_at or 0):  # a tick may have been ahead of it
        state.saw_event_at(time_ms)
    start = time_ms - time_ms % MINUTE_MS
    post: Post | None = None
    if post_id is None:
        rows = account.windows.get(start) or account.open_rows(start)
    else:
        post = account.posts.get(post_id) or account.post(post_id)
        rows = post.windows.get(start) or account.open_post_rows(post, start)
    column, dirty = _ADDED[code], state.dirty
    for row in rows:
        row[column] += 1
        if not row[DIRTY]:
            row[DIRTY] = 1
            dirty.append(row)
    for other in _ADDED_TOO[code]:
        for row in rows:
            row[other] += 1
    if code >= KINDS * OWNER:
        return
    kind = code % KINDS
    if post is not None and kind < facts.ON_COMMENT:
        row = post.reactions[kind] or post.reaction_row(kind)
        row[VALUES] += 1
        if not row[DIRTY]:
            row[DIRTY] = 1
            dirty.append(row)
    if actor is None:
        return
    if post is not None:
        # A reaction's own hash is that of the pair, whatever else this person did to the post.
        pair = interaction if kind < facts.ON_COMMENT else _pair(account, post, state.erasures.former(actor))
        if pair not in state.register.pairs:
            state.register.add_pair(pair)
            post.life[POST_UNIQUE] += 1
    account.community.change(actor, account.day_of(time_ms).number, persons.ARRIVES[kind])


def _authored(event: Event, code: int) -> int | None:
    """The packed fact with whose it is; None if their name cannot be packed."""
    author = facts.author_of(event.actor_id or "")
    return None if author is None else facts.pack(event.occurred_at, facts.ADD, code, author)


def _pair(account: Account, post: Post, actor: str) -> int:
    """Names that `actor` engaged with the post at all: the hash of the interaction that a reaction of theirs is."""
    return xxh3_64_intdigest((post.reacted + escaped(actor)).encode(), account.seed)


def _weigh(state: "Organic", account: Account, event: Event, record: Record, interaction: int, code: int) -> None:
    """Take any fact in: the old contribution of its interaction gives way to the new one."""
    oldest = account.newest - state.limits.interaction
    if event.occurred_at <= oldest:
        state.late("interaction")
        return
    if not _is_placed(event):
        state.reject(topics.EVENTS.name, record, UndecodableRecord("missing_field", f"{event.kind} without post_id"))
        return
    known = state.register.interactions.get(interaction)
    fact = Fact(
        event.occurred_at,
        facts.ACTION_OF[event.action],
        code,
        event.occurred_quality != "exact",
        event.version_key,
        event.actor_id,
    )
    was_erased = state.erasures.concerns(event.actor_id)
    if not was_erased and isinstance(known, int) and facts.time_of(known) > oldest and facts.is_follow_up(known, fact):
        _follow_up(state, account, event.post_id, interaction, known, fact)
        return
    old = () if known is None or newest_time(known) <= oldest else facts.unpack(known)
    if was_erased:
        old = state.erasures.named(account.platform, event.actor_id or "", old)
    new = facts.merge(old, fact)
    standalone = event.actor_id is None and code % KINDS not in _HAVE_IDS
    if len(new) > facts.MOST_FACTS:
        too_many = UndecodableRecord("too_many_facts", f"over {facts.MOST_FACTS}")
        state.reject(topics.EVENTS.name, record, too_many)
        return
    state.advance(account, event.occurred_at)  # even by what is known: how far time has come must not depend on order
    if new is old:
        state.tally.duplicate_facts += 1
        state.tally.ambiguous_events += standalone
        return
    state.register.put(interaction, new)
    before = facts.same_fact(old, fact)
    if before is None:
        for grain in account.too_old_grains(event.occurred_at, state.limits):
            state.late(grain)
    state.saw_event_at(event.occurred_at)
    post = None if event.post_id is None else account.post(event.post_id)
    actor = event.actor_id
    counted, counts = contribution(old, standalone, _EFFECTS), contribution(new, standalone, _EFFECTS)
    _replace(state, account, post, counted, counts)
    persons.move_effects(account, (persons.person_of(old, actor), counted), (persons.person_of(new, actor), counts))
    present = persons.presence_of(account, facts.same_fact(new, fact), actor)
    _move_presence(state, account, post, persons.presence_of(account, before, actor), present)


def _follow_up(
    state: "Organic", account: Account, post_id: str | None, interaction: int, known: int, fact: Fact
) -> None:
    """What `_weigh` would do, for nearly all that comes to it: a person takes back or changes the one known addition.

    Of that, an addition stays what it counted: the removal counts in its own windows, a change in none.
    """
    time_ms, state_before = fact.occurred_at, known & facts.STATE_MASK
    state.register.put(interaction, (*facts.unpack(known), fact))
    for grain in account.too_old_grains(time_ms, state.limits):
        state.late(grain)
    state.advance(account, time_ms)
    state.saw_event_at(time_ms)
    post = None if post_id is None else account.post(post_id)
    reaction = state_before % KINDS
    if fact.action == facts.REMOVE:
        columns = _EFFECTS.removed[state_before]
        for row in account.rows_at(post, time_ms, state.limits):
            for column, amount in columns:
                row[VALUES + column] += amount
            state.touch(row)
        if post is not None:
            _stand(state, post, reaction, -1)
        if fact.actor is not None:
            persons.take_back(account, fact.actor, reaction, facts.time_of(known), time_ms)
        return
    after = fact.state % KINDS
    if post is not None and after < facts.COMMENT and after != reaction:
        _stand(state, post, reaction, -1)
        _stand(state, post, after, 1)
    _move_presence(state, account, post, None, persons.presence_of(account, fact, fact.actor))


def _stand(state: "Organic", post: Post, kind: int, amount: int) -> None:
    """So many more of a kind stand on the post; kinds that are no reactions to it are not counted so."""
    if kind < facts.ON_COMMENT:
        row = post.reaction_row(kind)
        row[VALUES] += amount
        state.touch(row)


def _replace(
    state: "Organic", account: Account, post: Post | None, old: facts.Contribution, new: facts.Contribution
) -> None:
    """Move the rows by the signed difference of two contributions."""
    for time_ms, columns, sign in _differences(old.effects, new.effects):
        for row in account.rows_at(post, time_ms, state.limits):
            for column, amount in columns:
                row[VALUES + column] += sign * amount
            state.touch(row)
    if post is not None and old.standing != new.standing:
        for standing, sign in ((old.standing, -1), (new.standing, 1)):
            for reaction, amount in standing.items():
                row = post.reaction_row(reaction)
                row[VALUES] += sign * amount
                state.touch(row)


def _differences(
    old: list[tuple[int, facts.Effect]], new: list[tuple[int, facts.Effect]]
) -> Iterator[tuple[int, facts.Effect, int]]:
    """What to add and what to take away, as time, columns and sign. What both begin with stays as it is."""
    same = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        same += 1
    for time_ms, columns in new[same:]:
        yield time_ms, columns, 1
    for time_ms, columns in old[same:]:
        yield time_ms, columns, -1


def _move_presence(
    state: "Organic", account: Account, post: Post | None, before: Presence | None, after: Presence | None
) -> None:
    if before == after:
        return
    if after is not None and post is not None and (before is None or before.actor != after.actor):
        _engage(state, account, post, after.actor)
    persons.move_presence(account, before, after)


def _engage(state: "Organic", account: Account, post: Post, actor: str) -> None:
    """Somebody engaged with the post at all."""
    if state.register.add_pair(_pair(account, post, state.erasures.former(actor))):
        post.life[POST_UNIQUE] += 1
        state.touch(post.life)


def _reject_unreadable(state: "Organic", record: Record) -> None:
    why = UndecodableRecord("invalid_record", "cannot be folded")
    try:
        _explain(record[2] or b"")
    except UndecodableRecord as error:
        why = error
    state.reject(topics.EVENTS.name, record, why)


def _is_placed(event: Event) -> bool:
    """Reactions and comments need a post; page likes and mentions have none, and a share's may be unknown."""
    return event.post_id is not None or event.kind in _OTHERS
