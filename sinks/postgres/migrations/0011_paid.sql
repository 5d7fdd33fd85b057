-- The paid leg, counted by brand: what ads did and cost, who came, what they bought. The tables are those that
-- contracts/tables declares.
CREATE TABLE analytics.ad_entities (
    brand text NOT NULL,
    platform text NOT NULL,
    ad_account_id text NOT NULL,
    kind text NOT NULL,
    entity_id text NOT NULL,
    name text,
    status text,
    effective_status text,
    objective text,
    campaign_id text,
    adset_id text,
    currency text,
    zone text,
    daily_budget_micros bigint,
    lifetime_budget_micros bigint,
    starts_at timestamptz,
    ends_at timestamptz,
    post_platform text,
    post_account_id text,
    post_id text,
    as_of timestamptz NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (brand, platform, ad_account_id, kind, entity_id)
);
COMMENT ON TABLE analytics.ad_entities IS 'Ad accounts, campaigns, ad sets and ads: names, status, budgets, and the post that an ad promotes.';
COMMENT ON COLUMN analytics.ad_entities.brand IS 'The brand; all of the paid leg is counted by it.';
COMMENT ON COLUMN analytics.ad_entities.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.ad_entities.ad_account_id IS 'The platform''s ad account.';
COMMENT ON COLUMN analytics.ad_entities.kind IS 'account, campaign, adset or ad.';
COMMENT ON COLUMN analytics.ad_entities.entity_id IS 'The platform''s id of it.';
COMMENT ON COLUMN analytics.ad_entities.name IS 'Its name.';
COMMENT ON COLUMN analytics.ad_entities.status IS 'What the brand has set: active, paused and so on, in the platform''s words.';
COMMENT ON COLUMN analytics.ad_entities.effective_status IS 'What holds in effect, that of its parents included.';
COMMENT ON COLUMN analytics.ad_entities.objective IS 'What a campaign is for, in the platform''s words.';
COMMENT ON COLUMN analytics.ad_entities.campaign_id IS 'The campaign it belongs to.';
COMMENT ON COLUMN analytics.ad_entities.adset_id IS 'The ad set it belongs to.';
COMMENT ON COLUMN analytics.ad_entities.currency IS 'Currency of the account, ISO 4217.';
COMMENT ON COLUMN analytics.ad_entities.zone IS 'Time zone of the account, which decides its days.';
COMMENT ON COLUMN analytics.ad_entities.daily_budget_micros IS 'Budget a day, in millionths of the currency.';
COMMENT ON COLUMN analytics.ad_entities.lifetime_budget_micros IS 'Budget of the whole run, in millionths of the currency.';
COMMENT ON COLUMN analytics.ad_entities.starts_at IS 'When it begins to run.';
COMMENT ON COLUMN analytics.ad_entities.ends_at IS 'When it ends.';
COMMENT ON COLUMN analytics.ad_entities.post_platform IS 'Platform of the post that an ad promotes.';
COMMENT ON COLUMN analytics.ad_entities.post_account_id IS 'Account of that post.';
COMMENT ON COLUMN analytics.ad_entities.post_id IS 'The post that an ad promotes.';
COMMENT ON COLUMN analytics.ad_entities.as_of IS 'Since when it is known to be so: the first reading that showed it.';
COMMENT ON COLUMN analytics.ad_entities.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.ad_entities.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.ad_fact_history (
    brand text NOT NULL,
    platform text NOT NULL,
    ad_account_id text NOT NULL,
    level text NOT NULL,
    entity_id text NOT NULL,
    period text NOT NULL,
    breakdown text NOT NULL,
    as_of timestamptz NOT NULL,
    day date,
    campaign_id text,
    adset_id text,
    ad_id text,
    currency text NOT NULL,
    zone text NOT NULL,
    spend_micros bigint NOT NULL,
    impressions bigint NOT NULL,
    clicks bigint NOT NULL,
    link_clicks bigint NOT NULL,
    reach bigint,
    reactions bigint NOT NULL,
    comments bigint NOT NULL,
    shares bigint NOT NULL,
    saves bigint NOT NULL,
    video_views bigint NOT NULL,
    purchases_micros bigint,
    purchase_value_micros bigint,
    attribution_setting text,
    is_provisional boolean NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (brand, platform, ad_account_id, level, entity_id, period, breakdown, as_of)
);
COMMENT ON TABLE analytics.ad_fact_history IS 'Each belief about an ad, campaign or ad account in a period: the row holds from as_of until the next one.';
COMMENT ON COLUMN analytics.ad_fact_history.brand IS 'The brand; all of the paid leg is counted by it.';
COMMENT ON COLUMN analytics.ad_fact_history.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.ad_fact_history.ad_account_id IS 'The platform''s ad account.';
COMMENT ON COLUMN analytics.ad_fact_history.level IS 'ad, campaign or account: one tells the same spend as the other, so sum one of them only.';
COMMENT ON COLUMN analytics.ad_fact_history.entity_id IS 'Id of that ad, campaign or account.';
COMMENT ON COLUMN analytics.ad_fact_history.period IS 'day:YYYY-MM-DD, a local date of the ad account, or lifetime.';
COMMENT ON COLUMN analytics.ad_fact_history.breakdown IS 'Empty for a total; else name=value pairs: a part of the total, to be summed alone.';
COMMENT ON COLUMN analytics.ad_fact_history.as_of IS 'Since when this is believed: the first reading that said so.';
COMMENT ON COLUMN analytics.ad_fact_history.day IS 'Local date of a period that is a day; NULL for lifetime.';
COMMENT ON COLUMN analytics.ad_fact_history.campaign_id IS 'The campaign that it belongs to.';
COMMENT ON COLUMN analytics.ad_fact_history.adset_id IS 'The ad set that it belongs to.';
COMMENT ON COLUMN analytics.ad_fact_history.ad_id IS 'The ad.';
COMMENT ON COLUMN analytics.ad_fact_history.currency IS 'Currency of the money in this row, ISO 4217.';
COMMENT ON COLUMN analytics.ad_fact_history.zone IS 'Time zone of the ad account, which decides its days.';
COMMENT ON COLUMN analytics.ad_fact_history.spend_micros IS 'Money spent, in millionths of the currency.';
COMMENT ON COLUMN analytics.ad_fact_history.impressions IS 'Times that it was shown.';
COMMENT ON COLUMN analytics.ad_fact_history.clicks IS 'Clicks of every kind.';
COMMENT ON COLUMN analytics.ad_fact_history.link_clicks IS 'Clicks on the link.';
COMMENT ON COLUMN analytics.ad_fact_history.reach IS 'People who saw it, as the platform estimates; never summed.';
COMMENT ON COLUMN analytics.ad_fact_history.reactions IS 'Reactions to it.';
COMMENT ON COLUMN analytics.ad_fact_history.comments IS 'Comments on it.';
COMMENT ON COLUMN analytics.ad_fact_history.shares IS 'Shares of it.';
COMMENT ON COLUMN analytics.ad_fact_history.saves IS 'Saves of it.';
COMMENT ON COLUMN analytics.ad_fact_history.video_views IS 'Views of its video.';
COMMENT ON COLUMN analytics.ad_fact_history.purchases_micros IS 'Purchases that the platform claims, in millionths; NULL if none told.';
COMMENT ON COLUMN analytics.ad_fact_history.purchase_value_micros IS 'Their value in millionths of the currency; NULL if not told.';
COMMENT ON COLUMN analytics.ad_fact_history.attribution_setting IS 'By which windows the platform claims them.';
COMMENT ON COLUMN analytics.ad_fact_history.is_provisional IS 'The platform may still restate it.';
COMMENT ON COLUMN analytics.ad_fact_history.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.ad_fact_history.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.ad_facts (
    brand text NOT NULL,
    platform text NOT NULL,
    ad_account_id text NOT NULL,
    level text NOT NULL,
    entity_id text NOT NULL,
    period text NOT NULL,
    breakdown text NOT NULL,
    day date,
    campaign_id text,
    adset_id text,
    ad_id text,
    currency text NOT NULL,
    zone text NOT NULL,
    spend_micros bigint NOT NULL,
    impressions bigint NOT NULL,
    clicks bigint NOT NULL,
    link_clicks bigint NOT NULL,
    reach bigint,
    reactions bigint NOT NULL,
    comments bigint NOT NULL,
    shares bigint NOT NULL,
    saves bigint NOT NULL,
    video_views bigint NOT NULL,
    purchases_micros bigint,
    purchase_value_micros bigint,
    attribution_setting text,
    is_provisional boolean NOT NULL,
    as_of timestamptz NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (brand, platform, ad_account_id, level, entity_id, period, breakdown)
);
COMMENT ON TABLE analytics.ad_facts IS 'What an ad, campaign or ad account did in a period, as believed now; totals and breakdowns are rows apart.';
COMMENT ON COLUMN analytics.ad_facts.brand IS 'The brand; all of the paid leg is counted by it.';
COMMENT ON COLUMN analytics.ad_facts.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.ad_facts.ad_account_id IS 'The platform''s ad account.';
COMMENT ON COLUMN analytics.ad_facts.level IS 'ad, campaign or account: one tells the same spend as the other, so sum one of them only.';
COMMENT ON COLUMN analytics.ad_facts.entity_id IS 'Id of that ad, campaign or account.';
COMMENT ON COLUMN analytics.ad_facts.period IS 'day:YYYY-MM-DD, a local date of the ad account, or lifetime.';
COMMENT ON COLUMN analytics.ad_facts.breakdown IS 'Empty for a total; else name=value pairs: a part of the total, to be summed alone.';
COMMENT ON COLUMN analytics.ad_facts.day IS 'Local date of a period that is a day; NULL for lifetime.';
COMMENT ON COLUMN analytics.ad_facts.campaign_id IS 'The campaign that it belongs to.';
COMMENT ON COLUMN analytics.ad_facts.adset_id IS 'The ad set that it belongs to.';
COMMENT ON COLUMN analytics.ad_facts.ad_id IS 'The ad.';
COMMENT ON COLUMN analytics.ad_facts.currency IS 'Currency of the money in this row, ISO 4217.';
COMMENT ON COLUMN analytics.ad_facts.zone IS 'Time zone of the ad account, which decides its days.';
COMMENT ON COLUMN analytics.ad_facts.spend_micros IS 'Money spent, in millionths of the currency.';
COMMENT ON COLUMN analytics.ad_facts.impressions IS 'Times that it was shown.';
COMMENT ON COLUMN analytics.ad_facts.clicks IS 'Clicks of every kind.';
COMMENT ON COLUMN analytics.ad_facts.link_clicks IS 'Clicks on the link.';
COMMENT ON COLUMN analytics.ad_facts.reach IS 'People who saw it, as the platform estimates; never summed.';
COMMENT ON COLUMN analytics.ad_facts.reactions IS 'Reactions to it.';
COMMENT ON COLUMN analytics.ad_facts.comments IS 'Comments on it.';
COMMENT ON COLUMN analytics.ad_facts.shares IS 'Shares of it.';
COMMENT ON COLUMN analytics.ad_facts.saves IS 'Saves of it.';
COMMENT ON COLUMN analytics.ad_facts.video_views IS 'Views of its video.';
COMMENT ON COLUMN analytics.ad_facts.purchases_micros IS 'Purchases that the platform claims, in millionths; NULL if none told.';
COMMENT ON COLUMN analytics.ad_facts.purchase_value_micros IS 'Their value in millionths of the currency; NULL if not told.';
COMMENT ON COLUMN analytics.ad_facts.attribution_setting IS 'By which windows the platform claims them.';
COMMENT ON COLUMN analytics.ad_facts.is_provisional IS 'The platform may still restate it.';
COMMENT ON COLUMN analytics.ad_facts.as_of IS 'Since when this is believed: the first reading that said so.';
COMMENT ON COLUMN analytics.ad_facts.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.ad_facts.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.ad_results (
    brand text NOT NULL,
    platform text NOT NULL,
    ad_account_id text NOT NULL,
    level text NOT NULL,
    entity_id text NOT NULL,
    period text NOT NULL,
    breakdown text NOT NULL,
    family text NOT NULL,
    attribution_window text NOT NULL,
    day date,
    count_micros bigint NOT NULL,
    value_micros bigint,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (brand, platform, ad_account_id, level, entity_id, period, breakdown, family, attribution_window)
);
COMMENT ON TABLE analytics.ad_results IS 'Conversions that the platform claims for an ad, campaign or ad account, as believed now.';
COMMENT ON COLUMN analytics.ad_results.brand IS 'The brand; all of the paid leg is counted by it.';
COMMENT ON COLUMN analytics.ad_results.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.ad_results.ad_account_id IS 'The platform''s ad account.';
COMMENT ON COLUMN analytics.ad_results.level IS 'ad, campaign or account: one tells the same spend as the other, so sum one of them only.';
COMMENT ON COLUMN analytics.ad_results.entity_id IS 'Id of that ad, campaign or account.';
COMMENT ON COLUMN analytics.ad_results.period IS 'day:YYYY-MM-DD, a local date of the ad account, or lifetime.';
COMMENT ON COLUMN analytics.ad_results.breakdown IS 'Empty for a total; else name=value pairs: a part of the total, to be summed alone.';
COMMENT ON COLUMN analytics.ad_results.family IS 'What was reached, each counted once: purchase, lead, and so on.';
COMMENT ON COLUMN analytics.ad_results.attribution_window IS 'default (the ad set''s own setting), 1d_view, 1d_click, 7d_click or 28d_click; they hold one another.';
COMMENT ON COLUMN analytics.ad_results.day IS 'Local date of a period that is a day; NULL for lifetime.';
COMMENT ON COLUMN analytics.ad_results.count_micros IS 'Conversions, in millionths, since platforms count fractions.';
COMMENT ON COLUMN analytics.ad_results.value_micros IS 'Their value in millionths of the fact''s currency; NULL if not told.';
COMMENT ON COLUMN analytics.ad_results.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.ad_results.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.conversions (
    brand text NOT NULL,
    source text NOT NULL,
    shop_id text NOT NULL,
    order_id text NOT NULL,
    event_name text NOT NULL,
    status text NOT NULL,
    ordered_at timestamptz NOT NULL,
    day date NOT NULL,
    currency text NOT NULL,
    gross_micros bigint NOT NULL,
    refunded_micros bigint NOT NULL,
    net_micros bigint NOT NULL,
    refunds bigint NOT NULL,
    other_refunds bigint NOT NULL,
    customer_id text,
    visitor_id text,
    is_new_customer boolean,
    utm_source text,
    utm_medium text,
    utm_campaign text,
    utm_term text,
    utm_content text,
    utm_id text,
    campaign_id text,
    adset_id text,
    ad_id text,
    click_ids text[] NOT NULL,
    landing text,
    referrer text,
    order_version bigint NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (brand, source, shop_id, order_id)
);
COMMENT ON TABLE analytics.conversions IS 'One row for each order, with its refunds: what was bought, by whom, and what the address told.';
COMMENT ON COLUMN analytics.conversions.brand IS 'The brand; all of the paid leg is counted by it.';
COMMENT ON COLUMN analytics.conversions.source IS 'Who told of it: shopify, stripe, woocommerce, or web for a site''s own pages.';
COMMENT ON COLUMN analytics.conversions.shop_id IS 'The shop, or the site.';
COMMENT ON COLUMN analytics.conversions.order_id IS 'The order''s id there.';
COMMENT ON COLUMN analytics.conversions.event_name IS 'What it is: purchase, or the name that a page gave.';
COMMENT ON COLUMN analytics.conversions.status IS 'pending, paid, cancelled or test; only a paid one is worth anything.';
COMMENT ON COLUMN analytics.conversions.ordered_at IS 'When it was ordered.';
COMMENT ON COLUMN analytics.conversions.day IS 'Local date of that, in the shop''s configured zone.';
COMMENT ON COLUMN analytics.conversions.currency IS 'The shop''s currency, ISO 4217.';
COMMENT ON COLUMN analytics.conversions.gross_micros IS 'Total of the order, in millionths of the currency.';
COMMENT ON COLUMN analytics.conversions.refunded_micros IS 'Given back: the greater of the sum of its refunds and the greatest sum that the shop told.';
COMMENT ON COLUMN analytics.conversions.net_micros IS 'gross_micros minus refunded_micros and not below 0; 0 unless paid.';
COMMENT ON COLUMN analytics.conversions.refunds IS 'Refunds told one by one that did not fail, in the order''s currency.';
COMMENT ON COLUMN analytics.conversions.other_refunds IS 'Refunds in another currency than the order''s; they are in no sum.';
COMMENT ON COLUMN analytics.conversions.customer_id IS 'Pseudonym of the customer.';
COMMENT ON COLUMN analytics.conversions.visitor_id IS 'Pseudonym of the browser that ordered.';
COMMENT ON COLUMN analytics.conversions.is_new_customer IS 'Whether it was the customer''s first order; NULL if not told.';
COMMENT ON COLUMN analytics.conversions.utm_source IS 'Where they came from, by the address: utm_source, lower case.';
COMMENT ON COLUMN analytics.conversions.utm_medium IS 'utm_medium, lower case.';
COMMENT ON COLUMN analytics.conversions.utm_campaign IS 'utm_campaign, lower case.';
COMMENT ON COLUMN analytics.conversions.utm_term IS 'utm_term, lower case.';
COMMENT ON COLUMN analytics.conversions.utm_content IS 'utm_content, lower case.';
COMMENT ON COLUMN analytics.conversions.utm_id IS 'utm_id as it came.';
COMMENT ON COLUMN analytics.conversions.campaign_id IS 'The ad platform''s campaign, if the address named it.';
COMMENT ON COLUMN analytics.conversions.adset_id IS 'The ad platform''s ad set, if the address named it.';
COMMENT ON COLUMN analytics.conversions.ad_id IS 'The ad, if the address named it.';
COMMENT ON COLUMN analytics.conversions.click_ids IS 'Names of the click ids in the address (fbclid, gclid, ...), sorted.';
COMMENT ON COLUMN analytics.conversions.landing IS 'Host and path of the page that they came to.';
COMMENT ON COLUMN analytics.conversions.referrer IS 'Host that they came from.';
COMMENT ON COLUMN analytics.conversions.order_version IS 'The shop''s last change of it: epoch milliseconds.';
COMMENT ON COLUMN analytics.conversions.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.conversions.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.identity_links (
    brand text NOT NULL,
    link_id text NOT NULL,
    visitor_id text NOT NULL,
    customer_id text NOT NULL,
    linked_at timestamptz NOT NULL,
    source text NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (brand, link_id)
);
COMMENT ON TABLE analytics.identity_links IS 'A visitor was seen to be a customer: by a login, an order or an import.';
COMMENT ON COLUMN analytics.identity_links.brand IS 'The brand; all of the paid leg is counted by it.';
COMMENT ON COLUMN analytics.identity_links.link_id IS 'What tells one such observation from another.';
COMMENT ON COLUMN analytics.identity_links.visitor_id IS 'Pseudonym of the browser.';
COMMENT ON COLUMN analytics.identity_links.customer_id IS 'Pseudonym of the customer.';
COMMENT ON COLUMN analytics.identity_links.linked_at IS 'When it was seen.';
COMMENT ON COLUMN analytics.identity_links.source IS 'login, order or import.';
COMMENT ON COLUMN analytics.identity_links.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.identity_links.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.touches_by_campaign_day (
    brand text NOT NULL,
    site_id text NOT NULL,
    source text NOT NULL,
    medium text NOT NULL,
    campaign text NOT NULL,
    campaign_id text NOT NULL,
    day date NOT NULL,
    touches bigint NOT NULL,
    clicks bigint NOT NULL,
    views bigint NOT NULL,
    without_consent bigint NOT NULL,
    bots bigint NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (brand, site_id, source, medium, campaign, campaign_id, day)
);
COMMENT ON TABLE analytics.touches_by_campaign_day IS 'Touches of a site by what the address said of the campaign; empty text where it said nothing.';
COMMENT ON COLUMN analytics.touches_by_campaign_day.brand IS 'The brand; all of the paid leg is counted by it.';
COMMENT ON COLUMN analytics.touches_by_campaign_day.site_id IS 'The site.';
COMMENT ON COLUMN analytics.touches_by_campaign_day.source IS 'utm_source, lower case; empty if the address had none.';
COMMENT ON COLUMN analytics.touches_by_campaign_day.medium IS 'utm_medium, lower case; empty if the address had none.';
COMMENT ON COLUMN analytics.touches_by_campaign_day.campaign IS 'utm_campaign, lower case; empty if the address had none.';
COMMENT ON COLUMN analytics.touches_by_campaign_day.campaign_id IS 'The ad platform''s campaign that the address named; empty if it named none.';
COMMENT ON COLUMN analytics.touches_by_campaign_day.day IS 'Local date, in the account''s zone, on which it occurred.';
COMMENT ON COLUMN analytics.touches_by_campaign_day.touches IS 'Touches of people, of every kind.';
COMMENT ON COLUMN analytics.touches_by_campaign_day.clicks IS 'Touches of people that are clicks on a redirect or an ad.';
COMMENT ON COLUMN analytics.touches_by_campaign_day.views IS 'Touches of people that are views of an ad.';
COMMENT ON COLUMN analytics.touches_by_campaign_day.without_consent IS 'Touches of people without granted consent: they belong to nobody.';
COMMENT ON COLUMN analytics.touches_by_campaign_day.bots IS 'Touches by what is no person; in no other column.';
COMMENT ON COLUMN analytics.touches_by_campaign_day.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.touches_by_campaign_day.updated_at IS 'Broker time of the record that brought the row.';

