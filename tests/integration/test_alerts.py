"""The alerts and the configurations around them, judged by promtool and amtool themselves."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from deploy import generate
from deploy.prometheus.alerts import ALERTS
from tests.integration.installed import needs

DEPLOY = Path(generate.__file__).parent
NOBODY = {"PATH": os.environ["PATH"]}
MAIL = NOBODY | {
    "ALERT_EMAIL_TO": "oncall@example.org",
    "ALERT_EMAIL_FROM": "alerts@example.org",
    "ALERT_SMTP_SMARTHOST": "mail.example.org:587",
    "ALERT_SMTP_USERNAME": "alerts",
}


def run(*command: str | Path, environment: dict[str, str] = NOBODY) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, env=environment)


def configuration(secrets: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return run(
        "sh",
        DEPLOY / "alertmanager/configuration.sh",
        environment=environment | {"ALERT_SECRETS": str(secrets)},
    )


@needs("promtool")
def test_prometheus_takes_its_configuration_and_rules() -> None:
    checked = run("promtool", "check", "config", DEPLOY / "prometheus/prometheus.yml")
    assert checked.returncode == 0, checked.stderr
    assert f"{len(ALERTS)} rules found" in checked.stdout


@needs("promtool")
def test_the_alerts_fire_and_keep_silent_as_their_tests_say() -> None:
    tested = run("promtool", "test", "rules", DEPLOY / "prometheus/tests/alerts.yml")
    assert tested.returncode == 0, tested.stdout + tested.stderr


@needs("promtool")
def test_the_tests_of_the_alerts_notice_another_threshold(tmp_path: Path) -> None:
    rules = (DEPLOY / "prometheus/alerts/engagement.yml").read_text(encoding="utf-8")
    (tmp_path / "alerts").mkdir()
    (tmp_path / "tests").mkdir()
    (tmp_path / "alerts/engagement.yml").write_text(rules.replace("> 50000", "> 500000"), encoding="utf-8")
    cases = yaml.safe_load((DEPLOY / "prometheus/tests/alerts.yml").read_text(encoding="utf-8"))
    cases["tests"] = [
        case for case in cases["tests"] if "SinkLagging" in {one["alertname"] for one in case["alert_rule_test"]}
    ]
    (tmp_path / "tests/alerts.yml").write_text(yaml.safe_dump(cases), encoding="utf-8")
    tested = run("promtool", "test", "rules", tmp_path / "tests/alerts.yml")
    assert tested.returncode != 0
    assert "SinkLagging" in tested.stdout + tested.stderr


@needs("amtool")
@pytest.mark.parametrize("environment", [NOBODY, MAIL], ids=["no mail", "mail"])
@pytest.mark.parametrize("webhook", ["", "https://example.org/hook?who=o'brien&to=a:b"], ids=["no webhook", "webhook"])
def test_alertmanager_takes_any_choice_of_receivers(tmp_path: Path, environment: dict[str, str], webhook: str) -> None:
    (tmp_path / "alert_webhook_url").write_text(webhook)
    (tmp_path / "alert_smtp_password").write_text("it's: a #secret\n")
    rendered = configuration(tmp_path, environment)
    assert rendered.returncode == 0, rendered.stderr
    (tmp_path / "alertmanager.yml").write_text(rendered.stdout)
    checked = run("amtool", "check-config", tmp_path / "alertmanager.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    [receiver] = yaml.safe_load(rendered.stdout)["receivers"]
    assert [hook["url"] for hook in receiver.get("webhook_configs", [])] == [webhook] * bool(webhook)
    mails = [(mail["to"], mail["auth_password"]) for mail in receiver.get("email_configs", [])]
    assert mails == [("oncall@example.org", "it's: a #secret")] * (environment is MAIL)


def test_a_mail_receiver_without_a_server_is_refused(tmp_path: Path) -> None:
    half = NOBODY | {"ALERT_EMAIL_TO": "oncall@example.org", "ALERT_EMAIL_FROM": "alerts@example.org"}
    refused = configuration(tmp_path, half)
    assert refused.returncode != 0
    assert "ALERT_SMTP_SMARTHOST" in refused.stderr


def test_the_container_gives_alertmanager_what_the_configuration_reads() -> None:
    declared = yaml.safe_load((DEPLOY.parent / "docker-compose.yml").read_text())["services"]["alertmanager"]
    script = (DEPLOY / "alertmanager/configuration.sh").read_text()
    for variable in declared["environment"]:
        assert f"${{{variable}:" in script or f'"${variable}"' in script
    for secret in declared["secrets"]:
        assert f"secret {secret}" in script
