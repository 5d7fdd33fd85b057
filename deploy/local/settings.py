"""Settings of the embedded stack itself; those of the stages are declared in docker-compose.yml."""

import os
from pathlib import Path

from pydantic import Field, SecretStr

from runtime.settings import ConfigSettings


def _default_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "engagement"


class LocalSettings(ConfigSettings):
    """A port of 0 takes a free one, and keeps it for the data directory."""

    cache_dir: Path = Field(default_factory=_default_cache)
    """Where the broker's jars are kept between runs."""
    kafka_bootstrap_servers: str | None = None
    """Use this broker and start none."""
    postgres_dsn: SecretStr | None = None
    """Use this database and start none; migrations run with the same login."""
    kafka_port: int = 0
    postgres_port: int = 0
    prometheus_port: int = 0
    grafana_port: int = 0
    webhooks_port: int = 0
