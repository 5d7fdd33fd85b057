"""What is answered: a status, hardly a word, and nothing that a browser could take for something else."""

from collections.abc import Mapping

from aiohttp import web

RETRY_AFTER_SECONDS = 5
_NOSNIFF = {"X-Content-Type-Options": "nosniff"}


def answer(
    status: int, text: str = "", *, headers: Mapping[str, str] | None = None, close: bool = False
) -> web.Response:
    """An answer in plain text; `close` ends the connection, of which the rest cannot be trusted."""
    response = web.Response(status=status, text=text or None, headers={**_NOSNIFF, **(headers or {})})
    if close:
        response.force_close()
    return response


def unavailable(headers: Mapping[str, str] | None = None) -> web.Response:
    """Nothing was promised: come again."""
    return answer(503, headers={"Retry-After": str(RETRY_AFTER_SECONDS), **(headers or {})})