-- Periods and orders are read by day.
CREATE INDEX ad_facts_by_day ON analytics.ad_facts (brand, day);
CREATE INDEX conversions_by_day ON analytics.conversions (brand, day);
-- What an erasure looks for.
CREATE INDEX conversions_by_visitor ON analytics.conversions (visitor_id);
CREATE INDEX conversions_by_customer ON analytics.conversions (customer_id);
CREATE INDEX identity_links_by_visitor ON analytics.identity_links (visitor_id);
CREATE INDEX identity_links_by_customer ON analytics.identity_links (customer_id);

-- Only totals of days of single ads are summed: breakdowns and the rows of campaigns and accounts tell the same again.
CREATE VIEW analytics.ad_performance_by_ad_day AS
SELECT f.brand, f.platform, f.ad_account_id, f.entity_id AS ad_id, f.day, f.campaign_id, f.adset_id,
       a.name AS ad_name, c.name AS campaign_name, a.post_platform, a.post_account_id, a.post_id,
       f.day::timestamp AT TIME ZONE f.zone AS day_starts_at, f.zone, f.currency, f.spend_micros, f.impressions,
       f.clicks, f.link_clicks, f.reach, f.reactions + f.comments + f.shares + f.saves AS engagements, f.video_views,
       f.purchases_micros::double precision / 1000000 AS purchases, f.purchase_value_micros, f.is_provisional, f.as_of
