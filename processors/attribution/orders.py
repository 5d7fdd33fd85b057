"""An order: what its records and those of its refunds come to, in whatever order they come. Pure.

Each part of it is decided by the greatest of what was told of that part, so nothing has to be kept but that.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from contracts.identity import is_nameless
from contracts.paid import Hints, Order, OrderStatus, Refund
from processors.attribution.beliefs import rank
from processors.attribution.book import Name, Rows
from processors.attribution.journeys import OrderKey, Purchase
from processors.attribution.people import Order as Bought
from processors.engagement.windows import zone

ORDER = "order"
STATUSES: Final[tuple[OrderStatus, ...]] = ("pending", "paid", "cancelled", "test")
"""Of records of one version the one whose status comes later here decides."""
PAID = STATUSES.index("paid")
CANCELLED = STATUSES.index("cancelled")
PURCHASE = "purchase"
"""The `event_name` of what is bought; other conversions are credited to nobody."""

Deciding = tuple[int, int, int, int, int, str, str]
"""version, status, gross_micros, refunded_micros, ordered_at, currency, event_name: the greatest decides, of equal ones
the one with the greater codes."""
Known = tuple[int, str, int]
"""Version that tells of a person, who it is, and when that was ordered."""
HintValues = tuple[str | None, ...]
_NO_HINTS: HintValues = (None,) * 9
_TOLD_HINTS = ("source", "medium", "campaign", "term", "content", "utm_id", "campaign_id", "adset_id", "ad_id")


class Told(msgspec.Struct, gc=False, omit_defaults=True):
    """What is kept of an order. `sums`: currency -> the greatest sum of refunds that was told; `refunds`: id ->
    version, has_failed, amount_micros, currency. Of the click ids only the names are kept.
    """

    deciding: Deciding | None = None
    codes: tuple[str, ...] = ()
    deleted_version: int | None = None
    customer: Known | None = None
    visitor: Known | None = None
    new_customer: tuple[int, bool] | None = None
    hints_version: int = 0
    hints: HintValues = ()
    click_ids: tuple[str, ...] = ()
    landing: str | None = None
    referrer: str | None = None
    sums: dict[str, int] = {}
    refunds: dict[str, tuple[int, bool, int, str]] = {}
    waits_since: int = 0
    """The greatest time of a refund or deletion, epoch ms: when to forget those whose order never comes."""


read_told = msgspec.json.Decoder(Told).decode


@dataclass(slots=True)
class OrderEntry:
    """One order. `zone` is the name of the shop's."""

    name: Name
    zone: str
    told: Told

    def rows(self) -> Rows:
        return {("conversions", self.name[1:]): _values(self.told, self.zone)} if self.told.deciding else {}

    def saved(self) -> object:
        return self.told

    @property
    def ordered_at(self) -> int | None:
        return None if self.told.deciding is None else self.told.deciding[4]

    @property
    def newest(self) -> int:
        """When it was ordered, or last refunded or deleted if that is not known, epoch ms."""
        return self.told.waits_since if self.ordered_at is None else self.ordered_at


def bought(entry: OrderEntry) -> Bought:
    """What attribution knows of an order."""
    told = entry.told
    customer = None if told.customer is None else told.customer[1]
    visitor = None if told.visitor is None else told.visitor[1]
    if told.deciding is None:
        return Bought(customer, visitor, None, entry.newest)
    worth = _worth(told)
    ordered_at, currency, event_name = told.deciding[4:]
    if worth.status != PAID or event_name != PURCHASE:
        return Bought(customer, visitor, None, ordered_at)
    day = zone(entry.zone).day_of(ordered_at).number
    return Bought(
        customer, visitor, Purchase(ordered_at, key_of(entry.name), day, worth.net_micros, currency), ordered_at
    )


def key_of(name: Name) -> OrderKey:
    """What an order is called within its brand."""
    _, _, source, shop_id, order_id = name
    return source, shop_id, order_id


def name_of(record: Order | Refund) -> Name:
    return ORDER, record.brand, record.source, record.shop_id, record.order_id


