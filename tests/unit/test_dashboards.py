"""The dashboards as data: what Grafana would not complain about, and a reader would."""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from contracts import metrics
from deploy import generate
from deploy.grafana import promql, relations, render
from deploy.grafana.boards import DASHBOARDS
from deploy.grafana.panel import BAD, GOOD, OUTCOME_COLOURS, Dashboard, Panel, Prom, Sql
from deploy.prometheus.alerts import ALERTS
from ingest.platforms import Action

DEPLOY = Path(generate.__file__).parent
METRICS = {metric.name: metric for metric in metrics.load()}
LABELS_OF_PROMETHEUS = {"job", "instance", "le"}

PANELS = [(board, panel) for board in DASHBOARDS for row in board.rows for panel in row.panels]
every_panel = pytest.mark.parametrize(
    ("board", "panel"), PANELS, ids=[f"{board.uid}: {panel.title}" for board, panel in PANELS]
)


def named_metrics(expr: str) -> Iterator[metrics.Metric]:
    """The declared metrics in an expression; a name that is not declared is a KeyError."""
    for name in re.findall(r"engagement_\w+", expr):
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        yield METRICS[base] if name not in METRICS else METRICS[name]


def drawn(board: Dashboard) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render.render(board))
    return document


def test_the_generated_files_are_the_rendered_ones() -> None:
    assert generate.stale() == []


def test_a_generated_file_that_was_edited_is_stale(tmp_path: Path) -> None:
    for name, rendered in generate.GENERATED.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(rendered(), encoding="utf-8")
    edited = "deploy/prometheus/alerts/engagement.yml"
    (tmp_path / edited).write_text("groups: []\n", encoding="utf-8")
    assert generate.stale(tmp_path) == [edited]


@every_panel
def test_a_panel_says_what_it_counts_and_in_which_unit(board: Dashboard, panel: Panel) -> None:
    assert len(panel.doc) > 40
    assert panel.doc.endswith(".")
    assert panel.unit


@every_panel
def test_a_panel_shows_data_and_never_a_constant(board: Dashboard, panel: Panel) -> None:
    for query in panel.queries:
        if isinstance(query, Prom):
            assert "vector(" not in query.expr
            assert list(named_metrics(query.expr)) or re.search(r"\bup\b", query.expr)
        else:
            assert re.search(rf"FROM ({relations.SCHEMA}|pipeline)\.\w+", query.sql)


@every_panel
def test_a_panel_asks_for_labels_that_its_metrics_have(board: Dashboard, panel: Panel) -> None:
    for query in panel.queries:
        if isinstance(query, Prom):
            declared = {label for metric in named_metrics(query.expr) for label in metric.labels}
            grouped = {label.strip() for by in re.findall(r"by \(([^)]*)\)", query.expr) for label in by.split(",")}
            shown = set(re.findall(r"\{\{(\w+)\}\}", query.legend))
            assert grouped <= declared | LABELS_OF_PROMETHEUS
            assert shown <= grouped


@every_panel
def test_the_pickers_reach_every_query_that_has_their_labels(board: Dashboard, panel: Panel) -> None:
    offered = {variable.name for variable in board.variables}
    for query in panel.queries:
        text = query.expr if isinstance(query, Prom) else query.sql
        assert set(re.findall(r"\$\{?(platform|account|brand|currency|model)\b", text)) <= offered
        if isinstance(query, Sql) and relations.SCHEMA in text:
            assert (relations.PICKED if "account" in offered else relations.OF_BRAND) in text


def test_titles_are_unique_on_a_dashboard() -> None:
    for board in DASHBOARDS:
        titles = [panel["title"] for panel in drawn(board)["panels"]]
        assert len(titles) == len(set(titles))


def test_panels_lie_beside_each_other_on_the_grid() -> None:
    for board in DASHBOARDS:
        places = [panel["gridPos"] for panel in drawn(board)["panels"]]
        assert all(place["x"] + place["w"] <= 24 for place in places)
        for a, b in combinations(places, 2):
            apart_x = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
            apart_y = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
            assert apart_x or apart_y, (a, b)


def test_every_declared_metric_is_watched_by_a_panel_or_an_alert() -> None:
    watched = {
        metric.name
        for _, panel in PANELS
        for query in panel.queries
        if isinstance(query, Prom)
        for metric in named_metrics(query.expr)
    }
    watched |= {metric.name for alert in ALERTS for metric in named_metrics(alert.expr)}
    assert METRICS.keys() == watched


def test_success_is_green_and_failure_is_red_wherever_outcomes_are_shown() -> None:
    for _, panel in PANELS:
        if any(isinstance(query, Prom) and "{{outcome}}" in query.legend for query in panel.queries):
            assert panel.colours is OUTCOME_COLOURS
    documented = metrics.DELIVERIES.doc.rpartition(": ")[2].rstrip(".").split(", ")
    refreshes, streams = {"refreshed", "unchanged", "failed"}, {"connected", "disconnected"}
    sites = {"partly", "refused", "limited", "redirected", "unwritten"}
    asked = {*get_args(Action), "ok", "unreachable"}
    assert {*documented, *asked, *refreshes, *streams, *sites} == OUTCOME_COLOURS.keys()
    assert OUTCOME_COLOURS["accepted"] == GOOD
    assert OUTCOME_COLOURS["unavailable"] == BAD


def test_a_label_that_a_metric_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="has no label post_id"):
        promql.rate(metrics.EVENTS_EMITTED, "post_id")


def test_the_provisioned_data_sources_are_those_that_panels_name() -> None:
    provisioned = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/engagement.yml").read_text())
    found = {(source["type"], source["uid"]) for source in provisioned["datasources"]}
    assert found == {(source["type"], source["uid"]) for source in (render.PROMETHEUS, render.POSTGRES)}


def test_grafana_reads_with_the_reading_role_and_a_secret_file() -> None:
    provisioned = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/engagement.yml").read_text())
    [postgres] = [source for source in provisioned["datasources"] if source["uid"] == "postgres"]
    compose = yaml.safe_load((DEPLOY.parent / "docker-compose.yml").read_text())
    assert postgres["user"] == "engagement_reader"
    secret = re.fullmatch(r"\$__file\{/run/secrets/(\w+)\}", postgres["secureJsonData"]["password"])
    assert secret is not None
    assert secret[1] in compose["services"]["grafana"]["secrets"]


def test_prometheus_scrapes_every_process_of_ours_that_keeps_running() -> None:
    compose = yaml.safe_load((DEPLOY.parent / "docker-compose.yml").read_text())
    scraped = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())["scrape_configs"]
    groups = [group for job in scraped for group in job["static_configs"]]
    running = {
        name: service["environment"]["ENGAGEMENT_METRICS_PORT"]
        for name, service in compose["services"].items()
        if "build" in service and service["restart"] != "no"
    }
    assert {group["labels"]["job"]: group["targets"] for group in groups} == {
        name: [f"{name}:{port}"] for name, port in running.items()
    }
