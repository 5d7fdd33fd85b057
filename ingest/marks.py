"""What a cursor keeps of a post: how its counter stood, and when."""

from collections.abc import Iterator
from typing import NamedTuple

from ingest.platforms import Item, Job, State


class Mark(NamedTuple):
    """A counter and a time, as the cursor keeps them for a post; an unknown counter is None."""

    counter: int | None
    at: int

    def __str__(self) -> str:
        return f"{'' if self.counter is None else self.counter}@{self.at}"

    @classmethod
    def parse(cls, text: object) -> "Mark | None":
        """Undo `str`; None for what is no mark."""
        counter, _, at = text.partition("@") if isinstance(text, str) else ("", "", "")
        if not at.isdecimal() or not (counter == "" or counter.isdecimal()):
            return None
        return cls(int(counter) if counter else None, int(at))


def marks(state: State) -> dict[str, Mark]:
    """Name -> mark, of everything in a cursor's state that is one."""
    return {name: mark for name, text in state.items() if (mark := Mark.parse(text)) is not None}


def before(job: Job) -> State:
    """Of the posts that were known, those that are followed and too old for this poll to list."""
    known = marks(job.known["posts"].state).items()
    return {name: str(post) for name, post in known if job.oldest <= post.at < job.since}


def listed(job: Job) -> Iterator[Item]:
    """The posts that a listing brings; one was last active when its comments were last worth reading."""
    read = marks(job.known["comments"].state)
    for name, post in marks(job.known["posts"].state).items():
        yield Item(name, post.at, read[name].at if name in read else None)


def unread(job: Job, young_ms: int) -> Iterator[Item]:
    """The posts whose comments are to be read: the young ones now and then, the others when their counter moves."""
    read = marks(job.known["comments"].state)
    for name, post in marks(job.known["posts"].state).items():
        if post.at > job.now - young_ms:
            yield Item(name, post.at)
        elif name not in read or read[name].counter != post.counter:
            yield Item(f"{name}@{post.counter}", post.at)