def learn_order(told: Told, order: Order) -> None:
    """Take in a record of the order; its people by the names that they are to have."""
    version = order.version
    if order.is_deleted:
        told.deleted_version = max(version, told.deleted_version or version)
        told.waits_since = max(told.waits_since, order.ordered_at)
        return
    status = STATUSES.index(order.status)
    figures = order.gross_micros, order.refunded_micros, order.ordered_at, order.currency, order.event_name
    deciding: Deciding = (version, status, *figures)
    if told.deciding is None or (deciding, order.codes) > (told.deciding, told.codes):
        told.deciding, told.codes = deciding, order.codes
    told.sums[order.currency] = max(order.refunded_micros, told.sums.get(order.currency, 0))
    if order.customer_id is not None:
        told.customer = _newer(told.customer, (version, order.customer_id, order.ordered_at))
    if order.visitor_id is not None:
        told.visitor = _newer(told.visitor, (version, order.visitor_id, order.ordered_at))
    if order.new_customer is not None:
        known = version, order.new_customer
        told.new_customer = max(known, told.new_customer or known)
    if order.hints != Hints():
        _learn_hints(told, version, order.hints)


def learn_refund(told: Told, refund: Refund) -> None:
    """Take in a record of one of its refunds, or of their sum."""
    told.waits_since = max(told.waits_since, refund.refunded_at)
    if refund.is_total:
        told.sums[refund.currency] = max(refund.amount_micros, told.sums.get(refund.currency, 0))
        return
    one = refund.version, refund.has_failed, refund.amount_micros, refund.currency
    told.refunds[refund.refund_id] = max(one, told.refunds.get(refund.refund_id, one))


def rename(told: Told, kind: str, person: str, until: int, name: str) -> bool:
    """What `person`, a visitor or a customer, ordered before `until` is somebody's called `name`. Was anything so?"""
    known = told.visitor if kind == "visitor" else told.customer
    if known is None or known[1] != person or known[2] >= until:
        return False
    renamed = known[0], name, known[2]
    if kind == "visitor":
        told.visitor = renamed
    else:
        told.customer = renamed
    return True


def copy_of(told: Told) -> Told:
    return replace(told, sums=dict(told.sums), refunds=dict(told.refunds))


def _newer(known: Known | None, new: Known) -> Known:
    return new if known is None or new > known else known


def _learn_hints(told: Told, version: int, hints: Hints) -> None:
    values = tuple([getattr(hints, name) for name in _TOLD_HINTS])
    names = tuple(sorted(hints.click_ids))
    new = (version, rank(values), names, rank((hints.landing, hints.referrer)))
    known = (
        told.hints_version,
        rank(told.hints or _NO_HINTS),
        told.click_ids,
        rank((told.landing, told.referrer)),
    )
    if new > known:
        told.hints_version, told.hints, told.click_ids = version, values, names
        told.landing, told.referrer = hints.landing, hints.referrer


class _Worth(NamedTuple):
    """`refunds`, `other_refunds`: those that stand, in the order's currency and in others."""

    status: int
    refunded_micros: int
    net_micros: int
    refunds: int
    other_refunds: int


def _worth(told: Told) -> _Worth:
    """What a known order comes to."""
    assert told.deciding is not None
    version, status, gross, _, _, currency, _ = told.deciding
    if told.deleted_version is not None and told.deleted_version >= version:
        status = CANCELLED
    standing = [(amount, of) for _, has_failed, amount, of in told.refunds.values() if not has_failed]
    own = [amount for amount, of in standing if of == currency]
    failed = sum(amount for _, has_failed, amount, of in told.refunds.values() if has_failed and of == currency)
    refunded = max(sum(own), told.sums.get(currency, 0) - failed)
    net = max(gross - refunded, 0) if status == PAID else 0
    return _Worth(status, refunded, net, len(own), len(standing) - len(own))


def _values(told: Told, zone_name: str) -> tuple[Any, ...]:
    """The columns of `conversions` behind its grain."""
    assert told.deciding is not None
    version, _, gross, _, ordered_at, currency, event_name = told.deciding
    worth = _worth(told)
    return (
        event_name,
        STATUSES[worth.status],
        ordered_at,
        zone(zone_name).day_of(ordered_at).date,
        currency,
        gross,
        *worth[1:],
        _shown(told.customer),
        _shown(told.visitor),
        None if told.new_customer is None else told.new_customer[1],
        told.codes,
        *(told.hints or _NO_HINTS),
        told.click_ids,
        told.landing,
        told.referrer,
        version,
    )


def _shown(known: Known | None) -> str | None:
    return None if known is None or is_nameless(known[1]) else known[1]
