"""Happenings as Jetstream tells them, but for the time, which the stream gives: `{"did":...` without `time_us`."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any, cast

from ingest.simulator.bluesky.acts import FOLLOW, LIKE, POST, REPOST
from ingest.simulator.bluesky.malformed import Malformed
from ingest.simulator.bluesky.world import Skeet
from ingest.simulator.happenings import Happening
from ingest.simulator.outbox import Dialect
from ingest.simulator.wire import Change

ODD_CLOCKS = {3: "1970-01-01T00:00:00Z", 17: "soon", 29: "0001-01-01T00:00:00Z"}
"""Of so many in a hundred records: what a client says that has no idea what time it is."""
CID = "bafyreih" + "a" * 51

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def claimed(second: int, rkey: str) -> str:
    """What a client says that the time is: to the millisecond, no two records of a second alike."""
    if (odd := ODD_CLOCKS.get(int(rkey[2:]) % 100)) is not None:
        return odd
    moment = dt.datetime.fromtimestamp(second, dt.UTC).replace(microsecond=int(rkey[2:]) % 1000 * 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def changes(happening: Happening, rng: Random) -> list[Change]:
    """One message for each record; of an account that is gone one for all of its records."""
    is_told_already = happening.verb == "left"
    return [
        Change(
            page=happening.page.id,
            text="" if is_told_already else _encode(_message(happening, rng)),
            number=happening.number,
            names_actor=True,
            deletes=happening.object_id if happening.verb == "delete" and happening.post is not None else None,
            tells_when=True,
            relation=happening.relation,
            action=happening.fact.action if happening.fact else None,
            made_at=happening.at,
        )
    ]


def _message(happening: Happening, rng: Random) -> dict[str, Any]:
    did = happening.actor
    if happening.item == "account":
        told = {"active": False, "did": did, "seq": 1, "status": "deleted"}
        return {"did": did, "kind": "account", "account": told}
    rkey = happening.object_id or ""
    commit: dict[str, Any] = {
        "rev": rkey,
        "operation": happening.verb,
        "collection": _collection(happening.item),
        "rkey": rkey,
    }
    if happening.verb == "create":
        commit |= {"record": record(happening, claimed(happening.at, rkey), rng.random() < 0.2), "cid": CID}
    return {"did": did, "kind": "commit", "commit": commit}


def _collection(item: str) -> str:
    return {"bystander": LIKE}.get(item, item if item in (LIKE, REPOST, FOLLOW) else POST)


def record(happening: Happening, created_at: str, has_media: bool) -> dict[str, Any]:
    """A record of the collection."""
    post = cast(Skeet | None, happening.post)
    base: dict[str, Any] = {"$type": _collection(happening.item), "createdAt": created_at}
    match happening.item:
        case "app.bsky.feed.like" | "app.bsky.feed.repost":
            assert post is not None, "nothing is liked"
            return base | {"subject": _ref(post.uri)}
        case "app.bsky.graph.follow":
            return base | {"subject": happening.page.id}
        case "bystander":
            return base | {"subject": _ref(f"at://did:plc:someone/{POST}/3k1")}
        case "comment":
            assert post is not None, "nothing is answered"
            assert happening.comment is not None, "nothing is said"
            parent = happening.comment.parent
            reply = {"root": _ref(post.uri), "parent": _ref(parent.id if parent else post.uri)}
            return base | {"text": happening.message, "langs": ["en"], "reply": reply}
        case "quote":
            assert post is not None, "nothing is quoted"
            embed: dict[str, Any] = {"$type": "app.bsky.embed.record", "record": _ref(post.uri)}
            if has_media:
                media = {"$type": "app.bsky.embed.images", "images": []}
                embed = {"$type": "app.bsky.embed.recordWithMedia", "record": embed, "media": media}
            return base | {"text": happening.message, "embed": embed}
        case "mention":
            feature = {"$type": "app.bsky.richtext.facet#mention", "did": happening.page.id}
            facet = {"index": {"byteStart": 0, "byteEnd": 3}, "features": [feature]}
            return base | {"text": happening.message, "facets": [facet]}
    assert post is not None, "nothing is published"
    return base | content(post, post.created_at)


def content(post: Skeet, second: int) -> dict[str, Any]:
    """What a post of an account says and shows."""
    said: dict[str, Any] = {"text": post.wording(second).message or ""}
    kind = {"images": "images", "video": "video", "link": "external"}.get(post.format)
    if kind is not None:
        said["embed"] = {"$type": f"app.bsky.embed.{kind}"}
    if post.external is not None:
        said["embed"]["external"] = {"uri": post.external, "title": "", "description": ""}
    return said


def _ref(uri: str) -> dict[str, str]:
    return {"cid": CID, "uri": uri}


def body(_sent_at: int, _of_accounts: Iterable[tuple[str, Sequence[str]]]) -> bytes:
    """Messages go one by one: there is no envelope around several."""
    return b""


DIALECT = Dialect(changes, body, Malformed)
