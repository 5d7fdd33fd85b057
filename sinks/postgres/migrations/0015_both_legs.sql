-- What ads cost beside what they are credited with: both legs of the money in one row.

CREATE VIEW analytics.attributed_roas_by_campaign_day AS
WITH spent AS (
    SELECT brand, platform, ad_account_id, campaign_id, day, currency, campaign_name, spend_micros
    FROM analytics.ad_performance_by_campaign_day
), campaigns AS (
    -- Credits know a campaign by its id alone; of several ad accounts that have it the first, lest money multiply.
    SELECT DISTINCT ON (brand, campaign_id) brand, campaign_id, platform, ad_account_id, campaign_name
    FROM spent ORDER BY brand, campaign_id, platform, ad_account_id
), credited AS (
    SELECT c.brand, p.platform, p.ad_account_id, p.campaign_id, c.day, c.currency, c.model, p.campaign_name,
           sum(c.units)::bigint AS units, sum(c.value_micros)::bigint AS value_micros
    FROM analytics.attribution_by_campaign_day AS c
    JOIN campaigns AS p ON (p.brand, p.campaign_id) = (c.brand, c.campaign)
    WHERE c.basis = 'touch'
    GROUP BY c.brand, p.platform, p.ad_account_id, p.campaign_id, c.day, c.currency, c.model, p.campaign_name
), modelled AS (
    SELECT s.*, m.model
    FROM spent AS s
    JOIN (SELECT DISTINCT brand, model FROM analytics.attribution_by_channel_day) AS m USING (brand)
)
SELECT brand, platform, ad_account_id, campaign_id, day, currency, model,
       coalesce(s.campaign_name, c.campaign_name) AS campaign_name, s.spend_micros, coalesce(c.units, 0) AS units,
       coalesce(c.units, 0)::double precision / 1000000000000 AS purchases, coalesce(c.value_micros, 0) AS value_micros,
       coalesce(c.value_micros, 0)::double precision / nullif(s.spend_micros, 0) AS roas
FROM modelled AS s
FULL JOIN credited AS c USING (brand, platform, ad_account_id, campaign_id, day, currency, model);
COMMENT ON VIEW analytics.attributed_roas_by_campaign_day IS 'What a campaign cost on a day beside what the touches of that day are credited with, in each model.';
COMMENT ON COLUMN analytics.attributed_roas_by_campaign_day.brand IS 'The brand.';
COMMENT ON COLUMN analytics.attributed_roas_by_campaign_day.platform IS 'Platform of the ads, for instance meta_ads.';
COMMENT ON COLUMN analytics.attributed_roas_by_campaign_day.ad_account_id IS 'The platform''s ad account.';
COMMENT ON COLUMN analytics.attributed_roas_by_campaign_day.campaign_id IS 'The campaign''s id.';
COMMENT ON COLUMN analytics.attributed_roas_by_campaign_day.day IS 'Day of the spend in the ad account''s zone, of the touches in their site''s.';
COMMENT ON COLUMN analytics.attributed_roas_by_campaign_day.currency IS 'Currency, ISO 4217, of the ad account and of the orders; orders in another one have a row of their own, without spend.';
COMMENT ON COLUMN analytics.attributed_roas_by_campaign_day.model IS 'How a purchase is shared among the touches before it.';
COMMENT ON COLUMN analytics.attributed_roas_by_campaign_day.campaign_name IS 'The campaign''s name.';
COMMENT ON COLUMN analytics.attributed_roas_by_campaign_day.spend_micros IS 'The denominator: spent, in millionths of the currency; NULL where nothing is told of the day.';
COMMENT ON COLUMN analytics.attributed_roas_by_campaign_day.units IS 'Purchases credited, in 10^-12 of one.';
COMMENT ON COLUMN analytics.attributed_roas_by_campaign_day.purchases IS 'The same in whole purchases.';
COMMENT ON COLUMN analytics.attributed_roas_by_campaign_day.value_micros IS 'The numerator: value credited, net of refunds, in millionths of the currency.';
COMMENT ON COLUMN analytics.attributed_roas_by_campaign_day.roas IS 'value_micros / spend_micros; NULL over nothing spent.';

