-- Accounts, as configured, and the views in which apps read totals and rates: docs/semantics.md, section 4.
CREATE TABLE analytics.accounts (
    platform text NOT NULL,
    account_id text NOT NULL,
    brand text NOT NULL,
    name text NOT NULL,
    zone text NOT NULL,
    currency text NOT NULL,
    connected_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id)
);
COMMENT ON TABLE analytics.accounts IS 'Accounts, as the configuration names them.';
COMMENT ON COLUMN analytics.accounts.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.accounts.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.accounts.brand IS 'Brand that organic and paid are joined by.';
COMMENT ON COLUMN analytics.accounts.name IS 'Name to show.';
COMMENT ON COLUMN analytics.accounts.zone IS 'IANA time zone that decides the account''s days.';
COMMENT ON COLUMN analytics.accounts.currency IS 'ISO 4217 code.';
COMMENT ON COLUMN analytics.accounts.connected_at IS 'Since when its events are received.';

CREATE VIEW analytics.post_totals AS
WITH known AS (
    SELECT platform, account_id, post_id FROM analytics.engagement_by_post
    UNION SELECT platform, account_id, post_id FROM analytics.post_metrics
    UNION SELECT platform, account_id, post_id FROM analytics.posts
), counters AS (
    SELECT platform, account_id, post_id,
           max(value) FILTER (WHERE metric = 'likes') AS likes,
           max(value) FILTER (WHERE metric = 'comments') AS comments,
           max(value) FILTER (WHERE metric = 'shares') AS shares,
           max(value) FILTER (WHERE metric = 'views') AS views,
           max(value) FILTER (WHERE metric = 'reach') AS reach
    FROM analytics.post_metrics
    WHERE scope = 'total'
    GROUP BY platform, account_id, post_id
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
           CASE WHEN p.published_at > a.connected_at THEN nullif(greatest(c.likes, 0), 0) END AS covered_likes,
           CASE WHEN p.published_at > a.connected_at THEN nullif(greatest(c.comments, 0), 0) END AS covered_comments,
           CASE WHEN p.published_at > a.connected_at THEN nullif(greatest(c.shares, 0), 0) END AS covered_shares
    FROM known
    LEFT JOIN analytics.engagement_by_post AS e USING (platform, account_id, post_id)
    LEFT JOIN counters AS c USING (platform, account_id, post_id)
    LEFT JOIN analytics.posts AS p USING (platform, account_id, post_id)
    LEFT JOIN analytics.accounts AS a USING (platform, account_id)
)
SELECT platform, account_id, post_id, likes, comments, shares, likes_source, comments_source, shares_source, views, reach,
       CASE WHEN num_nonnulls(likes, comments, shares) > 0
            THEN coalesce(likes, 0) + coalesce(comments, 0) + coalesce(shares, 0) END AS engagements,
       seen_likes::double precision / covered_likes AS coverage_likes,
       seen_comments::double precision / covered_comments AS coverage_comments,
       seen_shares::double precision / covered_shares AS coverage_shares
FROM best;
COMMENT ON VIEW analytics.post_totals IS 'The best total of each kind for every known post: the platform''s counter if known, else our count.';
COMMENT ON COLUMN analytics.post_totals.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.post_totals.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.post_totals.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN analytics.post_totals.likes IS 'Reactions of every type; NULL if unknown.';
COMMENT ON COLUMN analytics.post_totals.comments IS 'Comments and replies; NULL if unknown.';
COMMENT ON COLUMN analytics.post_totals.shares IS 'Shares; NULL if unknown.';
COMMENT ON COLUMN analytics.post_totals.likes_source IS 'platform (its counter), events (our count) or NULL.';
COMMENT ON COLUMN analytics.post_totals.comments_source IS 'platform (its counter), events (our count) or NULL.';
COMMENT ON COLUMN analytics.post_totals.shares_source IS 'platform (its counter), events (our count) or NULL.';
COMMENT ON COLUMN analytics.post_totals.views IS 'The platform''s views; NULL if unknown.';
COMMENT ON COLUMN analytics.post_totals.reach IS 'The platform''s reach; NULL if unknown.';
COMMENT ON COLUMN analytics.post_totals.engagements IS 'likes + comments + shares, unknown parts as 0; NULL if all three are unknown.';
COMMENT ON COLUMN analytics.post_totals.coverage_likes IS 'Our likes, the owner''s included, divided by the counter; only for posts published after the account was connected.';
COMMENT ON COLUMN analytics.post_totals.coverage_comments IS 'The same for comments.';
COMMENT ON COLUMN analytics.post_totals.coverage_shares IS 'The same for shares.';

