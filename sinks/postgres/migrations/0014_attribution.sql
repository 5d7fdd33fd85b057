-- Attribution: which touches a purchase is credited to, in each model, and the ways that people come.

CREATE TABLE analytics.attribution_credits (
    brand text NOT NULL,
    source text NOT NULL,
    shop_id text NOT NULL,
    order_id text NOT NULL,
    touch_id text NOT NULL,
    model text NOT NULL,
    channel text NOT NULL,
    campaign text NOT NULL,
    touched_at timestamptz NOT NULL,
    ordered_at timestamptz NOT NULL,
    currency text NOT NULL,
    units bigint NOT NULL,
    value_micros bigint NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (brand, source, shop_id, order_id, touch_id, model)
);
COMMENT ON TABLE analytics.attribution_credits IS 'One row for each order, touch and model: which part of the order is credited to the touch.';
COMMENT ON COLUMN analytics.attribution_credits.brand IS 'The brand; all of the paid leg is counted by it.';
COMMENT ON COLUMN analytics.attribution_credits.source IS 'Who told of the order: shopify, stripe, woocommerce or web.';
COMMENT ON COLUMN analytics.attribution_credits.shop_id IS 'The shop, or the site.';
COMMENT ON COLUMN analytics.attribution_credits.order_id IS 'The order''s id there.';
COMMENT ON COLUMN analytics.attribution_credits.touch_id IS 'The touch that is credited.';
COMMENT ON COLUMN analytics.attribution_credits.model IS 'How a purchase is shared among the touches before it: a file of the models.';
COMMENT ON COLUMN analytics.attribution_credits.channel IS 'Channel of the touch, by the rules of the configuration and the built-in ones.';
COMMENT ON COLUMN analytics.attribution_credits.campaign IS 'Campaign of the touch: campaign_id, else utm_id, else utm_campaign, else empty.';
COMMENT ON COLUMN analytics.attribution_credits.touched_at IS 'When the touch was.';
COMMENT ON COLUMN analytics.attribution_credits.ordered_at IS 'When it was ordered.';
COMMENT ON COLUMN analytics.attribution_credits.currency IS 'Currency of the order, ISO 4217.';
COMMENT ON COLUMN analytics.attribution_credits.units IS 'Credit in 10^-12 of a purchase; 10^12 is a whole one.';
COMMENT ON COLUMN analytics.attribution_credits.value_micros IS 'The credit''s part of the order''s net value, in millionths of the currency.';
COMMENT ON COLUMN analytics.attribution_credits.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.attribution_credits.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.attribution_by_channel_day (
    brand text NOT NULL,
    model text NOT NULL,
    basis text NOT NULL,
    channel text NOT NULL,
    currency text NOT NULL,
    day date NOT NULL,
    units bigint NOT NULL,
    value_micros bigint NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (brand, model, basis, channel, currency, day)
);
COMMENT ON TABLE analytics.attribution_by_channel_day IS 'Credits summed by channel and day, in each model, by the day of the touch and by that of the order.';
COMMENT ON COLUMN analytics.attribution_by_channel_day.brand IS 'The brand; all of the paid leg is counted by it.';
COMMENT ON COLUMN analytics.attribution_by_channel_day.model IS 'How a purchase is shared among the touches before it: a file of the models.';
COMMENT ON COLUMN analytics.attribution_by_channel_day.basis IS 'Whose day it is: touch or conversion.';
COMMENT ON COLUMN analytics.attribution_by_channel_day.channel IS 'Channel of the touch, by the rules of the configuration and the built-in ones.';
COMMENT ON COLUMN analytics.attribution_by_channel_day.currency IS 'Currency of the order, ISO 4217.';
COMMENT ON COLUMN analytics.attribution_by_channel_day.day IS 'Local date of the touch at its site, or of the order in its shop''s zone.';
COMMENT ON COLUMN analytics.attribution_by_channel_day.units IS 'Credit in 10^-12 of a purchase; 10^12 is a whole one.';
COMMENT ON COLUMN analytics.attribution_by_channel_day.value_micros IS 'The credit''s part of the order''s net value, in millionths of the currency.';
COMMENT ON COLUMN analytics.attribution_by_channel_day.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.attribution_by_channel_day.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.attribution_by_campaign_day (
    brand text NOT NULL,
    model text NOT NULL,
    basis text NOT NULL,
    channel text NOT NULL,
    campaign text NOT NULL,
    currency text NOT NULL,
    day date NOT NULL,
    units bigint NOT NULL,
    value_micros bigint NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (brand, model, basis, channel, campaign, currency, day)
);
COMMENT ON TABLE analytics.attribution_by_campaign_day IS 'Credits summed by channel, campaign and day, in each model, by the day of the touch and by that of the order.';
COMMENT ON COLUMN analytics.attribution_by_campaign_day.brand IS 'The brand; all of the paid leg is counted by it.';
COMMENT ON COLUMN analytics.attribution_by_campaign_day.model IS 'How a purchase is shared among the touches before it: a file of the models.';
COMMENT ON COLUMN analytics.attribution_by_campaign_day.basis IS 'Whose day it is: touch or conversion.';
COMMENT ON COLUMN analytics.attribution_by_campaign_day.channel IS 'Channel of the touch, by the rules of the configuration and the built-in ones.';
COMMENT ON COLUMN analytics.attribution_by_campaign_day.campaign IS 'Campaign of the touch: campaign_id, else utm_id, else utm_campaign, else empty.';
COMMENT ON COLUMN analytics.attribution_by_campaign_day.currency IS 'Currency of the order, ISO 4217.';
COMMENT ON COLUMN analytics.attribution_by_campaign_day.day IS 'Local date of the touch at its site, or of the order in its shop''s zone.';
COMMENT ON COLUMN analytics.attribution_by_campaign_day.units IS 'Credit in 10^-12 of a purchase; 10^12 is a whole one.';
COMMENT ON COLUMN analytics.attribution_by_campaign_day.value_micros IS 'The credit''s part of the order''s net value, in millionths of the currency.';
COMMENT ON COLUMN analytics.attribution_by_campaign_day.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.attribution_by_campaign_day.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.channel_paths (
    brand text NOT NULL,
    path_option text NOT NULL,
    path text NOT NULL,
    purchases bigint NOT NULL,
    open_journeys bigint NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (brand, path_option, path)
);
COMMENT ON TABLE analytics.channel_paths IS 'Journeys by the channels that they went through.';
COMMENT ON COLUMN analytics.channel_paths.brand IS 'The brand; all of the paid leg is counted by it.';
COMMENT ON COLUMN analytics.channel_paths.path_option IS 'What is left of a journey before its channels are counted.';
COMMENT ON COLUMN analytics.channel_paths.path IS 'The channels in their order, joined by an arrow; of more than 12 the last 12.';
COMMENT ON COLUMN analytics.channel_paths.purchases IS 'Journeys that ended in a purchase.';
COMMENT ON COLUMN analytics.channel_paths.open_journeys IS 'Journeys without a purchase so far.';
COMMENT ON COLUMN analytics.channel_paths.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.channel_paths.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.channel_transitions (
    brand text NOT NULL,
    path_option text NOT NULL,
    day date NOT NULL,
    step_from text NOT NULL,
    step_to text NOT NULL,
    steps bigint NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (brand, path_option, day, step_from, step_to)
);
COMMENT ON TABLE analytics.channel_transitions IS 'How often somebody went from one channel to the next: what removal effects are computed from.';
COMMENT ON COLUMN analytics.channel_transitions.brand IS 'The brand; all of the paid leg is counted by it.';
COMMENT ON COLUMN analytics.channel_transitions.path_option IS 'What is left of a journey before its channels are counted.';
COMMENT ON COLUMN analytics.channel_transitions.day IS 'Local date of the journey''s last touch, at its site.';
COMMENT ON COLUMN analytics.channel_transitions.step_from IS 'A channel, or (start).';
COMMENT ON COLUMN analytics.channel_transitions.step_to IS 'A channel, (conversion), or (null) for a journey without a purchase so far.';
COMMENT ON COLUMN analytics.channel_transitions.steps IS 'How often.';
COMMENT ON COLUMN analytics.channel_transitions.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.channel_transitions.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.channel_removal_effects (
    brand text NOT NULL,
    path_option text NOT NULL,
    channel text NOT NULL,
    purchases bigint NOT NULL,
    removal_effect double precision NOT NULL,
    credited double precision NOT NULL,
    as_of date NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (brand, path_option, channel)
);
COMMENT ON TABLE analytics.channel_removal_effects IS 'What would be lost without a channel: its removal effect in the Markov chain of the last 90 days.';
COMMENT ON COLUMN analytics.channel_removal_effects.brand IS 'The brand; all of the paid leg is counted by it.';
COMMENT ON COLUMN analytics.channel_removal_effects.path_option IS 'What is left of a journey before its channels are counted.';
COMMENT ON COLUMN analytics.channel_removal_effects.channel IS 'Channel of the touch, by the rules of the configuration and the built-in ones.';
COMMENT ON COLUMN analytics.channel_removal_effects.purchases IS 'Journeys of these days that ended in a purchase, of all channels.';
COMMENT ON COLUMN analytics.channel_removal_effects.removal_effect IS 'Share of the conversions that is lost without the channel.';
COMMENT ON COLUMN analytics.channel_removal_effects.credited IS 'The channel''s part of the purchases, in proportion to the removal effects.';
COMMENT ON COLUMN analytics.channel_removal_effects.as_of IS 'The last of the 90 days, UTC.';
COMMENT ON COLUMN analytics.channel_removal_effects.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.channel_removal_effects.updated_at IS 'Broker time of the record that brought the row.';

-- Days are read for one model.
CREATE INDEX attribution_by_channel_day_by_day ON analytics.attribution_by_channel_day (brand, model, basis, day);
CREATE INDEX attribution_by_campaign_day_by_day ON analytics.attribution_by_campaign_day (brand, model, basis, day);
