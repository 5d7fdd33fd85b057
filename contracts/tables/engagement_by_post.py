"""Lifetime engagement of a post."""

from contracts.table import ACCOUNT, COUNTS, NETS, PLATFORM, POST, UNIQUE, Table

TABLE = Table(
    name="engagement_by_post",
    doc="Organic engagement of a post since it was published.",
    key=(PLATFORM, ACCOUNT, POST),
    values=(*COUNTS, UNIQUE, *NETS),
)