CREATE FUNCTION analytics.platform_of_ads(channel text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN channel IN ('paid_social:facebook', 'paid_social:instagram') THEN 'meta_ads'
    WHEN channel LIKE 'paid\_social:%' THEN substr(channel, length('paid_social:') + 1)
    WHEN channel = 'paid_search' THEN channel
END;
COMMENT ON FUNCTION analytics.platform_of_ads(text) IS 'Whose ads a paid channel is: meta_ads, the network, paid_search; NULL of any other channel.';
GRANT EXECUTE ON FUNCTION analytics.platform_of_ads TO engagement_writer, engagement_reader;

CREATE VIEW analytics.claimed_vs_attributed AS
WITH claimed AS (
    SELECT r.brand, r.platform, r.day, f.currency, r.attribution_window, sum(r.count_micros) AS count_micros,
           sum(r.value_micros)::bigint AS value_micros
    FROM analytics.ad_results AS r
    JOIN analytics.ad_facts AS f USING (brand, platform, ad_account_id, level, entity_id, period, breakdown)
    WHERE r.family = 'purchase' AND r.level = 'ad' AND r.breakdown = '' AND r.day IS NOT NULL
    GROUP BY r.brand, r.platform, r.day, f.currency, r.attribution_window
), sides AS (
    SELECT DISTINCT brand, model, basis FROM analytics.attribution_by_channel_day
), own AS (
    SELECT brand, analytics.platform_of_ads(channel) AS platform, day, currency, model, basis,
           sum(units)::bigint AS units, sum(value_micros)::bigint AS value_micros
    FROM analytics.attribution_by_channel_day
    WHERE analytics.platform_of_ads(channel) IS NOT NULL
    GROUP BY brand, analytics.platform_of_ads(channel), day, currency, model, basis
), of_several AS (
    SELECT brand, source, shop_id, order_id, array_agg(DISTINCT analytics.platform_of_ads(channel)) AS platforms
    FROM analytics.attribution_credits
    WHERE model = 'linear' AND analytics.platform_of_ads(channel) IS NOT NULL
    GROUP BY brand, source, shop_id, order_id
    HAVING count(DISTINCT analytics.platform_of_ads(channel)) > 1
), both_claim AS (
    SELECT o.brand, p.platform, o.day, o.currency, 'conversion' AS basis, count(*) AS purchases
    FROM of_several AS s
    JOIN analytics.conversions AS o USING (brand, source, shop_id, order_id)
    CROSS JOIN unnest(s.platforms) AS p (platform)
    GROUP BY o.brand, p.platform, o.day, o.currency
), compared AS (
    SELECT brand, platform, day, currency, c.attribution_window, model, basis,
           c.count_micros::double precision / 1000000 AS claimed_purchases, c.value_micros AS claimed_value_micros,
           coalesce(o.units, 0) AS units, coalesce(o.value_micros, 0) AS value_micros
    FROM (SELECT * FROM claimed JOIN sides USING (brand)) AS c
    FULL JOIN own AS o USING (brand, platform, day, currency, model, basis)
)
SELECT c.brand, c.platform, c.day, c.currency, c.attribution_window, c.model, c.basis, c.claimed_purchases,
       c.claimed_value_micros, c.units, c.units::double precision / 1000000000000 AS purchases, c.value_micros,
       c.claimed_purchases * 1000000000000 / nullif(c.units, 0) AS purchases_ratio,
       c.claimed_value_micros::double precision / nullif(c.value_micros, 0) AS value_ratio,
       CASE c.basis WHEN 'conversion' THEN coalesce(v.purchases, 0) END AS eligible_overlap
FROM compared AS c
LEFT JOIN both_claim AS v USING (brand, platform, day, currency, basis);
COMMENT ON VIEW analytics.claimed_vs_attributed IS 'Purchases that a platform claims for its ads beside those that they are credited with.';
COMMENT ON COLUMN analytics.claimed_vs_attributed.brand IS 'The brand.';
COMMENT ON COLUMN analytics.claimed_vs_attributed.platform IS 'Platform of the ads: meta_ads, another network, or paid_search.';
COMMENT ON COLUMN analytics.claimed_vs_attributed.day IS 'Day of the claim in the ad account''s zone; of what is credited by basis.';
COMMENT ON COLUMN analytics.claimed_vs_attributed.currency IS 'Currency, ISO 4217, of the ad account and of the orders.';
COMMENT ON COLUMN analytics.claimed_vs_attributed.attribution_window IS 'Window of the claim; they hold one another, so read one of them. NULL where the platform claims nothing.';
COMMENT ON COLUMN analytics.claimed_vs_attributed.model IS 'How a purchase is shared among the touches before it.';
COMMENT ON COLUMN analytics.claimed_vs_attributed.basis IS 'Whose day the credits are counted by: touch or conversion. Platforms count by the day of the ad, as touch does.';
COMMENT ON COLUMN analytics.claimed_vs_attributed.claimed_purchases IS 'Purchases claimed; NULL where the platform claims nothing.';
COMMENT ON COLUMN analytics.claimed_vs_attributed.claimed_value_micros IS 'Value claimed, in millionths of the currency; NULL if not told.';
COMMENT ON COLUMN analytics.claimed_vs_attributed.units IS 'Purchases credited to the platform''s channels, in 10^-12 of one.';
COMMENT ON COLUMN analytics.claimed_vs_attributed.purchases IS 'The same in whole purchases.';
COMMENT ON COLUMN analytics.claimed_vs_attributed.value_micros IS 'Value credited, net of refunds, in millionths of the currency.';
COMMENT ON COLUMN analytics.claimed_vs_attributed.purchases_ratio IS 'Claimed purchases / credited ones; above 1 the platform claims too much.';
COMMENT ON COLUMN analytics.claimed_vs_attributed.value_ratio IS 'Claimed value / credited value.';
COMMENT ON COLUMN analytics.claimed_vs_attributed.eligible_overlap IS 'Purchases of the day in whose path paid touches of this and of another platform are, so that both may claim them; NULL with basis touch.';

CREATE VIEW analytics.tagging_health_by_day AS
WITH clicked AS (
    SELECT a.brand, a.day, a.link_clicks, EXISTS (
               -- The day of the ad account and that of the site may be neighbours.
               SELECT 1 FROM analytics.touches_by_campaign_day AS t
               WHERE (t.brand, t.campaign_id) = (a.brand, a.campaign_id) AND t.touches > 0
                 AND t.day BETWEEN a.day - 1 AND a.day + 1
           ) AS has_landed
    FROM (SELECT brand, campaign_id, day, sum(link_clicks)::bigint AS link_clicks
          FROM analytics.ad_performance_by_campaign_day
          WHERE spend_micros > 0 AND link_clicks > 0
          GROUP BY brand, campaign_id, day) AS a
), ads AS (
    SELECT brand, day, count(*) AS campaigns, count(*) FILTER (WHERE NOT has_landed) AS unlanded_campaigns,
           sum(link_clicks)::bigint AS link_clicks,
           coalesce(sum(link_clicks) FILTER (WHERE NOT has_landed), 0)::bigint AS unlanded_clicks
    FROM clicked GROUP BY brand, day
), named AS (
    SELECT t.brand, t.day, sum(t.touches)::bigint AS named_touches,
           coalesce(sum(t.touches) FILTER (WHERE NOT EXISTS (
               SELECT 1 FROM analytics.ad_entities AS e
               WHERE (e.brand, e.kind, e.entity_id) = (t.brand, 'campaign', t.campaign_id)
           )), 0)::bigint AS unknown_touches
    FROM analytics.touches_by_campaign_day AS t
    WHERE t.campaign_id <> '' AND t.touches > 0
    GROUP BY t.brand, t.day
), bought AS (
    SELECT o.brand, o.day, count(*) AS purchases, count(*) FILTER (WHERE NOT EXISTS (
               SELECT 1 FROM analytics.attribution_credits AS c
               WHERE (c.brand, c.source, c.shop_id, c.order_id) = (o.brand, o.source, o.shop_id, o.order_id)
           )) AS uncredited_purchases
    FROM analytics.conversions AS o
    WHERE o.status = 'paid' AND o.event_name = 'purchase'
    GROUP BY o.brand, o.day
)
SELECT brand, day, coalesce(campaigns, 0) AS campaigns, coalesce(unlanded_campaigns, 0) AS unlanded_campaigns,
       coalesce(link_clicks, 0) AS link_clicks, coalesce(unlanded_clicks, 0) AS unlanded_clicks,
       unlanded_clicks::double precision / link_clicks AS unlanded_share,
       coalesce(named_touches, 0) AS named_touches, coalesce(unknown_touches, 0) AS unknown_touches,
       unknown_touches::double precision / named_touches AS unknown_share,
       coalesce(purchases, 0) AS purchases, coalesce(uncredited_purchases, 0) AS uncredited_purchases,
       uncredited_purchases::double precision / purchases AS uncredited_share
FROM ads FULL JOIN named USING (brand, day) FULL JOIN bought USING (brand, day);
COMMENT ON VIEW analytics.tagging_health_by_day IS 'Whether links are tagged, so that what ads bring is seen: clicks of which nobody arrives, arrivals of unknown campaigns, purchases without a journey.';
COMMENT ON COLUMN analytics.tagging_health_by_day.brand IS 'The brand.';
COMMENT ON COLUMN analytics.tagging_health_by_day.day IS 'Local day of the ad account, of the site, and of the shop.';
COMMENT ON COLUMN analytics.tagging_health_by_day.campaigns IS 'Campaigns that cost something on the day and had clicks on a link.';
COMMENT ON COLUMN analytics.tagging_health_by_day.unlanded_campaigns IS 'Those of which no touch names the id, from the day before to the day after.';
COMMENT ON COLUMN analytics.tagging_health_by_day.link_clicks IS 'Clicks on links of these campaigns.';
COMMENT ON COLUMN analytics.tagging_health_by_day.unlanded_clicks IS 'Those of the campaigns of which nobody arrived.';
COMMENT ON COLUMN analytics.tagging_health_by_day.unlanded_share IS 'unlanded_clicks / link_clicks.';
COMMENT ON COLUMN analytics.tagging_health_by_day.named_touches IS 'Touches of people whose address names a campaign''s id.';
COMMENT ON COLUMN analytics.tagging_health_by_day.unknown_touches IS 'Those whose campaign no ad account of the brand has.';
COMMENT ON COLUMN analytics.tagging_health_by_day.unknown_share IS 'unknown_touches / named_touches.';
COMMENT ON COLUMN analytics.tagging_health_by_day.purchases IS 'Paid purchases.';
COMMENT ON COLUMN analytics.tagging_health_by_day.uncredited_purchases IS 'Those that no touch is credited with: nothing is known of how they came about.';
COMMENT ON COLUMN analytics.tagging_health_by_day.uncredited_share IS 'uncredited_purchases / purchases.';

CREATE VIEW analytics.organic_assists AS
WITH bought AS (
    SELECT brand, source, shop_id, order_id, day, currency, net_micros, coalesce(customer_id, visitor_id) AS person
    FROM analytics.conversions WHERE status = 'paid' AND event_name = 'purchase'
), steps AS (
    SELECT brand, source, shop_id, order_id,
           analytics.platform_of_ads(channel) IS NOT NULL AS is_paid,
           channel = 'organic_search' OR channel LIKE 'organic\_social:%' AS is_organic,
           row_number() OVER (PARTITION BY brand, source, shop_id, order_id
                              ORDER BY touched_at DESC, touch_id COLLATE "C" DESC) AS from_last
    FROM analytics.attribution_credits WHERE model = 'linear'
), paths AS (
    -- The greater the number, the earlier the touch.
    SELECT brand, source, shop_id, order_id, bool_or(is_paid) AS has_paid, bool_or(is_organic) AS has_organic,
           coalesce(max(from_last) FILTER (WHERE is_organic) > min(from_last) FILTER (WHERE is_paid), false)
               AS is_assisted,
           bool_or(is_organic AND from_last = 1) AS ends_organic
    FROM steps GROUP BY brand, source, shop_id, order_id
)
SELECT b.brand, b.day, b.currency, count(*) AS purchases, count(*) FILTER (WHERE p.has_paid) AS paid_purchases,
       coalesce(sum(b.net_micros) FILTER (WHERE p.has_paid), 0)::bigint AS paid_value_micros,
       count(*) FILTER (WHERE p.is_assisted) AS assisted_purchases,
       coalesce(sum(b.net_micros) FILTER (WHERE p.is_assisted), 0)::bigint AS assisted_value_micros,
       count(*) FILTER (WHERE p.is_assisted)::double precision
           / nullif(count(*) FILTER (WHERE p.has_paid), 0) AS assisted_share,
       count(*) FILTER (WHERE p.has_organic) AS organic_purchases,
       count(*) FILTER (WHERE p.ends_organic) AS last_organic_purchases,
       count(*) FILTER (WHERE p.has_organic)::double precision
           / nullif(count(*) FILTER (WHERE p.ends_organic), 0) AS assist_ratio,
       count(DISTINCT b.person) AS persons,
       count(DISTINCT b.person) FILTER (WHERE p.brand IS NOT NULL) AS linked_persons
FROM bought AS b
LEFT JOIN paths AS p USING (brand, source, shop_id, order_id)
GROUP BY b.brand, b.day, b.currency;
COMMENT ON VIEW analytics.organic_assists IS 'How much of what ads sold had help from posts and searches that nobody paid for.';
COMMENT ON COLUMN analytics.organic_assists.brand IS 'The brand.';
COMMENT ON COLUMN analytics.organic_assists.day IS 'Local day of the order in its shop''s zone.';
COMMENT ON COLUMN analytics.organic_assists.currency IS 'Currency of the orders, ISO 4217.';
COMMENT ON COLUMN analytics.organic_assists.purchases IS 'Paid purchases.';
COMMENT ON COLUMN analytics.organic_assists.paid_purchases IS 'Those with a paid touch in their path.';
COMMENT ON COLUMN analytics.organic_assists.paid_value_micros IS 'Their value net of refunds, in millionths of the currency.';
COMMENT ON COLUMN analytics.organic_assists.assisted_purchases IS 'Of these, those with an organic touch before the last paid one.';
COMMENT ON COLUMN analytics.organic_assists.assisted_value_micros IS 'Their value net of refunds, in millionths of the currency.';
COMMENT ON COLUMN analytics.organic_assists.assisted_share IS 'assisted_purchases / paid_purchases.';
COMMENT ON COLUMN analytics.organic_assists.organic_purchases IS 'Purchases with an organic touch in their path.';
COMMENT ON COLUMN analytics.organic_assists.last_organic_purchases IS 'Those whose last touch is organic.';
COMMENT ON COLUMN analytics.organic_assists.assist_ratio IS 'organic_purchases / last_organic_purchases: above 1 organic helps more often than last clicks show.';
COMMENT ON COLUMN analytics.organic_assists.persons IS 'Buyers of these purchases, as far as they are known.';
COMMENT ON COLUMN analytics.organic_assists.linked_persons IS 'Those of whom a touch is known; of the others nobody can say what helped.';

CREATE VIEW analytics.post_organic_paid_split AS
WITH promoted AS (
    SELECT e.brand, e.post_platform, e.post_account_id, e.post_id, count(*) AS ads, count(f.entity_id) AS known_ads,
           max(f.reach) AS greatest_reach, sum(f.reach)::bigint AS summed_reach,
           sum(f.reactions + f.comments + f.shares)::bigint AS paid_engagements
    FROM analytics.ad_entities AS e
    LEFT JOIN analytics.ad_facts AS f
        ON (f.brand, f.platform, f.ad_account_id, f.level, f.entity_id, f.period, f.breakdown)
         = (e.brand, e.platform, e.ad_account_id, 'ad', e.entity_id, 'lifetime', '')
    WHERE e.kind = 'ad' AND e.post_platform IS NOT NULL AND e.post_account_id IS NOT NULL AND e.post_id IS NOT NULL
    GROUP BY e.brand, e.post_platform, e.post_account_id, e.post_id
), bounded AS (
    -- least() would take what is unknown for nothing.
    SELECT p.*, t.reach AS total_reach, t.engagements AS total_engagements,
           CASE WHEN p.greatest_reach IS NOT NULL THEN least(p.greatest_reach, t.reach) END AS paid_reach_least,
           CASE WHEN p.summed_reach IS NOT NULL THEN least(p.summed_reach, t.reach) END AS paid_reach_most
    FROM promoted AS p
    LEFT JOIN analytics.post_totals AS t
        ON (t.platform, t.account_id, t.post_id) = (p.post_platform, p.post_account_id, p.post_id)
)
SELECT brand, post_platform AS platform, post_account_id AS account_id, post_id, ads, known_ads, total_reach,
       paid_reach_least, paid_reach_most, total_reach - paid_reach_most AS organic_reach_least,
       total_reach - paid_reach_least AS organic_reach_most, total_engagements, paid_engagements,
       CASE WHEN paid_engagements IS NOT NULL AND total_engagements IS NOT NULL
            THEN greatest(total_engagements - paid_engagements, 0) END AS organic_engagements,
       paid_engagements::double precision / nullif(total_engagements, 0) AS paid_share
FROM bounded;
COMMENT ON VIEW analytics.post_organic_paid_split IS 'Which part of a promoted post''s reach and engagement was paid for: what platforms no longer tell, rebuilt from the post and its ads.';
COMMENT ON COLUMN analytics.post_organic_paid_split.brand IS 'The brand whose ads promote it.';
COMMENT ON COLUMN analytics.post_organic_paid_split.platform IS 'Platform of the post.';
COMMENT ON COLUMN analytics.post_organic_paid_split.account_id IS 'Its account.';
COMMENT ON COLUMN analytics.post_organic_paid_split.post_id IS 'The post.';
COMMENT ON COLUMN analytics.post_organic_paid_split.ads IS 'Ads that promote it.';
COMMENT ON COLUMN analytics.post_organic_paid_split.known_ads IS 'Those of which the figures of their whole run are known; the paid part is theirs.';
COMMENT ON COLUMN analytics.post_organic_paid_split.total_reach IS 'People who saw the post; NULL if the platform does not tell.';
COMMENT ON COLUMN analytics.post_organic_paid_split.paid_reach_least IS 'People whom ads reached, at least: the ad that reached most, as if all others had reached the same people.';
COMMENT ON COLUMN analytics.post_organic_paid_split.paid_reach_most IS 'The same at most: all ads together, as if none had reached anybody twice, but not more than saw the post.';
COMMENT ON COLUMN analytics.post_organic_paid_split.organic_reach_least IS 'People whom no ad reached, at least: total_reach - paid_reach_most.';
COMMENT ON COLUMN analytics.post_organic_paid_split.organic_reach_most IS 'The same at most: total_reach - paid_reach_least.';
COMMENT ON COLUMN analytics.post_organic_paid_split.total_engagements IS 'Likes, comments and shares of the post; NULL if unknown.';
COMMENT ON COLUMN analytics.post_organic_paid_split.paid_engagements IS 'Reactions, comments and shares that the platform counts for its ads.';
COMMENT ON COLUMN analytics.post_organic_paid_split.organic_engagements IS 'The rest, not below 0: the two are not read at the same moment.';
COMMENT ON COLUMN analytics.post_organic_paid_split.paid_share IS 'paid_engagements / total_engagements.';
