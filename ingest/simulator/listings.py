"""What a reader of complete listings can come to know: what is hidden, shown again, or gone.

A listing of a media's comments is complete when its last page was shown and, of each comment whose replies did not all
come with it, the last page of those, with nothing refused in between. Compared with the one before, it shows what is
hidden now and was not, or the other way round; what is missing twice is gone.
"""

from dataclasses import dataclass, field

from ingest.simulator.ledger import Notes
from ingest.simulator.posts import Remark


@dataclass(slots=True)
class _Listing:
    """A listing under way: what it has shown, which of it as hidden, and whose replies are still to be listed."""

    shown: dict[str, Remark] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    longer: set[str] = field(default_factory=set)
    is_through: bool = False


@dataclass(slots=True)
class _Past:
    """What the last complete listing left: those it showed, those it lacked for the first time, and the hidden ones."""

    shown: dict[str, Remark] = field(default_factory=dict)
    absent: dict[str, Remark] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)


class Listings:
    """Notes what follows from each complete listing at the time of its last answer."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._under_way: dict[str, _Listing] = {}
        self._past: dict[str, _Past] = {}

    def begins(self, media: str) -> None:
        self._under_way[media] = _Listing()

    def shows(self, media: str, remarks: list[Remark], longer: list[str]) -> None:
        """A page of comments: `longer` have more replies than came with them."""
        listing = self._under_way[media]
        listing.shown |= {remark.id: remark for remark in remarks}
        listing.hidden |= {remark.id for remark in remarks if remark.is_hidden}
        listing.longer |= set(longer)

    def page_ends(self, now: int, media: str, comment: str | None, is_last: bool) -> None:
        """A page of the media's comments, or of the replies to one, was the last of them or not."""
        listing = self._under_way[media]
        if is_last and comment is None:
            listing.is_through = True
        elif is_last and comment is not None:
            listing.longer.discard(comment)
        if listing.is_through and not listing.longer:
            del self._under_way[media]
            self._compare(now, media, listing.shown, listing.hidden)

    def is_under_way(self, media: str) -> bool:
        return media in self._under_way

    def _compare(self, now: int, media: str, shown: dict[str, Remark], hidden: set[str]) -> None:
        past = self._past.get(media, _Past())
        missing = {name: remark for name, remark in (past.shown | past.absent).items() if name not in shown}
        gone = [remark for name, remark in missing.items() if name in past.absent]
        facts = [remark.numbers["remove"] for remark in gone]
        facts += [shown[name].numbers["hide"] for name in hidden - past.hidden]
        facts += [shown[name].numbers["unhide"] for name in past.hidden - hidden if name in shown]
        if facts:
            self._notes.listed(now * 1000, [(number, False, None) for number in facts])
        absent = {name: remark for name, remark in missing.items() if name not in past.absent}
        self._past[media] = _Past(shown, absent, hidden)
