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
    postgres_minute_days: Annotated[int, Field(gt=0)] = 30
    """Days that minute rows are kept in PostgreSQL, behind the newest event."""
    postgres_hour_days: Annotated[int, Field(gt=0)] = 400
    """The same for hour rows; whole months are dropped."""


class PrometheusSinkSettings(KafkaSettings, MetricsSettings):
    """`metrics_port` must not be 0: to be scraped is all that this sink does."""
