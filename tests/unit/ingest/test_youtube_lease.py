"""The lease of a channel's subscription: asked for, renewed early, and never the reason that nothing is polled."""

from datetime import UTC

import pytest

from contracts.config import Polling
from contracts.health import PROBLEMS
from ingest.platforms import LEASE_EXPIRES_AT, Failure, Job, Known, Plan, PollFailed, Request, State
from ingest.platforms.youtube import lease, websub
from tests.unit.ingest.graph import drive_all
from tests.unit.ingest.youtube import CHANNEL, account

NOW = 1_790_000_000_000
DAY_MS = 86_400_000
CALLBACK = "https://engagement.example/webhooks/youtube"
SETTINGS = {
    "youtube_callback_url": (CALLBACK,),
    "youtube_hub_url": ("https://hub.example/subscribe",),
    "youtube_hub_secrets": ("newer", "older"),
}


def plan(ends_in: int | None = None, missing: str = "") -> Plan:
    state: State = {} if ends_in is None else {LEASE_EXPIRES_AT: NOW + ends_in}
    known = {"lease": Known(state=state)}
    settings = {name: () if name == missing else values for name, values in SETTINGS.items()}
    job = Job(account(), UTC, Polling(), "https://api.example", NOW, known, settings)
    return lease.plan(job)


def told(answer: Failure | None, ends_in: int | None = None) -> tuple[list[Request], State]:
    asked, found, state = drive_all(plan(ends_in), lambda _request: answer or {})
    assert found == []
    return asked, state


def test_the_hub_is_asked_for_the_channel_and_told_how_to_sign() -> None:
    (request,), state = told(None)
    assert request.elsewhere is not None
    assert request.elsewhere.base_url + request.path == "https://hub.example/subscribe"
    assert request.form is not None
    assert dict(request.form) == {
        "hub.mode": "subscribe",
        "hub.callback": CALLBACK,
        "hub.topic": websub.topic(CHANNEL),
        "hub.verify": "sync",
        "hub.verify_token": websub.token("newer", websub.topic(CHANNEL)),
        "hub.secret": "newer",
        "hub.lease_seconds": "432000",
    }
    assert state == {LEASE_EXPIRES_AT: NOW + 5 * DAY_MS}


def test_what_the_hub_is_told_passes_the_handshake() -> None:
    (request,), _ = told(None)
    query = {**(request.form or {}), "hub.challenge": "c"}
    assert [websub.answer_handshake(query, secret) for secret in ("newer", "older")] == ["c", None]


def test_a_new_lease_is_left_alone_and_an_older_one_renewed_long_before_it_ends() -> None:
    new = plan(4 * DAY_MS + 1)
    assert (new.readings, new.kept) == ([], {LEASE_EXPIRES_AT: NOW + 4 * DAY_MS + 1})
    assert len(plan(4 * DAY_MS).readings) == 1


@pytest.mark.parametrize("missing", ["youtube_callback_url", "youtube_hub_secrets"])
def test_without_an_address_or_a_secret_nothing_is_subscribed_to(missing: str) -> None:
    assert plan(missing=missing).readings == []


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (204, None),
        (202, Failure("refuse", "pending")),
        (503, Failure("refuse", "hub_503")),
        (409, Failure("refuse", "hub_409")),
        (302, Failure("refuse", "hub_302")),
    ],
)
def test_the_hub_s_answers(status: int, expected: Failure | None) -> None:
    assert lease.failure(status, b"whatever it says") == expected


def test_a_hub_that_does_not_confirm_leaves_the_lease_as_it_is() -> None:
    for ends_in in (None, DAY_MS):
        with pytest.raises(PollFailed) as failed:
            told(Failure("refuse", "pending"), ends_in)
        assert failed.value.reason == "pending"
        assert not failed.value.needs_help


def test_once_the_lease_has_ended_that_is_what_is_wrong() -> None:
    with pytest.raises(PollFailed) as failed:
        told(Failure("refuse", "hub_409"), 0)
    assert failed.value.reason == "lease_lapsed"
    assert failed.value.problem in PROBLEMS
