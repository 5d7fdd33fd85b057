-- What is made of the tables for those who plan and answer: docs/semantics.md, sections 6 and 7. Views where a query is
-- quick, materialised views where it reads everything; the sink keeps the latter fresh through the function at the end.
CREATE TABLE pipeline.unsent_kinds (
    platform text NOT NULL,
    kind text NOT NULL,
    PRIMARY KEY (platform, kind)
);
GRANT SELECT ON pipeline.unsent_kinds TO engagement_writer, engagement_reader;
COMMENT ON TABLE pipeline.unsent_kinds IS 'Kinds of interaction that a platform never sends as events: nobody counts them, so that a count is NULL.';
COMMENT ON COLUMN pipeline.unsent_kinds.platform IS 'Platform, for instance instagram.';
COMMENT ON COLUMN pipeline.unsent_kinds.kind IS 'likes, comments, replies, shares, comment_reactions, follows or mentions.';

-- As before, but that nothing is known of the coverage of a kind that is never sent.
CREATE OR REPLACE VIEW analytics.post_totals AS
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
COMMENT ON COLUMN analytics.post_totals.coverage_likes IS 'Our likes, the owner''s included, divided by the counter; only for posts published after the account was connected, NULL where the platform never sends likes.';

-- -- Conversation and spikes -----------------------------------------------------------------------------------
CREATE VIEW analytics.response_times_by_account_day AS
WITH asked AS (
    SELECT c.platform, c.account_id, (c.asked_at AT TIME ZONE a.zone)::date AS day, c.needs_answer,
           extract(epoch FROM c.answered_at - c.asked_at)::double precision AS seconds
    FROM analytics.inbound_comments AS c
    JOIN analytics.accounts AS a USING (platform, account_id)
    WHERE NOT c.is_removed
), counted AS (
    SELECT platform, account_id, day,
           count(*) AS inbound,
           count(seconds) AS answered,
           count(*) FILTER (WHERE needs_answer) AS unanswered,
           count(*) FILTER (WHERE seconds <= 3600) AS within_1h,
           count(*) FILTER (WHERE seconds <= 14400) AS within_4h,
           count(*) FILTER (WHERE seconds <= 86400) AS within_24h,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median_seconds,
           percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds) AS p90_seconds,
           avg(seconds) AS mean_seconds
    FROM asked
    GROUP BY platform, account_id, day
)
SELECT *,
       answered::double precision / inbound AS answered_share,
       within_24h::double precision / inbound AS within_24h_share
FROM counted;
COMMENT ON VIEW analytics.response_times_by_account_day IS 'How fast an account answers the comments that were written on a local day and not removed (O15).';
COMMENT ON COLUMN analytics.response_times_by_account_day.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.response_times_by_account_day.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.response_times_by_account_day.day IS 'Local date, in the account''s zone, on which they were written.';
COMMENT ON COLUMN analytics.response_times_by_account_day.inbound IS 'Comments and replies of others; unit: one.';
COMMENT ON COLUMN analytics.response_times_by_account_day.answered IS 'Those of them that the account has answered; unit: one.';
COMMENT ON COLUMN analytics.response_times_by_account_day.unanswered IS 'Those that need an answer: not answered, not hidden; unit: one.';
COMMENT ON COLUMN analytics.response_times_by_account_day.within_1h IS 'Answered within 3600 seconds; unit: one.';
COMMENT ON COLUMN analytics.response_times_by_account_day.within_4h IS 'Answered within 14400 seconds; unit: one.';
COMMENT ON COLUMN analytics.response_times_by_account_day.within_24h IS 'Answered within 86400 seconds; unit: one.';
COMMENT ON COLUMN analytics.response_times_by_account_day.median_seconds IS 'Median of the seconds to the answer, over the answered; NULL without one (O15).';
COMMENT ON COLUMN analytics.response_times_by_account_day.p90_seconds IS 'Seconds within which nine of ten of the answered were answered; NULL without one (O15).';
COMMENT ON COLUMN analytics.response_times_by_account_day.mean_seconds IS 'Mean of the seconds to the answer, over the answered; NULL without one (O15).';
COMMENT ON COLUMN analytics.response_times_by_account_day.answered_share IS 'answered / inbound, 0 to 1.';
COMMENT ON COLUMN analytics.response_times_by_account_day.within_24h_share IS 'within_24h / inbound, 0 to 1 (O15).';

