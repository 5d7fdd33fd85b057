"""Alerts, their tests and their runbook belong together; what promtool says is in the integration tests."""

import re
from pathlib import Path

import pytest
import yaml

from contracts import reasons
from deploy import generate
from deploy.grafana.boards import DASHBOARDS
from deploy.prometheus.alerts import ALERTS, RUNBOOK, Alert
from tests.unit.test_dashboards import METRICS, named_metrics

ROOT = Path(generate.__file__).parent.parent
PARTS_OF_A_SECTION = ("Symptom", "What it means", "Look here", "Do this")
CASES = yaml.safe_load((ROOT / "deploy/prometheus/tests/alerts.yml").read_text())["tests"]

every_alert = pytest.mark.parametrize("alert", ALERTS, ids=[alert.name for alert in ALERTS])


def runbook() -> dict[str, str]:
    """Heading -> text of the section."""
    _, *parts = re.split(r"^## ", (ROOT / RUNBOOK).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def test_each_alert_has_a_section_in_the_runbook_and_each_section_an_alert() -> None:
    assert list(runbook()) == [alert.name for alert in ALERTS]


@every_alert
def test_a_section_leads_from_the_symptom_to_what_to_do(alert: Alert) -> None:
    assert tuple(re.findall(r"^\*\*(.+?)\.\*\*", runbook()[alert.name], re.MULTILINE)) == PARTS_OF_A_SECTION


def test_the_runbook_names_panels_that_exist() -> None:
    titles = {panel.title for board in DASHBOARDS for row in board.rows for panel in row.panels}
    named = set(re.findall(r"(?<!\*)\*([A-Z][^*\n]+)\*(?!\*)", "".join(runbook().values())))
    assert named
    assert named <= titles


def test_every_reason_has_its_line_in_the_runbook() -> None:
    text = (ROOT / "docs/runbook-reasons.md").read_text(encoding="utf-8")
    assert re.findall(r"^### (\w+)$", text, re.MULTILINE) == [*reasons.DEAD_LETTERS, *reasons.DROPS]


@every_alert
def test_an_alert_reads_declared_metrics_and_points_into_the_runbook(alert: Alert) -> None:
    assert list(named_metrics(alert.expr)) or alert.expr.startswith("up ")
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts/engagement.yml").read_text())["groups"][0]["rules"]
    [rule] = [rule for rule in rules if rule["alert"] == alert.name]
    assert rule["annotations"]["runbook_url"] == f"{RUNBOOK}#{alert.name.lower()}"
    assert rule["labels"]["severity"] in ("critical", "warning")


@every_alert
def test_an_alert_is_tested_to_fire_and_to_keep_silent(alert: Alert) -> None:
    outcomes = {
        bool(expected["exp_alerts"])
        for case in CASES
        for expected in case["alert_rule_test"]
        if expected["alertname"] == alert.name
    }
    assert outcomes == {True, False}


def test_the_tests_of_alerts_use_series_as_they_are_exported() -> None:
    for case in CASES:
        for series in case["input_series"]:
            name, _, matchers = series["series"].partition("{")
            labels = set(re.findall(r"(\w+)=", matchers))
            assert name == "up" or labels - {"job", "instance"} == set(METRICS[name].labels), name
