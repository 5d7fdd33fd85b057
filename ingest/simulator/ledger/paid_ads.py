"""What was believed of ads, and when."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ingest.simulator.ledger.counting import Row, Rows, moment

Key = tuple[str, ...]
Place = tuple[Any, ...]
_GRAIN = ("brand", "platform", "account", "level", "entity", "period", "breakdown")
_FIGURES = (
    *("day", "campaign_id", "adset_id", "ad_id", "currency", "zone", "spend_micros", "impressions", "clicks"),
    *("link_clicks", "reach", "reactions", "comments", "shares", "saves", "video_views"),
    *("purchases_micros", "purchase_value_micros", "attribution_setting"),
)
_ENTITY = (
    *("name", "status", "effective_status", "objective", "campaign_id", "adset_id", "currency", "zone"),
    *("daily_budget_micros", "lifetime_budget_micros", "starts_at", "ends_at"),
    *("post_platform", "post_account_id", "post_id"),
)
_TIMES = ("starts_at", "ends_at")


def seen(ad: Row) -> tuple[Any, ...]:
    """How a reading of an ad's figures is known on the log."""
    return ad["platform"], ad["account"], ad["entity"], ad["level"], ad["breakdown"], ad["period"], ad["as_of"]


def seen_entity(entity: Row) -> tuple[Any, ...]:
    """How a reading of an entity is known on the log."""
    return entity["platform"], entity["account"], entity["entity"], entity["kind"], "", "", entity["as_of"]


def tables(ads: Iterable[Row]) -> dict[str, Rows]:
    """`ad_facts`, `ad_fact_history`, `ad_results`.

    A told ad has the figures but `day` and the purchases, `is_provisional`, and `results`: [family, window, count,
    value], counts and values in millionths, a value None if none was told.
    """
    tellings: dict[Key, list[Row]] = defaultdict(list)
    for ad in ads:
        tellings[tuple(ad[name] for name in _GRAIN)].append(ad)
    facts: Rows = {}
    history: Rows = {}
    results: Rows = {}
    for key, told in tellings.items():
        held = _held(told, lambda ad: _place(_figures(ad)))
        for ad, since in _beliefs(held, lambda ad: _figures(ad)):
            facts[key] = {**_figures(ad), "as_of": moment(since)}
            history[*key, moment(since)] = _figures(ad)
        results |= {(*key, *name): row for name, row in _results(held[-1]).items()}
    return {"ad_facts": facts, "ad_fact_history": history, "ad_results": results}


def _figures(ad: Row) -> Row:
    purchase = _results(ad).get(("purchase", "default"), {})
    return {name: ad.get(name) for name in _FIGURES} | {
        "day": _day(ad),
        "purchases_micros": purchase.get("count_micros"),
        "purchase_value_micros": purchase.get("value_micros"),
        "is_provisional": ad["is_provisional"],
    }


def _day(ad: Row) -> dt.date | None:
    kind, _, day = ad["period"].partition(":")
    return dt.date.fromisoformat(day) if kind == "day" else None


def _place(values: Row) -> Place:
    """For comparing field by field; unknown is smaller than anything."""
    return tuple((value is not None, value) for value in values.values())


def _held(told: Iterable[Row], place: Callable[[Row], Place]) -> list[Row]:
    """One telling an instant, in order of time: of several the greatest."""
    greatest: dict[int, Row] = {}
    for one in told:
        before = greatest.get(one["as_of"], one)
        greatest[one["as_of"]] = max(one, before, key=lambda ad: (place(ad), _place_of_results(ad)))
    return [greatest[as_of] for as_of in sorted(greatest)]


def _place_of_results(told: Row) -> list[Place]:
    results: list[Sequence[Any]] = told.get("results", [])
    return sorted(tuple((part is not None, part) for part in result) for result in results)


def _beliefs(held: Iterable[Row], values: Callable[[Row], Row]) -> list[tuple[Row, int]]:
    """Each telling that differs from the one before it, and since when it holds."""
    found: list[tuple[Row, int]] = []
    for one in held:
        if not found or values(found[-1][0]) != values(one):
            found.append((one, one["as_of"]))
    return found


def _results(ad: Row) -> dict[tuple[str, str], Row]:
    """(family, window) -> the greatest (count, value)."""
    greatest: dict[tuple[str, str], tuple[int, int | None]] = {}
    for family, window, count, value in ad["results"]:
        before = greatest.get((family, window), (count, value))
        greatest[family, window] = max(
            (count, value), before, key=lambda one: (one[0], one[1] is not None, one[1] or 0)
        )
    return {
        name: {"day": _day(ad), "count_micros": count, "value_micros": value}
        for name, (count, value) in greatest.items()
    }


def entities(told: Iterable[Row]) -> Rows:
    """`ad_entities`: a told entity has its columns, times in epoch milliseconds."""
    tellings: dict[Key, list[Row]] = defaultdict(list)
    for one in told:
        tellings[one["brand"], one["platform"], one["account"], one["kind"], one["entity"]].append(one)
    rows: Rows = {}
    for key, readings in tellings.items():
        held = _held(readings, lambda one: _place(_columns(one)))
        last, since = _beliefs(held, _columns)[-1]
        rows[key] = {**_columns(last), "as_of": moment(since)}
    return rows


def _columns(entity: Row) -> Row:
    found = {name: entity.get(name) for name in _ENTITY}
    for name in _TIMES:
        found[name] = None if (at := found[name]) is None else moment(at)
    return found
