"""The community of one account: what is kept of its people, and the rows of its days (docs/semantics.md, section 6).

While facts are folded a change is only noted. `settle` moves the rows of the days by what became of each person's
standing, once for all that a person did since. When today moves on, everybody's standing counts into the new day.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final, NamedTuple

from contracts import tables
from contracts.identity import is_nameless
from processors.engagement import activity, levels, membership
from processors.engagement.activity import DAY_BITS, DAY_MASK, Kept, days_of, is_present
from processors.engagement.levels import ACTIVE_DAYS, NOBODYS, by_presence
from processors.engagement.rows import NUMBER, VALUES, Name, Row, new_row
from processors.engagement.standing import DAILY, MONTHLY, NEW, REACTIVATED, WEEKLY, Rules, Standing, at_dawn
from processors.engagement.windows import Day, Zone

_COLUMNS: Final = [column.name for column in tables.load()["community_by_account_day"].values]
_DAY: Final = NUMBER["community_by_account_day"]
_NOTHING: Final = (0,) * len(_COLUMNS)
LOOK_BACK: Final = 270
"""So many days, the day itself included, decide a level."""

Moves = Counter[Standing]
"""Standing -> how many people more, or fewer, stand so on a day."""


class Common(NamedTuple):
    """What the communities of a partition share. People are remembered for `memory_ms`."""

    memory_ms: int
    rules: Rules
    writer: membership.Writer
    touch: Callable[[Row], None]


class Community:
    """`people`: actor -> what is kept of them. Who changes that notes in `changed` what it was before: None, the one
    integer, or the former tallies of those days of a dictionary that changed. Who is new, as most are, is in none of
    the dictionaries but `people`: `arrived` are those whose days are not settled yet, `newcomers` those whose row waits
    to be written, each with what was kept of them at first. What became of it since is noted like any other change.

    `today` is the number of the account's today, which ends at `today_ends` (epoch ms), `oldest` that of the first day
    that is remembered, `unwritten` the people whose row has to be written, or what is left of it to write when they
    have been forgotten since. `hidden` are those who have no row, and a record of the state instead.
    """

    __slots__ = (
        "_common",
        "_engaged",
        "_name",
        "_rules",
        "_zone",
        "arrived",
        "changed",
        "days",
        "head",
        "hidden",
        "newcomers",
        "oldest",
        "people",
        "today",
        "today_ends",
        "unwritten",
    )

    def __init__(self, name: Name, zone: Zone, common: Common, engaged: Callable[[Day, int, int], None]) -> None:
        self._name, self._zone, self._common, self._engaged = name, zone, common, engaged
        self._rules = common.rules
        self.head = membership.head(*name.grain)
        self.people: dict[str, Kept] = {}
        self.arrived, self.newcomers = Newcomers(), Newcomers()
        self.changed: dict[str, Kept | None] = {}
        self.unwritten: dict[str, bytes | None] = {}
        self.hidden: set[str] = set()
        self.days: dict[int, Row] = {}
        self.today, self.today_ends, self.oldest = -1, 0, 0

    def day_row(self, day: Day) -> Row:
        row = self.days.get(day.number)
        if row is None:
            row = self.days[day.number] = new_row(_DAY, self._name, day.date, _NOTHING)
        return row

    def first_counted(self, actor: str) -> int:
        """Number of the first day of which something still counts for the person: what is older than all that is
        remembered does not, unless something of theirs from before it is.
        """
        kept = self.people.get(actor)
        return self.oldest if kept is None else min(self.oldest, activity.first_day(kept))

    def is_present(self, actor: str, day: int) -> bool:
        return is_present(days_of(self.people.get(actor)).get(day, 0))

    def change(self, actor: str, day: int, tally: int) -> None:
        """So much more on a day."""
        kept, changed = self.people.get(actor), self.changed
        if actor not in changed:
            changed[actor] = {} if isinstance(kept, dict) else kept
        noted = changed[actor]
        if isinstance(noted, dict):  # though one day may be left by now, which is no dictionary any more
            noted.setdefault(day, days_of(kept).get(day, 0))
        total = tally + (kept >> DAY_BITS) if isinstance(kept, int) and kept & DAY_MASK == day else 0
        after = activity.only(day, total) if total > 0 and is_present(total) else activity.changed(kept, day, tally)
        if after is None:
            self.people.pop(actor, None)
        else:
            self.people[actor] = after

    def arrive(self, actor: str, day: int, tally: int) -> None:
        """So much more on a day on which the person is present by it."""
        if actor in self.people:
            self.change(actor, day, tally)
            return
        kept = self.people[actor] = activity.only(day, tally)
        if actor not in self.changed:
            arrived = self.arrived
            arrived.actors.append(actor)
            arrived.kept.append(kept)

    def rename(self, actor: str, name: str) -> None:
        """What is kept of a person is another's; their row goes, even one of somebody who was forgotten since."""
        for day, tally in list(days_of(self.people.get(actor)).items()):
            self.change(actor, day, -tally)
            self.change(name, day, tally)
        self.unwritten[actor] = None

    def settle(self) -> None:
        """Bring the rows of the days up to date with what changed."""
        arrived = self.arrived
        if not self.changed and not arrived.actors:
            return
        changed, self.changed, self.arrived = self.changed, {}, Newcomers()
        self.unwritten |= dict.fromkeys(changed)
        self.newcomers.actors += arrived.actors
        self.newcomers.kept += arrived.kept
        moves: dict[int, Moves] = defaultdict(Counter)
        people = self.people
        alike: dict[tuple[int | None, int | None], int] = {(None, k): n for k, n in Counter(arrived.kept).items()}
        for actor, noted in changed.items():
            kept = people.get(actor)
            if isinstance(noted, dict) or isinstance(kept, dict):
                self._compare(noted, kept, 1, moves)
            else:
                alike[noted, kept] = alike.get((noted, kept), 0) + 1
        for (before, after), number in alike.items():
            self._compare(before, after, number, moves)
        for number, of_day in moves.items():
            self._move(self._zone.day(number), of_day)

    def _compare(self, noted: Kept | None, after: Kept | None, people: int, moves: dict[int, Moves]) -> None:
        """Note by day how so many people stood before, and how they stand now."""
        today, rules = self.today, self._rules
        first, before = _difference(noted, after)
        if first == today and self._stands_as_before(before, after):
            return
        numbers = range(today, max(first, self.oldest) - 1, -1)
        for number, former, latter in zip(
            numbers, rules.standings(before, today), rules.standings(after, today), strict=False
        ):
            if former != latter:
                moves[number][former] -= people
                moves[number][latter] += people

    def _stands_as_before(self, before: Kept | None, after: Kept | None) -> bool:
        """Whether nothing but today changed, and today neither that they came nor what weighs most."""
        one, other, today = days_of(before), days_of(after), self.today
        return (
            is_present(one.get(today, 0))
            and is_present(other.get(today, 0))
            and self._rules.weight(sum(one.values())) == self._rules.weight(sum(other.values()))
        )

    def turn(self, time_ms: int) -> None:
        """Time comes to another day, or another zone's idea of it: every day until then gets its row."""
        self.settle()
        self.unwritten |= dict.fromkeys(self.newcomers.actors)
        self.newcomers = Newcomers()
        today = self._zone.day_of(time_ms)
        if self.people:
            for number in range(self.today + 1, today.number):
                self._begin(self._zone.day(number))
            self._begin(today)
        self.resume(time_ms)

    def resume(self, time_ms: int) -> None:
        """Be in the day of this time, whose row stands already."""
        self._enter(self._zone.day_of(time_ms))

    def _enter(self, day: Day) -> None:
        self.today, self.today_ends = day.number, day.end
        # The same all day long, though the clocks may have changed since: nothing as old is too old before it ends.
        self.oldest = self._zone.day_of(max(0, day.end - 1 - self._common.memory_ms)).number

    def _begin(self, day: Day) -> None:
        """Count everybody into a day on which nothing has happened yet."""
        oldest_before = self.oldest
        self._enter(day)
        self._forget(oldest_before)
        moves: Moves = Counter()
        self._begin_of_one_day(moves)
        gone_by = range(oldest_before, self.oldest)
        for actor, kept in self.people.items():
            if isinstance(kept, dict):
                self._begin_of_several(actor, kept, gone_by, moves)
        self._move(day, moves)

    def _begin_of_one_day(self, moves: Moves) -> None:
        """People with one day stand alike whose day and tally are the same, and only a few of these rows change."""
        leaving = set()
        for kept, people in Counter(kept for kept in self.people.values() if isinstance(kept, int)).items():
            standing = self._rules.standing(kept, self.today)
            moves[standing] += people
            if standing.level != standing.before:
                leaving.add(kept)
        if leaving:
            self.unwritten |= {a: None for a, kept in self.people.items() if isinstance(kept, int) and kept in leaving}

    def _begin_of_several(self, actor: str, kept: dict[int, int], gone_by: range, moves: Moves) -> None:
        """`gone_by` are the days that count as active ones no more."""
        if not kept.keys().isdisjoint(range(gone_by.start - LOOK_BACK, gone_by.stop - LOOK_BACK)):
            kept = self.people[actor] = activity.shortened(kept, self.oldest - LOOK_BACK)
        if not kept.keys().isdisjoint(gone_by):
            self.unwritten[actor] = None
        if activity.last_day(kept) < self.today - ACTIVE_DAYS:
            return
        days, total = activity.seen(kept, self.today)
        standing = at_dawn(days, self._rules.weight(total))
        moves[standing] += 1
        if standing.level != standing.before or by_presence(days) != by_presence(days >> 1):
            self.unwritten[actor] = None

    def _forget(self, oldest_before: int) -> None:
        """Let go of people of whom nothing is remembered any more; their row stays as it was."""
        gone = [(actor, kept) for actor, kept in self.people.items() if activity.last_day(kept) < self.oldest]
        for actor, kept in gone:
            del self.people[actor]
            if actor in self.hidden:
                self.unwritten[actor] = None
            elif actor in self.unwritten and _has_row(actor, kept):
                self.unwritten[actor] = self._common.writer.rest(kept, self.today - 1, oldest_before)

    def _move(self, day: Day, moves: Moves) -> None:
        """So many people more or fewer stand so on the day."""
        if not any(moves.values()):
            return
        row = self.day_row(day)
        for standing, people in moves.items():
            for position, amount in _columns(standing):
                row[position] += amount * people
        self._common.touch(row)
        came = sum(people for standing, people in moves.items() if standing.activity == DAILY)
        anew = sum(people for standing, people in moves.items() if standing.coming == NEW)
        if came or anew:
            self._engaged(day, came, anew)

    def take_newcomers(self, version: int) -> Iterator[tuple[bytes, bytes]]:
        """Who has to be written and has not changed since they came: their name, which needs no escapes, and how their
        record ends. The others are left to `take`."""
        newcomers, self.newcomers = self.newcomers, Newcomers()
        unwritten, hidden = self.unwritten, self.hidden
        tails = _Tails(self._common.writer, self.today, self.oldest, version)
        for actor, kept in zip(newcomers.actors, newcomers.kept, strict=True):
            if actor in unwritten:
                continue
            if actor.isalnum() and actor.isascii() and actor not in hidden:
                yield actor.encode(), tails[kept]
            else:
                unwritten[actor] = None

    def take(self, version: int) -> Iterator[tuple[str, Kept | None, bytes | None]]:
        """Who has to be written: the person, what is kept of them, and how their record ends; None if there is none."""
        unwritten, self.unwritten = self.unwritten, {}
        people, tails = self.people, _Tails(self._common.writer, self.today, self.oldest, version)
        for actor, rest in unwritten.items():
            kept = people.get(actor)
            if rest is not None:
                yield actor, kept, membership.tail(version, rest)
            elif kept is None or not _has_row(actor, kept):
                yield actor, kept, None
            else:
                yield actor, kept, tails[kept] if isinstance(kept, int) else tails.of(kept)

    def load(self, actor: str, kept: Kept | None) -> None:
        """Take back what the record of a person's row said; None if it is gone."""
        if isinstance(kept, int):
            if kept & DAY_MASK >= self.oldest:
                self.people[actor] = kept
        elif kept is None:
            if actor not in self.hidden:
                self.people.pop(actor, None)
        elif activity.last_day(kept) >= self.oldest:
            if activity.first_day(kept) < self.oldest - LOOK_BACK:
                kept = activity.shortened(kept, self.oldest - LOOK_BACK)
            self.people[actor] = kept

    def load_hidden(self, actor: str, kept: Kept | None) -> None:
        """Take back what is kept of somebody without a row; None if nothing is any more."""
        if kept is None:
            self.hidden.discard(actor)
            self.people.pop(actor, None)
        else:
            self.hidden.add(actor)
            self.people[actor] = kept

    def let_go(self) -> None:
        """Forget the rows of days that nothing can change any more."""
        for number in [number for number in self.days if number < self.oldest]:
            del self.days[number]


