-- The editorial plan, which people and their apps write, and what became of it: docs/semantics.md, section 7 (O27).
CREATE TABLE analytics.editorial_plan (
    platform text NOT NULL,
    account_id text NOT NULL,
    slot_id text NOT NULL CHECK (slot_id <> ''),
    planned_at timestamptz NOT NULL CHECK (isfinite(planned_at)),
    tolerance_minutes integer NOT NULL DEFAULT 60 CHECK (tolerance_minutes BETWEEN 0 AND 43200),
    format text,
    pillar text,
    title text,
    source text NOT NULL DEFAULT current_user,
    imported_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (platform, account_id, slot_id)
);
GRANT INSERT, UPDATE, DELETE ON analytics.editorial_plan TO engagement_planner;
COMMENT ON TABLE analytics.editorial_plan IS 'When which post is planned: written by `engagement plan import`, or by an app with the role engagement_planner (O27).';
COMMENT ON COLUMN analytics.editorial_plan.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.editorial_plan.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.editorial_plan.slot_id IS 'Id of the slot within its account; the same id again replaces.';
COMMENT ON COLUMN analytics.editorial_plan.planned_at IS 'When the post is to be published.';
COMMENT ON COLUMN analytics.editorial_plan.tolerance_minutes IS 'Minutes by which it may be early or late and still count as kept; 720 around noon means any time of the day.';
COMMENT ON COLUMN analytics.editorial_plan.format IS 'Planned format, in the platform''s words (posts.format) or the planner''s own; NULL if open.';
COMMENT ON COLUMN analytics.editorial_plan.pillar IS 'Content pillar, campaign or topic it belongs to; NULL if none.';
COMMENT ON COLUMN analytics.editorial_plan.title IS 'Working title; NULL if none.';
COMMENT ON COLUMN analytics.editorial_plan.source IS 'Name of the imported file, or who wrote it.';
COMMENT ON COLUMN analytics.editorial_plan.imported_at IS 'When the slot was written, or last changed by an import.';

CREATE INDEX posts_by_time ON analytics.posts (platform, account_id, published_at);

-- Greedy: the nearest pair takes both its slot and its post, then the nearest of what is left.
CREATE FUNCTION analytics.plan_matches(of_platform text, of_account_id text) RETURNS TABLE (slot_id text, post_id text)
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
#variable_conflict use_column
DECLARE
    pair record;
    taken_slots boolean[];
    taken_posts boolean[];
BEGIN
    FOR pair IN
        SELECT s.slot_id, p.post_id,
               dense_rank() OVER (ORDER BY s.planned_at, s.slot_id COLLATE "C") AS slot,
               dense_rank() OVER (ORDER BY p.published_at, p.post_id COLLATE "C") AS post
        FROM analytics.editorial_plan AS s
        JOIN analytics.posts AS p
          ON p.platform = s.platform AND p.account_id = s.account_id
         AND p.published_at BETWEEN s.planned_at - make_interval(mins => s.tolerance_minutes)
                                AND s.planned_at + make_interval(mins => s.tolerance_minutes)
        WHERE s.platform = of_platform AND s.account_id = of_account_id
          AND p.deleted_at IS NULL AND p.is_published IS NOT FALSE
        ORDER BY greatest(s.planned_at - p.published_at, p.published_at - s.planned_at), slot, post
    LOOP
        CONTINUE WHEN taken_slots[pair.slot] OR taken_posts[pair.post];
        taken_slots[pair.slot] := true;
        taken_posts[pair.post] := true;
        slot_id := pair.slot_id;
        post_id := pair.post_id;
        RETURN NEXT;
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION analytics.plan_matches TO engagement_writer, engagement_reader;
COMMENT ON FUNCTION analytics.plan_matches IS 'Which post keeps which slot of an account: one to one, within tolerance, nearest first (O27).';

