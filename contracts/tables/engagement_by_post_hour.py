"""Engagement of a post by the UTC hour."""

from contracts.table import ACCOUNT, COUNTS, HOUR, NETS, PLATFORM, POST, Table

TABLE = Table(
    name="engagement_by_post_hour",
    doc="Organic engagement of a post by the UTC hour it occurred in, not the one we saw it in.",
    key=(PLATFORM, ACCOUNT, POST, HOUR),
    values=(*COUNTS, *NETS),
    retention="hour",
    range_partitioned=True,
)
