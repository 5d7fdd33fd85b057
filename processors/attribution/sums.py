"""What changes in the sums when credits and walks change, and the sums of a partition. The tables' grains, by brand."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from processors.attribution import markov
from processors.attribution.book import Grain
from processors.attribution.journeys import Contribution, Credit, OrderKey, Walk, named
from processors.attribution.paths import TRANSFORMS
from processors.engagement.windows import date_of

CHANNELS, CAMPAIGNS = "attribution_by_channel_day", "attribution_by_campaign_day"
PATHS, TRANSITIONS = "channel_paths", "channel_transitions"
SUMS = {CHANNELS: 2, CAMPAIGNS: 2, PATHS: 2, TRANSITIONS: 1}
"""Tables of sums, and of how many."""
MOST_REMEMBERED = 4096

Numbers = tuple[int, ...]
CreditKey = tuple[OrderKey, str, str]
Step = tuple[str, str]

iso_day = cache(date_of)


class Difference:
    """Credits before and now, and how much more or less often each walk is taken."""

    def __init__(self, changes: Iterable[tuple[Contribution, Contribution]] = ()) -> None:
        self.before: dict[CreditKey, Credit] = {}
        self.now: dict[CreditKey, Credit] = {}
        self.walks: defaultdict[Walk, int] = defaultdict(int)
        for former, present in changes:
            if former.credits or present.credits:
                self.before |= former.credits
                self.now |= present.credits
            for walk in former.walks:
                self.walks[walk] -= 1
            for walk in present.walks:
                self.walks[walk] += 1

    def gone(self) -> Iterator[CreditKey]:
        """The credits that are no longer."""
        return (key for key in self.before if key not in self.now)

    def changed(self) -> Iterator[tuple[CreditKey, Credit]]:
        """Those that are new or other than they were."""
        return ((key, credit) for key, credit in self.now.items() if self.before.get(key) != credit)

    def credited(self) -> tuple[dict[Grain, Numbers], dict[Grain, Numbers]]:
        """What is added to the sums by channel and by campaign: units and value, by the grain behind the brand."""
        channels: defaultdict[Grain, list[int]] = defaultdict(lambda: [0, 0])
        campaigns: defaultdict[Grain, list[int]] = defaultdict(lambda: [0, 0])
        taken = ((key, credit) for key, credit in self.before.items() if self.now.get(key) != credit)
        for sign, credits in ((-1, taken), (1, self.changed())):
            for (_, _, model), (touch, purchase, units, value) in credits:
                for basis, day in (("touch", iso_day(touch.day)), ("conversion", iso_day(purchase.day))):
                    for numbers in (
                        channels[model, basis, touch.channel, purchase.currency, day],
                        campaigns[model, basis, touch.channel, touch.campaign, purchase.currency, day],
                    ):
                        numbers[0] += sign * units
                        numbers[1] += sign * value
        return _other_than_nothing(channels), _other_than_nothing(campaigns)


class Walked(NamedTuple):
    """`paths`: (transform, path) -> purchases, open journeys. `steps`: (transform, day) -> step -> times."""

    paths: dict[tuple[str, str], Numbers]
    steps: dict[tuple[str, int], dict[Step, int]]


def walked(walks: Mapping[Walk, int], transforms: Iterable[str]) -> Walked:
    """What so many walks more, or less, add to the sums."""
    paths: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    steps: defaultdict[tuple[str, int], defaultdict[Step, int]] = defaultdict(lambda: defaultdict(int))
    for walk, times in walks.items():
        if not times:
            continue
        channels, day, is_bought = walk
        for name in transforms:
            path, taken, last = _parts(name, channels)
            paths[name, path][not is_bought] += times
            counts = steps[name, day]
            for step in taken:
                counts[step] += times
            counts[last, markov.CONVERTED if is_bought else markov.LOST] += times
    return Walked(
        _other_than_nothing(paths),
        {key: {step: times for step, times in counts.items() if times} for key, counts in steps.items()},
    )


@lru_cache(MOST_REMEMBERED)
def _parts(transform: str, channels: tuple[str, ...]) -> tuple[str, tuple[Step, ...], str]:
    """The name of a path, its steps up to the last channel, and that."""
    left = TRANSFORMS[transform](channels)
    return named(left), tuple(pairwise((markov.START, *left))), left[-1]


def _other_than_nothing(sums: Mapping[Any, list[int]]) -> dict[Any, Numbers]:
    return {key: tuple(numbers) for key, numbers in sums.items() if any(numbers)}


class Paths:
    """Journeys by path. The two numbers of a path are one integer: there are as many paths as journeys, or nearly."""

    _BITS = 32

    def __init__(self) -> None:
        self._packed: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)

    def put(self, brand: str, option: str, path: str, numbers: Numbers) -> None:
        """So many purchases and open journeys there are."""
        purchases, lost = numbers
        self._packed[brand, option][path] = purchases << self._BITS | lost

    def add(self, brand: str, option: str, path: str, numbers: Numbers) -> Numbers:
        """So many more or less; how many there are."""
        held = self._packed[brand, option]
        packed = held.get(path, 0)
        purchases = (packed >> self._BITS) + numbers[0]
        lost = (packed & (1 << self._BITS) - 1) + numbers[1]
        if purchases or lost:
            held[path] = purchases << self._BITS | lost
        else:
            held.pop(path, None)
        return purchases, lost


class Steps:
    """Steps by day, and those of the days since `first_day` summed up, for the solver."""

    def __init__(self) -> None:
        self.days: defaultdict[tuple[str, str, int], dict[Step, int]] = defaultdict(dict)
        self.first_day = 0
        self._chains: defaultdict[tuple[str, str], dict[Step, int]] = defaultdict(dict)

    def put(self, brand: str, option: str, day: int, step: Step, times: int) -> None:
        """So often it was taken. `chains_since` follows."""
        self.days[brand, option, day][step] = times

    def add(self, brand: str, option: str, day: int, added: Mapping[Step, int]) -> Iterator[tuple[Step, int]]:
        """So often more or less on a day; how often then."""
        counts = self.days[brand, option, day]
        chain = self._chains[brand, option] if day >= self.first_day else {}
        for step, more in added.items():
            _add(chain, step, more)
            yield step, _add(counts, step, more)

    def chains_since(self, day: int) -> None:
        """The chains are those of the steps since that day."""
        self.first_day = day
        self._chains.clear()
        for (brand, option, when), counts in self.days.items():
            if when >= day:
                chain = self._chains[brand, option]
                for step, times in counts.items():
                    chain[step] = chain.get(step, 0) + times

    def chains(self, brand: str) -> Iterator[tuple[str, dict[Step, int]]]:
        """Transform and chain of a brand."""
        return ((option, chain) for (whose, option), chain in self._chains.items() if whose == brand)

    def forget_before(self, day: int) -> None:
        for key in [key for key in self.days if key[2] < day]:
            del self.days[key]


def _add(counts: dict[Step, int], step: Step, more: int) -> int:
    times = counts.get(step, 0) + more
    if times:
        counts[step] = times
    else:
        counts.pop(step, None)
    return times
