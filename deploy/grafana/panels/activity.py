"""What people do, as it happens and by the hour."""

from contracts import metrics
from deploy.grafana.panel import Panel, Prom, Row, Sql
from deploy.grafana.promql import select, total
from deploy.grafana.relations import ACCOUNT_HOUR, ACCOUNT_MINUTE, ACCOUNTS, PICKED

ROW = Row(
    "Activity",
    (
        Panel(
            "Interactions per minute",
            "Added in the UTC minute in which they occurred, by kind. The page's own and what was taken "
            "back are not in it. Rows are kept for ten days unless configured otherwise.",
            "short",
            (
                Sql(
                    f"""
                    SELECT minute AS time, kind AS metric, sum(added) AS value
                    FROM {ACCOUNT_MINUTE}, LATERAL (
                      VALUES ('likes', likes), ('comments', comments), ('shares', shares),
                             ('comment reactions', comment_reactions), ('follows', follows), ('mentions', mentions)
                    ) AS by_kind (kind, added)
                    WHERE {PICKED} AND $__timeFilter(minute) AND added IS NOT NULL
                    GROUP BY 1, 2 ORDER BY 1
                    """,
                    is_series=True,
                ),
            ),
            kind="bars",
            width=16,
        ),
        Panel(
            "Live interactions per minute",
            "The same as counted by the Prometheus sink, seconds behind; a restart or rebuild shows as a gap.",
            "short",
            (
                Prom(
                    f"60 * sum by (kind) (rate({select(metrics.INTERACTIONS)}[$__rate_interval]))",
                    "{{kind}}",
                ),
                Prom(
                    f"-60 * sum by (kind) (rate({select(metrics.REMOVALS)}[$__rate_interval]))",
                    "{{kind}} taken back",
                ),
            ),
        ),
        Panel(
            "Interactions by account and hour",
            "Likes, comments and shares by the UTC hour in which they occurred, less those taken back in it.",
            "short",
            (
                Sql(
                    f"""
                    SELECT hour AS time, accounts.name AS metric,
                      sum(coalesce(net_likes, 0) + coalesce(net_comments, 0) + coalesce(net_shares, 0)) AS value
                    FROM {ACCOUNT_HOUR} JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    WHERE {PICKED} AND $__timeFilter(hour)
                    GROUP BY 1, 2 ORDER BY 1
                    """,
                    is_series=True,
                ),
            ),
            kind="bars",
            width=16,
        ),
        Panel(
            "People on the newest day",
            "Distinct people that engaged with each account on its newest local day, added up over the "
            "accounts: somebody active at two accounts counts twice.",
            "short",
            (Prom(total(metrics.UNIQUE_ENGAGERS_TODAY), "people"),),
            kind="number",
            width=4,
        ),
        Panel(
            "Followers",
            "As the platforms last reported them, added up over the accounts.",
            "short",
            (Prom(total(metrics.FOLLOWERS), "followers"),),
            kind="number",
            width=4,
        ),
    ),
)
