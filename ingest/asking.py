"""How a reading asks for something, and what it makes of a refusal."""

from collections.abc import Generator

from ingest.platforms import Answer, Found, PollFailed, Remember, Request

Asking = Generator[Request | Found | Remember, Answer | None, Answer]
Finding = Generator[Request | Found | Remember, Answer | None, None]


def ask(request: Request) -> Asking:
    """One request; the answer may be a refusal."""
    answer = yield request
    assert answer is not None, "a request is sent its answer"
    return answer


def whole(answer: Answer, *, needs_help: bool = False) -> Answer:
    """The same answer, unless it is a refusal, which ends the poll, with `needs_help` until somebody acts."""
    if answer.failure is not None:
        raise PollFailed(f"refused_{answer.failure.code}", needs_help=needs_help)
    return answer