CREATE VIEW analytics.engagement_spikes AS
WITH placed AS (
    -- The same for all hours that adjoin.
    SELECT *, hour - interval '1 hour' * row_number() OVER (
               PARTITION BY platform, account_id, scope, subject ORDER BY hour) AS island
    FROM analytics.engagement_anomalies
), spikes AS (
    SELECT platform, account_id, scope, subject,
           min(hour) AS started_at, max(hour) AS last_hour, count(*) AS hours,
           max(z) AS peak_z, sum(engagements)::bigint AS engagements,
           (array_agg(severity ORDER BY z DESC))[1] AS severity
    FROM placed
    GROUP BY platform, account_id, scope, subject, island
)
SELECT s.platform, s.account_id, s.scope, s.subject, s.started_at,
       CASE WHEN s.last_hour < newest.hour THEN s.last_hour + interval '1 hour' END AS ended_at,
       s.hours, s.peak_z, s.engagements, s.severity
FROM spikes AS s
LEFT JOIN LATERAL (
    SELECT h.hour FROM analytics.engagement_by_account_hour AS h
    WHERE h.platform = s.platform AND h.account_id = s.account_id
    ORDER BY h.hour DESC LIMIT 1
) AS newest ON true;
COMMENT ON VIEW analytics.engagement_spikes IS 'Adjoining unusual hours of an account or a post as one spike (O29).';
COMMENT ON COLUMN analytics.engagement_spikes.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.engagement_spikes.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.engagement_spikes.scope IS 'account or post.';
COMMENT ON COLUMN analytics.engagement_spikes.subject IS 'The account id or the post id.';
COMMENT ON COLUMN analytics.engagement_spikes.started_at IS 'Start of its first UTC hour.';
COMMENT ON COLUMN analytics.engagement_spikes.ended_at IS 'End of its last UTC hour; NULL while that is the account''s newest hour with engagement.';
COMMENT ON COLUMN analytics.engagement_spikes.hours IS 'How many hours it lasts; unit: hours.';
COMMENT ON COLUMN analytics.engagement_spikes.peak_z IS 'Greatest robust z of its hours; no unit (O29).';
COMMENT ON COLUMN analytics.engagement_spikes.engagements IS 'Likes, comments and shares added in its hours; unit: one.';
COMMENT ON COLUMN analytics.engagement_spikes.severity IS 'Severity of the peak: notable, high or extreme.';

-- -- Content ---------------------------------------------------------------------------------------------------
CREATE VIEW pipeline.published_posts AS
SELECT p.platform, p.account_id, p.post_id, p.format, p.text_length, p.hashtags, p.mentions, p.links,
       extract(isodow FROM p.published_at AT TIME ZONE a.zone)::integer AS weekday,
       extract(hour FROM p.published_at AT TIME ZONE a.zone)::integer AS hour,
       p.published_at, p.permalink, a.connected_at
FROM analytics.posts AS p
JOIN analytics.accounts AS a USING (platform, account_id)
WHERE p.published_at IS NOT NULL AND p.deleted_at IS NULL AND p.is_published IS NOT FALSE;
COMMENT ON VIEW pipeline.published_posts IS 'Posts that stand, with the local time of their publication: what the views about content are made of.';
COMMENT ON COLUMN pipeline.published_posts.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN pipeline.published_posts.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN pipeline.published_posts.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN pipeline.published_posts.format IS 'The platform''s kind of post; NULL if unknown.';
COMMENT ON COLUMN pipeline.published_posts.text_length IS 'Characters of its text.';
COMMENT ON COLUMN pipeline.published_posts.hashtags IS 'Hashtags in its text.';
COMMENT ON COLUMN pipeline.published_posts.mentions IS 'Mentions in its text.';
COMMENT ON COLUMN pipeline.published_posts.links IS 'Links in its text.';
COMMENT ON COLUMN pipeline.published_posts.weekday IS '1 (Monday) to 7, in the account''s zone.';
COMMENT ON COLUMN pipeline.published_posts.hour IS '0 to 23, in the account''s zone.';
COMMENT ON COLUMN pipeline.published_posts.published_at IS 'When it was published.';
COMMENT ON COLUMN pipeline.published_posts.permalink IS 'Address of the post.';
COMMENT ON COLUMN pipeline.published_posts.connected_at IS 'Since when the account''s events are received.';

