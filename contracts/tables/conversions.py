"""Orders and other conversions, net of what was given back."""

from contracts.paid_columns import BRAND
from contracts.table import Column, Table


def _text(name: str, doc: str) -> Column:
    return Column(name, "text", doc, nullable=True)


TABLE = Table(
    name="conversions",
    doc="One row for each order, with its refunds: what was bought, by whom, and what the address told.",
    key=(
        BRAND,
        Column("source", "text", "Who told of it: shopify, stripe, woocommerce, or web for a site's own pages."),
        Column("shop_id", "text", "The shop, or the site."),
        Column("order_id", "text", "The order's id there."),
    ),
    values=(
        Column("event_name", "text", "What it is: purchase, or the name that a page gave."),
        Column("status", "text", "pending, paid, cancelled or test; only a paid one is worth anything."),
        Column("ordered_at", "timestamptz", "When it was ordered."),
        Column("day", "date", "Local date of that, in the shop's configured zone."),
        Column("currency", "text", "The shop's currency, ISO 4217."),
        Column("gross_micros", "bigint", "Total of the order, in millionths of the currency."),
        Column(
            "refunded_micros",
            "bigint",
            "Given back: the greater of the sum of its refunds and the greatest sum that the shop told.",
        ),
        Column("net_micros", "bigint", "gross_micros minus refunded_micros and not below 0; 0 unless paid."),
        Column("refunds", "bigint", "Refunds told one by one that did not fail, in the order's currency."),
        Column("other_refunds", "bigint", "Refunds in another currency than the order's; they are in no sum."),
        _text("customer_id", "Pseudonym of the customer."),
        _text("visitor_id", "Pseudonym of the browser that ordered."),
        Column("is_new_customer", "boolean", "Whether it was the customer's first order; NULL if not told.", True),
        Column("discount_codes", "text[]", "Codes that made it cheaper, lower case, sorted."),
        _text("utm_source", "Where they came from, by the address: utm_source, lower case."),
        _text("utm_medium", "utm_medium, lower case."),
        _text("utm_campaign", "utm_campaign, lower case."),
        _text("utm_term", "utm_term, lower case."),
        _text("utm_content", "utm_content, lower case."),
        _text("utm_id", "utm_id as it came."),
        _text("campaign_id", "The ad platform's campaign, if the address named it."),
        _text("adset_id", "The ad platform's ad set, if the address named it."),
        _text("ad_id", "The ad, if the address named it."),
        Column("click_ids", "text[]", "Names of the click ids in the address (fbclid, gclid, ...), sorted."),
        _text("landing", "Host and path of the page that they came to."),
        _text("referrer", "Host that they came from."),
        Column("order_version", "bigint", "The shop's last change of it: epoch milliseconds."),
    ),
    retention="interaction",
    processor="paid",
)
