"""Happenings as Facebook writes them: `feed` changes, deliveries, signatures.

JSON in ASCII with `/` as `\\/`, signed over the bytes as sent. Variants of shape are drawn from a generator of the
wire's own, so that the world does not depend on how it is told.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from ingest.simulator.happenings import Happening
from ingest.simulator.population import People

OLD_SHAPE = 0.05
PAIRED = 0.1

_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
_WORDS = {"sad": ("sorry", "sad"), "angry": ("anger", "angry")}


@dataclass(slots=True)
class Change:
    """One element of `changes[]`, ready as text, with what the ledger and the tally need to know of it.

    `shows`: values that it tells, as the ledger notes them. `tells_when`: it says itself when that was which it
    deletes. `is_alone`: a copy that travels by itself. `late`: the
    fault that keeps it back.
    """

    page: str
    text: str
    number: int = -1
    names_actor: bool = False
    deletes: str | None = None
    shows: tuple[tuple[str | None, str, str, int | None, str], ...] = ()
    relation: tuple[str, str, str | None] | None = None
    action: str | None = None
    made_at: int = 0
    is_copy: bool = False
    is_alone: bool = False
    late: str | None = None
    tells_when: bool = False


def dumps(document: Any) -> str:
    """JSON in ASCII, `/` escaped: no solidus stands outside a string."""
    return _encode(document).replace("/", "\\/")


def changes(happening: Happening, rng: Random) -> list[Change]:
    """What a webhook tells of it: one change, or a `like` beside the `reaction` as one click once produced."""
    values = [_value(happening, rng)]
    is_like = happening.item == "reaction" and happening.reaction == "like" and happening.comment is None
    if is_like and happening.verb != "edit" and rng.random() < PAIRED:
        pair = {name: value for name, value in values[0].items() if name != "reaction_type"}
        values.append(pair | {"item": "like"})
    fact = happening.fact
    return [
        Change(
            page=happening.page.id,
            text=dumps({"field": "feed", "value": value}),
            number=happening.number,
            names_actor=happening.names_actor,
            deletes=happening.post.id if fact is None and happening.verb == "remove" and happening.post else None,
            relation=happening.relation,
            action=fact.action if fact else None,
            made_at=happening.at,
        )
        for value in values
    ]


def _value(happening: Happening, rng: Random) -> dict[str, Any]:
    value: dict[str, Any] = {"item": happening.item, "verb": happening.verb}
    match happening.item:
        case "reaction":
            value["reaction_type"] = rng.choice(_WORDS.get(happening.reaction or "", (happening.reaction,)))
        case "comment":
            _describe_comment(value, happening)
        case "share":
            _describe_share(value, happening)
    _name(value, happening, rng)
    if happening.post is not None and "post_id" not in value:
        value["post_id"] = happening.post.id
    if happening.item == "reaction" and happening.post is not None:
        comment = happening.comment
        value["parent_id"] = comment.parent.id if comment and comment.parent else happening.post.id
        if comment is not None:
            value["comment_id"] = comment.id
    if happening.message is not None:
        value["message"] = happening.message
    if happening.is_timed and "created_time" not in value:
        value["created_time"] = happening.at
    if happening.fact is None and happening.verb == "add":
        value |= {"created_time": happening.at, "published": 1}
    return value


def _describe_comment(value: dict[str, Any], happening: Happening) -> None:
    comment = happening.comment
    if comment is None:
        return
    value["comment_id"] = comment.id
    value["parent_id"] = comment.parent.id if comment.parent else comment.post.id
    if happening.verb == "edited":
        value |= {"created_time": comment.created_at, "edited_time": happening.at}
    elif happening.verb in ("hide", "unhide"):
        value |= {"created_time": comment.created_at, "is_hidden": happening.verb == "hide"}


def _describe_share(value: dict[str, Any], happening: Happening) -> None:
    value["share_id"] = int(happening.object_id or 0)
    if happening.fact is not None and happening.fact.post is None:
        value["post_id"] = f"{happening.page.id}_{happening.object_id}"
    elif happening.post is not None:
        value["parent_id"] = happening.post.id
        value["post_id"] = f"{happening.page.id}_{happening.object_id}"
    if happening.verb == "add":
        value |= {"published": 1, "link": f"https://www.facebook.com/{happening.object_id}"}


def _name(value: dict[str, Any], happening: Happening, rng: Random) -> None:
    if not happening.names_actor:
        return
    owner = happening.actor == happening.page.id
    name = happening.page.name if owner else People.name(happening.actor)
    if happening.item == "like":
        value["user_id"] = int(happening.actor)
    elif rng.random() < OLD_SHAPE:
        value |= {"sender_id": int(happening.actor), "sender_name": name}
    else:
        value["from"] = {"id": happening.actor, "name": name}


def body(sent_at: int, of_pages: Iterable[tuple[str, Sequence[str]]]) -> bytes:
    """A delivery: one entry a page, with the texts of its changes."""
    entries = ",".join(f'{{"id":"{page}","time":{sent_at},"changes":[{",".join(texts)}]}}' for page, texts in of_pages)
    return f'{{"object":"page","entry":[{entries}]}}'.encode("ascii")


def signature(secret: str, signed: bytes) -> str:
    """Value of `X-Hub-Signature-256`: hex HMAC-SHA256 over the raw bytes."""
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
