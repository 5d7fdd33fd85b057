"""Who is credited for which order."""

from contracts.attribution_columns import CAMPAIGN, CHANNEL, CREDITS, CURRENCY, MODEL
from contracts.paid_columns import BRAND
from contracts.table import Column, Table

TABLE = Table(
    name="attribution_credits",
    doc="One row for each order, touch and model: which part of the order is credited to the touch.",
    key=(
        BRAND,
        Column("source", "text", "Who told of the order: shopify, stripe, woocommerce or web."),
        Column("shop_id", "text", "The shop, or the site."),
        Column("order_id", "text", "The order's id there."),
        Column("touch_id", "text", "The touch that is credited."),
        MODEL,
    ),
    values=(
        CHANNEL,
        CAMPAIGN,
        Column("touched_at", "timestamptz", "When the touch was."),
        Column("ordered_at", "timestamptz", "When it was ordered."),
        CURRENCY,
        *CREDITS,
    ),
    retention="interaction",
    processor="paid",
)
