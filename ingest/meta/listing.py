"""Listings of the Graph API: asked for in sizes that it can serve, and read to their end."""

import hmac
from collections.abc import Callable, Generator, Iterable, Sequence
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec
from msgspec import Raw, Struct

from ingest import asking
from ingest.platforms import Answer, Found, Part, PollFailed, Remember, Request
from ingest.wire import Unreadable, converted, dumps, loads

_PAGING = ("after", "__paging_token", "offset", "since", "until", "page")
"""What may be taken over from a `next` link; everything else of a request stays as we made it."""


class Paging(Struct):
    next: str | None = None


class Page(Struct):
    """One page of a listing. Only the absence of `next` ends it: a page may be short or empty and have one."""

    data: list[Raw]
    paging: Paging | None = None

    @property
    def next_url(self) -> str | None:
        return self.paging.next if self.paging else None


Asking = Generator[Request | Found | Remember, Answer | None, tuple[Request, Answer]]
ParsePage = Callable[[Page, Answer], Iterable[Part]]

_page = msgspec.json.Decoder(Page).decode


def page(answer: Answer) -> Page:
    """The listing of an answer; an answer without one ends the poll."""
    try:
        return _page(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:
        document = loads(answer.body)
        if isinstance(document, dict) and isinstance(document.get("data"), list):
            items = [Raw(dumps(item)) for item in document["data"]]
            return Page(items, converted(document.get("paging"), Paging | None))
    except (Unreadable, msgspec.ValidationError):
        pass
    raise PollFailed("no_listing")


def ask(request: Request) -> Asking:
    """One request, halved for as long as the platform finds it too large; the answer may still be a refusal."""
    while True:
        answer = yield from asking.ask(request)
        if answer.failure is None or answer.failure.action != "smaller":
            return request, answer
        halved = smaller(request)
        if halved is None:
            raise PollFailed("too_much_data")
        request = halved


def read(
    request: Request,
    answer: Answer,
    base_url: str,
    parse: ParsePage,
    is_enough: Callable[[], bool] = lambda: False,
) -> asking.Asking:
    """The pages from `answer` on, to the last one's answer. Only a page without `next` is the last; one that comes
    twice is a loop.

    `is_enough`: whether what follows the pages that were parsed is not wanted.
    """
    seen = {cursor_of(request)}
    while True:
        listing = page(asking.whole(answer))
        if parts := tuple(parse(listing, answer)):
            yield Found(parts)
        if listing.next_url is None or is_enough():
            return answer
        request = following(request, listing.next_url, base_url)
        cursor = cursor_of(request)
        if cursor in seen:
            raise PollFailed("paging_loop")
        seen.add(cursor)
        request, answer = yield from ask(request)


def following(request: Request, next_url: str, base_url: str) -> Request:
    """The request for the next page: ours with the link's cursor. The link itself is never followed.

    A link to another origin is refused.
    """
    link, base = urlsplit(next_url), urlsplit(base_url)
    if (link.scheme, link.netloc) != (base.scheme, base.netloc):
        raise PollFailed("foreign_next")
    cursor = {name: value for name, value in parse_qsl(link.query) if name in _PAGING}
    return Request(request.path, {**request.params, **cursor})


def smaller(request: Request) -> Request | None:
    """The same request for half as many items; None if it cannot be smaller."""
    limit = int(request.params.get("limit", "1"))
    return None if limit <= 1 else Request(request.path, {**request.params, "limit": str(limit // 2)})


def cursor_of(request: Request) -> frozenset[tuple[str, str]]:
    """What of a request tells one page from another."""
    return frozenset((name, value) for name, value in request.params.items() if name in _PAGING)


def segment(identifier: str) -> str:
    """An id as one segment of a path, whatever stands in it."""
    return quote(identifier, safe="")


def authorise(token: str, secrets: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Headers and parameters that carry the credentials: the token in a header, its proof as a parameter."""
    proof = hmac.digest(secrets[0].encode(), token.encode(), "sha256").hex() if secrets else None
    return {"Authorization": f"Bearer {token}"}, {"appsecret_proof": proof} if proof else {}
