"""Credits by campaign and day."""

from contracts.attribution_columns import CAMPAIGN, CREDIT_DAY, CREDIT_GRAIN, CREDITS, CURRENCY
from contracts.table import Table

TABLE = Table(
    name="attribution_by_campaign_day",
    doc="Credits summed by channel, campaign and day, in each model, by the day of the touch and by that of the order.",
    key=(*CREDIT_GRAIN, CAMPAIGN, CURRENCY, CREDIT_DAY),
    values=(*CREDITS,),
    processor="paid",
)
