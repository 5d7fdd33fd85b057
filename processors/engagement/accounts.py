"""An account and its posts in memory: every row of counts, found by the window it stands for.

All rows that a fact of one minute touches are kept together, since most events find them there.
"""

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from xxhash import xxh3_64_intdigest

from contracts import tables
from contracts.identity import account_key, reaction_interaction
from contracts.table import COUNTS, FOLLOWS
from processors.engagement.community import Common, Community
from processors.engagement.conversation import Conversation
from processors.engagement.facts import REACTIONS
from processors.engagement.rows import NUMBER, VALUES, Row, blank, named, stamped
from processors.engagement.spikes import Spikes
from processors.engagement.windows import HOUR_MS, MINUTE_MS, Day, Horizons, zone

T = TypeVar("T")

COUNT_COLUMNS: Final = tuple(column.name for column in (*COUNTS, *FOLLOWS))
"""Order of the counts in every row; post rows end before the page likes."""

_DAY_COLUMNS = [c.name for c in tables.load()["engagement_by_account_day"].values]
POST_UNIQUE: Final = VALUES + len(COUNTS)
_UNIQUE: Final = VALUES + _DAY_COLUMNS.index("unique_engagers")
_NEW: Final = VALUES + _DAY_COLUMNS.index("new_engagers")
_RETURNING: Final = VALUES + _DAY_COLUMNS.index("returning_engagers")

_POST = blank(NUMBER["engagement_by_post"], len(COUNTS) + 1)
_POST_MINUTE = blank(NUMBER["engagement_by_post_minute"], len(COUNTS))
_POST_HOUR = blank(NUMBER["engagement_by_post_hour"], len(COUNTS))
_POST_DAY = blank(NUMBER["engagement_by_post_day"], len(COUNTS))
_ACCOUNT_MINUTE = blank(NUMBER["engagement_by_account_minute"], len(COUNT_COLUMNS))
_ACCOUNT_HOUR = blank(NUMBER["engagement_by_account_hour"], len(COUNT_COLUMNS))
_ACCOUNT_DAY = blank(NUMBER["engagement_by_account_day"], len(COUNT_COLUMNS) + 3)
_REACTIONS = blank(NUMBER["reactions_by_post"], 1)


POST_MINUTE_PLACE: Final = 3
"""Among the rows opened for a post and minute: the account's minute, hour and day come before it."""


class Post:
    """The rows of one post. `windows`: start of a minute -> all rows of a fact in it, the account's too.

    `reacted` is what the interaction of a person's reaction to the post begins with.
    """

    __slots__ = ("days", "hours", "life", "name", "reacted", "reactions", "windows")

    def __init__(self, platform: str, account_id: str, post_id: str) -> None:
        self.name = named((platform, account_id, post_id))
        self.reacted = reaction_interaction(post_id, "")
        self.life = stamped(_POST, self.name)
        self.hours: dict[int, Row] = {}
        self.days: dict[int, Row] = {}
        self.reactions: list[Row | None] = [None] * len(REACTIONS)
        self.windows: dict[int, tuple[Row, ...]] = {}

    def day_row(self, day: Day) -> Row:
        row = self.days.get(day.number)
        if row is None:
            row = self.days[day.number] = stamped(_POST_DAY, self.name, day.date)
        return row

    def reaction_row(self, reaction: int) -> Row:
        row = self.reactions[reaction]
        if row is None:
            row = self.reactions[reaction] = stamped(_REACTIONS, self.name, REACTIONS[reaction])
        return row


