"""Where it is measured: how much, and an embedded stack of its own with the workload's Pages configured."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from contracts.config import Config
from deploy.local.settings import LocalSettings
from deploy.local.stack import LocalStack

APP_SECRET = "bench-secret"
IDENTITY_KEY = "bench"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured, and how often."""

    events: int
    runs: int
    single_deliveries: int
    batched_deliveries: int
    load_seconds: int
    seconds: float
    rate: int = 500
    interactions: int = 5_000_000
    """Interactions that are read back."""
    people: int = 0
    orders: int = 0
    """Of the touches that are attributed; 0: so many as `bench.attribution` says."""


FULL = Sizes(events=1_000_000, runs=3, single_deliveries=20_000, batched_deliveries=400, load_seconds=10, seconds=60)
QUICK = Sizes(
    events=30_000,
    runs=1,
    single_deliveries=1_000,
    batched_deliveries=50,
    load_seconds=2,
    seconds=10,
    interactions=100_000,
)


@contextmanager
def stack(config: Config, *services: str) -> Iterator[LocalStack]:
    """A new stack that runs `services` as docker-compose.yml declares them; its data is deleted in the end."""
    directory = Path(tempfile.mkdtemp(prefix="engagement-bench-"))
    try:
        path = directory / "config.toml"
        path.write_text(toml(config), encoding="utf-8")
        secrets = {"meta_app_secrets": APP_SECRET, "identity_key": IDENTITY_KEY}
        with LocalStack(directory, settings=LocalSettings.load(config=path), secrets=secrets) as local:
            local.start(*services)
            yield local
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def toml(config: Config) -> str:
    """The configuration file that says `config`, as far as brands and accounts go."""
    parts = [f"[brands.{name}]\nname = {json.dumps(brand.name)}\n" for name, brand in config.brands.items()]
    for account in config.accounts:
        named = {"platform": account.platform, "id": account.id, "name": account.name, "brand": account.brand}
        lines = [f"{name} = {json.dumps(value)}" for name, value in (named | {"zone": account.zone}).items()]
        parts.append("\n".join(["[[accounts]]", *lines, f"connected_at = {account.connected_at.isoformat()}", ""]))
    return "\n".join(parts)
