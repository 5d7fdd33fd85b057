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
from ingest.asking import ask, whole
from ingest.marks import Mark, before, listed, marks, unread
from ingest.platforms import Answer, Found, Job, Plan, PollFailed, Reading, Remember, Request, Source, State
from ingest.platforms.youtube import errors, lease, paging, requests, responses
from ingest.platforms.youtube.errors import GONE
from ingest.platforms.youtube.thread import UNITS, Thread

DAY_MS = 86_400_000
YOUNG_MS = 3_600_000
"""Comments of a video this young are read again and again: one added and one removed leave the counter as it was."""
COMMENT_UNITS = 7_000
"""What reading comments may cost a channel in a day; the rest of the 10,000 is for everything else."""

LISTING_TIMES = 5
"""How much less often than elsewhere new videos are looked for: units are few, and the hub tells of them."""

_QUOTA_ZONE = ZoneInfo(errors.QUOTA_ZONE)
_UPLOADS = "uploads:"


def quota_day(at: int) -> date:
    """The day of the quota in which an instant (epoch milliseconds) lies: it begins at midnight Pacific time."""
    return datetime.fromtimestamp(at / 1000, _QUOTA_ZONE).date()


def plan_channel(job: Job) -> Plan:
    """The channel's own counters."""
    return Plan([_channel(job)])


def _channel(job: Job) -> Reading:
    answer = whole((yield from ask(requests.channel(job.account.id))))
    listing = paging.page(answer)
    day = datetime.fromtimestamp(answer.as_of / 1000, UTC).astimezone(job.zone).date().isoformat()
    if parts := tuple(responses.followers(job.account.id, day, listing, answer)):
        yield Found(parts)
    return {}


def plan_posts(job: Job) -> Plan:
    """The uploads whose turn it is, newest first; the older ones stay as they were known."""
    return Plan([_posts(job)])


def _posts(job: Job) -> Reading:
    known = job.known["posts"].state.get(_UPLOADS)
    playlist = known if isinstance(known, str) else (yield from _uploads(job))
    state: State = {_UPLOADS: playlist, **before(job)}
    first = request = requests.uploads(playlist, job.polling.page_size)
    seen: set[str] = set()
    while True:
        answer = yield from ask(request)
        if answer.failure is not None and answer.failure.code in GONE:  # a channel without a video has no list of them
            return state
        listing = paging.page(whole(answer))
        ids, parts = responses.video_ids(job.account.id, listing)
        is_past = False
        if ids:
            answer = whole((yield from ask(requests.videos(ids))))
            found, spoiled = responses.videos(job.account.id, paging.page(answer), answer)
            is_past = bool(found) and all(one.published_at < job.since for one, _ in found)
            young = [(one, told) for one, told in found if one.published_at >= min(job.since, job.oldest)]
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
    answer = whole((yield from ask(requests.playlists(job.account.id))))
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
        known, held = read.get(video_id), memory.get(video_id)
        if video.counter == 0 and (held is None or not held.children):
            plan.kept[video_id] = str(Mark(0, known.at if known else video.at))
            continue
        pages = 1 + (video.counter or 0) // job.polling.page_size
        if _is_due(job, video_id, video, known, held) and pages <= left:
            left -= pages
            was_read_whole = known is not None and known.counter is not None
            since = known.at - job.polling.overlap_seconds * 1000 if known and was_read_whole else 0
            cost = spent.get(UNITS + video_id)
            units = (cost.counter or 0) if cost else 0
            plan.readings.append(Thread(job, video_id, video.counter, since, held, units).read())
        elif known:
            plan.kept[video_id] = str(known)
    return plan


def _is_due(job: Job, video_id: str, video: Mark, known: Mark | None, held: Listing | None) -> bool:
    is_settled = held is None or not held.absent
    is_young = video.at > job.now - YOUNG_MS
    return not (known and known.counter == video.counter and is_settled and not (is_young and job.is_due(video_id)))


SOURCES = (
    Source("channel", lambda polling: polling.insights_seconds, plan_channel),
    Source("posts", lambda polling: LISTING_TIMES * polling.posts_seconds, plan_posts, items=listed),
    Source(
        "comments",
        lambda polling: polling.comments_seconds,
        plan_comments,
        after="posts",
        items=lambda job: unread(job, YOUNG_MS),
    ),
    Source(lease.NAME, lambda polling: polling.insights_seconds, lease.plan),
)
