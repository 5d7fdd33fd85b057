"""Who engages, by day, and how many follow."""

from deploy.grafana.panel import GOOD, NEUTRAL, Panel, Row, Sql
from deploy.grafana.relations import (
    ACCOUNT_DAY,
    ACCOUNT_METRICS_DAY,
    ACCOUNT_RATES_DAY,
    ACCOUNTS,
    DAY_AS_TIME,
    DAYS,
    PICKED,
)

ROW = Row(
    "People",
    (
        Panel(
            "New and returning people by day",
            "Distinct people an account and local day, added up over the accounts. new: their first "
            "engagement with the account lies in that day. Days must not be added up; anonymous "
            "interactions are not in it.",
            "short",
            (
                Sql(
                    f"""
                    SELECT {DAY_AS_TIME}, sum(new_engagers) AS new,
                      sum(returning_engagers) AS returning, sum(unique_engagers) AS "all"
                    FROM {ACCOUNT_DAY}
                    WHERE {PICKED} AND {DAYS}
                    GROUP BY 1 ORDER BY 1
                    """,
                    is_series=True,
                ),
            ),
            colours={"new": GOOD, "returning": NEUTRAL},
            last="30d",
        ),
        Panel(
            "Followers by day",
            "As the platform reports them for the account's local day; a day without a report has no point.",
            "short",
            (
                Sql(
                    f"""
                    SELECT {DAY_AS_TIME}, accounts.name AS metric, value
                    FROM {ACCOUNT_METRICS_DAY} JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    WHERE metric = 'followers' AND scope = 'total' AND value IS NOT NULL
                      AND {PICKED} AND {DAYS}
                    ORDER BY 1
                    """,
                    is_series=True,
                ),
            ),
            last="30d",
        ),
        Panel(
            "Engagement rate by followers and day",
            "O5: net likes, comments and shares of the day, per hundred followers of that day. Days "
            "without known followers have no point.",
            "percent",
            (
                Sql(
                    f"""
                    SELECT {DAY_AS_TIME}, accounts.name AS metric, rate AS value
                    FROM {ACCOUNT_RATES_DAY} JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    WHERE definition = 'O5' AND rate IS NOT NULL AND {PICKED} AND {DAYS}
                    ORDER BY 1
                    """,
                    is_series=True,
                ),
            ),
            last="30d",
        ),
    ),
)
