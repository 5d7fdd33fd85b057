"""State to records and back: what a restarted worker reads before it folds on."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from contracts import identity, topics
from contracts.codec import encode
from contracts.identity import escaped
from processors.engagement import activity, conversation, counted, counts, membership
from processors.engagement.community import Community
from processors.engagement.rows import BY_TOPIC, PUBLISHED, VALUES, Row, may_vanish, read
from processors.engagement.windows import date_number
from processors.engine.state import Change, Record

if TYPE_CHECKING:
    from processors.engagement.organic import Organic

_PARTITION = b"partition"
_GENERATION_SHIFT = 48


class Remembered(msgspec.Struct, gc=False, omit_defaults=True):
    """A record of `state.organic.accounts`: of the partition, of an account, or of one of its people without a row."""

    generation: int
    newest: int = 0
    newest_event_at: int | None = None
    kept: str = ""


_decode = msgspec.json.Decoder(Remembered).decode


def load(state: "Organic", topic: str, records: Sequence[Record]) -> None:
    """Take records of one topic back, oldest first."""
    for _, key, value in records:
        assert key is not None
        if topic == topics.ERASURES.name:
            if value is not None:
                state.aliases.erased(state.erasures.learn(value))
            continue
        if topic == topics.STATE_INTERACTIONS.name:
            state.register.load(key, value)
            continue
        if state.stale_keys:
            state.stale_keys.pop((topic, key), None)  # a rebuild that was killed wrote it again already
        if topic == topics.STATE_ALIASES.name:
            if not state.aliases.load(key, value):
                state.stale_keys[topic, key] = None
            continue
        if topic == topics.STATE_ACCOUNTS.name:
            _load_account(state, topic, key, value)
        elif topic == membership.TOPIC:
            _load_member(state, topic, key, value)
        elif BY_TOPIC[topic].name in counted.TABLES:
            _load_counts(state, topic, key, value)
        else:
            _load_row(state, topic, key, value)


def changes(state: "Organic", version: int) -> Iterator[Change]:
    """Records of everything remembered about accounts and people that changed."""
    return chain.from_iterable(_changes(state, version))


def _changes(state: "Organic", version: int) -> Iterator[Iterable[Change]]:
    topic = topics.STATE_ACCOUNTS.name
    ends, reactions = counted.Ends(counts.members, version), counted.Ends(counted.standing, version)
    if state.time_changed:
        state.time_changed = False
        remembered = Remembered(state.generation, state.ticked_at, state.newest_event_at)
        yield ((topic, _PARTITION, encode(remembered)),)
    for account in state.accounts.values():
        if account.newest_changed:
            account.newest_changed = False
            yield ((topic, account.key, encode(Remembered(state.generation, account.newest))),)
        prefix = f"{account.key.decode()}|"
        yield counted.changes(account, ends, reactions)
        yield _people(state, account.community, prefix, version)
        yield account.conversation.changes(topic, prefix)


def _people(state: "Organic", community: Community, prefix: str, version: int) -> Iterator[Change]:
    """What is kept of a person stands in the record of their row; of who has none, in one of the state."""
    topic, hidden, head = topics.STATE_ACCOUNTS.name, community.hidden, community.head
    key_head, value_head, join = prefix.encode(), head + b'"', b"".join
    for name, tail in community.take_newcomers(version):
        yield membership.TOPIC, key_head + name, join((value_head, name, b'"', tail))
    for actor, kept, rest in community.take(version):
        key = (prefix + escaped(actor)).encode()
        if rest is not None:
            yield membership.TOPIC, key, head + encode(actor) + rest
            if actor not in hidden:
                continue
        elif actor not in hidden:
            yield membership.TOPIC, key, None
        if rest is None and kept is not None:
            hidden.add(actor)
            yield topic, key, encode(Remembered(state.generation, kept=activity.written(kept)))
        elif actor in hidden:
            hidden.remove(actor)
            yield topic, key, None


def _load_account(state: "Organic", topic: str, key: bytes, value: bytes | None) -> None:
    names = identity.split_key(key.decode())
    if value is None:
        if len(names) == 3:
            state.account(*names[:2]).community.load_hidden(names[2], None)
        elif names[2:3] == (conversation.RECORD,):
            state.account(*names[:2]).conversation.load_aside(names[3], None)
        return
    remembered = _decode(value)
    if remembered.generation < state.generation:
        state.stale_keys[topic, key] = None
        return
    if key == _PARTITION:
        state.ticked_at, state.newest_event_at = remembered.newest, remembered.newest_event_at
        for account in state.accounts.values():
            account.resume(state.ticked_at)
        return
    account = state.account(*names[:2])
    if len(names) == 2:
        account.resume(remembered.newest)
    elif names[2] == conversation.RECORD and len(names) == 4:
        account.conversation.load_aside(names[3], value)
    else:
        account.community.load_hidden(names[2], activity.read(remembered.kept))


def _load_member(state: "Organic", topic: str, key: bytes, value: bytes | None) -> None:
    if value is None:
        platform, account_id, actor = identity.split_key(key.decode())
        state.account(platform, account_id).community.load(actor, None)
        return
    record = membership.decode(value)
    if record.version >> _GENERATION_SHIFT < state.generation:
        state.stale_keys[topic, key] = None
        return
    account = state.account(record.platform, record.account_id)
    account.community.load(record.actor_id, activity.read(record.kept))


def _load_counts(state: "Organic", topic: str, key: bytes, value: bytes | None) -> None:
    table = BY_TOPIC[topic].name
    if value is None:
        counted.load(state, table, _grain(table, key), 0)
        return
    grain, found, version = counted.read(table, value)
    if version >> _GENERATION_SHIFT < state.generation:
        state.stale_keys[topic, key] = None
    else:
        counted.load(state, table, grain, found)


def _load_row(state: "Organic", topic: str, key: bytes, value: bytes | None) -> None:
    table = BY_TOPIC[topic]
    if value is None:
        grain = _grain(table.name, key)
        if table.name == "inbound_comments":
            state.account(*grain[:2]).conversation.load_row(grain[2], None)
            return
        if not may_vanish(table.name):  # a rebuild did not know it: it is as if there never had been one
            return
        row = find_row(state, table.name, grain)
        row[PUBLISHED] = False
        row[VALUES:] = [0] * (len(row) - VALUES)
        return
    grain, values, version = read(topic, value)
    if version >> _GENERATION_SHIFT < state.generation:
        state.stale_keys[topic, key] = None
        return
    if table.name == "inbound_comments":
        account = state.account(*grain[:2])
        account.conversation.load_row(grain[2], conversation.row_of(account, grain[2], values))
        return
    row = find_row(state, table.name, grain)
    row[VALUES:] = values
    row[PUBLISHED] = True


def _grain(table: str, key: bytes) -> tuple[Any, ...]:
    *names, last = identity.split_key(key.decode())
    return (*names, int(last) if table.endswith(("_minute", "_hour", "_anomalies")) else last)


def find_row(state: "Organic", table: str, grain: tuple[Any, ...]) -> Row:
    """The row of a table and grain, made if there is none: the one place that knows where each of them lives."""
    account = state.account(grain[0], grain[1])
    match table:
        case "community_by_account_day":
            return account.community.day_row(account.zone.day(date_number(grain[2])))
        case "account_metrics_day":
            return state.account_metric(grain).row
        case "post_metrics":
            return state.post_metric(grain).row
        case "engagement_anomalies":
            return account.spikes.row(account, None if grain[2] == "account" else grain[3], grain[4])
        case "post_metrics_hour":
            return state.post_metric(grain[:-1]).hour_row(grain[-1])
        case "posts":
            return state.content(grain)
    raise LookupError(f"no row is kept for {table}")
