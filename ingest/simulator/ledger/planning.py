"""What was planned against what was published: O27."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ingest.simulator.ledger.content import is_shown
from ingest.simulator.ledger.counting import Row, Rows, local_day, moment
from ingest.simulator.ledger.figures import ratio

Key = tuple[Any, ...]


class Slot(NamedTuple):
    """A place in an account's plan; `source` is what it was imported from."""

    account: str
    source: str
    columns: Row

    @property
    def id(self) -> str:
        return str(self.columns["slot_id"])

    @property
    def at(self) -> dt.datetime:
        return moment(self.columns["planned_at"])

    @property
    def tolerance(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.columns["tolerance_minutes"])


def plan(platform: str, slots: Iterable[Slot]) -> Rows:
    """`editorial_plan`: the last import of a slot replaces those before."""
    return {
        (platform, slot.account, slot.id): {
            "planned_at": slot.at,
            "tolerance_minutes": slot.columns["tolerance_minutes"],
            **{name: slot.columns.get(name) for name in ("format", "pillar", "title")},
            "source": slot.source,
        }
        for slot in slots
    }


def adherence(platform: str, slots: Iterable[Slot], posts: Rows, account_minutes: Rows) -> Rows:
    """`editorial_adherence`: one row a slot, and one for each post that nobody planned."""
    by_account: dict[str, dict[str, Slot]] = defaultdict(dict)
    for slot in slots:
        by_account[slot.account][slot.id] = slot
    rows: Rows = {}
    for account, planned in by_account.items():
        own = {key[2]: post for key, post in posts.items() if key[:2] == (platform, account) and is_shown(post)}
        newest = [post["published_at"] for post in own.values()]
        newest += [key[2] for key in account_minutes if key[:2] == (platform, account)]
        matched = _matched(planned.values(), own)
        for slot in planned.values():
            rows[platform, account, slot.id, matched.get(slot.id)] = _slot_row(slot, matched, own, newest)
        starts = min(slot.at - slot.tolerance for slot in planned.values())
        ends = max(slot.at + slot.tolerance for slot in planned.values())
        for post in own.keys() - matched.values():
            if starts <= own[post]["published_at"] <= ends:
                rows[platform, account, None, post] = _unplanned_row(own[post])
    return rows


def _matched(slots: Iterable[Slot], posts: Mapping[str, Row]) -> dict[str, str]:
    """Slot -> post: one to one, the nearest pairs within tolerance first."""
    pairs = sorted(
        (abs(post["published_at"] - slot.at), slot.at, slot.id, post["published_at"], name)
        for slot in slots
        for name, post in posts.items()
        if abs(post["published_at"] - slot.at) <= slot.tolerance
    )
    matched: dict[str, str] = {}
    for _, _, slot_id, _, name in pairs:
        if slot_id not in matched and name not in matched.values():
            matched[slot_id] = name
    return matched


def _slot_row(slot: Slot, matched: Mapping[str, str], posts: Mapping[str, Row], newest: list[dt.datetime]) -> Row:
    post = posts[matched[slot.id]] if slot.id in matched else None
    is_open = all(slot.at + slot.tolerance > time for time in newest)
    off = None if post is None else (post["published_at"] - slot.at).total_seconds() / 60
    return {
        "planned_at": slot.at,
        "published_at": post["published_at"] if post else None,
        "outcome": "kept" if post else "open" if is_open else "missed",
        "minutes_off": off,
        "pillar": slot.columns.get("pillar"),
        "title": slot.columns.get("title"),
        "planned_format": slot.columns.get("format"),
        "format": post["format"] if post else None,
    }


def _unplanned_row(post: Row) -> Row:
    empty = dict.fromkeys(("planned_at", "minutes_off", "pillar", "title", "planned_format"))
    return {**empty, "published_at": post["published_at"], "outcome": "unplanned", "format": post["format"]}


def _month(row: Row, zone: str) -> dt.date:
    time: dt.datetime = row["planned_at"] or row["published_at"]
    return local_day(int(time.timestamp() * 1000), zone).replace(day=1)


def by_month(adherences: Rows, zones: Mapping[str, str]) -> Rows:
    """`editorial_adherence_by_account_month`."""
    months: dict[Key, list[Row]] = defaultdict(list)
    for key, row in adherences.items():
        months[(*key[:2], _month(row, zones[key[1]]))].append(row)
    rows: Rows = {}
    for key, found in months.items():
        outcomes = [row["outcome"] for row in found]
        kept, missed, unplanned = (outcomes.count(name) for name in ("kept", "missed", "unplanned"))
        off = [row["minutes_off"] for row in found if row["minutes_off"] is not None]
        rows[key] = {
            "planned": len(outcomes) - unplanned,
            "kept": kept,
            "early": sum(minutes < 0 for minutes in off),
            "late": sum(minutes > 0 for minutes in off),
            "missed": missed,
            "open_slots": outcomes.count("open"),
            "unplanned": unplanned,
            "adherence": ratio(kept, kept + missed),
            "unplanned_share": ratio(unplanned, kept + unplanned),
        }
    return rows


def mix(adherences: Rows, zones: Mapping[str, str]) -> Rows:
    """`editorial_mix`: the pillars of a month, planned and kept."""
    counts: dict[Key, dict[Any, list[str]]] = defaultdict(lambda: defaultdict(list))
    for key, row in adherences.items():
        if row["outcome"] != "unplanned":
            counts[(*key[:2], _month(row, zones[key[1]]))][row["pillar"]].append(row["outcome"])
    rows: Rows = {}
    for key, pillars in counts.items():
        planned = sum(map(len, pillars.values()))
        kept = sum(outcomes.count("kept") for outcomes in pillars.values())
        for pillar, outcomes in pillars.items():
            rows[(*key, pillar)] = {
                "planned": len(outcomes),
                "kept": outcomes.count("kept"),
                "planned_share": ratio(len(outcomes), planned),
                "kept_share": ratio(outcomes.count("kept"), kept),
            }
    return rows
