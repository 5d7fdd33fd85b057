"""Credits by channel and day."""

from contracts.attribution_columns import CREDIT_DAY, CREDIT_GRAIN, CREDITS, CURRENCY
from contracts.table import Table

TABLE = Table(
    name="attribution_by_channel_day",
    doc="Credits summed by channel and day, in each model, by the day of the touch and by that of the order.",
    key=(*CREDIT_GRAIN, CURRENCY, CREDIT_DAY),
    values=(*CREDITS,),
    processor="paid",
)
