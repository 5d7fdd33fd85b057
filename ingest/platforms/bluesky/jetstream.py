"""Messages of Jetstream, version 1: everything that happens on the network, of which little is about our accounts.

What cannot be is dropped after a glance at the bytes. A deletion names neither what was liked nor whom it concerned:
what the subjects remember of the record does. The time is the stream's own; `createdAt` is the claim of some client.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from contracts.events import SCHEMA, EngagementEvent, Post, Subject
from contracts.outcome import Drop, Keep, Refuse
from ingest.fields import Unusable, checked
from ingest.identity import following
from ingest.platforms import Frame, Message, Part, Receipt
from ingest.platforms.bluesky import facts, posts
from ingest.platforms.bluesky.facts import PLATFORM, Seen
from ingest.platforms.bluesky.posts import Record
from ingest.platforms.bluesky.uris import COLLECTIONS, FOLLOW, LIKE, POST, Uri, is_did, is_rkey, parse
from ingest.subjects import Subjects
from ingest.wire import decoded

_DIDS = re.compile(rb"did:[a-z]{1,32}:[A-Za-z0-9._:%-]{1,200}")


class _Head(Struct, frozen=True, gc=False):
    """What every message has. Decoding no more of it than this costs a microsecond."""

    did: str
    time_us: int
    kind: str


class _Act(Struct, frozen=True, gc=False):
    operation: str
    collection: str
    rkey: str


class _Deletion(Struct, frozen=True):
    commit: _Act


class _Commit(Struct, frozen=True):
    operation: str
    collection: str
    rkey: str
    record: Record | None = None


class _Creation(Struct, frozen=True):
    commit: _Commit


class _Status(Struct, frozen=True):
    status: Any = None


class _Account(Struct, frozen=True):
    account: _Status = _Status()


_head = msgspec.json.Decoder(_Head)
_deletion = msgspec.json.Decoder(_Deletion)
_creation = msgspec.json.Decoder(_Creation)
_account = msgspec.json.Decoder(_Account)


def read(message: Message, receipt: Receipt, subjects: Subjects) -> Frame:
    """What a message is to the accounts; to most it is nothing but a place in the stream."""
    body = message.body
    try:
        head = decoded(_head, Raw(body))
    except Unusable as error:
        reason = error.reason if error.reason == "unreadable_body" else "invalid_envelope"
        return Frame([Part(Refuse(reason, error.detail), None, body)])
    try:
        at = checked(head.time_us // 1000, "time_us", receipt.received_at)
    except Unusable as error:  # no place to go on from, whoever it concerns
        ours = _named(body, receipt)
        return Frame([Part(Refuse(error.reason, error.detail), ours[0], body)] if ours else ())
    parts: list[Part] = []
    changes: list[tuple[str, Subject | None]] = []
    try:
        for part, change in _meant(head, at, body, receipt, subjects):
            parts += [part] if part else []
            changes += [change] if change else []
    except Unusable as error:
        named = _named(body, receipt)
        parts, changes = [Part(Refuse(error.reason, error.detail), named[0] if named else None, body)], []
    return Frame(parts, str(head.time_us), at, changes)


_Meaning = Iterator[tuple[Part | None, tuple[str, Subject | None] | None]]


def _named(body: bytes, receipt: Receipt) -> list[str]:
    """The accounts whose DIDs stand anywhere in a message, in order."""
    found = dict.fromkeys(did.decode() for did in _DIDS.findall(body))
    return [did for did in found if did in receipt.accounts]


def _meant(head: _Head, at: int, body: bytes, receipt: Receipt, subjects: Subjects) -> _Meaning:
    if head.kind == "commit":
        if b'"delete"' in body:
            act = decoded(_deletion, Raw(body)).commit
            if act.operation == "delete":
                yield from _deleted(head.did, act, at, receipt, subjects)
                return
        if ours := _named(body, receipt):
            yield from _created(head.did, decoded(_creation, Raw(body)).commit, at, ours, receipt, subjects)
    elif head.kind == "account" and decoded(_account, Raw(body)).account.status == "deleted":
        yield from _all_deleted(receipt.pseudonym(head.did), at, receipt, subjects)


def _created(did: str, commit: _Commit, at: int, ours: list[str], receipt: Receipt, subjects: Subjects) -> _Meaning:
    if commit.collection not in COLLECTIONS:
        return
    if not is_did(did) or not is_rkey(commit.rkey):
        raise Unusable("invalid_field", "did or rkey")
    if commit.operation == "update":
        yield Part(Drop("record_updated"), None), None
        return
    if commit.operation != "create":
        raise Unusable("unknown_item", "operation")
    if commit.record is None:
        raise Unusable("missing_field", "record")
    uri = Uri(did, commit.collection, commit.rkey)
    if did in ours and commit.collection == POST:
        yield Part(Drop("post_left_to_poller"), did), None
    person, told = receipt.pseudonym(did), dict[str, Subject]()
    for account in ours:
        event = _event(Seen(account, did, at, True, receipt), uri, commit.record)
        if event is not None:
            name = facts.record_name(person, commit.collection, commit.rkey, account)
            told[name] = facts.subject_of(event)
            yield Part(Keep(event), account), (name, told[name])
    coming = following(person)
    if told and coming is not None:
        for name, subject in {**subjects.of(person), **told}.items():
            yield from _announced(name, subject, coming, subjects)


def _announced(
    name: str, subject: Subject, person: str | None, subjects: Subjects, *, is_gone: bool = False
) -> _Meaning:
    """What is remembered of somebody is so under who they will be, too, if that is told; or it is gone there, too."""
    if person is not None:
        anew, same = facts.remembered_anew(name, subject, person)
        after = None if is_gone else same
        if subjects.get(anew) != after:
            yield None, (anew, after)


def _event(seen: Seen, uri: Uri, record: Record) -> EngagementEvent | None:
    """What a record is to one account; None: its DID stands in it, but it is about something else."""
    if uri.collection == POST:
        return posts.engagement(seen, uri, record)
    stamp = posts.stamp(record.created_at, uri.rkey)
    if uri.collection == FOLLOW:
        if not isinstance(record.subject, str):
            raise Unusable("invalid_field", "subject")
        return facts.followed(seen, stamp) if record.subject == seen.account else None
    if not isinstance(record.subject, dict) or not isinstance(record.subject.get("uri"), str):
        raise Unusable("invalid_field", "subject.uri")
    subject = parse(record.subject["uri"])
    if subject is None or subject.did != seen.account or subject.collection != POST:
        return None
    tell = facts.liked if uri.collection == LIKE else facts.reposted
    return tell(seen, subject.rkey, stamp)


def _deleted(did: str, act: _Act, at: int, receipt: Receipt, subjects: Subjects) -> _Meaning:
    person = receipt.pseudonym(did)
    theirs = subjects.of(person)
    known = {
        name: subject
        for account in (receipt.accounts if theirs else ())
        if (subject := theirs.get(name := facts.record_name(person, act.collection, act.rkey, account))) is not None
    }
    is_answer = any(subject.kind == "comment" for subject in known.values())
    if did in receipt.accounts and act.collection == POST and is_rkey(act.rkey) and not is_answer:
        yield Part(Keep(_gone(did, act.rkey, at, receipt)), did), None
    for name, subject in known.items():
        # A message may come again, and an answer of ours that is forgotten would be taken for a post of ours.
        is_ours = did in receipt.accounts and subject.kind == "comment"
        after = replace(subject, is_gone=True) if is_ours else None
        yield _taken_back(subject, name, theirs, at, receipt), (name, after)
        yield from _announced(name, after or subject, following(person), subjects, is_gone=after is None)


def _taken_back(subject: Subject, name: str, theirs: Mapping[str, Subject], at: int, receipt: Receipt) -> Part:
    """Who liked twice likes still when one of the records goes."""
    key, account = subject.interaction_key, subject.account_id
    if any(one.interaction_key == key and one.account_id == account for n, one in theirs.items() if n != name):
        return Part(Drop("still_stands"), account)
    return Part(Keep(facts.removed(subject, at, receipt)), account)


def _all_deleted(person: str, at: int, receipt: Receipt, subjects: Subjects) -> _Meaning:
    """A person's account is gone, and everything of theirs with it."""
    for name, subject in list(subjects.of(person).items()):
        if subject.is_gone:
            continue
        yield Part(Keep(facts.removed(subject, at, receipt)), subject.account_id), (name, None)
        yield from _announced(name, subject, following(person), subjects, is_gone=True)


def _gone(account: str, rkey: str, at: int, receipt: Receipt) -> Post:
    return Post(
        schema=SCHEMA,
        platform=PLATFORM,
        account_id=account,
        post_id=rkey,
        as_of=at,
        received_at=receipt.received_at,
        deleted_at=at,
    )
