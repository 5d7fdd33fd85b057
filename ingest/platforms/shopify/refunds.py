"""What a refund gave back, in the shop's own currency. Line items ignore shipping; the transactions are the money."""

from collections.abc import Iterator
from fractions import Fraction

from contracts.outcome import Drop, Outcome
from ingest import money
from ingest.fields import Unusable, required
from ingest.platforms import Fact
from ingest.platforms.shopify.shapes import Both, Order, Refund, Transaction
from ingest.shops.orders import Shop, instant

_FAILED = frozenset(("failure", "error"))


def told(shop: Shop, refund: Refund, order: Order | None = None) -> Outcome[Fact]:
    """A refund, from a delivery of its own or out of `order`, whose last change then is its version."""
    moved = [one for one in refund.transactions or () if one.kind == "refund"]
    good = [one for one in moved if one.status == "success"]
    failed = [one for one in moved if one.status in _FAILED]
    if not good and len(failed) < max(len(moved), 1):
        return Drop("refund_without_money")
    received_at = shop.receipt.received_at
    created_at = instant(refund.created_at, "created_at", received_at)
    changed_at = instant(order.updated_at, "updated_at", received_at) if order else created_at
    own = money.currency((order.currency if order else _own(refund)) or shop.account.currency, "currency")
    return shop.refund(
        required(refund.order_id if order is None else order.id, "order_id"),
        required(refund.id, "id"),
        version=changed_at - changed_at % 1000 + (1 if good else 0),
        refunded_at=instant(refund.processed_at, "processed_at", received_at) if refund.processed_at else created_at,
        currency=own,
        amount_micros=money.payable(sum(_in(own, one, refund, order) for one in good or failed), "transactions"),
        has_failed=not good,
    )


def _own(refund: Refund) -> str | None:
    """The shop's currency, as far as the refund tells it."""
    return next((both.shop_money.currency_code for both in _sets(refund) if both and both.shop_money), None)


def _in(own: str, one: Transaction, refund: Refund, order: Order | None) -> int:
    amount = money.at_least_nothing(money.from_decimal(one.amount, "transaction.amount"), "transaction.amount")
    paid_in = money.currency(one.currency or own, "transaction.currency")
    if paid_in == own:
        return amount
    rate = _rate(own, paid_in, _sets(refund)) or _rate(own, paid_in, iter([order.total_price_set if order else None]))
    if rate is None:
        raise Unusable("foreign_currency", "transaction.currency")
    return round(amount * rate)


def _sets(refund: Refund) -> Iterator[Both | None]:
    for line in refund.refund_line_items or ():
        yield line.subtotal_set
        yield line.total_tax_set
    for adjustment in refund.order_adjustments or ():
        yield adjustment.amount_set


def _rate(own: str, other: str, sets: Iterator[Both | None]) -> Fraction | None:
    """How much of the shop's currency one of the other is, by the sums that are told in both."""
    ours = theirs = 0
    for both in sets:
        if both is None or both.shop_money is None or both.presentment_money is None:
            continue
        if (both.shop_money.currency_code, both.presentment_money.currency_code) == (own, other):
            ours += abs(money.from_decimal(both.shop_money.amount, "shop_money"))
            theirs += abs(money.from_decimal(both.presentment_money.amount, "presentment_money"))
    return Fraction(ours, theirs) if theirs else None
