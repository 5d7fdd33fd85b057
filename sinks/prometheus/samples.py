"""From rows of accounts to samples: totals of all days, the newest day and hour, the followers last reported,
the comments that are answered and that wait.

Pure. Totals are sums over absolute rows, so that a restart shows the same figures. A metric shows at most
`SERIES` series; whatever is beyond is taken together as the account `other` of its platform: summed up, and of
spikes the greatest.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec
from msgspec import Struct

from contracts import identity, metrics, platforms
from contracts.metrics import Metric
from contracts.tables import (
    account_metrics_day,
    engagement_anomalies,
    engagement_by_account_day,
    engagement_by_account_hour,
    inbound_comments,
)
from sinks.prometheus.conversation import SPANS, Account, CommentRow, Conversation

SERIES = 1000
OTHER = "other"
KINDS = ("likes", "comments", "shares", "comment_reactions", "follows", "mentions")
DAYS, FIGURES = engagement_by_account_day.TABLE.topic, account_metrics_day.TABLE.topic
HOURS, ANOMALIES = engagement_by_account_hour.TABLE.topic, engagement_anomalies.TABLE.topic
COMMENTS = inbound_comments.TABLE.topic
SOURCES = (DAYS, FIGURES, HOURS, ANOMALIES, COMMENTS)


class Sample(NamedTuple):
    """One series of a metric: the values of its labels, in the metric's order."""

    labels: tuple[str, ...]
    value: float


class DayRow(Struct, frozen=True, gc=False):
    """What is used of a row of `engagement_by_account_day`."""

    likes: int = 0
    likes_removed: int = 0
    comments: int = 0
    comments_removed: int = 0
    shares: int = 0
    shares_removed: int = 0
    comment_reactions: int = 0
    comment_reactions_removed: int = 0
    follows: int = 0
    follows_removed: int = 0
    mentions: int = 0
    mentions_removed: int = 0
    unique_engagers: int = 0

    def added(self) -> tuple[int, ...]:
        return (self.likes, self.comments, self.shares, self.comment_reactions, self.follows, self.mentions)

    def removed(self) -> tuple[int, ...]:
        return (
            self.likes_removed,
            self.comments_removed,
            self.shares_removed,
            self.comment_reactions_removed,
            self.follows_removed,
            self.mentions_removed,
        )


class FigureRow(Struct, frozen=True, gc=False):
    """What is used of a row of `account_metrics_day`."""

    value: int | None = None


class AnomalyRow(Struct, frozen=True, gc=False):
    """What is used of a row of `engagement_anomalies`."""

    z: float = 0.0


_NOTHING = (0,) * len(KINDS)


