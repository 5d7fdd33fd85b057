"""Settings of the commands of ingest. Those of the platforms are declared in their folders and added when needed."""

from collections.abc import Iterable
from typing import Any, Self, TypeVar, cast

from pydantic import Field, SecretStr, create_model, field_validator, model_validator

from contracts.config import Config, InvalidConfig, parse
from ingest.platforms import Platform, Setting
from runtime.clock import Clock
from runtime.settings import ConfigSettings, KafkaSettings, MetricsSettings, Secrets, Settings, SettingsError, variable

S = TypeVar("S", bound=Settings)


class TopicSettings(KafkaSettings, ConfigSettings):
    kafka_replication_factor: int = Field(default=1, ge=1, le=9)
    """Copies of each partition; 3 also asks for two in-sync ones at each write."""


class ListSettings(KafkaSettings, ConfigSettings):
    """What it takes to see which dead letters there are."""


class LetterSettings(ListSettings):
    seal_key: Secrets = Field(min_length=1)
    """Seals dead letters; the current one first, then those that still open older ones."""


class IntakeSettings(LetterSettings):
    identity_key: SecretStr = Field(min_length=1)
    """Makes pseudonyms out of actor ids. With another key everybody is a new person who was not announced before."""
    identity_key_next: SecretStr | None = None
    """While it is set, everybody who is heard of is announced under it, too: so it can become `identity_key`."""

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        if self.identity_key_next == self.identity_key:
            raise ValueError(f"{variable('identity_key_next')} is the present {variable('identity_key')}")
        return self

    @property
    def identity_keys(self) -> tuple[str, str | None]:
        """The present key, and the next if there is one."""
        coming = self.identity_key_next
        return self.identity_key.get_secret_value(), None if coming is None else coming.get_secret_value()


class ClockSettings(Settings):
    clock: str = ""
    """Simulated time, `<virtual_ms>@<wall_ms>x<speed>`; empty is the wall clock."""

    @field_validator("clock")
    @classmethod
    def _is_clock(cls, value: str) -> str:
        Clock.parse(value)
        return value


class WebhookSettings(IntakeSettings, MetricsSettings, ClockSettings):
    webhooks_host: str = "127.0.0.1"
    webhooks_port: int = Field(default=8080, ge=0, le=65535)
    """0 takes a free port; the log says which."""
    trusted_proxies: int = Field(default=0, ge=0, le=9)
    """Proxies of ours before the receiver: so many of the last addresses of X-Forwarded-For are theirs to tell."""
    collect_rate_per_host: float = Field(default=20, gt=0)
    """Requests a second of one visitor's address to /collect; five seconds' worth may come at once."""
    collect_rate_per_key: float = Field(default=2000, gt=0)
    """Requests a second with one write key; two seconds' worth may come at once."""


class PollSettings(IntakeSettings, MetricsSettings, ClockSettings):
    poll_concurrency: int = Field(default=4, ge=1, le=64)
    """Requests that are under way at a time."""


class TickSettings(KafkaSettings, ConfigSettings, ClockSettings):
    """What `ingest tick` needs."""


def with_platforms(base: type[S], declared: Iterable[Setting]) -> type[S]:
    """The settings of a command and those of its platforms in one model, so that wrong ones are reported together."""
    types = {"text": str, "secret": SecretStr, "secrets": Secrets}
    fields: dict[str, Any] = {}
    for setting in declared:
        absent = () if setting.kind == "secrets" else setting.default
        if setting.required and setting.default is None:
            fields.setdefault(setting.name, (types[setting.kind], Field(min_length=1)))
        elif setting.default is not None or setting.kind == "secrets":
            fields.setdefault(setting.name, (types[setting.kind], absent))
        else:
            fields.setdefault(setting.name, (types[setting.kind] | None, None))
    return cast("type[S]", create_model(base.__name__, __base__=base, **fields))


def receiving(used: Iterable[Platform]) -> type[WebhookSettings]:
    """The settings of a receiver for these platforms."""
    hooks = [platform.webhook for platform in used if platform.webhook]
    return with_platforms(WebhookSettings, [one for hook in hooks for one in (hook.secrets, hook.verify_token) if one])


def polling(used: Iterable[Platform]) -> type[PollSettings]:
    """The settings of a poller for these platforms."""
    polls = [platform.poll for platform in used if platform.poll]
    return with_platforms(
        PollSettings,
        [one for poll in polls for one in (poll.base_url, poll.token, poll.secrets, *poll.settings) if one],
    )


def streaming(used: Iterable[Platform]) -> type[PollSettings]:
    """The settings of a streamer for these platforms; what was missed is read back as it is polled."""
    telling = [platform for platform in used if platform.stream]
    streams = [platform.stream for platform in telling if platform.stream]
    hosts = [one for stream in streams for one in (stream.hosts, stream.token) if one]
    return with_platforms(polling(telling), hosts)


def text_of(settings: Settings, setting: Setting) -> str:
    """The value of a platform's setting, opened if it is a secret."""
    value = getattr(settings, setting.name)
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def texts_of(settings: Settings, setting: Setting) -> list[str]:
    """All values of a platform's setting: those of kind `secrets` newest first, none of what is not set."""
    value = getattr(settings, setting.name)
    if setting.kind == "secrets":
        return [secret.get_secret_value() for secret in value]
    return [] if value is None else [text_of(settings, setting)]


def load_config() -> Config:
    """The configuration that the environment names, or an empty one; raises `SettingsError` with all its problems."""
    path = ConfigSettings.load().config
    if path is None:
        return Config()
    try:
        return parse(path.read_text(encoding="utf-8"))
    except InvalidConfig as error:
        raise SettingsError("\n".join(f"{path}: {problem}" for problem in error.problems)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{variable('config')}: {type(error).__name__}") from None


def configured(platforms: dict[str, Platform], config: Config) -> dict[str, Platform]:
    """The platforms that an account is configured for; the others ask for no settings."""
    names = {account.platform for account in config.accounts}
    return {name: platform for name, platform in platforms.items() if name in names}