CREATE VIEW analytics.editorial_adherence AS
WITH planned AS (
    SELECT platform, account_id,
           min(planned_at - make_interval(mins => tolerance_minutes)) AS starts_at,
           max(planned_at + make_interval(mins => tolerance_minutes)) AS ends_at
    FROM analytics.editorial_plan
    GROUP BY platform, account_id
)
SELECT a.platform, a.account_id, e.slot_id, e.post_id, e.planned_at, e.published_at,
       CASE WHEN e.slot_id IS NULL THEN 'unplanned'
            WHEN e.post_id IS NOT NULL THEN 'kept'
            -- Not over yet, as far as the account's own time has come.
            WHEN coalesce(e.kept_until > now_there.newest, true) THEN 'open'
            ELSE 'missed' END AS outcome,
       (extract(epoch FROM e.published_at - e.planned_at) / 60)::double precision AS minutes_off,
       e.pillar, e.title, e.planned_format, e.format
FROM planned AS a
CROSS JOIN LATERAL (
    SELECT greatest(
        (SELECT max(m.minute) FROM analytics.engagement_by_account_minute AS m
         WHERE m.platform = a.platform AND m.account_id = a.account_id),
        (SELECT max(p.published_at) FROM analytics.posts AS p
         WHERE p.platform = a.platform AND p.account_id = a.account_id
           AND p.deleted_at IS NULL AND p.is_published IS NOT FALSE)
    ) AS newest
) AS now_there
CROSS JOIN LATERAL (
    SELECT s.slot_id, s.planned_at, s.pillar, s.title, s.format AS planned_format,
           s.planned_at + make_interval(mins => s.tolerance_minutes) AS kept_until,
           published.post_id, published.published_at, published.format
    FROM (SELECT * FROM analytics.editorial_plan AS s WHERE s.platform = a.platform AND s.account_id = a.account_id) AS s
    FULL JOIN (
        SELECT matched.slot_id, p.post_id, p.published_at, p.format
        FROM analytics.posts AS p
        LEFT JOIN analytics.plan_matches(a.platform, a.account_id) AS matched ON matched.post_id = p.post_id
        WHERE p.platform = a.platform AND p.account_id = a.account_id
          AND p.published_at BETWEEN a.starts_at AND a.ends_at
          AND p.deleted_at IS NULL AND p.is_published IS NOT FALSE
    ) AS published ON published.slot_id = s.slot_id
) AS e;
COMMENT ON VIEW analytics.editorial_adherence IS 'What became of each slot of the plan, and the posts that nobody planned (O27).';
COMMENT ON COLUMN analytics.editorial_adherence.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.editorial_adherence.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.editorial_adherence.slot_id IS 'The slot; NULL for an unplanned post.';
COMMENT ON COLUMN analytics.editorial_adherence.post_id IS 'The post that kept it, or the unplanned one; NULL for a slot without a post.';
COMMENT ON COLUMN analytics.editorial_adherence.planned_at IS 'When it was planned; NULL for an unplanned post.';
COMMENT ON COLUMN analytics.editorial_adherence.published_at IS 'When the post was published; NULL without one.';
COMMENT ON COLUMN analytics.editorial_adherence.outcome IS 'kept (a post within tolerance), missed, open (not over yet) or unplanned (O27).';
COMMENT ON COLUMN analytics.editorial_adherence.minutes_off IS 'Published minus planned, in minutes; negative is early; NULL unless kept.';
COMMENT ON COLUMN analytics.editorial_adherence.pillar IS 'Pillar of the slot; NULL if it has none, or without a slot.';
COMMENT ON COLUMN analytics.editorial_adherence.title IS 'Working title of the slot; NULL if it has none, or without a slot.';
COMMENT ON COLUMN analytics.editorial_adherence.planned_format IS 'Format that the slot wants; NULL if open, or without a slot.';
COMMENT ON COLUMN analytics.editorial_adherence.format IS 'Format of the post; NULL if unknown, or without a post.';

CREATE VIEW analytics.editorial_adherence_by_account_month AS
SELECT c.*,
       c.kept::double precision / nullif(c.kept + c.missed, 0) AS adherence,
       c.unplanned::double precision / nullif(c.unplanned + c.kept, 0) AS unplanned_share
