"""One event of each kind, named the same whether the stream or a poll brought it. What enters an event's identity is
decided here."""

from typing import Literal, NamedTuple

from msgspec.structs import replace

from contracts import identity
from contracts.events import SCHEMA, EngagementEvent, Kind, Reaction
from ingest.fields import Text
from ingest.platforms import Receipt

PLATFORM: Literal["mastodon"] = "mastodon"


class Actor(NamedTuple):
    """Who did it: the pseudonym of the address (`name@server`) that is the same on all servers."""

    pseudonym: str
    is_owner: bool


class Context(NamedTuple):
    """Whose account it is about, when it was (exact), and how it came to us."""

    account: str
    at: int
    receipt: Receipt


def favourite(context: Context, actor: Actor, status_id: str) -> EngagementEvent:
    key = identity.reaction_interaction(status_id, actor.pseudonym)
    version = identity.reaction_version("like", context.at)
    return _event(context, actor, "reaction", key, version, status_id, status_id, reaction="like")


def reblog(context: Context, actor: Actor, status_id: str) -> EngagementEvent:
    """A status is passed on by somebody once, until they take that back."""
    key = identity.join_key("share", status_id, actor.pseudonym)
    return _event(context, actor, "share", key, "", status_id, status_id)


def quote(context: Context, actor: Actor, quoting_id: str, status_id: str, said: Text | None) -> EngagementEvent:
    """A share with something said about it, which is a status of its own."""
    key = identity.object_interaction("share", quoting_id)
    return _described(_event(context, actor, "share", key, "", status_id, status_id), said)


def follow(context: Context, actor: Actor) -> EngagementEvent:
    key = identity.follow_interaction(context.account, actor.pseudonym)
    return _event(context, actor, "follow", key, identity.reaction_version("like", context.at), None, context.account)


def mention(context: Context, actor: Actor, status_id: str, said: Text | None) -> EngagementEvent:
    key = identity.object_interaction("mention", status_id)
    return _described(_event(context, actor, "mention", key, "", None, context.account), said)


def comment(
    context: Context, actor: Actor, *, status_id: str, post_id: str, parent_id: str | None, url: str | None, said: Text
) -> EngagementEvent:
    """That something was answered to a status; a reply if it has a parent among the answers."""
    key = identity.object_interaction("comment", status_id)
    event = _event(context, actor, "comment", key, "", post_id, parent_id or post_id)
    return _described(replace(event, parent_id=parent_id, url=url), said)


def edited(added: EngagementEvent, at: int) -> EngagementEvent:
    """That the comment was last edited then."""
    name = identity.event_id(PLATFORM, added.account_id, "comment", added.interaction_key, "update", str(at))
    return replace(added, event_id=name, action="update", version_key=str(at), occurred_at=at)


def removed(
    account: str, receipt: Receipt, *, status_id: str, post_id: str, parent_id: str | None, at: int
) -> EngagementEvent:
    """That a comment is no longer there: when it went is not told."""
    key = identity.object_interaction("comment", status_id)
    event = _event(Context(account, at, receipt), None, "comment", key, "", post_id, parent_id or post_id)
    name = identity.event_id(PLATFORM, account, "comment", key, "remove", "")
    return replace(event, event_id=name, action="remove", occurred_quality="approx", parent_id=parent_id)


def _event(
    context: Context,
    actor: Actor | None,
    kind: Kind,
    key: str,
    version: str,
    post_id: str | None,
    target_id: str,
    *,
    reaction: Reaction | None = None,
) -> EngagementEvent:
    receipt = context.receipt
    return EngagementEvent(
        schema=SCHEMA,
        event_id=identity.event_id(PLATFORM, context.account, kind, key, "add", version),
        platform=PLATFORM,
        account_id=context.account,
        kind=kind,
        action="add",
        interaction_key=key,
        version_key=version,
        post_id=post_id,
        target_id=target_id,
        occurred_at=context.at,
        occurred_quality="exact",
        received_at=receipt.received_at,
        channel=receipt.channel,
        actor_id=actor.pseudonym if actor else None,
        actor_is_owner=actor.is_owner if actor else False,
        reaction=reaction,
        reaction_native="favourite" if reaction else None,
        source_id=receipt.source_id,
    )


def _described(event: EngagementEvent, said: Text | None) -> EngagementEvent:
    """With what was said; the text itself only where texts are kept."""
    if said is None:
        return event
    return replace(
        event, text_length=said.length, mentions=said.mentions, hashtags=said.hashtags, text=said.text or None
    )
