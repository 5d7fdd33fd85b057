"""Listings of Mastodon: arrays of items, and a Link header whose addresses lead to the pages around.

Only the ids are taken out of a link, and only out of one that leads back to the same server: where a request goes is
never for an answer to say.
"""

import re
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import Raw

from ingest.platforms import Answer, PollFailed, Request
from ingest.wire import Unreadable, dumps, loads

_LINK = re.compile(r'<([^<>]{1,2000})>\s*;\s*rel="?(next|prev)"?')
_IDS = ("max_id", "min_id", "since_id")

_items = msgspec.json.Decoder(list[Raw]).decode


def items(answer: Answer) -> list[Raw]:
    """The items of an answer; one without ends the poll."""
    try:
        return _items(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        document = loads(answer.body)
    except Unreadable:
        raise PollFailed("no_listing") from None
    if not isinstance(document, list):
        raise PollFailed("no_listing")
    return [Raw(dumps(item)) for item in document]


def following(request: Request, answer: Answer, relation: str, base_url: str) -> Request | None:
    """The request for the page `next` (older) or `prev` (newer), if the answer names one.

    A link to another host or path ends the poll.
    """
    for address, name in _LINK.findall(answer.link):
        if name != relation:
            continue
        here, there = urlsplit(base_url + request.path), urlsplit(address)
        if (there.hostname, there.port, there.path) != (here.hostname, here.port, here.path):
            raise PollFailed("foreign_link")
        ids = {key: value for key, value in parse_qsl(there.query) if key in _IDS}
        if not ids:
            return None
        kept = {key: value for key, value in request.params.items() if key not in _IDS}
        return Request(request.path, kept | ids)
    return None
