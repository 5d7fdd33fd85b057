"""The rows of counts of one account: what its topics hold, and what is still to be added to it.

A fact is counted in its minute only, and once for all its windows: `roll_up` adds minutes to hours, days and posts when
rows are wanted. So the usual fact costs one addition, whatever the number of rows that it changes.

A minute or hour is numbered by how many have passed since 1970 in UTC, a day as in `windows`, a post by its account.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Final

from processors.engagement.counts import UNIT
from processors.engagement.windows import HOUR_MS, MINUTE_MS, Day

MINUTES_IN_HOUR: Final = HOUR_MS // MINUTE_MS
_UNIQUE: Final = UNIT["unique_engagers"]

Tallies = dict[int, int]
"""Number of a window, or of a post -> counts (`counts`). What is not there has none."""


def add(to: Tallies, key: int, counts: int) -> None:
    """So much more for one."""
    to[key] = to.get(key, 0) + counts


def add_all(to: Tallies, more: Tallies) -> None:
    """So much more for each."""
    for key, counts in more.items():
        to[key] = to.get(key, 0) + counts


class Rows:
    """The rows of one table: `known` is what its topic holds, `moves` what is to be added."""

    __slots__ = ("known", "moves")

    def __init__(self) -> None:
        self.known: Tallies = {}
        self.moves: Tallies = {}

    def now(self, key: int) -> int:
        """The counts of one, as far as minutes were rolled up."""
        return self.known.get(key, 0) + self.moves.get(key, 0)

    def take(self) -> Iterator[tuple[int, int]]:
        """The rows that differ from their topic, as they are to be written; one that came to nothing has 0 counts."""
        moves, self.moves = self.moves, {}
        return _taken(self.known, moves)

    def load(self, key: int, counts: int) -> None:
        """Take a row back; 0: it is gone."""
        _load(self.known, key, counts)

    def evict(self, first_kept: int) -> None:
        """Let go of earlier windows, but for one that waits to be written."""
        for key in [key for key in self.known if key < first_kept and key not in self.moves]:
            del self.known[key]


class PostRows:
    """The rows of one table of posts, by window and number of the post; otherwise as `Rows`."""

    __slots__ = ("known", "moves")

    def __init__(self) -> None:
        self.known: dict[int, Tallies] = {}
        self.moves: dict[int, Tallies] = {}

    def add(self, window: int, post: int, counts: int) -> None:
        posts = self.moves.get(window)
        if posts is None:
            posts = self.moves[window] = {}
        posts[post] = posts.get(post, 0) + counts

    def add_all(self, window: int, posts: Tallies) -> None:
        if window in self.moves:
            add_all(self.moves[window], posts)
        else:
            self.moves[window] = dict(posts)

    def of(self, window: int) -> Tallies:
        """All posts of a window, as far as minutes were rolled up."""
        now = self.known.get(window, {}).copy()
        add_all(now, self.moves.get(window, {}))
        return now

    def take(self) -> Iterator[tuple[int, Iterator[tuple[int, int]]]]:
        """By window what `Rows.take` says of posts."""
        moves, self.moves = self.moves, {}
        for window, of_window in moves.items():
            known = self.known.setdefault(window, {})
            yield window, _taken(known, of_window)
            if not known:
                del self.known[window]

    def load(self, window: int, post: int, counts: int) -> None:
        _load(self.known.setdefault(window, {}), post, counts)

    def evict(self, first_kept: int) -> None:
        for window in [window for window in self.known if window < first_kept and window not in self.moves]:
            del self.known[window]


def _taken(known: Tallies, moves: Tallies) -> Iterator[tuple[int, int]]:
    for key, more in moves.items():
        if more:
            counts = known.get(key, 0) + more
            if counts:
                known[key] = counts
            else:
                del known[key]
            yield key, counts


def _load(known: Tallies, key: int, counts: int) -> None:
    if counts:
        known[key] = counts
    else:
        known.pop(key, None)


class Book:
    """All rows of counts of one account. Which windows are too old for a fact is the caller's to know.

    `fresh` and `alone` count facts by minute that are not in the longer windows yet: minute -> post -> counts, and
    minute -> counts of facts without a post. `engaged` names a post once for each person who first engaged with it, and
    `reacted` holds by reaction the posts that were reacted to: what only ever grows is counted when it is asked for.
    """

    __slots__ = (
        "alone",
        "days",
        "engaged",
        "fresh",
        "hours",
        "minutes",
        "post_days",
        "post_hours",
        "post_minutes",
        "posts",
        "reacted",
        "reactions",
    )

    def __init__(self) -> None:
        self.fresh: dict[int, Tallies] = {}
        self.alone: Tallies = {}
        self.minutes, self.hours, self.days, self.posts = Rows(), Rows(), Rows(), Rows()
        self.post_minutes, self.post_hours, self.post_days = PostRows(), PostRows(), PostRows()
        self.reactions = PostRows()
        """By reaction in place of a window."""
        self.engaged: list[int] = []
        self.reacted: defaultdict[int, list[int]] = defaultdict(list)

    @property
    def is_rolled_up(self) -> bool:
        """Whether nothing has happened since `roll_up`."""
        return not (self.fresh or self.alone or self.engaged or self.reacted)

    def count(self, minute: int, post: int | None, counts: int) -> None:
        """Count something in all windows of a minute."""
        if post is None:
            add(self.alone, minute, counts)
            return
        posts = self.fresh.get(minute)
        if posts is None:
            posts = self.fresh[minute] = {}
        posts[post] = posts.get(post, 0) + counts

    def roll_up(self, day_of: Callable[[int], Day]) -> set[int]:
        """Bring all windows up to date; returns the hours that were touched. `day_of` tells the local day of a time."""
        fresh, self.fresh = self.fresh, {}
        alone, self.alone = self.alone, {}
        together: dict[tuple[int, int], Tallies] = {}
        for minute, posts in fresh.items():
            add(alone, minute, sum(posts.values()))
            self.post_minutes.add_all(minute, posts)
            add_all(together.setdefault(_longer(minute, day_of), {}), posts)
        touched = set()
        for minute, counts in alone.items():
            hour, day = _longer(minute, day_of)
            touched.add(hour)
            add(self.minutes.moves, minute, counts)
            add(self.hours.moves, hour, counts)
            add(self.days.moves, day, counts)
        for (hour, day), posts in together.items():
            self.post_hours.add_all(hour, posts)
            self.post_days.add_all(day, posts)
            add_all(self.posts.moves, posts)
        self._roll_up_people()
        return touched

    def _roll_up_people(self) -> None:
        engaged, self.engaged = self.engaged, []
        reacted, self.reacted = self.reacted, defaultdict(list)
        for post, people in Counter(engaged).items():
            add(self.posts.moves, post, people * _UNIQUE)
        for reaction, posts in reacted.items():
            self.reactions.add_all(reaction, Counter(posts))

    def evict(self, first_minute: int, first_hour: int, first_day: int) -> None:
        """Let go of windows before these; counts by minute have to be rolled up."""
        for minutes in (self.minutes, self.post_minutes):
            minutes.evict(first_minute)
        for hours in (self.hours, self.post_hours):
            hours.evict(first_hour)
        for days in (self.days, self.post_days):
            days.evict(first_day)


def _longer(minute: int, day_of: Callable[[int], Day]) -> tuple[int, int]:
    """The hour and the local day of a minute."""
    return minute // MINUTES_IN_HOUR, day_of(minute * MINUTE_MS).number
