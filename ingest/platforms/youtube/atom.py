"""A notification's XML, read without what makes XML dangerous: no document type, no entities, bounded in every way.

Each entry keeps its own bytes, so that one which cannot be used costs only itself.
"""

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from ingest.fields import Unusable
from ingest.wire import Unreadable

MOST_ELEMENTS = 20_000
MOST_LEVELS = 16
LONGEST_TEXT = 8_192
"""Characters of one element; a title has a hundred."""

_ATOM, _YOUTUBE = "http://www.w3.org/2005/Atom ", "http://www.youtube.com/xml/schemas/2015 "
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0 "
_FEED, ENTRY, DELETED = _ATOM + "feed", _ATOM + "entry", _TOMBSTONES + "deleted-entry"
_FIELDS = {
    (_YOUTUBE + "videoId",): "video_id",
    (_YOUTUBE + "channelId",): "channel_id",
    (_ATOM + "published",): "published",
    (_ATOM + "updated",): "updated",
    (_TOMBSTONES + "by", _ATOM + "uri"): "author",
    (_ATOM + "author", _ATOM + "uri"): "author",
}
_NAME = re.compile(rb"<([^\s/>]+)")


@dataclass(slots=True)
class Entry:
    """What became of one video: `kind` is ENTRY or DELETED. `ref` and `when` are told of what is deleted, all else of
    what was published or changed; `author` is the address of the channel."""

    kind: str
    ref: str | None = None
    when: str | None = None
    video_id: str | None = None
    channel_id: str | None = None
    published: str | None = None
    updated: str | None = None
    author: str | None = None
    begins: int = 0
    ends: int = 0
    body: bytes = b""


def entries(body: bytes) -> list[Entry]:
    """The entries of a notification, in order.

    Raises `Unreadable` if it is no XML in UTF-8, `Unusable` if it is no feed, too large a one, or one with a document
    type.
    """
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable from None
    reading = _Reading(body)
    try:
        reading.parser.Parse(body, True)
    except expat.ExpatError:
        raise Unreadable from None
    end = b"</%b>" % reading.root
    for entry in reading.found:
        entry.body = body[: reading.head] + body[entry.begins : entry.ends] + end
    return reading.found


@dataclass(slots=True)
class _Reading:
    body: bytes
    parser: expat.XMLParserType = field(init=False)
    found: list[Entry] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    root: bytes = b""
    head: int = 0
    elements: int = 0
    text: str = ""

    def __post_init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._forbidden
        self.parser.EntityDeclHandler = self._forbidden
        self.parser.StartElementHandler = self._starts
        self.parser.EndElementHandler = self._ends
        self.parser.CharacterDataHandler = self._says

    def _forbidden(self, *_told: object) -> None:
        raise Unusable("invalid_envelope", "document type")

    def _starts(self, name: str, attributes: dict[str, str]) -> None:
        at = self.parser.CurrentByteIndex
        self.elements += 1
        if self.elements > MOST_ELEMENTS or len(self.path) >= MOST_LEVELS:
            raise Unusable("too_deep", "elements or levels")
        if not self.path:
            if name != _FEED:
                raise Unusable("invalid_envelope", "feed")
            match = _NAME.match(self.body, at)
            self.root = match[1] if match else b"feed"
        elif len(self.path) == 1:
            self.head = self.head or at
            if name in (ENTRY, DELETED):
                self.found.append(Entry(name, attributes.get("ref"), attributes.get("when"), begins=at))
        self.path.append(name)
        self.text = ""

    def _ends(self, name: str) -> None:
        below = tuple(self.path[2:])
        if len(self.path) > 1 and self.path[1] in (ENTRY, DELETED):
            if below in _FIELDS:
                setattr(self.found[-1], _FIELDS[below], self.text.strip())
            elif not below:
                self.found[-1].ends = self._end_of_tag()
        self.path.pop()
        self.text = ""

    def _end_of_tag(self) -> int:
        """Behind the tag that ends an element; of an empty one it is the tag that began it."""
        at = self.parser.CurrentByteIndex
        if self.body.startswith(b"</", at):
            return self.body.index(b">", at) + 1
        return at

    def _says(self, text: str) -> None:
        self.text += text
        if len(self.text) > LONGEST_TEXT:
            raise Unusable("oversized", "text")
