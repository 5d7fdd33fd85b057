"""One supervised process: started, watched, restarted with a back-off as its restart policy says, stopped.

The back-off is a container engine's: 0.1 s, doubled at each death up to 5 s, forgotten after ten seconds of life.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.keeper import Keeper, signal_group

FIRST_BACKOFF_SECONDS = 0.1
LONGEST_BACKOFF_SECONDS = 5.0
SETTLED_SECONDS = 10.0


class StackError(Exception):
    """Something of the stack did not come up; the message says what, and which log tells why."""


def _always_ready() -> bool:
    return True


@dataclass(frozen=True)
class Spec:
    """What to run. `uid` runs it as another user; `ready` asks once and answers at once."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    restarts_unless_stopped: bool = True
    ready: Callable[[], bool] = _always_ready
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 20.0
    uid: int | None = None
    working_directory: Path | None = None


class Supervised:
    """A running Spec. `pid` is None between a death and the restart; `restarts` counts deaths that were answered."""

    def __init__(self, spec: Spec, keeper: Keeper) -> None:
        self.spec = spec
        self.restarts = 0
        self.exit_code: int | None = None
        self._keeper = keeper
        self._changed = threading.Condition()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name=f"supervise-{spec.name}", daemon=True)

    @property
    def pid(self) -> int | None:
        process = self._process
        return None if process is None else process.pid

    @property
    def is_over(self) -> bool:
        """It ended and will not be restarted."""
        return self.exit_code is not None and not self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def is_ready(self) -> bool:
        return self._process is not None and self.spec.ready()

    def wait_ready(self, seconds: float) -> None:
        """Until it answers; StackError when it takes longer or ends for good."""
        deadline = time.monotonic() + seconds
        while not self.is_ready():
            if self.is_over or time.monotonic() > deadline:
                state = f"ended with {self.exit_code}" if self.is_over else f"was not ready in {seconds:.0f} s"
                raise StackError(f"{self.spec.name} {state}: see {self.spec.log}")
            if self._stopping.wait(0.1):
                raise StackError(f"{self.spec.name} is being stopped")

    def wait_over(self, seconds: float) -> int:
        """Until a process that is not restarted ends: its exit code."""
        self._thread.join(seconds)
        if self.exit_code is None or self._thread.is_alive():
            raise StackError(f"{self.spec.name} did not end in {seconds:.0f} s: see {self.spec.log}")
        return self.exit_code

    def kill(self) -> int | None:
        """kill -9: the pid that was hit, None if it was down. It is restarted as its policy says."""
        return self.signal(signal.SIGKILL)

    def stop_signal(self) -> int | None:
        """SIGSTOP: the process is frozen with its connections open."""
        return self.signal(signal.SIGSTOP)

    def cont_signal(self) -> int | None:
        return self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> int | None:
        pid = self.pid
        return pid if pid is not None and signal_group(pid, number) else None

    def restart(self) -> None:
        """Ask it to end; the supervision starts it anew."""
        self.signal(self.spec.stop_signal)

    def stop(self) -> None:
        """End it for good: its stop signal, then kill -9 after its grace."""
        self.ask_to_stop()
        self._thread.join(self.spec.stop_seconds)
        while self._thread.is_alive():
            self.kill()
            self._thread.join(1.0)

    def ask_to_stop(self) -> None:
        with self._changed:
            self._stopping.set()
            self.signal(signal.SIGCONT)
            self.signal(self.spec.stop_signal)

    def _supervise(self) -> None:
        backoff = FIRST_BACKOFF_SECONDS
        while (process := self._spawn()) is not None:
            started_at = time.monotonic()
            code = process.wait()
            with self._changed:
                self._process = None
            signal_group(process.pid, signal.SIGKILL)  # whatever it started and left behind
            self._keeper.release(process.pid)
            self.exit_code = code
            if not self.spec.restarts_unless_stopped:
                return
            if time.monotonic() - started_at >= SETTLED_SECONDS:
                backoff = FIRST_BACKOFF_SECONDS
            if self._stopping.wait(backoff):
                return
            backoff = min(backoff * 2, LONGEST_BACKOFF_SECONDS)
            self.restarts += 1

    def _spawn(self) -> subprocess.Popen[bytes] | None:
        with self._changed:  # so that a stop either prevents the start or finds its pid
            if self._stopping.is_set():
                return None
            self.spec.log.parent.mkdir(parents=True, exist_ok=True)
            with self.spec.log.open("ab") as log:
                self._process = subprocess.Popen(
                    list(self.spec.command),
                    env=dict(self.spec.environment),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    user=self.spec.uid,
                    group=self.spec.uid,
                    extra_groups=None if self.spec.uid is None else [],
                    cwd=self.spec.working_directory,
                )
            self._keeper.keep(self._process.pid)
            return self._process


def is_running(pid: int) -> bool:
    """Whether there is such a process; one that only waits for its parent to look at its end is not running."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # no such file system, or it ended in between
        return not Path("/proc/self").exists()
    return state.rpartition(")")[2].split()[0] != "Z"


def inherited_environment() -> dict[str, str]:
    """What any process needs of ours, without our settings: those are declared service by service."""
    names = ("HOME", "JDK_JAVA_OPTIONS", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ", "XDG_CACHE_HOME", "XDG_DATA_HOME")
    return {name: os.environ[name] for name in names if name in os.environ}
