"""Names of records: `at://<did>/<collection>/<rkey>`. Only what the protocol allows in them is a name."""

import re
from typing import NamedTuple

LIKE, REPOST, POST, FOLLOW = (
    "app.bsky.feed.like",
    "app.bsky.feed.repost",
    "app.bsky.feed.post",
    "app.bsky.graph.follow",
)
COLLECTIONS = (LIKE, REPOST, POST, FOLLOW)

_DID = r"did:[a-z]{1,32}:[A-Za-z0-9._:%-]{1,200}"
_RKEY = r"[A-Za-z0-9._:~-]{1,200}"
_URI = re.compile(rf"at://({_DID})/([a-zA-Z0-9.-]{{1,200}})/({_RKEY})")
_did = re.compile(_DID).fullmatch
_rkey = re.compile(_RKEY).fullmatch


class Uri(NamedTuple):
    """A record by its repository, which is its author's, its collection and its key there."""

    did: str
    collection: str
    rkey: str

    def __str__(self) -> str:
        return f"at://{self.did}/{self.collection}/{self.rkey}"

    @property
    def page(self) -> str:
        """Where people read a post."""
        return f"https://bsky.app/profile/{self.did}/post/{self.rkey}"


def parse(text: object) -> Uri | None:
    """None for what is no name: one with a handle in place of the DID, too, which names whoever has the handle today.

    >>> parse("at://did:plc:ann/app.bsky.feed.post/3l3p")
    Uri(did='did:plc:ann', collection='app.bsky.feed.post', rkey='3l3p')
    """
    found = _URI.fullmatch(text) if isinstance(text, str) else None
    return Uri(found[1], found[2], found[3]) if found else None


def is_did(text: object) -> bool:
    return isinstance(text, str) and _did(text) is not None


def is_rkey(text: object) -> bool:
    return isinstance(text, str) and _rkey(text) is not None
