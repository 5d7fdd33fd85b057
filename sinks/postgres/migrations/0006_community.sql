-- The community, the conversation and the spikes: their tables as contracts/tables declares them, mentions of an
-- account, and counts that are NULL where a platform never sends their kind (contracts/platforms.py).
CREATE TABLE analytics.community_members (
    platform text NOT NULL,
    account_id text NOT NULL,
    actor_id text NOT NULL,
    reactions bigint,
    comment_reactions bigint,
    comments bigint,
    replies bigint,
    shares bigint,
    mentions bigint,
    follows bigint,
    first_seen_day date NOT NULL,
    last_seen_day date NOT NULL,
    active_days bigint NOT NULL,
    recent_days bigint NOT NULL,
    active_weeks bigint NOT NULL,
    activity_weight bigint NOT NULL,
    level_by_presence bigint NOT NULL,
    level bigint NOT NULL,
    ring text GENERATED ALWAYS AS (CASE WHEN level >= 10 THEN 'leading' WHEN level >= 7 THEN 'contributing'
    WHEN level >= 4 THEN 'participating' WHEN level >= 1 THEN 'exploring' END) STORED,
    is_ambassador boolean NOT NULL,
    ambassador_reasons text[] NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, actor_id)
);
COMMENT ON TABLE analytics.community_members IS 'One row a person and account: interactions standing now, active days, level (O20), ambassador or not.';
COMMENT ON COLUMN analytics.community_members.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.community_members.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.community_members.actor_id IS 'Pseudonym of the person.';
COMMENT ON COLUMN analytics.community_members.reactions IS 'Reactions to posts that stand now.';
COMMENT ON COLUMN analytics.community_members.comment_reactions IS 'Reactions to comments and replies that stand now.';
COMMENT ON COLUMN analytics.community_members.comments IS 'Comments and replies that stand now.';
COMMENT ON COLUMN analytics.community_members.replies IS 'The part of comments that answers another comment.';
COMMENT ON COLUMN analytics.community_members.shares IS 'Shares that stand now.';
COMMENT ON COLUMN analytics.community_members.mentions IS 'Mentions of the account that stand now.';
COMMENT ON COLUMN analytics.community_members.follows IS 'Page likes that stand now: 0 or 1.';
COMMENT ON COLUMN analytics.community_members.first_seen_day IS 'Local day of the first engagement.';
COMMENT ON COLUMN analytics.community_members.last_seen_day IS 'Local day of the last engagement.';
COMMENT ON COLUMN analytics.community_members.active_days IS 'Distinct local days with engagement, within the retention of day rows.';
COMMENT ON COLUMN analytics.community_members.recent_days IS '64 bits, two''s complement: bit k says active k days before last_seen_day.';
COMMENT ON COLUMN analytics.community_members.active_weeks IS '64 bits, two''s complement: bit k says active in the k-th ISO week after the first.';
COMMENT ON COLUMN analytics.community_members.activity_weight IS 'Greatest weight of a kind of which an interaction stands, 0 to 12.';
COMMENT ON COLUMN analytics.community_members.level_by_presence IS 'Level that the active days alone give today, 0 to 12 (O20).';
COMMENT ON COLUMN analytics.community_members.level IS 'Level of today, 1 (Exploring III) to 12 (Leading I); 0: not active for 90 days (O20).';
COMMENT ON COLUMN analytics.community_members.ring IS 'exploring, participating, contributing or leading; NULL for level 0.';
COMMENT ON COLUMN analytics.community_members.is_ambassador IS 'Level and advocacy are both as configured.';
COMMENT ON COLUMN analytics.community_members.ambassador_reasons IS 'Which of the two rules are met: level, advocacy.';
COMMENT ON COLUMN analytics.community_members.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.community_members.updated_at IS 'Broker time of the record that brought the row.';
-- Who is to be thanked.
CREATE INDEX community_members_ambassadors ON analytics.community_members (platform, account_id, level DESC)
    WHERE is_ambassador;

