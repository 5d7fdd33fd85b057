-- Whose code sells, who had engaged before they bought, and what is spent on people who come anyway.
ALTER TABLE analytics.conversions ADD COLUMN discount_codes text[] NOT NULL DEFAULT '{}';
ALTER TABLE analytics.conversions ALTER COLUMN discount_codes DROP DEFAULT;
COMMENT ON COLUMN analytics.conversions.discount_codes IS 'Codes that made it cheaper, lower case, sorted.';

CREATE TABLE analytics.ambassador_codes (
    brand text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('code', 'link')),
    code text NOT NULL CHECK (code <> ''),
    platform text NOT NULL,
    actor_id text NOT NULL,
    is_personal boolean NOT NULL,
    source text NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (brand, kind, code)
);
CREATE INDEX ambassador_codes_by_person ON analytics.ambassador_codes (platform, actor_id);
GRANT INSERT, UPDATE, DELETE ON analytics.ambassador_codes TO engagement_planner;
COMMENT ON TABLE analytics.ambassador_codes IS 'Discount codes and links, each given to one person of a platform, as imported with `engagement ambassadors import`.';
COMMENT ON COLUMN analytics.ambassador_codes.brand IS 'The brand in whose shops it is good.';
COMMENT ON COLUMN analytics.ambassador_codes.kind IS 'code: a discount code; link: the utm_campaign of a link.';
COMMENT ON COLUMN analytics.ambassador_codes.code IS 'The code or the campaign, in the spelling of conversions.discount_codes and utm_campaign; the same again replaces.';
COMMENT ON COLUMN analytics.ambassador_codes.platform IS 'Platform of the person, for instance facebook.';
COMMENT ON COLUMN analytics.ambassador_codes.actor_id IS 'Pseudonym of the person, as in community_members.';
COMMENT ON COLUMN analytics.ambassador_codes.is_personal IS 'Whether only they themselves use it: then it says who bought.';
COMMENT ON COLUMN analytics.ambassador_codes.source IS 'Name of the imported file.';
COMMENT ON COLUMN analytics.ambassador_codes.imported_at IS 'When it was imported, or last changed by an import.';

CREATE TABLE analytics.imported_buyers (
    brand text NOT NULL,
    platform text NOT NULL,
    actor_id text NOT NULL,
    customer_id text NOT NULL,
    source text NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (brand, platform, actor_id, customer_id)
);
CREATE INDEX imported_buyers_by_person ON analytics.imported_buyers (platform, actor_id);
CREATE INDEX imported_buyers_by_customer ON analytics.imported_buyers (customer_id);
GRANT INSERT, UPDATE, DELETE ON analytics.imported_buyers TO engagement_planner;
COMMENT ON TABLE analytics.imported_buyers IS 'Which person of a platform is which customer, as imported with `engagement buyers import`; both are pseudonyms.';
COMMENT ON COLUMN analytics.imported_buyers.brand IS 'The brand.';
COMMENT ON COLUMN analytics.imported_buyers.platform IS 'Platform of the person, for instance facebook.';
COMMENT ON COLUMN analytics.imported_buyers.actor_id IS 'Pseudonym of the person, as in community_members.';
COMMENT ON COLUMN analytics.imported_buyers.customer_id IS 'Pseudonym of the customer, as in conversions.';
COMMENT ON COLUMN analytics.imported_buyers.source IS 'Name of the imported file.';
COMMENT ON COLUMN analytics.imported_buyers.imported_at IS 'When it was imported, or last changed by an import.';