class AccountFigures:
    """Takes records of the `SOURCES`, in offset order; each replaces what its key said before."""

    def __init__(self) -> None:
        self._days: dict[Account, dict[str, DayRow]] = {}
        self._added: dict[Account, tuple[int, ...]] = {}
        self._removed: dict[Account, tuple[int, ...]] = {}
        self._followers: dict[Account, dict[str, int]] = {}
        self._newest_hours: dict[Account, int] = {}
        self._anomalies: dict[Account, dict[tuple[str, str], float]] = {}
        self._conversation = Conversation()
        self._day_row = msgspec.json.Decoder(DayRow).decode
        self._figure_row = msgspec.json.Decoder(FigureRow).decode
        self._anomaly_row = msgspec.json.Decoder(AnomalyRow).decode
        self._comment_row = msgspec.json.Decoder(CommentRow).decode

    def apply(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        """Fold one record. An unreadable one is passed over: the PostgreSQL sink keeps it as a dead letter."""
        try:
            grain = identity.split_key((key or b"").decode())
            if topic == DAYS:
                platform, account_id, day = grain
                self._put_day((platform, account_id), day, value and self._day_row(value))
            elif topic == FIGURES:
                platform, account_id, metric, scope, day = grain
                if (metric, scope) == ("followers", "total"):
                    known = self._figure_row(value).value if value else None
                    self._put_followers((platform, account_id), day, known)
            elif topic == HOURS:
                platform, account_id, hour = grain
                if value is not None:
                    self._put_hour((platform, account_id), int(hour))
            elif topic == ANOMALIES:
                platform, account_id, scope, subject, hour = grain
                z = self._anomaly_row(value).z if value else None
                self._put_anomaly((platform, account_id), int(hour), (scope, subject), z)
            elif topic == COMMENTS:
                platform, account_id, comment_id = grain
                row = self._comment_row(value) if value else None
                self._conversation.put((platform, account_id), comment_id, row)
        except (ValueError, msgspec.MsgspecError, RecursionError):
            return

    def _put_day(self, account: Account, day: str, row: DayRow | bytes | None) -> None:
        days = self._days.setdefault(account, {})
        before = days.pop(day, None)
        after = row if isinstance(row, DayRow) else None
        if after is not None:
            days[day] = after
        for totals, read in ((self._added, DayRow.added), (self._removed, DayRow.removed)):
            totals[account] = _moved(
                totals.get(account, _NOTHING),
                read(before) if before else _NOTHING,
                read(after) if after else _NOTHING,
            )

    def _put_followers(self, account: Account, day: str, followers: int | None) -> None:
        days = self._followers.setdefault(account, {})
        days.pop(day, None)
        if followers is not None:
            days[day] = followers

    def _put_hour(self, account: Account, hour: int) -> None:
        """Only the newest hour matters, and what is unusual in it."""
        if hour > self._newest_hours.get(account, -1):
            self._newest_hours[account] = hour
            self._anomalies[account] = {}

    def _put_anomaly(self, account: Account, hour: int, subject: tuple[str, str], z: float | None) -> None:
        self._put_hour(account, hour)
        if hour == self._newest_hours[account]:
            self._anomalies[account].pop(subject, None)
            if z is not None:
                self._anomalies[account][subject] = z

    def samples(self) -> Iterator[tuple[Metric, list[Sample]]]:
        """Every metric with its series."""
        yield metrics.INTERACTIONS, _by_kind(self._added)
        yield metrics.REMOVALS, _by_kind(self._removed)
        newest = {account: days[max(days)] for account, days in self._days.items() if days}
        yield (
            metrics.UNIQUE_ENGAGERS_TODAY,
            _limited({account: (row.unique_engagers,) for account, row in newest.items()}, ((),)),
        )
        followers = {account: (days[max(days)],) for account, days in self._followers.items() if days}
        yield metrics.FOLLOWERS, _limited(followers, ((),))
        greatest = {account: (max(found.values(), default=0.0),) for account, found in self._anomalies.items()}
        yield metrics.SPIKE, _limited(greatest, ((),), together=max)
        replied = dict(self._conversation.spans())
        for metric, place in ((metrics.COMMENTS_ANSWERED, 0), (metrics.COMMENTS_WAITING, 1)):
            counts = {account: tuple(found[span][place] for span in SPANS) for account, found in replied.items()}
            yield metric, _limited(counts, tuple((span,) for span in SPANS))


def _moved(totals: Iterable[int], before: Iterable[int], after: Iterable[int]) -> tuple[int, ...]:
    return tuple(total - old + new for total, old, new in zip(totals, before, after, strict=True))


def _sum(one: float, other: float) -> float:
    return one + other


def _by_kind(totals: Mapping[Account, tuple[int, ...]]) -> list[Sample]:
    """What a platform never sends is unknown there: it has no series, not one of 0."""
    series = _limited(totals, tuple((kind,) for kind in KINDS))
    return [sample for sample in series if sample.labels[-1] not in platforms.unsent(sample.labels[0])]


def _limited(
    values: Mapping[Account, tuple[float, ...]],
    suffixes: tuple[tuple[str, ...], ...],
    together: Callable[[float, float], float] = _sum,
) -> list[Sample]:
    """A series for each account and suffix, the accounts beyond the limit taken together; always the same ones."""
    accounts = sorted(values)
    if len(accounts) * len(suffixes) > SERIES:
        others = len({platform for platform, _ in accounts})
        accounts = accounts[: max(0, SERIES // len(suffixes) - others)]
    shown = set(accounts)
    found: dict[tuple[str, ...], float] = {}
    for (platform, account_id), figures in sorted(values.items()):
        name = account_id if (platform, account_id) in shown else OTHER
        for suffix, figure in zip(suffixes, figures, strict=True):
            labels = (platform, name, *suffix)
            found[labels] = together(found[labels], figure) if labels in found else figure
    return [Sample(labels, value) for labels, value in found.items()]
