"""What an account is polled for, and what is read back of a gap in the stream, as readings.

profile    the followers, as the figure of the day
posts      the posts of the last days, with counters
backfill   likes, replies and quotations that were indexed within a gap

Nothing needs to be remembered between two polls: counters are absolute.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from ingest.asking import Finding, ask, whole
from ingest.platforms import Answer, Found, Gap, Job, Part, Plan, PollFailed, Reading, Request, Source
from ingest.platforms.bluesky import requests, responses
from ingest.platforms.bluesky.responses import Listed, Page

DAY_MS = 86_400_000
MARGIN_MS = 60_000
"""The index has a clock of its own."""


def _pages(request: Request, take: Callable[[Page, Answer], tuple[list[Part], bool]], *, is_own: bool) -> Finding:
    """Page by page while `take` wants more. What is refused has gone in between, unless it is the account's own."""
    seen: set[str] = set()
    first = request
    while True:
        answer = yield from ask(request)
        if answer.failure is not None and not is_own:
            return
        whole(answer, needs_help=True)
        page = responses.page(answer)
        parts, wants_more = take(page, answer)
        if parts:
            yield Found(tuple(parts))
        if not page.cursor or not wants_more:
            return
        if page.cursor in seen:
            raise PollFailed("paging_loop")
        seen.add(page.cursor)
        request = Request(first.path, {**first.params, "cursor": page.cursor})


def plan_profile(job: Job) -> Plan:
    """The account's own counters."""
    return Plan([_profile(job)])


def _profile(job: Job) -> Reading:
    answer = whole((yield from ask(requests.profile(job.account.id))), needs_help=True)
    day = datetime.fromtimestamp(answer.as_of / 1000, UTC).astimezone(job.zone).date().isoformat()
    yield Found((responses.followers(job.account.id, day, answer),))
    return {}


def plan_posts(job: Job) -> Plan:
    """The posts, newest first, as far as they are young enough to be followed."""
    return Plan([_posts(job)])


def _posts(job: Job) -> Reading:
    def told(listed: Listed, answer: Answer) -> list[Part]:
        return responses.post(job.account.id, listed, answer)

    yield from _feed(job, told)
    return {}


def _feed(job: Job, told: Callable[[Listed, Answer], list[Part]]) -> Finding:
    since = job.now - job.polling.post_age_days * DAY_MS

    def take(page: Page, answer: Answer) -> tuple[list[Part], bool]:
        found, spoiled = responses.feed(job.account.id, page.feed, answer)
        young = [listed for listed in found if listed.indexed_at >= since]
        return [part for listed in young for part in told(listed, answer)] + spoiled, not found or bool(young)

    return _pages(requests.feed(job.account.id, job.polling.page_size), take, is_own=True)


def backfill(job: Job, gap: Gap) -> Plan:
    """What of a gap is listed with a time: who liked, who replied, who quoted."""
    return Plan([_missed(job, gap)])


def _missed(job: Job, gap: Gap) -> Reading:
    found: list[Listed] = []

    def noted(listed: Listed, answer: Answer) -> list[Part]:
        found.append(listed)
        return responses.post(job.account.id, listed, answer)

    yield from _feed(job, noted)
    account = job.account.id

    def within(told: Iterator[tuple[int, Part]]) -> tuple[list[Part], bool]:
        """Those of the gap; and, the newest being first, whether older ones may follow."""
        everything = list(told)
        wanted = [part for at, part in everything if gap.since - MARGIN_MS <= at < gap.until + MARGIN_MS]
        return wanted, any(at >= gap.since - MARGIN_MS for at, _ in everything) or not everything

    for one in found:
        uri, view = one.uri, one.view
        if view.like_count != 0:
            yield from _pages(
                requests.likes(uri),
                lambda page, answer, uri=uri: within(responses.likes(account, uri, page.likes, answer)),  # type: ignore[misc]
                is_own=False,
            )
        if view.quote_count != 0:
            yield from _pages(
                requests.quotes(uri),
                lambda page, answer: within(responses.said(account, page.posts, answer)),
                is_own=False,
            )
        if view.reply_count != 0:
            answer = yield from ask(requests.thread(uri))
            if answer.failure is None:
                below, spoiled = responses.replies(account, answer)
                wanted, _ = within(responses.said(account, below, answer))
                if parts := wanted + spoiled:
                    yield Found(tuple(parts))
    return {}


SOURCES = (
    Source("profile", lambda polling: polling.insights_seconds, plan_profile),
    Source("posts", lambda polling: polling.posts_seconds, plan_posts),
)
