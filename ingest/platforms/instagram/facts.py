"""One event of each kind, named the same whether a webhook or a poll brought it.

Everything that enters an event's identity is decided here and nowhere else.
"""

from typing import Literal, NamedTuple

from msgspec.structs import replace

from contracts import identity
from contracts.events import SCHEMA, Action, EngagementEvent
from ingest.fields import described
from ingest.platforms import Receipt

PLATFORM: Literal["instagram"] = "instagram"


Turn = Literal["hide", "unhide"]


class Author(NamedTuple):
    """Who did it. `actor` is the platform's id; it goes no further than its pseudonym."""

    actor: str | None = None
    is_owner: bool = False


class Context(NamedTuple):
    """Whose account it is about, when it was, and how it came to us."""

    account: str
    at: int
    is_exact: bool
    receipt: Receipt


def comment(
    context: Context,
    author: Author,
    *,
    comment_id: str,
    media_id: str,
    parent_id: str | None,
    text: str | None,
    ad_id: str | None = None,
) -> EngagementEvent:
    """A comment on a media; a reply if it has a parent. One on an ad belongs to the ad's own media."""
    parent = None if parent_id == media_id else parent_id
    key = identity.object_interaction("comment", comment_id)
    said = described(text, "text") if text is not None else None
    receipt = context.receipt
    return EngagementEvent(
        schema=SCHEMA,
        event_id=identity.event_id(PLATFORM, context.account, "comment", key, "add", ""),
        platform=PLATFORM,
        account_id=context.account,
        kind="comment",
        action="add",
        interaction_key=key,
        version_key="",
        post_id=media_id,
        target_id=parent or media_id,
        occurred_at=context.at,
        occurred_quality="exact" if context.is_exact else "approx",
        received_at=receipt.received_at,
        channel=receipt.channel,
        actor_id=None if author.actor is None else receipt.pseudonym(author.actor),
        actor_is_owner=author.is_owner,
        parent_id=parent,
        text_length=said.length if said else None,
        mentions=said.mentions if said else (),
        hashtags=said.hashtags if said else (),
        text=said.text if said and receipt.keep_text else None,
        organic="unknown" if ad_id is None else "paid",
        ad_id=ad_id,
        source_id=receipt.source_id,
    )


def turned(added: EngagementEvent, action: Turn, at: int) -> EngagementEvent:
    """That a comment was seen hidden, or shown again: when that was done is not told."""
    return _later(added, action, at)


def removed(context: Context, *, comment_id: str, media_id: str, parent_id: str | None) -> EngagementEvent:
    """That a comment is no longer there: when it went, and whose it was, is not told."""
    added = comment(context, Author(), comment_id=comment_id, media_id=media_id, parent_id=parent_id, text=None)
    return _later(added, "remove", context.at)


def _later(added: EngagementEvent, action: Action, at: int) -> EngagementEvent:
    key = added.interaction_key
    return replace(
        added,
        event_id=identity.event_id(PLATFORM, added.account_id, "comment", key, action, ""),
        action=action,
        occurred_at=at,
        occurred_quality="approx",
        text_length=None,
        mentions=(),
        hashtags=(),
        text=None,
    )


def mention(context: Context, object_id: str) -> EngagementEvent:
    """A mention of the account in a comment or, if that is what the id names, in a caption. Nobody is named."""
    key = identity.object_interaction("mention", object_id)
    receipt = context.receipt
    return EngagementEvent(
        schema=SCHEMA,
        event_id=identity.event_id(PLATFORM, context.account, "mention", key, "add", ""),
        platform=PLATFORM,
        account_id=context.account,
        kind="mention",
        action="add",
        interaction_key=key,
        version_key="",
        post_id=None,
        target_id=context.account,
        occurred_at=context.at,
        occurred_quality="approx",
        received_at=receipt.received_at,
        channel=receipt.channel,
        source_id=receipt.source_id,
    )


def profile(username: object) -> str | None:
    """Where a name leads to."""
    return f"https://www.instagram.com/{username}/" if isinstance(username, str) and username.isprintable() else None
