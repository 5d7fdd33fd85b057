"""Daily insights of a page: each day ends at the page's local midnight."""

import datetime as dt
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from ingest.simulator.graph.errors import invalid_metric
from ingest.simulator.graph.nodes import Shown, Value, iso
from ingest.simulator.population import Page

METRICS = {
    "page_follows": "followers",
    "page_media_view": "views",
    "page_total_media_view_unique": "reach",
    "page_post_engagements": "post_engagements",
}
RETIRING = "page_post_engagements"
"""What a fault plan may take away while the world runs."""

DAYS_SHOWN = 30
_RESTATED_FOR = 6 * 3600


def answer(page: Page, metrics: str, since: int, until: int, now: int, is_retired: bool) -> Shown:
    """The asked metrics for the days that end in (since, until] and have ended."""
    names = [name for name in metrics.split(",") if name]
    if not names or any(name not in METRICS or (is_retired and name == RETIRING) for name in names):
        raise invalid_metric()
    days = [(day, end) for day, end in _days(page, now) if since < end <= min(until, now)]
    rows: list[dict[str, Any]] = []
    values: list[Value] = []
    for name in names:
        figures = [(day, end, _figure(page, name, day, end, now)) for day, end in days]
        rows.append(
            {
                "name": name,
                "period": "day",
                "values": [{"value": value, "end_time": iso(end)} for _, end, value in figures],
                "title": METRICS[name],
                "description": "",
                "id": f"{page.id}/insights/{name}/day",
            }
        )
        values += [(None, METRICS[name], f"day:{day}", value, "known") for day, _, value in figures]
    return Shown({"data": rows}, values)


def _days(page: Page, now: int) -> Iterator[tuple[dt.date, int]]:
    """(local day, its end in UTC seconds), oldest first."""
    zone = ZoneInfo(page.zone)
    today = dt.datetime.fromtimestamp(now, zone).date()
    for back in range(DAYS_SHOWN, -1, -1):
        day = today - dt.timedelta(days=back)
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)
        yield day, int(midnight.timestamp())


def _figure(page: Page, name: str, day: dt.date, end: int, now: int) -> int:
    """Followers are the world's own; the others are invented, and restated some hours after the day."""
    if name == "page_follows":
        return page.followers_at(end)
    digest = blake2b(f"{page.id} {name} {day}".encode(), digest_size=4).digest()
    figure = 200 + int.from_bytes(digest, "big") % 40_000
    return figure * 9 // 10 if now < end + _RESTATED_FOR else figure