FROM (
    SELECT e.platform, e.account_id,
           date_trunc('month', coalesce(e.planned_at, e.published_at) AT TIME ZONE coalesce(a.zone, 'UTC'))::date AS month,
           count(e.slot_id) AS planned,
           count(*) FILTER (WHERE e.outcome = 'kept') AS kept,
           count(*) FILTER (WHERE e.outcome = 'kept' AND e.minutes_off < 0) AS early,
           count(*) FILTER (WHERE e.outcome = 'kept' AND e.minutes_off > 0) AS late,
           count(*) FILTER (WHERE e.outcome = 'missed') AS missed,
           count(*) FILTER (WHERE e.outcome = 'open') AS open_slots,
           count(*) FILTER (WHERE e.outcome = 'unplanned') AS unplanned
    FROM analytics.editorial_adherence AS e
    LEFT JOIN analytics.accounts AS a USING (platform, account_id)
    GROUP BY 1, 2, 3
) AS c;
COMMENT ON VIEW analytics.editorial_adherence_by_account_month IS 'How well an account keeps to its plan, by month (O27).';
COMMENT ON COLUMN analytics.editorial_adherence_by_account_month.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.editorial_adherence_by_account_month.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.editorial_adherence_by_account_month.month IS 'First day of the month, in the account''s zone, of planned_at, or of published_at for an unplanned post.';
COMMENT ON COLUMN analytics.editorial_adherence_by_account_month.planned IS 'Slots: kept, missed and open ones.';
COMMENT ON COLUMN analytics.editorial_adherence_by_account_month.kept IS 'Slots with a post within tolerance.';
COMMENT ON COLUMN analytics.editorial_adherence_by_account_month.early IS 'The kept ones that came before planned_at.';
COMMENT ON COLUMN analytics.editorial_adherence_by_account_month.late IS 'The kept ones that came after planned_at.';
COMMENT ON COLUMN analytics.editorial_adherence_by_account_month.missed IS 'Slots that are over without a post.';
COMMENT ON COLUMN analytics.editorial_adherence_by_account_month.open_slots IS 'Slots that are not over yet.';
COMMENT ON COLUMN analytics.editorial_adherence_by_account_month.unplanned IS 'Posts that no slot asked for, from the account''s first slot to its last.';
COMMENT ON COLUMN analytics.editorial_adherence_by_account_month.adherence IS 'kept / (kept + missed), 0 to 1 (O27); NULL while none is over.';
COMMENT ON COLUMN analytics.editorial_adherence_by_account_month.unplanned_share IS 'unplanned / (kept + unplanned), 0 to 1 (O27); NULL without a post.';

CREATE VIEW analytics.editorial_mix AS
SELECT m.platform, m.account_id, m.month, m.pillar, m.planned, m.kept,
       m.planned::double precision / sum(m.planned) OVER everything AS planned_share,
       m.kept::double precision / nullif(sum(m.kept) OVER everything, 0) AS kept_share
FROM (
    SELECT e.platform, e.account_id,
           date_trunc('month', e.planned_at AT TIME ZONE coalesce(a.zone, 'UTC'))::date AS month,
           e.pillar,
           count(*) AS planned,
           count(e.post_id) AS kept
    FROM analytics.editorial_adherence AS e
    LEFT JOIN analytics.accounts AS a USING (platform, account_id)
    WHERE e.slot_id IS NOT NULL
    GROUP BY 1, 2, 3, 4
) AS m
WINDOW everything AS (PARTITION BY m.platform, m.account_id, m.month);
COMMENT ON VIEW analytics.editorial_mix IS 'The mix of pillars of an account and month, as planned and as kept (O27).';
COMMENT ON COLUMN analytics.editorial_mix.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.editorial_mix.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.editorial_mix.month IS 'First day of the month of planned_at, in the account''s zone.';
COMMENT ON COLUMN analytics.editorial_mix.pillar IS 'Pillar of the slots; NULL for those that have none.';
COMMENT ON COLUMN analytics.editorial_mix.planned IS 'Slots of the pillar.';
COMMENT ON COLUMN analytics.editorial_mix.kept IS 'Those of them with a post within tolerance.';
COMMENT ON COLUMN analytics.editorial_mix.planned_share IS 'planned / all slots of the month, 0 to 1.';
COMMENT ON COLUMN analytics.editorial_mix.kept_share IS 'kept / all kept slots of the month, 0 to 1; NULL if none was kept.';
