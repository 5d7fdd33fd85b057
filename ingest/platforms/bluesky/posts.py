"""What a post's record says, wherever it is read: in a message of the stream or in an answer."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from contracts.events import EngagementEvent
from ingest.fields import EARLIEST, LATEST, Unusable
from ingest.platforms.bluesky import facts
from ingest.platforms.bluesky.facts import Said, Seen
from ingest.platforms.bluesky.uris import POST, Uri, parse

_EPOCH = datetime.fromtimestamp(0, UTC)
_LONGEST_LANGUAGE = 32


class Record(Struct, frozen=True, rename="camel"):
    """The fields of every record that is read; what is optional may be anything, and then counts as absent."""

    created_at: Any = None
    text: str = ""
    subject: Any = None
    reply: Any = None
    embed: Any = None
    facets: Any = None
    langs: Any = None
    tags: Any = None


def claimed(created_at: object) -> int:
    """Epoch milliseconds of a time that a client wrote, whatever it is; 0 for what is none, as Bluesky has it.

    >>> claimed("2026-03-01T19:46:02.102Z"), claimed("soon")
    (1772394362102, 0)
    """
    try:
        moment = datetime.fromisoformat(created_at) if isinstance(created_at, str) else _EPOCH
    except ValueError:
        return 0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def stamp(created_at: object, rkey: str | None) -> str | None:
    """What tells one record of a relation from the next: the time that its client claims, which a listing shows, too;
    if that is none that can be, the record's key, which no listing shows. None: nothing does."""
    at = claimed(created_at)
    return str(at) if EARLIEST <= at < LATEST else rkey


def said(record: Record) -> Said:
    """The text, and the first of its languages."""
    first = record.langs[0] if isinstance(record.langs, list) and record.langs else None
    is_language = isinstance(first, str) and 0 < len(first) <= _LONGEST_LANGUAGE and first.isprintable()
    return Said(record.text, first if is_language else None)


def engagement(seen: Seen, uri: Uri, record: Record) -> EngagementEvent | None:
    """What a post is to the account: an answer below a post of its, a quotation of one, or naming it; the first that
    holds. None: nothing. Raises `Unusable` for a reply that does not say to what."""
    if record.reply is not None:
        root, parent = _place(record.reply, "root"), _place(record.reply, "parent")
        ours = next((place for place in (root, parent) if _is_post_of(place, seen.account)), None)
        if ours is not None:
            return facts.commented(seen, uri, ours, parent or ours, said(record))
    quotation = quoted(record.embed)
    if quotation is not None and _is_post_of(quotation, seen.account):
        return facts.quoted(seen, uri, quotation, said(record))
    if seen.did != seen.account and seen.account in features(record.facets, "mention", "did"):
        return facts.mentioned(seen, uri, said(record))
    return None


def _place(reply: object, name: str) -> Uri | None:
    place = reply.get(name) if isinstance(reply, Mapping) else None
    if not isinstance(place, Mapping) or not isinstance(place.get("uri"), str):
        raise Unusable("missing_field", f"reply.{name}")
    return parse(place["uri"])


def _is_post_of(uri: Uri | None, account: str) -> bool:
    return uri is not None and uri.did == account and uri.collection == POST


def quoted(embed: object) -> Uri | None:
    """The record that an embed shows, alone or beside media."""
    for _ in range(2):
        embed = embed.get("record") if isinstance(embed, Mapping) else None
        if isinstance(embed, Mapping) and "uri" in embed:
            return parse(embed["uri"])
    return None


def features(facets: object, kind: str, value: str) -> list[str]:
    """What the facets of a text hold of a kind: `mention` of a `did`, `link` to a `uri`, `tag`."""
    return list(_features(facets, f"app.bsky.richtext.facet#{kind}", value))


def _features(facets: object, kind: str, value: str) -> Iterator[str]:
    for facet in facets if isinstance(facets, list) else ():
        found = facet.get("features") if isinstance(facet, Mapping) else None
        for feature in found if isinstance(found, list) else ():
            if isinstance(feature, Mapping) and feature.get("$type") == kind and isinstance(feature.get(value), str):
                yield feature[value]
