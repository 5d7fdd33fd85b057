"""Posts and comments as the Graph API shows them, and the observations that an answer makes possible."""

import datetime as dt
from typing import Any, NamedTuple

from ingest.simulator.graph.errors import invalid_metric
from ingest.simulator.graph.fields import Field
from ingest.simulator.population import People
from ingest.simulator.posts import Comment, Post

Value = tuple[str | None, str, str, int | None, str]
"""(post, metric, window, value, state), as the ledger notes it."""

LIFETIME = "lifetime"
CONTENT = ("message", "created_time", "updated_time", "permalink_url", "status_type", "is_published")
"""Whoever asks for these reads a post's content."""

_POST_METRICS = {"post_media_view": "views", "post_total_media_view_unique": "reach"}
_CANONICAL = {"SORRY": "sad", "ANGER": "angry"}


class Shown(NamedTuple):
    """One node of an answer: the JSON, what it lets one observe, and the content if it was asked for."""

    node: dict[str, Any]
    values: list[Value]
    content: dict[str, Any] | None = None


def iso(second: int) -> str:
    return dt.datetime.fromtimestamp(second, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def post(one: Post, fields: list[Field], now: int) -> Shown:
    """The asked fields of a post at that second."""
    node: dict[str, Any] = {"id": one.id}
    values: list[Value] = []
    wording = one.wording(now)
    plain = {
        "created_time": iso(one.created_at),
        "updated_time": iso(wording.since),
        "permalink_url": one.permalink,
        "status_type": one.format,
        "is_published": True,
        "promotion_status": wording.promotion,
    }
    for field in fields:
        match field.name:
            case "message" if wording.message is not None:
                node["message"] = wording.message
            case "shares":
                _shares(one, node, values)
            case "reactions" if "summary" in field.modifiers:
                word = field.modifiers.get("type", "").upper()
                reaction = _CANONICAL.get(word, word.lower()) or None
                total = one.likes(reaction)
                node[field.key] = {"data": [], "summary": {"total_count": total}}
                metric = f"reactions.{reaction}" if reaction else "likes"
                values.append((one.id, metric, LIFETIME, total, "known"))
            case "comments" if "summary" in field.modifiers:
                shown = one.comment_count(field.modifiers.get("filter") == "stream")
                node[field.key] = {"data": [], "summary": _comment_summary(shown)}
                values.append((one.id, "comments", LIFETIME, one.comment_count(True), "known"))
            case "insights":
                found = post_insights(one, field.modifiers.get("metric", ""), now)
                node[field.key] = found.node
                values += found.values
            case name if name in plain:
                node[name] = plain[name]
    return Shown(node, values, _content(one, now) if {f.name for f in fields}.issuperset(CONTENT) else None)


def _shares(one: Post, node: dict[str, Any], values: list[Value]) -> None:
    """Without any share the platform leaves the object out, which is not the same as 0."""
    count = one.share_count()
    if count:
        node["shares"] = {"count": count}
    values.append((one.id, "shares", LIFETIME, count or None, "known" if count else "unavailable"))


def _comment_summary(total: int) -> dict[str, Any]:
    return {"order": "chronological", "total_count": total, "can_comment": True}


def _content(one: Post, now: int) -> dict[str, Any]:
    wording = one.wording(now)
    return {
        "published_at": one.created_at * 1000,
        "permalink": one.permalink,
        "format": one.format,
        "text_length": None if wording.message is None else len(wording.message),
        "hashtags": wording.hashtags,
        "mentions": wording.mentions,
        "links": wording.links,
        "is_published": True,
        "promotion_status": wording.promotion,
        "platform_updated_at": wording.since * 1000,
    }


def post_insights(one: Post, metrics: str, now: int) -> Shown:
    """Lifetime insights of a post; one unknown metric spoils the request."""
    rows: list[dict[str, Any]] = []
    values: list[Value] = []
    for name in filter(None, metrics.split(",")):
        metric = _POST_METRICS.get(name)
        if metric is None:
            raise invalid_metric()
        value = one.views(now) if metric == "views" else one.reach(now)
        rows.append(
            {
                "name": name,
                "period": "lifetime",
                "values": [{"value": value}],
                "title": metric.capitalize(),
                "id": f"{one.id}/insights/{name}/lifetime",
            }
        )
        values.append((one.id, metric, LIFETIME, value, "known"))
    return Shown({"data": rows}, values)


def names_author(comment: Comment) -> bool:
    """Some of those whom webhooks hide are named to whoever asks."""
    author = comment.author
    return author == comment.post.page.id or not People.is_private(author) or int(author) // 29 % 2 == 0


def comment(one: Comment, fields: list[Field]) -> dict[str, Any]:
    """The asked fields of a comment."""
    author = one.post.page.name if one.author == one.post.page.id else People.name(one.author)
    everything: dict[str, Any] = {
        "id": one.id,
        "message": one.message,
        "created_time": iso(one.created_at),
        "like_count": len(one.reactions),
        "comment_count": sum(not reply.is_removed for reply in one.replies),
        "is_hidden": one.is_hidden,
        "permalink_url": one.permalink,
    }
    if names_author(one):
        everything["from"] = {"id": one.author, "name": author}
    if one.parent is not None:
        everything["parent"] = {"id": one.parent.id, "created_time": iso(one.parent.created_at)}
    asked = {field.name for field in fields} | {"id"}
    return {name: value for name, value in everything.items() if name in asked}
