"""Fail-stop: when state could be wrong, the process ends at once and its successor recovers.

Nothing is cleaned up on purpose: whatever was not committed never happened, and a tidy way down could commit.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from runtime.cli import EXIT_FAIL_STOP
from runtime.logging import get_logger


def stop_now(where: str, error: BaseException) -> NoReturn:
    """Log the error and end the process with exit code 70. Works from any thread."""
    try:
        get_logger().critical("worker_failed", where=where, error=repr(error), exc_info=error)
        logging.shutdown()
    finally:
        os._exit(EXIT_FAIL_STOP)


@contextmanager
def fail_stop(where: str, stopping: Callable[[], bool]) -> Iterator[None]:
    """Any exception in the block ends the process, except being cancelled while the process is `stopping`."""
    try:
        yield
    except (asyncio.CancelledError, GeneratorExit) as error:
        if not stopping():
            stop_now(where, error)
        raise
    except BaseException as error:  # noqa: BLE001 - unknown errors are what this is for
        stop_now(where, error)
