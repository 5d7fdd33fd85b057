"""A person who is erased is gone from everything that says who they are, the counts stay, and no replay undoes it."""

import hmac
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
import requests

from contracts import codec, topics
from contracts.events import EngagementEvent
from deploy.local.settings import LocalSettings
from deploy.local.stack import LocalStack
from ingest.identity import pseudonymiser
from ingest.kafka import read
from processors.engine.positions import GENERATION_SHIFT

PAGE, POST = "1001", "1001_2001"
ANN, BOB = "5551", "5552"
SECRET = "an app secret"
PATIENCE = 120.0
CONFIG = f"""
[brands.b]
name = "B"
[[accounts]]
platform = "facebook"
id = "{PAGE}"
name = "A page"
brand = "b"
connected_at = 2026-01-01T00:00:00Z
[privacy]
people = "named"
"""
COUNTS = (
    "engagement_by_post",
    "engagement_by_post_minute",
    "engagement_by_account_hour",
    "engagement_by_account_day",
    "reactions_by_post",
    "community_by_account_day",
)
LEFT_OUT = ("version", "updated_at")


class Page:
    """The stack, what happens at its page, and what its tables say."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        identify = pseudonymiser((stack.secrets / "identity_key").read_text(), "facebook")
        self.ann, self.bob = identify(ANN), identify(BOB)

    def deliver(self, *values: dict[str, Any]) -> None:
        changes = [{"field": "feed", "value": {"post_id": POST, "parent_id": POST, **value}} for value in values]
        entry = {"id": PAGE, "time": int(time.time()), "changes": changes}
        body = json.dumps({"object": "page", "entry": [entry]}).encode()
        signature = "sha256=" + hmac.new(SECRET.encode(), body, "sha256").hexdigest()
        url = f"{self.stack.addresses['webhooks']}/webhooks/meta"
        answer = requests.post(url, data=body, headers={"X-Hub-Signature-256": signature}, timeout=60)
        assert answer.status_code == 200

    def run(self, *arguments: str, code: int = 0) -> str:
        """A command with all that the operator has."""
        environment = self.stack.environment("webhooks") | {"ENGAGEMENT_POSTGRES_DSN": self.stack.dsn("writer")}
        command = ["engagement", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == code, done.stderr
        return done.stdout

    def erase(self, *arguments: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.run("erase", "--platform", "facebook", *arguments))
        return answer

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.stack.dsn("writer")) as connection:
            return connection.execute(sql.encode()).fetchall()

    def people(self, relation: str) -> set[str | None]:
        return {actor for (actor,) in self.query(f"SELECT actor_id FROM analytics.{relation}")}

    def counts(self) -> dict[str, set[str]]:
        found = {}
        for name in COUNTS:
            columns = ", ".join(f"'{column}'" for column in LEFT_OUT)
            rows = self.query(f"SELECT (to_jsonb(t) - ARRAY[{columns}])::text FROM analytics.{name} AS t")
            found[name] = {row for (row,) in rows}
        return found

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, f"see {self.stack.data_dir / 'logs'}"
            time.sleep(0.1)

    def until_counted(self, comments: int) -> None:
        self.until(lambda: self.query("SELECT sum(comments)::int FROM analytics.engagement_by_post") == [(comments,)])


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    directory = tmp_path_factory.mktemp("erasure")
    config = directory / "engagement.toml"
    config.write_text(CONFIG, encoding="utf-8")
    with LocalStack(
        directory / "stack", settings=LocalSettings.load(config=config), secrets={"meta_app_secrets": SECRET}
    ) as stack:
        stack.start("webhooks", "processor-organic", "processor-paid", "sink-postgres")
        yield Page(stack)


def person(actor: str) -> dict[str, Any]:
    return {"from": {"id": actor, "name": f"name of {actor}"}}


def comment(actor: str, number: int, ago: int = 60, **fields: Any) -> dict[str, Any]:
    at = int(time.time()) - ago
    return {
        "item": "comment", "verb": "add", "comment_id": f"2001_{number}", "created_time": at, "message": "m"
    } | person(actor) | fields  # fmt: skip


def love(actor: str, ago: int = 60) -> dict[str, Any]:
    at = int(time.time()) - ago
    return {"item": "reaction", "verb": "add", "reaction_type": "love", "created_time": at} | person(actor)


def unusable(actor: str) -> dict[str, Any]:
    return {"item": "something new", "verb": "add"} | person(actor)


@pytest.fixture(scope="module")
def erased(page: Page) -> dict[str, Any]:
    """Ann and Bob do the same, then Ann is erased: what the command printed, and the counts before it."""
    for number, actor in enumerate((ANN, BOB)):
        page.deliver(love(actor), comment(actor, number), unusable(actor))
    page.until_counted(2)
    page.until(lambda: page.people("people") == {page.ann, page.bob})
    page.until(lambda: page.query("SELECT count(*) FROM pipeline.dead_letters") == [(2,)])
    before = page.counts()
    assert page.people("community_members") == {page.ann, page.bob}
    assert page.people("inbound_comments") == {page.ann, page.bob}
    return {"answer": page.erase("--person", ANN), "counts": before}


def test_the_command_tells_what_said_who_they_were(page: Page, erased: dict[str, Any]) -> None:
    answer = erased["answer"]
    assert {name: answer[name] for name in ("community_members", "inbound_comments", "people", "dead_letters")} == {
        "community_members": 1,
        "inbound_comments": 1,
        "people": 1,
        "dead_letters": 1,
    }
    [(erasure_id, cleared_at)] = page.query("SELECT erasure_id, cleared_at FROM pipeline.erasures")
    assert erasure_id == answer["erasure_id"]
    assert cleared_at.isoformat() == answer["cleared_at"]


@pytest.mark.usefixtures("erased")
def test_nothing_names_them_any_more(page: Page) -> None:
    assert page.people("community_members") == {page.bob}
    assert page.people("inbound_comments") == {None, page.bob}
    assert page.people("people") == {page.bob}
    assert page.query("SELECT count(*) FROM pipeline.dead_letters") == [(1,)]


def test_every_count_is_what_it_was(page: Page, erased: dict[str, Any]) -> None:
    assert page.counts() == erased["counts"]


@pytest.mark.usefixtures("erased")
def test_what_is_sent_again_brings_nobody_back(page: Page) -> None:
    page.deliver(comment(ANN, 0, ago=90), comment(BOB, 2))
    page.until_counted(3)
    assert page.people("community_members") == {page.bob}
    assert page.people("inbound_comments") == {None, page.bob}
    assert page.people("people") == {page.bob}


@pytest.mark.usefixtures("erased")
def test_somebody_who_was_never_there_can_be_erased(page: Page) -> None:
    answer = page.erase("--pseudonym", "0f" * 16)
    assert (answer["community_members"], answer["dead_letters"]) == (0, 0)
    assert answer["cleared_at"]


@pytest.mark.usefixtures("erased")
def test_a_rebuild_recounts_and_names_nobody_who_was_erased(page: Page) -> None:
    before = page.counts()
    page.run("rebuild", "organic")
    page.run("ingest", "tick")
    newest = f"SELECT min(version) >> {GENERATION_SHIFT} FROM pipeline.applied_positions WHERE processor = 'organic'"
    page.until(lambda: page.query(newest) == [(1,)])
    page.until(lambda: page.query("SELECT min(version) >> 48 FROM analytics.engagement_by_account_day") == [(1,)])
    assert page.counts() == before
    assert page.people("community_members") == {page.bob}
    assert page.people("inbound_comments") == {None, page.bob}


@pytest.mark.usefixtures("erased")
def test_whoever_comes_back_is_a_new_person(page: Page) -> None:
    page.deliver(comment(ANN, 7, ago=0))
    page.until_counted(4)
    page.until(lambda: page.people("community_members") == {page.ann, page.bob})
    page.until(lambda: page.people("people") == {page.ann, page.bob})
    [(first, active)] = page.query(
        f"SELECT comments, active_days FROM analytics.community_members WHERE actor_id = '{page.ann}'"
    )
    assert (first, active) == (1, 1)


def actors(page: Page) -> set[str]:
    """Who is named in the events that were written so far."""
    decode = codec.decoder(EngagementEvent)
    records = read(page.stack.bootstrap_servers, topics.EVENTS.name)
    return {event.actor_id for key, value in records if b":" in key and value and (event := decode(value)).actor_id}


def speak_until(page: Page, actor: str, number: int, holds: Callable[[], bool]) -> None:
    """The receiver looks every few seconds whether its settings have changed: comment after comment until then."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"see {page.stack.data_dir / 'logs'}"
        page.deliver(comment(actor, number, ago=0))
        number += 1
        time.sleep(1)


