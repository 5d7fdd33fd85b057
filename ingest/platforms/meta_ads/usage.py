"""How much of its limits an ad account has spent: besides the Graph API's headers there are two of its own."""

from collections.abc import Mapping

import msgspec

from ingest.meta.usage import usage as graph_usage
from ingest.platforms import Usage

_HEADERS = ("x-ad-account-usage", "x-fb-ads-insights-throttle")
_PERCENTS = ("acc_id_util_pct", "app_id_util_pct")


def usage(headers: Mapping[str, str]) -> Usage | None:
    """The tightest of the limits that the headers (lower-case names) report; None without any.

    >>> usage({"x-ad-account-usage": '{"acc_id_util_pct":92.5,"reset_time_duration":120}'})
    Usage(ratio=0.925, regain_seconds=120.0, per='account', left=None)
    """
    found = [one for one in (graph_usage(headers), *map(_told, (headers.get(name) for name in _HEADERS))) if one]
    return max(found, key=lambda one: one.ratio, default=None)


def _told(text: str | None) -> Usage | None:
    try:
        document = msgspec.json.decode(text) if text else None
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    percents = [_number(document.get(name)) for name in _PERCENTS if name in document]
    return Usage(max(percents) / 100, _number(document.get("reset_time_duration"))) if percents else None


def _number(found: object) -> float:
    return float(found) if isinstance(found, int | float) and found >= 0 else 0.0
