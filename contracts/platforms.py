"""Which kinds of interaction each platform sends as events; the others are unknown there, not zero."""

from contracts.table import COUNTS, FOLLOWS

SENDS: dict[str, frozenset[str]] = {
    "facebook": frozenset({"likes", "comments", "replies", "shares", "comment_reactions", "follows"}),
    "instagram": frozenset({"comments", "replies", "mentions"}),
    "bluesky": frozenset({"likes", "comments", "replies", "shares", "follows", "mentions"}),
    "youtube": frozenset({"comments", "replies"}),
    "mastodon": frozenset({"likes", "comments", "replies", "shares", "follows", "mentions"}),
    **dict.fromkeys(("meta_ads", "shopify", "stripe", "woocommerce"), frozenset()),
}
"""Platform -> kinds of interaction that it sends. One that is not listed is taken to send all."""

KINDS = frozenset(column.kind for column in (*COUNTS, *FOLLOWS) if column.kind is not None)


def unsent(platform: str) -> frozenset[str]:
    """Kinds that a platform never sends: the columns that count them (`Column.kind`) are NULL in Postgres.

    >>> sorted(unsent("instagram")), unsent("a new one")
    (['comment_reactions', 'follows', 'likes', 'shares'], frozenset())
    """
    return KINDS - SENDS.get(platform, KINDS)