FROM analytics.ad_facts AS f
LEFT JOIN analytics.ad_entities AS a
    ON (a.brand, a.platform, a.ad_account_id, a.kind, a.entity_id)
     = (f.brand, f.platform, f.ad_account_id, 'ad', f.entity_id)
LEFT JOIN analytics.ad_entities AS c
    ON (c.brand, c.platform, c.ad_account_id, c.kind, c.entity_id)
     = (f.brand, f.platform, f.ad_account_id, 'campaign', f.campaign_id)
WHERE f.level = 'ad' AND f.breakdown = '' AND f.day IS NOT NULL;
COMMENT ON VIEW analytics.ad_performance_by_ad_day IS 'What an ad did and cost on a day, as believed now.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.brand IS 'The brand.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.platform IS 'Platform, for instance meta_ads.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.ad_account_id IS 'The platform''s ad account.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.ad_id IS 'The ad.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.day IS 'Local date of the ad account.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.campaign_id IS 'Its campaign.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.adset_id IS 'Its ad set.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.ad_name IS 'Name of the ad; NULL if not read yet.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.campaign_name IS 'Name of the campaign; NULL if not read yet.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.post_platform IS 'Platform of the post that it promotes.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.post_account_id IS 'Account of that post.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.post_id IS 'The post that it promotes.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.day_starts_at IS 'When that date begins, in the ad account''s zone.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.zone IS 'Time zone of the ad account.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.currency IS 'Currency of the money in this row, ISO 4217.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.spend_micros IS 'Money spent, in millionths of the currency.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.impressions IS 'Times shown.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.clicks IS 'Clicks of every kind.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.link_clicks IS 'Clicks on the link.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.reach IS 'People who saw it, as the platform estimates; never summed.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.engagements IS 'Reactions, comments, shares and saves.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.video_views IS 'Views of its video.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.purchases IS 'Purchases that the platform claims, fractions included; NULL if none told.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.purchase_value_micros IS 'Their value in millionths of the currency; NULL if not told.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.is_provisional IS 'Whether the platform may still restate any of it.';
COMMENT ON COLUMN analytics.ad_performance_by_ad_day.as_of IS 'Since when this is believed.';

