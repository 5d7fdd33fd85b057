"""One event of each kind, whichever way it came. What enters an event's identity is decided here.

Likes, reposts and follows are relations between a person and a post or the account, for that is all that a listing
tells of them; the time that the client claims tells one record of a relation from the next. It is taken for no time.
Replies, quotes and mentions are posts, named by their addresses. An address says who wrote: a pseudonym stands for it.
"""

from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from contracts import identity
from contracts.events import SCHEMA, EngagementEvent, Kind, Subject
from ingest.fields import described
from ingest.identity import announcements
from ingest.platforms import Receipt
from ingest.platforms.bluesky.uris import Uri

PLATFORM: Literal["bluesky"] = "bluesky"


@dataclass(frozen=True, slots=True)
class Said:
    """What is kept of the text of a post."""

    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Who did something that concerns `account`, when, and whether that time is the stream's, which is exact."""

    account: str
    did: str
    at: int
    is_exact: bool
    receipt: Receipt


def liked(seen: Seen, post_id: str, stamp: str | None) -> EngagementEvent:
    """`stamp` tells this like from another of the same person (`posts.stamp`)."""
    key = identity.reaction_interaction(post_id, seen.receipt.pseudonym(seen.did))
    return _event(seen, "reaction", key, _version("like", stamp), post_id, post_id)


def reposted(seen: Seen, post_id: str, stamp: str | None) -> EngagementEvent:
    """A share; it says nothing of its own."""
    key = identity.join_key("share", post_id, seen.receipt.pseudonym(seen.did))
    return _event(seen, "share", key, _version("repost", stamp), post_id, post_id)


def followed(seen: Seen, stamp: str | None) -> EngagementEvent:
    key = identity.follow_interaction(seen.account, seen.receipt.pseudonym(seen.did))
    return _event(seen, "follow", key, _version("follow", stamp), None, seen.account)


def commented(seen: Seen, uri: Uri, post: Uri, parent: Uri, said: Said) -> EngagementEvent:
    """A reply below `post`, to it or, if `parent` is another, to that one."""
    parent_id = None if parent == post else seen.receipt.pseudonym(str(parent))
    key = _object("comment", seen, uri)
    event = _event(seen, "comment", key, "", post.rkey, parent_id or post.rkey, parent_id, said)
    return _announced(event, seen, uri)


def quoted(seen: Seen, uri: Uri, post: Uri, said: Said) -> EngagementEvent:
    """A share with something said about it."""
    event = _event(seen, "share", _object("share", seen, uri), "", post.rkey, post.rkey, None, said)
    return _announced(event, seen, uri)


def mentioned(seen: Seen, uri: Uri, said: Said) -> EngagementEvent:
    """The account is named in somebody's post."""
    event = _event(seen, "mention", _object("mention", seen, uri), "", None, seen.account, None, said)
    return _announced(event, seen, uri)


def _version(kind: str, stamp: str | None) -> str:
    return kind if stamp is None else f"{kind}:{stamp}"


def _object(kind: Kind, seen: Seen, uri: Uri) -> str:
    return identity.object_interaction(kind, seen.receipt.pseudonym(str(uri)))


def _announced(event: EngagementEvent, seen: Seen, uri: Uri) -> EngagementEvent:
    """With what the addresses in it will be named by with the next identity key, if there is one."""
    names = announcements(seen.receipt.pseudonym(str(uri)), event.parent_id)
    return replace(event, objects_next=names) if names else event


def _event(
    seen: Seen,
    kind: Kind,
    key: str,
    version: str,
    post_id: str | None,
    target_id: str,
    parent_id: str | None = None,
    said: Said | None = None,
) -> EngagementEvent:
    receipt = seen.receipt
    words = described(said.text, "text") if said is not None else None
    return EngagementEvent(
        schema=SCHEMA,
        event_id=identity.event_id(PLATFORM, seen.account, kind, key, "add", version),
        platform=PLATFORM,
        account_id=seen.account,
        kind=kind,
        action="add",
        interaction_key=key,
        version_key=version,
        post_id=post_id,
        target_id=target_id,
        occurred_at=seen.at,
        occurred_quality="exact" if seen.is_exact else "approx",
        received_at=receipt.received_at,
        channel=receipt.channel,
        actor_id=receipt.pseudonym(seen.did),
        actor_is_owner=seen.did == seen.account,
        parent_id=parent_id,
        reaction="like" if kind == "reaction" else None,
        reaction_native="like" if kind == "reaction" else None,
        text_length=words.length if words else None,
        language=said.language if said else None,
        mentions=words.mentions if words else (),
        hashtags=words.hashtags if words else (),
        text=words.text if words and receipt.keep_text else None,
        source_id=receipt.source_id,
    )


def record_name(person: str, collection: str, rkey: str, account: str) -> str:
    """What a record is remembered under, once for each account that it concerns. `person` is a pseudonym."""
    return identity.join_key(person, collection, rkey, account)


def remembered_anew(name: str, subject: Subject, person: str) -> tuple[str, Subject]:
    """The name and subject of a record under who its author will be."""
    _, *rest = identity.split_key(name)
    parts = identity.split_key(subject.interaction_key)
    key = identity.join_key(*(person if part == subject.actor_id else part for part in parts))
    return identity.join_key(person, *rest), replace(subject, actor_id=person, interaction_key=key)


def subject_of(added: EngagementEvent) -> Subject:
    """What must be known of a record to understand its deletion."""
    assert added.actor_id is not None, "every record has an author"
    return Subject(
        account_id=added.account_id,
        kind=added.kind,
        interaction_key=added.interaction_key,
        version_key=added.version_key,
        post_id=added.post_id,
        target_id=added.target_id,
        actor_id=added.actor_id,
        actor_is_owner=added.actor_is_owner,
        parent_id=added.parent_id,
        reaction=added.reaction,
        seen_at=added.received_at,
    )


def removed(subject: Subject, at: int, receipt: Receipt) -> EngagementEvent:
    """That the record was deleted."""
    names = (PLATFORM, subject.account_id, subject.kind, subject.interaction_key, "remove", subject.version_key)
    return EngagementEvent(
        schema=SCHEMA,
        event_id=identity.event_id(*names),
        platform=PLATFORM,
        account_id=subject.account_id,
        kind=subject.kind,
        action="remove",
        interaction_key=subject.interaction_key,
        version_key=subject.version_key,
        post_id=subject.post_id,
        target_id=subject.target_id,
        occurred_at=at,
        occurred_quality="exact",
        received_at=receipt.received_at,
        channel=receipt.channel,
        actor_id=subject.actor_id,
        actor_is_owner=subject.actor_is_owner,
        parent_id=subject.parent_id,
        reaction=subject.reaction,
        reaction_native=subject.reaction,
        source_id=receipt.source_id,
    )
