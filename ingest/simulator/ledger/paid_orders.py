"""Orders and what was given back of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from ingest.simulator.ledger.counting import Row, Rows, local_day, moment
from ingest.simulator.ledger.paid_people import People

Key = tuple[str, str, str, str]
"""Brand, source, shop, order."""
_STATUSES = ("pending", "paid", "cancelled", "test")
_HINTS = (
    *("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id"),
    *("campaign_id", "adset_id", "ad_id", "click_ids", "landing", "referrer"),
)


def _key(told: Row) -> Key:
    return told["brand"], told["source"], told["shop"], told["order"]


def _decides(order: Row) -> tuple[Any, ...]:
    place = order["version"], _STATUSES.index(order["status"]), order["gross"], order["refunded"]
    return (*place, order["ordered_at"], order["currency"], order["event"], order["codes"])


def _smallest_first(value: Any) -> tuple[bool, Any]:
    """None is smaller than anything."""
    return value is not None, value


def _best(orders: Iterable[Row], value: Callable[[Row], Any]) -> Any:
    """Of the greatest (version, value) among those that know it."""
    known = [(order["version"], found) for order in orders if (found := value(order)) is not None]
    return max(known)[1] if known else None


def _hints(orders: Iterable[Row]) -> Row:
    def place(order: Row) -> tuple[Any, ...]:
        return (order["version"], *(_smallest_first(order["hints"].get(name)) for name in _HINTS))

    told = [order for order in orders if any(order["hints"].values())]
    found = max(told, key=place)["hints"] if told else {}
    return {name: found.get(name) for name in _HINTS} | {"click_ids": sorted(found.get("click_ids") or [])}


def conversions(orders: Iterable[Row], refunds: Iterable[Row], zone: Callable[[str, str], str], people: People) -> Rows:
    """`conversions`; `zone` of a (source, shop)."""
    told: dict[Key, list[Row]] = defaultdict(list)
    given_back: dict[Key, list[Row]] = defaultdict(list)
    for order in orders:
        told[_key(order)].append(order)
    for refund in refunds:
        given_back[_key(refund)].append(refund)
    rows: Rows = {}
    for key, records in told.items():
        known = [order for order in records if not order["is_deleted"]]
        if known:
            rows[key] = _row(key, records, known, given_back[key], zone, people)
    return rows


def _row(
    key: Key,
    records: list[Row],
    known: list[Row],
    refunds: list[Row],
    zone: Callable[[str, str], str],
    people: People,
) -> Row:
    deciding = max(known, key=_decides)
    deleted = max((order["version"] for order in records if order["is_deleted"]), default=None)
    status = deciding["status"]
    if deleted is not None and deleted >= deciding["version"]:
        status = "cancelled"
    totals = [refund["amount"] for refund in refunds if refund["is_total"] and _is_in(refund, deciding)]
    single = [one for one in _single(refunds) if not one["has_failed"]]
    failed = [one["amount"] for one in _single(refunds) if one["has_failed"] and _is_in(one, deciding)]
    own = [refund["amount"] for refund in single if _is_in(refund, deciding)]
    sums = [order["refunded"] for order in known if _is_in(order, deciding)]
    refunded = max(sum(own), max([0, *totals, *sums]) - sum(failed))
    return {
        "event_name": deciding["event"],
        "status": status,
        "ordered_at": moment(deciding["ordered_at"]),
        "day": local_day(deciding["ordered_at"], zone(key[1], key[2])),
        "currency": deciding["currency"],
        "gross_micros": deciding["gross"],
        "refunded_micros": refunded,
        "net_micros": max(deciding["gross"] - refunded, 0) if status == "paid" else 0,
        "refunds": len(own),
        "other_refunds": len(single) - len(own),
        "customer_id": _best(known, lambda order: people.customer(order["customer"])),
        "visitor_id": _best(known, lambda order: people.visitor(order["visitor"])),
        "is_new_customer": _best(known, lambda order: order["is_new"]),
        "discount_codes": deciding["codes"],
        **_hints(known),
        "order_version": deciding["version"],
    }


def _is_in(told: Row, order: Row) -> bool:
    return bool(told["currency"] == order["currency"])


def _single(refunds: Iterable[Row]) -> list[Row]:
    """Each refund as it was last told."""
    last: dict[str, Row] = {}
    for one in refunds:
        if not one["is_total"]:
            last[one["refund"]] = max(one, last.get(one["refund"], one), key=_told_last)
    return list(last.values())


def _told_last(refund: Row) -> tuple[Any, ...]:
    return refund["version"], refund["has_failed"], refund["amount"], refund["currency"]
