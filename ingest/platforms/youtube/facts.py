"""One event or snapshot of each kind, however often it is read. What enters an event's identity is decided here."""

from typing import Literal

from msgspec.structs import replace

from contracts import identity
from contracts.events import SCHEMA, Action, EngagementEvent, ValueState
from ingest.fields import Unusable, described
from ingest.measured import Measured, counter
from ingest.platforms import Receipt

PLATFORM: Literal["youtube"] = "youtube"


def comment(
    account: str,
    receipt: Receipt,
    *,
    comment_id: str,
    video_id: str,
    parent_id: str | None,
    author: str | None,
    text: str | None,
    at: int,
    is_exact: bool = True,
) -> EngagementEvent:
    """That a comment was added; a reply if it has a parent. `author` is a channel's id, the owner's the account's."""
    key = identity.object_interaction("comment", comment_id)
    said = described(text, "textDisplay") if text is not None else None
    return EngagementEvent(
        schema=SCHEMA,
        event_id=identity.event_id(PLATFORM, account, "comment", key, "add", ""),
        platform=PLATFORM,
        account_id=account,
        kind="comment",
        action="add",
        interaction_key=key,
        version_key="",
        post_id=video_id,
        target_id=parent_id or video_id,
        occurred_at=at,
        occurred_quality="exact" if is_exact else "approx",
        received_at=receipt.received_at,
        channel=receipt.channel,
        actor_id=None if author is None else receipt.pseudonym(author),
        actor_is_owner=author == account,
        parent_id=parent_id,
        text_length=said.length if said else None,
        mentions=said.mentions if said else (),
        hashtags=said.hashtags if said else (),
        text=said.text if said and receipt.keep_text else None,
        source_id=receipt.source_id,
    )


def edited(added: EngagementEvent, at: int) -> EngagementEvent:
    """That the comment was last edited then."""
    return _later(added, "update", str(at), at)


def removed(
    account: str, receipt: Receipt, *, comment_id: str, video_id: str, parent_id: str | None, at: int
) -> EngagementEvent:
    """That a comment is no longer there: when it went, and whose it was, is not told."""
    added = comment(
        account,
        receipt,
        comment_id=comment_id,
        video_id=video_id,
        parent_id=parent_id,
        author=None,
        text=None,
        at=at,
        is_exact=False,
    )
    return _later(added, "remove", "", at)


def _later(added: EngagementEvent, action: Action, version: str, at: int) -> EngagementEvent:
    name = identity.event_id(PLATFORM, added.account_id, "comment", added.interaction_key, action, version)
    return replace(added, event_id=name, action=action, version_key=version, occurred_at=at)


def measured(metric: str, count: str | int | None, absent: ValueState) -> Measured:
    """A counter, which is written as a string."""
    if count is None:
        return counter(metric, None, absent)
    text = str(count)
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise Unusable("invalid_field", metric)
    return counter(metric, int(text))
