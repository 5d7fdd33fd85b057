"""An error ends the process with 70, at once; being cancelled while it stops does not."""

import asyncio
import subprocess
import sys

import pytest

from processors.engine.failstop import fail_stop
from runtime.cli import EXIT_FAIL_STOP

BLOCK = """
import asyncio, atexit
from processors.engine.failstop import fail_stop
atexit.register(print, "cleaned up")
with fail_stop("here", lambda: {stopping}):
    raise {error}
"""


def ends(error: str, stopping: bool = False) -> "subprocess.CompletedProcess[str]":
    code = BLOCK.format(error=error, stopping=stopping)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("error", ["ValueError('odd')", "SystemExit(0)", "KeyboardInterrupt", "asyncio.CancelledError"])
def test_any_error_ends_the_process_without_cleaning_up(error: str) -> None:
    ended = ends(error)
    assert ended.returncode == EXIT_FAIL_STOP
    assert "cleaned up" not in ended.stdout
    assert "worker_failed" in ended.stdout + ended.stderr


def test_being_cancelled_while_stopping_is_a_stop() -> None:
    with pytest.raises(asyncio.CancelledError), fail_stop("here", lambda: True):
        raise asyncio.CancelledError


def test_any_other_error_while_stopping_ends_the_process() -> None:
    assert ends("ValueError('odd')", stopping=True).returncode == EXIT_FAIL_STOP
