"""The comments of one media, read whole: what was added, and what only a comparison with the last time shows."""

from collections.abc import Iterator

from contracts.events import Listing
from contracts.outcome import Keep
from ingest.asking import Asking, Finding
from ingest.marks import Mark
from ingest.meta import listing
from ingest.meta.listing import Page
from ingest.platforms import Answer, Found, Job, Part, Reading, Remember, Request
from ingest.platforms.instagram import facts, requests, responses
from ingest.platforms.instagram.responses import Said

MOST_REMEMBERED = 10_000
"""Comments of a media; of more it is not remembered which there were, and none is missed."""


class Thread:
    """Comments and replies of a media. What was listed before, or is older than `since`, is not told again.

    `before`: how they were listed the last time. All pages are read, for their order is not promised.
    """

    def __init__(self, job: Job, media_id: str, counter: int | None, since: int, before: Listing | None) -> None:
        self._job = job
        self._media_id = media_id
        self._counter = counter
        self._since = since
        self._before = before
        self._said: dict[str, Said] = {}
        self._longer: list[str] = []
        self._is_legible = True

    def read(self) -> Reading:
        """What was added is told page by page, what follows from the whole when it is known."""
        limit = self._job.polling.page_size
        request, answer = yield from listing.ask(requests.comments(self._media_id, limit))
        if answer.failure is not None:  # the media was deleted after it had been listed
            return {}
        started_at = answer.as_of
        answer = yield from listing.read(request, answer, self._job.base_url, self._parsed)
        for comment_id in self._longer:
            request, answer = yield from listing.ask(requests.replies(comment_id, limit))
            if answer.failure is not None:  # the comment was deleted after it had been listed: nothing whole is known
                return {self._media_id: str(Mark(None, started_at))}
            answer = yield from self._replies(comment_id, request, answer)
        yield from self._compared(answer)
        return {self._media_id: str(Mark(self._counter, started_at))}

    def _replies(self, comment_id: str, request: Request, answer: Answer) -> Asking:
        def parsed(page: Page, answer: Answer) -> Iterator[Part]:
            return self._parsed(page, answer, comment_id)

        return listing.read(request, answer, self._job.base_url, parsed)

    def _parsed(self, page: Page, answer: Answer, parent_id: str | None = None) -> Iterator[Part]:
        account = self._job.account.id
        found, spoiled = responses.comments(account, self._media_id, page, answer, parent_id=parent_id)
        for said in found:
            self._said[said.comment_id] = said
            if said.has_more:
                self._longer.append(said.comment_id)
            if self._is_news(said):
                yield Part(Keep(said.added), account, person=said.person)
        self._is_legible &= not spoiled
        yield from spoiled

    def _is_news(self, said: Said) -> bool:
        """What was held back for review is listed late, under the time at which it was written."""
        is_new_here = self._before is not None and said.comment_id not in self._before.children
        return is_new_here or said.added.occurred_at >= self._since

    def _compared(self, last: Answer) -> Finding:
        """What was hidden or shown again, and what is missing for the second time; then this is the last time.

        Who cannot be read may be whoever is missing: then nobody is found to be gone.
        """
        before = self._before or Listing()
        missing = [name for name in before.children if name not in self._said]
        once = set(before.absent) if self._is_legible else set()
        gone = [name for name in missing if name in once]
        absent = {name: before.children[name] for name in missing if name not in once}
        if parts := [*self._turned(set(before.hidden), last), *(self._removed(name, last) for name in gone)]:
            yield Found(tuple(parts))
        children = {name: said.added.parent_id for name, said in self._said.items()} | absent
        hidden = tuple(name for name, said in self._said.items() if said.is_hidden)
        now = Listing(children, tuple(absent), hidden) if len(children) <= MOST_REMEMBERED else None
        if now != self._before:
            yield Remember(self._media_id, now)

    def _turned(self, before: set[str], last: Answer) -> Iterator[Part]:
        for name, said in self._said.items():
            if said.is_hidden != (name in before):
                event = facts.turned(said.added, "hide" if said.is_hidden else "unhide", last.as_of)
                yield Part(Keep(event), self._job.account.id)

    def _removed(self, name: str, last: Answer) -> Part:
        account = self._job.account.id
        context = facts.Context(account, last.as_of, False, last.receipt)
        parent = self._before.children[name] if self._before else None
        event = facts.removed(context, comment_id=name, media_id=self._media_id, parent_id=parent)
        return Part(Keep(event), account)