class Account:
    """The rows of one account, its posts and its people. `newest` is its newest accepted time or tick.

    `windows`: start of a minute -> the rows of that minute, its hour and its day. `hour_posts`: start of an hour ->
    the posts that have a row of it. `is_changed`: some of these rows may have changed since the last flush.
    """

    __slots__ = (
        "account_id",
        "community",
        "conversation",
        "day",
        "days",
        "evicted_at",
        "hour_posts",
        "hours",
        "is_changed",
        "key",
        "minutes",
        "name",
        "newest",
        "newest_changed",
        "platform",
        "posts",
        "seed",
        "spikes",
        "windows",
        "zone",
    )

    def __init__(self, platform: str, account_id: str, zone_name: str, common: Common) -> None:
        self.platform = platform
        self.account_id = account_id
        self.name = named((platform, account_id))
        self.key = self.name.key.encode()
        self.seed = xxh3_64_intdigest(account_key(platform, account_id))
        self.zone = zone(zone_name)
        self.newest = 0
        self.newest_changed = False
        self.is_changed = False
        self.evicted_at = 0
        self.posts: dict[str, Post] = {}
        self.minutes: dict[int, Row] = {}
        self.hours: dict[int, Row] = {}
        self.hour_posts: dict[int, list[Post]] = {}
        self.days: dict[int, Row] = {}
        self.windows: dict[int, tuple[Row, ...]] = {}
        self.community = Community(self.name, self.zone, common, self._count_engagers)
        self.conversation = Conversation()
        self.spikes = Spikes()
        self.day = Day(-1, "", 0, 0)

    def post(self, post_id: str) -> Post:
        post = self.posts.get(post_id)
        if post is None:
            post = self.posts[post_id] = Post(self.platform, self.account_id, post_id)
        return post

    def day_of(self, time_ms: int) -> Day:
        """The local day of a time; the last answer is tried first."""
        if not self.day.start <= time_ms < self.day.end:
            self.day = self.zone.day_of(time_ms)
        return self.day

    def minute_row(self, start: int) -> Row:
        row = self.minutes.get(start)
        if row is None:
            row = self.minutes[start] = stamped(_ACCOUNT_MINUTE, self.name, start)
        return row

    def hour_row(self, start: int) -> Row:
        row = self.hours.get(start)
        if row is None:
            row = self.hours[start] = stamped(_ACCOUNT_HOUR, self.name, start)
        return row

    def day_row(self, day: Day) -> Row:
        row = self.days.get(day.number)
        if row is None:
            row = self.days[day.number] = stamped(_ACCOUNT_DAY, self.name, day.date)
        return row

    def _count_engagers(self, day: Day, people: int, new: int) -> Row:
        """So many people more engaged on a day, of whom so many for the first time."""
        row = self.day_row(day)
        row[_UNIQUE] += people
        row[_NEW] += new
        row[_RETURNING] += people - new
        return row

    def open_rows(self, start: int) -> tuple[Row, ...]:
        """The account's minute, hour and day row of the minute that starts then, which is too old for none."""
        rows = self.windows.get(start)
        if rows is None:
            rows = self.windows[start] = (
                self.minute_row(start),
                self.hour_row(start - start % HOUR_MS),
                self.day_row(self.day_of(start)),
            )
        return rows

    def open_post_rows(self, post: Post, start: int) -> tuple[Row, ...]:
        """The account's rows as `open_rows`, then the post's own and its lifetime row."""
        rows = post.windows.get(start)
        if rows is None:
            hour = start - start % HOUR_MS
            day = self.day_of(start)
            rows = post.windows[start] = (
                *(self.windows.get(start) or self.open_rows(start)),
                stamped(_POST_MINUTE, post.name, start),
                post.hours.get(hour) or self.post_hour_row(post, hour),
                post.days.get(day.number) or post.day_row(day),
                post.life,
            )
        return rows

    def post_minute_row(self, post: Post, start: int) -> Row:
        """The post's row of the minute that starts then; it lives among the rows that were opened with it."""
        return self.open_post_rows(post, start)[POST_MINUTE_PLACE]

    def post_hour_row(self, post: Post, start: int) -> Row:
        row = post.hours.get(start)
        if row is None:
            row = post.hours[start] = stamped(_POST_HOUR, post.name, start)
            self.hour_posts.setdefault(start, []).append(post)
        return row

    def rows_at(self, post: Post | None, time_ms: int, limits: Horizons) -> Iterable[Row]:
        """Every row that a time falls into and that is not too old; rows of the account and, if given, of the post."""
        self.is_changed = True
        if time_ms > self.newest - limits.minute:
            start = time_ms - time_ms % MINUTE_MS
            return self.open_rows(start) if post is None else self.open_post_rows(post, start)
        return self._old_rows_at(post, time_ms, limits)

    def _old_rows_at(self, post: Post | None, time_ms: int, limits: Horizons) -> Iterator[Row]:
        minute = time_ms // MINUTE_MS * MINUTE_MS
        hour = time_ms // HOUR_MS * HOUR_MS
        day = self.day_of(time_ms)
        if minute + MINUTE_MS > self.newest - limits.minute:
            yield self.minute_row(minute)
            if post is not None:
                yield self.post_minute_row(post, minute)
        if hour + HOUR_MS > self.newest - limits.hour:
            self.spikes.changed.add(hour)
            yield self.hour_row(hour)
            if post is not None:
                yield self.post_hour_row(post, hour)
        if day.end > self.newest - limits.day:
            yield self.day_row(day)
            if post is not None:
                yield post.day_row(day)
        if post is not None:
            yield post.life

    def too_old_grains(self, time_ms: int, limits: Horizons) -> Iterator[str]:
        """The grains at which a time is too old."""
        if time_ms > self.newest - limits.minute:
            return
        if time_ms // MINUTE_MS * MINUTE_MS + MINUTE_MS <= self.newest - limits.minute:
            yield "minute"
        if time_ms // HOUR_MS * HOUR_MS + HOUR_MS <= self.newest - limits.hour:
            yield "hour"
        if self.day_of(time_ms).end <= self.newest - limits.day:
            yield "day"

    def advance(self, time_ms: int) -> None:
        """Time has come to `time_ms`."""
        if time_ms > self.newest:
            self.newest = time_ms
            self.newest_changed = True

    def resume(self, time_ms: int) -> None:
        """Go on where time had come to `time_ms`: its rows were written already."""
        if time_ms > self.newest:
            self.newest = time_ms
            self.community.resume(time_ms)

    def evict(self, limits: Horizons) -> None:
        """Let go of rows that nothing can change any more. Their topics keep them under their own retention."""
        self.evicted_at = self.newest
        oldest_minute = self.newest - limits.minute - MINUTE_MS
        oldest_hour = self.newest - limits.hour - HOUR_MS
        oldest_day = self.zone.day_of(max(0, self.newest - limits.day)).number
        _drop(self.minutes, oldest_minute + 1)
        holders: list[Account | Post] = [self, *self.posts.values()]
        for holder in holders:
            _drop(holder.windows, oldest_minute + 1)
            _drop(holder.hours, oldest_hour + 1)
            _drop(holder.days, oldest_day)
        _drop(self.hour_posts, oldest_hour + 1)
        _drop(self.spikes.rows, oldest_hour + 1)
        self.community.let_go()
        self.conversation.evict(self.newest - limits.interaction)


def _drop(rows: dict[int, T], first_kept: int) -> None:
    for start in [start for start in rows if start < first_kept]:
        del rows[start]