-- A day's own value, or the latest known one before it.
CREATE FUNCTION analytics.followers_at(of_platform text, of_account_id text, at_day date) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (
    SELECT m.value::double precision
    FROM analytics.account_metrics_day AS m
    WHERE m.platform = of_platform AND m.account_id = of_account_id AND m.metric = 'followers' AND m.scope = 'total'
      AND m.value IS NOT NULL AND m.day <= at_day
    ORDER BY m.day DESC
    LIMIT 1
);
GRANT EXECUTE ON FUNCTION analytics.followers_at TO engagement_writer, engagement_reader;
COMMENT ON FUNCTION analytics.followers_at IS 'Followers of an account as last known on a local day; NULL if never known by then.';

CREATE VIEW analytics.post_rates AS
WITH totals AS (
    SELECT t.*, p.format,
           analytics.followers_at(t.platform, t.account_id, (p.published_at AT TIME ZONE a.zone)::date) AS followers
    FROM analytics.post_totals AS t
    LEFT JOIN analytics.posts AS p USING (platform, account_id, post_id)
    LEFT JOIN analytics.accounts AS a USING (platform, account_id)
)
SELECT t.platform, t.account_id, t.post_id, d.definition,
       d.numerator::double precision AS numerator, d.denominator::double precision AS denominator, d.denominator_name,
       d.numerator::double precision / nullif(d.denominator::double precision, 0) * 100 AS rate
FROM totals AS t
CROSS JOIN LATERAL (VALUES
    ('O1', t.engagements, t.reach, 'reach'),
    ('O3', t.engagements, t.followers, 'followers'),
    ('O4', t.engagements, t.views, 'views'),
    ('O6', t.engagements, t.views, 'views'),
    ('O7', CASE WHEN t.engagements IS NOT NULL
                THEN 0.1 * coalesce(t.likes, 0) + 0.5 * coalesce(t.comments, 0) + 1.0 * coalesce(t.shares, 0) END,
           t.followers, 'followers'),
    ('O13A', t.shares, t.views, 'views'),
    ('O13C', t.engagements, t.views, 'views')
) AS d(definition, numerator, denominator, denominator_name)
WHERE d.definition <> 'O6' OR t.format = 'added_video';
COMMENT ON VIEW analytics.post_rates IS 'Rates of a post, one row a definition, in percent; docs/semantics.md names them.';
COMMENT ON COLUMN analytics.post_rates.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.post_rates.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.post_rates.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN analytics.post_rates.definition IS 'O1, O3, O4, O6 (videos only), O7, O13A or O13C.';
COMMENT ON COLUMN analytics.post_rates.numerator IS 'What is divided; NULL if unknown.';
COMMENT ON COLUMN analytics.post_rates.denominator IS 'What it is divided by; NULL if unknown.';
COMMENT ON COLUMN analytics.post_rates.denominator_name IS 'reach, views, or followers on the day of publication.';
COMMENT ON COLUMN analytics.post_rates.rate IS 'numerator / denominator * 100; NULL if the denominator is 0 or unknown.';

