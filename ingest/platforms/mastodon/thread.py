"""The answers to one post, read whole: what was added and edited, and what is there no more."""

from contracts.events import EngagementEvent, Listing
from contracts.outcome import Keep
from ingest.asking import ask, whole
from ingest.marks import Mark
from ingest.platforms import Answer, Found, Job, Part, Reading, Remember
from ingest.platforms.mastodon import facts, requests, responses
from ingest.platforms.mastodon.errors import GONE
from ingest.platforms.mastodon.responses import Said

MOST_LISTED = 4_096
"""Answers that a server lists of a thread at most; of more it is not known which are missing."""


def read(job: Job, post_id: str, counter: int | None, since: int, before: Listing | None) -> Reading:
    """What was listed before, or is older than `since`, is not told again. `before`: how it was listed last."""
    answer = yield from ask(requests.context(post_id))
    if answer.failure is not None and answer.failure.code in GONE:
        return {}
    found, spoiled = responses.thread(job.account.id, post_id, whole(answer))
    listed = {said.status_id: said for said in found}
    once = set(before.absent) if before and not spoiled else set()
    missing = [name for name in (before.children if before else {}) if name not in listed]
    parts = [part for said in found for part in _told(job, said, since, before)]
    parts += [_removed(job, post_id, name, before, answer) for name in missing if name in once and before]
    if parts + spoiled:
        yield Found((*parts, *spoiled))
    absent = {name: before.children[name] for name in missing if name not in once} if before else {}
    children = {name: said.added.parent_id for name, said in listed.items()} | absent
    now = Listing(children, tuple(absent)) if len(children) < MOST_LISTED else None
    if now != before:
        yield Remember(post_id, now)
    return {post_id: str(Mark(counter, answer.as_of))}


def _told(job: Job, said: Said, since: int, before: Listing | None) -> list[Part]:
    is_new_here = before is not None and said.status_id not in before.children

    def is_news(fact: EngagementEvent) -> bool:
        return is_new_here or fact.occurred_at >= since

    account = job.account.id
    parts = [Part(Keep(said.added), account, person=said.person)] if is_news(said.added) else []
    if said.edited is not None and is_news(said.edited):
        parts.append(Part(Keep(said.edited), account))
    return parts


def _removed(job: Job, post_id: str, name: str, before: Listing, answer: Answer) -> Part:
    """What is missing for the second time was removed; then this is the last time."""
    account, receipt = job.account.id, answer.receipt
    parent = before.children[name]
    event = facts.removed(account, receipt, status_id=name, post_id=post_id, parent_id=parent, at=answer.as_of)
    return Part(Keep(event), account)
