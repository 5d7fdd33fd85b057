"""Standing reactions of a post by type."""

from contracts.table import ACCOUNT, PLATFORM, POST, Column, Table, count

TABLE = Table(
    name="reactions_by_post",
    doc="Reactions on a post by type, as they stand now.",
    key=(
        PLATFORM,
        ACCOUNT,
        POST,
        Column("reaction", "text", "like, love, care, haha, wow, sad, angry or other."),
    ),
    values=(count("reactions", "Reactions of this type that stand now; the page's own excepted."),),
)