CREATE TABLE analytics.community_by_account_day (
    platform text NOT NULL,
    account_id text NOT NULL,
    day date NOT NULL,
    active_1d bigint NOT NULL,
    active_7d bigint NOT NULL,
    active_28d bigint NOT NULL,
    new_engagers bigint NOT NULL,
    returning_engagers bigint NOT NULL,
    reactivated_engagers bigint NOT NULL,
    exploring bigint NOT NULL,
    participating bigint NOT NULL,
    contributing bigint NOT NULL,
    "leading" bigint NOT NULL,
    joined bigint NOT NULL,
    moved_up bigint NOT NULL,
    held bigint NOT NULL,
    moved_down bigint NOT NULL,
    left_levels bigint NOT NULL,
    commitment bigint NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, day)
);
COMMENT ON TABLE analytics.community_by_account_day IS 'Who was active, who came back, and how many people stand on each level (O16, O17, O20, O22).';
COMMENT ON COLUMN analytics.community_by_account_day.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.community_by_account_day.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.community_by_account_day.day IS 'Local date, in the account''s zone, on which it occurred.';
COMMENT ON COLUMN analytics.community_by_account_day.active_1d IS 'Distinct people active on the day.';
COMMENT ON COLUMN analytics.community_by_account_day.active_7d IS 'Distinct people active on the 7 days that end with it.';
COMMENT ON COLUMN analytics.community_by_account_day.active_28d IS 'Distinct people active on the 28 days that end with it.';
COMMENT ON COLUMN analytics.community_by_account_day.new_engagers IS 'Those of active_1d whose first engagement lies in this day.';
COMMENT ON COLUMN analytics.community_by_account_day.returning_engagers IS 'active_1d minus new_engagers.';
COMMENT ON COLUMN analytics.community_by_account_day.reactivated_engagers IS 'Those of returning_engagers who were silent for more than 28 days before.';
COMMENT ON COLUMN analytics.community_by_account_day.exploring IS 'People on levels 1 to 3 at the end of the day.';
COMMENT ON COLUMN analytics.community_by_account_day.participating IS 'People on levels 4 to 6 at the end of the day.';
COMMENT ON COLUMN analytics.community_by_account_day.contributing IS 'People on levels 7 to 9 at the end of the day.';
COMMENT ON COLUMN analytics.community_by_account_day.leading IS 'People on levels 10 to 12 at the end of the day.';
COMMENT ON COLUMN analytics.community_by_account_day.joined IS 'People on a level who were on none the day before.';
COMMENT ON COLUMN analytics.community_by_account_day.moved_up IS 'People on a higher level than the day before, where they were on one already.';
COMMENT ON COLUMN analytics.community_by_account_day.held IS 'People on the same level as the day before.';
COMMENT ON COLUMN analytics.community_by_account_day.moved_down IS 'People on a lower level than the day before, but on one.';
COMMENT ON COLUMN analytics.community_by_account_day.left_levels IS 'People on no level any more who were on one the day before.';
COMMENT ON COLUMN analytics.community_by_account_day.commitment IS 'Sum over the rings of weight (1, 4, 7, 10) squared times people; the base of gravity.';
COMMENT ON COLUMN analytics.community_by_account_day.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.community_by_account_day.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.inbound_comments (
    platform text NOT NULL,
    account_id text NOT NULL,
    comment_id text NOT NULL,
    post_id text NOT NULL,
    parent_id text,
    actor_id text,
    permalink text,
    asked_at timestamptz NOT NULL,
    answered_at timestamptz,
    answer_id text,
    is_removed boolean NOT NULL,
    is_hidden boolean NOT NULL,
    needs_answer boolean NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, comment_id)
);
COMMENT ON TABLE analytics.inbound_comments IS 'One row a comment or reply that is not the owner''s: when it was asked, when answered, whether it waits (O15).';
COMMENT ON COLUMN analytics.inbound_comments.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.inbound_comments.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.inbound_comments.comment_id IS 'The platform''s id of the comment.';
COMMENT ON COLUMN analytics.inbound_comments.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN analytics.inbound_comments.parent_id IS 'The comment that a reply answers; NULL for a comment on the post.';
COMMENT ON COLUMN analytics.inbound_comments.actor_id IS 'Pseudonym of the person; NULL if the platform does not tell or after erasure.';
COMMENT ON COLUMN analytics.inbound_comments.permalink IS 'Address of the comment; NULL if the platform does not tell.';
COMMENT ON COLUMN analytics.inbound_comments.asked_at IS 'When it was written.';
COMMENT ON COLUMN analytics.inbound_comments.answered_at IS 'The owner''s first comment in its thread from then on; NULL without one.';
COMMENT ON COLUMN analytics.inbound_comments.answer_id IS 'Id of that comment.';
COMMENT ON COLUMN analytics.inbound_comments.is_removed IS 'It was deleted at the platform.';
COMMENT ON COLUMN analytics.inbound_comments.is_hidden IS 'The page has hidden it.';
COMMENT ON COLUMN analytics.inbound_comments.needs_answer IS 'Neither answered nor removed nor hidden.';
COMMENT ON COLUMN analytics.inbound_comments.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.inbound_comments.updated_at IS 'Broker time of the record that brought the row.';
-- The worklist: who has waited longest comes first.
CREATE INDEX inbound_comments_waiting ON analytics.inbound_comments (platform, account_id, asked_at)
    WHERE needs_answer;
-- An erasure looks for a person among all comments ever, in the transaction of the rows.
CREATE INDEX inbound_comments_by_person ON analytics.inbound_comments (platform, actor_id)
    WHERE actor_id IS NOT NULL;

