"""What an account is polled for, as readings: they say what to ask for next, and what was found.

posts      the media of the last days, with counters; it also tells the others which media there are
comments   with their replies, of each media whose counter of comments moved, or that is young
insights   the account's days and followers, and what each media has accumulated

A cursor's state maps a media to `<counter>@<time>`: for posts the counter of comments and when it was published, for
comments the counter that was read and when. Beside it stand, for posts, the type of each media; for insights, a media
or a refused metric to when it was asked for. How the comments of a media were last listed is remembered by itself.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import NamedTuple, cast

from ingest.marks import Mark, before, listed, marks, unread
from ingest.meta import listing, subscription
from ingest.meta.listing import Page
from ingest.platforms import Answer, Found, Job, Part, Plan, Reading, Source, State
from ingest.platforms.instagram import requests, responses
from ingest.platforms.instagram.errors import NO_INSIGHTS
from ingest.platforms.instagram.requests import ACCOUNT_METRICS, MEDIA_METRICS, MediaType
from ingest.platforms.instagram.thread import Thread

DAY_MS = 86_400_000
YOUNG_MS = 3_600_000
"""Comments of a media this young are read again and again: one added and one removed leave the counter as it was."""
FIRST_DAYS_MS = 30 * DAY_MS
RESTATED_MS = 2 * DAY_MS
"""How far back an account's days are read again: figures come up to 48 hours late."""
AGE_PARTS = 20
"""A media's insights are read again when this part of its age has passed: young ones move, old ones hardly."""
REFUSED_MS = DAY_MS
"""For how long what was refused (retired, most likely) is not asked for."""

_TYPE, _REFUSED, _TOTALS = "type:", "refused:", "totals"


def _resting(state: State, now: int) -> State:
    """What was refused less than a day ago."""
    return {
        name: at
        for name, at in state.items()
        if name.startswith(_REFUSED) and isinstance(at, int) and now - at < REFUSED_MS
    }


def plan_posts(job: Job) -> Plan:
    """The listing, newest first, of the media whose turn it is; the older ones stay as they were known."""
    return Plan([_posts(job)])


def _posts(job: Job) -> Reading:
    known = job.known["posts"].state
    kept = before(job)
    state = _resting(known, job.now) | kept | {_TYPE + name: known[_TYPE + name] for name in kept}
    is_past = False

    def parse(page: Page, answer: Answer) -> Iterable[Part]:
        nonlocal is_past
        found, spoiled = responses.media(job.account.id, page, answer)
        is_past = bool(found) and all(one.published_at < job.since for one, _ in found)
        young = [(one, parts) for one, parts in found if one.published_at >= min(job.since, job.oldest)]
        for one, parts in young:
            state[one.media_id] = str(Mark(one.comments, one.published_at))
            state[_TYPE + one.media_id] = one.type
            yield from parts
        yield from spoiled

    with_totals = _REFUSED + _TOTALS not in state
    account, limit = job.account.id, job.polling.page_size
    request, answer = yield from listing.ask(requests.media(account, limit, with_totals=with_totals))
    if answer.failure is not None and with_totals:
        state[_REFUSED + _TOTALS] = job.now
        request, answer = yield from listing.ask(requests.media(account, limit, with_totals=False))
    yield from listing.read(request, answer, job.base_url, parse, lambda: is_past)
    return state


def plan_comments(job: Job) -> Plan:
    """Media whose counter is another than when their comments were last read, young ones, new ones, and those of which
    a comment was absent."""
    read, memory = marks(job.known["comments"].state), job.known["comments"].memory
    plan = Plan([])
    for media_id, media in marks(job.known["posts"].state).items():
        known, held = read.get(media_id), memory.get(media_id)
        is_settled = held is None or not held.absent
        is_young = media.at > job.now - YOUNG_MS
        if media.counter == 0 and (held is None or not held.children):
            plan.kept[media_id] = str(Mark(0, known.at if known else media.at))
        elif known and known.counter == media.counter and is_settled and not (is_young and job.is_due(media_id)):
            plan.kept[media_id] = str(known)
        else:
            # Where a counter was not known, a reading may have broken off before its end.
            is_whole = known is not None and known.counter is not None and media.counter is not None
            since = known.at - job.polling.overlap_seconds * 1000 if known and is_whole else 0
            plan.readings.append(Thread(job, media_id, media.counter, since, held).read())
    return plan


