"""Engagement of a post by the UTC minute."""

from contracts.table import ACCOUNT, COUNTS, MINUTE, NETS, PLATFORM, POST, Table

TABLE = Table(
    name="engagement_by_post_minute",
    doc="Organic engagement of a post by the UTC minute it occurred in, not the one we saw it in.",
    key=(PLATFORM, ACCOUNT, POST, MINUTE),
    values=(*COUNTS, *NETS),
    retention="minute",
    range_partitioned=True,
)
