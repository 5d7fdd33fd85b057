"""The paid leg's tables computed the slow way, from all records at once, as docs/semantics.md says: what a fold is
compared with. Shares no code with it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from contracts.paid import AdEntity, AdFact, Hints, Link, Order, PaidFact, Refund, Touch

Table = dict[tuple[Any, ...], tuple[Any, ...]]
STATUSES = ("pending", "paid", "cancelled", "test")


def local_day(at: int, zone: str) -> str:
    return dt.datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).date().isoformat()


def low(value: Any) -> tuple[Any, ...]:
    """NULL is smaller than anything."""
    return (0,) if value is None else (1, value)


def _figures(one: AdFact) -> tuple[Any, ...]:
    return (
        one.spend_micros,
        one.reach,
        *next(
            (
                (r.count_micros, r.value_micros)
                for r in reversed(_results(one))
                if (r.family, r.window) == ("purchase", "default")
            ),
            (None, None),
        ),
        one.provisional,
    )


def _results(one: AdFact) -> list[Any]:
    return sorted(one.results, key=lambda r: (r.family, r.window, r.count_micros, low(r.value_micros)))


def _result_rows(one: AdFact) -> list[tuple[Any, ...]]:
    return sorted(
        {(r.family, r.window): (r.family, r.window, r.count_micros, r.value_micros) for r in _results(one)}.values()
    )


def ads(told: Iterable[PaidFact]) -> dict[str, Table]:
    """`ad_facts`, `ad_fact_history`: spend, reach, purchases, their value, provisional; `ad_results`."""
    grains: dict[tuple[Any, ...], list[AdFact]] = defaultdict(list)
    for one in told:
        if isinstance(one, AdFact):
            grains[one.entity_id, one.window, one.breakdown].append(one)
    current, history, results = {}, {}, {}
    for grain, facts in grains.items():
        by_time: dict[int, AdFact] = {}
        for one in sorted(
            facts,
            key=lambda f: (*map(low, _figures(f)), [tuple(map(low, r)) for r in _result_rows(f)]),
        ):
            by_time[one.as_of] = one
        believed: tuple[Any, ...] | None = None
        for as_of, one in sorted(by_time.items()):
            if _figures(one) != believed:
                believed = _figures(one)
                history[*grain, as_of] = believed
                current[grain] = (*believed, as_of)
        for family, window, count, value in _result_rows(by_time[max(by_time)]):
            results[*grain, family, window] = count, value
    return {"ad_facts": current, "ad_fact_history": history, "ad_results": results}


def entities(told: Iterable[PaidFact]) -> Table:
    """Name and since when."""
    names: dict[int, str | None] = {}
    for one in told:
        if isinstance(one, AdEntity) and (one.as_of not in names or low(one.name) > low(names[one.as_of])):
            names[one.as_of] = one.name
    found: Table = {}
    for as_of, name in sorted(names.items()):
        if ("c1",) not in found or found["c1",][0] != name:
            found["c1",] = name, as_of
    return found


def touches(told: Iterable[PaidFact], zone: str) -> Table:
    """touches, clicks, views, without_consent, bots."""
    chosen: dict[str, tuple[Any, ...]] = {}
    for one in told:
        if isinstance(one, Touch):
            hints = one.hints
            place = hints.source or "", hints.medium or "", hints.campaign or "", hints.campaign_id or ""
            said = one.occurred_at, *place, one.kind, one.bot is not None, one.consent != "granted"
            chosen[one.touch_id] = min(said, chosen.get(one.touch_id, said))
    counts: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0] * 5)
    for at, source, medium, campaign, campaign_id, kind, is_bot, is_unconsented in chosen.values():
        row = counts[source, medium, campaign, campaign_id, local_day(at, zone)]
        if is_bot:
            row[4] += 1
            continue
        row[0] += 1
        row[1] += kind == "click"
        row[2] += kind == "view"
        row[3] += is_unconsented
    return {grain: tuple(row) for grain, row in counts.items()}


def conversions(told: Iterable[PaidFact], zones: dict[str, str]) -> Table:
    """Everything but what no record here tells."""
    orders: dict[tuple[str, str], list[Order]] = defaultdict(list)
    refunds: dict[tuple[str, str], list[Refund]] = defaultdict(list)
    for one in told:
        if isinstance(one, Order):
            orders[one.source, one.order_id].append(one)
        elif isinstance(one, Refund):
            refunds[one.source, one.order_id].append(one)
    found = {}
    for grain, records in orders.items():
        if standing := [one for one in records if not one.is_deleted]:
            deleted = max((one.version for one in records if one.is_deleted), default=-1)
            found[grain] = _conversion(standing, deleted, refunds[grain], zones[grain[0]])
    return found


def _conversion(orders: list[Order], deleted: int, refunds: list[Refund], zone: str) -> tuple[Any, ...]:
    it = max(
        orders,
        key=lambda o: (
            o.version,
            STATUSES.index(o.status),
            o.gross_micros,
            o.refunded_micros,
            o.ordered_at,
            o.currency,
            o.codes,
        ),
    )
    status = "cancelled" if deleted >= it.version else it.status
    newest: dict[str, Refund] = {}
    for one in sorted(refunds, key=lambda r: (r.version, r.has_failed, r.amount_micros, r.currency)):
        if not one.is_total:
            newest[one.refund_id] = one
    good = [one for one in newest.values() if not one.has_failed]
    own = [one.amount_micros for one in good if one.currency == it.currency]
    totals = [one.amount_micros for one in refunds if one.is_total and one.currency == it.currency]
    sums = [one.refunded_micros for one in orders if one.currency == it.currency]
    failed = sum(one.amount_micros for one in newest.values() if one.has_failed and one.currency == it.currency)
    refunded = max(sum(own), max(*totals, *sums, 0) - failed)
    net = max(it.gross_micros - refunded, 0) if status == "paid" else 0
    hints = max(
        (one for one in orders if one.hints != Hints()),
        key=lambda o: (
            o.version,
            *(low(getattr(o.hints, n)) for n in ("source", "campaign", "campaign_id")),
            sorted(o.hints.click_ids),
            low(o.hints.landing),
        ),
        default=None,
    )
    told = hints.hints if hints else Hints()
    return (
        status,
        it.ordered_at,
        local_day(it.ordered_at, zone),
        it.currency,
        it.gross_micros,
        refunded,
        net,
        len(own),
        len(good) - len(own),
        max(((o.version, o.customer_id) for o in orders if o.customer_id), default=(0, None))[1],
        max(((o.version, o.visitor_id) for o in orders if o.visitor_id), default=(0, None))[1],
        max(((o.version, o.new_customer) for o in orders if o.new_customer is not None), default=(0, None))[1],
        list(it.codes),
        told.source,
        told.campaign,
        told.campaign_id,
        sorted(told.click_ids),
        told.landing,
        it.version,
    )


def links(told: Iterable[PaidFact]) -> Table:
    """visitor, customer, when."""
    smallest: dict[str, tuple[Any, ...]] = {}
    for one in told:
        if isinstance(one, Link):
            said = one.at, one.visitor_id, one.customer_id
            smallest[one.link_id] = min(said, smallest.get(one.link_id, said))
    return {(link,): (visitor, customer, at) for link, (at, visitor, customer) in smallest.items()}
