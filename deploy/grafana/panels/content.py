"""Which content works."""

from deploy.grafana.panel import Panel, Row, Sql
from deploy.grafana.relations import ACCOUNTS, PICKED, POST_RATES, POST_TOTALS, POSTS, REACTIONS

ROW = Row(
    "Content",
    (
        Panel(
            "Top posts",
            "The twenty posts with most engagements since they were published, deleted ones left out. "
            "Likes, comments and shares are the platform's counters where known, else counted events. "
            "Independent of the time picker.",
            "short",
            (
                Sql(
                    f"""
                    SELECT accounts.name AS account, posts.published_at AS published, posts.format,
                      totals.post_id AS post, totals.engagements, totals.likes, totals.comments,
                      totals.shares, totals.views, totals.reach, posts.permalink
                    FROM {POST_TOTALS} AS totals
                    JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    LEFT JOIN {POSTS} AS posts USING (platform, account_id, post_id)
                    WHERE {PICKED} AND posts.deleted_at IS NULL AND totals.engagements IS NOT NULL
                    ORDER BY totals.engagements DESC, totals.post_id LIMIT 20
                    """
                ),
            ),
            kind="table",
            width=16,
            height=12,
            units={"published": "dateTimeAsIso"},
        ),
        Panel(
            "Reactions by type",
            "Reactions on posts as they stand now, the page's own left out; a changed reaction counts as "
            "its newest type.",
            "short",
            (
                Sql(
                    f"""
                    SELECT reaction, sum(reactions)::bigint AS reactions
                    FROM {REACTIONS}
                    WHERE {PICKED}
                    GROUP BY reaction ORDER BY reactions DESC, reaction
                    """
                ),
            ),
            kind="ranking",
            height=12,
        ),
        Panel(
            "Engagement rate by account",
            "By reach (O1) and by followers at the time of the post (O3), in percent: sums over the posts "
            "that have the denominator, divided; rates are never averaged.",
            "short",
            (
                Sql(
                    f"""
                    SELECT accounts.name AS account,
                      count(*) FILTER (WHERE definition = 'O1') AS posts_with_reach,
                      100 * sum(numerator) FILTER (WHERE definition = 'O1')
                        / sum(denominator) FILTER (WHERE definition = 'O1') AS by_reach,
                      100 * sum(numerator) FILTER (WHERE definition = 'O3')
                        / sum(denominator) FILTER (WHERE definition = 'O3') AS by_followers
                    FROM {POST_RATES} JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    WHERE definition IN ('O1', 'O3') AND rate IS NOT NULL AND {PICKED}
                    GROUP BY 1 ORDER BY by_reach DESC NULLS LAST
                    """
                ),
            ),
            kind="table",
            width=12,
            units={"by_reach": "percent", "by_followers": "percent"},
        ),
        Panel(
            "Coverage by account",
            "Part of the platform's counters that was seen as events: counted events, the page's own "
            "included, over the counter, for posts published since the account was connected. Below 100 %: "
            "events were missed, or the platform sends none.",
            "percentunit",
            (
                Sql(
                    f"""
                    SELECT accounts.name AS account,
                      sum(coverage_likes * likes)
                        / sum(likes) FILTER (WHERE coverage_likes IS NOT NULL) AS likes,
                      sum(coverage_comments * comments)
                        / sum(comments) FILTER (WHERE coverage_comments IS NOT NULL) AS comments,
                      sum(coverage_shares * shares)
                        / sum(shares) FILTER (WHERE coverage_shares IS NOT NULL) AS shares
                    FROM {POST_TOTALS} JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    WHERE {PICKED} AND num_nonnulls(coverage_likes, coverage_comments, coverage_shares) > 0
                    GROUP BY 1 ORDER BY 1
                    """
                ),
            ),
            kind="table",
            width=12,
        ),
    ),
)
