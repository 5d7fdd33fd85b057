"""`engagement config` shows what holds and reports all that is wrong."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.settings import config
from runtime.cli import EXIT_FAILED

COMPLETE = {
    "ENGAGEMENT_KAFKA_BOOTSTRAP_SERVERS": "broker:9092",
    "ENGAGEMENT_POSTGRES_DSN": "postgresql://writer:hunter2@db/engagement",
    "ENGAGEMENT_SEAL_KEY": "hunter2",
    "ENGAGEMENT_IDENTITY_KEY": "hunter2",
}


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("complete")
def test_effective_settings_are_shown_and_secrets_masked() -> None:
    done = CliRunner().invoke(config, ["show"])
    assert "ENGAGEMENT_KAFKA_BOOTSTRAP_SERVERS=broker:9092" in done.output.splitlines()
    assert "ENGAGEMENT_POSTGRES_DSN=**********" in done.output.splitlines()
    assert "hunter2" not in done.output


@pytest.mark.usefixtures("complete")
def test_complete_settings_are_valid() -> None:
    assert CliRunner().invoke(config, ["check"]).exit_code == 0


def test_all_stages_report_their_wrong_settings_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text("[polling]\npage_size = 1000\n")
    monkeypatch.setenv("ENGAGEMENT_CONFIG", str(tmp_path / "wrong.toml"))
    done = CliRunner().invoke(config, ["check"])
    assert done.exit_code == EXIT_FAILED
    assert all(name in done.output for name in COMPLETE)
    assert "wrong.toml: " in done.output


@pytest.mark.usefixtures("complete")
def test_one_stage_is_asked_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENGAGEMENT_POSTGRES_DSN")
    assert CliRunner().invoke(config, ["check", "processors"]).exit_code == 0
    assert CliRunner().invoke(config, ["check", "sinks"]).exit_code == EXIT_FAILED
