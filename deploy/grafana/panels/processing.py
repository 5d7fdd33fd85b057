"""From events to aggregates."""

from contracts import metrics
from deploy.grafana.panel import WARNING, Panel, Prom, Row
from deploy.grafana.promql import quantile, rate, select, total

ROW = Row(
    "Processors",
    (
        Panel(
            "Records folded",
            "Source records, redelivered ones included; after a restart those since the last commit are folded again.",
            "cps",
            (Prom(rate(metrics.RECORDS_FOLDED, "processor", "topic"), "{{processor}} {{topic}}"),),
        ),
        Panel(
            "Processor lag",
            "Source records that no commit covers yet. One flush's worth is normal.",
            "short",
            (Prom(total(metrics.PROCESSOR_LAG, "processor", "topic"), "{{processor}} {{topic}}"),),
            limits=(10_000, 100_000),
        ),
        Panel(
            "Flush duration",
            "One flush of one partition: its rows, state and checkpoint in one Kafka transaction.",
            "s",
            (
                Prom(quantile(0.5, metrics.FLUSH_DURATION, "processor"), "{{processor}} p50"),
                Prom(quantile(0.99, metrics.FLUSH_DURATION, "processor"), "{{processor}} p99"),
            ),
        ),
        Panel(
            "Aggregate rows written",
            "Changed rows by table; a row that changes many times between two flushes is written once.",
            "wps",
            (Prom(rate(metrics.ROWS_FLUSHED, "table"), "{{table}}"),),
        ),
        Panel(
            "Duplicate, late and ambiguous facts",
            "duplicate: known already, not counted again. late: too old for a grain, counted in the "
            "coarser ones. ambiguous: a repeat of an anonymous fact, a redelivery or a second person; not "
            "counted.",
            "cps",
            (
                Prom(rate(metrics.DUPLICATE_FACTS), "duplicate"),
                Prom(rate(metrics.LATE_EVENTS, "grain"), "late for {{grain}}"),
                Prom(rate(metrics.AMBIGUOUS_EVENTS), "ambiguous"),
            ),
            colours={"ambiguous": WARNING},
        ),
        Panel(
            "State in memory",
            "Entries by kind of state, over all workers.",
            "short",
            (Prom(total(metrics.STATE_ENTRIES, "processor", "state"), "{{processor}} {{state}}"),),
        ),
        Panel(
            "Partitions by worker",
            "Partitions that each worker owns; their sum is the processor's partition count.",
            "none",
            (
                Prom(
                    f"sum by (processor, instance) ({select(metrics.PROCESSOR_PARTITIONS)})",
                    "{{processor}} {{instance}}",
                ),
            ),
        ),
        Panel(
            "Recovery duration",
            "Mean time in which a partition was read back, since the worker started.",
            "s",
            (
                Prom(
                    f"sum by (processor) ({select(metrics.RECOVERY_DURATION, '_sum')})"
                    f" / sum by (processor) ({select(metrics.RECOVERY_DURATION, '_count')})",
                    "{{processor}}",
                ),
            ),
        ),
    ),
)
