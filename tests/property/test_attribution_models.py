"""Laws that hold for every attribution model, and two solvers written a second time to compare with."""

from collections import Counter
from fractions import Fraction
from itertools import combinations, pairwise
from math import factorial

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from processors.attribution import markov, models
from processors.attribution.credits import WHOLE, credits_of, share, values_of
from processors.attribution.models import Model, Step
from processors.attribution.paths import TRANSFORMS

DAY = 86_400_000
NOW = 1_790_000_000_000
CHANNELS = ("direct", "email", "paid_social:facebook", "organic_search")

journeys = st.lists(
    st.builds(
        Step,
        at=st.integers(NOW - 30 * DAY, NOW),
        touch_id=st.integers(0, 10**6).map(str),
        channel=st.sampled_from(CHANNELS),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda step: step.touch_id,
).map(sorted)
every_model = pytest.mark.parametrize("model", models.load().values(), ids=lambda model: model.name)
paths = st.lists(st.tuples(st.lists(st.sampled_from("abcde"), min_size=1, max_size=5), st.booleans()), max_size=12)


@every_model
@given(steps=journeys)
def test_the_credits_of_a_conversion_sum_to_the_whole_and_none_is_negative(model: Model, steps: list[Step]) -> None:
    units = credits_of(model, steps, NOW)
    assert len(units) == len(steps)
    assert sum(units) == WHOLE
    assert min(units) >= 0


@every_model
@given(steps=journeys, value=st.integers(0, 10**13))
def test_the_money_of_a_conversion_is_given_away_to_the_last_unit(model: Model, steps: list[Step], value: int) -> None:
    names = [step.touch_id for step in steps]
    assert sum(values_of(credits_of(model, steps, NOW), names, value)) == value


@every_model
def test_a_conversion_without_a_touch_is_credited_to_nobody(model: Model) -> None:
    assert credits_of(model, [], NOW) == []


@every_model
@given(steps=journeys)
def test_a_single_touch_gets_everything(model: Model, steps: list[Step]) -> None:
    assert credits_of(model, steps[:1], NOW) == [WHOLE]


@every_model
@given(steps=journeys, later=st.integers(0, 365 * DAY))
def test_only_the_distances_in_time_count(model: Model, steps: list[Step], later: int) -> None:
    moved = [step._replace(at=step.at + later) for step in steps]
    assert credits_of(model, moved, NOW + later) == credits_of(model, steps, NOW)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any), st.randoms())
def test_shares_do_not_depend_on_the_order_in_which_they_are_asked_for(weights: list[int], random: object) -> None:
    names = [str(place) for place in range(len(weights))]
    shares = dict(zip(names, share(weights, names), strict=True))
    mixed = sorted(names, key=lambda name: hash((name, str(random))))
    assert dict(zip(mixed, share([weights[int(name)] for name in mixed], mixed), strict=True)) == shares


@pytest.mark.parametrize(
    ("name", "touches", "expected"),
    [
        ("first_touch", 3, [1, 0, 0]),
        ("last_touch", 3, [0, 0, 1]),
        ("linear", 4, [0.25] * 4),
        ("position", 2, [0.5, 0.5]),
        ("position", 4, [0.4, 0.1, 0.1, 0.4]),
        ("j_shape", 2, [0.25, 0.75]),
        ("j_shape", 4, [0.2, 0.1, 0.1, 0.6]),
        ("inverse_j", 2, [0.75, 0.25]),
        ("inverse_j", 4, [0.6, 0.1, 0.1, 0.2]),
    ],
)
def test_what_a_place_in_the_journey_is_worth(name: str, touches: int, expected: list[float]) -> None:
    steps = [Step(NOW + place, str(place), "email") for place in range(touches)]
    assert [units / WHOLE for units in credits_of(models.load()[name], steps, NOW + touches)] == pytest.approx(expected)


def test_a_touch_weighs_half_as_much_a_week_earlier() -> None:
    steps = [Step(NOW - 7 * DAY, "a", "email"), Step(NOW, "b", "email")]
    first, second = credits_of(models.load()["time_decay"], steps, NOW)
    assert (first, second) == (333_333_333_333, 666_666_666_667)


def test_direct_is_last_only_where_nothing_else_is() -> None:
    last = models.load()["last_non_direct"]
    steps = [Step(1, "a", "email"), Step(2, "b", "direct")]
    assert credits_of(last, steps, 3) == [WHOLE, 0]
    assert credits_of(last, steps[1:], 3) == [WHOLE]


