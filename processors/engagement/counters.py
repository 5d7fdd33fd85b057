"""The platform's own figures: last known values, their change by hour, and what a post is.

Everything here depends on the set of observations alone: the last one is the one with the greatest
(as_of, value), an unknown value being smaller than any.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator

from contracts.events import Post as PostRecord
from contracts.events import Snapshot
from processors.engagement.rows import NAME, NUMBER, VALUES, Row, named, new_row
from processors.engagement.windows import HOUR_MS, last_before

_POST_METRICS = NUMBER["post_metrics"]
_POST_METRICS_HOUR = NUMBER["post_metrics_hour"]
_ACCOUNT_METRICS_DAY = NUMBER["account_metrics_day"]
_POSTS = NUMBER["posts"]

_VALUE, _AS_OF, _STATE, _OBSERVED = range(VALUES, VALUES + 4)
_HOUR_VALUE, _HOUR_AS_OF, _DELTA, _GAP = range(VALUES, VALUES + 4)
_CONTENT = slice(VALUES, VALUES + 10)
_DELETED_AT, _CONTENT_AS_OF = VALUES + 10, VALUES + 11

Grain = tuple[str, ...]


class LastKnown:
    """A figure as last known; one row of `post_metrics` or `account_metrics_day`."""

    __slots__ = ("row",)

    def __init__(self, table: int, grain: Grain) -> None:
        self.row = new_row(table, named(grain), None, (None, None, "unavailable", 0))

    @classmethod
    def of_account(cls, grain: Grain) -> "LastKnown":
        return cls(_ACCOUNT_METRICS_DAY, grain)

    def observe(self, seen: Snapshot) -> Iterator[Row]:
        """Take an observation in; yields the row if it changed."""
        row = self.row
        before = row[VALUES:]
        if seen.value is not None and _newer(seen.as_of, seen.value, row[_AS_OF], row[_VALUE]):
            row[_VALUE], row[_AS_OF] = seen.value, seen.as_of
        if (seen.as_of, _STATE_RANK[seen.value_state]) > (row[_OBSERVED], _STATE_RANK[row[_STATE]]):
            row[_STATE], row[_OBSERVED] = seen.value_state, seen.as_of
        if row[VALUES:] != before:
            yield row


_STATE_RANK = {"unavailable": 0, "hidden": 1, "floored": 2, "known": 3}


def _newer(as_of: int, value: int, known_as_of: int | None, known_value: int | None) -> bool:
    return known_as_of is None or known_value is None or (as_of, value) > (known_as_of, known_value)


class PostMetric(LastKnown):
    """A counter of a post: the last known value, and the last known one of every hour with its change."""

    __slots__ = ("hours", "starts")

    def __init__(self, grain: Grain) -> None:
        super().__init__(_POST_METRICS, grain)
        self.hours: dict[int, Row] = {}
        self.starts: list[int] = []

    def hour_row(self, start: int) -> Row:
        row = self.hours.get(start)
        if row is None:
            row = self.hours[start] = new_row(_POST_METRICS_HOUR, self.row[NAME], start, (0, 0, None, None))
            insort(self.starts, start)
        return row

    def observe_hour(self, seen: Snapshot) -> Iterator[Row]:
        """Take a known value into its hour, before `observe` does; yields that hour's row, and the next one's, when
        they changed."""
        if seen.value is None:
            return
        self._anchor()
        start = seen.as_of // HOUR_MS * HOUR_MS
        fresh = start not in self.hours
        row = self.hour_row(start)
        if not fresh and not _newer(seen.as_of, seen.value, row[_HOUR_AS_OF], row[_HOUR_VALUE]):
            return
        row[_HOUR_VALUE], row[_HOUR_AS_OF] = seen.value, seen.as_of
        position = bisect_left(self.starts, start)
        yield self._compared(row, start)
        if position + 1 < len(self.starts):
            following = self.starts[position + 1]
            yield self._compared(self.hours[following], following)

    def _anchor(self) -> None:
        """Where no hour is kept, since none was in time or their records went, the last known value is in one."""
        if not self.starts and self.row[_VALUE] is not None:
            row = self.hour_row(self.row[_AS_OF] // HOUR_MS * HOUR_MS)
            row[_HOUR_VALUE], row[_HOUR_AS_OF] = self.row[_VALUE], self.row[_AS_OF]

    def _compared(self, row: Row, start: int) -> Row:
        before = last_before(self.starts, start)
        if before is not None:
            earlier = self.hours[before]
            row[_DELTA] = row[_HOUR_VALUE] - earlier[_HOUR_VALUE]
            row[_GAP] = (row[_HOUR_AS_OF] - earlier[_HOUR_AS_OF]) // 1000
        return row

    def evict(self, first_kept: int) -> None:
        """Let go of hours before `first_kept`, but for the last of them, which the next delta starts from."""
        anchor = bisect_left(self.starts, first_kept) - 1
        if anchor > 0:
            for start in self.starts[:anchor]:
                del self.hours[start]
            del self.starts[:anchor]


def new_post_row(grain: Grain) -> Row:
    """A post of which nothing is known."""
    return new_row(_POSTS, named(grain), None, (None, None, None, None, (), (), (), None, None, None, None, None))


def describe(row: Row, post: PostRecord) -> bool:
    """Take a reading of a post, or the report of its deletion, into its row; True if it changed."""
    if post.deleted_at is not None:
        if row[_DELETED_AT] is not None and row[_DELETED_AT] <= post.deleted_at:
            return False
        row[_DELETED_AT] = post.deleted_at
        return True
    content = [
        post.published_at,
        post.permalink,
        post.format,
        post.text_length,
        post.hashtags,
        post.mentions,
        post.links,
        post.is_published,
        post.promotion_status,
        post.platform_updated_at,
    ]
    known = row[_CONTENT_AS_OF]
    if known is not None and (post.as_of, repr(content)) <= (known, repr(row[_CONTENT])):
        return False
    row[_CONTENT] = content
    row[_CONTENT_AS_OF] = post.as_of
    return True
