"""What an ad account is polled for, as readings: they say what to ask for next, and what was found.

entities   what account, campaigns, ad sets and ads are
insights   what ads, campaigns and the account did on each of the last days, and what they reached in all their time
reports    the days before those, once, made in the background
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from contracts.events import LIFETIME
from contracts.paid import Level
from ingest.asking import Finding, ask, whole
from ingest.meta import listing
from ingest.meta.listing import Page
from ingest.platforms import Answer, Found, Job, Part, Plan, Reading, Source
from ingest.platforms.meta_ads import entities, facts, requests
from ingest.platforms.meta_ads.facts import RESTATED_DAYS, Asked
from ingest.platforms.meta_ads.reports import date_of, plan_reports, today_of
from ingest.platforms.meta_ads.unchanged import Unchanged, window

DAYS_AT_ONCE: dict[Level, int] = {"ad": 7, "campaign": RESTATED_DAYS + 1, "account": RESTATED_DAYS + 1}
"""How many days are asked for in one request. A level with many rows a day would not come in time."""
_LIFETIMES: tuple[Level, ...] = ("ad", "campaign")


def plan_entities(job: Job) -> Plan:
    """The account, and everything in it."""
    return Plan([_account(job), *(_edge(job, edge) for edge in entities.KINDS)])


def _account(job: Job) -> Reading:
    seen = Unchanged(job.known["entities"].memory, ["account"])
    _, answer = yield from listing.ask(requests.account(job.account.id))
    if parts := tuple(seen.news([entities.of_account(job.account, whole(answer))])):
        yield Found(parts)
    yield from seen.remembered()
    return seen.state()


def _edge(job: Job, edge: str) -> Reading:
    seen = Unchanged(job.known["entities"].memory, [entities.KINDS[edge]])
    request, answer = yield from listing.ask(requests.entities(job.account.id, edge, job.polling.page_size))
    yield from listing.read(
        request, answer, job.base_url, lambda page, got: seen.news(entities.of_page(job.account, edge, page, got))
    )
    yield from seen.remembered()
    return seen.state()


def plan_insights(job: Job) -> Plan:
    """The days that the platform may still restate, and one more, so that each is read when it stands."""
    today = today_of(job)
    since = today - timedelta(days=RESTATED_DAYS)
    if job.back_to is not None:
        since = min(since, datetime.fromtimestamp(job.back_to / 1000, UTC).astimezone(job.zone).date())
    readings: list[Reading] = [
        _days(job, level, first, last)
        for level, most in DAYS_AT_ONCE.items()
        for first, last in spans(since, today, most)
    ]
    return Plan([*readings, *(_lifetime(job, level) for level in _LIFETIMES)])


def spans(since: date, until: date, most: int) -> Iterator[tuple[date, date]]:
    """Ranges of at most so many days, both ends in them, that make up the whole.

    >>> [(a.day, b.day) for a, b in spans(date(2026, 3, 1), date(2026, 3, 8), 7)]
    [(1, 7), (8, 8)]
    """
    while since <= until:
        last = min(since + timedelta(days=most - 1), until)
        yield since, last
        since = last + timedelta(days=1)


def _days(job: Job, level: Level, since: date, until: date) -> Reading:
    dates = (since + timedelta(days=n) for n in range((until - since).days + 1))
    seen = Unchanged(job.known["insights"].memory, [window(level, f"day:{day}") for day in dates])
    yield from _range(job, level, since, until, seen)
    yield from seen.remembered()
    return seen.state()


def _range(job: Job, level: Level, since: date, until: date, seen: Unchanged) -> Finding:
    """A range of days; one that is too much at once is halved, and a day is asked for in smaller pages."""
    request = requests.days(job.account.id, level, since, until)
    answer = yield from ask(request)
    if answer.failure is not None and answer.failure.action == "smaller":
        if since < until:
            middle = since + (until - since) / 2
            yield from _range(job, level, since, middle, seen)
            yield from _range(job, level, middle + timedelta(days=1), until, seen)
            return
        request, answer = yield from listing.ask(request)
    yield from listing.read(request, answer, job.base_url, _parsing(job, level, seen))


def _lifetime(job: Job, level: Level) -> Reading:
    seen = Unchanged(job.known["insights"].memory, [window(level, LIFETIME)])
    request, answer = yield from listing.ask(requests.lifetime(job.account.id, level))
    yield from listing.read(request, answer, job.base_url, _parsing(job, level, seen, is_lifetime=True))
    yield from seen.remembered()
    return seen.state()


def _parsing(job: Job, level: Level, seen: Unchanged, *, is_lifetime: bool = False) -> listing.ParsePage:
    def parse(page: Page, answer: Answer) -> Iterator[Part]:
        asked = Asked(job.account, level, date_of(job, answer.as_of), is_lifetime)
        return seen.news(facts.of_page(asked, page, answer))

    return parse


SOURCES = (
    Source("entities", lambda polling: polling.insights_seconds, plan_entities),
    Source("insights", lambda polling: polling.insights_seconds, plan_insights),
    Source("reports", lambda polling: polling.posts_seconds, plan_reports, after="insights"),
)