CREATE VIEW analytics.ad_performance_by_campaign_day AS
WITH of_ads AS (
    SELECT brand, platform, ad_account_id, campaign_id, day, currency, max(zone) AS zone, count(*) AS ads,
           sum(spend_micros)::bigint AS spend_micros, sum(impressions)::bigint AS impressions,
           sum(clicks)::bigint AS clicks, sum(link_clicks)::bigint AS link_clicks,
           sum(reactions + comments + shares + saves)::bigint AS engagements, sum(video_views)::bigint AS video_views,
           sum(purchases_micros) AS purchases_micros, sum(purchase_value_micros)::bigint AS purchase_value_micros,
           bool_or(is_provisional) AS is_provisional, max(as_of) AS as_of
    FROM analytics.ad_facts
    WHERE level = 'ad' AND breakdown = '' AND day IS NOT NULL AND campaign_id IS NOT NULL
    GROUP BY brand, platform, ad_account_id, campaign_id, day, currency
), own AS (
    SELECT *, entity_id AS id FROM analytics.ad_facts
    WHERE level = 'campaign' AND breakdown = '' AND day IS NOT NULL
), both_levels AS (
    SELECT coalesce(a.brand, o.brand) AS brand, coalesce(a.platform, o.platform) AS platform,
           coalesce(a.ad_account_id, o.ad_account_id) AS ad_account_id, coalesce(a.campaign_id, o.id) AS campaign_id,
           coalesce(a.day, o.day) AS day, coalesce(a.zone, o.zone) AS zone,
           coalesce(a.currency, o.currency) AS currency, coalesce(a.ads, 0) AS ads,
           coalesce(a.spend_micros, o.spend_micros) AS spend_micros,
           coalesce(a.impressions, o.impressions) AS impressions, coalesce(a.clicks, o.clicks) AS clicks,
           coalesce(a.link_clicks, o.link_clicks) AS link_clicks, o.reach,
           coalesce(a.engagements, o.reactions + o.comments + o.shares + o.saves) AS engagements,
           coalesce(a.video_views, o.video_views) AS video_views,
           CASE WHEN a.ads IS NULL THEN o.purchases_micros ELSE a.purchases_micros END AS purchases_micros,
           CASE WHEN a.ads IS NULL THEN o.purchase_value_micros ELSE a.purchase_value_micros END
               AS purchase_value_micros,
           coalesce(a.is_provisional, o.is_provisional) AS is_provisional, coalesce(a.as_of, o.as_of) AS as_of
    FROM of_ads AS a
    FULL JOIN own AS o
        ON (o.brand, o.platform, o.ad_account_id, o.id, o.day, o.currency)
         = (a.brand, a.platform, a.ad_account_id, a.campaign_id, a.day, a.currency)
)
SELECT b.brand, b.platform, b.ad_account_id, b.campaign_id, b.day, b.currency, e.name AS campaign_name, e.objective,
       b.ads, b.day::timestamp AT TIME ZONE b.zone AS day_starts_at, b.zone, b.spend_micros, b.impressions, b.clicks,
       b.link_clicks, b.reach, b.engagements, b.video_views,
       b.purchases_micros::double precision / 1000000 AS purchases, b.purchase_value_micros, b.is_provisional, b.as_of
