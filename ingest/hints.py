"""What an address tells of where somebody came from: campaign parameters, click ids, the page, the referring host.

Addresses are written by people, tools and proxies, so they are read leniently: parameter names in any case, values
that were encoded twice, parameters that come again. What cannot be what it claims to be is left out, never an error.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from contracts.paid import Hints
from ingest.fields import cleaned

CLICK_IDS = ("fbclid", "gclid", "gbraid", "wbraid", "ttclid", "msclkid", "li_fat_id", "twclid", "rdt_cid", "ScCid")
"""Parameters by which an ad platform knows its click again, as they are spelled in `Hints.click_ids`."""
LONGEST_WORD = 255
LONGEST_ID = 512
LONGEST_LANDING = 512
LONGEST_URL = 8192

_SPACES = re.compile(r"[\s+]+")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_ENTITY_ID = re.compile(r"[0-9A-Za-z_:-]{1,64}")
_HOST = re.compile(r"[\w.-]{1,253}")


def grouped(value: str) -> str | None:
    """A campaign word such that all spellings of it are one: NFC, lower case, one space for blanks and `+`, trimmed.

    >>> grouped("Spring+Sale "), grouped("spring  sale"), grouped(" + ")
    ('spring sale', 'spring sale', None)
    """
    text = _SPACES.sub(" ", _printable(unicodedata.normalize("NFC", cleaned(value)).lower()))
    return unicodedata.normalize("NFC", text).strip()[:LONGEST_WORD].strip() or None


def _printable(text: str) -> str:
    return (
        text
        if text.isprintable()
        else "".join(" " if c.isspace() else c for c in text if c.isprintable() or c.isspace())
    )


def _exact(value: str) -> str | None:
    """A click id: a cut one would be another one."""
    value = value.strip()
    return value if 0 < len(value) <= LONGEST_ID and value.isprintable() else None


def _entity(value: str) -> str | None:
    """The id of a campaign, ad set or ad; a placeholder that no platform filled in is none."""
    return value.strip() if _ENTITY_ID.fullmatch(value.strip()) else None


_WORDS: dict[str, tuple[str, Callable[[str], str | None]]] = {
    **{f"utm_{field}": (field, grouped) for field in ("source", "medium", "campaign", "term", "content")},
    "utm_id": ("utm_id", _exact),
    **{name: (name, _entity) for name in ("campaign_id", "adset_id", "ad_id")},
}
_CLICKS = {name.lower(): name for name in CLICK_IDS}
_FBC = frozenset(("fbc", "_fbc"))
_NEXT = re.compile(rf"&(?:amp;)?(?=(?:{'|'.join((*_WORDS, *_CLICKS))})=)", re.IGNORECASE)
"""Where a value goes on with the next parameter: the separator was encoded as well."""


def of_url(url: str | None, referrer: str | None = None) -> Hints:
    """The hints of an address, whole or from its path on; `referrer` is the address before it.

    >>> of_url("https://shop.test/a?utm_source=Facebook&utm_campaign=Spring%2BSale&fbclid=IwAR0-_x").campaign
    'spring sale'
    """
    url = _bounded(url or "")
    before, _, query = url.partition("#")[0].partition("?")
    return of_parameters(_pairs(query), landing=before, referrer=referrer)


def of_parameters(
    pairs: Iterable[tuple[str, str]], *, landing: str | None = None, referrer: str | None = None
) -> Hints:
    """The hints of parameters that were decoded once; of those that come again the first that holds something.

    `landing` and `referrer` are addresses: of them the host and path are kept, and the host.
    """
    words: dict[str, str] = {}
    clicks: dict[str, str] = {}
    for name, value in _plain(pairs):
        if name in _WORDS:
            field, kept = _WORDS[name]
            if field not in words and (word := kept(value)):
                words[field] = word
        elif name in _CLICKS:
            if (found := _exact(value)) and _CLICKS[name] not in clicks:
                clicks[_CLICKS[name]] = found
        elif name in _FBC and (found := fbclid(value)):
            clicks.setdefault("fbclid", found)
    return Hints(**words, click_ids=clicks, landing=page(landing), referrer=host(referrer))


def _plain(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, value in pairs:
        first, *more = _NEXT.split(_decoded(value))
        yield name.strip().lower().removeprefix("amp;"), first
        for pair in more:
            name, _, value = pair.partition("=")
            yield name.lower(), value


def _decoded(value: str) -> str:
    """A value that was encoded once too often, or twice; an escape that is none stays what it is.

    >>> _decoded("spring%20sale"), _decoded("a%2526b"), _decoded("50%de")
    ('spring sale', 'a&b', '50%de')
    """
    for _ in range(2):
        if not _ESCAPE.search(value):
            break
        try:
            value = unquote(value, errors="strict")
        except UnicodeDecodeError:
            break
    return value


def _pairs(query: str) -> list[tuple[str, str]]:
    if "=" not in query and "%3d" in query.lower():  # encoded as a whole
        query = unquote(query, errors="replace")
    return parse_qsl(query, errors="replace")


def _bounded(url: str) -> str:
    """What is too long ends before a parameter that would be cut."""
    return url if len(url) <= LONGEST_URL else url[:LONGEST_URL].rpartition("&")[0]


def fbclid(fbc: str) -> str | None:
    """The click id in Meta's cookie `_fbc`: `fb.<index>.<milliseconds>.<fbclid>`, after which a part may stand.

    >>> fbclid("fb.1.1789990000123.IwAR0abc-_X.AQ"), fbclid("IwAR0")
    ('IwAR0abc-_X', None)
    """
    parts = fbc.strip().split(".")
    return _exact(parts[3]) if len(parts) >= 4 and parts[0] == "fb" and parts[2].isdecimal() else None


def page(url: str | None) -> str | None:
    """Host and path of an address, without what may tell who came there; of a path the path.

    >>> page("https://me:pw@Shop.test:8443/a/b?x=1"), page("/products/a?utm_source=x"), page("nowhere")
    ('shop.test/a/b', '/products/a', None)
    """
    bare = cleaned((url or "")[:LONGEST_URL]).partition("?")[0].partition("#")[0].strip()
    if not bare.isprintable():
        return None
    if bare.startswith("/") and not bare.startswith("//"):
        return bare[:LONGEST_LANDING]
    where = host(bare)
    if where is None:
        return None
    _, _, path = bare.partition("//")[2].partition("/")
    return f"{where}/{path}"[:LONGEST_LANDING]


def host(url: str | None) -> str | None:
    """The host of an address in lower case, without port and user.

    >>> host("https://L.Facebook.com:443/?u=x"), host("android-app://com.google.android.gm/"), host("(direct)")
    ('l.facebook.com', 'com.google.android.gm', None)
    """
    try:
        found = (urlsplit((url or "")[:LONGEST_URL].strip()).hostname or "").rstrip(".")
    except ValueError:
        return None
    return found if _HOST.fullmatch(found) and found.isprintable() else None


def merged(first: Hints, *others: Hints) -> Hints:
    """What `first` tells, and of what it does not tell what the others do, in their order."""
    told = msgspec.structs.asdict(first)
    for other in others:
        for name, value in msgspec.structs.asdict(other).items():
            if name == "click_ids":
                told[name] = {**value, **told[name]}
            elif told[name] is None:
                told[name] = value
    return Hints(**told)
