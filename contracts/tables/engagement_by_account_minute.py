"""Engagement of an account by the UTC minute."""

from contracts.table import ACCOUNT, COUNTS, FOLLOWS, MINUTE, NETS, PLATFORM, Table

TABLE = Table(
    name="engagement_by_account_minute",
    doc="Organic engagement of an account by the UTC minute it occurred in; page likes included.",
    key=(PLATFORM, ACCOUNT, MINUTE),
    values=(*COUNTS, *FOLLOWS, *NETS),
    retention="minute",
    range_partitioned=True,
)
