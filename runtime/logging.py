"""One JSON object a line on stderr: a fixed past-tense event name and fields, no payload, no secret."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, cast

import structlog

LONGEST_VALUE = 512
LONGEST_TRACEBACK = 4096
CHATTY = ("aiokafka", "faust", "kafka", "mode", "urllib3")
"""Libraries that tell of each connection; we hear their warnings."""

_REDACTED = "[redacted]"
_SECRET_FIELD = re.compile(
    r"(token|secret|password|passwd|authorization|appsecret_proof|signature|api_?key)", re.IGNORECASE
)
_SECRET_IN_TEXT = re.compile(
    r"((?:access_token|appsecret_proof|client_secret|verify_token|password)[\"']?\s*[=:]\s*[\"']?)[^&\s\"',;]+"
    r"|(\bbearer\s+)[\w.~+/=-]+"
    r"|(://[^:/@\s]+:)[^@/\s]+(?=@)",
    re.IGNORECASE,
)

Event = MutableMapping[str, Any]


def redacted(text: str) -> str:
    """Text without the values of tokens and passwords.

    >>> redacted("GET /me?access_token=EAAB&limit=5")
    'GET /me?access_token=[redacted]&limit=5'
    """
    return _SECRET_IN_TEXT.sub(lambda m: (m[1] or m[2] or m[3]) + _REDACTED, text)


def _clean(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {str(k): _REDACTED if _SECRET_FIELD.search(str(k)) else _clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(part) for part in value]
    text = redacted(value if isinstance(value, str) else str(value))
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _guard(_logger: object, _method: str, event: Event) -> Event:
    traceback = event.pop("exception", None)
    cleaned = cast("Event", _clean(dict(event)))
    if traceback is not None:
        cleaned["exception"] = redacted(str(traceback))[-LONGEST_TRACEBACK:]  # its end names the cause
    return cleaned


def _add_service(service: str) -> structlog.typing.Processor:
    def add(_logger: object, _method: str, event: Event) -> Event:
        return {"service": service, **event}

    return add


def configure(service: str, level: int = logging.INFO) -> None:
    """Send our logs and those of the libraries to stderr, as JSON lines that name the service."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _add_service(service),
        _guard,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # ASCII only: line separators, escapes and marks that reorder text stay visible as \u....
                structlog.processors.JSONRenderer(ensure_ascii=True),
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[*shared[:2], *shared[3:], structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def get_logger(**fields: object) -> structlog.typing.FilteringBoundLogger:
    """A logger that adds `fields` to each line: `get_logger().info("batch_applied", rows=n)`."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(**fields))
