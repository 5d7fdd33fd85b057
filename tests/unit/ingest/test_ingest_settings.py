"""Settings of the platforms are asked for when an account needs them, and all wrong ones are told together."""

from pathlib import Path

import msgspec
import pytest

from contracts.config import Config
from ingest.platforms import PollFailed, load
from ingest.polling.process import accesses
from ingest.settings import (
    PollSettings,
    WebhookSettings,
    configured,
    load_config,
    polling,
    receiving,
    texts_of,
    with_platforms,
)
from ingest.webhooks.receiver import Signer
from ingest.webhooks.setup import endpoints
from runtime.settings import SettingsError
from tests.unit.ingest.facebook import account

FACEBOOK = load()["facebook"]
WEBHOOK, POLL = FACEBOOK.webhook, FACEBOOK.poll
BASE = {
    "ENGAGEMENT_KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
    "ENGAGEMENT_IDENTITY_KEY": "k",
    "ENGAGEMENT_SEAL_KEY": "new,old",
}


DECLARED = [one for one in (WEBHOOK.secrets, WEBHOOK.verify_token) if one] if WEBHOOK else []


def setenv(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in (BASE | settings).items():
        monkeypatch.setenv(name, value)


def test_all_wrong_settings_are_told_together_and_no_value_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert WEBHOOK is not None
    setenv(monkeypatch, ENGAGEMENT_IDENTITY_KEY="", ENGAGEMENT_WEBHOOKS_PORT="canary")
    with pytest.raises(SettingsError) as told:
        with_platforms(WebhookSettings, DECLARED).load()
    assert [line.partition(":")[0] for line in str(told.value).splitlines()] == [
        "ENGAGEMENT_IDENTITY_KEY",
        "ENGAGEMENT_META_APP_SECRETS",
        "ENGAGEMENT_META_VERIFY_TOKEN",
        "ENGAGEMENT_WEBHOOKS_PORT",
    ]
    assert "canary" not in str(told.value)


def test_secrets_come_newest_first_and_reach_the_endpoint_of_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    assert WEBHOOK is not None
    setenv(monkeypatch, ENGAGEMENT_META_APP_SECRETS="new, old", ENGAGEMENT_META_VERIFY_TOKEN="v")
    settings = with_platforms(WebhookSettings, DECLARED).load()
    assert texts_of(settings, WEBHOOK.secrets) == ["new", "old"]
    endpoint = endpoints([FACEBOOK], settings)["meta"]
    assert list(endpoint.signers) == [b"new", b"old"]
    assert endpoint.signers[b"old"] == Signer((FACEBOOK,), 1)
    assert endpoint.verify_tokens == ("v",)


def test_a_secret_speaks_for_the_platforms_that_name_it_and_for_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    both = load()["facebook"], load()["instagram"]
    setenv(
        monkeypatch,
        ENGAGEMENT_META_APP_SECRETS="common,pages",
        ENGAGEMENT_INSTAGRAM_APP_SECRETS="own,common",
        ENGAGEMENT_META_VERIFY_TOKEN="v",
    )
    found = endpoints(both, receiving(both).load())
    assert list(found) == ["meta"]
    assert found["meta"].signers == {
        b"common": Signer(both, 0),
        b"pages": Signer(both[:1], 1),
        b"own": Signer(both[1:], 0),
    }
    assert found["meta"].verify_tokens == ("v",)


def test_an_account_has_a_token_of_its_own_or_the_common_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert POLL is not None
    assert POLL.secrets is not None
    setenv(monkeypatch)
    settings = with_platforms(PollSettings, [POLL.base_url, POLL.token, POLL.secrets]).load()
    with pytest.raises(SettingsError, match="ENGAGEMENT_META_ACCESS_TOKEN"):
        list(accesses(settings, Config(accounts=(account(),)), load()))
    file = tmp_path / "token"
    file.write_text("first\n")
    own = msgspec.structs.replace(account(), access_token_file=str(file))
    ((_, access),) = accesses(settings, Config(accounts=(own,)), load())
    assert access.token() == "first"
    file.write_text("second\n")
    assert access.token() == "second"
    assert access.base_url == "https://graph.facebook.com/v25.0"


@pytest.mark.parametrize("text", ["", "\n", "\ufefftoken", "token\nsecond"])
def test_a_token_that_no_header_can_carry_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    setenv(monkeypatch)
    file = tmp_path / "token"
    file.write_text(text, encoding="utf-8")
    own = msgspec.structs.replace(account(), access_token_file=str(file))
    ((_, access),) = accesses(polling([FACEBOOK]).load(), Config(accounts=(own,)), load())
    with pytest.raises(PollFailed, match="no_token"):
        access.token()


def test_a_platform_without_accounts_asks_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured(load(), load_config()) == {}
    assert set(configured(load(), Config(accounts=(account(),)))) == {"facebook"}
    monkeypatch.setenv("ENGAGEMENT_CONFIG", "/nowhere/at/all.toml")
    with pytest.raises(SettingsError, match="ENGAGEMENT_CONFIG"):
        load_config()


@pytest.mark.parametrize("clock", ["yesterday", "1@2", "1@2x"])
def test_a_clock_that_is_none_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch, clock: str) -> None:
    setenv(monkeypatch, ENGAGEMENT_CLOCK=clock)
    with pytest.raises(SettingsError, match="ENGAGEMENT_CLOCK"):
        PollSettings.load()
