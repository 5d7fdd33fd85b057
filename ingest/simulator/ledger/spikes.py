"""Hours far above what is usual, O29, and the spells that they make."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ingest.simulator.ledger.counting import Row, Rows
from ingest.simulator.ledger.figures import median

LEAST = 20
SEVERITIES = (("extreme", 10.0), ("high", 6.0), ("notable", 3.5))
SCALE = 1.4826
"""Makes the median distance of a normal distribution its standard deviation."""

HOUR, WEEK = dt.timedelta(hours=1), dt.timedelta(weeks=1)
LOOKBACK = 4 * WEEK + dt.timedelta(days=1)
"""How far before an hour its account's activity is looked at."""

Hours = Mapping[dt.datetime, int]


class Usual(NamedTuple):
    """What an hour of an account is measured by."""

    baseline: str
    hours: int
    median: float
    mad: float


def engagements(row: Row) -> int:
    """x of an hour."""
    return int(row["likes"] + row["comments"] + row["shares"])


def usual(hours: Hours, hour: dt.datetime) -> Usual | None:
    """The baseline of an hour from the account's own x by hour; None without enough of a past."""
    first = min((one for one, x in hours.items() if x > 0 and one >= hour - LOOKBACK), default=hour)
    if hour - first >= 3 * WEEK:
        name, places = "weeks", [hour - number * WEEK for number in (1, 2, 3, 4)]
    elif hour - first >= 12 * HOUR:
        name, places = "hours", [hour - number * HOUR for number in range(1, 25)]
    else:
        return None
    found = [float(hours.get(place, 0)) for place in places if place >= first]
    middle = median(found) or 0.0
    return Usual(name, len(found), middle, median([abs(x - middle) for x in found]) or 0.0)


def severity(z: float) -> str | None:
    return next((name for name, least in SEVERITIES if z >= least), None)


def anomalies(account_hours: Rows, post_hours: Rows) -> Rows:
    """`engagement_anomalies`, of accounts and of their posts."""
    by_account: dict[tuple[str, str], dict[dt.datetime, int]] = defaultdict(dict)
    for (platform, account, hour), row in account_hours.items():
        by_account[platform, account][hour] = engagements(row)
    judged = [((*key, "account", key[1], hour), x) for key, hours in by_account.items() for hour, x in hours.items()]
    judged += [
        ((platform, account, "post", post, hour), engagements(row))
        for (platform, account, post, hour), row in post_hours.items()
    ]
    rows: Rows = {}
    for key, x in judged:
        if x < LEAST:
            continue
        base = usual(by_account[key[0], key[1]], key[4])
        found = None if base is None else _judged(x, base)
        if found is not None:
            rows[key] = found
    return rows


def _judged(x: int, base: Usual) -> Row | None:
    z = (x - base.median) / max(SCALE * base.mad, 1)
    name = severity(z)
    if name is None:
        return None
    return {
        "engagements": x,
        "median": base.median,
        "mad": base.mad,
        "z": z,
        "baseline": base.baseline,
        "baseline_hours": base.hours,
        "severity": name,
    }


def spikes(found: Rows, account_hours: Rows) -> Rows:
    """`engagement_spikes`: adjoining hours of one subject as one; open while it lasts into the account's newest."""
    subjects: dict[tuple[Any, ...], dict[dt.datetime, Row]] = defaultdict(dict)
    for key, row in found.items():
        subjects[key[:4]][key[4]] = row
    newest: dict[tuple[str, str], dt.datetime] = {}
    for platform, account, hour in account_hours:
        newest[platform, account] = max(hour, newest.get((platform, account), hour))
    rows: Rows = {}
    for subject, hours in subjects.items():
        for spell in _spells(sorted(hours)):
            peak = max(hours[hour]["z"] for hour in spell)
            rows[(*subject, spell[0])] = {
                "ended_at": None if spell[-1] == newest[subject[0], subject[1]] else spell[-1] + HOUR,
                "hours": len(spell),
                "peak_z": peak,
                "engagements": sum(hours[hour]["engagements"] for hour in spell),
                "severity": severity(peak),
            }
    return rows


def _spells(hours: list[dt.datetime]) -> Iterator[list[dt.datetime]]:
    spell: list[dt.datetime] = []
    for hour in hours:
        if spell and hour - spell[-1] > HOUR:
            yield spell
            spell = []
        spell = [*spell, hour]
    if spell:
        yield spell
