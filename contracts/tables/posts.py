"""Posts: the dimension of everything about content."""

from contracts.table import ACCOUNT, PLATFORM, POST, Column, Table

TABLE = Table(
    name="posts",
    doc="What a post is, as last read, and whether it was deleted.",
    key=(PLATFORM, ACCOUNT, POST),
    values=(
        Column("published_at", "timestamptz", "When the platform says it was published.", nullable=True),
        Column("permalink", "text", "Address of the post.", nullable=True),
        Column("format", "text", "The platform's kind of post (Facebook: status_type).", nullable=True),
        Column("text_length", "bigint", "Characters of its text.", nullable=True),
        Column("hashtags", "text[]", "Hashtags in its text, lower case, without the sign, in order."),
        Column("mentions", "text[]", "Mentions in its text, without the sign, in order."),
        Column("links", "text[]", "Links in its text, in order."),
        Column("is_published", "boolean", "False for a draft, scheduled or dark post.", nullable=True),
        Column("promotion_status", "text", "The platform's word on whether it is boosted.", nullable=True),
        Column("platform_updated_at", "timestamptz", "The platform's last change.", nullable=True),
        Column("deleted_at", "timestamptz", "Earliest deletion time reported; approximate.", nullable=True),
        Column("observed_as_of", "timestamptz", "Platform time of the reading.", nullable=True),
    ),
)
