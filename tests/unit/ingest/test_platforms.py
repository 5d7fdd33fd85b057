"""A platform is a folder: one that nobody ever heard of is received, polled and configured without another edit."""

import datetime as dt
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner

from contracts import codec, topics
from contracts.config import Account, Config, Partitions
from contracts.events import EngagementEvent
from contracts.platforms import unsent
from deploy.settings import config as settings_command
from ingest import platforms
from ingest.intake import Intake
from ingest.platforms import Platform, load
from ingest.polling.process import accesses
from ingest.records import Record, Records
from ingest.settings import configured, polling, receiving
from ingest.webhooks.setup import endpoints
from runtime.seal import Sealer
from tests.unit.ingest.graph import drive_all
from tests.unit.ingest.test_ingest_settings import setenv

TOY = '''
"""A platform on which everybody greets."""

import hmac

from contracts import identity
from contracts.events import EngagementEvent
from contracts.outcome import Keep
from ingest.platforms import Found, Limits, Part, Plan, Platform, Poll, Request, Setting, Source, Webhook


def greeting(body, account_id, receipt):
    key = identity.object_interaction("comment", body.decode())
    return Part(
        Keep(
            EngagementEvent(
                schema=1,
                event_id=identity.event_id("toy", account_id, "comment", key, "add", ""),
                platform="toy",
                account_id=account_id,
                kind="comment",
                action="add",
                interaction_key=key,
                version_key="",
                post_id="p",
                target_id="p",
                occurred_at=receipt.received_at,
                occurred_quality="approx",
                received_at=receipt.received_at,
                channel=receipt.channel,
                actor_id=receipt.pseudonym("somebody"),
            )
        ),
        account_id,
    )


def parse(body, receipt):
    for account_id in receipt.accounts:
        yield greeting(body, account_id, receipt)


def verify(delivery, secrets):
    signed_with = list(delivery.signatures)
    return next((place for place, secret in enumerate(secrets) if [secret.decode()] == signed_with), None)


def reading(job):
    answer = yield Request("/greetings", {})
    yield Found((greeting(answer.body, job.account.id, answer.receipt),))
    return {"read": answer.as_of}


PLATFORM = Platform(
    name="toy",
    webhook=Webhook(
        endpoint="toy",
        object="toy",
        limits=Limits(1000, 10, 3),
        signature_header="X-Toy",
        secrets=Setting("toy_secrets", "secrets"),
        verify_token=Setting("toy_token", "secret"),
        verify=verify,
        answer_handshake=lambda query, token: query.get("toy"),
        parse=parse,
    ),
    poll=Poll(
        base_url=Setting("toy_url", "text", default="https://toy.example"),
        token=Setting("toy_access", "secret", required=False),
        secrets=None,
        sources=(Source("greetings", lambda polling: 5, lambda job: Plan([reading(job)])),),
        authorise=lambda token, secrets: ({"X-Token": token}, {}),
        failure=lambda status, body: None,
        usage=lambda headers: None,
    ),
)
'''
ACCOUNT = Account("toy", "t1", "Toys", "brand", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
CONFIG = Config(accounts=(ACCOUNT,))
NOW = 1_790_000_000_000
SEALER = Sealer(["a key for tests"])


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """A folder beside the others, as far as Python knows."""
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "__init__.py").write_text(TOY)
    monkeypatch.setattr(platforms, "__path__", [*platforms.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    load.cache_clear()
    yield load()["toy"]
    load.cache_clear()
    del sys.modules["ingest.platforms.toy"]


def events(records: list[Record]) -> list[EngagementEvent]:
    decode = codec.decoder(EngagementEvent)
    return [decode(one.value) for one in records if one.topic == topics.EVENTS.name and one.value is not None]


def intake() -> Intake:
    return Intake(CONFIG, configured(load(), CONFIG), "an identity key", SEALER, Records(Partitions()))


def test_it_stands_beside_the_others_and_is_asked_for_where_it_has_accounts(toy: Platform) -> None:
    assert {"facebook", "instagram", "toy"} <= set(load())
    assert configured(load(), CONFIG) == {"toy": toy}


def test_its_settings_are_those_of_the_commands(toy: Platform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "engagement.toml"
    file.write_text(
        dedent("""
        [brands.b]
        name = "B"
        [[accounts]]
        platform = "toy"
        id = "t1"
        name = "Toys"
        brand = "b"
        connected_at = 2026-01-01T00:00:00Z
        """)
    )
    setenv(monkeypatch, ENGAGEMENT_CONFIG=str(file))
    shown = CliRunner().invoke(settings_command, ["check", "ingest"])
    assert "ENGAGEMENT_TOY_SECRETS" in shown.output
    assert "ENGAGEMENT_META" not in shown.output
    setenv(monkeypatch, ENGAGEMENT_TOY_SECRETS="s", ENGAGEMENT_TOY_TOKEN="t", ENGAGEMENT_TOY_ACCESS="a")
    assert CliRunner().invoke(settings_command, ["check", "ingest"]).exit_code == 0
    assert "ENGAGEMENT_TOY_SECRETS=**********" in CliRunner().invoke(settings_command, ["show", "ingest"]).output


def test_its_deliveries_are_received_on_a_path_of_its_own(toy: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    setenv(monkeypatch, ENGAGEMENT_TOY_SECRETS="s", ENGAGEMENT_TOY_TOKEN="t")
    found = endpoints([toy], receiving([toy]).load())
    assert list(found) == ["toy"]
    assert [signer.platforms for signer in found["toy"].signers.values()] == [(toy,)]
    batch = intake().delivery([toy], b"hello", "webhook", NOW)
    (event,) = events(batch.records)
    assert (event.platform, event.interaction_key) == ("toy", "comment|hello")
    assert event.actor_id not in (None, "somebody")


def test_it_is_polled_with_its_own_credentials(toy: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    setenv(monkeypatch, ENGAGEMENT_TOY_ACCESS="a")
    ((account, access),) = accesses(polling([toy]).load(), CONFIG, load())
    assert (account, access.base_url, access.token()) == (ACCOUNT, "https://toy.example", "a")
    receipt = intake().receipt("toy", "poll", "p", NOW)
    job = platforms.Job(ACCOUNT, dt.UTC, CONFIG.polling, access.base_url, NOW, {})
    asked, found, state = drive_all(access.poll.sources[0].plan(job), lambda _request: {}, receipt=receipt)
    assert [request.path for request in asked] == ["/greetings"]
    assert events(intake().batch("toy", "poll", NOW, "poll", found).records)[0].channel == "poll"
    assert list(state) == ["read"]


def test_it_is_taken_to_send_every_kind_until_the_contract_says_otherwise(toy: Platform) -> None:
    assert unsent(toy.name) == frozenset()
