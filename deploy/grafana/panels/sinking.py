"""From aggregates to PostgreSQL and Prometheus."""

from contracts import metrics
from deploy.grafana.panel import OUTCOME_COLOURS, Panel, Prom, Row
from deploy.grafana.promql import age, mean, quantile, rate, total

ROW = Row(
    "Sinks",
    (
        Panel(
            "Rows applied",
            "Rows that PostgreSQL took, by table; of several versions of a row in one batch only the "
            "newest is written.",
            "wps",
            (Prom(rate(metrics.ROWS_APPLIED, "table"), "{{table}}"),),
        ),
        Panel(
            "Sink lag",
            "Aggregate records not yet applied, over all topics of a sink.",
            "short",
            (Prom(total(metrics.SINK_LAG, "sink"), "{{sink}}"),),
            limits=(10_000, 50_000),
        ),
        Panel(
            "Transaction duration",
            "One transaction of the PostgreSQL sink: copy, upsert and offsets.",
            "s",
            (
                Prom(quantile(0.5, metrics.APPLY_DURATION), "p50"),
                Prom(quantile(0.99, metrics.APPLY_DURATION), "p99"),
            ),
        ),
        Panel(
            "Row latency",
            "From the receipt of an event to its row being visible in PostgreSQL.",
            "s",
            (
                Prom(quantile(0.5, metrics.ROW_LATENCY), "p50"),
                Prom(quantile(0.99, metrics.ROW_LATENCY), "p99"),
            ),
            limits=(3, 10),
        ),
        Panel(
            "Newest visible event by table",
            "How long ago the newest visible event of a table occurred. It grows when nothing happens.",
            "s",
            (Prom(age(metrics.NEWEST_EVENT, "table"), "{{table}}"),),
        ),
        Panel(
            "Since rows were applied by table",
            "How long ago rows of a table were last applied. It grows when nothing happens.",
            "s",
            (Prom(age(metrics.APPLIED_AT, "table"), "{{table}}"),),
        ),
        Panel(
            "View refreshes by outcome",
            "Rounds of the materialised views. unchanged: none of its tables got rows, so that nothing was to be "
            "computed. failed: the view stands as it was; the next round tries again.",
            "cps",
            (Prom(rate(metrics.VIEW_REFRESHES, "outcome"), "{{outcome}}"),),
            colours=OUTCOME_COLOURS,
        ),
        Panel(
            "View refresh duration",
            "One refresh of a materialised view, on average since the sink started; readers go on meanwhile.",
            "s",
            (Prom(mean(metrics.VIEW_REFRESH_DURATION, "view"), "{{view}}"),),
        ),
        Panel(
            "Age of materialised views",
            "How long ago a view was last known to hold what its tables hold.",
            "s",
            (Prom(age(metrics.VIEW_FRESH_AT, "view"), "{{view}}"),),
        ),
    ),
)