FROM both_levels AS b
LEFT JOIN analytics.ad_entities AS e
    ON (e.brand, e.platform, e.ad_account_id, e.kind, e.entity_id)
     = (b.brand, b.platform, b.ad_account_id, 'campaign', b.campaign_id);
COMMENT ON VIEW analytics.ad_performance_by_campaign_day IS 'What a campaign did and cost on a day, as believed now: the sum of its ads, its own row where no ad is known; reach is its own.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.brand IS 'The brand.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.platform IS 'Platform, for instance meta_ads.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.ad_account_id IS 'The platform''s ad account.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.campaign_id IS 'The campaign.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.day IS 'Local date of the ad account.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.currency IS 'Currency of the money in this row, ISO 4217.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.campaign_name IS 'Its name; NULL if not read yet.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.objective IS 'What it is for, in the platform''s words.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.ads IS 'Ads that are summed; 0: the campaign''s own row.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.day_starts_at IS 'When that date begins, in the ad account''s zone.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.zone IS 'Time zone of the ad account.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.spend_micros IS 'Money spent, in millionths of the currency.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.impressions IS 'Times shown.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.clicks IS 'Clicks of every kind.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.link_clicks IS 'Clicks on the link.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.reach IS 'People whom the campaign reached, by its own row; NULL if unknown, since reach cannot be summed.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.engagements IS 'Reactions, comments, shares and saves.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.video_views IS 'Views of its video.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.purchases IS 'Purchases that the platform claims, fractions included; NULL if none told.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.purchase_value_micros IS 'Their value in millionths of the currency; NULL if not told.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.is_provisional IS 'Whether the platform may still restate any of it.';
COMMENT ON COLUMN analytics.ad_performance_by_campaign_day.as_of IS 'Since when the newest of it is believed.';

