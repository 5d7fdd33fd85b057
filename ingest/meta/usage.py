"""How much of the rate limit is spent: JSON in headers, in percent, and minutes until access is regained."""

from collections.abc import Mapping

import msgspec

from ingest.platforms import Usage

_PERCENT_HEADERS = ("x-app-usage", "x-page-usage")
_BUSINESS_HEADER = "x-business-use-case-usage"
_PERCENT_FIELDS = ("call_count", "total_time", "total_cputime")


def usage(headers: Mapping[str, str]) -> Usage | None:
    """The tightest of the limits that the headers (lower-case names) report; None without any.

    >>> usage({"x-app-usage": '{"call_count":80,"total_time":25,"total_cputime":25}'})
    Usage(ratio=0.8, regain_seconds=0.0)
    """
    percents: list[float] = []
    regain = 0.0
    for header in _PERCENT_HEADERS:
        percents += _percents(_json(headers.get(header)))
    business = _json(headers.get(_BUSINESS_HEADER))
    for cases in business.values() if isinstance(business, dict) else ():
        for case in cases if isinstance(cases, list) else ():
            percents += _percents(case)
            regain = max(regain, _number(case, "estimated_time_to_regain_access") * 60)
    if not percents:
        return None
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
