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
