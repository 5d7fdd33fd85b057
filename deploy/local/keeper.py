"""Ends the stack's processes when the one that started them dies, however it dies.

The stack starts this as a child and writes `+pid` and `-pid` lines to its standard input. A clean stop leaves no pid
behind; a parent that was killed closes the pipe, and the keeper ends what is still listed. It watches a pipe and not
a parent-death signal, because that one follows the starting thread and exists on Linux only.
"""

import os
import signal
import subprocess
import sys
import threading
import time

GRACE_SECONDS = 5.0


class Keeper:
    """The stack's side: tell the keeper process which children there are."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.keeper"],
            stdin=subprocess.PIPE,
            start_new_session=True,
            text=True,
            bufsize=1,
        )

    def keep(self, pid: int) -> None:
        self._write(f"+{pid}\n")

    def release(self, pid: int) -> None:
        self._write(f"-{pid}\n")

    def close(self) -> None:
        with self._lock:
            assert self._process.stdin is not None
            self._process.stdin.close()
        self._process.wait()

    def _write(self, line: str) -> None:
        with self._lock:
            assert self._process.stdin is not None
            self._process.stdin.write(line)


def signal_group(pid: int, number: int) -> bool:
    """Signal a process and what it started; False if nothing of it is left. Each child leads a group of its own."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    """Keep the list until the pipe closes, then end what is on it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    kept: set[int] = set()
    for line in sys.stdin:
        pid = int(line[1:])
        if line.startswith("+"):
            kept.add(pid)
        else:
            kept.discard(pid)
    for pid in kept:
        signal_group(pid, signal.SIGCONT)
        signal_group(pid, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(signal_group(pid, 0) for pid in kept):
        time.sleep(0.1)
    for pid in kept:
        signal_group(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
