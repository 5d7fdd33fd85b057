"""Attribution as the state of a partition: touches kept for their journeys, sums of credits, and what a flush writes.

People and journeys follow from touches, links and orders; links and orders are remembered elsewhere (`book`), touches
in `chunks`. Sums are rows, and are read back as such. Credits are never read back: those of a person before a change
follow from what is known of them (`people`). So memory and rows have to agree, also after a restart: journeys are
forgotten at a flush, when no change waits, and sums of days before those of any journey stay as they are.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from contracts import tables
from contracts.config import Attribution
from contracts.paid import Touch
from contracts.table import row_struct
from processors.attribution import markov
from processors.attribution.book import Grain, row_change
from processors.attribution.channels import campaign_of, classifier
from processors.attribution.chunks import Chunks
from processors.attribution.journeys import DAY_MS, Credit, Lookback, OrderKey, Touchpoint
from processors.attribution.people import Order, People
from processors.attribution.sums import (
    CAMPAIGNS,
    CHANNELS,
    PATHS,
    SUMS,
    TRANSITIONS,
    CreditKey,
    Difference,
    Numbers,
    Paths,
    Steps,
    iso_day,
    walked,
)
from processors.engagement.windows import Day, date_number
from processors.engine.state import Change

SOLVED_DAYS = 90
"""Of which the removal effects are solved."""
CREDITS, REMOVALS = "attribution_credits", "channel_removal_effects"
_LONGEST_LOCAL_DAYS_MS = 2 * DAY_MS
"""A local day has ended when its touches are older than this."""

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
        self._lookback, self._link_memory_ms, self._transforms = lookback, memory_ms, settings.paths
        self._people: dict[str, People] = {}
        self._chunks = Chunks(generation)
        self._credited: dict[str, dict[Grain, Numbers]] = {CHANNELS: {}, CAMPAIGNS: {}}
        self._paths = Paths()
        self._steps = Steps()
        self._removals: dict[Row, tuple[Any, ...]] = {}
        self._loaded: dict[tuple[str, bytes], tuple[Grain, tuple[Any, ...]]] = {}
        self._unsolved: set[str] = set()
        self._solved_on = 0
        self._lookback_ms = max(lookback)
        self._memory_ms = memory_ms + self._lookback_ms
        self._frozen_before = 0
        self.forgotten_before = 0
        """Journeys that ended before, epoch ms, are forgotten."""
        self.is_loaded = False

    def touch(self, touch: Touch, visitor: str | None, *, is_known: bool) -> None:
        """A touch that is not late; `visitor` is what its visitor is called. Nobody's and a bot's leads nowhere.

        `is_known`: one of its name was told before, and could be told now.
        """
        if not is_known:
            self._chunks.forget_name(touch.brand, touch.touch_id)
        if visitor is None or touch.bot is not None:
            return
        people, hints = self._of(touch.brand), touch.hints
        at, channel, campaign = touch.occurred_at, self._channel(hints), campaign_of(hints)
        day, is_view = self._day_of(touch.site_id, at).number, touch.kind == "view"
        known = people.told(touch.touch_id)
        if known is not None and known <= (at, visitor, channel, campaign, day, is_view):
            return
        people.touch(visitor, Touchpoint(at, touch.touch_id, channel, campaign, day, is_view))

    def order(self, brand: str, key: OrderKey, order: Order) -> None:
        """What is known of an order now."""
        self._of(brand).order(key, order)

    def link(self, brand: str, link_id: str, visitor: str, customer: str, at: int) -> None:
        """What is known of a link now."""
        self._of(brand).link(link_id, visitor, customer, at)

    def _of(self, brand: str) -> People:
        people = self._people.get(brand)
        if people is None:
            people = self._people[brand] = People(brand, self._lookback, self._link_memory_ms, self._chunks)
            people.forgotten_before = self.forgotten_before
            if self.is_loaded:
                people.forget_changes()
        return people

    def knows(self, kind: str, name: str) -> bool:
        """Whether anything is remembered of a visitor or customer by this name."""
        return any(people.knows((kind, name)) for people in self._people.values())

    def rename_visitor(self, visitor: str, until: int, name: str) -> None:
        """The touches of a visitor that were before `until` are somebody's called `name`."""
        for people in self._people.values():
            people.rename(visitor, until, name)

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
        self._frozen_before = (limit - self._lookback_ms) // DAY_MS - 1
        for people in self._people.values():
            people.forgotten_before = limit

    def settle_load(self, late: int) -> None:
        """Everything was taken back, orders and links too: from now on changes are noted. `late`: when a day has to
        have ended, epoch ms, for its touches to be late."""
        for (name, _), (grain, values) in self._loaded.items():
            self._put(name, grain, values)
        self._loaded = {}
        names = self._chunks.settle_load(
            late - _LONGEST_LOCAL_DAYS_MS, lambda *whose: self._of(whose[0]).name_of(whose[1])
        )
        for brand, visitor, slot in names:
            self._people[brand].take_back(visitor, slot)
        self.is_loaded = True
        for people in self._people.values():
            people.forget_changes()

    def _put(self, name: str, grain: Grain, values: tuple[Any, ...]) -> None:
        """What a row says, unless it stays as it is."""
        match name, grain:
            case "channel_removal_effects", _:
                self._removals[name, grain] = values
            case "channel_paths", (str(brand), str(option), str(path)):
                self._paths.put(brand, option, path, values)
            case "channel_transitions", (str(brand), str(option), str(day), str(begin), str(end)):
                if (number := date_number(day)) >= self._frozen_before:
                    self._steps.put(brand, option, number, (begin, end), values[0])
            case _:
                if str(grain[-1]) >= iso_day(self._frozen_before):
                    self._credited[name][grain] = values

    def changes(self, version: int, ticked_at: int) -> Iterator[Change]:
        """Every row and chunk that differs from what was last written. `ticked_at`: the newest tick, epoch ms."""
        for brand, people in self._people.items():
            yield from self._settle(brand, people, version)
        yield from self._solve(version, ticked_at // DAY_MS)

    def chunk_changes(self) -> Iterator[Change]:
        """Every chunk of touches that differs from what was last written."""
        return self._chunks.changes()

    def _settle(self, brand: str, people: People, version: int) -> Iterator[Change]:
        difference = Difference(people.settle())
        for key in difference.gone():
            yield row_change(CREDITS, _credit_grain(brand, key), None, version)
        for key, credit in difference.changed():
            yield row_change(CREDITS, _credit_grain(brand, key), _credit_values(credit), version)
        for table, added in zip((CHANNELS, CAMPAIGNS), difference.credited(), strict=True):
            yield from self._add_credited(table, brand, added, version)
        paths, steps = walked(difference.walks, self._transforms)
        yield from self._add_paths(brand, paths, version)
        for (option, day), counts in steps.items():
            if counts and day >= self._frozen_before:
                yield from self._add_steps(brand, option, day, counts, version)

    def _add_credited(self, table: str, brand: str, added: dict[Grain, Numbers], version: int) -> Iterator[Change]:
        """Sums with what is added to them; they go when nothing is left."""
        sums, frozen_before = self._credited[table], iso_day(self._frozen_before)
        for behind, (units, value) in added.items():
            if str(behind[-1]) < frozen_before:
                continue
            grain = (brand, *behind)
            held = sums.get(grain, (0, 0))
            now = held[0] + units, held[1] + value
            if any(now):
                sums[grain] = now
            else:
                sums.pop(grain, None)
            yield row_change(table, grain, now if any(now) else None, version)

    def _add_paths(self, brand: str, added: dict[tuple[str, str], Numbers], version: int) -> Iterator[Change]:
        for (option, path), numbers in added.items():
            now = self._paths.add(brand, option, path, numbers)
            yield row_change(PATHS, (brand, option, path), now if any(now) else None, version)

    def _add_steps(
        self, brand: str, option: str, day: int, added: dict[tuple[str, str], int], version: int
    ) -> Iterator[Change]:
        self._unsolved.add(brand)
        date = iso_day(day)
        for step, times in self._steps.add(brand, option, day, added):
            yield row_change(TRANSITIONS, (brand, option, date, *step), (times,) if times else None, version)

    def _solve(self, version: int, today: int) -> Iterator[Change]:
        """The removal effects of the brands whose transitions have changed, and of all when the day has."""
        if not today:
            return
        if today != self._solved_on:
            self._solved_on = today
            self._steps.chains_since(today - SOLVED_DAYS + 1)
            self._unsolved = set(self._people)
        unsolved, self._unsolved = self._unsolved, set()
        if not unsolved:
            return
        solved: dict[Row, tuple[Any, ...]] = {}
        for brand in unsolved:
            for option, chain in self._steps.chains(brand):
                purchases = sum(times for (_, end), times in chain.items() if end == markov.CONVERTED)
                for channel, removal in markov.removals(chain).items():
                    if removal.effect > 0:
                        row = purchases, removal.effect, removal.credit, iso_day(today)
                        solved[REMOVALS, (brand, option, channel)] = row
        for gone in [row for row in self._removals if row[1][0] in unsolved and row not in solved]:
            del self._removals[gone]
            yield row_change(*gone, None, version)
        for place, values in solved.items():
            if self._removals.get(place) != values:
                self._removals[place] = values
                yield row_change(*place, values, version)

    # -- forgetting --------------------------------------------------------------------------------------------------

    def forget(self, newest: int, late: int, version: int) -> Iterator[Change]:
        """Forget the journeys that nothing can change any more; of their rows those of paths go, which count what is
        remembered. Nothing may wait for a flush: not before `changes` was read to its end.

        `newest`: the newest time that is known, epoch ms; `late`: when a day has to have
        ended for its touches to be late.
        """
        self._chunks.let_go(late - _LONGEST_LOCAL_DAYS_MS)
        self.freeze((newest - self._memory_ms) // DAY_MS * DAY_MS)
        before = self._chunks.before(self.forgotten_before)
        for brand, people in self._people.items():
            over = Difference()
            for walk in people.forget_before(self.forgotten_before, before.get(brand, ())):
                over.walks[walk] -= 1
            yield from self._add_paths(brand, walked(over.walks, self._transforms).paths, version)
        self._steps.forget_before(self._frozen_before)
        frozen_before = iso_day(self._frozen_before)
        for sums in self._credited.values():
            for grain in [grain for grain in sums if str(grain[-1]) < frozen_before]:
                del sums[grain]

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


def _credit_grain(brand: str, key: CreditKey) -> Grain:
    order, touch_id, model = key
    return (brand, *order, touch_id, model)


def _credit_values(credit: Credit) -> tuple[Any, ...]:
    touch, purchase = credit.touch, credit.purchase
    times = touch.at, purchase.at
    return (touch.channel, touch.campaign, *times, purchase.currency, credit.units, credit.value_micros)
