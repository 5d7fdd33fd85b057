"""Engagement of an account by the UTC hour."""

from contracts.table import ACCOUNT, COUNTS, FOLLOWS, HOUR, NETS, PLATFORM, Table

TABLE = Table(
    name="engagement_by_account_hour",
    doc="Organic engagement of an account by the UTC hour it occurred in; page likes included.",
    key=(PLATFORM, ACCOUNT, HOUR),
    values=(*COUNTS, *FOLLOWS, *NETS),
    retention="hour",
    range_partitioned=True,
)
