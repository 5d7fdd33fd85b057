-- Some platforms tell what a post gathered without its ads, and not always what it gathered with them: then the former is
-- the best that is known of its counters. Otherwise as before.
CREATE OR REPLACE VIEW analytics.post_totals AS
WITH known AS (
    SELECT platform, account_id, post_id FROM analytics.engagement_by_post
    UNION SELECT platform, account_id, post_id FROM analytics.post_metrics
    UNION SELECT platform, account_id, post_id FROM analytics.posts
), counters AS (
    SELECT platform, account_id, post_id,
           coalesce(max(value) FILTER (WHERE metric = 'likes' AND scope = 'total'),
                    max(value) FILTER (WHERE metric = 'likes' AND scope = 'organic')) AS likes,
           coalesce(max(value) FILTER (WHERE metric = 'comments' AND scope = 'total'),
                    max(value) FILTER (WHERE metric = 'comments' AND scope = 'organic')) AS comments,
           coalesce(max(value) FILTER (WHERE metric = 'shares' AND scope = 'total'),
                    max(value) FILTER (WHERE metric = 'shares' AND scope = 'organic')) AS shares,
           coalesce(max(value) FILTER (WHERE metric = 'views' AND scope = 'total'),
                    max(value) FILTER (WHERE metric = 'views' AND scope = 'organic')) AS views,
           coalesce(max(value) FILTER (WHERE metric = 'reach' AND scope = 'total'),
                    max(value) FILTER (WHERE metric = 'reach' AND scope = 'organic')) AS reach
    FROM analytics.post_metrics
    WHERE scope IN ('total', 'organic')
    GROUP BY platform, account_id, post_id
), unsent AS (
    SELECT platform, array_agg(kind) AS kinds FROM pipeline.unsent_kinds GROUP BY platform
), best AS (
    SELECT known.*,
           coalesce(c.likes, e.net_likes) AS likes,
           coalesce(c.comments, e.net_comments) AS comments,
           coalesce(c.shares, e.net_shares) AS shares,
           CASE WHEN c.likes IS NOT NULL THEN 'platform' WHEN e.net_likes IS NOT NULL THEN 'events' END AS likes_source,
           CASE WHEN c.comments IS NOT NULL THEN 'platform' WHEN e.net_comments IS NOT NULL THEN 'events' END AS comments_source,
           CASE WHEN c.shares IS NOT NULL THEN 'platform' WHEN e.net_shares IS NOT NULL THEN 'events' END AS shares_source,
           c.views, c.reach,
           -- A post without a row of events had none that count.
           coalesce(e.net_likes + e.owner_likes, 0) AS seen_likes,
           coalesce(e.net_comments + e.owner_comments, 0) AS seen_comments,
           coalesce(e.net_shares + e.owner_shares, 0) AS seen_shares,
           p.published_at > a.connected_at AS is_seen_whole,
           coalesce(u.kinds, '{}') AS unsent,
           nullif(greatest(c.likes, 0), 0) AS told_likes,
           nullif(greatest(c.comments, 0), 0) AS told_comments,
           nullif(greatest(c.shares, 0), 0) AS told_shares
    FROM known
    LEFT JOIN analytics.engagement_by_post AS e USING (platform, account_id, post_id)
    LEFT JOIN counters AS c USING (platform, account_id, post_id)
    LEFT JOIN analytics.posts AS p USING (platform, account_id, post_id)
    LEFT JOIN analytics.accounts AS a USING (platform, account_id)
    LEFT JOIN unsent AS u USING (platform)
)
SELECT platform, account_id, post_id, likes, comments, shares, likes_source, comments_source, shares_source, views, reach,
       CASE WHEN num_nonnulls(likes, comments, shares) > 0
            THEN coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0) END AS engagements,
       CASE WHEN is_seen_whole AND 'likes' <> ALL (unsent)
            THEN seen_likes::double precision / told_likes END AS coverage_likes,
       CASE WHEN is_seen_whole AND 'comments' <> ALL (unsent)
            THEN seen_comments::double precision / told_comments END AS coverage_comments,
       CASE WHEN is_seen_whole AND 'shares' <> ALL (unsent)
            THEN seen_shares::double precision / told_shares END AS coverage_shares
FROM best;
COMMENT ON VIEW analytics.post_totals IS 'The best total of each kind for every known post: the platform''s counter if known, with ads if that is told, else our count.';
