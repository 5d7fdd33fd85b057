"""Attribution as the state of a partition: touches kept for their journeys, sums of credits, and what a flush writes.

People and journeys follow from touches, links and orders; links and orders are remembered elsewhere (`book`), touches
here, in chunks. Sums are rows, and are read back as such. Credits are never read back: those of a person before a
change follow from what is known of them (`people`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache, partial
from typing import Any

import msgspec

from contracts import tables
from contracts.config import Attribution
from contracts.paid import Touch
from contracts.table import row_struct
from processors.attribution import markov
from processors.attribution.book import TOPIC, Grain, record, record_key, row_change
from processors.attribution.channels import campaign_of, classifier
from processors.attribution.journeys import DAY_MS, Contribution, Credit, Lookback, OrderKey, Touchpoint
from processors.attribution.people import Order, People
from processors.engagement.windows import Day
from processors.engine.state import Change

JOURNEYS = "journeys"
"""What the chunks of touches are called in the state topic."""
CHUNK_TOUCHES = 512
SOLVED_DAYS = 90
"""Of which the removal effects are solved."""

CREDITS, CHANNELS, CAMPAIGNS = "attribution_credits", "attribution_by_channel_day", "attribution_by_campaign_day"
PATHS, TRANSITIONS, REMOVALS = "channel_paths", "channel_transitions", "channel_removal_effects"
SUMS = {CHANNELS: 2, CAMPAIGNS: 2, PATHS: 2, TRANSITIONS: 1}
"""Tables of sums, and of how many."""

Told = tuple[int, str, str, str, int, bool]
"""occurred_at, visitor, channel, campaign, day, is a view: of several of one touch the smallest is it."""
Row = tuple[str, Grain]


class Chunk(msgspec.Struct, gc=False):
    """Touches of one brand: touch_id and what was told."""

    brand: str
    touches: list[tuple[str, Told]]


_read_chunk = msgspec.json.Decoder(Chunk).decode
_readers = {name: msgspec.json.Decoder(row_struct(tables.load()[name])).decode for name in (*SUMS, REMOVALS)}
TOPICS = {tables.load()[name].topic: name for name in _readers}


class Crediting:
    """The attribution of all brands of a partition.

    `day_of` gives the local day of a time at a site; `memory_ms`: how long orders and links are remembered.
    """

    def __init__(
        self, generation: int, settings: Attribution, memory_ms: int, day_of: Callable[[str, int], Day]
    ) -> None:
        lookback = Lookback(settings.click_days * DAY_MS, settings.view_days * DAY_MS)
        self._generation = generation
        self._day_of = day_of
        self._channel = classifier(settings.channels)
        self._new_people: Callable[[], People] = partial(People, lookback, settings.paths, memory_ms)
        self._people: dict[str, People] = {}
        self._touches: defaultdict[str, dict[str, Told]] = defaultdict(dict)
        self._chunks: dict[int, Chunk] = {}
        self._open: dict[str, int] = {}
        self._newest_chunk = 0
        self._written: set[int] = set()
        self._gone: set[int] = set()
        self._sums: dict[Row, list[int]] = {}
        self._removals: dict[Row, tuple[Any, ...]] = {}
        self._loaded: dict[tuple[str, bytes], tuple[Grain, tuple[Any, ...]]] = {}
        self._unsolved: set[str] = set()
        self._solved_on = 0
        self._memory_ms = memory_ms + max(lookback)
        self.is_loaded = False

    def touch(self, touch: Touch, visitor: str | None) -> None:
        """A touch that is not late; `visitor` is what its visitor is called. Nobody's and a bot's leads nowhere."""
        if visitor is None or touch.bot is not None:
            return
        hints = touch.hints
        told = (
            touch.occurred_at,
            visitor,
            self._channel(hints),
            campaign_of(hints),
            self._day_of(touch.site_id, touch.occurred_at).number,
            touch.kind == "view",
        )
        known = self._touches[touch.brand].get(touch.touch_id)
        if known is None or told < known:
            self._take(touch.brand, touch.touch_id, told)
            self._append(touch.brand, touch.touch_id, told)

    def order(self, brand: str, key: OrderKey, order: Order) -> None:
        """What is known of an order now."""
        self._of(brand).order(key, order)

    def link(self, brand: str, link_id: str, visitor: str, customer: str, at: int) -> None:
        """What is known of a link now."""
        self._of(brand).link(link_id, visitor, customer, at)

    def _of(self, brand: str) -> People:
        people = self._people.get(brand)
        if people is None:
            people = self._people[brand] = self._new_people()
            if self.is_loaded:
                people.forget_changes()
        return people

    def rename_visitor(self, visitor: str, until: int, name: str) -> None:
        """The touches of a visitor that were before `until` are somebody's called `name`."""
        for brand, touches in self._touches.items():
            for touch_id, told in list(touches.items()):
                if told[1] == visitor and told[0] < until:
                    renamed = (told[0], name, *told[2:])
                    self._take(brand, touch_id, renamed)
                    self._append(brand, touch_id, renamed)

    def _take(self, brand: str, touch_id: str, told: Told) -> None:
        at, visitor, channel, campaign, day, is_view = told
        self._touches[brand][touch_id] = told
        self._of(brand).touch(visitor, Touchpoint(at, touch_id, channel, campaign, day, is_view))

    def _append(self, brand: str, touch_id: str, told: Told) -> None:
        """To the open chunk of the brand, or to a new one if that is full."""
        number = self._open.get(brand)
        if number is None or len(self._chunks[number].touches) >= CHUNK_TOUCHES:
            self._newest_chunk = number = self._newest_chunk + 1
            self._open[brand] = number
            self._chunks[number] = Chunk(brand, [])
        self._chunks[number].touches.append((touch_id, told))
        self._written.add(number)

    # -- written and read back ---------------------------------------------------------------------------------------

    def load_chunk(self, number: int, saved: bytes | None) -> None:
        """Take a chunk of touches back; None if it is gone."""
        self._newest_chunk = max(self._newest_chunk, number)
        if saved is None:
            self._chunks.pop(number, None)
        else:
            self._chunks[number] = _read_chunk(saved)

    def load_row(self, topic: str, key: bytes, value: bytes | None) -> None:
        """Take a sum or a removal effect back; None if it is gone. The record is of this generation."""
        name = TOPICS[topic]
        if value is None:
            self._loaded.pop((name, key), None)
            return
        columns = msgspec.structs.astuple(_readers[name](value))
        size = len(tables.load()[name].key)
        self._loaded[name, key] = columns[:size], columns[size:-1]

    def settle_load(self) -> None:
        """Everything was taken back, orders and links too: from now on changes are noted.

        The chunks are read in their order, and of a touch the last that was written is it.
        """
        for (name, _), (grain, values) in self._loaded.items():
            if name == REMOVALS:
                self._removals[name, grain] = values
            else:
                self._sums[name, grain] = list(values)
        self._loaded = {}
        for number in sorted(self._chunks):
            chunk = self._chunks[number]
            self._open[chunk.brand] = number
            for touch_id, told in chunk.touches:
                self._take(chunk.brand, touch_id, told)
        self.is_loaded = True
        for people in self._people.values():
            people.forget_changes()
        for brand in {str(row[1][0]) for row in self._rows(TRANSITIONS)}:
            self._unsolved.add(brand)

    def changes(self, version: int, ticked_at: int) -> Iterator[Change]:
        """Every row and chunk that differs from what was last written. `ticked_at`: the newest tick, epoch ms."""
        for brand, people in self._people.items():
            yield from self._settle(brand, people, version)
        yield from self._solve(version, ticked_at // DAY_MS)
        for number in sorted(self._written):
            yield TOPIC, record_key((JOURNEYS, number)), record(self._generation, self._chunks[number])
        for number in self._gone:
            yield TOPIC, record_key((JOURNEYS, number)), None
        self._written, self._gone = set(), set()

    def _settle(self, brand: str, people: People, version: int) -> Iterator[Change]:
        before: dict[tuple[OrderKey, str, str], Credit] = {}
        now: dict[tuple[OrderKey, str, str], Credit] = {}
        added: defaultdict[Row, list[int]] = defaultdict(lambda: [0, 0])
        for former, present in people.settle():
            before |= former.credits
            now |= present.credits
            _sum(added, brand, former, -1)
            _sum(added, brand, present, 1)
        for key in before.keys() - now.keys():
            yield row_change(CREDITS, _credit_grain(brand, key), None, version)
        for key, credit in now.items():
            if before.get(key) != credit:
                yield row_change(CREDITS, _credit_grain(brand, key), _credit_values(credit), version)
        for row, numbers in added.items():
            if any(numbers):
                yield self._added(row, numbers, version)

    def _added(self, row: Row, numbers: list[int], version: int) -> Change:
        """A sum with what is added to it; it goes when nothing is left."""
        table, grain = row
        size = SUMS[table]
        held = self._sums.get(row, [0] * size)
        values = [one + more for one, more in zip(held, numbers, strict=False)]
        if table == TRANSITIONS:
            self._unsolved.add(str(grain[0]))
        if any(values):
            self._sums[row] = values
            return row_change(table, grain, tuple(values), version)
        self._sums.pop(row, None)
        return row_change(table, grain, None, version)

    def _solve(self, version: int, today: int) -> Iterator[Change]:
        """The removal effects of the brands whose transitions have changed, and of all when the day has."""
        if not today:
            return
        if today != self._solved_on:
            self._solved_on = today
            self._unsolved = set(self._people)
        unsolved, self._unsolved = self._unsolved, set()
        if not unsolved:
            return
        first = _iso(today - SOLVED_DAYS + 1)
        chains: defaultdict[tuple[str, str], markov.Transitions] = defaultdict(markov.Transitions)
        for (table, grain), (steps, *_) in self._sums.items():
            if table == TRANSITIONS and grain[0] in unsolved and str(grain[2]) >= first:
                chains[str(grain[0]), str(grain[1])][str(grain[3]), str(grain[4])] += steps
        solved: dict[Row, tuple[Any, ...]] = {}
        for place, chain in chains.items():
            purchases = sum(steps for (_, end), steps in chain.items() if end == markov.CONVERTED)
            for channel, removal in markov.removals(chain).items():
                if removal.effect > 0:
                    solved[REMOVALS, (*place, channel)] = (purchases, removal.effect, removal.credit, _iso(today))
        for row in [row for row in self._removals if row[1][0] in unsolved and row not in solved]:
            del self._removals[row]
            yield row_change(*row, None, version)
        for row, values in solved.items():
            if self._removals.get(row) != values:
                self._removals[row] = values
                yield row_change(*row, values, version)

    # -- forgetting --------------------------------------------------------------------------------------------------

    def forget(self, newest: int) -> None:
        """Forget the journeys that nothing can change any more; their rows stay as they are.

        `newest`: the newest time that is known, epoch ms.
        """
        limit = newest - self._memory_ms
        for brand, people in self._people.items():
            held = self._touches[brand]
            for touch_id in people.forget_before(limit):
                held.pop(touch_id, None)
        for number, chunk in list(self._chunks.items()):
            held = self._touches[chunk.brand]
            if number not in self._written and not any(touch_id in held for touch_id, _ in chunk.touches):
                del self._chunks[number]
                self._gone.add(number)
                if self._open.get(chunk.brand) == number:
                    del self._open[chunk.brand]
        day = _iso(limit // DAY_MS - 1)
        for row in [row for row in self._sums if row[0] != PATHS and _day(row) < day]:
            del self._sums[row]

    def holds_order(self, brand: str, key: OrderKey) -> bool:
        """Whether an order still stands between two journeys."""
        return brand in self._people and self._people[brand].holds_order(key)

    def let_go_link(self, brand: str, link_id: str, visitor: str) -> bool:
        """Forget a link, unless it says whose something is that is still remembered; whether it is forgotten."""
        people = self._of(brand)
        if people.holds_visitor(visitor):
            return False
        people.forget_link(link_id)
        return True

    def count(self) -> int:
        """Touches that are remembered."""
        return sum(map(len, self._touches.values()))

    def _rows(self, table: str) -> Iterator[Row]:
        held: Iterable[Row] = self._removals if table == REMOVALS else self._sums
        return (row for row in held if row[0] == table)


def _sum(added: defaultdict[Row, list[int]], brand: str, contribution: Contribution, sign: int) -> None:
    for (*channel, day, kind), number in contribution.channels.items():
        added[CHANNELS, (brand, *channel, _iso(day))][kind == "value"] += sign * number
    for (*campaign, day, kind), number in contribution.campaigns.items():
        added[CAMPAIGNS, (brand, *campaign, _iso(day))][kind == "value"] += sign * number
    for (option, path, kind), number in contribution.paths.items():
        added[PATHS, (brand, option, path)][kind == "open"] += sign * number
    for (option, day, begin, end), number in contribution.transitions.items():
        added[TRANSITIONS, (brand, option, _iso(day), begin, end)][0] += sign * number


def _credit_grain(brand: str, key: tuple[OrderKey, str, str]) -> Grain:
    order, touch_id, model = key
    return (brand, *order, touch_id, model)


def _credit_values(credit: Credit) -> tuple[Any, ...]:
    touch, purchase = credit.touch, credit.purchase
    times = touch.at, purchase.at
    return (touch.channel, touch.campaign, *times, purchase.currency, credit.units, credit.value_micros)


def _day(row: Row) -> str:
    """The day of a sum that has one."""
    table, grain = row
    return str(grain[2] if table == TRANSITIONS else grain[-1])


@cache
def _iso(day: int) -> str:
    return date.fromordinal(day + _EPOCH).isoformat()


_EPOCH = date(1970, 1, 1).toordinal()
