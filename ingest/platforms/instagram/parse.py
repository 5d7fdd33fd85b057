"""An Instagram webhook delivery -> events and snapshots.

The rules are those of the README beside this file. Nothing raises: what cannot be used is a `Refuse` with the bytes
of that change alone, and its neighbours are not touched.
"""

from collections.abc import Iterator

import msgspec
from msgspec import UNSET, Raw

from contracts.outcome import Drop, Keep, Refuse
from ingest.fields import Unusable, checked, identifier, required
from ingest.measured import Measured, counter, snapshot
from ingest.meta import delivery
from ingest.people import person_of
from ingest.platforms import Fact, Part, Receipt
from ingest.platforms.instagram import envelope, facts
from ingest.platforms.instagram.envelope import STORY_METRICS, Comment, Entry, Mention, Story
from ingest.platforms.instagram.facts import PLATFORM, Author, Context
from ingest.wire import Unreadable, decoded

FLOORED = -1
"""What the platform sends in the place of a number too small to be told (under 5)."""

_comment = msgspec.json.Decoder(Comment)
_mention = msgspec.json.Decoder(Mention)
_story = msgspec.json.Decoder(Story)


def parse(body: bytes, receipt: Receipt) -> Iterator[Part]:
    """Every part of a delivery, in order."""
    return delivery.parts(
        body,
        envelope.read,
        lambda entry: (part for raw in entry.all_changes() for part in _change(entry, raw, receipt)),
    )


def _change(entry: Entry, raw: Raw, receipt: Receipt) -> list[Part]:
    account = None
    try:
        change = envelope.change(raw)
        if change.field not in ("comments", "live_comments", "mentions", "story_insights"):
            return [Part(Drop("unsubscribed_field"))]
        account = required(entry.id, "entry.id")
        if account not in receipt.accounts:
            raise Unusable("unknown_account", "entry.id")
        context = Context(account, _sent(entry, receipt), False, receipt)
        if change.field == "mentions":
            return [_mentioned(context, decoded(_mention, change.value))]
        if change.field == "story_insights":
            return _measured(context, decoded(_story, change.value))
        return [_said(context, decoded(_comment, change.value))]
    except Unreadable:
        refused = Refuse("unreadable_body", "change")
    except Unusable as error:
        refused = Refuse(error.reason, error.detail)
    return [Part(refused, account, envelope.alone(entry, raw), envelope.identity(entry, raw))]


def _sent(entry: Entry, receipt: Receipt) -> int:
    """The only time there is: a webhook does not tell when something happened."""
    sent = entry.sent()
    if sent is None:
        raise Unusable("missing_field", "entry.time")
    return checked(sent, "entry.time", receipt.received_at)


def _said(context: Context, value: Comment) -> Part:
    comment_id = identifier(value.id, "id") or required(value.comment_id, "id")
    media_id = required(value.media.id if value.media else None, "media.id")
    event = facts.comment(
        context,
        _author(value, context.account),
        comment_id=comment_id,
        media_id=media_id,
        parent_id=identifier(value.parent_id, "parent_id"),
        text=value.text,
        ad_id=identifier(value.media.ad_id, "media.ad_id") if value.media else None,
    )
    name = value.from_.username if value.from_ else None
    kept: Keep[Fact] = Keep(event)
    return Part(kept, context.account, person=person_of(kept, context.receipt, name, facts.profile(name)))


def _author(value: Comment, account: str) -> Author:
    if value.from_ is None:
        return Author()
    actor = identifier(value.from_.id, "from.id")
    scoped = identifier(value.from_.self_ig_scoped_id, "from.self_ig_scoped_id")
    return Author(actor, account in (actor, scoped))


def _mentioned(context: Context, value: Mention) -> Part:
    object_id = identifier(value.comment_id, "comment_id") or required(value.media_id, "media_id")
    return Part(Keep(facts.mention(context, object_id)), context.account)


def _measured(context: Context, value: Story) -> list[Part]:
    """A story's figures, which come once, when it ends. All of them are read before any is kept."""
    media_id = required(value.media_id, "media_id")
    told = {metric: getattr(value, metric) for metric in STORY_METRICS}
    found = [_figure(metric, number) for metric, number in told.items() if number is not UNSET]
    account, receipt = context.account, context.receipt
    return [
        Part(Keep(snapshot(PLATFORM, account, media_id, told, context.at, receipt, scope="organic")), account)
        for told in found
    ]


def _figure(metric: str, number: int | None) -> Measured:
    return Measured(metric, None, "floored") if number == FLOORED else counter(metric, number)
