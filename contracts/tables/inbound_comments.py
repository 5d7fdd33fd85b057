"""Comments of other people, and whether the brand has answered: the worklist."""

from contracts.table import ACCOUNT, PLATFORM, POST, Column, Table

TABLE = Table(
    name="inbound_comments",
    doc="One row a comment or reply that is not the owner's: when it was asked, when answered, whether it waits (O15).",
    key=(PLATFORM, ACCOUNT, Column("comment_id", "text", "The platform's id of the comment.")),
    values=(
        Column("post_id", "text", POST.doc),
        Column("parent_id", "text", "The comment that a reply answers; NULL for a comment on the post.", True),
        Column(
            "actor_id", "text", "Pseudonym of the person; NULL if the platform does not tell or after erasure.", True
        ),
        Column("permalink", "text", "Address of the comment; NULL if the platform does not tell.", True),
        Column("asked_at", "timestamptz", "When it was written."),
        Column(
            "answered_at",
            "timestamptz",
            "The owner's first comment in its thread from then on; NULL without one.",
            True,
        ),
        Column("answer_id", "text", "Id of that comment.", True),
        Column("is_removed", "boolean", "It was deleted at the platform."),
        Column("is_hidden", "boolean", "The page has hidden it."),
        Column("needs_answer", "boolean", "Neither answered nor removed nor hidden."),
    ),
    retention="interaction",
)
