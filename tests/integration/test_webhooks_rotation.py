"""Secrets, write keys and accounts change while the receiver runs; what it is told wrong, it leaves."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.integration.ingest_run import CURRENT, PREVIOUS, IngestRun, Receiver

NEWEST = "the newest secret"
OLD_KEY, NEW_KEY = "wk_old_0123456789abcdef", "wk_new_0123456789abcdef"


def sites(*keys: str) -> str:
    listed = ", ".join(f'"{key}"' for key in keys)
    return f'[[sites]]\nid = "shop"\nbrand = "b"\nwrite_keys = [{listed}]\n'


@pytest.fixture
def run(kafka_bootstrap: str, tmp_path: Path) -> IngestRun:
    run = IngestRun(tmp_path, kafka_bootstrap, sites=sites(OLD_KEY))
    run.command("topics", "apply")
    return run


@pytest.fixture
def secrets(run: IngestRun, tmp_path: Path) -> Path:
    file = tmp_path / "meta_app_secrets"
    file.write_text(f"{CURRENT},{PREVIOUS}\n", encoding="utf-8")
    del run.environment["ENGAGEMENT_META_APP_SECRETS"]
    run.environment["ENGAGEMENT_META_APP_SECRETS_FILE"] = str(file)
    return file


@pytest.fixture
def receiver(run: IngestRun, secrets: Path) -> Iterator[Receiver]:
    with run.receiver() as receiver:
        receiver.wait_ready()
        yield receiver


def status(receiver: Receiver, secret: str) -> int:
    return receiver.deliver(receiver.run.delivery([receiver.run.value(1)]), secret).status_code


def collected(receiver: Receiver, key: str) -> int:
    told = {"write_key": key, "event_id": "e1"}
    return requests.post(receiver.url("/collect/touches"), json=told, timeout=30).status_code


def reloads(receiver: Receiver, event: str = "settings_reloaded") -> int:
    return receiver.log.read_text(encoding="utf-8").count(f'"event": "{event}"')


def wait(receiver: Receiver, wanted: int, event: str = "settings_reloaded") -> None:
    deadline = time.monotonic() + 60
    while reloads(receiver, event) < wanted:
        assert time.monotonic() < deadline, receiver.log.read_text(encoding="utf-8")
        time.sleep(0.1)


def replace(file: Path, text: str) -> None:
    """As secrets are mounted: another file in its place."""
    new = file.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)


def test_a_secret_is_rotated_without_a_restart(receiver: Receiver, secrets: Path) -> None:
    assert [status(receiver, one) for one in (NEWEST, CURRENT, PREVIOUS)] == [401, 200, 200]
    replace(secrets, f"{NEWEST},{CURRENT}")
    wait(receiver, 1)
    assert [status(receiver, one) for one in (NEWEST, CURRENT, PREVIOUS)] == [200, 200, 401]
    assert receiver.metric('engagement_webhook_signatures_total{platform="meta",secret="1"}') >= 2
    assert not any(one in receiver.log.read_text(encoding="utf-8") for one in (NEWEST, CURRENT, PREVIOUS))


def test_write_keys_and_accounts_are_those_of_the_file(receiver: Receiver, run: IngestRun) -> None:
    other = f"{run.page}9"
    delivery = run.delivery([run.value(2)], page=other)
    assert (collected(receiver, OLD_KEY), collected(receiver, NEW_KEY)) == (204, 401)
    assert receiver.deliver(delivery).status_code == 200
    assert [letter.reason for letter in run.dead_letters(other)] == ["unknown_account"]
    run.sites = sites(NEW_KEY)
    run.configure(run.page, other)
    wait(receiver, 1)
    assert (collected(receiver, OLD_KEY), collected(receiver, NEW_KEY)) == (401, 204)
    before = len(run.dead_letters(other))
    assert receiver.deliver(run.delivery([run.value(3)], page=other)).status_code == 200
    assert len(run.dead_letters(other)) == before


@pytest.mark.parametrize("wrong", ["no TOML", "[partitions]\norganic = 7\n"], ids=["unreadable", "other partitions"])
def test_what_is_told_wrong_is_said_and_nothing_changes(receiver: Receiver, run: IngestRun, wrong: str) -> None:
    right = run.config.read_text(encoding="utf-8")
    run.config.write_text(wrong + right, encoding="utf-8")
    wait(receiver, 1, "settings_refused")
    assert (status(receiver, CURRENT), collected(receiver, OLD_KEY)) == (200, 204)
    run.config.write_text(right, encoding="utf-8")
    wait(receiver, 1)


def test_a_secret_that_is_gone_for_a_moment_ends_nothing(receiver: Receiver, secrets: Path) -> None:
    secrets.rename(secrets.with_suffix(".away"))
    wait(receiver, 1, "settings_refused")
    assert status(receiver, CURRENT) == 200
    assert receiver.process.poll() is None
    replace(secrets, CURRENT)
    wait(receiver, 1)
    assert [status(receiver, one) for one in (CURRENT, PREVIOUS)] == [200, 401]