CREATE TABLE analytics.engagement_anomalies (
    platform text NOT NULL,
    account_id text NOT NULL,
    scope text NOT NULL,
    subject text NOT NULL,
    hour timestamptz NOT NULL,
    engagements bigint NOT NULL,
    median double precision NOT NULL,
    mad double precision NOT NULL,
    z double precision NOT NULL,
    baseline text NOT NULL,
    baseline_hours bigint NOT NULL,
    severity text NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, scope, subject, hour)
) PARTITION BY RANGE (hour);
COMMENT ON TABLE analytics.engagement_anomalies IS 'Hours far above their baseline by robust z (O29), of accounts and of single posts.';
COMMENT ON COLUMN analytics.engagement_anomalies.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.engagement_anomalies.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.engagement_anomalies.scope IS 'account or post.';
COMMENT ON COLUMN analytics.engagement_anomalies.subject IS 'The account id or the post id.';
COMMENT ON COLUMN analytics.engagement_anomalies.hour IS 'Start of the UTC hour in which it occurred.';
COMMENT ON COLUMN analytics.engagement_anomalies.engagements IS 'Likes, comments and shares added in the hour.';
COMMENT ON COLUMN analytics.engagement_anomalies.median IS 'Median of the account''s baseline hours.';
COMMENT ON COLUMN analytics.engagement_anomalies.mad IS 'Median distance of the baseline hours from their median.';
COMMENT ON COLUMN analytics.engagement_anomalies.z IS '(engagements - median) / max(1.4826 mad, 1).';
COMMENT ON COLUMN analytics.engagement_anomalies.baseline IS 'weeks: the same hour of the last 4 weeks; hours: the 24 hours before.';
COMMENT ON COLUMN analytics.engagement_anomalies.baseline_hours IS 'Hours behind the baseline.';
COMMENT ON COLUMN analytics.engagement_anomalies.severity IS 'notable (z from 3.5), high (from 6), extreme (from 10).';
COMMENT ON COLUMN analytics.engagement_anomalies.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.engagement_anomalies.updated_at IS 'Broker time of the record that brought the row.';
-- What stands out now, whatever it is.
CREATE INDEX engagement_anomalies_by_hour ON analytics.engagement_anomalies (platform, account_id, hour);

ALTER TABLE analytics.engagement_by_account_minute
    ADD COLUMN mentions bigint,
    ADD COLUMN mentions_removed bigint,
    ADD COLUMN owner_mentions bigint;
COMMENT ON COLUMN analytics.engagement_by_account_minute.mentions IS 'Mentions of the account outside its own posts, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.mentions_removed IS 'Mentions of the account taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.owner_mentions IS 'The page''s own mentions of itself, added minus removed.';

ALTER TABLE analytics.engagement_by_account_hour
    ADD COLUMN mentions bigint,
    ADD COLUMN mentions_removed bigint,
    ADD COLUMN owner_mentions bigint;
COMMENT ON COLUMN analytics.engagement_by_account_hour.mentions IS 'Mentions of the account outside its own posts, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.mentions_removed IS 'Mentions of the account taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.owner_mentions IS 'The page''s own mentions of itself, added minus removed.';

ALTER TABLE analytics.engagement_by_account_day
    ADD COLUMN mentions bigint,
    ADD COLUMN mentions_removed bigint,
    ADD COLUMN owner_mentions bigint;
COMMENT ON COLUMN analytics.engagement_by_account_day.mentions IS 'Mentions of the account outside its own posts, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_day.mentions_removed IS 'Mentions of the account taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_day.owner_mentions IS 'The page''s own mentions of itself, added minus removed.';

-- Unknown is NULL, and nobody knows what a platform does not tell.
DO $$
DECLARE
    changed record;
BEGIN
    FOR changed IN
        SELECT c.relname AS name, string_agg(format('ALTER COLUMN %I DROP NOT NULL', a.attname), ', ') AS actions
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'analytics'::regnamespace AND c.relkind IN ('r', 'p')
          AND c.relname LIKE 'engagement\_by\_%' AND a.attnotnull AND a.attname = ANY (ARRAY[
              'likes', 'likes_removed', 'comments', 'comments_removed', 'replies', 'replies_removed',
              'shares', 'shares_removed', 'comment_reactions', 'comment_reactions_removed', 'comments_hidden',
              'owner_likes', 'owner_comments', 'owner_shares', 'owner_comment_reactions',
              'follows', 'follows_removed', 'owner_follows', 'net_likes', 'net_comments', 'net_shares'])
        GROUP BY c.relname
    LOOP
        EXECUTE format('ALTER TABLE analytics.%I %s', changed.name, changed.actions);
    END LOOP;
END
$$;