CREATE VIEW analytics.ad_rates_by_ad_day AS
SELECT p.brand, p.platform, p.ad_account_id, p.ad_id, p.day, p.currency, d.definition,
       d.numerator::double precision AS numerator, d.denominator::double precision AS denominator, d.denominator_name,
       d.numerator::double precision / nullif(d.denominator::double precision, 0) * d.factor AS rate
FROM (SELECT *, spend_micros::double precision / 1000000 AS spend,
             purchase_value_micros::double precision / 1000000 AS value
      FROM analytics.ad_performance_by_ad_day) AS p
CROSS JOIN LATERAL (VALUES
    ('CTR', p.clicks, p.impressions, 'impressions', 1),
    ('CPC', p.spend, p.clicks, 'clicks', 1),
    ('CPM', p.spend, p.impressions, 'impressions', 1000),
    ('CPP', p.spend, p.reach, 'reach', 1000),
    ('frequency', p.impressions, p.reach, 'reach', 1),
    ('CVR', p.purchases, p.clicks, 'clicks', 1),
    ('CPA', p.spend, p.purchases, 'purchases', 1),
    ('ROAS', p.value, p.spend, 'spend', 1),
    ('CPE', p.spend, p.engagements, 'engagements', 1)
) AS d(definition, numerator, denominator, denominator_name, factor);
COMMENT ON VIEW analytics.ad_rates_by_ad_day IS 'Rates of an ad''s day, one row a definition; purchases are those that the platform claims.';
COMMENT ON COLUMN analytics.ad_rates_by_ad_day.brand IS 'The brand.';
COMMENT ON COLUMN analytics.ad_rates_by_ad_day.platform IS 'Platform, for instance meta_ads.';
COMMENT ON COLUMN analytics.ad_rates_by_ad_day.ad_account_id IS 'The platform''s ad account.';
COMMENT ON COLUMN analytics.ad_rates_by_ad_day.ad_id IS 'The ad.';
COMMENT ON COLUMN analytics.ad_rates_by_ad_day.day IS 'Local date of the ad account.';
COMMENT ON COLUMN analytics.ad_rates_by_ad_day.currency IS 'Currency of the money in this row, ISO 4217.';
COMMENT ON COLUMN analytics.ad_rates_by_ad_day.definition IS 'P1: CTR, CPC, CPM, CPP, frequency. P2: CVR, CPA, ROAS, CPE.';
COMMENT ON COLUMN analytics.ad_rates_by_ad_day.numerator IS 'What is divided, money in whole units of the currency; NULL if unknown.';
COMMENT ON COLUMN analytics.ad_rates_by_ad_day.denominator IS 'What it is divided by; NULL if unknown.';
COMMENT ON COLUMN analytics.ad_rates_by_ad_day.denominator_name IS 'impressions, clicks, reach, purchases, spend or engagements.';
COMMENT ON COLUMN analytics.ad_rates_by_ad_day.rate IS 'numerator / denominator, times 1000 for CPM and CPP; NULL if the denominator is 0 or unknown.';

CREATE VIEW analytics.ad_rates_by_campaign_day AS
SELECT p.brand, p.platform, p.ad_account_id, p.campaign_id, p.day, p.currency, d.definition,
       d.numerator::double precision AS numerator, d.denominator::double precision AS denominator, d.denominator_name,
       d.numerator::double precision / nullif(d.denominator::double precision, 0) * d.factor AS rate
FROM (SELECT *, spend_micros::double precision / 1000000 AS spend,
             purchase_value_micros::double precision / 1000000 AS value
      FROM analytics.ad_performance_by_campaign_day) AS p
