"""What the Marketing API should not answer, each with what becomes of it, alone and among good ones."""

import json
from typing import Any

import pytest

from contracts.paid import AdFact
from ingest.platforms.meta_ads import entities
from tests.unit.ingest.ads import account, ad_entities, ad_facts, answered, listed, reasons, row, rows

SURROGATE = "\ud83d"


def _bought(**action: object) -> dict[str, Any]:
    return row(actions=[{"action_type": "omni_purchase", "value": "1"} | action])


ROWS: list[tuple[str, object, str]] = [
    ("null", None, "invalid_field"),
    ("true", True, "invalid_field"),
    ("a number", 7, "invalid_field"),
    ("a list", [], "invalid_field"),
    ("an empty object", {}, "missing_field"),
    ("no id", row(ad_id=None), "missing_field"),
    ("an empty id", row(""), "invalid_field"),
    ("an id of 1 KiB", row("x" * 1024), "invalid_field"),
    ("an id that is a number beyond 2^53", row() | {"ad_id": 2**63 + 1}, "keep"),
    ("an id that is a list", row() | {"ad_id": ["a"]}, "invalid_field"),
    ("an id that is a boolean", row() | {"ad_id": True}, "invalid_field"),
    ("an id with separators", row("a|b%7C"), "keep"),
    ("an id with a newline", row("a\nb"), "invalid_field"),
    ("half a surrogate pair in an id", row(SURROGATE), "invalid_text"),
    ("NUL in an id", row("a\0b"), "invalid_text"),
    ("no day", row(date_start=None), "missing_field"),
    ("a day that is none", row(date_start="2026-02-30", date_stop="2026-02-30"), "invalid_time"),
    ("a day with a time", row(date_start="2026-09-20T00:00", date_stop="2026-09-20T00:00"), "invalid_time"),
    ("several days", row(date_stop="2026-09-21"), "invalid_time"),
    ("a day before all platforms", row(date_start="1999-01-01", date_stop="1999-01-01"), "invalid_time"),
    ("a year of five digits", row(date_start="12026-09-20", date_stop="12026-09-20"), "invalid_time"),
    ("spend that is a number", row(spend=1.5), "keep"),
    ("spend with a comma", row(spend="1,50"), "invalid_money"),
    ("spend without end", row(spend="9" * 5000), "invalid_money"),
    ("spend that is no number", row(spend="NaN"), "invalid_money"),
    ("spend of 10^308", row() | {"spend": 1e308}, "invalid_money"),
    ("spend below a millionth", row(spend="0.00000001"), "invalid_money"),
    ("spend that is an object", row(spend={}), "invalid_field"),
    ("spend that is credited back", row(spend="-0.50"), "keep"),
    ("impressions that are a number", row(impressions=7), "keep"),
    ("a fraction of an impression", row(impressions="1.5"), "invalid_field"),
    ("a negative count", row(clicks="-1"), "invalid_field"),
    ("digits of another script", row(clicks="٣"), "invalid_money"),
    ("a count in words", row(reach="many"), "invalid_money"),
    ("a count that is a boolean", row(clicks=True), "invalid_field"),
    ("a currency of two letters", row(account_currency="EU"), "invalid_money"),
    ("actions that are none", row(actions={}), "invalid_field"),
    ("actions of null", row(actions=[None]), "invalid_field"),
    ("actions without a type", row(actions=[{"value": "1"}]), "keep"),
    ("actions of an unknown type", row(actions=[{"action_type": "like_of_2030", "value": "x"}]), "keep"),
    ("a type that is a number", row(actions=[{"action_type": 7, "value": "1"}]), "keep"),
    ("a purchase without a value", _bought(value=None), "keep"),
    ("a fraction of a purchase", _bought(value="0.25"), "keep"),
    ("a purchase in words", _bought(value="one"), "invalid_money"),
    ("a window in words", _bought(**{"7d_click": "one"}), "invalid_money"),
    ("a window that exists no more", _bought(**{"7d_view": "one"}), "keep"),
    ("a setting that is a number", row(attribution_setting=7), "invalid_field"),
    ("fields that nobody knows", row(__proto__={"a": 1}, schema=99), "keep"),
    ("nesting without end", json.loads('{"a":' * 200 + "1" + "}" * 200), "missing_field"),
]


def _named(entity_id: str = "c1", /, **fields: object) -> dict[str, Any]:
    return {"id": entity_id, "name": "A name", "status": "ACTIVE"} | fields


