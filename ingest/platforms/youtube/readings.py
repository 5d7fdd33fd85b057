"""What a channel is polled for, as readings: they say what to ask for next, and what was found.

channel    the subscribers, as the figure of the day
posts      the videos of the last days, with counters; it also tells `comments` which videos there are
comments   with their replies, of each video whose counter of comments moved, or that is young
lease      no reading: the subscription that has uploads pushed is renewed (`lease.py`)

A cursor's state maps a video to `<counter>@<time>`: for posts the counter of comments and when it was published, for
comments the counter that was read and when. Beside it stand, for posts, the playlist of the uploads; for comments, what
each video's have cost today.
"""

from collections.abc import Generator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from contracts.events import Listing
from ingest.marks import Mark, marks
from ingest.platforms import Answer, Found, Job, Plan, PollFailed, Reading, Remember, Request, Source, State
from ingest.platforms.youtube import lease, paging, requests, responses
from ingest.platforms.youtube.errors import GONE
from ingest.platforms.youtube.thread import UNITS, Thread

DAY_MS = 86_400_000
YOUNG_MS = 3_600_000
"""Comments of a video this young are read at each poll: one added and one removed leave the counter as it was."""
COMMENT_UNITS = 7_000
"""What reading comments may cost a channel in a day; the rest of the 10,000 is for everything else."""

_QUOTA_ZONE = ZoneInfo("America/Los_Angeles")
_UPLOADS = "uploads:"


def quota_day(at: int) -> date:
    """The day of the quota in which an instant (epoch milliseconds) lies: it begins at midnight Pacific time."""
    return datetime.fromtimestamp(at / 1000, _QUOTA_ZONE).date()


def plan_channel(job: Job) -> Plan:
    """The channel's own counters."""
    return Plan([_channel(job)])


def _channel(job: Job) -> Reading:
    answer = paging.whole((yield from paging.ask(requests.channel(job.account.id))))
    listing = paging.page(answer)
    day = datetime.fromtimestamp(answer.as_of / 1000, UTC).astimezone(job.zone).date().isoformat()
    if parts := tuple(responses.followers(job.account.id, day, listing, answer, job.receipt)):
        yield Found(parts)
    return {}


def plan_posts(job: Job) -> Plan:
    """The uploads, newest first, as far as they are young enough to be followed."""
    return Plan([_posts(job)])


def _posts(job: Job) -> Reading:
    since = job.now - job.polling.post_age_days * DAY_MS
    known = job.known["posts"].state.get(_UPLOADS)
    playlist = known if isinstance(known, str) else (yield from _uploads(job))
    state: State = {_UPLOADS: playlist}
    first = request = requests.uploads(playlist, job.polling.page_size)
    seen: set[str] = set()
    while True:
        answer = yield from paging.ask(request)
        if answer.failure is not None and answer.failure.code in GONE:  # a channel without a video has no list of them
            return state
        listing = paging.page(paging.whole(answer))
        ids, parts = responses.video_ids(job.account.id, listing)
        is_past = False
        if ids:
            answer = paging.whole((yield from paging.ask(requests.videos(ids))))
            found, spoiled = responses.videos(job.account.id, paging.page(answer), answer, job.receipt)
            young = [(one, told) for one, told in found if one.published_at >= since]
            is_past = bool(found) and not young
            state |= {one.video_id: str(Mark(one.comments, one.published_at)) for one, _ in young}
            parts += [part for _, told in young for part in told] + spoiled
        if parts:
            yield Found(tuple(parts))
        token = listing.next_page_token
        if not token or is_past:
            return state
        if token in seen:
            raise PollFailed("paging_loop")
        seen.add(token)
        request = paging.following(first, token)


def _uploads(job: Job) -> Generator[Request | Found | Remember, Answer | None, str]:
    """The playlist of the uploads, which stays the same for ever."""
    answer = paging.whole((yield from paging.ask(requests.channel(job.account.id))))
    playlist = responses.uploads(paging.page(answer))
    if playlist is None:
        raise PollFailed("no_channel", needs_help=True)
    return playlist


def plan_comments(job: Job) -> Plan:
    """Videos whose counter is another than when their comments were last read, young ones, new ones, and those of which
    a comment was absent: the newest first, for as long as the day's units last. The others wait for their turn."""
    read, memory = marks(job.known["comments"].state), job.known["comments"].memory
    today = quota_day(job.now)
    spent = {name: mark for name, mark in read.items() if name.startswith(UNITS) and quota_day(mark.at) == today}
    plan = Plan([], {name: str(mark) for name, mark in spent.items()})
    left = COMMENT_UNITS - sum(mark.counter or 0 for mark in spent.values())
    videos = marks(job.known["posts"].state)
    for video_id, video in sorted(videos.items(), key=lambda item: item[1].at, reverse=True):
        before, listed = read.get(video_id), memory.get(video_id)
        if video.counter == 0 and (listed is None or not listed.children):
            plan.kept[video_id] = str(Mark(0, before.at if before else video.at))
            continue
        pages = 1 + (video.counter or 0) // job.polling.page_size
        if _is_due(job, video, before, listed) and pages <= left:
            left -= pages
            was_read_whole = before is not None and before.counter is not None
            since = before.at - job.polling.overlap_seconds * 1000 if before and was_read_whole else 0
            cost = spent.get(UNITS + video_id)
            units = (cost.counter or 0) if cost else 0
            plan.readings.append(Thread(job, video_id, video.counter, since, listed, units).read())
        elif before:
            plan.kept[video_id] = str(before)
    return plan


def _is_due(job: Job, video: Mark, before: Mark | None, listed: Listing | None) -> bool:
    is_settled = listed is None or not listed.absent
    return not (before and before.counter == video.counter and video.at <= job.now - YOUNG_MS and is_settled)


SOURCES = (
    Source("channel", lambda polling: polling.insights_seconds, plan_channel),
    Source("posts", lambda polling: polling.posts_seconds, plan_posts),
    Source("comments", lambda polling: polling.comments_seconds, plan_comments, after="posts"),
    Source("lease", lambda polling: polling.insights_seconds, lease.plan),
)
