"""Engagement of a post by the local day."""

from contracts.table import ACCOUNT, COUNTS, DAY, NETS, PLATFORM, POST, Table

TABLE = Table(
    name="engagement_by_post_day",
    doc="Organic engagement of a post by the local day it occurred in, not the one we saw it in.",
    key=(PLATFORM, ACCOUNT, POST, DAY),
    values=(*COUNTS, *NETS),
    retention="day",
)
