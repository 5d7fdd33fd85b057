"""Where a click may go on to: an address that every browser reads as we do, on a host that is allowed. Pure."""

import re
from collections.abc import Collection

LONGEST = 4096

# Browsers take a backslash for a slash, skip control characters and put a name before `@`; none of them gets here.
_ADDRESS = re.compile(r"https?://([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*)(?::([0-9]{1,5}))?(?:[/?#][!-\[\]-~]*)?")
_DEFAULT_PORTS = ("http://", "80"), ("https://", "443")


def allowed(address: str, hosts: Collection[str]) -> bool:
    """Whether somebody may be sent there: http or https, a host that is listed exactly (`host`, or `host:port` for a
    port that is not the scheme's own), nothing before the host, and printable ASCII alone.

    >>> allowed("https://shop.test/a?x=1#y", {"shop.test"}), allowed("https://shop.test@evil.test/", {"shop.test"})
    (True, False)
    """
    found = _ADDRESS.fullmatch(address) if len(address) <= LONGEST else None
    if found is None:
        return False
    host, port = found[1].lower(), found[2]
    is_usual = port is None or any(address.startswith(scheme) and port == usual for scheme, usual in _DEFAULT_PORTS)
    return (host if is_usual else f"{host}:{port}") in hosts