class Newcomers:
    """People who came for the first time, and in the same order what was kept of each of them then."""

    __slots__ = ("actors", "kept")

    def __init__(self) -> None:
        self.actors: list[str] = []
        self.kept: list[int] = []


class _Tails(dict[int, bytes]):
    """How records end in a flush by what is kept of a person: the same for many who came on one day only."""

    def __init__(self, writer: membership.Writer, today: int, oldest: int, version: int) -> None:
        super().__init__()
        self._writer, self._today, self._oldest, self._version = writer, today, oldest, version

    def __missing__(self, kept: int) -> bytes:
        found = self[kept] = self.of(kept)
        return found

    def of(self, kept: Kept) -> bytes:
        return membership.tail(self._version, self._writer.rest(kept, self._today, self._oldest))


def _has_row(actor: str, kept: Kept) -> bool:
    """Nobody has one who was never present, nor who was erased."""
    return not is_nameless(actor) and (isinstance(kept, int) or any(is_present(tally) for tally in kept.values()))


def _difference(noted: Kept | None, after: Kept | None) -> tuple[int, Kept | None]:
    """The first day on which something changed, and what was kept before."""
    if isinstance(noted, dict):
        return min(noted), days_of(after) | noted
    differing = days_of(noted).items() ^ days_of(after).items()
    return min((day for day, _ in differing), default=DAY_MASK), noted


@cache
def _columns(standing: Standing) -> tuple[tuple[int, int], ...]:
    """What one person who stands so adds to the row of the day, by place in the row."""
    adds: dict[str, int] = {
        "active_1d": standing.activity >= DAILY,
        "active_7d": standing.activity >= WEEKLY,
        "active_28d": standing.activity >= MONTHLY,
        "new_engagers": standing.coming == NEW,
        "returning_engagers": standing.coming > NEW,
        "reactivated_engagers": standing.coming == REACTIVATED,
        "joined": standing.level > standing.before == NOBODYS,
        "moved_up": standing.level > standing.before > NOBODYS,
        "held": standing.level == standing.before > NOBODYS,
        "moved_down": standing.before > standing.level > NOBODYS,
        "left_levels": standing.before > standing.level == NOBODYS,
    }
    if standing.level > NOBODYS:
        ring = levels.ring(standing.level)
        one = [int(place == ring) for place in range(len(levels.RINGS))]
        adds |= {levels.RINGS[ring]: 1, "commitment": levels.commitment(one)}
    return tuple((VALUES + _COLUMNS.index(name), int(amount)) for name, amount in adds.items() if amount)
