"""What an account is polled for, as readings: they say what to ask for next, and what was found.

account        the followers, as the figure of the day
posts          the statuses of the last days, with counters; it also tells `comments` which there are
comments       the thread below each whose counter of answers moved, or that is young
notifications  favourites, boosts, follows, mentions and quotes, from the last one that is known on

A cursor's state maps a status to `<counter>@<time>`, as those of the other platforms do; that of `notifications` is the
id of the newest one.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Raw

from contracts.events import Listing
from ingest.asking import ask, whole
from ingest.marks import Mark, before, listed, marks, unread
from ingest.platforms import (
    Answer,
    Found,
    Gap,
    Job,
    Part,
    Plan,
    PollFailed,
    Reading,
    Request,
    Source,
    State,
)
from ingest.platforms.mastodon import notices, paging, requests, responses, thread

YOUNG_MS = 3_600_000
"""Threads of a status this young are read again and again: an answer and a removal leave the counter as it was."""
NEWEST = "newest"


def plan_account(job: Job) -> Plan:
    """The account's own counter."""
    return Plan([_account(job)])


def _account(job: Job) -> Reading:
    answer = whole((yield from ask(requests.account(job.account.id))))
    day = datetime.fromtimestamp(answer.as_of / 1000, UTC).astimezone(job.zone).date().isoformat()
    yield Found((responses.followers(job.account.id, day, answer),))
    return {}


def plan_posts(job: Job) -> Plan:
    """The statuses whose turn it is, newest first; the older ones stay as they were known."""
    return Plan([_posts(job)])


def _posts(job: Job) -> Reading:
    state: State = dict(before(job))
    request: Request | None = requests.statuses(job.account.id, job.polling.page_size)
    seen: set[str] = set()
    while request is not None:
        answer = whole((yield from ask(request)))
        found, spoiled = responses.posts(job.account.id, paging.items(answer), answer)
        followed = [(one, told) for one, told in found if one.published_at >= min(job.since, job.oldest)]
        state |= {one.status_id: str(Mark(one.answers, one.published_at)) for one, _ in followed}
        if parts := [part for _, told in followed for part in told] + spoiled:
            yield Found(tuple(parts))
        if found and all(one.published_at < job.since for one, _ in found):
            break
        request = _unseen(paging.following(request, answer, "next", job.base_url), seen)
    return state


def _unseen(request: Request | None, seen: set[str]) -> Request | None:
    """The same request; one that comes twice is a loop."""
    if request is not None:
        place = str(sorted(request.params.items()))
        if place in seen:
            raise PollFailed("paging_loop")
        seen.add(place)
    return request


def plan_comments(job: Job) -> Plan:
    """Posts whose counter is another than when their thread was last read, young ones, new ones, and those of which an
    answer was absent."""
    read, memory = marks(job.known["comments"].state), job.known["comments"].memory
    plan = Plan([])
    for post_id, post in marks(job.known["posts"].state).items():
        known, held = read.get(post_id), memory.get(post_id)
        if post.counter == 0 and (held is None or not held.children):
            plan.kept[post_id] = str(Mark(0, known.at if known else post.at))
        elif _is_due(job, post_id, post, known, held):
            since = known.at - job.polling.overlap_seconds * 1000 if known else 0
            plan.readings.append(thread.read(job, post_id, post.counter, since, held))
        elif known:
            plan.kept[post_id] = str(known)
    return plan


def _is_due(job: Job, post_id: str, post: Mark, known: Mark | None, held: Listing | None) -> bool:
    is_settled = held is None or not held.absent
    is_young = post.at > job.now - YOUNG_MS
    return not (known and known.counter == post.counter and is_settled and not (is_young and job.is_due(post_id)))


def plan_notifications(job: Job) -> Plan:
    """What came since the last one that is known; without one, back to the oldest that is followed."""
    newest = job.known["notifications"].state.get(NEWEST)
    if isinstance(newest, str) and job.back_to is None:
        return Plan([_forward(job, newest)])
    return Plan([_backward(job, job.since)])


def _forward(job: Job, newest: str) -> Reading:
    """By `min_id`, which leaves no gap: each page is the one that follows."""
    request: Request | None = requests.notifications(job.polling.page_size, newest)
    seen: set[str] = set()
    while request is not None:
        answer = whole((yield from ask(request)))
        items = paging.items(answer)
        if parts := tuple(_parts(job, items, answer)):
            yield Found(parts)
        newest = _newest(items) or newest
        request = _unseen(paging.following(request, answer, "prev", job.base_url), seen) if items else None
    return {NEWEST: newest}


def _backward(job: Job, since: int) -> Reading:
    """From the newest on to those of before `since`."""
    request: Request | None = requests.notifications(job.polling.page_size)
    newest: str | None = None
    seen: set[str] = set()
    while request is not None:
        answer = whole((yield from ask(request)))
        items = paging.items(answer)
        if parts := tuple(_parts(job, items, answer)):
            yield Found(parts)
        newest = newest or _newest(items)
        oldest = min((at for _, at in map(notices.place, items) if at is not None), default=None)
        if not items or (oldest is not None and oldest < since):
            break
        request = _unseen(paging.following(request, answer, "next", job.base_url), seen)
    return {NEWEST: newest}


def _parts(job: Job, items: list[Raw], answer: Answer) -> Iterator[Part]:
    for raw in items:
        yield from notices.parts(job.account.id, raw, answer.receipt)


def _newest(items: list[Raw]) -> str | None:
    """The first one's id: pages begin with the newest."""
    return next((name for name, _ in map(notices.place, items) if name), None)


def backfill(job: Job, gap: Gap) -> Plan:
    """What the stream did not bring, and some of what came before it."""
    return Plan([_backward(job, gap.since - job.polling.overlap_seconds * 1000)])


SOURCES = (
    Source("account", lambda polling: polling.insights_seconds, plan_account),
    Source("posts", lambda polling: polling.posts_seconds, plan_posts, items=listed),
    Source(
        "comments",
        lambda polling: polling.comments_seconds,
        plan_comments,
        after="posts",
        items=lambda job: unread(job, YOUNG_MS),
    ),
    Source("notifications", lambda polling: polling.comments_seconds, plan_notifications),
)
