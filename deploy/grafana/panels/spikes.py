"""What is far above the usual."""

from contracts import metrics
from deploy.grafana.panel import Panel, Prom, Row, Sql
from deploy.grafana.promql import select
from deploy.grafana.relations import ACCOUNTS, ANOMALIES, PICKED, POSTS, SPIKES

ROW = Row(
    "Above the usual",
    (
        Panel(
            "Spikes",
            "Hours in which an account or a post got far more engagement than is usual at that time (O29), adjoining "
            "hours as one; the thirty newest. Without an end: it goes on.",
            "short",
            (
                Sql(
                    f"""
                    SELECT accounts.name AS account, scope, spikes.started_at AS started,
                      spikes.ended_at AS ended, spikes.hours, spikes.peak_z, spikes.engagements, spikes.severity,
                      posts.permalink AS link
                    FROM {SPIKES} AS spikes
                    JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    LEFT JOIN (
                      SELECT platform, account_id, 'post' AS scope, post_id AS subject, permalink FROM {POSTS}
                    ) AS posts USING (platform, account_id, scope, subject)
                    WHERE {PICKED}
                    ORDER BY spikes.started_at DESC, subject LIMIT 30
                    """
                ),
            ),
            kind="table",
            width=16,
            height=10,
            units={"started": "dateTimeAsIso", "ended": "dateTimeAsIso", "peak_z": "none"},
            links=("link",),
        ),
        Panel(
            "Spike by account",
            "Greatest robust z of an account and its posts in its newest hour with engagement, as counted by the "
            "Prometheus sink; 0 while nothing is unusual.",
            "none",
            (Prom(f"max by (platform, account) ({select(metrics.SPIKE)})", "{{platform}} {{account}}"),),
            height=10,
            limits=(3.5, 6),
            last="24h",
        ),
        Panel(
            "Unusual hours",
            "Greatest robust z by account and UTC hour, of those hours that are far above their baseline.",
            "none",
            (
                Sql(
                    f"""
                    SELECT hour AS time, accounts.name AS metric, max(z) AS value
                    FROM {ANOMALIES} JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    WHERE {PICKED} AND $__timeFilter(hour)
                    GROUP BY 1, 2 ORDER BY 1
                    """,
                    is_series=True,
                ),
            ),
            kind="bars",
            width=24,
        ),
    ),
)
