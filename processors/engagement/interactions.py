"""Events into rows: the hot loop for new facts, and the careful way for everything else."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta, Struct
from xxhash import xxh3_64_intdigest

from contracts import topics
from contracts.codec import UndecodableRecord, decoder
from contracts.events import CONTROL_KEYS, SCHEMA, Action, Instant, Kind, Quality, Reaction
from contracts.identity import reaction_interaction
from processors.engagement import conversation, facts, persons, spikes
from processors.engagement.accounts import Account
from processors.engagement.facts import EFFECTS, KINDS, OWNER, Fact, Interaction, contribution
from processors.engagement.persons import Presence
from processors.engagement.register import newest_time
from processors.engagement.windows import MINUTE_MS
from processors.engine.state import Record

if TYPE_CHECKING:
    from processors.engagement.organic import Organic


class Event(Struct, gc=False):
    """What the fold needs of an `EngagementEvent`; the rest is not even decoded."""

    schema: Annotated[int, Meta(ge=SCHEMA, le=SCHEMA)]
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
    actor_id_next: str | None = None
    objects_next: dict[str, str] | None = None


_decode = msgspec.json.Decoder(Event).decode
_explain = decoder(Event)
_ADDED = EFFECTS.added
_HAVE_IDS = (facts.COMMENT, facts.REPLY, facts.SHARE, facts.MENTION)
"""Kinds whose interactions are named by an id of the platform; the others need an actor."""


_OTHERS = {"share": facts.SHARE, "follow": facts.FOLLOW, "mention": facts.MENTION}


def _kind_of_other(event: Event) -> int:
    """The number of what was done, if it is no reaction."""
    if event.kind == "comment":
        return facts.COMMENT if event.parent_id is None else facts.REPLY
    return _OTHERS[event.kind]


def fold(state: "Organic", records: Sequence[Record]) -> None:
    """Fold records of `engagement.events`. A new fact with an exact time, which nearly all are, is counted at once.

    Such a fact is packed without a look at its version key: the time and type that make it up are packed too.
    """
    accounts, recent, forgotten = state.accounts, state.limits.recent, state.limits.interaction
    register = state.register
    interactions, new_keys, new_values = register.interactions, register.new_keys, register.new_values
    erased, aliases = state.erasures.persons, state.aliases.names
    received = []
    for record in records:
        try:
            event = _decode(record[2])  # type: ignore[arg-type]  # a deleted value is refused like any other bad one
            account = accounts[record[1]]  # type: ignore[index]  # None is in no dictionary
        except (msgspec.MsgspecError, LookupError, ValueError, TypeError, RecursionError):
            found = _look_closely(state, record)
            if found is None:
                continue
            event, account = found
        received.append(event.received_at)
        if aliases or event.actor_id_next is not None:
            state.aliases.settle(event)
        if erased and event.actor_id in erased:
            _make_nameless(state, account, event)
        if event.kind == "reaction":
            kind = facts.REACTION_OF[event.reaction or "other"]
            if event.target_id != event.post_id:
                kind += facts.ON_COMMENT
        else:
            kind = _kind_of_other(event)
        time_ms = event.occurred_at
        who = OWNER if event.actor_is_owner else facts.PERSON if event.actor_id is not None else facts.ANONYMOUS
        code = who * KINDS + kind
        interaction = xxh3_64_intdigest(event.interaction_key.encode(), account.seed)
        known = interactions.get(interaction)
        packed: Interaction | None = time_ms << 8 | code
        if kind >= facts.COMMENT:
            if kind >= facts.FOLLOW:
                event.post_id = None
            if kind == facts.SHARE and event.post_id is not None:
                packed = _shared(account, event, event.post_id, code)
            elif who == facts.PERSON:
                packed = _authored(event, code)
        if event.action == "add" and event.occurred_quality == "exact":
            if known is None:
                if packed and time_ms > account.newest - recent and _is_placed(event):
                    interactions[interaction] = packed
                    if isinstance(packed, int) and (kind < facts.COMMENT or who != facts.PERSON):
                        new_keys.append(interaction)
                        new_values.append(packed)
                    else:
                        register.changed.append(interaction)
                    _count(state, account, event, interaction, code)
                    if event.kind == "comment":
                        conversation.ask(state, account, event, who, interaction)
                    continue
            elif known == packed and time_ms > account.newest - forgotten:
                _hear_again(state, account, event, interaction, code)
                continue
        _weigh(state, account, event, record, interaction, known, code)
        if event.kind == "comment" and event.post_id is not None:
            conversation.settle(state, account, event, interaction)
    state.tally.received(received)


def _look_closely(state: "Organic", record: Record) -> tuple[Event, Account] | None:
    """A record that is the first of its account, no event, or nothing that can be used."""
    _, key, value = record
    try:
        if key in CONTROL_KEYS:
            state.control(key, value or b"")
            return None
        return _explain(value or b""), state.account_of(key)
    except UndecodableRecord as error:
        state.reject(topics.EVENTS.name, record, error)
        return None


def _hear_again(state: "Organic", account: Account, event: Event, interaction: int, code: int) -> None:
    """A packed addition came once more."""
    state.tally.duplicate_facts += 1
    state.tally.ambiguous_events += code // KINDS == facts.ANONYMOUS and code % KINDS not in _HAVE_IDS
    if event.kind == "share":
        _engage_by_share(state, account, event, code)
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
    if time_ms > account.newest:
        if time_ms >= account.spikes.turns_at:
            spikes.turn(state, account, time_ms)
        if time_ms >= account.community.today_ends:
            account.community.turn(time_ms)
        account.newest = time_ms
        account.newest_changed = True
    if time_ms > (state.newest_event_at or 0):  # a tick may have been ahead of it
        state.saw_event_at(time_ms)
    book, kind, minute = account.book, code % KINDS, time_ms // MINUTE_MS
    if post_id is None:
        book.count(minute, None, _ADDED[code])
        if code < KINDS * OWNER and actor is not None:
            account.community.arrive(actor, account.day_of(time_ms).number, persons.ARRIVES[kind])
        return
    post = account.posts.get(post_id)
    if post is None:
        post = account.post(post_id)
    posts = book.fresh.get(minute)
    if posts is None:
        posts = book.fresh[minute] = {}
    posts[post] = posts.get(post, 0) + _ADDED[code]
    if code >= KINDS * OWNER:
        return
    if kind < facts.ON_COMMENT:
        book.reacted[kind].append(post)
    if actor is None:
        return
    # A reaction's own hash is that of the pair, and the register knows it by that.
    if kind >= facts.ON_COMMENT:
        _engage(state, account, post, actor)
    elif interaction not in state.register.pairs:
        book.engaged.append(post)
    day = account.day
    if not day.start <= time_ms < day.end:
        day = account.day_of(time_ms)
    account.community.arrive(actor, day.number, persons.ARRIVES[kind])


def _authored(event: Event, code: int) -> int | None:
    """The packed fact with whose it is; None if their name cannot be packed."""
    author = facts.author_of(event.actor_id or "")
    return None if author is None else facts.pack(event.occurred_at, facts.ADD, code, author)


def _shared(account: Account, event: Event, post_id: str, code: int) -> tuple[Fact]:
    """The exact addition of a share with its post, whose name is kept once."""
    number = account.posts.get(post_id)
    post = post_id if number is None else account.post_ids[number]
    return (Fact(event.occurred_at, facts.ADD, code, False, event.version_key, event.actor_id, post),)


def _pair(account: Account, post: int, actor: str) -> int:
    """Names that `actor` engaged with the post at all: the hash of the interaction that a reaction of theirs is."""
    return xxh3_64_intdigest(reaction_interaction(account.post_ids[post], actor).encode(), account.seed)


def _weigh(
    state: "Organic",
    account: Account,
    event: Event,
    record: Record,
    interaction: int,
    known: Interaction | None,
    code: int,
) -> None:
    """Take any fact in: the old contribution of its interaction gives way to the new one."""
    oldest = account.newest - state.limits.interaction
    if event.occurred_at <= oldest:
        state.late("interaction")
        return
    if not _is_placed(event):
        state.reject(topics.EVENTS.name, record, UndecodableRecord("missing_field", f"{event.kind} without post_id"))
        return
    fact = Fact(
        event.occurred_at,
        facts.ACTION_OF[event.action],
        code,
        event.occurred_quality != "exact",
        event.version_key,
        event.actor_id,
        event.post_id if event.kind == "share" else None,
    )
    was_erased = state.erasures.concerns(event.actor_id)
    if isinstance(known, int) and facts.is_follow_up(known, fact) and facts.time_of(known) > oldest and not was_erased:
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
    if event.kind == "share":
        _engage_by_share(state, account, event, code)
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
    actor = event.actor_id
    counted, counts = contribution(old, standalone), contribution(new, standalone)
    former_post, post = _post_of(account, event, old), _post_of(account, event, new)
    _replace(state, account, (former_post, counted), (post, counts))
    persons.move_effects(account, (persons.person_of(old, actor), counted), (persons.person_of(new, actor), counts))
    present = persons.presence_of(account, facts.same_fact(new, fact), actor)
    engaged_with = None if event.kind == "share" else post
    _move_presence(state, account, engaged_with, persons.presence_of(account, before, actor), present)


def _follow_up(
    state: "Organic", account: Account, post_id: str | None, interaction: int, known: int, fact: Fact
) -> None:
    """What `_weigh` would do, for nearly all that comes to it: a person takes back or changes the one known addition.

    Of that, an addition stays what it counted: the removal counts in its own windows, a change in none.
    """
    time_ms, before = fact.occurred_at, known & facts.STATE_MASK
    state.register.put(interaction, (*facts.unpack(known), fact))
    for grain in account.too_old_grains(time_ms, state.limits):
        state.late(grain)
    if time_ms > account.newest:
        state.advance(account, time_ms)
    state.saw_event_at(time_ms)
    post = None if post_id is None else account.post(post_id)
    if fact.action == facts.REMOVE:
        account.count(post, time_ms, EFFECTS.removed[before], state.limits)
        _stand(account, post, before, -1)
        if fact.actor is not None:
            persons.take_back(account, fact.actor, before, facts.time_of(known), time_ms)
        return
    after = fact.state
    if after < facts.COMMENT and after != before:
        _stand(account, post, before, -1)
        _stand(account, post, after, 1)
    engaged_with = None if before < facts.ON_COMMENT > after else post  # by a reaction to it they did already
    _move_presence(state, account, engaged_with, None, persons.presence_of(account, fact, fact.actor))


def _stand(account: Account, post: int | None, kind: int, amount: int) -> None:
    """So many more of a kind stand on the post; kinds that are no reactions to it are not counted so."""
    if post is not None and kind < facts.ON_COMMENT:
        account.book.reactions.add(kind, post, amount)


def _engage_by_share(state: "Organic", account: Account, event: Event, code: int) -> None:
    """Who is told to have shared a post engaged with it, though the share may turn out to be another post's."""
    is_presence = event.action in ("add", "update") and code // KINDS == facts.PERSON
    if is_presence and event.actor_id is not None and event.post_id is not None:
        _engage(state, account, account.post(event.post_id), event.actor_id)