class _Day(NamedTuple):
    """A local day, and its first and last instant in epoch seconds."""

    date: str
    begins: int
    ends: int


def ended_days(since_ms: int, now_ms: int, zone: tzinfo) -> list[_Day]:
    """The local days that ended between two instants, the last one first."""
    found = []
    today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone).date()
    ends = datetime.combine(today, time(), zone)
    while ends.timestamp() * 1000 > since_ms:
        today -= timedelta(days=1)
        begins = datetime.combine(today, time(), zone)
        found.append(_Day(today.isoformat(), int(begins.timestamp()), int(ends.timestamp())))
        ends = begins
    return found


def plan_insights(job: Job) -> Plan:
    """The followers, each metric of the account, and the media whose turn it is; what was refused rests for a day."""
    known = job.known["insights"]
    plan = Plan([_followers(job)], _resting(known.state, job.now))
    since = job.now - FIRST_DAYS_MS if known.started_at is None else known.started_at - RESTATED_MS
    since = since if job.back_to is None else min(since, job.back_to)
    days = ended_days(since, job.now, job.zone)
    plan.readings.extend(
        _account(job, metric, days) for metric in ACCOUNT_METRICS if _REFUSED + metric not in plan.kept
    )
    posts = job.known["posts"].state
    gone: set[str] = set()
    for media_id, media in marks(posts).items():
        name = f"post:{media_id}"
        asked_at = known.state.get(name)
        is_due = not isinstance(asked_at, int) or (job.now - asked_at) * AGE_PARTS >= job.now - media.at
        kind = cast("MediaType", posts.get(_TYPE + media_id))
        wanted = {
            theirs: ours
            for theirs, ours in MEDIA_METRICS.get(kind, {}).items()
            if f"{_REFUSED}{kind}:{theirs}" not in plan.kept
        }
        if wanted and is_due:
            plan.readings.append(_media(job, media_id, kind, wanted, gone))
        else:
            plan.kept[name] = asked_at
    return plan


def _followers(job: Job) -> Reading:
    _, answer = yield from listing.ask(requests.followers(job.account.id))
    if answer.failure is None:
        day = datetime.fromtimestamp(answer.as_of / 1000, UTC).astimezone(job.zone).date().isoformat()
        yield Found((responses.followers(job.account.id, day, answer),))
    return {}


def _account(job: Job, metric: str, days: list[_Day]) -> Reading:
    """Day by day, backwards: a day that is refused when later ones were not lies before all that is known."""
    for place, day in enumerate(days):
        _, answer = yield from listing.ask(requests.account_insights(job.account.id, metric, day.begins, day.ends))
        if answer.failure is not None:
            return {} if place else {_REFUSED + metric: job.now}
        page = listing.page(answer)
        account = job.account.id
        yield Found(tuple(responses.account_insights(account, metric, day.date, day.ends * 1000, page, answer)))
    return {}


def _media(job: Job, media_id: str, kind: MediaType, wanted: dict[str, str], gone: set[str]) -> Reading:
    """All metrics in one request; if that is refused, each alone, to find out which it was.

    `gone`: what readings beside this one have found out already, so that not every media pays for it.
    """
    wanted = {theirs: ours for theirs, ours in wanted.items() if f"{kind}:{theirs}" not in gone}
    account = job.account.id
    refused: State = {}
    asked = [tuple(wanted)]
    while asked:
        metrics = asked.pop()
        names = {theirs: wanted[theirs] for theirs in metrics}
        _, answer = yield from listing.ask(requests.media_insights(media_id, metrics))
        if answer.failure is None:
            page = listing.page(answer)
        elif answer.failure.code == NO_INSIGHTS:
            page = Page([])
        elif len(metrics) > 1:
            asked = [(metric,) for metric in metrics]
            continue
        else:
            refused[f"{kind}:{metrics[0]}"] = job.now
            continue
        yield Found(tuple(responses.media_insights(account, media_id, names, page, answer)))
    if len(refused) == len(wanted):  # nothing is known of this media: it was deleted, the metrics may be well
        return {}
    gone.update(refused)
    return {f"post:{media_id}": job.now, **{_REFUSED + name: at for name, at in refused.items()}}


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
    subscription.source(bool),
)
