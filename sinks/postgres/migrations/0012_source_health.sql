-- How each source fares: docs/semantics.md, section 12.
CREATE TABLE pipeline.source_health (
    source text PRIMARY KEY,
    platform text NOT NULL,
    account_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('poll', 'webhook', 'stream')),
    state text NOT NULL CHECK (state IN ('unknown', 'healthy', 'degraded', 'failing')),
    problem text,
    since timestamptz NOT NULL,
    last_success_at timestamptz,
    last_event_at timestamptz,
    usual_gap_seconds double precision,
    quiet_since timestamptz,
    token_expires_at timestamptz,
    lease_expires_at timestamptz,
    gap_from timestamptz,
    gap_until timestamptz,
    backfilled_at timestamptz,
    recorded_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON pipeline.source_health TO engagement_writer;
GRANT SELECT ON pipeline.source_health TO engagement_reader;
COMMENT ON TABLE pipeline.source_health IS 'How each source fares, as the process that follows it last said.';
COMMENT ON COLUMN pipeline.source_health.source IS 'platform:account:name; of what is polled the same as in freshness.';
COMMENT ON COLUMN pipeline.source_health.platform IS 'Platform.';
COMMENT ON COLUMN pipeline.source_health.account_id IS 'Account.';
COMMENT ON COLUMN pipeline.source_health.kind IS 'poll, webhook or stream.';
COMMENT ON COLUMN pipeline.source_health.state IS 'unknown: nothing was heard of it yet; healthy; degraded: it works with a flaw, or is tried again; failing: it does not work.';
COMMENT ON COLUMN pipeline.source_health.problem IS 'What is wrong, in one word; the runbook explains each under SourceFailing. NULL if nothing is.';
COMMENT ON COLUMN pipeline.source_health.since IS 'When state and problem became what they are.';
COMMENT ON COLUMN pipeline.source_health.last_success_at IS 'When it last worked: a poll that read everything, a delivery that was kept, a connection that stood.';
COMMENT ON COLUMN pipeline.source_health.last_event_at IS 'When the newest event that it brought occurred, by the platform''s clock.';
COMMENT ON COLUMN pipeline.source_health.usual_gap_seconds IS 'The longest silence that is usual for one that began at this hour of the day; NULL until it has a habit.';
COMMENT ON COLUMN pipeline.source_health.quiet_since IS 'When the present silence became unusual; NULL while it is not.';
COMMENT ON COLUMN pipeline.source_health.token_expires_at IS 'Until when the platform takes its token, where that is known.';
COMMENT ON COLUMN pipeline.source_health.lease_expires_at IS 'Until when its subscription holds unless it is renewed.';
COMMENT ON COLUMN pipeline.source_health.gap_from IS 'What occurred from here ...';
COMMENT ON COLUMN pipeline.source_health.gap_until IS '... to before here was missed, the last time that something was.';
COMMENT ON COLUMN pipeline.source_health.backfilled_at IS 'When that gap had been read back; NULL while it is open.';
COMMENT ON COLUMN pipeline.source_health.recorded_at IS 'When this was said; a row that is minutes old is of a source that nobody follows.';
