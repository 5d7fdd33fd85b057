"""The paid leg's tables are what the definitions say, whatever the order, batches, repeats, restarts and rebuilds."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.paid import PaidFact
from processors.attribution.paid import Paid
from processors.engine.positions import GENERATION_SHIFT
from processors.engine.state import Change
from tests.property import attribution_by_hand, paid_by_hand, paying
from tests.property.paying import FACTS, ZONES, fold, latest, put, reloaded

DAYS = st.lists(FACTS, max_size=25)
FIGURES = ("spend_micros", "reach", "purchases_micros", "purchase_value_micros", "is_provisional")
GRAIN = ("entity_id", "period", "breakdown")
CREDIT = ("units", "value_micros")
COUNTS = ("touches", "clicks", "views", "without_consent", "bots")
ORDER = (
    "status",
    "ordered_at",
    "day",
    "currency",
    "gross_micros",
    "refunded_micros",
    "net_micros",
    "refunds",
    "other_refunds",
    "customer_id",
    "visitor_id",
    "is_new_customer",
    "discount_codes",
    "utm_source",
    "utm_campaign",
    "campaign_id",
    "click_ids",
    "landing",
    "order_version",
)
COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ad_facts": (GRAIN, (*FIGURES, "as_of")),
    "ad_fact_history": ((*GRAIN, "as_of"), FIGURES),
    "ad_results": ((*GRAIN, "family", "attribution_window"), ("count_micros", "value_micros")),
    "ad_entities": (("entity_id",), ("name", "as_of")),
    "touches_by_campaign_day": (("source", "medium", "campaign", "campaign_id", "day"), COUNTS),
    "conversions": (("source", "order_id"), ORDER),
    "identity_links": (("link_id",), ("visitor_id", "customer_id", "linked_at")),
    "attribution_credits": (
        ("source", "shop_id", "order_id", "touch_id", "model"),
        ("channel", "campaign", "touched_at", "ordered_at", "currency", *CREDIT),
    ),
    "attribution_by_channel_day": (("model", "basis", "channel", "currency", "day"), CREDIT),
    "attribution_by_campaign_day": (("model", "basis", "channel", "campaign", "currency", "day"), CREDIT),
    "channel_paths": (("path_option", "path"), ("purchases", "open_journeys")),
    "channel_transitions": (("path_option", "day", "step_from", "step_to"), ("steps",)),
}


def by_hand(told: Sequence[PaidFact]) -> dict[str, Any]:
    conversions = paid_by_hand.conversions(told, {"shopify": ZONES["shopify", "s1"], "web": "UTC"})
    links = paid_by_hand.links(told)
    shops = {"shopify": "s1", "web": "s1"}
    return {
        **paid_by_hand.ads(told),
        **attribution_by_hand.attribution(told, conversions, links, shops, ZONES["web", "w1"]),
        "ad_entities": paid_by_hand.entities(told),
        "touches_by_campaign_day": paid_by_hand.touches(told, ZONES["web", "w1"]),
        "conversions": conversions,
        "identity_links": links,
    }


def published(written: Sequence[Change]) -> dict[str, Any]:
    """The rows as the hand writes them."""
    rows = latest(written)
    return {
        name: {tuple(row[k] for k in key): tuple(row[v] for v in values) for row in paying.table(rows, name)}
        for name, (key, values) in COLUMNS.items()
    }


def batches(chance: st.DataObject, told: Sequence[PaidFact]) -> list[list[PaidFact]]:
    """The same records in another order, some of them again, cut anywhere."""
    again = chance.draw(st.lists(st.sampled_from(told), max_size=5)) if told else []
    order = chance.draw(st.permutations([*told, *again]))
    cuts = sorted(chance.draw(st.lists(st.integers(0, len(order)), max_size=4)))
    return [list(order[a:b]) for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True)]


@given(DAYS, st.data())
def test_every_table_is_what_the_definitions_say_in_any_order_and_batches(
    told: list[PaidFact], chance: st.DataObject
) -> None:
    _, written = fold(batches(chance, told))
    assert published(written) == by_hand(told)


@given(DAYS, st.data())
def test_a_restart_after_any_flush_changes_nothing(told: list[PaidFact], chance: st.DataObject) -> None:
    written: list[Change] = []
    for number, batch in enumerate(batches(chance, told)):
        state = reloaded(written)
        put(state, batch)
        written.extend(state.changes(number))
    assert published(written) == by_hand(told)
    assert list(reloaded(written).changes(99)) == []


@given(DAYS, DAYS)
def test_a_rebuild_leaves_what_it_can_make_again_and_deletes_the_rest(
    told: list[PaidFact], still_there: list[PaidFact]
) -> None:
    _, written = fold([told])
    state = reloaded(written, generation=1)
    put(state, still_there)
    written.extend(state.changes(1 << GENERATION_SHIFT))
    written.extend(state.stale())
    assert published(written) == by_hand(still_there)
    assert list(reloaded(written, generation=1).stale()) == []


@given(DAYS)
def test_what_is_told_again_is_not_written_again(told: list[PaidFact]) -> None:
    state, _ = fold([told])
    put(state, told)
    assert [change for change in state.changes(2) if change[0].startswith("agg.")] == []


@given(st.lists(FACTS, min_size=1, max_size=5))
def test_a_restarted_state_is_the_one_that_stopped(told: list[PaidFact]) -> None:
    state, written = fold([told])
    assert sizes(reloaded(written)) == sizes(state)


def sizes(state: Paid) -> dict[str, int]:
    state.fold("attribution.links", [])
    return state.entries()
