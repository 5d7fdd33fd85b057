"""What works: by format, hashtag and time of publication, and how long it lasts."""

from deploy.grafana.panel import Panel, Row, Sql
from deploy.grafana.relations import ACCOUNTS, BEST_TIMES, DECAY, PERFORMANCE, PICKED, POSTS

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _by(dimension: str, posts: int) -> Sql:
    return Sql(
        f"""
        SELECT accounts.name AS account, value AS {dimension}, posts, median_engagements, lift, median_rate, rate_lift
        FROM {PERFORMANCE} JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
        WHERE dimension = '{dimension}' AND posts >= {posts} AND {PICKED}
        ORDER BY lift DESC NULLS LAST, posts DESC, {dimension} LIMIT 50
        """
    )


def _mean(number: int, weekday: str) -> str:
    of_day = f"FILTER (WHERE value LIKE '{number} %')"
    return f'sum(engagements) {of_day}::double precision / sum(posts) {of_day} AS "{weekday}"'


ROW = Row(
    "What works",
    (
        Panel(
            "Formats",
            "Engagements of a post of this format, half have more, against the account's median post (O26); the same "
            "of rates by reach. A lift of two posts means little.",
            "short",
            (_by("format", posts=1),),
            kind="table",
            width=12,
            units={"lift": "none", "median_rate": "percent", "rate_lift": "none"},
        ),
        Panel(
            "Hashtags",
            "The same by hashtag, of those that stand in at least two posts.",
            "short",
            (_by("hashtag", posts=2),),
            kind="table",
            width=12,
            units={"lift": "none", "median_rate": "percent", "rate_lift": "none"},
        ),
        Panel(
            "Engagements by weekday and hour",
            "Mean engagements a post by the weekday and hour of its publication in the account's zone; empty where "
            "nothing was ever published.",
            "short",
            (
                Sql(
                    f"""
                    SELECT split_part(value, ' ', 2) AS hour,
                      {", ".join(_mean(number, weekday) for number, weekday in enumerate(_WEEKDAYS, start=1))}
                    FROM {PERFORMANCE}
                    WHERE dimension = 'weekday_hour' AND {PICKED}
                    GROUP BY 1 ORDER BY 1
                    """
                ),
            ),
            kind="grid",
            width=12,
            height=12,
        ),
        Panel(
            "Best times to post",
            "Weekdays and hours (in the account's zone) by mean engagements a post (O24). Only those with at least "
            "ten posts have a rank; the others follow.",
            "short",
            (
                Sql(
                    f"""
                    SELECT accounts.name AS account, rank,
                      (ARRAY['{"', '".join(_WEEKDAYS)}'])[weekday] AS weekday, hour, posts, mean_engagements,
                      median_engagements, lift
                    FROM {BEST_TIMES} JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    WHERE {PICKED}
                    ORDER BY rank NULLS LAST, mean_engagements DESC, accounts.name LIMIT 30
                    """
                ),
            ),
            kind="table",
            width=12,
            height=12,
            units={"lift": "none"},
        ),
        Panel(
            "How fast posts gather their engagement",
            "Part of a post's engagement that came within an hour, a day and a week of its publication (O25); the "
            "thirty newest. It grows as long as a post is young.",
            "percentunit",
            (
                Sql(
                    f"""
                    SELECT accounts.name AS account, decay.published_at AS published, posts.format, decay.engagements,
                      decay.share_1h AS "1 hour", decay.share_24h AS "24 hours", decay.share_7d AS "7 days",
                      posts.permalink AS link
                    FROM {DECAY} AS decay
                    JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    JOIN {POSTS} AS posts USING (platform, account_id, post_id)
                    WHERE {PICKED}
                    ORDER BY decay.published_at DESC, post_id LIMIT 30
                    """
                ),
            ),
            kind="table",
            width=24,
            units={"published": "dateTimeAsIso", "engagements": "short"},
            links=("link",),
        ),
    ),
)
