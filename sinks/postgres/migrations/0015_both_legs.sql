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
