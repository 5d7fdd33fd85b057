"""Settings: every wrong one at once, secrets never shown, files instead of variables."""

from pathlib import Path

import pytest

from runtime.settings import (
    KafkaSettings,
    Listed,
    MetricsSettings,
    PostgresSettings,
    Secrets,
    SettingsError,
    shown,
)


class Stage(KafkaSettings, PostgresSettings, MetricsSettings):
    app_secrets: Secrets
    topics: Listed[str] = ()


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGEMENT_KAFKA_BOOTSTRAP_SERVERS", "one:9092,two:9092")
    monkeypatch.setenv("ENGAGEMENT_POSTGRES_DSN", "postgresql://writer:hunter2@db/engagement")
    monkeypatch.setenv("ENGAGEMENT_APP_SECRETS", "current, previous")


def lines_of(error: pytest.ExceptionInfo[SettingsError]) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in str(error.value).splitlines())


def test_all_wrong_settings_are_reported_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGEMENT_METRICS_PORT", "ninety")
    monkeypatch.setenv("ENGAGEMENT_POSTGRES_DSN_FILE", "/nowhere/dsn")
    with pytest.raises(SettingsError) as error:
        Stage.load()
    lines = lines_of(error)
    assert lines["ENGAGEMENT_KAFKA_BOOTSTRAP_SERVERS"] == "required, but not set"
    assert lines["ENGAGEMENT_APP_SECRETS"] == "required, but not set"
    assert "integer" in lines["ENGAGEMENT_METRICS_PORT"]
    assert "cannot be read" in lines["ENGAGEMENT_POSTGRES_DSN"]
    assert len(lines) == 4


def test_no_value_is_shown_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGEMENT_METRICS_PORT", "hunter2")
    with pytest.raises(SettingsError) as error:
        Stage.load()
    assert "hunter2" not in str(error.value)


@pytest.mark.usefixtures("complete")
def test_a_list_is_split_at_commas_and_keeps_its_order() -> None:
    assert [secret.get_secret_value() for secret in Stage.load().app_secrets] == ["current", "previous"]


@pytest.mark.usefixtures("complete")
def test_secrets_are_masked_wherever_settings_are_shown() -> None:
    settings = Stage.load()
    text = f"{settings!r} {settings} {dict(shown(settings))}"
    assert "hunter2" not in text
    assert "previous" not in text
    assert dict(shown(settings))["ENGAGEMENT_KAFKA_BOOTSTRAP_SERVERS"] == "one:9092,two:9092"


@pytest.mark.usefixtures("complete")
def test_a_setting_is_read_from_the_file_that_its_file_variable_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "dsn").write_text("postgresql://from-the-file\n")
    monkeypatch.delenv("ENGAGEMENT_POSTGRES_DSN")
    monkeypatch.setenv("ENGAGEMENT_POSTGRES_DSN_FILE", str(tmp_path / "dsn"))
    assert Stage.load().postgres_dsn.get_secret_value() == "postgresql://from-the-file"


@pytest.mark.usefixtures("complete")
def test_a_setting_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "dsn").write_text("postgresql://from-the-file")
    monkeypatch.setenv("ENGAGEMENT_POSTGRES_DSN_FILE", str(tmp_path / "dsn"))
    with pytest.raises(SettingsError, match="set both directly and as"):
        Stage.load()


@pytest.mark.usefixtures("complete")
def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    monkeypatch.setenv("ENGAGEMENT_METRICS_PORT", "")
    assert Stage.load().metrics_port == 0
    monkeypatch.delenv("ENGAGEMENT_APP_SECRETS")
    monkeypatch.setenv("ENGAGEMENT_APP_SECRETS_FILE", str(tmp_path / "empty"))
    with pytest.raises(SettingsError, match="ENGAGEMENT_APP_SECRETS: required"):
        Stage.load()


@pytest.mark.usefixtures("complete")
def test_what_is_given_wins_over_the_environment() -> None:
    assert Stage.load(kafka_bootstrap_servers="here:1").kafka_bootstrap_servers == "here:1"