@given(paths)
def test_shapley_by_journeys_is_the_value_by_its_definition(told: list[tuple[list[str], bool]]) -> None:
    converting = [channels for channels, converted in told if converted]
    players = sorted({channel for channels in converting for channel in channels})

    def value(coalition: frozenset[str]) -> int:
        return sum(coalition.issuperset(channels) for channels in converting)

    model = models.load()["shapley"]
    found: Counter[str] = Counter()
    for number, channels in enumerate(converting):
        steps = [Step(place, f"{number}.{place}", channel) for place, channel in enumerate(channels)]
        for step, units in zip(steps, credits_of(model, steps, 99), strict=True):
            found[step.channel] += units
    for player in players:
        others = [one for one in players if one != player]
        expected = Fraction(0)
        for size in range(len(others) + 1):
            weight = Fraction(factorial(size) * factorial(len(players) - size - 1), factorial(len(players)))
            for chosen in combinations(others, size):
                expected += weight * (value(frozenset({*chosen, player})) - value(frozenset(chosen)))
        assert found[player] / WHOLE == pytest.approx(float(expected), rel=1e-9, abs=1e-9)


def conversion_rate(told: list[tuple[list[str], bool]], without: str | None = None) -> Fraction:
    """The chance to convert in the chain of these paths, by elimination in fractions; who meets `without` is lost."""
    rows: dict[str, Counter[str]] = {}
    for channels, converted in told:
        for begin, end in pairwise(["start", *channels, "won" if converted else "lost"]):
            rows.setdefault(begin, Counter())[end] += 1
    states = [state for state in rows if state != without]
    equations: dict[str, dict[str, Fraction]] = {}
    for state in states:
        total = sum(rows[state].values())
        equations[state] = {end: Fraction(n, total) for end, n in rows[state].items() if end not in ("lost", without)}
    for state in [one for one in states if one != "start"]:
        own = equations.pop(state)
        stays = own.pop(state, Fraction(0))
        solved = {end: part / (1 - stays) for end, part in own.items()}
        for equation in equations.values():
            if (through := equation.pop(state, None)) is not None:
                for end, part in solved.items():
                    equation[end] = equation.get(end, Fraction(0)) + through * part
    start = equations["start"]
    return start.get("won", Fraction(0)) / (1 - start.get("start", Fraction(0)))


@given(paths)
def test_removal_effects_are_what_really_removing_each_channel_costs(told: list[tuple[list[str], bool]]) -> None:
    assume(any(converted for _, converted in told))
    transitions: Counter[tuple[str, str]] = Counter()
    for channels, converted in told:
        transitions.update(markov.steps_of(channels, converted=converted))
    found = markov.removals(transitions)
    whole = conversion_rate(told)
    expected = {
        channel: 1 - conversion_rate(told, channel) / whole
        for channel in {channel for channels, _ in told for channel in channels}
    }
    assert {channel: removal.effect for channel, removal in found.items()} == pytest.approx(
        {channel: float(effect) for channel, effect in expected.items()}, rel=1e-9, abs=1e-9
    )
    conversions = sum(converted for _, converted in told)
    assert sum(removal.credit for removal in found.values()) == pytest.approx(conversions, rel=1e-9)


@given(paths, paths)
def test_a_path_taken_back_leaves_the_chain_as_it_was(
    told: list[tuple[list[str], bool]], more: list[tuple[list[str], bool]]
) -> None:
    transitions: Counter[tuple[str, str]] = Counter()
    for channels, converted in told:
        transitions.update(markov.steps_of(channels, converted=converted))
    before = markov.removals(transitions)
    for channels, converted in more:
        transitions.update(markov.steps_of(channels, converted=converted))
    for channels, converted in more:
        transitions.subtract(markov.steps_of(channels, converted=converted))
    assert markov.removals(transitions) == before


def test_the_removal_effects_of_the_textbook() -> None:
    transitions: Counter[tuple[str, str]] = Counter()
    for channels, converted in (("g", 1), ("g", 1), ("g", 0), ("m", 1), ("gm", 1)):
        transitions.update(markov.steps_of(channels, converted=bool(converted)))
    found = markov.removals(transitions)
    assert [found["g"].effect, found["m"].effect] == pytest.approx([0.75, 0.5], rel=1e-9)
    assert [found["g"].credit, found["m"].credit] == pytest.approx([2.4, 1.6], rel=1e-9)


def test_nothing_is_removed_where_nothing_converted() -> None:
    assert markov.removals(Counter(markov.steps_of("ab", converted=False))) == {}


def test_what_was_never_added_cannot_be_taken_back() -> None:
    with pytest.raises(ValueError, match="never added"):
        markov.removals({("(start)", "a"): -1})


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS.keys())
@given(steps=journeys)
def test_a_transform_keeps_a_part_of_the_journey_in_its_order(transform: object, steps: list[Step]) -> None:
    assert callable(transform)
    channels = [step.channel for step in steps]
    kept = transform(channels)
    assert kept
    left = iter(channels)
    assert all(channel in left for channel in kept)
    assert list(transform(kept)) == list(kept)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("all", "deedd"),
        ("without_repeats", "ded"),
        ("first_occurrences", "de"),
        ("without_direct", "ee"),
        ("without_trailing_direct", "dee"),
    ],
)
def test_what_each_transform_leaves(name: str, expected: str) -> None:
    channels = {"d": "direct", "e": "email"}
    assert "".join(channel[0] for channel in TRANSFORMS[name]([channels[letter] for letter in "deedd"])) == expected
