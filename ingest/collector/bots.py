"""Who is no person: programs that follow links, fetch pages ahead, or look what is behind an address. Pure."""

import re
from collections.abc import Mapping

_PROGRAMS = re.compile(
    r"(?<!cu)bot(?:\b|[/_;-])|crawl|spider|slurp|scrap|fetch|preview|headless|phantom|lighthouse|pingdom|monitor|uptime|validator"
    r"|facebookexternalhit|facebookcatalog|meta-external|embedly|whatsapp/|skypeuripreview|google-|mediapartners"
    r"|^(?:curl|wget|python|java|go-http|okhttp|axios|node|ruby|perl|php|libwww|httpie|postman|apache-http)",
    re.IGNORECASE,
)
_SCANNERS = re.compile(
    r"barracuda|mimecast|proofpoint|safelinks|ms-office|microsoft office|office protected|symantec"
    r"|forcepoint|trendmicro|fireeye|cloudmark|sophos|kaspersky|avast|bitdefender|urlscan|virustotal|phish|linkcheck",
    re.IGNORECASE,
)
_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")


def word(method: str, headers: Mapping[str, str]) -> str | None:
    """`prefetch`, `scanner` or `bot`; None for what may be a person. Header names are in any case.

    >>> word("GET", {"User-Agent": "Mozilla/5.0 (X11) Firefox/140.0", "Sec-Purpose": "prefetch;prerender"})
    'prefetch'
    """
    if any(one in headers.get(name, "").lower() for name in _AHEAD for one in ("prefetch", "preview", "prerender")):
        return "prefetch"
    agent = headers.get("User-Agent", "").strip()
    if method == "HEAD" or _SCANNERS.search(agent):
        return "scanner"
    return "bot" if not agent or _PROGRAMS.search(agent) else None
