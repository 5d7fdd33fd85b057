"""Attribution as the state of a partition: touches kept for their journeys, sums of credits, and what a flush writes.

People and journeys follow from touches, links and orders; links and orders are remembered elsewhere (`book`), touches
in `chunks`. Sums are rows, and are read back as such. Credits are never read back: those of a person before a change
follow from what is known of them (`people`). So memory and rows have to agree, also after a restart: journeys are
forgotten at a flush, when no change waits, and sums of days before those of any journey stay as they are.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache, partial
from typing import Any

import msgspec

from contracts import tables
from contracts.config import Attribution
from contracts.paid import Touch
from contracts.table import row_struct
from processors.attribution import markov
from processors.attribution.book import Grain, row_change
from processors.attribution.channels import campaign_of, classifier
from processors.attribution.chunks import Chunks, Told
from processors.attribution.journeys import DAY_MS, Contribution, Credit, Lookback, OrderKey, Touchpoint
from processors.attribution.people import Order, People
from processors.engagement.windows import Day
from processors.engine.state import Change

SOLVED_DAYS = 90
"""Of which the removal effects are solved."""

CREDITS, CHANNELS, CAMPAIGNS = "attribution_credits", "attribution_by_channel_day", "attribution_by_campaign_day"
PATHS, TRANSITIONS, REMOVALS = "channel_paths", "channel_transitions", "channel_removal_effects"
SUMS = {CHANNELS: 2, CAMPAIGNS: 2, PATHS: 2, TRANSITIONS: 1}
"""Tables of sums, and of how many."""

Row = tuple[str, Grain]


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
        self._day_of = day_of
        self._channel = classifier(settings.channels)
        self._new_people: Callable[[], People] = partial(People, lookback, settings.paths, memory_ms)
        self._people: dict[str, People] = {}
        self._chunks = Chunks(generation)
        self._sums: dict[str, dict[Grain, list[int]]] = {table: {} for table in SUMS}
        self._removals: dict[Row, tuple[Any, ...]] = {}
        self._loaded: dict[tuple[str, bytes], tuple[Grain, tuple[Any, ...]]] = {}
        self._unsolved: set[str] = set()
        self._solved_on = 0
        self._lookback_ms = max(lookback)
        self._memory_ms = memory_ms + self._lookback_ms
        self._frozen_before = ""
        self.forgotten_before = 0
        """Journeys that ended before, epoch ms, are forgotten."""
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
        known = self._of(touch.brand).told(touch.touch_id)
        if known is None or told < known:
            self._take(touch.brand, touch.touch_id, told)
            self._chunks.put(touch.brand, touch.touch_id)

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
            people.forgotten_before = self.forgotten_before
            if self.is_loaded:
                people.forget_changes()
        return people

    def rename_visitor(self, visitor: str, until: int, name: str) -> None:
        """The touches of a visitor that were before `until` are somebody's called `name`."""
        for brand, people in self._people.items():
            for touch_id, told in people.touches_of(visitor):
                if told[0] < until:
                    self._take(brand, touch_id, (told[0], name, *told[2:]))
                    self._chunks.put(brand, touch_id)

    def _take(self, brand: str, touch_id: str, told: Told) -> None:
        at, visitor, channel, campaign, day, is_view = told
        self._of(brand).touch(visitor, Touchpoint(at, touch_id, channel, campaign, day, is_view))

    # -- written and read back ---------------------------------------------------------------------------------------

    def load_chunk(self, number: int, saved: bytes | None) -> None:
        """Take a chunk of touches back; None if it is gone."""
        self._chunks.load(number, saved)

    def load_row(self, topic: str, key: bytes, value: bytes | None) -> None:
        """Take a sum or a removal effect back; None if it is gone. The record is of this generation."""
        name = TOPICS[topic]
        if value is None:
            self._loaded.pop((name, key), None)
            return
        columns = msgspec.structs.astuple(_readers[name](value))
        size = len(tables.load()[name].key)
        self._loaded[name, key] = columns[:size], columns[size:-1]

    def freeze(self, limit: int) -> None:
        """Journeys that ended before `limit`, epoch ms, are forgotten, and sums of days before theirs stay as they are.

        A journey that is remembered has no credit, and none of its steps a day, further back than the look-back before
        that; local days begin up to 14 hours off UTC's.
        """
        self.forgotten_before = limit
        self._frozen_before = _iso((limit - self._lookback_ms) // DAY_MS - 1)
        for people in self._people.values():
            people.forgotten_before = limit

    def settle_load(self) -> None:
        """Everything was taken back, orders and links too: from now on changes are noted."""
        for (name, _), (grain, values) in self._loaded.items():
            if name == REMOVALS:
                self._removals[name, grain] = values
            elif not self._is_frozen(name, grain):
                self._sums[name][grain] = list(values)
        self._loaded = {}
        for brand, touch_id, told in self._chunks.settle_load():
            self._take(brand, touch_id, told)
        self.is_loaded = True
        for people in self._people.values():
            people.forget_changes()
        self._unsolved = {str(grain[0]) for grain in self._sums[TRANSITIONS]}

    def changes(self, version: int, ticked_at: int) -> Iterator[Change]:
        """Every row and chunk that differs from what was last written. `ticked_at`: the newest tick, epoch ms."""
        for brand, people in self._people.items():
            yield from self._settle(brand, people, version)
        yield from self._solve(version, ticked_at // DAY_MS)

    def chunk_changes(self) -> Iterator[Change]:
        """Every chunk of touches that differs from what was last written."""
        return self._chunks.changes(lambda brand, touch_id: self._people[brand].known(touch_id))

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
            if any(numbers) and not self._is_frozen(*row):
                yield self._added(row, numbers, version)

    def _added(self, row: Row, numbers: list[int], version: int) -> Change:
        """A sum with what is added to it; it goes when nothing is left."""
        table, grain = row
        sums = self._sums[table]
        held = sums.get(grain, [0] * SUMS[table])
        values = [one + more for one, more in zip(held, numbers, strict=False)]
        if table == TRANSITIONS:
            self._unsolved.add(str(grain[0]))
        if any(values):
            sums[grain] = values
            return row_change(table, grain, tuple(values), version)
        sums.pop(grain, None)
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
        for (brand, option, day, begin, end), (steps,) in self._sums[TRANSITIONS].items():
            if brand in unsolved and str(day) >= first:
                chains[str(brand), str(option)][str(begin), str(end)] += steps
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
        """Forget the journeys that nothing can change any more; their rows stay as they are. Nothing may wait for a
        flush: not before `changes` was read to its end.

        `newest`: the newest time that is known, epoch ms.
        """
        self.freeze(newest - self._memory_ms)
        for brand, people in self._people.items():
            if gone := people.forget_before(self.forgotten_before):
                self._chunks.drop(brand, gone)
        for table, sums in self._sums.items():
            for grain in [grain for grain in sums if self._is_frozen(table, grain)]:
                del sums[grain]

    def _is_frozen(self, table: str, grain: Grain) -> bool:
        """Whether it is the sum of a day of which no journey is remembered."""
        if table == PATHS:
            return False
        return str(grain[2] if table == TRANSITIONS else grain[-1]) < self._frozen_before

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
        return self._chunks.count()


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


@cache
def _iso(day: int) -> str:
    return date.fromordinal(day + _EPOCH).isoformat()


_EPOCH = date(1970, 1, 1).toordinal()