CREATE VIEW analytics.post_features AS
SELECT p.platform, p.account_id, p.post_id, p.format, p.text_length,
       cardinality(p.hashtags) AS hashtag_count, cardinality(p.mentions) AS mention_count,
       cardinality(p.links) AS link_count, p.weekday, p.hour, p.published_at, p.permalink, t.engagements
FROM pipeline.published_posts AS p
JOIN analytics.post_totals AS t USING (platform, account_id, post_id)
WHERE t.engagements IS NOT NULL;
COMMENT ON VIEW analytics.post_features IS 'One row a published post: what it is made of beside what it got, for models and for side-by-side comparison.';
COMMENT ON COLUMN analytics.post_features.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.post_features.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.post_features.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN analytics.post_features.format IS 'The platform''s kind of post; NULL if unknown.';
COMMENT ON COLUMN analytics.post_features.text_length IS 'Characters of its text; NULL if unknown.';
COMMENT ON COLUMN analytics.post_features.hashtag_count IS 'Hashtags in its text, repeated ones too; unit: one.';
COMMENT ON COLUMN analytics.post_features.mention_count IS 'Mentions in its text, repeated ones too; unit: one.';
COMMENT ON COLUMN analytics.post_features.link_count IS 'Links in its text, repeated ones too; unit: one.';
COMMENT ON COLUMN analytics.post_features.weekday IS 'Weekday of publication, 1 (Monday) to 7, in the account''s zone.';
COMMENT ON COLUMN analytics.post_features.hour IS 'Hour of publication, 0 to 23, in the account''s zone.';
COMMENT ON COLUMN analytics.post_features.published_at IS 'When it was published.';
COMMENT ON COLUMN analytics.post_features.permalink IS 'Address of the post; NULL if unknown.';
COMMENT ON COLUMN analytics.post_features.engagements IS 'Likes, comments and shares, as in post_totals; unit: one.';

CREATE MATERIALIZED VIEW analytics.content_performance AS
WITH judged AS (
    SELECT p.platform, p.account_id, p.format, p.hashtags, p.weekday, p.hour, t.engagements,
           t.engagements::double precision / nullif(t.reach, 0) * 100 AS rate
    FROM pipeline.published_posts AS p
    JOIN analytics.post_totals AS t USING (platform, account_id, post_id)
    WHERE t.engagements IS NOT NULL
), grouped AS (
    SELECT platform, account_id, 'format' AS dimension, coalesce(format, 'unknown') AS value, engagements, rate
    FROM judged
    UNION ALL
    SELECT j.platform, j.account_id, 'hashtag', tag.name, j.engagements, j.rate
    FROM judged AS j CROSS JOIN LATERAL (SELECT DISTINCT unnest(j.hashtags) AS name) AS tag
    UNION ALL
    SELECT platform, account_id, 'weekday_hour', weekday || ' ' || lpad(hour::text, 2, '0'), engagements, rate
    FROM judged
), usual AS (
    SELECT platform, account_id,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY engagements) AS engagements,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY rate) AS rate
    FROM judged
    GROUP BY platform, account_id
), measured AS (
    SELECT platform, account_id, dimension, value,
           count(*) AS posts, sum(engagements)::bigint AS engagements,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY engagements) AS median_engagements,
           count(rate) AS rated_posts,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY rate) AS median_rate
    FROM grouped
    GROUP BY platform, account_id, dimension, value
)
SELECT m.platform, m.account_id, m.dimension, m.value, m.posts, m.engagements,
       m.median_engagements, u.engagements AS account_median_engagements,
       m.median_engagements / nullif(u.engagements, 0) AS lift,
       m.rated_posts, m.median_rate, u.rate AS account_median_rate,
       m.median_rate / nullif(u.rate, 0) AS rate_lift
