"""The shapes of what is asked of a server."""

from collections.abc import Sequence

from ingest.platforms import Request

MOST_STATUSES, MOST_NOTIFICATIONS = 40, 80
TYPES = ("favourite", "reblog", "follow", "mention", "quote")
"""Notifications that are read."""


def authorise(token: str, _secrets: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The header that carries the token; it is never a parameter."""
    return {"Authorization": f"Bearer {token}"}, {}


def account(account_id: str) -> Request:
    return Request(f"/api/v1/accounts/{account_id}", {})


def statuses(account_id: str, limit: int) -> Request:
    """The account's own statuses, newest first: no answers to others, nothing of others passed on."""
    how = {"exclude_reblogs": "true", "exclude_replies": "true", "limit": str(min(limit, MOST_STATUSES))}
    return Request(f"/api/v1/accounts/{account_id}/statuses", how)


def context(status_id: str) -> Request:
    """The thread around a status, all of what is below it included."""
    return Request(f"/api/v1/statuses/{status_id}/context", {})


def notifications(limit: int, min_id: str | None = None) -> Request:
    """The newest notifications, or those that follow one."""
    path = "/api/v1/notifications?" + "&".join(f"types[]={name}" for name in TYPES)
    how = {"limit": str(min(limit, MOST_NOTIFICATIONS))}
    return Request(path, how | ({"min_id": min_id} if min_id else {}))
