"""Notifications -> events, the same whether the stream or a poll brought them."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Raw

from contracts.events import SCHEMA, EngagementEvent, Wake
from contracts.outcome import Drop, Keep, Outcome
from ingest.fields import Text, Unusable, required
from ingest.people import person_of
from ingest.platforms import Fact, Part, Receipt
from ingest.platforms.mastodon import facts, shapes
from ingest.platforms.mastodon.facts import PLATFORM, Actor, Context
from ingest.platforms.mastodon.shapes import Notification, Status
from ingest.wire import refused

WOKEN = "posts"
"""The source whose counters show that something was answered; the answers are read after it."""


def parts(account_id: str, raw: Raw, receipt: Receipt) -> Iterator[Part]:
    """What one notification says."""
    try:
        yield _part(account_id, shapes.notification(raw), receipt)
    except Unusable as error:
        yield refused(error, account_id, raw)


def place(raw: Raw) -> tuple[str | None, int | None]:
    """Id and time (epoch milliseconds) of a notification, as far as they can be read."""
    try:
        one = shapes.notification(raw)
        at = None if one.created_at is None else int(datetime.fromisoformat(one.created_at).timestamp() * 1000)
    except (Unusable, ValueError, OverflowError):
        return None, None
    return one.id, at


def _part(account_id: str, one: Notification, receipt: Receipt) -> Part:
    if one.type not in ("favourite", "reblog", "follow", "mention", "quote"):
        return Part(Drop("unsubscribed_field"), account_id)
    if one.type != "follow" and one.status is None:
        return Part(Drop("taken_back"), account_id)
    actor = shapes.actor(one.account, account_id, receipt)
    context = Context(account_id, shapes.moment(one.created_at, "created_at", receipt), receipt)
    fact = _fact(one, context, actor)
    if fact is None:
        return Part(Drop("own_answer"), account_id)
    outcome: Outcome[Fact] = Keep(fact)
    account = one.account
    person = person_of(outcome, receipt, account.display_name or account.acct, account.url) if account else None
    return Part(outcome, account_id, person=person)


def _fact(one: Notification, context: Context, actor: Actor) -> EngagementEvent | Wake | None:
    if one.type == "follow" or one.status is None:
        return facts.follow(context, actor)
    status_id = required(one.status.id, "status.id")
    match one.type:
        case "favourite" | "reblog":
            if not _is_post(one.status, context.account):
                return None
            make = facts.favourite if one.type == "favourite" else facts.reblog
            return make(context, actor, status_id)
        case "quote":
            quoted = one.status.quote.quoted_status if one.status.quote else None
            post_id = required(quoted.id if quoted else None, "quote.quoted_status.id")
            return facts.quote(context, actor, status_id, post_id, _said(one.status, context.receipt))
        case _:
            return _named(one.status, context, actor, status_id)


def _named(status: Status, context: Context, actor: Actor, status_id: str) -> EngagementEvent | Wake:
    """An answer to the account is read with its thread: which post that belongs to, this does not say."""
    if status.in_reply_to_account_id == context.account:
        source = f"{PLATFORM}:{context.account}:{WOKEN}"
        return Wake(SCHEMA, source, PLATFORM, context.account, context.receipt.received_at)
    return facts.mention(context, actor, status_id, _said(status, context.receipt))


def _is_post(status: Status, account_id: str) -> bool:
    """Whether it is a status of the account that answers nobody: of what it answers only the thread knows."""
    by = status.account.id if status.account else None
    return by == account_id and status.in_reply_to_id is None


def _said(status: Status, receipt: Receipt) -> Text:
    return shapes.said(status, keep_text=receipt.keep_text)
