"""What a brand's money shows that is wrong, as gauges: links that are not tagged, budgets that are not kept to.

Read from the views, so that the alert and the table never disagree.
"""

import psycopg

from contracts import metrics
from runtime.instruments import Instruments

TAGGING = """
SELECT brand, sum(link_clicks), sum(unlanded_clicks), sum(named_touches), sum(unknown_touches),
       sum(purchases), sum(uncredited_purchases)
FROM (SELECT *, max(day) OVER (PARTITION BY brand) AS newest FROM analytics.tagging_health_by_day) AS days
WHERE day > newest - 7
GROUP BY brand
"""
PACING = """
SELECT brand, CASE WHEN pacing_percent > 120 THEN 'fast' WHEN pacing_percent < 80 THEN 'slow' ELSE 'kept' END AS pace,
       count(*)
FROM analytics.budget_pacing
WHERE budget_kind = 'lifetime' AND upper(effective_status) = 'ACTIVE' AND pacing_percent IS NOT NULL
  AND elapsed_days >= 3 AND through_day <= last_day
GROUP BY 1, 2
"""
KINDS = ("clicks", "touches", "purchases")


class Signals:
    """The gauges of one sink process. Several sinks show the same."""

    def __init__(self, instruments: Instruments) -> None:
        self._checked = instruments.gauge(metrics.TAGGING_CHECKED)
        self._broken = instruments.gauge(metrics.TAGGING_BROKEN)
        self._budgets = instruments.gauge(metrics.BUDGETS)

    def show(self, connection: psycopg.Connection) -> None:
        """Read the views once. A brand that is in them no longer is in no gauge."""
        tagged = connection.execute(TAGGING).fetchall()
        paced = connection.execute(PACING).fetchall()
        pairs = [
            ((brand, kind), counts[2 * at : 2 * at + 2]) for brand, *counts in tagged for at, kind in enumerate(KINDS)
        ]
        for gauge, samples in (
            (self._checked, [(labels, pair[0]) for labels, pair in pairs]),
            (self._broken, [(labels, pair[1]) for labels, pair in pairs]),
            (self._budgets, [((brand, pace), number) for brand, pace, number in paced]),
        ):
            gauge.clear()
            for labels, value in samples:
                gauge.labels(*labels).set(value)