FROM measured AS m
JOIN usual AS u USING (platform, account_id);
CREATE UNIQUE INDEX content_performance_key ON analytics.content_performance (platform, account_id, dimension, value);
COMMENT ON MATERIALIZED VIEW analytics.content_performance IS 'What works: posts by format, hashtag, and local weekday and hour, against all posts of the account (O26).';
COMMENT ON COLUMN analytics.content_performance.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.content_performance.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.content_performance.dimension IS 'format, hashtag or weekday_hour.';
COMMENT ON COLUMN analytics.content_performance.value IS 'The format (unknown if it is), the hashtag without its sign, or weekday and hour: 1 09 is Monday from 9.';
COMMENT ON COLUMN analytics.content_performance.posts IS 'Posts in the group; a post with three hashtags is in three groups; unit: one.';
COMMENT ON COLUMN analytics.content_performance.engagements IS 'Sum of their engagements, as in post_totals; unit: one.';
COMMENT ON COLUMN analytics.content_performance.median_engagements IS 'Median of their engagements; unit: one.';
COMMENT ON COLUMN analytics.content_performance.account_median_engagements IS 'Median over all posts of the account; unit: one.';
COMMENT ON COLUMN analytics.content_performance.lift IS 'Ratio of the two medians, 1 is usual; NULL if the account''s is 0 (O26).';
COMMENT ON COLUMN analytics.content_performance.rated_posts IS 'Posts of the group whose reach is known and not 0; unit: one.';
COMMENT ON COLUMN analytics.content_performance.median_rate IS 'Median of their engagement rates by reach (O1), in percent; NULL without one.';
COMMENT ON COLUMN analytics.content_performance.account_median_rate IS 'Median of the rates (O1) over all posts of the account, in percent; NULL without one.';
COMMENT ON COLUMN analytics.content_performance.rate_lift IS 'Ratio of the two rates, 1 is usual; NULL if either is unknown or the account''s is 0 (O26).';

CREATE VIEW analytics.best_times_to_post AS
WITH slots AS (
    SELECT platform, account_id, split_part(value, ' ', 1)::integer AS weekday, split_part(value, ' ', 2)::integer AS hour,
           posts, engagements::double precision / posts AS mean_engagements, median_engagements, lift,
           posts >= 10 AS has_enough_posts
    FROM analytics.content_performance
    WHERE dimension = 'weekday_hour'
)
SELECT *,
       CASE WHEN has_enough_posts
            THEN row_number() OVER (PARTITION BY platform, account_id, has_enough_posts
                                    ORDER BY mean_engagements DESC, weekday, hour) END AS rank
FROM slots;
COMMENT ON VIEW analytics.best_times_to_post IS 'Which local weekday and hour of publication got most (O24).';
COMMENT ON COLUMN analytics.best_times_to_post.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.best_times_to_post.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.best_times_to_post.weekday IS '1 (Monday) to 7, in the account''s zone.';
COMMENT ON COLUMN analytics.best_times_to_post.hour IS '0 to 23, in the account''s zone.';
COMMENT ON COLUMN analytics.best_times_to_post.posts IS 'Posts published in that hour of the week; unit: one.';
COMMENT ON COLUMN analytics.best_times_to_post.mean_engagements IS 'Mean of their engagements; unit: one (O24).';
COMMENT ON COLUMN analytics.best_times_to_post.median_engagements IS 'Median of their engagements; unit: one.';
COMMENT ON COLUMN analytics.best_times_to_post.lift IS 'That median divided by the account''s, 1 is usual; NULL if the account''s is 0 (O26).';
COMMENT ON COLUMN analytics.best_times_to_post.has_enough_posts IS 'At least 10: fewer say nothing about the hour.';
COMMENT ON COLUMN analytics.best_times_to_post.rank IS '1 is the best by mean_engagements, of those with enough posts; NULL for the others (O24).';