@pytest.mark.usefixtures("erased")
def test_who_is_heard_of_while_the_identity_key_changes_stays_who_they_were_and_can_be_erased(page: Page) -> None:
    secrets, bob_next = page.stack.secrets, pseudonymiser("the next key", "facebook")(BOB)
    (secrets / "identity_key_next").write_text("the next key", encoding="utf-8")
    aliases = topics.STATE_ALIASES.name
    speak_until(
        page, BOB, 100, lambda: any(key == bob_next.encode() for key, _ in read(page.stack.bootstrap_servers, aliases))
    )
    (secrets / "identity_key").write_text("the next key", encoding="utf-8")
    (secrets / "identity_key_next").write_text("", encoding="utf-8")
    speak_until(page, BOB, 200, lambda: bob_next in actors(page))
    page.deliver(comment(BOB, 300, ago=0, message="the last"))
    page.until(
        lambda: page.query("SELECT count(*) FROM analytics.inbound_comments WHERE comment_id = '2001_300'") == [(1,)]
    )
    assert page.people("community_members") >= {page.bob}
    assert bob_next not in page.people("community_members") | page.people("inbound_comments") | page.people("people")
    answer = page.erase("--person", BOB)
    assert answer["community_members"] == 1
    assert page.bob not in page.people("community_members") | page.people("inbound_comments") | page.people("people")
