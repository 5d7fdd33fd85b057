"""Accounts, statuses and notifications as a server writes them, and the values and columns that they show."""

import datetime as dt
from html import escape
from typing import Any, cast

from ingest.simulator.graph.nodes import LIFETIME, Value
from ingest.simulator.mastodon.world import ACCOUNT, HERE, Elsewhere, Notice, Status, World
from ingest.simulator.posts import Remark


def iso(second: int) -> str:
    """Milliseconds as a server writes them: whatever they are, only the second is told apart."""
    return dt.datetime.fromtimestamp(second, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{second * 7 % 1000:03}Z"


def person(address: str) -> dict[str, Any]:
    """Who lives here is told without the server; the account itself is one of them."""
    if address == ACCOUNT:
        return {"id": ACCOUNT, "acct": "brand", "url": f"https://{HERE}/@brand", "display_name": "Alder Outdoor"}
    name, _, server = address.partition("@")
    acct = name if server == HERE else address
    return {"id": f"1{name[1:]}", "acct": acct, "url": f"https://{server}/@{name}", "display_name": f"Zoë {name}"}


def _said(text: str) -> str:
    return f"<p>{escape(text, quote=False)}</p>" if text else ""


def status(post: Status, now: int) -> dict[str, Any]:
    wording = post.wording(now)
    attached = [{"id": "1", "type": "image"}] if post.format == "media" else []
    edited_at = wording.since if wording is not post.wordings[0] else None
    return {
        "id": post.id,
        "created_at": iso(post.created_at),
        "edited_at": None if edited_at is None else iso(edited_at),
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "visibility": "public",
        "url": post.permalink,
        "content": _said(wording.message or ""),
        "account": person(ACCOUNT),
        "tags": [{"name": tag} for tag in wording.hashtags],
        "mentions": [{"acct": name} for name in wording.mentions],
        "media_attachments": attached,
        "poll": {"id": "1"} if post.format == "poll" else None,
        "reblog": None,
        **dict(zip(_COUNTERS, _counts(post), strict=True)),
    }


_COUNTERS = ("favourites_count", "reblogs_count", "replies_count", "quotes_count")
_METRICS = ("likes", "reposts", "direct_comments", "quotes")


def _counts(post: Status) -> tuple[int, int, int, int]:
    return post.likes(), post.share_count() - post.quotes, post.comment_count(False), post.quotes


def counters(post: Status) -> list[Value]:
    values = [*zip(_METRICS, _counts(post), strict=True), ("shares", post.share_count())]
    return [(post.id, name, LIFETIME, value, "known") for name, value in values]


def content(post: Status, now: int) -> dict[str, Any]:
    wording = post.wording(now)
    return {
        "published_at": post.created_at * 1000,
        "permalink": post.permalink,
        "format": post.format,
        "text_length": len(wording.message or ""),
        "hashtags": list(dict.fromkeys(wording.hashtags)),
        "mentions": wording.mentions,
        "links": wording.links,
        "is_published": True,
        "platform_updated_at": None if wording is post.wordings[0] else wording.since * 1000,
    }


def link(one: Remark) -> str:
    return f"{person(one.author)['url']}/{one.id}"


def answer(one: Remark) -> dict[str, Any]:
    parent = one.parent
    above = parent.author if parent else ACCOUNT
    return {
        "id": one.id,
        "created_at": iso(one.created_at),
        "edited_at": None if one.edited_at is None else iso(one.edited_at),
        "in_reply_to_id": parent.id if parent else one.post.id,
        "in_reply_to_account_id": person(above)["id"],
        "url": link(one),
        "content": _said(one.message),
        "account": person(one.author),
        "tags": [],
        "mentions": [],
        "media_attachments": [],
    }


def _elsewhere(one: Elsewhere) -> dict[str, Any]:
    return {
        "id": one.id,
        "created_at": iso(one.at),
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "content": _said(one.text),
        "account": person(one.author),
        "quote": {"state": "accepted", "quoted_status": {"id": one.quoted}} if one.quoted else None,
    }


def notification(world: World, notice: Notice, now: int) -> dict[str, Any]:
    shown = None
    if notice.status is not None and not notice.is_emptied:
        shown = _of(world, notice.status, now)
    return {
        "id": notice.id,
        "type": notice.kind,
        "created_at": iso(notice.at),
        "group_key": f"ungrouped-{notice.id}",
        "account": person(notice.person),
        "status": shown,
    }


def _of(world: World, name: str, now: int) -> dict[str, Any]:
    if name in world.posts:
        return status(cast(Status, world.posts[name]), now)
    if name in world.comments:
        return answer(cast(Remark, world.comments[name]))
    return _elsewhere(world.elsewhere[name])
