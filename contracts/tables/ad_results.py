"""Conversions that a platform claims for its ads, by family and attribution window."""

from contracts.paid_columns import AD_GRAIN, DAY_OF_PERIOD
from contracts.table import Column, Table

TABLE = Table(
    name="ad_results",
    doc="Conversions that the platform claims for an ad, campaign or ad account, as believed now.",
    key=(
        *AD_GRAIN,
        Column("family", "text", "What was reached, each counted once: purchase, lead, and so on."),
        Column(
            "attribution_window",
            "text",
            "default (the ad set's own setting), 1d_view, 1d_click, 7d_click or 28d_click; they hold one another.",
        ),
    ),
    values=(
        DAY_OF_PERIOD,
        Column("count_micros", "bigint", "Conversions, in millionths, since platforms count fractions."),
        Column("value_micros", "bigint", "Their value in millionths of the fact's currency; NULL if not told.", True),
    ),
    processor="paid",
)
