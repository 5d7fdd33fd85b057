"""The configured websites: by their write keys, by their names, and which origins may speak. Pure."""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address

from contracts.config import Site


class Sites:
    """Finds sites. None is found by what is not configured."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self._by_id = {site.id: site for site in sites}
        self._by_key = {key: site for site in self._by_id.values() for key in site.write_keys}
        self._origins = {origin.lower() for site in self._by_id.values() for origin in site.origins}

    def __bool__(self) -> bool:
        return bool(self._by_id)

    def by_id(self, site_id: str) -> Site | None:
        return self._by_id.get(site_id)

    def by_key(self, key: str | None) -> Site | None:
        return self._by_key.get(key or "")

    def is_origin(self, origin: str) -> bool:
        """Whether scripts of this origin may write for any of the sites: what is asked before the key is known."""
        return origin.lower() in self._origins


def may_speak(site: Site, origin: str | None) -> bool:
    """Whether a request with this Origin may write for `site`; a server sends none."""
    return origin is None or any(origin.lower() == one.lower() for one in site.origins)


def visitor_host(remote: str | None, forwarded: str | None, proxies: int) -> str:
    """Who is limited: the address that the outermost of so many trusted proxies saw. Of IPv6 the network of a customer.

    >>> visitor_host("10.0.0.1", "6.6.6.6, 203.0.113.9", 1), visitor_host("2001:db8:1:2:3::4", None, 0)
    ('203.0.113.9', '2001:db8:1:2::')
    """
    told = [one.strip() for one in (forwarded or "").split(",")] if proxies else []
    address = told[-proxies] if 0 < proxies <= len(told) else remote or ""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return remote or ""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(found)
