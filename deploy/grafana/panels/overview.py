"""At a glance: is it running, is it fresh, does it keep up."""

from contracts import metrics
from deploy.grafana.panel import Panel, Prom, Row
from deploy.grafana.promql import age, quantile, rate, total

ROW = Row(
    "At a glance",
    (
        Panel(
            "Processes up",
            "Targets of the engagement job that answered the last scrape. The alert ProcessDead names a missing one.",
            "none",
            (Prom("sum(up)", "up"),),
            kind="number",
            width=4,
            height=4,
        ),
        Panel(
            "Events emitted",
            "Events of every kind that Kafka acknowledged, a second; ticks, snapshots and posts are not in it.",
            "cps",
            (Prom(rate(metrics.EVENTS_EMITTED), "events"),),
            kind="number",
            width=4,
            height=4,
        ),
        Panel(
            "Row latency p99",
            "From the receipt of an event to its row in PostgreSQL, 99 of 100 are faster. Replays and "
            "rebuilds raise it.",
            "s",
            (Prom(quantile(0.99, metrics.ROW_LATENCY), "p99"),),
            kind="number",
            width=4,
            height=4,
            limits=(3, 10),
        ),
        Panel(
            "Records behind",
            "Source records that no commit covers yet, over all processors.",
            "short",
            (Prom(total(metrics.PROCESSOR_LAG), "records"),),
            kind="number",
            width=4,
            height=4,
            limits=(10_000, 100_000),
        ),
        Panel(
            "Since the last applied row",
            "Seconds since the PostgreSQL sink last applied rows of any table; grows when nothing happens, too.",
            "s",
            (Prom(age(metrics.APPLIED_AT), "age"),),
            kind="number",
            width=4,
            height=4,
            limits=(120, 600),
        ),
        Panel(
            "Sources that fail",
            "Sources (account and way of reading) that are degraded or failing. The panel Sources names them.",
            "none",
            (Prom(f"count({metrics.SOURCE_WELL.name}) - sum({metrics.SOURCE_WELL.name})", "failing"),),
            kind="number",
            width=4,
            height=4,
            limits=(1, 3),
        ),
    ),
)
