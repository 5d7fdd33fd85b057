"""Ports of the stack: the configured one, the one this data directory had before, or a free one."""

import json
import random
import socket
from pathlib import Path

SERVER_PORTS = range(15_000, 32_000)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """One below the ports that systems give to outgoing connections.

    A client that calls a server which is just being restarted could be given the server's own port, connect to
    itself and keep the server out.
    """
    return next(port for port in random.sample(SERVER_PORTS, len(SERVER_PORTS)) if is_free(port))


class Ports:
    """Named ports, remembered in a file, so that addresses survive a restart of the stack."""

    def __init__(self, file: Path, configured: dict[str, int]) -> None:
        self._file = file
        self._configured = {name: port for name, port in configured.items() if port}
        self._remembered: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        self._taken: dict[str, int] = {}

    def take(self, name: str) -> int:
        if name not in self._taken:
            port = self._configured.get(name) or self._remembered.get(name)
            if port is None or (name not in self._configured and not is_free(port)):
                port = self._remembered[name] = free_port()
                self._file.write_text(json.dumps(self._remembered, indent=1, sort_keys=True))
            self._taken[name] = port
        return self._taken[name]
