"""Platform figures of an account by local day."""

from contracts.table import ACCOUNT, DAY, METRIC, PLATFORM, SCOPE, Column, Table

TABLE = Table(
    name="account_metrics_day",
    doc="The platform's own figures of an account by its local day: followers, reach, views.",
    key=(PLATFORM, ACCOUNT, METRIC, SCOPE, DAY),
    values=(
        Column("value", "bigint", "Last known value of the day.", nullable=True),
        Column("platform_as_of", "timestamptz", "Platform time of that value.", nullable=True),
        Column("value_state", "text", "State of the newest observation: known, hidden, unavailable or floored."),
        Column("observed_as_of", "timestamptz", "Platform time of the newest observation."),
    ),
    retention="day",
)
