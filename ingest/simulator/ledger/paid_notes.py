"""Taking notes of the paid leg: what was told of ads, touches, orders, refunds and links, as it is in truth.

Every note says that something was offered: a delivery with it was taken, or an answered poll showed it. People are
noted by their own names. Times are epoch milliseconds UTC, money is in millionths.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.simulator.ledger.notes import Notes

KINDS = ("configured", "site", "quoted", "ad", "entity", "touch", "order", "refund", "link", "ambassador", "buyer")
"""Words that begin a line here."""


class PaidNotes(Notes):
    """The pen of a market. What the columns of each are is what the tables of the paid leg hold."""

    def __init__(self, directory: Path | None) -> None:
        super().__init__(directory, "")

    def configured(self, platform: str, account: str, **columns: Any) -> None:
        """A configured ad account or shop: the columns of `accounts`, `connected_at` in epoch milliseconds."""
        self._line("configured", platform, account, columns)

    def site(self, site: str, brand: str, zone: str) -> None:
        """A configured site."""
        self._line("site", site, brand, zone)

    def quoted(self, source: str, base: str, of_days: Mapping[str, Mapping[str, float]]) -> None:
        """A file of rates, to be imported: day -> currency -> units for one of the base."""
        self._line("quoted", source, base, of_days)

    def told(self, kind: str, columns: Mapping[str, Any]) -> None:
        """An `ad` in a period, an `entity`, a `touch`, an `order`, a `refund` or a `link` was offered; or a word of an
        `ambassador`, or who a `buyer` is, stands in a file that is to be imported."""
        self._line(kind, columns)
