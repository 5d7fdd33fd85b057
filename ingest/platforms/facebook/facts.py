"""One event of each kind, named the same whether a webhook or a poll brought it.

Everything that enters an event's identity is decided here and nowhere else.
"""

from typing import Literal, NamedTuple

from contracts import identity
from contracts.events import SCHEMA, Action, EngagementEvent, Kind, Reaction
from ingest.fields import Text, Unusable, described
from ingest.platforms import Receipt

PLATFORM: Literal["facebook"] = "facebook"

REACTIONS: dict[str, Reaction] = {
    "like": "like",
    "love": "love",
    "wow": "wow",
    "haha": "haha",
    "sad": "sad",
    "sorry": "sad",
    "angry": "angry",
    "anger": "angry",
    "care": "care",
}
"""The platform's word -> ours; two of them have an older name on the wire."""


class Context(NamedTuple):
    """Who, when, and how it came to us. `actor` is the platform's id; it goes no further than its pseudonym."""

    page: str
    actor: str | None
    at: int
    is_exact: bool
    receipt: Receipt


def reaction(context: Context, *, action: Action, post_id: str, target_id: str, native: str) -> EngagementEvent:
    """A reaction to a post, or, where `target_id` is another, to a comment under it."""
    word = REACTIONS.get(native.lower())
    if word is None:
        raise Unusable("unknown_reaction", "reaction_type")
    person = _person(context)
    if person is None:
        key = identity.anonymous_interaction("reaction", target_id, action, word, _exact_digits(context))
    else:
        key = identity.reaction_interaction(target_id, person)
    version = identity.reaction_version(word, context.at if context.is_exact else None)
    return _event(context, person, "reaction", action, key, version, post_id, target_id, reaction=word, native=native)


def follow(context: Context, *, action: Action) -> EngagementEvent:
    """A like of the page itself."""
    person = _person(context)
    page = context.page
    if person is None:
        key = identity.anonymous_interaction("follow", page, action, "like", _exact_digits(context))
    else:
        key = identity.follow_interaction(page, person)
    version = identity.reaction_version("like", context.at if context.is_exact else None)
    return _event(context, person, "follow", action, key, version, None, page)


def comment(
    context: Context,
    *,
    action: Action,
    comment_id: str,
    post_id: str,
    parent_id: str | None,
    edited_at: int | None,
    message: str | None,
    permalink: str | None = None,
) -> EngagementEvent:
    """A comment; a reply is one whose parent is not the post."""
    parent = None if parent_id == post_id else parent_id
    return _event(
        context,
        _person(context),
        "comment",
        action,
        identity.object_interaction("comment", comment_id),
        str(edited_at) if edited_at is not None else "",
        post_id,
        parent or post_id,
        parent_id=parent,
        text=described(message, "message") if message is not None else None,
        url=permalink,
    )


def share(context: Context, *, action: Action, share_id: str, post_id: str | None) -> EngagementEvent:
    """A share; of an unknown post if `post_id` is None."""
    key = identity.object_interaction("share", share_id)
    return _event(context, _person(context), "share", action, key, "", post_id, post_id or share_id)


def _person(context: Context) -> str | None:
    return None if context.actor is None else context.receipt.pseudonym(context.actor)


def _exact_digits(context: Context) -> str:
    return str(context.at) if context.is_exact else ""


def _event(
    context: Context,
    person: str | None,
    kind: Kind,
    action: Action,
    interaction_key: str,
    version_key: str,
    post_id: str | None,
    target_id: str,
    *,
    parent_id: str | None = None,
    reaction: Reaction | None = None,
    native: str | None = None,
    text: Text | None = None,
    url: str | None = None,
) -> EngagementEvent:
    receipt = context.receipt
    return EngagementEvent(
        schema=SCHEMA,
        event_id=identity.event_id(PLATFORM, context.page, kind, interaction_key, action, version_key),
        platform=PLATFORM,
        account_id=context.page,
        kind=kind,
        action=action,
        interaction_key=interaction_key,
        version_key=version_key,
        post_id=post_id,
        target_id=target_id,
        occurred_at=context.at,
        occurred_quality="exact" if context.is_exact else "approx",
        received_at=receipt.received_at,
        channel=receipt.channel,
        actor_id=person,
        actor_is_owner=context.actor == context.page,
        parent_id=parent_id,
        reaction=reaction,
        reaction_native=native,
        text_length=text.length if text else None,
        mentions=text.mentions if text else (),
        hashtags=text.hashtags if text else (),
        text=text.text if text and receipt.keep_text else None,
        url=url,
        source_id=receipt.source_id,
    )
