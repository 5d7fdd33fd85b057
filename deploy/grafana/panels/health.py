"""What could not be used, and who has stopped."""

from contracts import metrics
from deploy.grafana.panel import Panel, Prom, Row, Sql
from deploy.grafana.promql import age, rate
from deploy.grafana.relations import DEAD_LETTERS

ROW = Row(
    "Dead letters and processes",
    (
        Panel(
            "Dead letters by stage and reason",
            "Dead letters written; the runbook explains each reason. A repeat of the same bytes is written "
            "again and kept once.",
            "cps",
            (Prom(rate(metrics.DEAD_LETTERS, "stage", "reason"), "{{stage}} {{reason}}"),),
        ),
        Panel(
            "Since the last progress",
            "How long ago each service last finished work or an idle round. A hanging process grows "
            "although it answers.",
            "s",
            (Prom(age(metrics.LAST_PROGRESS, "service"), "{{service}}"),),
            limits=(60, 120),
        ),
        Panel(
            "Processes",
            "Whether each process answered its last scrape.",
            "none",
            (Prom("min by (job, instance) (up)", "{{job}} {{instance}}"),),
            kind="states",
        ),
        Panel(
            "Dead letters kept",
            "Different dead letters in PostgreSQL by stage and reason, however often each came. Independent of the "
            "pickers.",
            "short",
            (
                Sql(
                    f"""
                    SELECT stage || ' ' || reason AS "stage and reason", count(*) AS letters
                    FROM {DEAD_LETTERS}
                    GROUP BY stage, reason ORDER BY letters DESC, stage, reason
                    """
                ),
            ),
            kind="ranking",
            width=8,
        ),
        Panel(
            "Newest dead letters",
            "The twenty that came last, each once however often it came; their bytes stay sealed. Independent of "
            "the pickers.",
            "none",
            (
                Sql(
                    f"""
                    SELECT received_at, stage, reason, detail, platform, account_id, topic, partition,
                      record_offset, dead_letter_id
                    FROM {DEAD_LETTERS}
                    ORDER BY received_at DESC, dead_letter_id LIMIT 20
                    """
                ),
            ),
            kind="table",
            width=16,
            units={"received_at": "dateTimeAsIso"},
        ),
    ),
)
