-- What the sinks note beside the rows: positions, freshness, dead letters, who is at work.
CREATE TABLE pipeline.sink_offsets (
    sink text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    topic_id uuid NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sink, topic, partition)
);
COMMENT ON TABLE pipeline.sink_offsets IS 'How far a sink has applied each topic, written in the transaction of the rows.';
COMMENT ON COLUMN pipeline.sink_offsets.sink IS 'Name of the sink.';
COMMENT ON COLUMN pipeline.sink_offsets.topic IS 'Kafka topic.';
COMMENT ON COLUMN pipeline.sink_offsets.partition IS 'Its partition.';
COMMENT ON COLUMN pipeline.sink_offsets.next_offset IS 'Offset of the first record that is not applied.';
COMMENT ON COLUMN pipeline.sink_offsets.topic_id IS 'Kafka''s id of the topic: another one means that it was recreated.';
COMMENT ON COLUMN pipeline.sink_offsets.updated_at IS 'When it last moved.';

CREATE TABLE pipeline.applied_positions (
    processor text NOT NULL,
    partition integer NOT NULL,
    topic text NOT NULL,
    next_offset bigint NOT NULL,
    version bigint NOT NULL,
    applied_at timestamptz NOT NULL,
    PRIMARY KEY (processor, partition, topic)
);
COMMENT ON TABLE pipeline.applied_positions IS 'Source records whose effects are in the tables: everything before next_offset.';
COMMENT ON COLUMN pipeline.applied_positions.processor IS 'Name of the processor.';
COMMENT ON COLUMN pipeline.applied_positions.partition IS 'Partition of the source topic.';
COMMENT ON COLUMN pipeline.applied_positions.topic IS 'Source topic.';
COMMENT ON COLUMN pipeline.applied_positions.next_offset IS 'Offset of the first source record that is not in the tables.';
COMMENT ON COLUMN pipeline.applied_positions.version IS 'Version of the flush that covers it.';
COMMENT ON COLUMN pipeline.applied_positions.applied_at IS 'When its rows were applied.';

CREATE TABLE pipeline.freshness (
    kind text NOT NULL CHECK (kind IN ('table', 'source')),
    name text NOT NULL,
    platform text,
    account_id text,
    newest_event_at timestamptz,
    applied_at timestamptz NOT NULL,
    complete_through timestamptz,
    PRIMARY KEY (kind, name)
);
COMMENT ON TABLE pipeline.freshness IS 'How far a table or a source may be trusted.';
COMMENT ON COLUMN pipeline.freshness.kind IS 'table or source.';
COMMENT ON COLUMN pipeline.freshness.name IS 'Name of the table, or id of the source.';
COMMENT ON COLUMN pipeline.freshness.platform IS 'Platform of a source.';
COMMENT ON COLUMN pipeline.freshness.account_id IS 'Account of a source.';
COMMENT ON COLUMN pipeline.freshness.newest_event_at IS 'Newest fact time folded when the table last got rows.';
COMMENT ON COLUMN pipeline.freshness.applied_at IS 'When rows, or word of the source, were last applied.';
COMMENT ON COLUMN pipeline.freshness.complete_through IS 'Event time up to which a source has been read and applied; NULL while it is unhealthy.';

CREATE TABLE pipeline.dead_letters (
    dead_letter_id text PRIMARY KEY,
    stage text NOT NULL,
    origin text NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    platform text,
    account_id text,
    topic text,
    partition integer,
    record_offset bigint,
    record_key bytea,
    received_at timestamptz NOT NULL,
    code_version text NOT NULL,
    sealed bytea NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX dead_letters_by_time ON pipeline.dead_letters (received_at);
COMMENT ON TABLE pipeline.dead_letters IS 'What could not be used, kept for replay.';
COMMENT ON COLUMN pipeline.dead_letters.dead_letter_id IS 'Digest of its origin and bytes, or of its place in a topic: repeats collapse.';
COMMENT ON COLUMN pipeline.dead_letters.stage IS 'ingest, processor or sink.';
COMMENT ON COLUMN pipeline.dead_letters.origin IS 'delivery, change, poll or record.';
COMMENT ON COLUMN pipeline.dead_letters.reason IS 'A stable word; the runbook has a heading for it.';
COMMENT ON COLUMN pipeline.dead_letters.detail IS 'What was wrong; never quotes the payload.';
COMMENT ON COLUMN pipeline.dead_letters.platform IS 'Platform, where known.';
COMMENT ON COLUMN pipeline.dead_letters.account_id IS 'Account, where known.';
COMMENT ON COLUMN pipeline.dead_letters.topic IS 'Topic of a record.';
COMMENT ON COLUMN pipeline.dead_letters.partition IS 'Partition of a record.';
COMMENT ON COLUMN pipeline.dead_letters.record_offset IS 'Offset of a record.';
COMMENT ON COLUMN pipeline.dead_letters.record_key IS 'Key of a record.';
COMMENT ON COLUMN pipeline.dead_letters.received_at IS 'When it came.';
COMMENT ON COLUMN pipeline.dead_letters.code_version IS 'Version of the code that refused it.';
COMMENT ON COLUMN pipeline.dead_letters.sealed IS 'The bytes, encrypted; opened by dead-letters show and replay alone.';
COMMENT ON COLUMN pipeline.dead_letters.updated_at IS 'Broker time of the record that brought it.';

CREATE TABLE pipeline.leases (
    name text PRIMARY KEY,
    holder text NOT NULL,
    acquired_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pipeline.leases IS 'Who last took a lease; the lease itself is an advisory lock that ends with its session.';
COMMENT ON COLUMN pipeline.leases.name IS 'What may be done by one process at a time.';
COMMENT ON COLUMN pipeline.leases.holder IS 'Host and process id.';
COMMENT ON COLUMN pipeline.leases.acquired_at IS 'Since when.';

GRANT SELECT, INSERT, UPDATE, DELETE
    ON pipeline.sink_offsets, pipeline.applied_positions, pipeline.freshness, pipeline.dead_letters, pipeline.leases
    TO engagement_writer;
GRANT SELECT ON pipeline.sink_offsets, pipeline.applied_positions, pipeline.freshness, pipeline.leases TO engagement_reader;
-- Everything but what is sealed.
GRANT SELECT (dead_letter_id, stage, origin, reason, detail, platform, account_id, topic, partition, record_offset,
              record_key, received_at, code_version, updated_at)
    ON pipeline.dead_letters TO engagement_reader;
