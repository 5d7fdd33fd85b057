-- The streamed tables, as contracts/tables declares them (drafted by `engagement db draft`).
CREATE TABLE analytics.account_metrics_day (
    platform text NOT NULL,
    account_id text NOT NULL,
    metric text NOT NULL,
    scope text NOT NULL,
    day date NOT NULL,
    value bigint,
    platform_as_of timestamptz,
    value_state text NOT NULL,
    observed_as_of timestamptz NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, metric, scope, day)
);
COMMENT ON TABLE analytics.account_metrics_day IS 'The platform''s own figures of an account by its local day: followers, reach, views.';
COMMENT ON COLUMN analytics.account_metrics_day.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.account_metrics_day.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.account_metrics_day.metric IS 'Name of the platform''s counter, for instance likes, views, reach.';
COMMENT ON COLUMN analytics.account_metrics_day.scope IS 'organic, paid, total or unknown.';
COMMENT ON COLUMN analytics.account_metrics_day.day IS 'Local date, in the account''s zone, on which it occurred.';
COMMENT ON COLUMN analytics.account_metrics_day.value IS 'Last known value of the day.';
COMMENT ON COLUMN analytics.account_metrics_day.platform_as_of IS 'Platform time of that value.';
COMMENT ON COLUMN analytics.account_metrics_day.value_state IS 'State of the newest observation: known, hidden, unavailable or floored.';
COMMENT ON COLUMN analytics.account_metrics_day.observed_as_of IS 'Platform time of the newest observation.';
COMMENT ON COLUMN analytics.account_metrics_day.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.account_metrics_day.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.engagement_by_account_day (
    platform text NOT NULL,
    account_id text NOT NULL,
    day date NOT NULL,
    likes bigint NOT NULL,
    likes_removed bigint NOT NULL,
    comments bigint NOT NULL,
    comments_removed bigint NOT NULL,
    replies bigint NOT NULL,
    replies_removed bigint NOT NULL,
    shares bigint NOT NULL,
    shares_removed bigint NOT NULL,
    comment_reactions bigint NOT NULL,
    comment_reactions_removed bigint NOT NULL,
    comments_hidden bigint NOT NULL,
    anonymous bigint NOT NULL,
    owner_likes bigint NOT NULL,
    owner_comments bigint NOT NULL,
    owner_shares bigint NOT NULL,
    owner_comment_reactions bigint NOT NULL,
    follows bigint NOT NULL,
    follows_removed bigint NOT NULL,
    owner_follows bigint NOT NULL,
    unique_engagers bigint NOT NULL,
    new_engagers bigint NOT NULL,
    returning_engagers bigint NOT NULL,
    net_likes bigint GENERATED ALWAYS AS (likes - likes_removed) STORED NOT NULL,
    net_comments bigint GENERATED ALWAYS AS (comments - comments_removed) STORED NOT NULL,
    net_shares bigint GENERATED ALWAYS AS (shares - shares_removed) STORED NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, day)
);
COMMENT ON TABLE analytics.engagement_by_account_day IS 'Organic engagement of an account by its local day, with the people behind it.';
COMMENT ON COLUMN analytics.engagement_by_account_day.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.engagement_by_account_day.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.engagement_by_account_day.day IS 'Local date, in the account''s zone, on which it occurred.';
COMMENT ON COLUMN analytics.engagement_by_account_day.likes IS 'Reactions of every type to posts, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_day.likes_removed IS 'Reactions to posts taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_day.comments IS 'Comments and replies added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_day.comments_removed IS 'Comments and replies deleted in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_day.replies IS 'The part of comments that answers another comment.';
COMMENT ON COLUMN analytics.engagement_by_account_day.replies_removed IS 'The part of comments_removed that answered another comment.';
COMMENT ON COLUMN analytics.engagement_by_account_day.shares IS 'Shares added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_day.shares_removed IS 'Shares taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_day.comment_reactions IS 'Reactions to comments and replies, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_day.comment_reactions_removed IS 'Reactions to comments and replies, taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_day.comments_hidden IS 'Comments hidden minus comments shown again in the window; they stay counted.';
COMMENT ON COLUMN analytics.engagement_by_account_day.anonymous IS 'How many of the additions in this row came without an actor.';
COMMENT ON COLUMN analytics.engagement_by_account_day.owner_likes IS 'The page''s own reactions to posts, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_account_day.owner_comments IS 'The page''s own comments and replies, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_account_day.owner_shares IS 'The page''s own shares, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_account_day.owner_comment_reactions IS 'The page''s own reactions to comments, added minus removed.';
COMMENT ON COLUMN analytics.engagement_by_account_day.follows IS 'Page likes added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_day.follows_removed IS 'Page likes taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_day.owner_follows IS 'The page''s own page likes, added minus removed.';
COMMENT ON COLUMN analytics.engagement_by_account_day.unique_engagers IS 'Distinct people, the page itself excepted, who added or changed something.';
COMMENT ON COLUMN analytics.engagement_by_account_day.new_engagers IS 'Those of unique_engagers whose first engagement with the account lies in this day.';
COMMENT ON COLUMN analytics.engagement_by_account_day.returning_engagers IS 'unique_engagers minus new_engagers.';
COMMENT ON COLUMN analytics.engagement_by_account_day.net_likes IS 'likes minus likes_removed.';
COMMENT ON COLUMN analytics.engagement_by_account_day.net_comments IS 'comments minus comments_removed.';
COMMENT ON COLUMN analytics.engagement_by_account_day.net_shares IS 'shares minus shares_removed.';
COMMENT ON COLUMN analytics.engagement_by_account_day.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.engagement_by_account_day.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.engagement_by_account_hour (
    platform text NOT NULL,
    account_id text NOT NULL,
    hour timestamptz NOT NULL,
    likes bigint NOT NULL,
    likes_removed bigint NOT NULL,
    comments bigint NOT NULL,
    comments_removed bigint NOT NULL,
    replies bigint NOT NULL,
    replies_removed bigint NOT NULL,
    shares bigint NOT NULL,
    shares_removed bigint NOT NULL,
    comment_reactions bigint NOT NULL,
    comment_reactions_removed bigint NOT NULL,
    comments_hidden bigint NOT NULL,
    anonymous bigint NOT NULL,
    owner_likes bigint NOT NULL,
    owner_comments bigint NOT NULL,
    owner_shares bigint NOT NULL,
    owner_comment_reactions bigint NOT NULL,
    follows bigint NOT NULL,
    follows_removed bigint NOT NULL,
    owner_follows bigint NOT NULL,
    net_likes bigint GENERATED ALWAYS AS (likes - likes_removed) STORED NOT NULL,
    net_comments bigint GENERATED ALWAYS AS (comments - comments_removed) STORED NOT NULL,
    net_shares bigint GENERATED ALWAYS AS (shares - shares_removed) STORED NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, hour)
) PARTITION BY RANGE (hour);
COMMENT ON TABLE analytics.engagement_by_account_hour IS 'Organic engagement of an account by the UTC hour it occurred in; page likes included.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.hour IS 'Start of the UTC hour in which it occurred.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.likes IS 'Reactions of every type to posts, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.likes_removed IS 'Reactions to posts taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.comments IS 'Comments and replies added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.comments_removed IS 'Comments and replies deleted in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.replies IS 'The part of comments that answers another comment.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.replies_removed IS 'The part of comments_removed that answered another comment.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.shares IS 'Shares added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.shares_removed IS 'Shares taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.comment_reactions IS 'Reactions to comments and replies, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.comment_reactions_removed IS 'Reactions to comments and replies, taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.comments_hidden IS 'Comments hidden minus comments shown again in the window; they stay counted.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.anonymous IS 'How many of the additions in this row came without an actor.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.owner_likes IS 'The page''s own reactions to posts, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.owner_comments IS 'The page''s own comments and replies, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.owner_shares IS 'The page''s own shares, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.owner_comment_reactions IS 'The page''s own reactions to comments, added minus removed.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.follows IS 'Page likes added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.follows_removed IS 'Page likes taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.owner_follows IS 'The page''s own page likes, added minus removed.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.net_likes IS 'likes minus likes_removed.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.net_comments IS 'comments minus comments_removed.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.net_shares IS 'shares minus shares_removed.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.engagement_by_account_hour.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.engagement_by_account_minute (
    platform text NOT NULL,
    account_id text NOT NULL,
    minute timestamptz NOT NULL,
    likes bigint NOT NULL,
    likes_removed bigint NOT NULL,
    comments bigint NOT NULL,
    comments_removed bigint NOT NULL,
    replies bigint NOT NULL,
    replies_removed bigint NOT NULL,
    shares bigint NOT NULL,
    shares_removed bigint NOT NULL,
    comment_reactions bigint NOT NULL,
    comment_reactions_removed bigint NOT NULL,
    comments_hidden bigint NOT NULL,
    anonymous bigint NOT NULL,
    owner_likes bigint NOT NULL,
    owner_comments bigint NOT NULL,
    owner_shares bigint NOT NULL,
    owner_comment_reactions bigint NOT NULL,
    follows bigint NOT NULL,
    follows_removed bigint NOT NULL,
    owner_follows bigint NOT NULL,
    net_likes bigint GENERATED ALWAYS AS (likes - likes_removed) STORED NOT NULL,
    net_comments bigint GENERATED ALWAYS AS (comments - comments_removed) STORED NOT NULL,
    net_shares bigint GENERATED ALWAYS AS (shares - shares_removed) STORED NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, minute)
) PARTITION BY RANGE (minute);
COMMENT ON TABLE analytics.engagement_by_account_minute IS 'Organic engagement of an account by the UTC minute it occurred in; page likes included.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.minute IS 'Start of the UTC minute in which it occurred.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.likes IS 'Reactions of every type to posts, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.likes_removed IS 'Reactions to posts taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.comments IS 'Comments and replies added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.comments_removed IS 'Comments and replies deleted in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.replies IS 'The part of comments that answers another comment.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.replies_removed IS 'The part of comments_removed that answered another comment.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.shares IS 'Shares added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.shares_removed IS 'Shares taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.comment_reactions IS 'Reactions to comments and replies, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.comment_reactions_removed IS 'Reactions to comments and replies, taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.comments_hidden IS 'Comments hidden minus comments shown again in the window; they stay counted.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.anonymous IS 'How many of the additions in this row came without an actor.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.owner_likes IS 'The page''s own reactions to posts, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.owner_comments IS 'The page''s own comments and replies, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.owner_shares IS 'The page''s own shares, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.owner_comment_reactions IS 'The page''s own reactions to comments, added minus removed.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.follows IS 'Page likes added in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.follows_removed IS 'Page likes taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.owner_follows IS 'The page''s own page likes, added minus removed.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.net_likes IS 'likes minus likes_removed.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.net_comments IS 'comments minus comments_removed.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.net_shares IS 'shares minus shares_removed.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.engagement_by_account_minute.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.engagement_by_post (
    platform text NOT NULL,
    account_id text NOT NULL,
    post_id text NOT NULL,
    likes bigint NOT NULL,
    likes_removed bigint NOT NULL,
    comments bigint NOT NULL,
    comments_removed bigint NOT NULL,
    replies bigint NOT NULL,
    replies_removed bigint NOT NULL,
    shares bigint NOT NULL,
    shares_removed bigint NOT NULL,
    comment_reactions bigint NOT NULL,
    comment_reactions_removed bigint NOT NULL,
    comments_hidden bigint NOT NULL,
    anonymous bigint NOT NULL,
    owner_likes bigint NOT NULL,
    owner_comments bigint NOT NULL,
    owner_shares bigint NOT NULL,
    owner_comment_reactions bigint NOT NULL,
    unique_engagers bigint NOT NULL,
    net_likes bigint GENERATED ALWAYS AS (likes - likes_removed) STORED NOT NULL,
    net_comments bigint GENERATED ALWAYS AS (comments - comments_removed) STORED NOT NULL,
    net_shares bigint GENERATED ALWAYS AS (shares - shares_removed) STORED NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, post_id)
);
COMMENT ON TABLE analytics.engagement_by_post IS 'Organic engagement of a post since it was published.';
COMMENT ON COLUMN analytics.engagement_by_post.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.engagement_by_post.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.engagement_by_post.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN analytics.engagement_by_post.likes IS 'Reactions of every type to posts, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post.likes_removed IS 'Reactions to posts taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_post.comments IS 'Comments and replies added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post.comments_removed IS 'Comments and replies deleted in the window.';
COMMENT ON COLUMN analytics.engagement_by_post.replies IS 'The part of comments that answers another comment.';
COMMENT ON COLUMN analytics.engagement_by_post.replies_removed IS 'The part of comments_removed that answered another comment.';
COMMENT ON COLUMN analytics.engagement_by_post.shares IS 'Shares added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post.shares_removed IS 'Shares taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_post.comment_reactions IS 'Reactions to comments and replies, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post.comment_reactions_removed IS 'Reactions to comments and replies, taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_post.comments_hidden IS 'Comments hidden minus comments shown again in the window; they stay counted.';
COMMENT ON COLUMN analytics.engagement_by_post.anonymous IS 'How many of the additions in this row came without an actor.';
COMMENT ON COLUMN analytics.engagement_by_post.owner_likes IS 'The page''s own reactions to posts, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_post.owner_comments IS 'The page''s own comments and replies, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_post.owner_shares IS 'The page''s own shares, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_post.owner_comment_reactions IS 'The page''s own reactions to comments, added minus removed.';
COMMENT ON COLUMN analytics.engagement_by_post.unique_engagers IS 'Distinct people, the page itself excepted, who added or changed something.';
COMMENT ON COLUMN analytics.engagement_by_post.net_likes IS 'likes minus likes_removed.';
COMMENT ON COLUMN analytics.engagement_by_post.net_comments IS 'comments minus comments_removed.';
COMMENT ON COLUMN analytics.engagement_by_post.net_shares IS 'shares minus shares_removed.';
COMMENT ON COLUMN analytics.engagement_by_post.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.engagement_by_post.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.engagement_by_post_day (
    platform text NOT NULL,
    account_id text NOT NULL,
    post_id text NOT NULL,
    day date NOT NULL,
    likes bigint NOT NULL,
    likes_removed bigint NOT NULL,
    comments bigint NOT NULL,
    comments_removed bigint NOT NULL,
    replies bigint NOT NULL,
    replies_removed bigint NOT NULL,
    shares bigint NOT NULL,
    shares_removed bigint NOT NULL,
    comment_reactions bigint NOT NULL,
    comment_reactions_removed bigint NOT NULL,
    comments_hidden bigint NOT NULL,
    anonymous bigint NOT NULL,
    owner_likes bigint NOT NULL,
    owner_comments bigint NOT NULL,
    owner_shares bigint NOT NULL,
    owner_comment_reactions bigint NOT NULL,
    net_likes bigint GENERATED ALWAYS AS (likes - likes_removed) STORED NOT NULL,
    net_comments bigint GENERATED ALWAYS AS (comments - comments_removed) STORED NOT NULL,
    net_shares bigint GENERATED ALWAYS AS (shares - shares_removed) STORED NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, post_id, day)
);
COMMENT ON TABLE analytics.engagement_by_post_day IS 'Organic engagement of a post by the local day it occurred in, not the one we saw it in.';
COMMENT ON COLUMN analytics.engagement_by_post_day.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.engagement_by_post_day.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.engagement_by_post_day.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN analytics.engagement_by_post_day.day IS 'Local date, in the account''s zone, on which it occurred.';
COMMENT ON COLUMN analytics.engagement_by_post_day.likes IS 'Reactions of every type to posts, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_day.likes_removed IS 'Reactions to posts taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_day.comments IS 'Comments and replies added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_day.comments_removed IS 'Comments and replies deleted in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_day.replies IS 'The part of comments that answers another comment.';
COMMENT ON COLUMN analytics.engagement_by_post_day.replies_removed IS 'The part of comments_removed that answered another comment.';
COMMENT ON COLUMN analytics.engagement_by_post_day.shares IS 'Shares added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_day.shares_removed IS 'Shares taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_day.comment_reactions IS 'Reactions to comments and replies, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_day.comment_reactions_removed IS 'Reactions to comments and replies, taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_day.comments_hidden IS 'Comments hidden minus comments shown again in the window; they stay counted.';
COMMENT ON COLUMN analytics.engagement_by_post_day.anonymous IS 'How many of the additions in this row came without an actor.';
COMMENT ON COLUMN analytics.engagement_by_post_day.owner_likes IS 'The page''s own reactions to posts, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_post_day.owner_comments IS 'The page''s own comments and replies, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_post_day.owner_shares IS 'The page''s own shares, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_post_day.owner_comment_reactions IS 'The page''s own reactions to comments, added minus removed.';
COMMENT ON COLUMN analytics.engagement_by_post_day.net_likes IS 'likes minus likes_removed.';
COMMENT ON COLUMN analytics.engagement_by_post_day.net_comments IS 'comments minus comments_removed.';
COMMENT ON COLUMN analytics.engagement_by_post_day.net_shares IS 'shares minus shares_removed.';
COMMENT ON COLUMN analytics.engagement_by_post_day.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.engagement_by_post_day.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.engagement_by_post_hour (
    platform text NOT NULL,
    account_id text NOT NULL,
    post_id text NOT NULL,
    hour timestamptz NOT NULL,
    likes bigint NOT NULL,
    likes_removed bigint NOT NULL,
    comments bigint NOT NULL,
    comments_removed bigint NOT NULL,
    replies bigint NOT NULL,
    replies_removed bigint NOT NULL,
    shares bigint NOT NULL,
    shares_removed bigint NOT NULL,
    comment_reactions bigint NOT NULL,
    comment_reactions_removed bigint NOT NULL,
    comments_hidden bigint NOT NULL,
    anonymous bigint NOT NULL,
    owner_likes bigint NOT NULL,
    owner_comments bigint NOT NULL,
    owner_shares bigint NOT NULL,
    owner_comment_reactions bigint NOT NULL,
    net_likes bigint GENERATED ALWAYS AS (likes - likes_removed) STORED NOT NULL,
    net_comments bigint GENERATED ALWAYS AS (comments - comments_removed) STORED NOT NULL,
    net_shares bigint GENERATED ALWAYS AS (shares - shares_removed) STORED NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, post_id, hour)
) PARTITION BY RANGE (hour);
COMMENT ON TABLE analytics.engagement_by_post_hour IS 'Organic engagement of a post by the UTC hour it occurred in, not the one we saw it in.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.hour IS 'Start of the UTC hour in which it occurred.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.likes IS 'Reactions of every type to posts, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.likes_removed IS 'Reactions to posts taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.comments IS 'Comments and replies added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.comments_removed IS 'Comments and replies deleted in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.replies IS 'The part of comments that answers another comment.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.replies_removed IS 'The part of comments_removed that answered another comment.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.shares IS 'Shares added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.shares_removed IS 'Shares taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.comment_reactions IS 'Reactions to comments and replies, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.comment_reactions_removed IS 'Reactions to comments and replies, taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.comments_hidden IS 'Comments hidden minus comments shown again in the window; they stay counted.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.anonymous IS 'How many of the additions in this row came without an actor.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.owner_likes IS 'The page''s own reactions to posts, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.owner_comments IS 'The page''s own comments and replies, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.owner_shares IS 'The page''s own shares, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.owner_comment_reactions IS 'The page''s own reactions to comments, added minus removed.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.net_likes IS 'likes minus likes_removed.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.net_comments IS 'comments minus comments_removed.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.net_shares IS 'shares minus shares_removed.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.engagement_by_post_hour.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.engagement_by_post_minute (
    platform text NOT NULL,
    account_id text NOT NULL,
    post_id text NOT NULL,
    minute timestamptz NOT NULL,
    likes bigint NOT NULL,
    likes_removed bigint NOT NULL,
    comments bigint NOT NULL,
    comments_removed bigint NOT NULL,
    replies bigint NOT NULL,
    replies_removed bigint NOT NULL,
    shares bigint NOT NULL,
    shares_removed bigint NOT NULL,
    comment_reactions bigint NOT NULL,
    comment_reactions_removed bigint NOT NULL,
    comments_hidden bigint NOT NULL,
    anonymous bigint NOT NULL,
    owner_likes bigint NOT NULL,
    owner_comments bigint NOT NULL,
    owner_shares bigint NOT NULL,
    owner_comment_reactions bigint NOT NULL,
    net_likes bigint GENERATED ALWAYS AS (likes - likes_removed) STORED NOT NULL,
    net_comments bigint GENERATED ALWAYS AS (comments - comments_removed) STORED NOT NULL,
    net_shares bigint GENERATED ALWAYS AS (shares - shares_removed) STORED NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, post_id, minute)
) PARTITION BY RANGE (minute);
COMMENT ON TABLE analytics.engagement_by_post_minute IS 'Organic engagement of a post by the UTC minute it occurred in, not the one we saw it in.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.minute IS 'Start of the UTC minute in which it occurred.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.likes IS 'Reactions of every type to posts, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.likes_removed IS 'Reactions to posts taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.comments IS 'Comments and replies added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.comments_removed IS 'Comments and replies deleted in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.replies IS 'The part of comments that answers another comment.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.replies_removed IS 'The part of comments_removed that answered another comment.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.shares IS 'Shares added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.shares_removed IS 'Shares taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.comment_reactions IS 'Reactions to comments and replies, added in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.comment_reactions_removed IS 'Reactions to comments and replies, taken back in the window.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.comments_hidden IS 'Comments hidden minus comments shown again in the window; they stay counted.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.anonymous IS 'How many of the additions in this row came without an actor.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.owner_likes IS 'The page''s own reactions to posts, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.owner_comments IS 'The page''s own comments and replies, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.owner_shares IS 'The page''s own shares, added minus removed; in no other column.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.owner_comment_reactions IS 'The page''s own reactions to comments, added minus removed.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.net_likes IS 'likes minus likes_removed.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.net_comments IS 'comments minus comments_removed.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.net_shares IS 'shares minus shares_removed.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.engagement_by_post_minute.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.post_metrics (
    platform text NOT NULL,
    account_id text NOT NULL,
    post_id text NOT NULL,
    metric text NOT NULL,
    scope text NOT NULL,
    value bigint,
    platform_as_of timestamptz,
    value_state text NOT NULL,
    observed_as_of timestamptz NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, post_id, metric, scope)
);
COMMENT ON TABLE analytics.post_metrics IS 'The platform''s own counters of a post, as last known.';
COMMENT ON COLUMN analytics.post_metrics.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.post_metrics.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.post_metrics.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN analytics.post_metrics.metric IS 'Name of the platform''s counter, for instance likes, views, reach.';
COMMENT ON COLUMN analytics.post_metrics.scope IS 'organic, paid, total or unknown.';
COMMENT ON COLUMN analytics.post_metrics.value IS 'Last known value.';
COMMENT ON COLUMN analytics.post_metrics.platform_as_of IS 'Platform time of the last known value.';
COMMENT ON COLUMN analytics.post_metrics.value_state IS 'State of the newest observation: known, hidden, unavailable or floored.';
COMMENT ON COLUMN analytics.post_metrics.observed_as_of IS 'Platform time of the newest observation.';
COMMENT ON COLUMN analytics.post_metrics.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.post_metrics.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.post_metrics_hour (
    platform text NOT NULL,
    account_id text NOT NULL,
    post_id text NOT NULL,
    metric text NOT NULL,
    scope text NOT NULL,
    hour timestamptz NOT NULL,
    value bigint NOT NULL,
    platform_as_of timestamptz NOT NULL,
    delta bigint,
    gap_seconds bigint,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, post_id, metric, scope, hour)
) PARTITION BY RANGE (hour);
COMMENT ON TABLE analytics.post_metrics_hour IS 'The platform''s own counters of a post by UTC hour, with the change since the value known before.';
COMMENT ON COLUMN analytics.post_metrics_hour.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.post_metrics_hour.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.post_metrics_hour.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN analytics.post_metrics_hour.metric IS 'Name of the platform''s counter, for instance likes, views, reach.';
COMMENT ON COLUMN analytics.post_metrics_hour.scope IS 'organic, paid, total or unknown.';
COMMENT ON COLUMN analytics.post_metrics_hour.hour IS 'Start of the UTC hour in which it occurred.';
COMMENT ON COLUMN analytics.post_metrics_hour.value IS 'Last value known in the hour.';
COMMENT ON COLUMN analytics.post_metrics_hour.platform_as_of IS 'Platform time of that value.';
COMMENT ON COLUMN analytics.post_metrics_hour.delta IS 'value minus the last one known before the hour; may be negative.';
COMMENT ON COLUMN analytics.post_metrics_hour.gap_seconds IS 'Seconds between those two observations.';
COMMENT ON COLUMN analytics.post_metrics_hour.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.post_metrics_hour.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.posts (
    platform text NOT NULL,
    account_id text NOT NULL,
    post_id text NOT NULL,
    published_at timestamptz,
    permalink text,
    format text,
    text_length bigint,
    hashtags text[] NOT NULL,
    mentions text[] NOT NULL,
    links text[] NOT NULL,
    is_published boolean,
    promotion_status text,
    platform_updated_at timestamptz,
    deleted_at timestamptz,
    observed_as_of timestamptz,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, post_id)
);
COMMENT ON TABLE analytics.posts IS 'What a post is, as last read, and whether it was deleted.';
COMMENT ON COLUMN analytics.posts.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.posts.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.posts.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN analytics.posts.published_at IS 'When the platform says it was published.';
COMMENT ON COLUMN analytics.posts.permalink IS 'Address of the post.';
COMMENT ON COLUMN analytics.posts.format IS 'The platform''s kind of post (Facebook: status_type).';
COMMENT ON COLUMN analytics.posts.text_length IS 'Characters of its text.';
COMMENT ON COLUMN analytics.posts.hashtags IS 'Hashtags in its text, lower case, without the sign, in order.';
COMMENT ON COLUMN analytics.posts.mentions IS 'Mentions in its text, without the sign, in order.';
COMMENT ON COLUMN analytics.posts.links IS 'Links in its text, in order.';
COMMENT ON COLUMN analytics.posts.is_published IS 'False for a draft, scheduled or dark post.';
COMMENT ON COLUMN analytics.posts.promotion_status IS 'The platform''s word on whether it is boosted.';
COMMENT ON COLUMN analytics.posts.platform_updated_at IS 'The platform''s last change.';
COMMENT ON COLUMN analytics.posts.deleted_at IS 'Earliest deletion time reported; approximate.';
COMMENT ON COLUMN analytics.posts.observed_as_of IS 'Platform time of the reading.';
COMMENT ON COLUMN analytics.posts.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.posts.updated_at IS 'Broker time of the record that brought the row.';

CREATE TABLE analytics.reactions_by_post (
    platform text NOT NULL,
    account_id text NOT NULL,
    post_id text NOT NULL,
    reaction text NOT NULL,
    reactions bigint NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (platform, account_id, post_id, reaction)
);
COMMENT ON TABLE analytics.reactions_by_post IS 'Reactions on a post by type, as they stand now.';
COMMENT ON COLUMN analytics.reactions_by_post.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.reactions_by_post.account_id IS 'The brand''s account at the platform: for Facebook the Page id.';
COMMENT ON COLUMN analytics.reactions_by_post.post_id IS 'The platform''s post id.';
COMMENT ON COLUMN analytics.reactions_by_post.reaction IS 'like, love, care, haha, wow, sad, angry or other.';
COMMENT ON COLUMN analytics.reactions_by_post.reactions IS 'Reactions of this type that stand now; the page''s own excepted.';
COMMENT ON COLUMN analytics.reactions_by_post.version IS 'Generation and source positions at the flush; never decreases for a row.';
COMMENT ON COLUMN analytics.reactions_by_post.updated_at IS 'Broker time of the record that brought the row.';