CROSS JOIN LATERAL (VALUES
    ('CTR', p.clicks, p.impressions, 'impressions', 1),
    ('CPC', p.spend, p.clicks, 'clicks', 1),
    ('CPM', p.spend, p.impressions, 'impressions', 1000),
    ('CPP', p.spend, p.reach, 'reach', 1000),
    ('frequency', p.impressions, p.reach, 'reach', 1),
    ('CVR', p.purchases, p.clicks, 'clicks', 1),
    ('CPA', p.spend, p.purchases, 'purchases', 1),
    ('ROAS', p.value, p.spend, 'spend', 1),
    ('CPE', p.spend, p.engagements, 'engagements', 1)
) AS d(definition, numerator, denominator, denominator_name, factor);
COMMENT ON VIEW analytics.ad_rates_by_campaign_day IS 'Rates of a campaign''s day, one row a definition; purchases are those that the platform claims.';
COMMENT ON COLUMN analytics.ad_rates_by_campaign_day.brand IS 'The brand.';
COMMENT ON COLUMN analytics.ad_rates_by_campaign_day.platform IS 'Platform, for instance meta_ads.';
COMMENT ON COLUMN analytics.ad_rates_by_campaign_day.ad_account_id IS 'The platform''s ad account.';
COMMENT ON COLUMN analytics.ad_rates_by_campaign_day.campaign_id IS 'The campaign.';
COMMENT ON COLUMN analytics.ad_rates_by_campaign_day.day IS 'Local date of the ad account.';
COMMENT ON COLUMN analytics.ad_rates_by_campaign_day.currency IS 'Currency of the money in this row, ISO 4217.';
COMMENT ON COLUMN analytics.ad_rates_by_campaign_day.definition IS 'P1: CTR, CPC, CPM, CPP, frequency. P2: CVR, CPA, ROAS, CPE.';
COMMENT ON COLUMN analytics.ad_rates_by_campaign_day.numerator IS 'What is divided, money in whole units of the currency; NULL if unknown.';
COMMENT ON COLUMN analytics.ad_rates_by_campaign_day.denominator IS 'What it is divided by; NULL if unknown.';
COMMENT ON COLUMN analytics.ad_rates_by_campaign_day.denominator_name IS 'impressions, clicks, reach, purchases, spend or engagements.';
COMMENT ON COLUMN analytics.ad_rates_by_campaign_day.rate IS 'numerator / denominator, times 1000 for CPM and CPP; NULL if the denominator is 0 or unknown.';

CREATE VIEW analytics.ad_fact_beliefs AS
SELECT h.brand, h.platform, h.ad_account_id, h.level, h.entity_id, h.period, h.breakdown, h.as_of AS believed_from,
       lead(h.as_of) OVER (PARTITION BY h.brand, h.platform, h.ad_account_id, h.level, h.entity_id, h.period,
                           h.breakdown ORDER BY h.as_of) AS believed_until,
       h.day, h.campaign_id, h.currency, h.spend_micros, h.impressions, h.clicks,
       h.purchases_micros::double precision / 1000000 AS purchases, h.purchase_value_micros,
       h.purchase_value_micros::double precision / nullif(h.spend_micros, 0) AS roas
FROM analytics.ad_fact_history AS h;
COMMENT ON VIEW analytics.ad_fact_beliefs IS 'What was believed of an ad, campaign or account in a period, from when until when: what yesterday''s ROAS looked like then, and now.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.brand IS 'The brand.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.platform IS 'Platform, for instance meta_ads.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.ad_account_id IS 'The platform''s ad account.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.level IS 'ad, campaign or account; sum one of them only.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.entity_id IS 'Id of that ad, campaign or account.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.period IS 'day:YYYY-MM-DD or lifetime.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.breakdown IS 'Empty for a total.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.believed_from IS 'Since when it was believed.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.believed_until IS 'Until when; NULL: it still is.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.day IS 'Local date of a period that is a day.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.campaign_id IS 'The campaign.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.currency IS 'Currency of the money in this row, ISO 4217.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.spend_micros IS 'Money spent, in millionths of the currency.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.impressions IS 'Times shown.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.clicks IS 'Clicks of every kind.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.purchases IS 'Purchases that the platform claims, fractions included; NULL if none told.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.purchase_value_micros IS 'Their value in millionths of the currency; NULL if not told.';
COMMENT ON COLUMN analytics.ad_fact_beliefs.roas IS 'purchase_value_micros / spend_micros (P2); NULL over 0.';

CREATE VIEW analytics.brand_efficiency_day AS
WITH revenue AS (
    SELECT brand, day, currency, sum(net_micros)::bigint AS revenue_micros, count(*) AS orders
    FROM analytics.conversions WHERE status = 'paid' GROUP BY brand, day, currency
), spent AS (
    SELECT brand, day, currency, sum(spend_micros)::bigint AS spend_micros
    FROM analytics.ad_performance_by_campaign_day GROUP BY brand, day, currency
)
SELECT brand, day, currency, coalesce(r.orders, 0) AS orders, coalesce(r.revenue_micros, 0) AS revenue_micros,
       s.spend_micros, r.revenue_micros::double precision / nullif(s.spend_micros, 0) AS mer
FROM revenue AS r FULL JOIN spent AS s USING (brand, day, currency);
COMMENT ON VIEW analytics.brand_efficiency_day IS 'All that a brand sold against all that it spent on ads, by day and currency.';
COMMENT ON COLUMN analytics.brand_efficiency_day.brand IS 'The brand.';
COMMENT ON COLUMN analytics.brand_efficiency_day.day IS 'Local date: of the shop for orders, of the ad account for spend.';
COMMENT ON COLUMN analytics.brand_efficiency_day.currency IS 'Currency of both, ISO 4217.';
COMMENT ON COLUMN analytics.brand_efficiency_day.orders IS 'Paid orders.';
COMMENT ON COLUMN analytics.brand_efficiency_day.revenue_micros IS 'Their worth net of refunds, in millionths of the currency.';
COMMENT ON COLUMN analytics.brand_efficiency_day.spend_micros IS 'Spent on ads, in millionths of the currency; NULL if no ads are known of the day.';
COMMENT ON COLUMN analytics.brand_efficiency_day.mer IS 'revenue_micros / spend_micros (P2); NULL over 0 or unknown.';

