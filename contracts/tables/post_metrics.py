"""Platform counters of a post, last known."""

from contracts.table import ACCOUNT, METRIC, PLATFORM, POST, SCOPE, Column, Table

TABLE = Table(
    name="post_metrics",
    doc="The platform's own counters of a post, as last known.",
    key=(PLATFORM, ACCOUNT, POST, METRIC, SCOPE),
    values=(
        Column("value", "bigint", "Last known value.", nullable=True),
        Column("platform_as_of", "timestamptz", "Platform time of the last known value.", nullable=True),
        Column("value_state", "text", "State of the newest observation: known, hidden, unavailable or floored."),
        Column("observed_as_of", "timestamptz", "Platform time of the newest observation."),
    ),
)
