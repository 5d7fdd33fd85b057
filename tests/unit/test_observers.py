"""Prometheus watches the processes of this machine through the provisioned configuration."""

from pathlib import Path

import yaml

from deploy.local.observers import scraping
from deploy.local.stack import DEPLOY

PROVISIONED = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
HERE = {
    "kafka": "127.0.0.1:9092",
    "metrics.sink-postgres": "http://127.0.0.1:1",
    "metrics.processor-organic": "http://127.0.0.1:2",
    "metrics.processor-organic-2": "http://127.0.0.1:3",
}


def targets(job: str) -> list[str]:
    chosen = scraping(PROVISIONED, HERE, Path("/deploy"))
    groups = [group for one in chosen["scrape_configs"] for group in one["static_configs"]]
    return [target for group in groups if group["labels"]["job"] == job for target in group["targets"]]


def test_each_process_of_a_service_is_a_target_of_its_job() -> None:
    assert targets("processor-organic") == ["127.0.0.1:2", "127.0.0.1:3"]
    assert targets("sink-postgres") == ["127.0.0.1:1"]


def test_a_service_that_does_not_run_here_has_no_target() -> None:
    assert targets("poller") == []


def test_rules_are_found_where_they_are_provisioned_and_nothing_else_changes() -> None:
    chosen = scraping(PROVISIONED, HERE, Path("/deploy"))
    assert chosen["rule_files"] == [f"/deploy/{pattern}" for pattern in PROVISIONED["rule_files"]]
    assert chosen["global"] == PROVISIONED["global"]
    assert "alerting" not in chosen
