"""The editorial plan of one brand's pages: made when the world is over, around what they published."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ingest.simulator.population import BRANDS, FORMATS, Page
from ingest.simulator.posts import Post

PREFIX = "editorial-plan-"
BRAND = next(iter(BRANDS))
COLUMNS = ("slot_id", "planned_at", "tolerance_minutes", "format", "pillar", "title")
DEFAULT_TOLERANCE = 60

_FORMATS = (*FORMATS, None)
_PILLARS = ("product", "people", "craft", "produkt & preis", None)
_TITLES = ("Spring, again", 'The "new" one', "Über uns", None)

Slots = list[tuple[tuple[int, int], ...]]
_AROUND: Slots = [
    ((-17, 60),),
    ((25, 45),),
    (),
    ((-12, 15), (12, 15)),
    ((7, 3),),
    ((0, 0),),
]
"""For one post after the other its slots: (minutes from the post's publication, tolerance).

Late, early, not planned, two slots for one post, missed by some minutes, kept to the second.
"""
BEFORE, AFTER = -90, 2 * 24 * 60
"""Minutes from the world's beginning and from its end: a slot that nothing keeps, and one that is still open."""


def slots(page: Page, posts: Iterable[Post], begins_at: int, ends_at: int) -> list[dict[str, Any]]:
    """Columns of `editorial_plan` by slot, times in epoch milliseconds. A page of another brand plans nothing."""
    if page.brand != BRAND:
        return []
    young = [post for post in posts if begins_at <= post.created_at < ends_at]
    times = [
        (post.created_at + minutes * 60, tolerance)
        for post, around in zip(young, cycle(_AROUND), strict=False)
        for minutes, tolerance in around
    ]
    times += [(begins_at + BEFORE * 60, DEFAULT_TOLERANCE), (ends_at + AFTER * 60, DEFAULT_TOLERANCE)]
    return list(_slots(page, times))


def _slots(page: Page, times: Iterable[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    texts = zip(cycle(_FORMATS), cycle(_PILLARS), cycle(_TITLES), strict=False)
    for number, ((at, tolerance), (form, pillar, title)) in enumerate(zip(times, texts, strict=False), start=1):
        yield {
            "slot_id": f"{page.id[-4:]}-{number}",
            "planned_at": at * 1000,
            "tolerance_minutes": tolerance,
            "format": form,
            "pillar": pillar,
            "title": title,
        }


def write(directory: Path, page: Page, planned: Iterable[dict[str, Any]]) -> Path:
    """As CSV, times in the page's zone; a usual tolerance is left to the reader."""
    path = directory / f"{PREFIX}{page.id}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for slot in planned:
            local = dt.datetime.fromtimestamp(slot["planned_at"] // 1000, ZoneInfo(page.zone))
            tolerance = "" if slot["tolerance_minutes"] == DEFAULT_TOLERANCE else slot["tolerance_minutes"]
            writer.writerow(slot | {"planned_at": local.isoformat(), "tolerance_minutes": tolerance})
    return path


def plans(directory: Path) -> dict[str, Path]:
    """Page -> file of those that were written there."""
    return {path.stem.removeprefix(PREFIX): path for path in sorted(directory.glob(f"{PREFIX}*.csv"))}
