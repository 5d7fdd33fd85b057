"""The people of an account's community: what stands of theirs, how often they come, how far in they are."""

from contracts.table import ACCOUNT, PLATFORM, Column, Table, count

_RING = """CASE WHEN level >= 10 THEN 'leading' WHEN level >= 7 THEN 'contributing'
    WHEN level >= 4 THEN 'participating' WHEN level >= 1 THEN 'exploring' END"""

TABLE = Table(
    name="community_members",
    doc="One row a person and account: interactions standing now, active days, level (O20), ambassador or not.",
    key=(PLATFORM, ACCOUNT, Column("actor_id", "text", "Pseudonym of the person.")),
    values=(
        count("reactions", "Reactions to posts that stand now.", "likes"),
        count("comment_reactions", "Reactions to comments and replies that stand now.", "comment_reactions"),
        count("comments", "Comments and replies that stand now.", "comments"),
        count("replies", "The part of comments that answers another comment.", "replies"),
        count("shares", "Shares that stand now.", "shares"),
        count("mentions", "Mentions of the account that stand now.", "mentions"),
        count("follows", "Page likes that stand now: 0 or 1.", "follows"),
        Column("first_seen_day", "date", "Local day of the first engagement."),
        Column("last_seen_day", "date", "Local day of the last engagement."),
        count("active_days", "Distinct local days with engagement, within the retention of day rows."),
        Column("recent_days", "bigint", "64 bits, two's complement: bit k says active k days before last_seen_day."),
        Column(
            "active_weeks",
            "bigint",
            "64 bits, two's complement: bit k says active in the k-th ISO week after the first.",
        ),
        count("activity_weight", "Greatest weight of a kind of which an interaction stands, 0 to 12."),
        count("level_by_presence", "Level that the active days alone give today, 0 to 12 (O20)."),
        count("level", "Level of today, 1 (Exploring III) to 12 (Leading I); 0: not active for 90 days (O20)."),
        Column("ring", "text", "exploring, participating, contributing or leading; NULL for level 0.", True, _RING),
        Column("is_ambassador", "boolean", "Level and advocacy are both as configured."),
        Column("ambassador_reasons", "text[]", "Which of the two rules are met: level, advocacy."),
    ),
)