CREATE MATERIALIZED VIEW analytics.engagement_decay AS
WITH newest AS (
    -- A partition is a UTC day; one may be empty.
    SELECT part.starts_at AS day
    FROM pipeline.partitions AS part
    CROSS JOIN LATERAL (
        SELECT FROM analytics.engagement_by_post_minute AS m
        WHERE m.minute >= part.starts_at AND m.minute < part.ends_at LIMIT 1
    ) AS held
    WHERE part.table_name = 'engagement_by_post_minute'
    ORDER BY part.starts_at DESC LIMIT 1
), reached AS (
    SELECT p.platform, p.account_id, p.post_id, p.published_at,
           coalesce(sum(m.net) FILTER (WHERE m.minute < p.published_at + interval '1 hour'), 0)::bigint AS engagements_1h,
           coalesce(sum(m.net) FILTER (WHERE m.minute < p.published_at + interval '24 hours'), 0)::bigint AS engagements_24h,
           coalesce(sum(m.net) FILTER (WHERE m.minute < p.published_at + interval '168 hours'), 0)::bigint AS engagements_7d,
           coalesce(sum(m.net), 0)::bigint AS engagements
    FROM pipeline.published_posts AS p
    JOIN newest ON p.published_at >= newest.day - interval '192 hours'
    LEFT JOIN LATERAL (
        SELECT of_post.minute, coalesce(of_post.net_likes, 0) + coalesce(of_post.net_comments, 0) + coalesce(of_post.net_shares, 0) AS net
        FROM analytics.engagement_by_post_minute AS of_post
        WHERE of_post.platform = p.platform AND of_post.account_id = p.account_id AND of_post.post_id = p.post_id
    ) AS m ON true
    WHERE p.published_at > p.connected_at
    GROUP BY p.platform, p.account_id, p.post_id, p.published_at
)
SELECT *,
       engagements_1h::double precision / nullif(engagements, 0) AS share_1h,
       engagements_24h::double precision / nullif(engagements, 0) AS share_24h,
       engagements_7d::double precision / nullif(engagements, 0) AS share_7d
FROM reached;
CREATE UNIQUE INDEX engagement_decay_key ON analytics.engagement_decay (platform, account_id, post_id);
COMMENT ON MATERIALIZED VIEW analytics.engagement_decay IS 'How soon a post of the last 8 days got what it has (O25).';
COMMENT ON COLUMN analytics.engagement_decay.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.engagement_decay.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.engagement_decay.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN analytics.engagement_decay.published_at IS 'When it was published.';
COMMENT ON COLUMN analytics.engagement_decay.engagements_1h IS 'Net likes, comments and shares, as far as the platform sends them, of its first hour; unit: one.';
COMMENT ON COLUMN analytics.engagement_decay.engagements_24h IS 'The same of its first 24 hours; unit: one.';
COMMENT ON COLUMN analytics.engagement_decay.engagements_7d IS 'The same of its first 168 hours; unit: one.';
COMMENT ON COLUMN analytics.engagement_decay.engagements IS 'The same of all its minutes until now; unit: one.';
COMMENT ON COLUMN analytics.engagement_decay.share_1h IS 'engagements_1h / engagements; NULL if that is 0 (O25).';
COMMENT ON COLUMN analytics.engagement_decay.share_24h IS 'engagements_24h / engagements; NULL if that is 0 (O25).';
COMMENT ON COLUMN analytics.engagement_decay.share_7d IS 'engagements_7d / engagements; NULL if that is 0 (O25).';

-- -- People ----------------------------------------------------------------------------------------------------
CREATE MATERIALIZED VIEW analytics.community_cohorts AS
WITH members AS (
    SELECT platform, account_id, active_weeks,
           date_trunc('week', first_seen_day::timestamp)::date AS cohort_week,
           max(date_trunc('week', last_seen_day::timestamp)::date) OVER (PARTITION BY platform, account_id) AS newest_week
    FROM analytics.community_members
), counted AS (
    SELECT m.platform, m.account_id, m.cohort_week, k.week,
           count(*) AS members, count(*) FILTER (WHERE (m.active_weeks >> k.week) & 1 = 1) AS active
    FROM members AS m
    CROSS JOIN LATERAL generate_series(0, least(63, (m.newest_week - m.cohort_week) / 7)) AS k(week)
    GROUP BY m.platform, m.account_id, m.cohort_week, k.week
)
SELECT *, active::double precision / members AS retention FROM counted;
CREATE UNIQUE INDEX community_cohorts_key ON analytics.community_cohorts (platform, account_id, cohort_week, week);
COMMENT ON MATERIALIZED VIEW analytics.community_cohorts IS 'Who stays: people by the week of their first engagement, and how many are active in each week after it (O18).';
COMMENT ON COLUMN analytics.community_cohorts.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.community_cohorts.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.community_cohorts.cohort_week IS 'Monday of the ISO week of their first engagement, in the account''s zone.';
COMMENT ON COLUMN analytics.community_cohorts.week IS 'Weeks after that one: 0 is the same, 63 the last that is kept.';
COMMENT ON COLUMN analytics.community_cohorts.members IS 'People of the cohort; unit: one.';
COMMENT ON COLUMN analytics.community_cohorts.active IS 'Those of them active in that week; unit: one.';
COMMENT ON COLUMN analytics.community_cohorts.retention IS 'active / members, 0 to 1 (O18).';

