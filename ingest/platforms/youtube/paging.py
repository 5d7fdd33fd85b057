"""Listings of the Data API, read to their end."""

from collections.abc import Callable, Iterable

import msgspec
from msgspec import Raw, Struct

from ingest.asking import Asking, ask, whole
from ingest.platforms import Answer, Found, Part, PollFailed, Request
from ingest.wire import Unreadable, converted, dumps, loads


class Page(Struct, rename="camel"):
    """One page of a listing. `items` is left out where there are none; only the absence of a token ends it."""

    items: list[Raw] = []
    next_page_token: str | None = None


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
        if isinstance(document, dict) and isinstance(items := document.get("items", []), list):
            token = converted(document.get("nextPageToken"), str | None)
            return Page([Raw(dumps(item)) for item in items], token)
    except (Unreadable, msgspec.ValidationError):
        pass
    raise PollFailed("no_listing")


def read(request: Request, answer: Answer, parse: ParsePage) -> Asking:
    """The pages from `answer` on, to the last one's answer; one that comes twice is a loop."""
    seen: set[str] = set()
    while True:
        listing = page(whole(answer))
        if parts := tuple(parse(listing, answer)):
            yield Found(parts)
        token = listing.next_page_token
        if not token:
            return answer
        if token in seen:
            raise PollFailed("paging_loop")
        seen.add(token)
        answer = yield from ask(following(request, token))


def following(request: Request, token: str) -> Request:
    """The request for the page that a token names."""
    return Request(request.path, {**request.params, "pageToken": token})
