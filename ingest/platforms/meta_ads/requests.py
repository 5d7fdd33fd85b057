"""The shapes of what is asked of the Marketing API. Dates are the ad account's own."""

from collections.abc import Sequence
from datetime import date

import msgspec

from contracts.paid import Level
from ingest.meta.listing import segment
from ingest.platforms import Request

WINDOWS = ("1d_view", "1d_click", "7d_click", "28d_click")
"""Attribution windows that are asked for beside the ad set's own; 7d_view and 28d_view exist no more."""
LARGEST_PAGE = 500

_FIGURES = ("account_currency", "impressions", "reach", "clicks", "inline_link_clicks", "spend")
_OF_LEVEL: dict[Level, tuple[str, ...]] = {
    "ad": ("ad_id", "adset_id", "campaign_id", *_FIGURES, "attribution_setting", "actions", "action_values"),
    "campaign": ("campaign_id", *_FIGURES),
    "account": ("account_id", *_FIGURES),
}
_ACCOUNT = "name,account_status,currency,timezone_name"
_COMMON = ("id", "name", "status", "effective_status")
_BUDGETS = ("daily_budget", "lifetime_budget")
_EDGES: dict[str, tuple[str, ...]] = {
    "campaigns": (*_COMMON, "objective", *_BUDGETS, "start_time", "stop_time"),
    "adsets": (*_COMMON, "campaign_id", *_BUDGETS, "start_time", "end_time"),
    "ads": (
        *_COMMON,
        "campaign_id",
        "adset_id",
        "creative{effective_object_story_id,effective_instagram_media_id}",
    ),
}
_STATUSES: dict[str, tuple[str, ...]] = {
    "campaigns": ("ACTIVE", "PAUSED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES"),
    "adsets": ("ACTIVE", "PAUSED", "CAMPAIGN_PAUSED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES"),
    "ads": (
        "ACTIVE",
        "PAUSED",
        "CAMPAIGN_PAUSED",
        "ADSET_PAUSED",
        "PENDING_REVIEW",
        "PREAPPROVED",
        "DISAPPROVED",
        "PENDING_BILLING_INFO",
        "ARCHIVED",
        "IN_PROCESS",
        "WITH_ISSUES",
    ),
}
"""Without a word about it, what is archived is left out."""


def _json(document: object) -> str:
    return msgspec.json.encode(document).decode()


def _act(account_id: str) -> str:
    return f"/act_{segment(account_id)}"


def account(account_id: str) -> Request:
    """What the ad account is."""
    return Request(_act(account_id), {"fields": _ACCOUNT})


def entities(account_id: str, edge: str, size: int) -> Request:
    """The account's `campaigns`, `adsets` or `ads`."""
    asked = {"fields": ",".join(_EDGES[edge]), "effective_status": _json(_STATUSES[edge]), "limit": str(size)}
    return Request(f"{_act(account_id)}/{edge}", asked)


def days(account_id: str, level: Level, since: date, until: date, breakdowns: Sequence[str] = ()) -> Request:
    """What was done on each day of a range, both ends in it."""
    return Request(f"{_act(account_id)}/insights", _daily(level, since, until, breakdowns))


def lifetime(account_id: str, level: Level) -> Request:
    """What each has reached in all the time that the platform remembers; days of it cannot be summed."""
    asked = _asked(level, ()) | {"date_preset": "maximum", "time_increment": "all_days"}
    return Request(f"{_act(account_id)}/insights", asked)


def start_report(account_id: str, level: Level, since: date, until: date) -> Request:
    """Have the same made in the background, for ranges that take too long."""
    return Request(f"{_act(account_id)}/insights", {}, form=_daily(level, since, until, ()))


def report(run_id: str) -> Request:
    """How far it is."""
    return Request(f"/{segment(run_id)}", {"fields": "async_status,async_percent_completion"})


def report_rows(run_id: str) -> Request:
    """What it says."""
    return Request(f"/{segment(run_id)}/insights", {"limit": str(LARGEST_PAGE)})


def _asked(level: Level, breakdowns: Sequence[str]) -> dict[str, str]:
    asked = {"level": level, "fields": ",".join(_OF_LEVEL[level]), "limit": str(LARGEST_PAGE)}
    if level == "ad":
        asked["action_attribution_windows"] = _json(WINDOWS)
    if breakdowns:
        asked["breakdowns"] = ",".join(breakdowns)
    return asked


def _daily(level: Level, since: date, until: date, breakdowns: Sequence[str]) -> dict[str, str]:
    time_range = {"since": since.isoformat(), "until": until.isoformat()}
    return _asked(level, breakdowns) | {"time_range": _json(time_range), "time_increment": "1"}
