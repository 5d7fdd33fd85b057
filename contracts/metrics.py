"""Every Prometheus metric that this project exports: name, kind, labels, meaning.

Labels come from closed sets (platform, stage, reason, table, topic) or are bounded (account); never a post, a
person or an address.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. Counters end in `_total`, times in `_seconds`."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    doc: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] | None = None


_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 120, 600)

# -- ingest ----------------------------------------------------------------------------------------------------
DELIVERIES = Metric(
    "engagement_webhook_deliveries_total",
    "counter",
    "Webhook deliveries by what became of them: accepted, unreadable, unauthorized, rejected, unavailable.",
    ("platform", "outcome"),
)
DELIVERY_DURATION = Metric(
    "engagement_webhook_delivery_duration_seconds",
    "histogram",
    "From the first byte of a delivery to its answer.",
    ("platform",),
    _LATENCY,
)
SIGNATURES = Metric(
    "engagement_webhook_signatures_total",
    "counter",
    "Valid signatures by the position of the secret that made them; 0 is the current one.",
    ("platform", "secret"),
)
COLLECTED = Metric(
    "engagement_collector_requests_total",
    "counter",
    "Requests of the own sites (touches, conversions, click) by what became of them: accepted, partly (some events were"
    " refused), refused, unauthorized, limited, rejected, unavailable; of a click redirected, unwritten (the visitor"
    " went on, and Kafka did not say in time whether it has the touch), limited, refused.",
    ("endpoint", "outcome"),
)
COLLECTED_EVENTS = Metric(
    "engagement_collector_events_total",
    "counter",
    "Events of the own sites by what became of them: accepted, bot, without_consent, or the reason of the refusal.",
    ("site", "endpoint", "outcome"),
)
EVENTS_EMITTED = Metric(
    "engagement_ingest_events_total",
    "counter",
    "Events acknowledged by Kafka.",
    ("platform", "channel", "kind"),
)
SNAPSHOTS_EMITTED = Metric(
    "engagement_ingest_snapshots_total", "counter", "Snapshots acknowledged by Kafka.", ("platform",)
)
DROPPED = Metric(
    "engagement_ingest_dropped_total",
    "counter",
    "Input understood and deliberately not used.",
    ("platform", "reason"),
)
DEAD_LETTERS = Metric("engagement_dead_letters_total", "counter", "Dead letters written.", ("stage", "reason"))
POLL_REQUESTS = Metric("engagement_poll_requests_total", "counter", "Requests to platforms.", ("platform", "outcome"))
POLL_BUDGET_USED = Metric(
    "engagement_poll_budget_used_ratio",
    "gauge",
    "Part of the platform's rate limit that is used up, 0 to 1.",
    ("platform",),
)
STREAM_MESSAGES = Metric(
    "engagement_stream_messages_total", "counter", "Messages of a stream that were dealt with.", ("platform",)
)
STREAM_CONNECTIONS = Metric(
    "engagement_stream_connections_total",
    "counter",
    "Connections of a stream by what became of them: connected, disconnected.",
    ("platform", "outcome"),
)
STREAM_CONNECTED = Metric(
    "engagement_stream_connected", "gauge", "1 if the account's stream is connected.", ("platform", "account")
)
STREAM_BEHIND = Metric(
    "engagement_stream_behind_seconds",
    "gauge",
    "How old the last message of the account's stream was when it was acknowledged.",
    ("platform", "account"),
)
# -- processors ------------------------------------------------------------------------------------------------
RECORDS_FOLDED = Metric(
    "engagement_processor_records_total", "counter", "Source records folded.", ("processor", "topic")
)
DUPLICATE_FACTS = Metric(
    "engagement_processor_duplicate_facts_total", "counter", "Facts that were known already.", ("processor",)
)
LATE_EVENTS = Metric(
    "engagement_late_events_total",
    "counter",
    "Facts too old for a grain; the coarser grains count them.",
    ("processor", "grain"),
)
AMBIGUOUS_EVENTS = Metric(
    "engagement_ambiguous_events_total",
    "counter",
    "Repeats of an anonymous fact: a redelivery or a second person.",
    ("processor",),
)
FLUSH_DURATION = Metric(
    "engagement_processor_flush_duration_seconds", "histogram", "One flush.", ("processor",), _LATENCY
)
ROWS_FLUSHED = Metric("engagement_processor_rows_total", "counter", "Aggregate rows written.", ("processor", "table"))
PROCESSOR_LAG = Metric(
    "engagement_processor_lag_records",
    "gauge",
    "Source records not yet covered by a commit.",
    ("processor", "topic"),
)
PROCESSOR_PARTITIONS = Metric(
    "engagement_processor_partitions", "gauge", "Partitions that this worker owns.", ("processor",)
)
STATE_ENTRIES = Metric(
    "engagement_processor_state_entries", "gauge", "Entries of the state in memory.", ("processor", "state")
)
RECOVERY_DURATION = Metric(
    "engagement_processor_recovery_duration_seconds",
    "histogram",
    "Recovery of a partition.",
    ("processor",),
    _LATENCY,
)
# -- sinks -----------------------------------------------------------------------------------------------------
ROWS_APPLIED = Metric("engagement_sink_rows_total", "counter", "Rows applied to Postgres.", ("table",))
APPLY_DURATION = Metric(
    "engagement_sink_transaction_duration_seconds", "histogram", "One sink transaction.", (), _LATENCY
)
SINK_LAG = Metric("engagement_sink_lag_records", "gauge", "Aggregate records not yet applied.", ("sink", "topic"))
ROW_LATENCY = Metric(
    "engagement_row_latency_seconds",
    "histogram",
    "From the receipt of an event to its row being visible in Postgres.",
    (),
    _LATENCY,
)
NEWEST_EVENT = Metric(
    "engagement_newest_event_timestamp_seconds", "gauge", "Newest event time that is visible.", ("table",)
)
APPLIED_AT = Metric("engagement_applied_timestamp_seconds", "gauge", "When rows were last applied.", ("table",))
VIEW_REFRESHES = Metric(
    "engagement_view_refreshes_total",
    "counter",
    "Rounds of a materialised view: refreshed, unchanged (none of its tables got rows) or failed.",
    ("view", "outcome"),
)
VIEW_REFRESH_DURATION = Metric(
    "engagement_view_refresh_duration_seconds", "histogram", "One refresh of a materialised view.", ("view",), _LATENCY
)
VIEW_FRESH_AT = Metric(
    "engagement_view_fresh_timestamp_seconds",
    "gauge",
    "When a materialised view was last known to contain what its tables do.",
    ("view",),
)
COMPLETE_THROUGH = Metric(
    "engagement_complete_through_timestamp_seconds",
    "gauge",
    "Event time up to which a source has been read and applied; absent while it is unhealthy.",
    ("platform", "account", "source"),
)
# -- how the sources fare, from what their processes say of them --------------------------------------------------
SOURCE_PROBLEMS = Metric(
    "engagement_source_problems",
    "gauge",
    "1 while something is wrong with a source; problem is a word of the runbook, state degraded or failing.",
    ("platform", "account", "source", "state", "problem"),
)
SOURCE_WELL = Metric(
    "engagement_source_well",
    "gauge",
    "1 while nothing is known to be wrong with a source; 0 while it is degraded or failing.",
    ("platform", "account", "source"),
)
SOURCE_LAST_SUCCESS = Metric(
    "engagement_source_last_success_timestamp_seconds",
    "gauge",
    "When a source last worked.",
    ("platform", "account", "source"),
)
SOURCE_LAST_EVENT = Metric(
    "engagement_source_last_event_timestamp_seconds",
    "gauge",
    "When the newest event that a source brought occurred.",
    ("platform", "account", "source"),
)
SOURCE_USUAL_GAP = Metric(
    "engagement_source_usual_gap_seconds",
    "gauge",
    "The longest silence that is usual for a source at this time of day.",
    ("platform", "account", "source"),
)
SOURCE_TOKEN_EXPIRES = Metric(
    "engagement_source_token_expires_timestamp_seconds",
    "gauge",
    "Until when the platform takes a source's token, where that is known.",
    ("platform", "account", "source"),
)
SOURCE_LEASE_EXPIRES = Metric(
    "engagement_source_lease_expires_timestamp_seconds",
    "gauge",
    "Until when a source's subscription holds unless it is renewed.",
    ("platform", "account", "source"),
)
# -- the business, from the aggregates -------------------------------------------------------------------------
INTERACTIONS = Metric(
    "engagement_interactions_total",
    "counter",
    "Interactions added, summed over the account's days; kind is likes, comments, shares, follows, ...",
    ("platform", "account", "kind"),
)
REMOVALS = Metric("engagement_removals_total", "counter", "Interactions taken back.", ("platform", "account", "kind"))
UNIQUE_ENGAGERS_TODAY = Metric(
    "engagement_unique_engagers",
    "gauge",
    "Distinct people on the account's newest day.",
    ("platform", "account"),
)
FOLLOWERS = Metric(
    "engagement_followers", "gauge", "Followers as last reported by the platform.", ("platform", "account")
)
SPIKE = Metric(
    "engagement_spike_z",
    "gauge",
    "Greatest robust z of the account and its posts in the newest hour with engagement; 0 if nothing is unusual.",
    ("platform", "account"),
)
COMMENTS_ANSWERED = Metric(
    "engagement_comments_answered",
    "gauge",
    "Comments of others with an answer of the brand; span is day (the last whole UTC day before the newest with a"
    " comment) or week (the seven before that one).",
    ("platform", "account", "span"),
)
COMMENTS_WAITING = Metric(
    "engagement_comments_waiting",
    "gauge",
    "Comments of others that need an answer: neither answered nor removed nor hidden; span as above.",
    ("platform", "account", "span"),
)
# -- the money ---------------------------------------------------------------------------------------------------
TAGGING_CHECKED = Metric(
    "engagement_tagging_checked",
    "gauge",
    "What should lead somewhere, of a brand's newest seven days: clicks on links of ads, touches that name a campaign,"
    " purchases.",
    ("brand", "kind"),
)
TAGGING_BROKEN = Metric(
    "engagement_tagging_broken",
    "gauge",
    "That of it which does not: clicks of campaigns of which nobody arrives, touches of unknown campaigns, purchases"
    " without a journey.",
    ("brand", "kind"),
)
BUDGETS = Metric(
    "engagement_budgets",
    "gauge",
    "Lifetime budgets of active campaigns and ad sets in at least their third day; pace is slow (below 80 % of what"
    " should be spent by now), kept, or fast (above 120 %).",
    ("brand", "pace"),
)
# -- every process ---------------------------------------------------------------------------------------------
LAST_PROGRESS = Metric(
    "engagement_last_progress_timestamp_seconds",
    "gauge",
    "When the process last got something done.",
    ("service",),
)


def load() -> tuple[Metric, ...]:
    """All metrics, in the order above."""
    return tuple(value for value in globals().values() if isinstance(value, Metric))
