"""Statuses, accounts and notifications as a server writes them, and what is read out of them."""

import html
import re
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Raw, Struct

from ingest.fields import Text, Unusable, described, from_iso, required, word
from ingest.platforms import Receipt
from ingest.platforms.mastodon.facts import Actor
from ingest.wire import decoded

LONGEST_ADDRESS = 1000
_ACCT = re.compile(r"[^\s@/]{1,120}(@[^\s@/]{1,253})?")
_BREAK = re.compile(r"<(?:br|p)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


class Person(Struct, frozen=True):
    """`acct`: the name here, with the server of those who live elsewhere. `display_name` may be anything."""

    id: str | None = None
    acct: str | None = None
    url: str | None = None
    display_name: Any = None


class Tag(Struct, frozen=True):
    name: str | None = None


class Named(Struct, frozen=True):
    acct: str | None = None


class Quoted(Struct, frozen=True):
    id: str | None = None


class Quote(Struct, frozen=True):
    quoted_status: Quoted | None = None


class Status(Struct, frozen=True):
    """`content` is HTML. A counter that is missing is unknown."""

    id: str | None = None
    created_at: str | None = None
    edited_at: str | None = None
    in_reply_to_id: str | None = None
    in_reply_to_account_id: str | None = None
    visibility: str | None = None
    url: str | None = None
    content: str = ""
    account: Person | None = None
    tags: list[Tag] = []
    mentions: list[Named] = []
    media_attachments: list[Raw] = []
    poll: Any = None
    reblog: Any = None
    quote: Quote | None = None
    favourites_count: int | None = None
    reblogs_count: int | None = None
    replies_count: int | None = None
    quotes_count: int | None = None


class Notification(Struct, frozen=True):
    id: str | None = None
    type: str | None = None
    created_at: str | None = None
    account: Person | None = None
    status: Status | None = None


_status = msgspec.json.Decoder(Status)
_notification = msgspec.json.Decoder(Notification)


def status(raw: Raw) -> Status:
    """Raises `Unusable`."""
    return decoded(_status, raw)


def notification(raw: Raw) -> Notification:
    """Raises `Unusable`."""
    return decoded(_notification, raw)


def address(person: Person) -> str:
    """`name@server`, in lower case: the same person on every server. Who lives on this one is told without it, which
    the address of the profile then says.

    >>> address(Person(acct="Ann@remote.example")), address(Person(acct="bob", url="https://here.example/@bob"))
    ('ann@remote.example', 'bob@here.example')
    """
    acct = required(person.acct, "account.acct")
    if not _ACCT.fullmatch(acct):
        raise Unusable("invalid_field", "account.acct")
    if "@" not in acct:
        try:
            server = urlsplit(person.url or "").hostname
        except ValueError:
            server = None
        if not server:
            raise Unusable("missing_field", "account.url")
        acct = f"{acct}@{server}"
    return acct.lower()


def actor(person: Person | None, account_id: str, receipt: Receipt) -> Actor:
    """Raises `Unusable` for nobody."""
    if person is None:
        raise Unusable("missing_field", "account")
    return Actor(receipt.pseudonym(address(person)), required(person.id, "account.id") == account_id)


def moment(value: str | None, name: str, receipt: Receipt) -> int:
    if value is None:
        raise Unusable("missing_field", name)
    return from_iso(value, name, receipt.received_at)


def _plain(content: str) -> str:
    """What a reader would see: text, and line breaks for paragraphs. Whatever a server writes, it takes no longer than
    its length.

    >>> _plain('<p>a &lt; <a href="b">b</a></p><p>c<br>d</p>')
    'a < b\\nc\\nd'
    """
    broken = _BREAK.sub("\n", content).lstrip("\n")
    try:
        return html.unescape(_TAG.sub("", broken))
    except ValueError:  # a character's number that is longer than any number may be
        raise Unusable("invalid_text", "content") from None


def said(one: Status, *, keep_text: bool) -> Text:
    """What a status says. Hashtags and mentions are those that the server found in it."""
    found = described(_plain(one.content), "content")
    hashtags = tuple(dict.fromkeys(tag.name.lower() for tag in one.tags if tag.name))
    mentions = tuple(dict.fromkeys(named.acct for named in one.mentions if named.acct))
    checked = tuple(required(name, "tags") for name in hashtags), tuple(required(name, "mentions") for name in mentions)
    return Text(found.length, *checked, found.links, found.text if keep_text else "")


def link(one: Status) -> str | None:
    return word(one.url, "url", LONGEST_ADDRESS)
