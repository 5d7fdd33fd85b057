"""Settings of the sinks."""

from typing import Annotated

from pydantic import Field

from runtime.settings import (
    ConfigSettings,
    KafkaSettings,
    MetricsSettings,
    PostgresSettings,
    Secrets,
)


class DatabaseSettings(PostgresSettings, ConfigSettings):
    """For `engagement db`; with a configuration its accounts are written too."""


class PostgresSinkSettings(KafkaSettings, PostgresSettings, ConfigSettings, MetricsSettings):
    seal_key: Secrets
    """Seals dead letters; the newest first, the previous one after it."""
    postgres_hour_days: Annotated[int, Field(gt=0)] = 400
    """Days that hour rows are kept in PostgreSQL, behind the newest event; whole months are dropped."""
    postgres_refresh_seconds: Annotated[float, Field(gt=0)] = 60.0
    """How often the materialised views are refreshed, as far as their tables got rows."""


class PrometheusSinkSettings(KafkaSettings, MetricsSettings):
    """`metrics_port` must not be 0: to be scraped is all that this sink does."""
