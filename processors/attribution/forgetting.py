"""When what was told of ads, orders and links is forgotten: what nothing can change any more decides nothing.

Entries are looked at on the day on which that may be so at the earliest, and daily from then on; nobody walks through
all of them.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from contracts import topics
from processors.attribution import ads, orders
from processors.attribution.ads import AdGrain
from processors.attribution.book import Entry, Name
from processors.attribution.links import LinkEntry
from processors.attribution.orders import OrderEntry
from processors.engagement.windows import DAY_MS

if TYPE_CHECKING:
    from processors.attribution.paid import Paid


class Due:
    """Names of entries by the UTC day on which to look at them."""

    def __init__(self) -> None:
        self._days: defaultdict[int, list[Name]] = defaultdict(list)

    def add(self, name: Name, at: int) -> None:
        """Look at an entry at that time, epoch ms, or up to a day before."""
        self._days[at // DAY_MS].append(name)

    def until(self, now: int) -> Iterator[Name]:
        """Those that are to be looked at by now; they are due no longer."""
        for day in [day for day in self._days if day <= now // DAY_MS]:
            yield from self._days.pop(day)


def let_go(state: "Paid") -> None:
    """Forget what nothing can change any more."""
    for name in state.book.taken():
        if (entry := state.book.entries.get(name)) is not None and (over := _over_at(state, entry)) is not None:
            state.due.add(name, over)
    for name in list(state.due.until(state.ticked_at)):
        entry = state.book.entries.get(name)
        over = None if entry is None else _over_at(state, entry)
        if entry is None or over is None:
            continue
        if over <= _newest(state, entry) and not state.book.is_changed(name) and not _is_needed(state, entry):
            state.book.let_go(name)
        else:
            state.due.add(name, max(over, state.ticked_at + DAY_MS))


def look_again(state: "Paid", entry: LinkEntry | OrderEntry) -> None:
    """An entry turned out to be older, so it is due before the day that was noted for it."""
    if (over := _over_at(state, entry)) is not None:
        state.due.add(entry.name, over)


def _over_at(state: "Paid", entry: Entry) -> int | None:
    """Up to when the entry can be changed, epoch ms, on its own clock; None: for ever."""
    match entry:
        case AdGrain():
            return ads.ends(entry.tellings[-1], _newest(state, entry)) + state.limits.interaction
        case OrderEntry():
            return entry.newest + state.limits.interaction
        case LinkEntry(said=(at, *_)):
            # what it decides lies up to `interaction` later, and may be told so long after that
            return at + 2 * state.limits.interaction
    return None


def _newest(state: "Paid", entry: Entry) -> int:
    """What the clock shows that decides about an entry."""
    match entry:
        case AdGrain(name=name):
            return state.clocks.at(ads.FACT, *name[1:4])
        case OrderEntry(name=name):
            return state.clocks.at(topics.CONVERSIONS.name, name[1])
        case LinkEntry(name=name):
            return min(state.clocks.at(topics.LINKS.name, name[1]) + state.limits.interaction, state.ticked_at)
    return 0


def _is_needed(state: "Paid", entry: Entry) -> bool:
    """Whether it still says something of a journey that is remembered."""
    match entry:
        case OrderEntry():
            return state.crediting.holds_order(entry.name[1], orders.key_of(entry.name))
        case LinkEntry(said=(_, visitor, _, _)):
            return not state.crediting.let_go_link(entry.name[1], entry.name[2], visitor)
    return False