CREATE MATERIALIZED VIEW analytics.community_rfm AS
WITH weighed AS (
    SELECT platform, account_id, actor_id, last_seen_day, active_days,
           coalesce(reactions, 0) + coalesce(comment_reactions, 0) + coalesce(follows, 0) + 3 * coalesce(comments, 0)
               + 7 * (coalesce(shares, 0) + coalesce(mentions, 0)) AS commitment
    FROM analytics.community_members
), placed AS (
    SELECT platform, account_id, actor_id,
           ntile(5) OVER (PARTITION BY platform, account_id ORDER BY last_seen_day, actor_id COLLATE "C") AS recency,
           ntile(5) OVER (PARTITION BY platform, account_id ORDER BY active_days, actor_id COLLATE "C") AS frequency,
           ntile(5) OVER (PARTITION BY platform, account_id ORDER BY commitment, actor_id COLLATE "C") AS value,
           commitment
    FROM weighed
)
SELECT *,
       CASE WHEN recency >= 4 AND frequency >= 4 AND value >= 4 THEN 'champion'
            WHEN frequency >= 4 THEN 'loyal'
            WHEN recency >= 4 THEN 'recent'
            WHEN recency <= 2 AND frequency >= 3 THEN 'at_risk'
            WHEN recency <= 2 THEN 'asleep'
            ELSE 'regular' END AS segment
FROM placed;
CREATE UNIQUE INDEX community_rfm_key ON analytics.community_rfm (platform, account_id, actor_id);
COMMENT ON MATERIALIZED VIEW analytics.community_rfm IS 'People of an account by how recently, how often and how much they engage, in fifths (O19).';
COMMENT ON COLUMN analytics.community_rfm.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.community_rfm.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.community_rfm.actor_id IS 'Pseudonym of the person.';
COMMENT ON COLUMN analytics.community_rfm.recency IS 'Fifth of the account''s people by last_seen_day; 5 engaged last (O19).';
COMMENT ON COLUMN analytics.community_rfm.frequency IS 'Fifth by active_days; 5 comes most often (O19).';
COMMENT ON COLUMN analytics.community_rfm.value IS 'Fifth by commitment; 5 gives most (O19).';
COMMENT ON COLUMN analytics.community_rfm.commitment IS 'Reactions + comment_reactions + follows + 3 comments + 7 (shares + mentions) standing now, unknown ones as 0.';
COMMENT ON COLUMN analytics.community_rfm.segment IS 'champion, loyal, recent, at_risk, asleep or regular.';

CREATE VIEW analytics.community_health AS
SELECT c.platform, c.account_id, c.day, c.active_1d, c.active_7d, c.active_28d,
       c.new_engagers, c.returning_engagers, c.reactivated_engagers,
       c.exploring, c.participating, c.contributing, c.leading,
       c.joined, c.moved_up, c.held, c.moved_down, c.left_levels, c.commitment,
       people.number AS people,
       followers.on_day AS followers,
       followers.on_day - followers.day_before AS follower_growth_1d,
       followers.on_day - followers.month_before AS follower_growth_28d,
       (c.commitment - coalesce(earlier.commitment, 0))::double precision / nullif(people.number, 0) AS gravity_28d
FROM analytics.community_by_account_day AS c
LEFT JOIN analytics.community_by_account_day AS earlier
    ON earlier.platform = c.platform AND earlier.account_id = c.account_id AND earlier.day = c.day - 28
