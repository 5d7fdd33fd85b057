"""An account's subscription to our app, without which nothing is pushed: read now and then, since its end is not told.

A source like any other. The token tells which app is ours; the listing names others, too.
"""

from collections.abc import Callable, Generator
from typing import TypeVar

import msgspec
from msgspec import Struct

from ingest.asking import ask
from ingest.meta.listing import segment
from ingest.platforms import Answer, Found, Job, Plan, PollFailed, Reading, Remember, Request, Source, State
from ingest.subscribed import seen

NAME = "subscription"
_APP = "app"
T = TypeVar("T")


class _App(Struct):
    id: str
    subscribed_fields: list[str] = []


class _Listing(Struct):
    data: list[_App]


_app = msgspec.json.Decoder(_App).decode
_listing = msgspec.json.Decoder(_Listing).decode


def source(is_enough: Callable[[list[str]], bool]) -> Source:
    """`is_enough`: whether these fields are what the account has to be subscribed to."""
    return Source(NAME, lambda polling: polling.insights_seconds, lambda job: Plan([_look(job, is_enough)]))


def _look(job: Job, is_enough: Callable[[list[str]], bool]) -> Reading:
    before = job.known[NAME].state
    app = before.get(_APP)
    if app is None:
        answer = yield from _permitted("/app", "id")
        app = None if answer is None else _read(_app, answer).id
    kept: State = {} if app is None else {_APP: app}
    answer = yield from _permitted(f"/{segment(job.account.id)}/subscribed_apps", "id,subscribed_fields")
    if answer is None:
        return kept
    ours = [one for one in _read(_listing, answer).data if app in (None, one.id)]
    return kept | seen(before, job.now, is_there=any(is_enough(one.subscribed_fields) for one in ours))


def _permitted(path: str, fields: str) -> Generator[Request | Found | Remember, Answer | None, Answer | None]:
    """The answer, if the token may have one."""
    answer = yield from ask(Request(path, {"fields": fields}, is_optional=True))
    return answer if answer.failure is None else None


def _read(decode: Callable[[bytes], T], answer: Answer) -> T:
    try:
        return decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise PollFailed("no_listing") from None
