"""Which kinds of interaction each platform sends as events; the others are unknown there, not zero."""

from contracts.table import COUNTS, FOLLOWS

_ALL = frozenset({"likes", "comments", "replies", "shares", "comment_reactions", "follows"})

SENDS: dict[str, frozenset[str]] = {
    "facebook": _ALL,
    "instagram": frozenset({"comments", "replies", "mentions"}),
}
"""Platform -> count columns that its events can raise."""


def unsent(platform: str) -> frozenset[str]:
    """Count columns, added, removed and the owner's, that stay NULL for a platform. None for one that is not listed.

    >>> "likes_removed" in unsent("instagram"), "owner_comments" in unsent("instagram")
    (True, False)
    """
    sent = SENDS.get(platform)
    if sent is None:
        return frozenset()
    return frozenset(
        column.name for column in (*COUNTS, *FOLLOWS) if column.kind is not None and column.kind not in sent
    )