CROSS JOIN LATERAL (SELECT c.exploring + c.participating + c.contributing + c.leading AS number) AS people
CROSS JOIN LATERAL (
    SELECT analytics.followers_at(c.platform, c.account_id, c.day)::bigint AS on_day,
           analytics.followers_at(c.platform, c.account_id, c.day - 1)::bigint AS day_before,
           analytics.followers_at(c.platform, c.account_id, c.day - 28)::bigint AS month_before
) AS followers;
COMMENT ON VIEW analytics.community_health IS 'The community of an account by local day: who is active, who moves between the levels, whether it draws in (O16, O17, O20, O22).';
COMMENT ON COLUMN analytics.community_health.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.community_health.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.community_health.day IS 'Local date, in the account''s zone.';
COMMENT ON COLUMN analytics.community_health.active_1d IS 'Distinct people active on the day (O16).';
COMMENT ON COLUMN analytics.community_health.active_7d IS 'Distinct people active on the 7 days that end with it (O16).';
COMMENT ON COLUMN analytics.community_health.active_28d IS 'Distinct people active on the 28 days that end with it (O16).';
COMMENT ON COLUMN analytics.community_health.new_engagers IS 'Those of active_1d whose first engagement lies in this day (O17).';
COMMENT ON COLUMN analytics.community_health.returning_engagers IS 'active_1d minus new_engagers (O17).';
COMMENT ON COLUMN analytics.community_health.reactivated_engagers IS 'Those of returning_engagers who were silent for more than 28 days before (O17).';
COMMENT ON COLUMN analytics.community_health.exploring IS 'People on levels 1 to 3 at the end of the day (O20).';
COMMENT ON COLUMN analytics.community_health.participating IS 'People on levels 4 to 6 at the end of the day (O20).';
COMMENT ON COLUMN analytics.community_health.contributing IS 'People on levels 7 to 9 at the end of the day (O20).';
COMMENT ON COLUMN analytics.community_health.leading IS 'People on levels 10 to 12 at the end of the day (O20).';
COMMENT ON COLUMN analytics.community_health.joined IS 'People on a level who were on none the day before.';
COMMENT ON COLUMN analytics.community_health.moved_up IS 'People on a higher level than the day before, where they were on one already.';
COMMENT ON COLUMN analytics.community_health.held IS 'People on the same level as the day before.';
COMMENT ON COLUMN analytics.community_health.moved_down IS 'People on a lower level than the day before, but on one.';
COMMENT ON COLUMN analytics.community_health.left_levels IS 'People on no level any more who were on one the day before.';
COMMENT ON COLUMN analytics.community_health.commitment IS 'Sum over the rings of weight (1, 4, 7, 10) squared times people.';
COMMENT ON COLUMN analytics.community_health.people IS 'People on any level at the end of the day.';
COMMENT ON COLUMN analytics.community_health.followers IS 'Followers as last known on the day; NULL if never known by then.';
COMMENT ON COLUMN analytics.community_health.follower_growth_1d IS 'followers minus those as known the day before; NULL if either is unknown.';
COMMENT ON COLUMN analytics.community_health.follower_growth_28d IS 'followers minus those as known 28 days before; NULL if either is unknown.';
COMMENT ON COLUMN analytics.community_health.gravity_28d IS '(commitment - commitment 28 days before) / people; NULL without people (O22).';

CREATE MATERIALIZED VIEW analytics.community_gravity_month AS
WITH months AS (
    SELECT DISTINCT ON (platform, account_id, month)
           platform, account_id, date_trunc('month', day::timestamp)::date AS month,
           exploring + participating + contributing + c.leading AS people, commitment
    FROM analytics.community_by_account_day AS c
    ORDER BY platform, account_id, month, day DESC
)
SELECT *,
       (commitment - first_value(commitment) OVER (PARTITION BY platform, account_id ORDER BY month))::double precision
           / nullif(people, 0) AS gravity
FROM months;
CREATE UNIQUE INDEX community_gravity_month_key ON analytics.community_gravity_month (platform, account_id, month);
COMMENT ON MATERIALIZED VIEW analytics.community_gravity_month IS 'What a person of the community has come to give since the account''s first month (O22).';
COMMENT ON COLUMN analytics.community_gravity_month.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.community_gravity_month.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.community_gravity_month.month IS 'First day of the month, in the account''s zone.';
COMMENT ON COLUMN analytics.community_gravity_month.people IS 'People on any level at the end of the month''s last day with a row.';
COMMENT ON COLUMN analytics.community_gravity_month.commitment IS 'Sum over the rings of weight (1, 4, 7, 10) squared times people, on that day.';
COMMENT ON COLUMN analytics.community_gravity_month.gravity IS '(commitment - that of the account''s first month) / people; NULL without people (O22).';

