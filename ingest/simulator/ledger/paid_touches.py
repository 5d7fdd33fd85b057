"""Who came, by campaign and day."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from ingest.simulator.ledger.counting import Row, Rows, local_day
from ingest.simulator.ledger.paid_people import digest

_COLUMNS = ("touches", "clicks", "views", "without_consent", "bots")
_OF_KIND = {"click": "clicks", "view": "views"}


def _place(touch: Row) -> tuple[Any, ...]:
    """Of several that are one touch the smallest is it."""
    words = tuple(touch[name] for name in ("source", "medium", "campaign", "campaign_id"))
    flags = touch["kind"], touch["bot"], touch["consent"] != "granted"
    return (touch["at"], touch["site"], *words, *flags)


def name_of(touch: Row) -> str:
    """The id of a touch."""
    return digest("touch", touch["site"], touch["event"])


def by_campaign_day(touches: Iterable[Row], sites: Mapping[str, Row]) -> Rows:
    """`touches_by_campaign_day`."""
    known: dict[tuple[str, str], Row] = {}
    for touch in touches:
        key = touch["brand"], name_of(touch)
        known[key] = min(touch, known.get(key, touch), key=_place)
    counts: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for (brand, _), touch in known.items():
        zone = sites[touch["site"]]["zone"] if touch["site"] in sites else "UTC"
        words = (touch[name] for name in ("source", "medium", "campaign", "campaign_id"))
        row = counts[(brand, touch["site"], *words, local_day(touch["at"], zone))]
        if touch["bot"]:
            row["bots"] += 1
            continue
        row["touches"] += 1
        row["without_consent"] += touch["consent"] != "granted"
        if touch["kind"] in _OF_KIND:
            row[_OF_KIND[touch["kind"]]] += 1
    return {key: {name: row[name] for name in _COLUMNS} for key, row in counts.items()}