def _showing(creative: object) -> dict[str, Any]:
    return _named(creative=creative)


ENTITIES: list[tuple[str, object, str]] = [
    ("null", None, "invalid_field"),
    ("a list", [], "invalid_field"),
    ("an empty object", {}, "missing_field"),
    ("an empty id", _named(""), "invalid_field"),
    ("half a surrogate pair in an id", _named(SURROGATE), "invalid_text"),
    ("no name", _named(name=None), "keep"),
    ("a name that is a number", _named(name=7), "invalid_field"),
    ("half a surrogate pair and NUL in a name", _named(name=f"a\0{SURROGATE}"), "keep"),
    ("a name without end", _named(name="x" * 70_000), "keep"),
    ("a status without end", _named(status="x" * 100), "invalid_field"),
    ("a status with a newline", _named(effective_status="a\nb"), "invalid_field"),
    ("a budget that is a number", _named(daily_budget=5000), "keep"),
    ("a budget with a point", _named(daily_budget="50.00"), "invalid_money"),
    ("a negative budget", _named(lifetime_budget="-1"), "invalid_money"),
    ("a budget without end", _named(lifetime_budget="9" * 5000), "invalid_money"),
    ("a time that is none", _named(start_time="soon"), "invalid_time"),
    ("a time without a zone", _named(start_time="2026-09-20T10:00:00"), "invalid_time"),
    ("a time long ago", _named(start_time="1999-01-01T00:00:00+0000"), "invalid_time"),
    ("an end that is to come", _named(stop_time="2099-01-01T00:00:00+0000"), "keep"),
    ("an end beyond all calendars", _named(stop_time="9999-12-31T00:00:00+0000"), "invalid_time"),
    ("a creative that is a text", _showing("cr1"), "invalid_field"),
    ("a story without a post", _showing({"effective_object_story_id": "1001"}), "invalid_field"),
    ("a story of no page", _showing({"effective_object_story_id": "x_2001"}), "invalid_field"),
    ("an empty story", _showing({"effective_object_story_id": ""}), "keep"),
    ("a medium that is a number", _showing({"effective_instagram_media_id": 17900}), "keep"),
]


def _names(table: list[tuple[str, object, str]]) -> list[str]:
    return [one[0] for one in table]


@pytest.mark.parametrize(("item", "outcome"), [one[1:] for one in ROWS], ids=_names(ROWS))
def test_a_row_is_kept_or_refused_and_its_neighbours_are_kept(item: object, outcome: str) -> None:
    found = rows(row("before"), item, row("after"))
    assert reasons(found) == ([] if outcome == "keep" else [outcome])
    kept = ad_facts(found)
    assert len(kept) == 3 - len(reasons(found))
    assert (kept[0].entity_id, kept[-1].entity_id) == ("before", "after")
    assert all(part.body for part in found if part.outcome.__class__.__name__ == "Refuse")


@pytest.mark.parametrize("edge", list(entities.KINDS))
@pytest.mark.parametrize(("item", "outcome"), [one[1:] for one in ENTITIES], ids=_names(ENTITIES))
def test_an_entity_is_kept_or_refused_and_its_neighbours_are_kept(edge: str, item: object, outcome: str) -> None:
    found = listed(edge, _named("before"), item, _named("after"))
    assert reasons(found) == ([] if outcome == "keep" else [outcome])
    kept = ad_entities(found)
    assert len(kept) == 3 - len(reasons(found))
    assert (kept[0].entity_id, kept[-1].entity_id) == ("before", "after")


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        (None, "invalid_field"),
        ([], "invalid_field"),
        ({}, "keep"),
        ({"account_status": 4711}, "keep"),
        ({"account_status": "1"}, "invalid_field"),
        ({"currency": "€"}, "invalid_money"),
        ({"timezone_name": "x" * 100}, "invalid_field"),
        ({"name": SURROGATE}, "keep"),
    ],
)
def test_an_account_is_kept_or_refused(document: object, outcome: str) -> None:
    part = entities.of_account(account(), answered(document))
    assert (reasons([part]) or ["keep"]) == [outcome]


def test_a_refused_row_is_not_quoted() -> None:
    (part,) = rows(row("canary", spend="canary"))
    assert "canary" not in repr(part.outcome)


def test_a_purchase_counts_in_parts() -> None:
    (fact,) = ad_facts(rows(_bought(value="0.25")))
    assert isinstance(fact, AdFact)
    assert [one.count_micros for one in fact.results] == [250_000]
