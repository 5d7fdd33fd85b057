"""Platform counters of a post by UTC hour."""

from contracts.table import ACCOUNT, HOUR, METRIC, PLATFORM, POST, SCOPE, Column, Table

TABLE = Table(
    name="post_metrics_hour",
    doc="The platform's own counters of a post by UTC hour, with the change since the value known before.",
    key=(PLATFORM, ACCOUNT, POST, METRIC, SCOPE, HOUR),
    values=(
        Column("value", "bigint", "Last value known in the hour."),
        Column("platform_as_of", "timestamptz", "Platform time of that value."),
        Column(
            "delta",
            "bigint",
            "value minus the last one known before the hour; may be negative.",
            nullable=True,
        ),
        Column("gap_seconds", "bigint", "Seconds between those two observations.", nullable=True),
    ),
    retention="hour",
    range_partitioned=True,
)