CREATE VIEW analytics.account_rates AS
WITH standing AS (
    SELECT t.*
    FROM analytics.post_totals AS t
    LEFT JOIN analytics.posts AS p USING (platform, account_id, post_id)
    WHERE p.deleted_at IS NULL
), sums AS (
    SELECT platform, account_id, count(*)::double precision AS posts,
           sum(likes)::double precision AS likes,
           sum(comments)::double precision AS comments,
           sum(shares)::double precision AS shares,
           sum(engagements::double precision / nullif(reach, 0) * 100) AS reach_rates,
           count(engagements::double precision / nullif(reach, 0)) AS rated_posts
    FROM standing
    GROUP BY platform, account_id
), accounts AS (
    SELECT a.platform, a.account_id, coalesce(s.posts, 0) AS posts, s.likes, s.comments, s.shares, s.reach_rates,
           coalesce(s.rated_posts, 0) AS rated_posts,
           analytics.followers_at(a.platform, a.account_id, 'infinity') AS followers
    FROM analytics.accounts AS a
    LEFT JOIN sums AS s USING (platform, account_id)
)
SELECT a.platform, a.account_id, d.definition, d.numerator, d.denominator, d.denominator_name,
       d.numerator / nullif(d.denominator, 0) * d.factor AS rate
FROM accounts AS a
CROSS JOIN LATERAL (VALUES
    ('O2', a.reach_rates, a.rated_posts, 'posts', 1),
    ('O8A', a.likes, a.posts, 'posts', 1),
    ('O9A', a.comments, a.posts, 'posts', 1),
    ('O10A', a.shares, a.posts, 'posts', 1),
    ('O8B', a.likes, a.followers, 'followers', 1),
    ('O9B', a.comments / nullif(a.posts, 0), a.followers, 'followers', 1),
    ('O10B', a.shares / nullif(a.posts, 0), a.followers, 'followers', 1),
    ('O11L', a.likes / nullif(a.posts, 0), a.followers, 'followers', 1000),
    ('O11C', a.comments / nullif(a.posts, 0), a.followers, 'followers', 1000),
    ('O11S', a.shares / nullif(a.posts, 0), a.followers, 'followers', 1000),
    ('O12L', a.likes, a.followers, 'followers', 100),
    ('O12C', a.comments, a.followers, 'followers', 100)
) AS d(definition, numerator, denominator, denominator_name, factor);
COMMENT ON VIEW analytics.account_rates IS 'Rates of a configured account over its standing posts, one row a definition; docs/semantics.md names them.';
COMMENT ON COLUMN analytics.account_rates.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.account_rates.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.account_rates.definition IS 'O2, O8A to O12C.';
COMMENT ON COLUMN analytics.account_rates.numerator IS 'What is divided; NULL if nothing of it is known.';
COMMENT ON COLUMN analytics.account_rates.denominator IS 'What it is divided by; NULL if unknown.';
COMMENT ON COLUMN analytics.account_rates.denominator_name IS 'posts, or followers as last known.';
COMMENT ON COLUMN analytics.account_rates.rate IS 'numerator / denominator, times 100 or 1000 where the definition says so; NULL if the denominator is 0 or unknown.';

CREATE VIEW analytics.account_rates_day AS
SELECT d.platform, d.account_id, d.day, 'O5' AS definition, d.numerator, d.denominator, 'followers' AS denominator_name,
       d.numerator / nullif(d.denominator, 0) * 100 AS rate
FROM (
    SELECT e.platform, e.account_id, e.day,
           (e.net_likes + e.net_comments + e.net_shares)::double precision AS numerator,
           analytics.followers_at(e.platform, e.account_id, e.day) AS denominator
    FROM analytics.engagement_by_account_day AS e
) AS d;
COMMENT ON VIEW analytics.account_rates_day IS 'Daily engagement rate of an account by followers (O5), in percent.';
COMMENT ON COLUMN analytics.account_rates_day.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.account_rates_day.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.account_rates_day.day IS 'Local date, in the account''s zone.';
COMMENT ON COLUMN analytics.account_rates_day.definition IS 'O5.';
COMMENT ON COLUMN analytics.account_rates_day.numerator IS 'Net likes, comments and shares of the day.';
COMMENT ON COLUMN analytics.account_rates_day.denominator IS 'Followers as last known on the day; NULL if unknown.';
COMMENT ON COLUMN analytics.account_rates_day.denominator_name IS 'followers.';
COMMENT ON COLUMN analytics.account_rates_day.rate IS 'numerator / denominator * 100; NULL if the denominator is 0 or unknown.';
