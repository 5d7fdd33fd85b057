"""A log line is one JSON object, holds no secret, and cannot be forged by what it quotes."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from runtime.logging import LONGEST_VALUE, configure, get_logger, redacted

Lines = Callable[[Callable[[], None]], list[dict[str, Any]]]


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """Runs something that logs: the lines it wrote, parsed."""

    def lines(write: Callable[[], None]) -> list[dict[str, Any]]:
        configure("receiver")
        write()
        text = capsys.readouterr().err
        assert text.isascii()
        return [json.loads(line) for line in text.splitlines()]

    before = logging.getLogger().handlers[:]
    yield lines
    logging.getLogger().handlers[:] = before
    structlog.reset_defaults()


def test_a_line_names_event_service_level_and_fields(logged: Lines) -> None:
    (line,) = logged(lambda: get_logger(table="posts").info("batch_applied", rows=3))
    assert (line["event"], line["service"], line["level"]) == ("batch_applied", "receiver", "info")
    assert (line["table"], line["rows"]) == ("posts", 3)
    assert line["timestamp"].endswith("Z")


def test_a_quoted_value_cannot_break_out_of_its_line(logged: Lines) -> None:
    (line,) = logged(lambda: get_logger().info("read", text='a\r\n{"event": "forged"}\u2028\u202e\x1b[31m'))
    assert line["event"] == "read"


def test_a_long_value_is_cut(logged: Lines) -> None:
    (line,) = logged(lambda: get_logger().info("read", text="x" * 9_999, nested={"deep": ["y" * 9_999]}))
    assert len(line["text"]) == LONGEST_VALUE
    assert len(line["nested"]["deep"][0]) == LONGEST_VALUE


def test_fields_that_are_named_like_secrets_are_not_written(logged: Lines) -> None:
    fields = {"access_token": "EAAB", "headers": {"Authorization": "Bearer EAAB"}, "app_secret": "EAAB"}
    assert "EAAB" not in json.dumps(logged(lambda: get_logger().info("called", **fields)))


@pytest.mark.parametrize(
    "text",
    [
        "GET https://graph.example/me?access_token=EAAB&limit=5",
        '{"access_token": "EAAB"}',
        "Authorization: Bearer EAAB",
        "postgresql://writer:EAAB@db/engagement",
        "appsecret_proof=EAAB",
    ],
)
def test_secrets_inside_a_text_are_replaced(text: str) -> None:
    assert "EAAB" not in redacted(text)
    assert redacted(text) != text


def test_libraries_log_through_the_same_guard(logged: Lines) -> None:
    library = logging.getLogger("some.library")
    (line,) = logged(lambda: library.warning("GET /me?access_token=%s", "EAAB"))
    assert line["service"] == "receiver"
    assert "EAAB" not in line["event"]


def test_an_exception_keeps_the_end_of_its_traceback(logged: Lines) -> None:
    def fail() -> None:
        try:
            raise ValueError("at /me?access_token=EAAB")
        except ValueError:
            get_logger().exception("poll_failed")

    (line,) = logged(fail)
    assert line["exception"].endswith("access_token=[redacted]")
