"""docker-compose.yml is valid, confines our containers, and is what the local stack starts."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import secrets
from deploy.local import compose, kafka, services
from deploy.local.overrides import CONTAINER_SECRETS, localised, overridden
from deploy.local.process import inherited_environment
from deploy.local.stack import compose_file
from ingest import platforms
from ingest.platforms import Platform
from runtime.settings import variable

TEXT = compose_file().read_text(encoding="utf-8")
FILE: Mapping[str, Any] = yaml.safe_load(TEXT)
VARIABLES = {"ENGAGEMENT_SECRETS": "/s", "ENGAGEMENT_CONFIG": "/c.toml"}
DECLARED = compose.read(TEXT, VARIABLES)
OURS = [service for service in DECLARED.values() if service.is_ours]
HERE = dict.fromkeys(overridden(), "here")

ours = pytest.mark.parametrize("service", OURS, ids=lambda service: service.name)


def test_the_file_is_valid_compose() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(compose_file())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@ours
def test_a_container_of_ours_is_confined(service: compose.Service) -> None:
    body = FILE["services"][service.name]
    assert body["user"] == "10001:10001"
    assert body["read_only"] is True
    assert body["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in body["security_opt"]
    assert body["pids_limit"]
    assert body["mem_limit"]
    assert body["logging"]["options"]["max-size"]


def test_only_the_receiver_and_grafana_are_published_and_only_the_front_leads_out() -> None:
    assert {name for name, body in FILE["services"].items() if "ports" in body} == {"webhooks", "grafana"}
    assert {name for name, network in FILE["networks"].items() if not network.get("internal")} == {"front"}


def test_every_long_running_service_has_a_health_check_and_comes_back() -> None:
    for name, service in DECLARED.items():
        if name != "init":
            assert service.healthcheck, name
            assert service.restart == "unless-stopped", name


def test_no_secret_stands_in_the_environment() -> None:
    for name, body in FILE["services"].items():
        for name_of, value in body.get("environment", {}).items():
            if any(word in name_of for word in ("PASSWORD", "SECRET", "TOKEN", "KEY", "DSN")):
                assert value.startswith(CONTAINER_SECRETS), f"{name}: {name_of}"
                assert value.removeprefix(CONTAINER_SECRETS) in body["secrets"], f"{name}: {name_of}"


def test_every_secret_is_made_by_make_secrets(tmp_path: Path) -> None:
    secrets.make(tmp_path)
    secrets.write_logins(tmp_path, secrets.logins(tmp_path, "postgres:5432"))
    assert {path.name for path in tmp_path.iterdir()} == FILE["secrets"].keys()


def test_secrets_that_exist_are_kept_and_none_is_a_default(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "seal_key").write_text("mine")
    secrets.make(tmp_path / "one")
    secrets.make(tmp_path / "two")
    assert (tmp_path / "one" / "seal_key").read_text() == "mine"
    assert (tmp_path / "one" / "identity_key").read_text() != (tmp_path / "two" / "identity_key").read_text()


@pytest.mark.parametrize("platform", platforms.load().values(), ids=lambda platform: platform.name)
def test_what_a_platform_needs_reaches_who_speaks_with_it_and_no_other(platform: Platform) -> None:
    hook, poll, stream = platform.webhook, platform.poll, platform.stream
    polled = [one for one in (poll.base_url, poll.token, poll.secrets, *poll.settings) if one] if poll else []
    needed = {
        "webhooks": [one for one in (hook.secrets, hook.verify_token) if one] if hook else [],
        "poller": polled,
        "streamer": [*polled, *(one for one in (stream.hosts, stream.token) if one)] if stream else [],
    }
    every = {variable(one.name) for settings in needed.values() for one in settings}
    for service in OURS:
        wanted = {variable(one.name) for one in needed.get(service.name, [])}
        assert {name.removesuffix("_FILE") for name in service.environment} & every == wanted, service.name


@ours
def test_a_local_process_differs_from_its_container_in_endpoints_and_paths_only(
    service: compose.Service, tmp_path: Path
) -> None:
    spec = services.spec(service, service.name, HERE, tmp_path / "secrets", tmp_path)
    assert [Path(spec.command[0]).name, *spec.command[1:]] == list(service.command)
    assert spec.restarts_unless_stopped is (service.restart == "unless-stopped")
    assert spec.stop_seconds == service.stop_grace
    local = {name: value for name, value in spec.environment.items() if name not in inherited_environment()}
    assert local.keys() == service.environment.keys()
    for name, value in service.environment.items():
        if name in overridden():
            assert local[name] == "here"
        elif value.startswith(CONTAINER_SECRETS):
            assert local[name] == str(tmp_path / "secrets" / value.removeprefix(CONTAINER_SECRETS))
        else:
            assert local[name] == value


def test_a_variable_outside_the_table_cannot_be_overridden(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ENGAGEMENT_SEAL_KEY"):
        localised({}, {"ENGAGEMENT_SEAL_KEY": "x"}, tmp_path)


def test_the_broker_has_the_declared_settings_at_another_address() -> None:
    chosen = kafka.properties(DECLARED["kafka"].environment, 19092, 19093, Path("/data"))
    expected = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in DECLARED["kafka"].environment.items()
        if name.startswith("KAFKA_") and name != "KAFKA_HEAP_OPTS"
    }
    different = {name for name in expected.keys() | chosen.keys() if expected.get(name) != chosen.get(name)}
    assert different == {"listeners", "advertised.listeners", "controller.quorum.voters", "log.dirs"}
    assert chosen["auto.create.topics.enable"] == "false"


def test_services_start_after_what_they_wait_for() -> None:
    order = [service.name for service in compose.start_order(DECLARED, ["sink-postgres"])]
    assert order[-1] == "sink-postgres"
    assert set(order[:-1]) == {"kafka", "postgres", "init"}
    assert order.index("init") == 2


def test_services_that_wait_for_each_other_are_refused() -> None:
    text = json.dumps(
        {
            "services": {
                "a": {"depends_on": {"b": {"condition": "service_started"}}},
                "b": {"depends_on": {"a": {"condition": "service_started"}}},
            }
        }
    )
    with pytest.raises(compose.ComposeError, match="a -> b -> a"):
        list(compose.start_order(compose.read(text, {}), ["a"]))


def test_a_required_variable_that_is_missing_is_named() -> None:
    with pytest.raises(compose.ComposeError, match="PLACE: say where"):
        compose.filled("${PLACE:?say where}", {"PLACE": ""})
    assert compose.filled("${PLACE-default}|${PLACE:-default}", {"PLACE": ""}) == "|default"


def test_what_the_local_stack_would_not_honour_is_refused(tmp_path: Path) -> None:
    text = json.dumps({"services": {"a": {"build": ".", "command": ["true"], "restart": "on-failure"}}})
    with pytest.raises(compose.ComposeError, match="on-failure"):
        services.spec(compose.read(text, {})["a"], "a", {}, tmp_path, tmp_path)
