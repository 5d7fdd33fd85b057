"""A Page webhook delivery -> events and deletions of posts, one outcome for each change.

The rules are those of the README beside this file. Nothing raises: what cannot be used is a `Refuse` with the bytes
of that change alone, and its neighbours are not touched.
"""

from collections.abc import Iterator

from msgspec import Raw

from contracts.events import SCHEMA, Action, EngagementEvent, Post
from contracts.outcome import Drop, Keep, Outcome, Refuse
from ingest.fields import Unusable, from_seconds, identifier, required
from ingest.meta import delivery
from ingest.people import person_of
from ingest.platforms import Fact, Part, Receipt
from ingest.platforms.facebook import envelope, facts
from ingest.platforms.facebook.envelope import Entry, Value
from ingest.wire import Unreadable

PLATFORM = "facebook"

_POST_ITEMS = frozenset(("status", "post", "photo", "video", "link", "album", "event"))
_REACTION_VERBS: dict[str, Action] = {"add": "add", "edit": "update", "remove": "remove"}
_SHARE_VERBS: dict[str, Action] = {
    "add": "add",
    "edit": "update",
    "edited": "update",
    "remove": "remove",
    "delete": "remove",
}
_COMMENT_VERBS: dict[str, Action] = {**_SHARE_VERBS, "hide": "hide", "unhide": "unhide"}


def parse(body: bytes, receipt: Receipt) -> Iterator[Part]:
    """Every part of a delivery, in order."""
    return delivery.parts(
        body, envelope.read, lambda entry: (_change(entry, raw, receipt) for raw in entry.changes or ())
    )


def _change(entry: Entry, raw: Raw, receipt: Receipt) -> Part:
    account_id = None
    try:
        change = envelope.change(raw)
        if change.field != "feed":
            return Part(Drop("unsubscribed_field"))
        account_id = required(entry.id, "entry.id")
        if account_id not in receipt.accounts:
            raise Unusable("unknown_account", "entry.id")
        feed = _Feed(account_id, entry, change.value, receipt)
        outcome = feed.outcome()
        return Part(outcome, account_id, person=person_of(outcome, receipt, feed.name))
    except Unreadable:
        refused = Refuse("unreadable_body", "change")
    except Unusable as error:
        refused = Refuse(error.reason, error.detail)
    return Part(refused, account_id, envelope.alone(entry, raw), envelope.identity(entry, raw))


class _Feed:
    """One `feed` change of a known page. Its methods raise `Unusable`."""

    __slots__ = ("_entry", "_page", "_receipt", "_value")

    def __init__(self, page: str, entry: Entry, value: Value, receipt: Receipt) -> None:
        self._page = page
        self._entry = entry
        self._value = value
        self._receipt = receipt

    @property
    def name(self) -> object:
        value = self._value
        return value.sender_name if value.from_ is None else value.from_.name

    def outcome(self) -> Outcome[Fact]:
        item = self._value.item
        if item == "reaction":
            return Keep(self._reaction(self._value.reaction_type))
        if item == "like":
            return Keep(self._page_like() if self._value.post_id is None else self._reaction("like"))
        if item == "comment":
            return Keep(self._comment())
        if item == "share":
            return Keep(self._share())
        if item in _POST_ITEMS:
            return self._post()
        raise Unusable("unknown_item" if item else "missing_field", "item")

    def _reaction(self, native: str | None) -> EngagementEvent:
        value = self._value
        action = self._action(_REACTION_VERBS)
        post_id = required(value.post_id, "post_id")
        if not native:
            raise Unusable("missing_field", "reaction_type")
        at, is_exact = self._created()
        return facts.reaction(
            self._context(self._actor(), at, is_exact),
            action=action,
            post_id=post_id,
            target_id=identifier(value.comment_id, "comment_id") or post_id,
            native=native,
        )

    def _page_like(self) -> EngagementEvent:
        action = self._action(_REACTION_VERBS)
        actor = identifier(self._value.user_id, "user_id") or self._actor()
        at, is_exact = self._created()
        return facts.follow(self._context(actor, at, is_exact), action=action)

    def _comment(self) -> EngagementEvent:
        value = self._value
        action = self._action(_COMMENT_VERBS)
        edited = None
        if action == "add":
            at, is_exact = self._created()
        elif action == "update" and value.edited_time is not None:
            at = edited = from_seconds(value.edited_time, "edited_time", self._receipt.received_at)
            is_exact = True
        else:
            at, is_exact = self._sent(), False
        return facts.comment(
            self._context(self._actor(), at, is_exact),
            action=action,
            comment_id=required(value.comment_id, "comment_id"),
            post_id=required(value.post_id, "post_id"),
            parent_id=identifier(value.parent_id, "parent_id"),
            edited_at=edited,
            message=value.message,
        )

    def _share(self) -> EngagementEvent:
        value = self._value
        action = self._action(_SHARE_VERBS)
        share_id = required(value.share_id, "share_id")
        post_id = identifier(value.parent_id, "parent_id")
        if post_id is None:
            post_id = identifier(value.post_id, "post_id")
            if post_id == f"{self._page}_{share_id}":  # the share's own story: which post it shares is not said
                post_id = None
        at, is_exact = self._created() if action == "add" else (self._sent(), False)
        context = self._context(self._actor(), at, is_exact)
        return facts.share(context, action=action, share_id=share_id, post_id=post_id)

    def _post(self) -> Outcome[Fact]:
        verb = self._value.verb
        if verb in ("remove", "delete"):
            post_id = required(self._value.post_id, "post_id")
            sent = self._sent()
            return Keep(
                Post(
                    schema=SCHEMA,
                    platform=PLATFORM,
                    account_id=self._page,
                    post_id=post_id,
                    as_of=sent,
                    received_at=self._receipt.received_at,
                    deleted_at=sent,
                )
            )
        if verb in ("add", "edit", "edited", "update"):
            return Drop("post_left_to_poller" if self._actor() in (None, self._page) else "visitor_post")
        if verb in ("hide", "unhide"):
            return Drop("visibility_of_post")
        if verb in ("block", "mute"):
            return Drop("moderation")
        raise Unusable("unknown_item" if verb else "missing_field", "verb")

    def _action(self, verbs: dict[str, Action]) -> Action:
        verb = self._value.verb
        if verb not in verbs:
            raise Unusable("unknown_item" if verb else "missing_field", "verb")
        return verbs[verb]

    def _actor(self) -> str | None:
        value = self._value
        actor = identifier(value.from_.id, "from.id") if value.from_ is not None else None
        return actor or identifier(value.sender_id, "sender_id")

    def _created(self) -> tuple[int, bool]:
        """When it happened, and whether that is exact: without a time of its own it takes the delivery's."""
        created = self._value.created_time
        if created is None:
            return self._sent(), False
        return from_seconds(created, "created_time", self._receipt.received_at), True

    def _sent(self) -> int:
        if self._entry.time is None:
            raise Unusable("missing_field", "entry.time")
        return from_seconds(self._entry.time, "entry.time", self._receipt.received_at)

    def _context(self, actor: str | None, at: int, is_exact: bool) -> facts.Context:
        return facts.Context(self._page, actor, at, is_exact, self._receipt)