-- A purchase and a person stand here once for each code or link of theirs that led to it.
CREATE FUNCTION analytics.purchases_by_code()
RETURNS TABLE (brand text, source text, shop_id text, order_id text, platform text, actor_id text, kind text,
               is_personal boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT o.brand, o.source, o.shop_id, o.order_id, a.platform, a.actor_id, a.kind, a.is_personal
    FROM analytics.conversions AS o
    CROSS JOIN unnest(o.discount_codes) AS used (code)
    JOIN analytics.ambassador_codes AS a ON (a.brand, a.kind, a.code) = (o.brand, 'code', used.code)
    WHERE o.status = 'paid' AND o.event_name = 'purchase'
    UNION
    SELECT t.brand, t.source, t.shop_id, t.order_id, a.platform, a.actor_id, a.kind, a.is_personal
    FROM analytics.attribution_credits AS t
    JOIN analytics.ambassador_codes AS a ON (a.brand, a.kind, a.code) = (t.brand, 'link', t.campaign)
    JOIN analytics.conversions AS o
        ON (o.brand, o.source, o.shop_id, o.order_id) = (t.brand, t.source, t.shop_id, t.order_id)
    WHERE t.model = 'linear' AND o.status = 'paid' AND o.event_name = 'purchase';
END;
COMMENT ON FUNCTION analytics.purchases_by_code() IS 'Which paid purchases bear a code of whom, or have a touch by a link of theirs; docs/semantics.md, section 14.';

-- Bit k of recent_days is the day k days before last_seen_day.
CREATE FUNCTION analytics.was_active_before(recent_days bigint, last_seen_day date, day date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (recent_days >> greatest(last_seen_day - day + 1, 0))
    & ((1::bigint << greatest(least(last_seen_day - day + 60, 63) - greatest(last_seen_day - day + 1, 0) + 1, 0)) - 1)
    <> 0;
COMMENT ON FUNCTION analytics.was_active_before IS 'Whether a member was active on one of the 60 days before a day, as far as recent_days says: of a day more than 3 days before last_seen_day false is unknown.';
GRANT EXECUTE ON FUNCTION analytics.purchases_by_code, analytics.was_active_before
    TO engagement_writer, engagement_reader;

CREATE VIEW analytics.known_buyers AS
SELECT brand, platform, actor_id, customer_id, 'import' AS source
FROM analytics.imported_buyers
UNION
SELECT c.brand, c.platform, c.actor_id, o.customer_id, 'personal_code'
FROM analytics.purchases_by_code() AS c
JOIN analytics.conversions AS o USING (brand, source, shop_id, order_id)
WHERE c.is_personal AND o.customer_id IS NOT NULL;
COMMENT ON VIEW analytics.known_buyers IS 'Which people of a platform are known to be which customers, and how that is known. Nothing else links the two.';
COMMENT ON COLUMN analytics.known_buyers.brand IS 'The brand.';
COMMENT ON COLUMN analytics.known_buyers.platform IS 'Platform of the person, for instance facebook.';
COMMENT ON COLUMN analytics.known_buyers.actor_id IS 'Pseudonym of the person, as in community_members.';
COMMENT ON COLUMN analytics.known_buyers.customer_id IS 'Pseudonym of the customer, as in conversions.';
COMMENT ON COLUMN analytics.known_buyers.source IS 'import: a list of the brand''s own; personal_code: they bought with a code, or came by a link, that only they use.';

CREATE VIEW analytics.ambassador_revenue AS
WITH theirs AS (
    -- Each purchase once for each person; not what they bought themselves.
    SELECT brand, source, shop_id, order_id, platform, actor_id, bool_or(kind = 'code') AS by_code,
           bool_or(kind = 'link') AS by_link
    FROM analytics.purchases_by_code()
    GROUP BY brand, source, shop_id, order_id, platform, actor_id
    HAVING NOT bool_or(is_personal)
), sold AS (
    SELECT t.brand, t.platform, t.actor_id, o.day, o.currency, count(*) AS purchases,
           count(*) FILTER (WHERE t.by_code) AS by_code, count(*) FILTER (WHERE t.by_link) AS by_link,
           sum(o.net_micros)::bigint AS net_micros, count(DISTINCT o.customer_id) AS customers
    FROM theirs AS t
    JOIN analytics.conversions AS o USING (brand, source, shop_id, order_id)
    GROUP BY t.brand, t.platform, t.actor_id, o.day, o.currency
), ambassadors AS (
    SELECT DISTINCT a.brand, m.platform, m.actor_id
    FROM analytics.community_members AS m
    JOIN analytics.accounts AS a USING (platform, account_id)
    WHERE m.is_ambassador
), known AS (
    SELECT m.brand, count(*) AS persons, count(*) FILTER (WHERE EXISTS (
               SELECT 1 FROM analytics.ambassador_codes AS c
               WHERE (c.brand, c.platform, c.actor_id) = (m.brand, m.platform, m.actor_id) AND NOT c.is_personal
           )) AS linked_persons
    FROM ambassadors AS m
    GROUP BY m.brand
)
SELECT s.brand, s.platform, s.actor_id, s.day, s.currency, s.purchases, s.by_code, s.by_link, s.net_micros, s.customers,
       m.level, m.is_ambassador, coalesce(k.persons, 0) AS persons, coalesce(k.linked_persons, 0) AS linked_persons
FROM sold AS s
CROSS JOIN LATERAL (
    SELECT max(m.level) AS level, bool_or(m.is_ambassador) AS is_ambassador
    FROM analytics.accounts AS a
    JOIN analytics.community_members AS m USING (platform, account_id)
    WHERE (a.brand, a.platform, m.actor_id) = (s.brand, s.platform, s.actor_id)
) AS m
LEFT JOIN known AS k USING (brand);
COMMENT ON VIEW analytics.ambassador_revenue IS 'What was bought with the codes and by the links that were given to people. One purchase may be two people''s: a sum over them counts it twice.';
COMMENT ON COLUMN analytics.ambassador_revenue.brand IS 'The brand.';
COMMENT ON COLUMN analytics.ambassador_revenue.platform IS 'Platform of the person, for instance facebook.';
COMMENT ON COLUMN analytics.ambassador_revenue.actor_id IS 'Pseudonym of the person who was given the code or link.';
COMMENT ON COLUMN analytics.ambassador_revenue.day IS 'Local date of the orders in their shop''s zone.';
COMMENT ON COLUMN analytics.ambassador_revenue.currency IS 'Currency of the orders, ISO 4217.';
COMMENT ON COLUMN analytics.ambassador_revenue.purchases IS 'Paid purchases with a code of theirs, or with a touch by a link of theirs, each once; those with a personal one of theirs are their own and not among them.';
COMMENT ON COLUMN analytics.ambassador_revenue.by_code IS 'Those with a code.';
COMMENT ON COLUMN analytics.ambassador_revenue.by_link IS 'Those with a touch by a link; one may be both.';
COMMENT ON COLUMN analytics.ambassador_revenue.net_micros IS 'Their value net of refunds, in millionths of the currency.';
COMMENT ON COLUMN analytics.ambassador_revenue.customers IS 'Distinct customers of these purchases, as far as known.';
COMMENT ON COLUMN analytics.ambassador_revenue.level IS 'The person''s greatest level today on the brand''s accounts of the platform (O20); NULL if they are no member.';
COMMENT ON COLUMN analytics.ambassador_revenue.is_ambassador IS 'Whether they are an ambassador of one of these accounts; NULL if they are no member.';
COMMENT ON COLUMN analytics.ambassador_revenue.persons IS 'People who are ambassadors on any account of the brand, the same in each row.';
COMMENT ON COLUMN analytics.ambassador_revenue.linked_persons IS 'Those of them with a code or link that is not personal: of the others nobody can say what they sell.';

CREATE VIEW analytics.engaged_purchases_by_day AS
WITH bought AS (
    SELECT brand, source, shop_id, order_id, day, currency, customer_id
    FROM analytics.conversions WHERE status = 'paid' AND event_name = 'purchase'
), paid AS (
    SELECT DISTINCT brand, source, shop_id, order_id
    FROM analytics.attribution_credits WHERE model = 'linear' AND analytics.platform_of_ads(channel) IS NOT NULL
), members AS (
    SELECT a.brand, m.platform, m.actor_id, m.recent_days, m.last_seen_day
    FROM analytics.community_members AS m
    JOIN analytics.accounts AS a USING (platform, account_id)
), known AS (
    SELECT DISTINCT brand, platform, actor_id, customer_id FROM analytics.known_buyers
), judged AS (
    -- A row for each purchase of a known buyer; who is no member was not active, and is known not to have been.
    SELECT b.brand, b.source, b.shop_id, b.order_id,
           coalesce(bool_or(analytics.was_active_before(m.recent_days, m.last_seen_day, b.day)), false) AS is_engaged,
           coalesce(bool_and(m.last_seen_day - b.day <= 3), true) AS is_told
    FROM bought AS b
    JOIN known AS k USING (brand, customer_id)
    LEFT JOIN members AS m ON (m.brand, m.platform, m.actor_id) = (k.brand, k.platform, k.actor_id)
    GROUP BY b.brand, b.source, b.shop_id, b.order_id
), counted AS (
    SELECT b.brand, b.day, b.currency, count(*) AS purchases, count(j.brand) AS linked_purchases,
           count(*) FILTER (WHERE j.is_engaged OR j.is_told) AS judged_purchases,
           count(*) FILTER (WHERE j.is_engaged) AS engaged_purchases, count(p.brand) AS paid_purchases,
           count(p.brand) FILTER (WHERE j.is_engaged OR j.is_told) AS paid_judged_purchases,
           count(p.brand) FILTER (WHERE j.is_engaged) AS paid_engaged_purchases,
           count(DISTINCT b.customer_id) AS persons,
           count(DISTINCT b.customer_id) FILTER (WHERE j.brand IS NOT NULL) AS linked_persons
    FROM bought AS b
    LEFT JOIN judged AS j USING (brand, source, shop_id, order_id)
    LEFT JOIN paid AS p USING (brand, source, shop_id, order_id)
    GROUP BY b.brand, b.day, b.currency
)
SELECT brand, day, currency, purchases, linked_purchases, judged_purchases, engaged_purchases,
       engaged_purchases::double precision / nullif(judged_purchases, 0) AS engaged_share,
       paid_purchases, paid_judged_purchases, paid_engaged_purchases,
       paid_engaged_purchases::double precision / nullif(paid_judged_purchases, 0) AS paid_engaged_share,
       persons, linked_persons
FROM counted;
COMMENT ON VIEW analytics.engaged_purchases_by_day IS 'How many purchases were made by people who had engaged with the brand in the 60 days before, as far as it is known who they are.';
COMMENT ON COLUMN analytics.engaged_purchases_by_day.brand IS 'The brand.';
COMMENT ON COLUMN analytics.engaged_purchases_by_day.day IS 'Local date of the orders in their shop''s zone.';
COMMENT ON COLUMN analytics.engaged_purchases_by_day.currency IS 'Currency of the orders, ISO 4217.';
COMMENT ON COLUMN analytics.engaged_purchases_by_day.purchases IS 'Paid purchases.';
COMMENT ON COLUMN analytics.engaged_purchases_by_day.linked_purchases IS 'Those whose customer is a known buyer.';
COMMENT ON COLUMN analytics.engaged_purchases_by_day.judged_purchases IS 'The denominator: those of them of which it is known whether the buyer had engaged; recent_days reaches back 63 days.';
COMMENT ON COLUMN analytics.engaged_purchases_by_day.engaged_purchases IS 'The numerator: those whose buyer was active on one of the brand''s accounts in the 60 days before.';
COMMENT ON COLUMN analytics.engaged_purchases_by_day.engaged_share IS 'engaged_purchases / judged_purchases; NULL if nothing is known.';
COMMENT ON COLUMN analytics.engaged_purchases_by_day.paid_purchases IS 'Purchases with a paid touch.';
COMMENT ON COLUMN analytics.engaged_purchases_by_day.paid_judged_purchases IS 'Those of them of which it is known whether the buyer had engaged.';
COMMENT ON COLUMN analytics.engaged_purchases_by_day.paid_engaged_purchases IS 'Those whose buyer had.';
COMMENT ON COLUMN analytics.engaged_purchases_by_day.paid_engaged_share IS 'paid_engaged_purchases / paid_judged_purchases; NULL if nothing is known.';
COMMENT ON COLUMN analytics.engaged_purchases_by_day.persons IS 'Distinct customers of the purchases.';
COMMENT ON COLUMN analytics.engaged_purchases_by_day.linked_persons IS 'Those of them who are known buyers: of the others nobody can say.';

CREATE VIEW analytics.paid_on_loyal_by_day AS
WITH paid AS (
    SELECT DISTINCT brand, source, shop_id, order_id
    FROM analytics.attribution_credits WHERE model = 'linear' AND analytics.platform_of_ads(channel) IS NOT NULL
), buyers AS (
    -- From level 7 on they are contributing or leading.
    SELECT k.brand, k.customer_id, coalesce(max(m.level) >= 7, false) AS is_loyal
    FROM analytics.known_buyers AS k
    LEFT JOIN (
        SELECT a.brand, m.platform, m.actor_id, m.level
        FROM analytics.community_members AS m
        JOIN analytics.accounts AS a USING (platform, account_id)
    ) AS m USING (brand, platform, actor_id)
    GROUP BY k.brand, k.customer_id
), bought AS MATERIALIZED (
    -- Computed once; and no inner joins by the whole key of an order, of which the planner expects next to nothing.
    SELECT o.brand, o.day, o.currency, count(p.brand) AS paid_purchases,
           sum(o.net_micros) FILTER (WHERE p.brand IS NOT NULL)::bigint AS paid_value_micros,
           count(b.brand) FILTER (WHERE p.brand IS NOT NULL) AS linked_paid_purchases,
           count(p.brand) FILTER (WHERE b.is_loyal) AS loyal_paid_purchases,
           coalesce(sum(o.net_micros) FILTER (WHERE p.brand IS NOT NULL AND b.is_loyal), 0)::bigint
               AS loyal_paid_value_micros,
           count(DISTINCT o.customer_id) FILTER (WHERE p.brand IS NOT NULL) AS persons,
           count(DISTINCT b.customer_id) FILTER (WHERE p.brand IS NOT NULL) AS linked_persons
    FROM analytics.conversions AS o
    LEFT JOIN paid AS p ON (p.brand, p.source, p.shop_id, p.order_id) = (o.brand, o.source, o.shop_id, o.order_id)
    LEFT JOIN buyers AS b ON (b.brand, b.customer_id) = (o.brand, o.customer_id)
    WHERE o.status = 'paid' AND o.event_name = 'purchase'
    GROUP BY o.brand, o.day, o.currency
    HAVING count(p.brand) > 0
)
SELECT brand, day, currency, coalesce(b.paid_purchases, 0) AS paid_purchases,
       coalesce(b.paid_value_micros, 0) AS paid_value_micros,
       coalesce(b.linked_paid_purchases, 0) AS linked_paid_purchases,
       coalesce(b.loyal_paid_purchases, 0) AS loyal_paid_purchases,
       coalesce(b.loyal_paid_value_micros, 0) AS loyal_paid_value_micros,
       b.loyal_paid_purchases::double precision / nullif(b.linked_paid_purchases, 0) AS loyal_share, e.spend_micros,
       round(e.spend_micros::numeric * b.loyal_paid_purchases / nullif(b.linked_paid_purchases, 0))::bigint
           AS spend_on_loyal_micros,
       coalesce(b.persons, 0) AS persons, coalesce(b.linked_persons, 0) AS linked_persons
FROM analytics.brand_efficiency_day AS e
LEFT JOIN bought AS b USING (brand, day, currency)
WHERE b.brand IS NOT NULL OR e.spend_micros IS NOT NULL;
COMMENT ON VIEW analytics.paid_on_loyal_by_day IS 'What is spent on ads for people who come anyway: an estimate, as if the buyers who are not known were like those who are.';
COMMENT ON COLUMN analytics.paid_on_loyal_by_day.brand IS 'The brand.';
COMMENT ON COLUMN analytics.paid_on_loyal_by_day.day IS 'Local date of the orders in their shop''s zone, of the spend in the ad account''s.';
COMMENT ON COLUMN analytics.paid_on_loyal_by_day.currency IS 'Currency of the orders and of the spend, ISO 4217.';
COMMENT ON COLUMN analytics.paid_on_loyal_by_day.paid_purchases IS 'Paid purchases with a paid touch.';
COMMENT ON COLUMN analytics.paid_on_loyal_by_day.paid_value_micros IS 'Their value net of refunds, in millionths of the currency.';
COMMENT ON COLUMN analytics.paid_on_loyal_by_day.linked_paid_purchases IS 'The denominator: those whose customer is a known buyer.';
COMMENT ON COLUMN analytics.paid_on_loyal_by_day.loyal_paid_purchases IS 'The numerator: those of them whose customer is contributing or leading today (level 7 or more, O20) on an account of the brand.';
COMMENT ON COLUMN analytics.paid_on_loyal_by_day.loyal_paid_value_micros IS 'Their value net of refunds, in millionths of the currency.';
COMMENT ON COLUMN analytics.paid_on_loyal_by_day.loyal_share IS 'loyal_paid_purchases / linked_paid_purchases; NULL if no buyer is known.';
COMMENT ON COLUMN analytics.paid_on_loyal_by_day.spend_micros IS 'Spent on ads, in millionths of the currency; NULL where nothing is told of the day.';
COMMENT ON COLUMN analytics.paid_on_loyal_by_day.spend_on_loyal_micros IS 'spend_micros * loyal_share, rounded: an estimate from those who are known.';
COMMENT ON COLUMN analytics.paid_on_loyal_by_day.persons IS 'Distinct customers of the paid purchases.';
COMMENT ON COLUMN analytics.paid_on_loyal_by_day.linked_persons IS 'Those of them who are known buyers: the rest is assumed to be like them.';
