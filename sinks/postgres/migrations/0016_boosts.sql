-- What boosting does to a post, and which post to boost: docs/semantics.md, section 14.

-- -- What both are made of -------------------------------------------------------------------------------------
CREATE VIEW pipeline.post_ages AS
WITH newest AS (
    SELECT a.platform, a.account_id, last_row.hour
    FROM analytics.accounts AS a
    CROSS JOIN LATERAL (
        SELECT h.hour FROM analytics.engagement_by_account_hour AS h
        WHERE h.platform = a.platform AND h.account_id = a.account_id
        ORDER BY h.hour DESC LIMIT 1
    ) AS last_row
), promoted AS (
    SELECT DISTINCT e.post_platform, e.post_account_id, e.post_id
    FROM analytics.ad_entities AS e
    WHERE e.kind = 'ad' AND e.post_platform IS NOT NULL AND e.post_account_id IS NOT NULL AND e.post_id IS NOT NULL
)
SELECT p.platform, p.account_id, p.post_id, p.published_at, begun.hour AS published_hour,
       (extract(epoch FROM n.hour - begun.hour) / 3600)::integer AS hours_over,
       p.published_at > p.connected_at AS is_seen_whole,
       ads.post_id IS NOT NULL AS is_promoted
FROM pipeline.published_posts AS p
JOIN newest AS n USING (platform, account_id)
CROSS JOIN LATERAL (SELECT date_trunc('hour', p.published_at, 'UTC') AS hour) AS begun
LEFT JOIN promoted AS ads
    ON (ads.post_platform, ads.post_account_id, ads.post_id) = (p.platform, p.account_id, p.post_id);
COMMENT ON VIEW pipeline.post_ages IS 'Posts that stand, with how old they are in hours of engagement: what the views about boosts are made of.';
COMMENT ON COLUMN pipeline.post_ages.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN pipeline.post_ages.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN pipeline.post_ages.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN pipeline.post_ages.published_at IS 'When it was published.';
COMMENT ON COLUMN pipeline.post_ages.published_hour IS 'Start of the UTC hour of its publication, whose age is 0.';
COMMENT ON COLUMN pipeline.post_ages.hours_over IS 'Hours from that one to the account''s newest hour with engagement, which may go on; unit: hours.';
COMMENT ON COLUMN pipeline.post_ages.is_seen_whole IS 'Whether the account was connected when it was published: of an earlier post the first hours are unknown.';
COMMENT ON COLUMN pipeline.post_ages.is_promoted IS 'Whether any ad promotes it, whatever it spent.';

CREATE VIEW pipeline.boost_days AS
SELECT p.platform, p.account_id, p.post_id, p.published_at, p.published_hour, p.hours_over, p.is_seen_whole,
       span.starts_at, span.ends_at, f.currency, f.spend_micros,
       CASE WHEN 'likes' = ANY (u.kinds) THEN 0 ELSE f.reactions END
           + CASE WHEN 'comments' = ANY (u.kinds) THEN 0 ELSE f.comments END
           + CASE WHEN 'shares' = ANY (u.kinds) THEN 0 ELSE f.shares END AS paid
FROM analytics.ad_entities AS e
JOIN analytics.ad_facts AS f
    ON (f.brand, f.platform, f.ad_account_id, f.level, f.entity_id, f.breakdown)
     = (e.brand, e.platform, e.ad_account_id, 'ad', e.entity_id, '')
CROSS JOIN LATERAL (
    SELECT f.day::timestamp AT TIME ZONE f.zone AS starts_at, (f.day + 1)::timestamp AT TIME ZONE f.zone AS ends_at
) AS span
JOIN pipeline.post_ages AS p
    ON (p.platform, p.account_id, p.post_id) = (e.post_platform, e.post_account_id, e.post_id)
LEFT JOIN (SELECT platform, array_agg(kind) AS kinds FROM pipeline.unsent_kinds GROUP BY platform) AS u
    ON u.platform = p.platform
WHERE e.kind = 'ad' AND f.day IS NOT NULL AND f.spend_micros > 0
  AND span.ends_at > p.published_hour
  AND span.starts_at < p.published_hour + interval '1 hour' * least(p.hours_over, 672);
