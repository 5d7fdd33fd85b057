"""Settings come from the environment, and every wrong one is reported at once.

A field `name` is read from `ENGAGEMENT_NAME`, or from the file that `ENGAGEMENT_NAME_FILE` names (a secret
that is mounted and not handed around). A stage composes the fragments below by inheritance, loads its
settings once in its `cli.py` and passes values down; nothing else reads the environment.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self, TypeVar

from pydantic import BeforeValidator, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

PREFIX = "ENGAGEMENT_"
T = TypeVar("T")


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Listed = Annotated[tuple[T, ...], BeforeValidator(_split)]
"""Comma-separated in the environment; where order matters the newest comes first."""

Secrets = Listed[SecretStr]


class SettingsError(Exception):
    """Some settings are wrong; the message has one line for each and shows no value."""


class _Unusable(NamedTuple):
    """Stands for a value that could not be read, so that it is reported together with the wrong ones."""

    reason: str


class _Files(PydanticBaseSettingsSource):
    """Reads `ENGAGEMENT_<NAME>_FILE`."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        name = variable(field_name)
        path = os.environ.get(f"{name}_FILE")
        if not path:
            return None, field_name, False
        if os.environ.get(name):
            return _Unusable(f"set both directly and as {name}_FILE"), field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            return _Unusable(f"{name}_FILE cannot be read: {reason}"), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(None, name)[0] for name in self.settings_cls.model_fields}
        return {name: value for name, value in found.items() if value is not None and value != ""}


class Settings(BaseSettings):
    """Base class of every stage's settings."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        enable_decoding=False,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    @field_validator("*", mode="before")
    @classmethod
    def _readable(cls, value: object) -> object:
        if isinstance(value, _Unusable):
            raise ValueError(value.reason)
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _Files(settings_cls), env_settings

    @classmethod
    def load(cls, **given: object) -> Self:
        """The settings of this process; `given` wins over the environment. All wrong ones: SettingsError."""
        try:
            return cls(**given)
        except ValidationError as error:
            lines = {f"{_where(wrong)}: {_why(wrong)}" for wrong in error.errors()}
            raise SettingsError("\n".join(sorted(lines))) from None


def _where(wrong: Mapping[str, Any]) -> str:
    return variable(str(wrong["loc"][0])) if wrong["loc"] else "settings"


def _why(wrong: Mapping[str, Any]) -> str:
    return "required, but not set" if wrong["type"] == "missing" else wrong["msg"].removeprefix("Value error, ")


def variable(field: str) -> str:
    """The environment variable of a field.

    >>> variable("metrics_port")
    'ENGAGEMENT_METRICS_PORT'
    """
    return PREFIX + field.upper()


def files_of(settings: type[Settings]) -> Iterator[Path]:
    """The files that the environment names for these settings: whoever changes one means the setting."""
    named = (os.environ.get(f"{variable(name)}_FILE") for name in settings.model_fields)
    yield from (Path(name) for name in named if name)


def shown(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every variable with its effective value; secrets are masked."""
    for name in type(settings).model_fields:
        yield variable(name), _masked(getattr(settings, name))


def _masked(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(_masked(part) for part in value)
    return "" if value is None else str(value)  # SecretStr masks itself


class KafkaSettings(Settings):
    kafka_bootstrap_servers: str
    """host:port, several separated by commas."""


class PostgresSettings(Settings):
    postgres_dsn: SecretStr
    """libpq connection string or URL."""


class MetricsSettings(Settings):
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0
    """Where /healthz, /readyz and /metrics are served; 0 serves them nowhere."""


class ConfigSettings(Settings):
    config: Path | None = None
    """TOML file of brands, accounts, sources, intervals and retention."""
