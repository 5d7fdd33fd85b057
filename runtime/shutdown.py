"""SIGTERM and SIGINT ask a process to finish what it holds; a second one ends it at once."""

import asyncio
import os
import signal
import threading

EXIT_INTERRUPTED = 130
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def _ask(stop: threading.Event | asyncio.Event) -> None:
    if stop.is_set():
        os._exit(EXIT_INTERRUPTED)
    stop.set()


def stop_event() -> threading.Event:
    """An event that the first SIGTERM or SIGINT sets. Call it from the main thread."""
    stop = threading.Event()
    for number in _SIGNALS:
        signal.signal(number, lambda _signal, _frame: _ask(stop))
    return stop


def async_stop_event() -> asyncio.Event:
    """The same for the running event loop."""
    stop = asyncio.Event()
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, _ask, stop)
    return stop