COMMENT ON VIEW pipeline.boost_days IS 'The days on which ads of a post that stands cost something, within the 672 hours after its publication and as far as its hours are over.';
COMMENT ON COLUMN pipeline.boost_days.platform IS 'Platform of the post.';
COMMENT ON COLUMN pipeline.boost_days.account_id IS 'Its account.';
COMMENT ON COLUMN pipeline.boost_days.post_id IS 'The post.';
COMMENT ON COLUMN pipeline.boost_days.published_at IS 'When it was published.';
COMMENT ON COLUMN pipeline.boost_days.published_hour IS 'Start of the UTC hour of its publication.';
COMMENT ON COLUMN pipeline.boost_days.hours_over IS 'As in post_ages; unit: hours.';
COMMENT ON COLUMN pipeline.boost_days.is_seen_whole IS 'As in post_ages.';
COMMENT ON COLUMN pipeline.boost_days.starts_at IS 'Start of the local day of the ad account.';
COMMENT ON COLUMN pipeline.boost_days.ends_at IS 'Its end.';
COMMENT ON COLUMN pipeline.boost_days.currency IS 'Currency of the ad account, ISO 4217.';
COMMENT ON COLUMN pipeline.boost_days.spend_micros IS 'Spent by one ad on that day, in millionths of the currency.';
COMMENT ON COLUMN pipeline.boost_days.paid IS 'Reactions, comments and shares that the platform counts for it, as far as it sends such events of posts; unit: one.';

CREATE VIEW pipeline.post_curves AS
SELECT p.platform, p.account_id, p.post_id, p.published_at, p.hours_over, p.is_promoted, curve.reached
FROM pipeline.post_ages AS p
CROSS JOIN LATERAL (
    -- One post after the other: each asks for its own hours by the table's key, and sums them once.
    SELECT array_agg(running.reached ORDER BY running.age) AS reached
    FROM (
        SELECT ages.age, sum(coalesce(seen.engagements, 0)) OVER (ORDER BY ages.age)::bigint AS reached
        FROM generate_series(0, least(p.hours_over, 672) - 1) AS ages (age)
        LEFT JOIN (
            SELECT (extract(epoch FROM h.hour - p.published_hour) / 3600)::integer AS age,
                   coalesce(h.net_likes, 0) + coalesce(h.net_comments, 0) + coalesce(h.net_shares, 0) AS engagements
            FROM analytics.engagement_by_post_hour AS h
            WHERE h.platform = p.platform AND h.account_id = p.account_id AND h.post_id = p.post_id
              AND h.hour >= p.published_hour AND h.hour < p.published_hour + interval '672 hours'
        ) AS seen USING (age)
    ) AS running
) AS curve
WHERE p.is_seen_whole AND p.hours_over > 0;
COMMENT ON VIEW pipeline.post_curves IS 'Running sums of a post''s engagement by its age in hours, of posts whose account was connected when they were published.';
COMMENT ON COLUMN pipeline.post_curves.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN pipeline.post_curves.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN pipeline.post_curves.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN pipeline.post_curves.published_at IS 'When it was published.';
COMMENT ON COLUMN pipeline.post_curves.hours_over IS 'As in post_ages; unit: hours.';
COMMENT ON COLUMN pipeline.post_curves.is_promoted IS 'As in post_ages.';
COMMENT ON COLUMN pipeline.post_curves.reached IS 'Element a: net likes, comments and shares in the a hours from that of the publication, as far as the platform sends them; at most 672, and none that is not over.';

