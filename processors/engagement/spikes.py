"""Hours in which an account or a post got far more engagement than is usual (docs/semantics.md, section 6).

An hour is judged again whenever it, or an hour that it is measured by, changed since the last flush: pure functions
of the rows of hours, so that neither order nor batching matters. It is judged for the last time just before it
becomes too old, since by then what it is measured by would begin to go.
"""

from collections.abc import Callable, Iterable, Iterator
from statistics import median
from typing import TYPE_CHECKING, Final, NamedTuple

from processors.engagement.counts import engagements as engagements_of
from processors.engagement.rows import NUMBER, VALUES, Row, named, new_row
from processors.engagement.windows import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from processors.engagement.accounts import Account
    from processors.engagement.organic import Organic

_TABLE = NUMBER["engagement_anomalies"]
_NOTHING: Final = (0, 0.0, 0.0, 0.0, "", 0, "")

LEAST: Final = 20
"""Engagements below which no hour is unusual."""
SEVERITIES: Final = ((10.0, "extreme"), (6.0, "high"), (3.5, "notable"))
WEEK_MS: Final = 7 * DAY_MS
LOOKBACK_MS: Final = 4 * WEEK_MS + DAY_MS
"""How far before an hour what it is measured by may lie."""
_WEEKS: Final = tuple(n * WEEK_MS for n in (1, 2, 3, 4))
_HOURS: Final = tuple(n * HOUR_MS for n in range(1, 25))

Counts = Callable[[int], int]
"""Engagements of an account in the hour that starts then (epoch ms); 0 for one without a row."""


class Baseline(NamedTuple):
    """What is usual: `kind` is `weeks` or `hours`, `hours` how many there are, `mad` the median distance (O29)."""

    kind: str
    hours: int
    median: float
    mad: float

    def z(self, engagements: int) -> float:
        """The robust z of an hour with so many engagements."""
        return (engagements - self.median) / max(1.4826 * self.mad, 1.0)


def baseline(counts: Counts, hour: int, oldest: int = 0) -> Baseline | None:
    """What is usual for an account at `hour`; None if it was not active for long enough before.

    `oldest`: an hour before which it never was, which spares a search.
    """
    start = max(hour - LOOKBACK_MS, oldest)
    first = next((start for start in range(start, hour, HOUR_MS) if counts(start) > 0), hour)
    if hour - first >= 3 * WEEK_MS:
        kind, before = "weeks", _WEEKS
    elif hour - first >= 12 * HOUR_MS:
        kind, before = "hours", _HOURS
    else:
        return None
    found = [counts(hour - distance) for distance in before if hour - distance >= first]
    middle = float(median(found))
    return Baseline(kind, len(found), middle, float(median(abs(count - middle) for count in found)))


def judgement(engagements: int, usual: Baseline | None) -> tuple[object, ...] | None:
    """The values of the row of an hour with so many engagements; None if it is nothing unusual."""
    if usual is None or engagements < LEAST:
        return None
    z = usual.z(engagements)
    severity = next((name for least, name in SEVERITIES if z >= least), None)
    if severity is None:
        return None
    return engagements, usual.median, usual.mad, z, usual.kind, usual.hours, severity


def influenced(counts: Counts, hour: int, newest: int, oldest: int = 0) -> Iterator[int]:
    """Hours up to `newest` whose judgement may change when `hour` does: itself, and what is measured by it.

    An hour can be the first active one of those after it that have none before it within their lookback. `oldest` as
    for `baseline`.
    """
    yield hour
    for distance in (*_HOURS, *_WEEKS):
        if hour + distance <= newest:
            yield hour + distance
    if hour < newest:
        earliest = hour - LOOKBACK_MS
        end = max(earliest, oldest) - 1
        before = next((start for start in range(hour - HOUR_MS, end, -HOUR_MS) if counts(start) > 0), earliest)
        yield from range(before + LOOKBACK_MS + HOUR_MS, min(hour + LOOKBACK_MS, newest) + 1, HOUR_MS)


class Spikes:
    """The anomalies of one account: hour -> subject -> row; the subject of the account itself is None.

    `changed` are the hours of the account that changed since the last flush, as far as is known.
    """

    __slots__ = ("changed", "rows", "turns_at")

    def __init__(self) -> None:
        self.rows: dict[int, dict[str | None, Row]] = {}
        self.changed: set[int] = set()
        self.turns_at = 0

    def row(self, account: "Account", subject: str | None, hour: int) -> Row:
        """The row of an hour, made if there is none."""
        rows = self.rows.setdefault(hour, {})
        row = rows.get(subject)
        if row is None:
            scope = ("account", account.account_id) if subject is None else ("post", subject)
            row = rows[subject] = new_row(_TABLE, named((*account.name.grain, *scope)), hour, _NOTHING)
        return row

    def evict(self, first_kept: int) -> None:
        """Let go of earlier hours."""
        for hour in [hour for hour in self.rows if hour < first_kept]:
            del self.rows[hour]


def turn(state: "Organic", account: "Account", time_ms: int) -> None:
    """Time comes to `time_ms`, in another hour: what becomes too old by it is judged once more, if it changed."""
    account.spikes.turns_at = time_ms // HOUR_MS * HOUR_MS + HOUR_MS
    account.roll_up()
    oldest = _oldest_judged(state, time_ms)
    if any(hour < oldest for hour in account.spikes.changed):
        _judge(state, account, _oldest_judged(state, account.newest), oldest)


def judge(state: "Organic") -> None:
    """Judge every hour anew that the changes since the last flush can have moved."""
    for account in state.accounts.values():
        account.roll_up()
        if account.spikes.changed:
            _judge(state, account, _oldest_judged(state, account.newest), account.newest + 1)
            account.spikes.changed.clear()


def _oldest_judged(state: "Organic", newest: int) -> int:
    """The first hour that is judged anew at a time: all that it is measured by is kept still."""
    return (newest - state.limits.hour + LOOKBACK_MS) // HOUR_MS * HOUR_MS


def _judge(state: "Organic", account: "Account", start: int, end: int) -> None:
    """Judge the hours from `start` and before `end` that the changed hours influence."""
    hours = account.book.hours

    def counts(hour: int) -> int:
        return engagements_of(hours.now(hour // HOUR_MS))

    newest, oldest = account.newest // HOUR_MS * HOUR_MS, HOUR_MS * min((*hours.known, *hours.moves), default=0)
    found = {
        hour
        for changed in account.spikes.changed
        for hour in influenced(counts, changed, newest, oldest)
        if start <= hour < end
    }
    for hour in found:
        engagements = counts(hour)
        if engagements >= LEAST or hour in account.spikes.rows:
            _judge_hour(state, account, hour, engagements, baseline(counts, hour, oldest))


def _judge_hour(state: "Organic", account: "Account", hour: int, engagements: int, usual: Baseline | None) -> None:
    known = account.spikes.rows.get(hour, {})
    if usual is None and not known:
        return
    for subject, count in _subjects(account, hour, engagements):
        values = judgement(count, usual)
        if values is None and subject not in known:
            continue
        row = account.spikes.row(account, subject, hour)
        if tuple(row[VALUES:]) != (values or _NOTHING):
            row[VALUES:] = values or _NOTHING
            state.touch(row)


def _subjects(account: "Account", hour: int, engagements: int) -> Iterable[tuple[str | None, int]]:
    yield None, engagements
    for post, counts in account.book.post_hours.of(hour // HOUR_MS).items():
        yield account.post_ids[post], engagements_of(counts)
