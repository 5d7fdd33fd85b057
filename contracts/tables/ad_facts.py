"""What ads, campaigns and ad accounts did, as the platform has it now."""

from contracts.paid_columns import AD_FIGURES, AD_GRAIN, AS_OF, IS_PROVISIONAL
from contracts.table import Table

TABLE = Table(
    name="ad_facts",
    doc="What an ad, campaign or ad account did in a period, as believed now; totals and breakdowns are rows apart.",
    key=AD_GRAIN,
    values=(*AD_FIGURES, IS_PROVISIONAL, AS_OF),
    processor="paid",
)
