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
from ingest.subscribed import SUBSCRIBED_AT, seen

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
    known = before.get(_APP)
    app = known if isinstance(known, str) else (yield from _our_app())
    answer = yield from _permitted(f"/{segment(job.account.id)}/subscribed_apps", "id,subscribed_fields")
    if answer is not None:
        apps = [one.id for one in _read(_listing, answer).data if is_enough(one.subscribed_fields)]
        if app is not None and app == known and app not in apps:
            app = yield from _our_app()  # the token may be another app's by now
        return _said(app) | seen(before, job.now, is_there=bool(apps) if app is None else app in apps)
    last = {name: at for name, at in before.items() if name == SUBSCRIBED_AT}
    return _said(app) | last


def _said(app: str | None) -> State:
    return {} if app is None else {_APP: app}


def _our_app() -> Generator[Request | Found | Remember, Answer | None, str | None]:
    """The token's, if it may say so."""
    answer = yield from _permitted("/app", "id")
    return None if answer is None else _read(_app, answer).id


def _permitted(path: str, fields: str) -> Generator[Request | Found | Remember, Answer | None, Answer | None]:
    """The answer, if the token may have one. What was seen before is no less true if it may not."""
    answer = yield from ask(Request(path, {"fields": fields}, is_optional=True))
    return answer if answer.failure is None else None


def _read(decode: Callable[[bytes], T], answer: Answer) -> T:
    try:
        return decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise PollFailed("no_listing") from None