-- -- Keeping the materialised views fresh ----------------------------------------------------------------------
ALTER TABLE pipeline.freshness
    DROP CONSTRAINT freshness_kind_check,
    ADD CONSTRAINT freshness_kind_check CHECK (kind IN ('table', 'source', 'view')),
    ADD COLUMN refreshed_at timestamptz,
    ADD COLUMN inputs jsonb;
COMMENT ON TABLE pipeline.freshness IS 'How far a table, a materialised view or a source may be trusted.';
COMMENT ON COLUMN pipeline.freshness.kind IS 'table, view (materialised) or source.';
COMMENT ON COLUMN pipeline.freshness.name IS 'Name of the table or view, or id of the source.';
COMMENT ON COLUMN pipeline.freshness.newest_event_at IS 'Newest fact time folded when the table last got rows; of a view, the newest of its tables''.';
COMMENT ON COLUMN pipeline.freshness.applied_at IS 'When rows, or word of the source, were last applied; of a view, the latest of its tables'' that it contains.';
COMMENT ON COLUMN pipeline.freshness.refreshed_at IS 'When a view was last computed; it is not while its tables stay as they are.';
COMMENT ON COLUMN pipeline.freshness.inputs IS 'Of a view: applied_at of each table that it was computed from.';

CREATE VIEW pipeline.view_inputs AS
WITH RECURSIVE reads AS (
    SELECT c.relname AS view, c.oid AS relation
    FROM pg_class AS c WHERE c.relnamespace = 'analytics'::regnamespace AND c.relkind = 'm'
    UNION
    SELECT r.view, d.refobjid
    FROM reads AS r
    JOIN pg_rewrite AS w ON w.ev_class = r.relation
    JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
)
SELECT r.view::text AS view, c.relname::text AS table_name
FROM reads AS r
JOIN pg_class AS c ON c.oid = r.relation
WHERE c.relnamespace = 'analytics'::regnamespace AND c.relkind IN ('r', 'p');
COMMENT ON VIEW pipeline.view_inputs IS 'Which tables a materialised view is computed from, through whatever views; not through functions.';
COMMENT ON COLUMN pipeline.view_inputs.view IS 'Materialised view of analytics.';
COMMENT ON COLUMN pipeline.view_inputs.table_name IS 'Table of analytics.';
GRANT SELECT ON pipeline.view_inputs TO engagement_writer, engagement_reader;

CREATE FUNCTION pipeline.refresh_view(wanted text, always boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '60s'
AS $$
DECLARE
    known jsonb;
    newest timestamptz;
    applied timestamptz;
BEGIN
    -- One at a time: who comes second sees what the first has done.
    PERFORM pg_advisory_xact_lock(hashtext('pipeline.refresh_view'));
    -- Read before the rows are: what is applied meanwhile may be in already, and is computed once more.
    SELECT coalesce(jsonb_object_agg(f.name, f.applied_at), '{}'), max(f.newest_event_at), max(f.applied_at)
        INTO known, newest, applied
        FROM pipeline.freshness AS f
        JOIN pipeline.view_inputs AS i ON i.view = wanted AND i.table_name = f.name
        WHERE f.kind = 'table';
    IF NOT always AND EXISTS (
        SELECT FROM pipeline.freshness AS f WHERE f.kind = 'view' AND f.name = wanted AND f.inputs = known
    ) THEN
        RETURN false;
    END IF;
    EXECUTE format('REFRESH MATERIALIZED VIEW CONCURRENTLY analytics.%I', wanted);
    INSERT INTO pipeline.freshness AS held (kind, name, newest_event_at, applied_at, refreshed_at, inputs)
        VALUES ('view', wanted, newest, coalesce(applied, now()), clock_timestamp(), known)
        ON CONFLICT (kind, name) DO UPDATE SET newest_event_at = excluded.newest_event_at,
            applied_at = excluded.applied_at, refreshed_at = excluded.refreshed_at, inputs = excluded.inputs;
    RETURN true;
END
$$;
COMMENT ON FUNCTION pipeline.refresh_view IS 'Computes a materialised view anew, always or if one of its tables got rows; answers whether it did. Readers go on meanwhile.';
GRANT EXECUTE ON FUNCTION pipeline.refresh_view TO engagement_writer;