-- Time is the newest day that is known of the ad account, not the clock.
CREATE VIEW analytics.budget_pacing AS
WITH facts AS (
    SELECT brand, platform, ad_account_id, day, zone, currency, spend_micros, campaign_id, adset_id
    FROM analytics.ad_facts WHERE level = 'ad' AND breakdown = '' AND day IS NOT NULL
), accounts AS (
    SELECT DISTINCT ON (brand, platform, ad_account_id) brand, platform, ad_account_id, day AS through_day, zone,
           currency
    FROM facts ORDER BY brand, platform, ad_account_id, day DESC, zone, currency
), budgets AS (
    SELECT e.brand, e.platform, e.ad_account_id, e.kind, e.entity_id, e.name, e.effective_status, a.currency,
           a.through_day, b.budget_kind, b.budget_micros,
           CASE WHEN b.budget_kind = 'daily' THEN a.through_day
                ELSE (e.starts_at AT TIME ZONE a.zone)::date END AS first_day,
           CASE WHEN b.budget_kind = 'daily' THEN a.through_day
                -- An end at midnight is the end of the day before.
                ELSE ((e.ends_at - interval '1 microsecond') AT TIME ZONE a.zone)::date END AS last_day
    FROM analytics.ad_entities AS e
    JOIN accounts AS a USING (brand, platform, ad_account_id)
    CROSS JOIN LATERAL (VALUES ('daily', e.daily_budget_micros), ('lifetime', e.lifetime_budget_micros))
        AS b(budget_kind, budget_micros)
    WHERE e.kind IN ('campaign', 'adset') AND b.budget_micros > 0
), spent AS (
    SELECT b.*, b.last_day - b.first_day + 1 AS total_days,
           least(b.through_day, b.last_day) - b.first_day + 1 AS elapsed_days,
           coalesce((SELECT sum(f.spend_micros) FROM facts AS f
                     WHERE (f.brand, f.platform, f.ad_account_id, f.currency)
                         = (b.brand, b.platform, b.ad_account_id, b.currency)
                       AND CASE b.kind WHEN 'campaign' THEN f.campaign_id ELSE f.adset_id END = b.entity_id
                       AND (b.budget_kind = 'lifetime' OR f.day = b.through_day)), 0)::bigint AS spend_micros
    FROM budgets AS b
), paced AS (
    SELECT *, greatest(elapsed_days, 0)::double precision / nullif(greatest(total_days, 0), 0) AS elapsed FROM spent
)
SELECT brand, platform, ad_account_id, kind, entity_id, budget_kind, name, effective_status, currency, budget_micros,
       spend_micros, first_day, last_day, through_day, greatest(elapsed_days, 0) AS elapsed_days, total_days,
       budget_micros * elapsed AS expected_micros,
       spend_micros::double precision / budget_micros / nullif(elapsed, 0) * 100 AS pacing_percent,
       spend_micros / nullif(elapsed, 0) AS projected_micros
FROM paced;
COMMENT ON VIEW analytics.budget_pacing IS 'How fast a campaign or an ad set spends its budget (P3), through the newest day known of its ad account.';
COMMENT ON COLUMN analytics.budget_pacing.brand IS 'The brand.';
COMMENT ON COLUMN analytics.budget_pacing.platform IS 'Platform, for instance meta_ads.';
COMMENT ON COLUMN analytics.budget_pacing.ad_account_id IS 'The platform''s ad account.';
COMMENT ON COLUMN analytics.budget_pacing.kind IS 'campaign or adset: what has the budget.';
COMMENT ON COLUMN analytics.budget_pacing.entity_id IS 'Its id.';
COMMENT ON COLUMN analytics.budget_pacing.budget_kind IS 'lifetime, or daily: then it is about the newest day alone.';
COMMENT ON COLUMN analytics.budget_pacing.name IS 'Its name.';
COMMENT ON COLUMN analytics.budget_pacing.effective_status IS 'What holds in effect.';
COMMENT ON COLUMN analytics.budget_pacing.currency IS 'Currency of the ad account, ISO 4217.';
COMMENT ON COLUMN analytics.budget_pacing.budget_micros IS 'The budget, in millionths of the currency.';
COMMENT ON COLUMN analytics.budget_pacing.spend_micros IS 'Spent of it by its ads, in millionths of the currency.';
COMMENT ON COLUMN analytics.budget_pacing.first_day IS 'Local date on which it begins.';
COMMENT ON COLUMN analytics.budget_pacing.last_day IS 'Local date on which it ends; NULL if it has no end.';
COMMENT ON COLUMN analytics.budget_pacing.through_day IS 'Newest day known of the ad account; it may still be going on.';
COMMENT ON COLUMN analytics.budget_pacing.elapsed_days IS 'Days from the first through that one, at most all.';
COMMENT ON COLUMN analytics.budget_pacing.total_days IS 'Days from the first to the last; NULL without an end.';
COMMENT ON COLUMN analytics.budget_pacing.expected_micros IS 'budget * elapsed / total, in millionths; NULL without an end.';
COMMENT ON COLUMN analytics.budget_pacing.pacing_percent IS '(spend / budget) / (elapsed / total) * 100; above 100 is too fast; NULL if nothing has elapsed or without an end.';
COMMENT ON COLUMN analytics.budget_pacing.projected_micros IS 'spend / elapsed * total, in millionths: what it comes to at this pace.';
