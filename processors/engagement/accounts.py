"""An account in memory: its rows of counts, its posts and its people, and which windows are too old for a fact."""

from collections.abc import Iterator

from xxhash import xxh3_64_intdigest

from contracts.identity import account_key
from processors.engagement import counted
from processors.engagement.community import Common, Community
from processors.engagement.conversation import Conversation
from processors.engagement.counts import UNIT
from processors.engagement.rows import named
from processors.engagement.spikes import Spikes
from processors.engagement.tallies import Book, add
from processors.engagement.windows import HOUR_MS, MINUTE_MS, Day, Horizons, zone

_UNIQUE, _NEW, _RETURNING = UNIT["unique_engagers"], UNIT["new_engagers"], UNIT["returning_engagers"]


class Account:
    """`newest` is its newest accepted time or tick. Its posts are numbered: `posts` by id, `post_ids` by number."""

    __slots__ = (
        "account_id",
        "book",
        "community",
        "conversation",
        "day",
        "evicted_at",
        "head",
        "key",
        "name",
        "newest",
        "newest_changed",
        "platform",
        "post_ids",
        "posts",
        "seed",
        "spikes",
        "zone",
    )

    def __init__(self, platform: str, account_id: str, zone_name: str, common: Common) -> None:
        self.platform = platform
        self.account_id = account_id
        self.name = named((platform, account_id))
        self.key = self.name.key.encode()
        self.head = counted.head(platform, account_id)
        self.seed = xxh3_64_intdigest(account_key(platform, account_id))
        self.zone = zone(zone_name)
        self.newest = 0
        self.newest_changed = False
        self.evicted_at = 0
        self.posts: dict[str, int] = {}
        self.post_ids: list[str] = []
        self.book = Book()
        self.community = Community(self.name, self.zone, common, self._count_engagers)
        self.conversation = Conversation()
        self.spikes = Spikes()
        self.day = Day(-1, "", 0, 0)

    def post(self, post_id: str) -> int:
        """The number of a post."""
        number = self.posts.get(post_id)
        if number is None:
            number = self.posts[post_id] = len(self.post_ids)
            self.post_ids.append(post_id)
        return number

    def day_of(self, time_ms: int) -> Day:
        """The local day of a time; the last answer is tried first."""
        if not self.day.start <= time_ms < self.day.end:
            self.day = self.zone.day_of(time_ms)
        return self.day

    def _count_engagers(self, day: Day, people: int, new: int) -> None:
        """So many people more engaged on a day, of whom so many for the first time."""
        add(self.book.days.moves, day.number, people * _UNIQUE + new * _NEW + (people - new) * _RETURNING)

    def engage(self, post: int) -> None:
        """One person more engaged with a post."""
        self.book.engaged.append(post)

    def count(self, post: int | None, time_ms: int, counts: int, limits: Horizons) -> None:
        """Count something at its time, in every window that is not too old."""
        if time_ms > self.newest - limits.recent:
            self.book.count(time_ms // MINUTE_MS, post, counts)
        else:
            self._count_late(post, time_ms, counts, limits)

    def _count_late(self, post: int | None, time_ms: int, counts: int, limits: Horizons) -> None:
        book, minute, hour, day = self.book, time_ms // MINUTE_MS, time_ms // HOUR_MS, self.day_of(time_ms)
        if (minute + 1) * MINUTE_MS > self.newest - limits.minute:
            add(book.minutes.moves, minute, counts)
            if post is not None:
                book.post_minutes.add(minute, post, counts)
        if (hour + 1) * HOUR_MS > self.newest - limits.hour:
            self.spikes.changed.add(hour * HOUR_MS)
            add(book.hours.moves, hour, counts)
            if post is not None:
                book.post_hours.add(hour, post, counts)
        if day.end > self.newest - limits.day:
            add(book.days.moves, day.number, counts)
            if post is not None:
                book.post_days.add(day.number, post, counts)
        if post is not None:
            add(book.posts.moves, post, counts)

    def too_old_grains(self, time_ms: int, limits: Horizons) -> Iterator[str]:
        """The grains at which a time is too old."""
        if time_ms > self.newest - limits.recent:
            return
        if time_ms // MINUTE_MS * MINUTE_MS + MINUTE_MS <= self.newest - limits.minute:
            yield "minute"
        if time_ms // HOUR_MS * HOUR_MS + HOUR_MS <= self.newest - limits.hour:
            yield "hour"
        if self.day_of(time_ms).end <= self.newest - limits.day:
            yield "day"

    def roll_up(self) -> None:
        """Bring the rows of all windows up to date with the facts."""
        if not self.book.is_rolled_up:
            self.spikes.changed |= {hour * HOUR_MS for hour in self.book.roll_up(self.day_of)}

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
        self.roll_up()
        oldest_minute = (self.newest - limits.minute - MINUTE_MS) // MINUTE_MS + 1
        oldest_hour = (self.newest - limits.hour - HOUR_MS) // HOUR_MS + 1
        oldest_day = self.zone.day_of(max(0, self.newest - limits.day)).number
        self.book.evict(oldest_minute, oldest_hour, oldest_day)
        self.spikes.evict(oldest_hour * HOUR_MS)
        self.community.let_go()
        self.conversation.evict(self.newest - limits.interaction)