def _post_of(account: Account, event: Event, known: tuple[Fact, ...]) -> int | None:
    """The post of an event's interaction: of a share what its facts say, of all else what every delivery says."""
    post_id = facts.shared_post(known) if event.kind == "share" else event.post_id
    return None if post_id is None else account.post(post_id)


Placed = tuple[int | None, facts.Contribution]
"""A contribution, and the post that it is counted at."""


def _replace(state: "Organic", account: Account, old: Placed, new: Placed) -> None:
    """Move the rows by the signed difference of two contributions. What both begin with, on one post, stays."""
    (former_post, before), (post, after) = old, new
    same = _alike(before.effects, after.effects) if former_post == post else 0
    for time_ms, counts in after.effects[same:]:
        account.count(post, time_ms, counts, state.limits)
    for time_ms, counts in before.effects[same:]:
        account.count(former_post, time_ms, -counts, state.limits)
    if before.standing != after.standing:
        for standing, sign in ((before.standing, -1), (after.standing, 1)):
            for reaction, amount in standing.items():
                _stand(account, post, reaction, sign * amount)


def _alike(one: Sequence[object], other: Sequence[object]) -> int:
    """With how many equal elements both begin."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _move_presence(
    state: "Organic", account: Account, post: int | None, before: Presence | None, after: Presence | None
) -> None:
    if before == after:
        return
    if after is not None and post is not None and (before is None or before.actor != after.actor):
        _engage(state, account, post, after.actor)
    persons.move_presence(account, before, after)


def _engage(state: "Organic", account: Account, post: int, actor: str) -> None:
    """Somebody engaged with the post at all."""
    if state.register.add_pair(_pair(account, post, state.erasures.former(actor))):
        account.engage(post)


def _is_placed(event: Event) -> bool:
    """Reactions and comments need a post; page likes and mentions have none, and a share's may be unknown."""
    return event.post_id is not None or event.kind in _OTHERS
