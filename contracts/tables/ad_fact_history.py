"""What was believed of ads, and since when: platforms restate their figures for weeks."""

from contracts.paid_columns import AD_FIGURES, AD_GRAIN, AS_OF, IS_PROVISIONAL
from contracts.table import Table

TABLE = Table(
    name="ad_fact_history",
    doc="Each belief about an ad, campaign or ad account in a period: the row holds from as_of until the next one.",
    key=(*AD_GRAIN, AS_OF),
    values=(*AD_FIGURES, IS_PROVISIONAL),
    processor="paid",
)