-- -- Halo ------------------------------------------------------------------------------------------------------
CREATE MATERIALIZED VIEW analytics.paid_halo AS
SELECT halo.*
FROM analytics.accounts AS a
-- One account after the other: posts are compared with posts of their own account alone.
CROSS JOIN LATERAL (
    WITH boosts AS MATERIALIZED (
        SELECT platform, account_id, post_id, published_at, min(starts_at) AS boosted_from,
               max(ends_at) AS boosted_until,
               greatest(ceil(extract(epoch FROM min(starts_at) - published_hour) / 3600), 0)::integer AS hours_before,
               least(ceil(extract(epoch FROM max(ends_at) - published_hour) / 3600), hours_over, 672)::integer
                   AS hours_until,
               sum(paid)::bigint AS paid,
               CASE WHEN count(DISTINCT currency) = 1 THEN sum(spend_micros)::bigint END AS spend_micros,
               CASE WHEN count(DISTINCT currency) = 1 THEN min(currency) END AS currency
        FROM pipeline.boost_days
        WHERE platform = a.platform AND account_id = a.account_id AND is_seen_whole
        GROUP BY platform, account_id, post_id, published_at, published_hour, hours_over
    ), span AS MATERIALIZED (
        SELECT min(published_at) - interval '672 hours' AS earliest, max(published_at) + interval '672 hours' AS latest
        FROM boosts
    ), curves AS MATERIALIZED (
        SELECT c.* FROM pipeline.post_curves AS c
        WHERE c.platform = a.platform AND c.account_id = a.account_id
          AND c.published_at BETWEEN (SELECT earliest FROM span) AND (SELECT latest FROM span)
    ), measured AS MATERIALIZED (
        SELECT b.*, s.before, s.reached - s.before AS total, greatest(s.reached - s.before - b.paid, 0) AS organic
        FROM boosts AS b
        JOIN curves AS c USING (post_id)
        -- There is no element 0: nothing is reached in no time.
        CROSS JOIN LATERAL (
            SELECT coalesce(c.reached[b.hours_before], 0) AS before, c.reached[b.hours_until] AS reached
        ) AS s
        WHERE b.hours_until > b.hours_before
    ), pairs AS MATERIALIZED (
        SELECT m.post_id, s.reached - s.before AS gained, s.before
        FROM measured AS m
        JOIN curves AS c
            ON NOT c.is_promoted AND c.hours_over >= m.hours_until
            AND c.published_at BETWEEN m.published_at - interval '672 hours' AND m.published_at + interval '672 hours'
        CROSS JOIN LATERAL (
            SELECT coalesce(c.reached[m.hours_before], 0) AS before, c.reached[m.hours_until] AS reached
        ) AS s
    ), compared AS MATERIALIZED (
        SELECT post_id, count(*) AS siblings, count(*) FILTER (WHERE before > 0) AS curves,
               percentile_cont(ARRAY[0.1, 0.5, 0.9]) WITHIN GROUP (ORDER BY gained) AS gains,
               percentile_cont(ARRAY[0.1, 0.5, 0.9]) WITHIN GROUP (ORDER BY gained::double precision / before)
                   FILTER (WHERE before > 0) AS ratios
        FROM pairs
        GROUP BY post_id
    ), expected AS (
        SELECT m.*, coalesce(c.siblings, 0) AS siblings, coalesce(c.curves, 0) AS curves,
               CASE WHEN m.before > 0 AND c.curves >= 5 THEN c.ratios END AS ratios,
               CASE WHEN c.siblings >= 5 THEN c.gains END AS gains
        FROM measured AS m
        LEFT JOIN compared AS c USING (post_id)
    )
    SELECT platform, account_id, post_id, boosted_from, boosted_until, hours_before,
           hours_until - hours_before AS hours, spend_micros, currency, before, total, paid, organic, siblings, curves,
           before * ratios[2] AS expected_by_curve, organic - before * ratios[2] AS halo_by_curve,
           organic - before * ratios[3] AS halo_by_curve_least, organic - before * ratios[1] AS halo_by_curve_most,
           gains[2] AS expected_by_siblings, organic - gains[2] AS halo_by_siblings,
           organic - gains[3] AS halo_by_siblings_least, organic - gains[1] AS halo_by_siblings_most,
           'observational' AS evidence
    FROM expected
) AS halo;
CREATE UNIQUE INDEX paid_halo_key ON analytics.paid_halo (platform, account_id, post_id);
COMMENT ON MATERIALIZED VIEW analytics.paid_halo IS 'What a boosted post got by itself while it was boosted, against what posts of its account get that nobody boosts (O25).';
COMMENT ON COLUMN analytics.paid_halo.platform IS 'Platform of the post.';
COMMENT ON COLUMN analytics.paid_halo.account_id IS 'Its account.';
COMMENT ON COLUMN analytics.paid_halo.post_id IS 'The post.';
COMMENT ON COLUMN analytics.paid_halo.boosted_from IS 'Start of the first local day, in the ad account''s zone, on which an ad of it cost something.';
COMMENT ON COLUMN analytics.paid_halo.boosted_until IS 'End of the last such day; it may go on.';
COMMENT ON COLUMN analytics.paid_halo.hours_before IS 'Hours from the hour of its publication to the boost; unit: hours.';
COMMENT ON COLUMN analytics.paid_halo.hours IS 'Hours of the boost that are over, as far as the post was younger than 672; unit: hours.';
COMMENT ON COLUMN analytics.paid_halo.spend_micros IS 'Spent on it in that time, in millionths of the currency; NULL if in several currencies.';
COMMENT ON COLUMN analytics.paid_halo.currency IS 'Currency of the spend, ISO 4217; NULL if there are several.';
COMMENT ON COLUMN analytics.paid_halo.before IS 'Net likes, comments and shares before the boost, as far as the platform sends them; unit: one.';
COMMENT ON COLUMN analytics.paid_halo.total IS 'The same in the hours of the boost; unit: one.';
COMMENT ON COLUMN analytics.paid_halo.paid IS 'Those of them that the platform counts for the ads; unit: one.';
COMMENT ON COLUMN analytics.paid_halo.organic IS 'total - paid, not below 0: what came by itself; unit: one.';
COMMENT ON COLUMN analytics.paid_halo.siblings IS 'Posts of the account that no ad promotes, published within 28 days of it and old enough; unit: one.';
COMMENT ON COLUMN analytics.paid_halo.curves IS 'Those of them that got something in as many hours as it had before its boost; unit: one.';
COMMENT ON COLUMN analytics.paid_halo.expected_by_curve IS 'What it would have got by itself without a boost: before, times the median of how posts go on here; NULL without anything before, or with fewer than 5 curves.';
COMMENT ON COLUMN analytics.paid_halo.halo_by_curve IS 'organic - expected_by_curve: what the boost brought that was not paid for; below 0 it took some away; unit: one.';
COMMENT ON COLUMN analytics.paid_halo.halo_by_curve_least IS 'The same if it would have gone on like the best tenth (90th percentile); unit: one.';
COMMENT ON COLUMN analytics.paid_halo.halo_by_curve_most IS 'The same if it would have gone on like the worst tenth (10th percentile); unit: one.';
COMMENT ON COLUMN analytics.paid_halo.expected_by_siblings IS 'Median of what the siblings got at the same age; NULL with fewer than 5 siblings.';
COMMENT ON COLUMN analytics.paid_halo.halo_by_siblings IS 'organic - expected_by_siblings; unit: one.';
COMMENT ON COLUMN analytics.paid_halo.halo_by_siblings_least IS 'The same against the 90th percentile of the siblings; unit: one.';
COMMENT ON COLUMN analytics.paid_halo.halo_by_siblings_most IS 'The same against the 10th percentile of the siblings; unit: one.';
COMMENT ON COLUMN analytics.paid_halo.evidence IS 'Always observational: whoever chose the posts to boost chose good ones, so that a halo may be theirs and not the boost''s.';

