"""The Graph API's errors."""

from typing import Any

THROTTLES = (
    (4, "(#4) Application request limit reached"),
    (32, "(#32) Page request limit reached"),
    (80001, "(#80001) There have been too many calls to this Page account."),
)


class GraphError(Exception):
    """Answered as `{"error": ...}` with that HTTP status, which is 200 at times."""

    def __init__(
        self, status: int, code: int, message: str, *, subcode: int | None = None, transient: bool = False
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.subcode = subcode
        self.transient = transient

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {
            "message": self.message,
            "type": "OAuthException" if self.code in (10, 102, 190) else "GraphMethodException",
            "code": self.code,
            "is_transient": self.transient,
            "fbtrace_id": "AbCdEfGhIjK",
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": error}


def no_such_object(node: str) -> GraphError:
    return GraphError(
        400,
        100,
        f"Unsupported get request. Object with ID '{node}' does not exist, or cannot be loaded.",
        subcode=33,
    )


def invalid_cursor() -> GraphError:
    return GraphError(400, 100, "(#100) The After Cursor specified is no longer valid")


def invalid_metric() -> GraphError:
    return GraphError(400, 100, "(#100) The value must be a valid insights metric")


def invalid_token() -> GraphError:
    return GraphError(401, 190, "Invalid OAuth access token - Cannot parse access token", subcode=467)
