"""The one table of what is different on one machine: endpoints, ports, paths of files, process names, and the clock.

Everything else that a process of ours gets is what docker-compose.yml declares; a test compares the two.
"""

from collections.abc import Mapping
from pathlib import Path

from runtime.settings import PREFIX

CONTAINER_SECRETS = "/run/secrets/"

OVERRIDDEN = frozenset(
    PREFIX + name
    for name in (
        "CLOCK",
        "CONFIG",
        "KAFKA_BOOTSTRAP_SERVERS",
        "META_GRAPH_URL",
        "METRICS_HOST",
        "METRICS_PORT",
        "PROCESSOR_INSTANCE_ID",
        "WEBHOOKS_HOST",
        "WEBHOOKS_PORT",
    )
)


def localised(declared: Mapping[str, str], here: Mapping[str, str], secrets: Path) -> dict[str, str]:
    """A service's declared environment with the endpoints, ports and paths of this machine.

    `here` replaces the variables of the table that the service declares, and adds none; a mounted secret's path
    becomes the file of the same name in `secrets`.
    """
    if strangers := sorted(here.keys() - OVERRIDDEN):
        raise ValueError(f"not in the table of local overrides: {', '.join(strangers)}")
    local = {}
    for name, value in declared.items():
        if value.startswith(CONTAINER_SECRETS):
            local[name] = str(secrets / value.removeprefix(CONTAINER_SECRETS))
        else:
            local[name] = here.get(name, value)
    return local
