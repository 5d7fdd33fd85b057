"""The one table of what is different on one machine: endpoints, ports, paths of files, process names, and the clock.

Everything else that a process of ours gets is what docker-compose.yml declares; a test compares the two.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ingest import platforms
from ingest.simulator import shows
from runtime.settings import PREFIX, variable

CONTAINER_SECRETS = "/run/secrets/"

_NAMES = (
    "CLOCK",
    "CONFIG",
    "KAFKA_BOOTSTRAP_SERVERS",
    "METRICS_HOST",
    "METRICS_PORT",
    "PROCESSOR_INSTANCE_ID",
    "WEBHOOKS_HOST",
    "WEBHOOKS_PORT",
)


@cache
def overridden() -> frozenset[str]:
    """The table: ours, the address of each platform, and whatever else a simulator stands in for."""
    settings = [platform.poll.base_url.name for platform in platforms.load().values() if platform.poll]
    settings += [name for show in shows.load().values() for name in show.addresses]
    return frozenset((*(PREFIX + name for name in _NAMES), *map(variable, settings)))


def localised(declared: Mapping[str, str], here: Mapping[str, str], secrets: Path) -> dict[str, str]:
    """A service's declared environment with the endpoints, ports and paths of this machine.

    `here` replaces the variables of the table that the service declares, and adds none; a mounted secret's path
    becomes the file of the same name in `secrets`.
    """
    if strangers := sorted(here.keys() - overridden()):
        raise ValueError(f"not in the table of local overrides: {', '.join(strangers)}")
    local = {}
    for name, value in declared.items():
        if value.startswith(CONTAINER_SECRETS):
            local[name] = str(secrets / value.removeprefix(CONTAINER_SECRETS))
        else:
            local[name] = here.get(name, value)
    return local
