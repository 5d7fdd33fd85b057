"""What the receiver works with: settings, configuration, secrets; and all of it anew when a file of it has changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from contracts.config import Config
from ingest import platforms
from ingest.platforms import Platform
from ingest.settings import WebhookSettings, configured, load_config, receiving, texts_of
from ingest.webhooks.receiver import Endpoint, Signer
from runtime.logging import get_logger
from runtime.settings import SettingsError, files_of

State = tuple[object, ...]

log = get_logger()


@dataclass(frozen=True, slots=True)
class Setup:
    """`platforms`: those that accounts are configured of."""

    settings: WebhookSettings
    config: Config
    platforms: Mapping[str, Platform]

    @property
    def endpoints(self) -> dict[str, Endpoint]:
        return endpoints(self.platforms.values(), self.settings)


def load() -> Setup:
    """What the environment and its files say now; raises `SettingsError`."""
    config = load_config()
    used = configured(platforms.load(), config)
    return Setup(receiving(used.values()).load(), config, used)


class Watch:
    """Looks whether the files behind a setup have changed."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._seen = _states(setup)

    def changed(self) -> Setup | None:
        """The setup as it is now, if its files have changed since and are right; wrong ones are told, and left alone.

        What cannot change while the process runs stays: addresses.
        """
        seen = _states(self._setup)
        if seen == self._seen:
            return None
        self._seen = seen
        try:
            new = load()
        except SettingsError as error:
            log.error("settings_refused", problems=str(error).splitlines())
            return None
        if new.config.partitions != self._setup.config.partitions:
            log.error("settings_refused", problems=["partitions cannot change"])
            return None
        self._setup = new
        self._seen = _states(new)
        log.info("settings_reloaded")
        return new


def _states(setup: Setup) -> State:
    named = [*files_of(type(setup.settings)), *([setup.settings.config] if setup.settings.config else [])]
    return tuple((path, _state(path)) for path in named)


def _state(path: Path) -> State:
    try:
        found = path.stat()
    except OSError as error:
        return (error.errno,)
    return found.st_ino, found.st_mtime_ns, found.st_size


def endpoints(used: Iterable[Platform], settings: WebhookSettings) -> dict[str, Endpoint]:
    """The paths to answer on, by name; the first platform of a path says how its deliveries are checked.

    A secret speaks for the platforms that name it, and for no other of the same path.
    """
    found: dict[str, Endpoint] = {}
    for platform in used:
        webhook = platform.webhook
        if webhook is None:
            continue
        shared = found.get(webhook.endpoint) or Endpoint(webhook.endpoint, webhook, {}, ())
        signers = dict(shared.signers)
        for position, text in enumerate(texts_of(settings, webhook.secrets)):
            known = signers.get(text.encode(), Signer((), position))
            signers[text.encode()] = replace(known, platforms=(*known.platforms, platform))
        tokens = texts_of(settings, webhook.verify_token) if webhook.verify_token else []
        found[webhook.endpoint] = replace(
            shared, signers=signers, verify_tokens=tuple(dict.fromkeys((*shared.verify_tokens, *tokens)))
        )
    return found