-- -- Candidates ------------------------------------------------------------------------------------------------
CREATE MATERIALIZED VIEW analytics.boost_candidates AS
SELECT candidate.*
FROM analytics.accounts AS a
CROSS JOIN LATERAL (
    WITH curves AS MATERIALIZED (
        SELECT c.* FROM pipeline.post_curves AS c
        WHERE c.platform = a.platform AND c.account_id = a.account_id AND NOT c.is_promoted AND c.hours_over <= 2160
    ), young AS MATERIALIZED (
        SELECT platform, account_id, post_id, hours_over AS age_hours, reached[hours_over] AS engagements
        FROM curves
        WHERE hours_over <= 168 AND reached[hours_over] >= 10
    ), pairs AS MATERIALIZED (
        -- What others had reached at an age is the same for all posts of that age.
        SELECT y.age_hours, c.reached[y.age_hours] AS reached, c.reached[168] AS reached_later
        FROM (SELECT DISTINCT age_hours FROM young) AS y
        JOIN curves AS c ON c.hours_over > 168
    ), compared AS MATERIALIZED (
        SELECT age_hours, count(*) AS siblings,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY reached) AS usual_engagements,
               percentile_cont(0.9) WITHIN GROUP (ORDER BY reached) AS unusual_engagements,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY reached_later::double precision / reached)
                   FILTER (WHERE reached > 0) AS growth
        FROM pairs
        GROUP BY age_hours
    ), spent AS (
        SELECT post_id, currency, sum(spend_micros) AS spend_micros, sum(paid) AS paid
        FROM pipeline.boost_days
        WHERE platform = a.platform AND account_id = a.account_id
        GROUP BY post_id, currency
    ), priced AS MATERIALIZED (
        SELECT currency, count(*) AS boosts,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY spend_micros) AS usual_spend_micros,
               sum(spend_micros)::double precision / nullif(sum(paid), 0)::double precision AS engagement_cost_micros
        FROM spent
        GROUP BY currency
        ORDER BY count(*) DESC, currency COLLATE "C" LIMIT 1
    )
    SELECT y.platform, y.account_id, y.post_id, age_hours, y.engagements, c.usual_engagements, c.unusual_engagements,
           y.engagements / nullif(c.usual_engagements, 0) AS lift, c.siblings,
           y.engagements * c.growth AS expected_engagements, p.currency, coalesce(p.boosts, 0) AS boosts,
           p.usual_spend_micros, p.engagement_cost_micros,
           p.usual_spend_micros / p.engagement_cost_micros AS expected_extra_engagements
    FROM young AS y
    JOIN compared AS c USING (age_hours)
    LEFT JOIN priced AS p ON true
    WHERE c.siblings >= 10 AND y.engagements > c.unusual_engagements
) AS candidate;
CREATE UNIQUE INDEX boost_candidates_key ON analytics.boost_candidates (platform, account_id, post_id);
COMMENT ON MATERIALIZED VIEW analytics.boost_candidates IS 'Posts of the last week that no ad promotes and that do better than nine of ten of the account''s posts did at their age: a boost may be worth while (O25).';
COMMENT ON COLUMN analytics.boost_candidates.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.boost_candidates.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.boost_candidates.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN analytics.boost_candidates.age_hours IS 'Hours since that of its publication that are over; unit: hours.';
COMMENT ON COLUMN analytics.boost_candidates.engagements IS 'Its net likes, comments and shares in them, as far as the platform sends them; unit: one.';
COMMENT ON COLUMN analytics.boost_candidates.usual_engagements IS 'Median of what the siblings had at that age; unit: one.';
COMMENT ON COLUMN analytics.boost_candidates.unusual_engagements IS '90th percentile of it, which the post has passed; unit: one.';
COMMENT ON COLUMN analytics.boost_candidates.lift IS 'engagements / usual_engagements; NULL over 0.';
COMMENT ON COLUMN analytics.boost_candidates.siblings IS 'Posts of the account from before the last week and of at most 2160 hours that no ad promotes; unit: one.';
COMMENT ON COLUMN analytics.boost_candidates.expected_engagements IS 'What it will have at 168 hours if nothing is paid and it goes on as the siblings did; NULL if none of them had anything at its age.';
COMMENT ON COLUMN analytics.boost_candidates.currency IS 'Currency in which most of the account''s posts were boosted, ISO 4217; NULL if none was.';
COMMENT ON COLUMN analytics.boost_candidates.boosts IS 'Posts of the account that were boosted in it; unit: one.';
COMMENT ON COLUMN analytics.boost_candidates.usual_spend_micros IS 'Median of what was spent on one of them, in millionths of the currency.';
COMMENT ON COLUMN analytics.boost_candidates.engagement_cost_micros IS 'What was spent on all of them / what the platform counts for their ads, in millionths of the currency; NULL over 0.';
COMMENT ON COLUMN analytics.boost_candidates.expected_extra_engagements IS 'What the usual spend buys at that cost: usual_spend_micros / engagement_cost_micros; unit: one.';
