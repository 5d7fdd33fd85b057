"""Who waits for an answer, and how long it takes."""

from contracts import metrics
from deploy.grafana.panel import GOOD, Panel, Prom, Row, Sql
from deploy.grafana.promql import select
from deploy.grafana.relations import ACCOUNTS, DAY_AS_TIME, DAYS, INBOUND_COMMENTS, PICKED, POSTS, RESPONSE_TIMES

ROW = Row(
    "Conversation",
    (
        Panel(
            "Comments that need an answer",
            "Comments of others without an answer of the brand, neither removed nor hidden; the fifty that wait "
            "longest. The link leads to the comment where the platform tells it, else to the post.",
            "none",
            (
                Sql(
                    f"""
                    SELECT accounts.name AS account, comments.asked_at,
                      extract(epoch FROM $__timeTo()::timestamptz - comments.asked_at)::double precision AS waiting,
                      coalesce(comments.permalink, posts.permalink) AS link, comments.actor_id AS person,
                      comment_id AS comment
                    FROM {INBOUND_COMMENTS} AS comments
                    JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    LEFT JOIN {POSTS} AS posts USING (platform, account_id, post_id)
                    WHERE comments.needs_answer AND {PICKED}
                    ORDER BY comments.asked_at, comment LIMIT 50
                    """
                ),
            ),
            kind="table",
            width=16,
            height=12,
            units={"asked_at": "dateTimeAsIso", "waiting": "dtdurations"},
            links=("link",),
        ),
        Panel(
            "Comments by account of the last whole day",
            "Comments of others on the last whole UTC day before the newest with a comment, as counted by the "
            "Prometheus sink: answered, and waiting.",
            "short",
            (
                Prom(
                    f"sum by (platform, account) ({select(metrics.COMMENTS_ANSWERED, span='day')})",
                    "{{platform}} {{account}} answered",
                ),
                Prom(
                    f"sum by (platform, account) ({select(metrics.COMMENTS_WAITING, span='day')})",
                    "{{platform}} {{account}} waiting",
                ),
            ),
            height=12,
            last="7d",
        ),
        Panel(
            "Response time",
            "From a comment to the brand's first answer in its thread (O15), by the local day of the comment: half of "
            "the answers came within the median, nine of ten within p90. Unanswered comments are not in it.",
            "dtdurations",
            (
                Sql(
                    f"""
                    SELECT {DAY_AS_TIME}, accounts.name || ' ' || quantile AS metric, seconds AS value
                    FROM {RESPONSE_TIMES} JOIN {ACCOUNTS} AS accounts USING (platform, account_id),
                      LATERAL (VALUES ('median', median_seconds), ('p90', p90_seconds)) AS q (quantile, seconds)
                    WHERE seconds IS NOT NULL AND {PICKED} AND {DAYS}
                    ORDER BY 1
                    """,
                    is_series=True,
                ),
            ),
            width=12,
        ),
        Panel(
            "Answered share",
            "Part of the comments of a local day that has an answer, and that had one within a day; sums over the "
            "accounts, divided. Removed comments are not in it.",
            "percentunit",
            (
                Sql(
                    f"""
                    SELECT {DAY_AS_TIME}, sum(answered)::double precision / nullif(sum(inbound), 0) AS answered,
                      sum(within_24h)::double precision / nullif(sum(inbound), 0) AS "within a day"
                    FROM {RESPONSE_TIMES}
                    WHERE {PICKED} AND {DAYS}
                    GROUP BY 1 ORDER BY 1
                    """,
                    is_series=True,
                ),
            ),
            width=12,
            colours={"answered": GOOD},
        ),
    ),
)
