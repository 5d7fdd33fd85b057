"""The Data API: list calls that cost a unit each, errors with reasons, and what each answer tells the ledger."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from email.utils import formatdate
from typing import Any, TypeVar, cast

from aiohttp import web

from ingest.simulator.faults import Plan, Tally
from ingest.simulator.graph.desk import Access
from ingest.simulator.ledger import Notes
from ingest.simulator.ledger.counting import local_day
from ingest.simulator.listings import Listings
from ingest.simulator.obstacles import Obstacles
from ingest.simulator.posts import Remark
from ingest.simulator.world import World
from ingest.simulator.youtube import nodes
from ingest.simulator.youtube.quota import Quota
from ingest.simulator.youtube.world import Video, is_nameless

PREFIX = "/youtube/v3"
MOST_IDS = 50
FIRST_REPLIES = 5
"""So many replies come with their comment at most."""

T = TypeVar("T")


class ApiError(Exception):
    """Answered as `{"error": ...}`; `reason` is what clients go by."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason

    def body(self) -> dict[str, Any]:
        told = {"message": self.reason, "domain": "youtube", "reason": self.reason}
        return {"error": {"code": self.status, "message": self.reason, "errors": [told]}}


class Api:
    """Handlers. `present` brings the world up to now and returns the second."""

    def __init__(
        self, world: World, notes: Notes, plan: Plan, tally: Tally, access: Access, present: Callable[[], int]
    ) -> None:
        self._world = world
        self._notes = notes
        self._tally = tally
        self._obstacles = Obstacles(plan, tally)
        self._token = access.token
        self._present = present
        self._listings = Listings(notes)
        self._quota = Quota()

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.get(f"{PREFIX}/channels", self._serve(self._channels)),
            web.get(f"{PREFIX}/playlistItems", self._serve(self._uploads)),
            web.get(f"{PREFIX}/videos", self._serve(self._videos)),
            web.get(f"{PREFIX}/commentThreads", self._serve(self._threads)),
            web.get(f"{PREFIX}/comments", self._serve(self._replies)),
        ]

    def _serve(self, answer: Callable[[web.Request, int], dict[str, Any]]) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            await self._obstacles.slow()
            now, status = self._present(), 200
            try:
                self._obstruct(request, now)
                body = answer(request, now)
            except ApiError as error:
                status, body = error.status, error.body()
            return web.json_response(body, status=status, headers={"Date": formatdate(now, usegmt=True)})

        return handle

    def _obstruct(self, request: web.Request, now: int) -> None:
        """Credentials, the quota, and the plan's faults, before anything is read."""
        if request.headers.get("Authorization", "") != f"Bearer {self._token}":
            raise ApiError(401, "authError")
        if not self._quota.spend(now):
            self._tally.add("quota_exceeded")
            raise ApiError(403, "quotaExceeded")
        self._obstacles.burst()
        if self._obstacles.refused():
            raise ApiError(403, "rateLimitExceeded")
        if self._obstacles.broken():
            raise ApiError(503, "backendError")
        if self._obstacles.cursor_lost(request.query.get("pageToken")):
            raise ApiError(400, "invalidPageToken")

    def _channels(self, request: web.Request, now: int) -> dict[str, Any]:
        channel = self._world.page.get(request.query.get("id", ""))
        if channel is None:
            return {"pageInfo": {"totalResults": 0}}
        if "statistics" in request.query.get("part", ""):
            count = nodes.subscribers(channel, now)
            day = local_day(now * 1000, channel.zone)
            state = "hidden" if count is None else "known"
            self._notes.observed(now * 1000, channel.id, [(None, "followers", f"day:{day}", count, state)])
        return {"items": [nodes.channel(channel, now)]}

    def _uploads(self, request: web.Request, _now: int) -> dict[str, Any]:
        channel = self._world.page.get(request.query.get("playlistId", "").replace("UU", "UC", 1))
        if channel is None:
            raise ApiError(404, "playlistNotFound")
        videos = [video for video in reversed(self._world.posts_of[channel.id]) if video.deleted_at is None]
        found, more = self._page(request, videos, lambda video: video.id)
        return {"items": [{"contentDetails": {"videoId": video.id}} for video in found], **more}

    def _videos(self, request: web.Request, now: int) -> dict[str, Any]:
        ids = request.query.get("id", "").split(",")
        if len(ids) > MOST_IDS:
            raise ApiError(400, "invalidParameter")
        found = [cast(Video, self._world.posts[name]) for name in ids if name in self._world.posts]
        found = [video for video in found if video.deleted_at is None]
        for video in found:
            account = video.page.id
            self._notes.observed(now * 1000, account, nodes.counters(video, now))
            self._notes.content(now * 1000, account, [(video.id, nodes.content(video, now))])
        return {"items": [nodes.video(video, now) for video in found]}

    def _threads(self, request: web.Request, now: int) -> dict[str, Any]:
        video = self._video(request.query.get("videoId", ""))
        if not request.query.get("pageToken"):
            self._listings.begins(video.id)
        top = [cast(Remark, one) for one in reversed(video.comments) if one.parent is None and not one.is_removed]
        found, more = self._page(request, top, lambda one: one.id)
        items, told, longer = [], [], []
        for one in found:
            below = [cast(Remark, reply) for reply in one.replies if not reply.is_removed]
            first = below[:FIRST_REPLIES]
            items.append(nodes.thread(one, first, len(below)))
            if len(below) > len(first):
                longer.append(one.id)
                first = []
            told += [one, *first]
        self._tell(now, video.id, None, told, longer, not more)
        return {"items": items, **more}

    def _replies(self, request: web.Request, now: int) -> dict[str, Any]:
        one = self._world.comments.get(request.query.get("parentId", ""))
        if one is None or one.is_removed or one.post.deleted_at is not None:
            raise ApiError(404, "parentCommentNotFound")
        below = [cast(Remark, reply) for reply in one.replies if not reply.is_removed]
        found, more = self._page(request, below, lambda reply: reply.id)
        self._tell(now, one.post.id, one.id, list(found), [], not more)
        return {"items": [nodes.comment(reply) for reply in found], **more}

    def _tell(
        self, now: int, video: str, comment: str | None, told: list[Remark], longer: list[str], is_last: bool
    ) -> None:
        """Note that these were listed, as they were written and last edited; and what follows once everything is."""
        facts = [(one.number, not is_nameless(one.author), None) for one in told]
        edited = [one for one in told if one.edited_at is not None]
        facts += [(one.numbers["edited"], not is_nameless(one.author), None) for one in edited]
        self._notes.listed(now * 1000, facts)
        if self._listings.is_under_way(video):
            self._listings.shows(video, told, longer)
            self._listings.page_ends(now, video, comment, is_last)

    def _video(self, name: str) -> Video:
        video = self._world.posts.get(name)
        if video is None or video.deleted_at is not None:
            raise ApiError(404, "videoNotFound")
        if not cast(Video, video).takes_comments:
            raise ApiError(403, "commentsDisabled")
        return cast(Video, video)

    def _page(
        self, request: web.Request, items: Sequence[T], name: Callable[[T], str]
    ) -> tuple[Sequence[T], dict[str, Any]]:
        """One page of a listing and, if more follows, its token; at times a page is empty although more follows."""
        start, limit = 0, min(int(request.query.get("maxResults", "5")), 100)
        if token := request.query.get("pageToken"):
            after = urlsafe_b64decode(token).decode().partition(":")[2]
            start = next((place + 1 for place, item in enumerate(items) if name(item) == after), 0) if after else 0
            if after and not start:
                raise ApiError(400, "invalidPageToken")
        found = items[start : start + limit]
        if start + limit >= len(items):
            return found, {}
        if number := self._obstacles.page_empty():
            return [], {"nextPageToken": _token(number, name(items[start - 1]) if start else "")}
        return found, {"nextPageToken": _token(0, name(found[-1]))}


def _token(number: int, last: str) -> str:
    """Opaque, and another one for the same place after each empty page, which has a `number`."""
    return urlsafe_b64encode(f"{number}:{last}".encode()).decode()
