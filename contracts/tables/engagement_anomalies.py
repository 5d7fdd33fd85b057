"""Hours in which an account or a post got far more engagement than is usual."""

from contracts.table import ACCOUNT, HOUR, PLATFORM, Column, Table, count

TABLE = Table(
    name="engagement_anomalies",
    doc="Hours far above their baseline by robust z (O29), of accounts and of single posts.",
    key=(
        PLATFORM,
        ACCOUNT,
        Column("scope", "text", "account or post."),
        Column("subject", "text", "The account id or the post id."),
        HOUR,
    ),
    values=(
        count("engagements", "Likes, comments and shares added in the hour."),
        Column("median", "double precision", "Median of the account's baseline hours."),
        Column("mad", "double precision", "Median distance of the baseline hours from their median."),
        Column("z", "double precision", "(engagements - median) / max(1.4826 mad, 1)."),
        Column("baseline", "text", "weeks: the same hour of the last 4 weeks; hours: the 24 hours before."),
        count("baseline_hours", "Hours behind the baseline."),
        Column("severity", "text", "notable (z from 3.5), high (from 6), extreme (from 10)."),
    ),
    retention="hour",
    range_partitioned=True,
)
