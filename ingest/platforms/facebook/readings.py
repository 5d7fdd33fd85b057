"""What a page is polled for, as readings: they say what to ask for next, and what was found.

posts      the listing of the last days, with counters; it also tells the others which posts there are
comments   of each post whose counter of comments moved, or that is young
insights   the page's days, and what each post has accumulated
subscription  whether the page is still subscribed to (`ingest.meta.subscription`)

A cursor's state maps a post to `<counter>@<time>`: for posts the counter of comments and when it was published, for
comments the counter that was read and when; and, for insights, a post or a refused metric to when it was asked for.
"""

from collections.abc import Iterable

from contracts.events import EngagementEvent
from contracts.outcome import Keep
from ingest.marks import Mark, before, listed, marks, unread
from ingest.meta import listing, subscription
from ingest.meta.listing import Page
from ingest.platforms import Answer, Found, Job, Part, Plan, Reading, Source, State
from ingest.platforms.facebook import requests, responses
from ingest.platforms.facebook.requests import PAGE_METRICS, POST_METRICS

DAY_MS = 86_400_000
YOUNG_MS = 3_600_000
"""Comments of a post this young are read again and again: one added and one removed leave the counter as it was."""
FIRST_DAYS_MS = 30 * DAY_MS
RESTATED_MS = 2 * DAY_MS
"""How far back a page's days are read again: the platform still corrects them."""
AGE_PARTS = 20
"""A post's insights are read again when this part of its age has passed: young posts move, old ones hardly."""
REFUSED_MS = DAY_MS
"""For how long a metric that was refused (retired, most likely) is not asked for."""


def plan_posts(job: Job) -> Plan:
    """The listing, newest first, of the posts whose turn it is; the older ones stay as they were known."""
    return Plan([_posts(job)])


def _posts(job: Job) -> Reading:
    state = before(job)

    def parse(page: Page, answer: Answer) -> Iterable[Part]:
        parts, found = responses.posts(job.account.id, page, answer)
        state.update((post.post_id, str(Mark(post.comments, post.published_at))) for post in found)
        return parts

    request, answer = yield from listing.ask(requests.posts(job.account.id, job.since, job.polling.page_size))
    yield from listing.read(request, answer, job.base_url, parse)
    return state


def plan_comments(job: Job) -> Plan:
    """Posts whose counter is another than when their comments were last read, young posts, and new ones."""
    read = marks(job.known["comments"].state)
    plan = Plan([])
    for post_id, post in marks(job.known["posts"].state).items():
        known = read.get(post_id)
        is_young = post.at > job.now - YOUNG_MS
        if post.counter == 0:
            plan.kept[post_id] = str(Mark(0, known.at if known else post.at))
        elif known is None or post.counter is None:
            plan.readings.append(_comments(job, post_id, post.counter, 0))
        elif post.counter != known.counter or (is_young and job.is_due(post_id)):
            since = known.at - job.polling.overlap_seconds * 1000
            plan.readings.append(_comments(job, post_id, post.counter, since))
        else:
            plan.kept[post_id] = str(known)
    return plan


def _comments(job: Job, post_id: str, counter: int | None, since: int) -> Reading:
    """What was added since `since`; all pages are read, for their order is not promised."""

    def parse(page: Page, answer: Answer) -> Iterable[Part]:
        found = responses.comments(job.account.id, post_id, page, answer)
        return (part for part in found if not _is_before(part, since))

    request, answer = yield from listing.ask(requests.comments(post_id, job.polling.page_size))
    if answer.failure is not None:  # the post was deleted after it had been listed
        return {}
    started_at = answer.as_of
    yield from listing.read(request, answer, job.base_url, parse)
    return {post_id: str(Mark(counter, started_at))}


def _is_before(part: Part, since: int) -> bool:
    outcome = part.outcome
    return (
        isinstance(outcome, Keep) and isinstance(outcome.value, EngagementEvent) and outcome.value.occurred_at < since
    )


def plan_insights(job: Job) -> Plan:
    """Each metric of the page, and the posts whose turn it is; refused metrics rest for a day."""
    known = job.known["insights"]
    plan = Plan([])
    resting = set()
    for name, at in known.state.items():
        metric = name.removeprefix("refused:")
        if metric != name and isinstance(at, int) and job.now - at < REFUSED_MS:
            plan.kept[name] = at
            resting.add(metric)
    since = job.now - FIRST_DAYS_MS if known.started_at is None else known.started_at - RESTATED_MS
    since = since if job.back_to is None else min(since, job.back_to)
    plan.readings.extend(
        _page_metric(job, theirs, ours, since) for theirs, ours in PAGE_METRICS.items() if theirs not in resting
    )
    wanted = {theirs: ours for theirs, ours in POST_METRICS.items() if theirs not in resting}
    for post_id, post in marks(job.known["posts"].state).items():
        name = f"post:{post_id}"
        asked_at = known.state.get(name)
        is_due = not isinstance(asked_at, int) or (job.now - asked_at) * AGE_PARTS >= job.now - post.at
        if wanted and is_due:
            plan.readings.append(_post_metrics(job, post_id, wanted))
        else:
            plan.kept[name] = asked_at
    return plan


def _page_metric(job: Job, theirs: str, ours: str, since: int) -> Reading:
    def parse(page: Page, answer: Answer) -> Iterable[Part]:
        return responses.page_insights(job.account.id, ours, page, job.zone, answer)

    _, answer = yield from listing.ask(requests.page_insights(job.account.id, theirs, since, job.now))
    if answer.failure is not None:
        return {f"refused:{theirs}": job.now}
    if parts := tuple(parse(listing.page(answer), answer)):  # its paging leads to other times, not to more of these
        yield Found(parts)
    return {}


def _post_metrics(job: Job, post_id: str, wanted: dict[str, str]) -> Reading:
    """All metrics in one request; if that is refused, each alone, to find out which it was."""
    refused: State = {}
    asked = [tuple(wanted)]
    while asked:
        metrics = asked.pop()
        _, answer = yield from listing.ask(requests.post_insights(post_id, metrics))
        if answer.failure is None:
            page = listing.page(answer)
            parts = responses.post_insights(job.account.id, post_id, wanted, page, answer)
            if found := tuple(parts):
                yield Found(found)
        elif len(metrics) > 1:
            asked = [(metric,) for metric in metrics]
        else:
            refused[f"refused:{metrics[0]}"] = job.now
    if len(refused) == len(wanted):  # nothing is known of this post: it was deleted, the metrics may be well
        return {}
    return {f"post:{post_id}": job.now, **refused}


SOURCES = (
    Source("posts", lambda polling: polling.posts_seconds, plan_posts, items=listed),
    Source(
        "comments",
        lambda polling: polling.comments_seconds,
        plan_comments,
        after="posts",
        items=lambda job: unread(job, YOUNG_MS),
    ),
    Source("insights", lambda polling: polling.insights_seconds, plan_insights, after="posts"),
    subscription.source(lambda fields: "feed" in fields),
)
