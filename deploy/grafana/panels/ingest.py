"""From the platforms into Kafka."""

from contracts import metrics
from deploy.grafana.panel import OUTCOME_COLOURS, Panel, Prom, Row
from deploy.grafana.promql import quantile, rate, select

WEBHOOKS = Row(
    "Webhooks",
    (
        Panel(
            "Webhook deliveries by outcome",
            "Deliveries, not the changes in them. accepted: every event is in Kafka. unreadable: signed, "
            "but not to be read, kept as a dead letter. unauthorized: no valid signature, nothing kept. "
            "rejected: over a limit or malformed. unavailable: answered 503, the platform sends it again.",
            "reqps",
            (Prom(rate(metrics.DELIVERIES, "outcome"), "{{outcome}}"),),
            colours=OUTCOME_COLOURS,
        ),
        Panel(
            "Webhook receiver latency",
            "From the first byte of a delivery to its answer, Kafka's acknowledgement included.",
            "s",
            (
                Prom(quantile(0.5, metrics.DELIVERY_DURATION), "p50"),
                Prom(quantile(0.99, metrics.DELIVERY_DURATION), "p99"),
            ),
            limits=(1, 5),
        ),
        Panel(
            "Signatures by secret",
            "Valid signatures by the position of the secret that made them: 0 is the current one. "
            "A previous secret may go once its line is at zero.",
            "reqps",
            (Prom(rate(metrics.SIGNATURES, "secret"), "secret {{secret}}"),),
        ),
    ),
)

SITES = Row(
    "Own sites",
    (
        Panel(
            "Requests of own sites by outcome",
            "Requests of touches, conversions and clicks. partly: some of the events in it were refused. limited: "
            "too many from one address or key. unwritten: the visitor was sent on, and Kafka did not say in time "
            "whether it has the touch.",
            "reqps",
            (Prom(rate(metrics.COLLECTED, "outcome"), "{{outcome}}"),),
            colours=OUTCOME_COLOURS,
            width=12,
        ),
        Panel(
            "Events of own sites",
            "Touches and conversions by site and what became of them: kept, kept as a robot's or without consent, or "
            "why not.",
            "cps",
            (Prom(rate(metrics.COLLECTED_EVENTS, "site", "outcome"), "{{site}}: {{outcome}}"),),
            colours=OUTCOME_COLOURS,
            width=12,
        ),
    ),
)

POLLING = Row(
    "Polling",
    (
        Panel(
            "Poll requests by outcome",
            "Requests to the platforms, each page by itself. ok: an answer. retry, unreachable: asked again "
            "later. wait: the rate limit. smaller: asked for less. refuse: that object never again. forbidden, "
            "reauthorise: a person must give a permission or a new token.",
            "reqps",
            (Prom(rate(metrics.POLL_REQUESTS, "outcome"), "{{outcome}}"),),
            colours=OUTCOME_COLOURS,
        ),
        Panel(
            "Poll budget used",
            "Part of the rate limit that the platform says is used up; the poller slows down before 100 %.",
            "percentunit",
            (Prom(f"max by (platform) ({select(metrics.POLL_BUDGET_USED)})", "{{platform}}"),),
            limits=(0.75, 0.95),
        ),
        Panel(
            "Sources",
            "Whether each source (account and way of reading) works as it should. The dashboard Sources tells more.",
            "none",
            (
                Prom(
                    f"min by (platform, account, source) ({select(metrics.SOURCE_WELL)})",
                    "{{platform}} {{account}} {{source}}",
                ),
            ),
            kind="states",
        ),
        Panel(
            "Since the last successful poll",
            "The oldest of each kind of source. Of what is polled it swings between zero and the configured interval.",
            "s",
            (
                Prom(
                    f"time() - min by (platform, source) ({select(metrics.SOURCE_LAST_SUCCESS)})",
                    "{{platform}} {{source}}",
                ),
            ),
        ),
        Panel(
            "Complete through",
            "How far behind now each account is read and applied, by its oldest source. A source that is unhealthy "
            "has no value.",
            "s",
            (
                Prom(
                    f"time() - min by (platform, account) ({select(metrics.COMPLETE_THROUGH)})",
                    "{{platform}} {{account}}",
                ),
            ),
        ),
    ),
)

EMITTED = Row(
    "Into Kafka",
    (
        Panel(
            "Events emitted by kind",
            "Events that Kafka acknowledged. The same fact from webhook and poll is two events here, and "
            "one in the tables.",
            "cps",
            (Prom(rate(metrics.EVENTS_EMITTED, "channel", "kind"), "{{channel}} {{kind}}"),),
        ),
        Panel(
            "Snapshots emitted",
            "Absolute figures of posts and accounts that Kafka acknowledged.",
            "cps",
            (Prom(rate(metrics.SNAPSHOTS_EMITTED, "platform"), "{{platform}}"),),
        ),
        Panel(
            "Input left out by reason",
            "Input that was understood and deliberately not used; the runbook explains each reason. No dead letters.",
            "cps",
            (Prom(rate(metrics.DROPPED, "reason"), "{{reason}}"),),
        ),
    ),
)
