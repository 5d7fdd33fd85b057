"""How far the figures may be trusted."""

from deploy.grafana.panel import Panel, Row, Sql
from deploy.grafana.relations import ACCOUNTS, FRESHNESS, PICKED

ROW = Row(
    "Freshness",
    (
        Panel(
            "Complete through",
            "By source: the time up to which it was read and everything read is in the tables; empty while the "
            "source is unhealthy. Events may still be missing after it, none before it.",
            "dateTimeAsIso",
            (
                Sql(
                    f"""
                    SELECT accounts.name AS account, freshness.name AS source, complete_through, applied_at
                    FROM {FRESHNESS} AS freshness JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    WHERE kind = 'source' AND {PICKED}
                    ORDER BY complete_through NULLS FIRST, source
                    """
                ),
            ),
            kind="table",
            width=12,
        ),
        Panel(
            "Freshness of the tables",
            "By table: the newest event folded when the table last got rows, and when that was; of a materialised view "
            "those of its tables, and when it was last computed. A table is not stale because nothing happened.",
            "dateTimeAsIso",
            (
                Sql(
                    f"""
                    SELECT name AS relation, newest_event_at, applied_at, refreshed_at
                    FROM {FRESHNESS}
                    WHERE kind IN ('table', 'view')
                    ORDER BY name
                    """
                ),
            ),
            kind="table",
            width=12,
        ),
    ),
)
