-- Names of people, where the configuration keeps them, and who was erased: docs/semantics.md, section 9.
CREATE TABLE analytics.people (
    platform text NOT NULL,
    actor_id text NOT NULL,
    name text NOT NULL,
    profile_url text,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (platform, actor_id)
);
CREATE INDEX people_by_time ON analytics.people (seen_at);
REVOKE ALL ON analytics.people FROM engagement_reader;
GRANT SELECT ON analytics.people TO engagement_people_reader;
COMMENT ON TABLE analytics.people IS 'What people are called, so that one can be thanked. Empty unless the configuration says privacy.people = "named"; read with the role engagement_people_reader.';
COMMENT ON COLUMN analytics.people.platform IS 'Platform, for instance facebook.';
COMMENT ON COLUMN analytics.people.actor_id IS 'Pseudonym, as in community_members.';
COMMENT ON COLUMN analytics.people.name IS 'Name or handle, as last seen.';
COMMENT ON COLUMN analytics.people.profile_url IS 'Address of the profile; NULL where the platform tells none.';
COMMENT ON COLUMN analytics.people.seen_at IS 'Time of the newest fact that named them.';

CREATE TABLE pipeline.erasures (
    erasure_id text PRIMARY KEY,
    platform text NOT NULL,
    person text NOT NULL,
    requested_at timestamptz NOT NULL,
    cleared_at timestamptz,
    logs_expire_at timestamptz NOT NULL
);
CREATE INDEX erasures_by_person ON pipeline.erasures (person);
GRANT SELECT, INSERT, UPDATE ON pipeline.erasures TO engagement_writer;
GRANT SELECT (erasure_id, platform, requested_at, cleared_at, logs_expire_at) ON pipeline.erasures TO engagement_reader;
COMMENT ON TABLE pipeline.erasures IS 'Who was erased, without saying who, and how far that has come.';
COMMENT ON COLUMN pipeline.erasures.erasure_id IS 'Random; what `engagement erase` printed.';
COMMENT ON COLUMN pipeline.erasures.platform IS 'Platform of the person.';
COMMENT ON COLUMN pipeline.erasures.person IS 'Digest of the pseudonym: keeps a name that comes late from being written again.';
COMMENT ON COLUMN pipeline.erasures.requested_at IS 'What occurred or was received before is no longer the person''s.';
COMMENT ON COLUMN pipeline.erasures.cleared_at IS 'When every partition and this database were through with it; NULL until then.';
COMMENT ON COLUMN pipeline.erasures.logs_expire_at IS 'When the last source topic has forgotten the pseudonym in what came before.';
