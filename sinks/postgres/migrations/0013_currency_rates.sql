-- What money of one currency is in another: rates are imported, amounts stay in their own currency and are converted
-- when they are read, at the rate of their own day.
CREATE TABLE analytics.currency_rates (
    currency text NOT NULL,
    day date NOT NULL,
    units double precision NOT NULL CHECK (units > 0 AND units < 'infinity'),
    source text NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (currency, day)
);
COMMENT ON TABLE analytics.currency_rates IS 'Rates of exchange as imported, all against one base, whose own rate is 1.';
COMMENT ON COLUMN analytics.currency_rates.currency IS 'Currency, ISO 4217.';
COMMENT ON COLUMN analytics.currency_rates.day IS 'Day of the rate.';
COMMENT ON COLUMN analytics.currency_rates.units IS 'Units of the currency for one unit of the base.';
COMMENT ON COLUMN analytics.currency_rates.source IS 'The file that it came from.';
COMMENT ON COLUMN analytics.currency_rates.imported_at IS 'When it was last imported.';
GRANT INSERT, UPDATE ON analytics.currency_rates TO engagement_planner;

CREATE FUNCTION analytics.currency_units(wanted text, on_day date) RETURNS double precision
LANGUAGE sql STABLE
RETURN (
    SELECT r.units FROM analytics.currency_rates AS r
    WHERE r.currency = wanted AND r.day BETWEEN on_day - 7 AND on_day
    ORDER BY r.day DESC
    LIMIT 1
);
COMMENT ON FUNCTION analytics.currency_units IS 'The last rate at or before a day, at most 7 days old; NULL if there is none.';

CREATE FUNCTION analytics.converted_micros(micros bigint, from_currency text, to_currency text, on_day date)
RETURNS bigint
LANGUAGE sql STABLE
RETURN CASE WHEN from_currency = to_currency THEN micros
            ELSE round(micros * (analytics.currency_units(to_currency, on_day)
                                 / analytics.currency_units(from_currency, on_day)))::bigint END;
COMMENT ON FUNCTION analytics.converted_micros IS 'An amount in another currency, at the rates of its own day; NULL if one of them is unknown.';

CREATE FUNCTION analytics.brand_efficiency_in(wanted text)
RETURNS TABLE (brand text, day date, orders bigint, revenue_micros bigint, spend_micros bigint, mer double precision)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.brand, c.day, c.orders::bigint, c.revenue::bigint, c.spend::bigint,
           c.revenue::double precision / nullif(c.spend, 0)::double precision
    FROM (
        SELECT e.brand, e.day, sum(e.orders) AS orders,
               CASE WHEN count(*) = count(m.revenue) THEN sum(m.revenue) END AS revenue,
               CASE WHEN count(e.spend_micros) = count(m.spend) THEN sum(m.spend) END AS spend
        FROM analytics.brand_efficiency_day AS e
        CROSS JOIN LATERAL (
            SELECT analytics.converted_micros(e.revenue_micros, e.currency, wanted, e.day) AS revenue,
                   analytics.converted_micros(e.spend_micros, e.currency, wanted, e.day) AS spend
        ) AS m
        GROUP BY e.brand, e.day
    ) AS c;
END;
COMMENT ON FUNCTION analytics.brand_efficiency_in IS 'brand_efficiency_day over all currencies in one; an amount is NULL if any part of it has no rate.';
GRANT EXECUTE ON FUNCTION analytics.currency_units, analytics.converted_micros, analytics.brand_efficiency_in
    TO engagement_writer, engagement_reader;
