"""Which visitor turned out to be which customer: of one link's records the smallest is it. Pure."""

from dataclasses import dataclass

import msgspec

from contracts.identity import is_nameless
from contracts.paid import Link
from processors.attribution.book import Name, Rows

LINK = "link"
Said = tuple[int, str, str, str]
"""at, visitor_id, customer_id, source."""
_read = msgspec.json.Decoder(Said).decode


@dataclass(slots=True)
class LinkEntry:
    """One link; without `said` it is none. One of somebody who was erased is remembered, and shown to nobody."""

    name: Name
    said: Said | None = None

    def rows(self) -> Rows:
        if self.said is None or is_nameless(self.said[1]) or is_nameless(self.said[2]):
            return {}
        at, visitor, customer, source = self.said
        return {("identity_links", self.name[1:]): (visitor, customer, at, source)}

    def saved(self) -> object:
        return self.said


def read_link(name: Name, saved: bytes) -> LinkEntry:
    return LinkEntry(name, _read(saved))


def name_of(link: Link) -> Name:
    return LINK, link.brand, link.link_id
