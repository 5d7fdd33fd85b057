"""How much of the rate limit is spent: JSON in headers, in percent, and minutes until access is regained."""

from collections.abc import Mapping

import msgspec

from ingest.platforms import Usage

_APP_HEADER, _PAGE_HEADER = "x-app-usage", "x-page-usage"
_BUSINESS_HEADER = "x-business-use-case-usage"
_PERCENT_FIELDS = ("call_count", "total_time", "total_cputime")


def usage(headers: Mapping[str, str]) -> Usage | None:
    """The tightest of the limits that the headers (lower-case names) report, the app's or the account's own; None
    without any.

    >>> usage({"x-app-usage": '{"call_count":80,"total_time":25,"total_cputime":25}'})
    Usage(ratio=0.8, regain_seconds=0.0, per='app', left=None)
    """
    apps = _percents(_json(headers.get(_APP_HEADER)))
    percents = _percents(_json(headers.get(_PAGE_HEADER)))
    regain = 0.0
    business = _json(headers.get(_BUSINESS_HEADER))
    for cases in business.values() if isinstance(business, dict) else ():
        for case in cases if isinstance(cases, list) else ():
            percents += _percents(case)
            regain = max(regain, _number(case, "estimated_time_to_regain_access") * 60)
    if not percents and not apps:
        return None
    if max(apps, default=0.0) > max(percents, default=-1.0):
        return Usage(max(apps) / 100, regain, per="app")
    return Usage(max(percents) / 100, regain)


def _json(text: str | None) -> object:
    try:
        return msgspec.json.decode(text) if text else None
    except (msgspec.MsgspecError, RecursionError):
        return None


def _percents(document: object) -> list[float]:
    return [_number(document, name) for name in _PERCENT_FIELDS] if isinstance(document, dict) else []


def _number(document: object, name: str) -> float:
    found = document.get(name) if isinstance(document, dict) else None
    return float(found) if isinstance(found, int | float) and found >= 0 else 0.0
