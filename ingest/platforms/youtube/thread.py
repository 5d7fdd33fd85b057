"""The comments of one video, read whole: what was added and edited, and what is there no more."""

from collections.abc import Iterator

from contracts.events import EngagementEvent, Listing
from contracts.outcome import Keep
from ingest.asking import Asking, Finding, ask
from ingest.marks import Mark
from ingest.platforms import Answer, Found, Job, Part, Reading, Remember, Request, State
from ingest.platforms.youtube import facts, paging, requests, responses
from ingest.platforms.youtube.errors import COMMENTS_DISABLED, GONE
from ingest.platforms.youtube.paging import Page
from ingest.platforms.youtube.responses import Said

MOST_REMEMBERED = 10_000
"""Comments of a video; of more it is not remembered which there were, and none is missed."""
_NEVER = 0
"""When comments were read that could not be: all of them are told once they can."""
UNITS = "units:"
"""Before a video's id in the state: what its comments have cost today, and when they were read last."""


class Thread:
    """Comments and replies of a video. What was listed before, or is older than `since`, is not told again.

    `before`: how they were listed the last time; `spent`: the units that they have cost today. All pages are read, for
    a reply or an edit does not move its comment to the front.
    """

    def __init__(
        self, job: Job, video_id: str, counter: int | None, since: int, before: Listing | None, spent: int
    ) -> None:
        self._job = job
        self._video_id = video_id
        self._counter = counter
        self._since = since
        self._before = before
        self._units = spent
        self._said: dict[str, Said] = {}
        self._longer: list[str] = []
        self._is_legible = True

    def read(self) -> Reading:
        """What was added is told page by page, what follows from the whole when it is known."""
        request = requests.threads(self._video_id, self._job.polling.page_size)
        answer = yield from ask(request)
        started_at = answer.as_of
        if answer.failure is not None and answer.failure.code == COMMENTS_DISABLED:
            self._units += 1
            return self._state(self._counter, started_at) | {self._video_id: str(Mark(self._counter, _NEVER))}
        if answer.failure is not None and answer.failure.code in GONE:
            return {}
        answer = yield from paging.read(request, answer, self._parsed)
        for comment_id in self._longer:
            request = requests.replies(comment_id, self._job.polling.page_size)
            answer = yield from ask(request)
            if answer.failure is not None and answer.failure.code in GONE:
                self._units += 1
                return self._state(None, started_at)  # it was deleted after it had been listed: nothing whole is known
            answer = yield from self._replies(comment_id, request, answer)
        yield from self._compared(answer)
        return self._state(self._counter, started_at)

    def _state(self, counter: int | None, started_at: int) -> State:
        return {
            self._video_id: str(Mark(counter, started_at)),
            UNITS + self._video_id: str(Mark(self._units, started_at)),
        }

    def _parsed(self, page: Page, answer: Answer) -> Iterator[Part]:
        found = responses.threads(self._job.account.id, self._video_id, page, answer)
        yield from self._told(*found)

    def _replies(self, comment_id: str, request: Request, answer: Answer) -> Asking:
        def parsed(page: Page, answer: Answer) -> Iterator[Part]:
            return self._told(*responses.replies(self._job.account.id, self._video_id, comment_id, page, answer))

        return paging.read(request, answer, parsed)

    def _told(self, found: list[Said], spoiled: list[Part]) -> Iterator[Part]:
        account = self._job.account.id
        self._units += 1
        self._is_legible &= not spoiled
        for said in found:
            self._said[said.comment_id] = said
            if said.has_more:
                self._longer.append(said.comment_id)
            if self._is_news(said, said.added):
                yield Part(Keep(said.added), account, person=said.person)
            if said.edited is not None and self._is_news(said, said.edited):
                yield Part(Keep(said.edited), account)
        yield from spoiled

    def _is_news(self, said: Said, fact: EngagementEvent) -> bool:
        """What was held back for review is listed late, under the time at which it was written."""
        is_new_here = self._before is not None and said.comment_id not in self._before.children
        return is_new_here or fact.occurred_at >= self._since

    def _compared(self, last: Answer) -> Finding:
        """What is missing for the second time was removed; then this is the last time.

        What cannot be read may be whatever is missing: then nothing is found to be gone.
        """
        before = self._before or Listing()
        missing = [name for name in before.children if name not in self._said]
        once = set(before.absent) if self._is_legible else set()
        absent = {name: before.children[name] for name in missing if name not in once}
        if parts := tuple(self._removed(name, before, last) for name in missing if name in once):
            yield Found(parts)
        children = {name: said.added.parent_id for name, said in self._said.items()} | absent
        now = Listing(children, tuple(absent)) if len(children) <= MOST_REMEMBERED else None
        if now != self._before:
            yield Remember(self._video_id, now)

    def _removed(self, name: str, before: Listing, last: Answer) -> Part:
        account = self._job.account.id
        event = facts.removed(
            account,
            last.receipt,
            comment_id=name,
            video_id=self._video_id,
            parent_id=before.children[name],
            at=last.as_of,
        )
        return Part(Keep(event), account)
