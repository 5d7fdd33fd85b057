"""A platform that has ended a subscription is found out: nothing else tells why nothing is pushed any more."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from contracts.config import Account, Polling
from contracts.events import Wake
from contracts.health import PROBLEMS
from contracts.outcome import Keep
from ingest.meta import subscription
from ingest.platforms import LEASE_EXPIRES_AT, Failure, Job, Known, PollFailed, Request, Source, State, load
from ingest.platforms.woocommerce.readings import plan_webhooks
from ingest.platforms.youtube import lease, push, websub
from tests.unit.ingest import facebook
from tests.unit.ingest.graph import drive_all
from tests.unit.ingest.youtube import CHANNEL, account, receipt

NOW, DAY_MS = 1_790_000_000_000, 86_400_000
OURS, OTHERS = {"id": "1", "subscribed_fields": ["feed"]}, {"id": "2", "subscribed_fields": ["feed"]}
Answers = Callable[[Request], dict[str, Any] | Failure]


def of(platform: str) -> Source:
    poll = load()[platform].poll
    assert poll is not None
    return next(source for source in poll.sources if source.name == subscription.NAME)


def job(name: str, state: State, of: Account, *, is_woken: bool = False, **settings: tuple[str, ...]) -> Job:
    known = {name: Known(state=state)}
    base = "https://api.example"
    return Job(of, dt.UTC, Polling(), base, NOW, known, settings, is_woken=is_woken)


def meta(*apps: dict[str, Any]) -> Answers:
    return lambda request: {"id": "1"} if request.path == "/app" else {"data": list(apps)}


def look(answers: Answers, state: State | None = None, platform: str = "facebook") -> tuple[list[Request], State]:
    plan = of(platform).plan(job(subscription.NAME, state or {}, facebook.account()))
    asked, found, after = drive_all(plan, answers)
    assert found == []
    return asked, after


def test_a_page_that_is_subscribed_to_is_remembered_as_such() -> None:
    asked, state = look(meta(OURS, OTHERS))
    assert [request.path for request in asked] == ["/app", f"/{facebook.PAGE}/subscribed_apps"]
    assert state == {"app": "1", "subscribed_at": NOW}


def test_which_app_is_ours_is_asked_for_once() -> None:
    asked, _ = look(meta(OURS), {"app": "1"})
    assert [request.path for request in asked] == [f"/{facebook.PAGE}/subscribed_apps"]


@pytest.mark.parametrize("apps", [[], [OTHERS], [OURS | {"subscribed_fields": ["ratings"]}]])
def test_one_that_was_and_is_not_any_more_has_lost_its_subscription(apps: list[dict[str, Any]]) -> None:
    with pytest.raises(PollFailed) as failed:
        look(meta(*apps), {"app": "1", "subscribed_at": NOW - 3_600_000})
    assert failed.value.problem == "subscription_deleted"
    assert failed.value.problem in PROBLEMS
    assert failed.value.needs_help


def test_one_that_never_was_is_not_missed_and_one_that_is_long_gone_no_more() -> None:
    assert look(meta(OTHERS))[1] == {"app": "1"}
    assert look(meta(OTHERS), {"app": "1", "subscribed_at": NOW - 7 * DAY_MS})[1] == {"app": "1"}


@pytest.mark.parametrize("action", ["forbidden", "reauthorise", "refuse"])
def test_a_token_that_may_not_look_says_nothing_and_what_was_seen_before_is_kept(action: Any) -> None:
    asked, state = look(lambda _request: Failure(action, "200"), {"subscribed_at": NOW - DAY_MS})
    assert state == {"subscribed_at": NOW - DAY_MS}
    assert all(request.is_optional for request in asked)


def test_a_token_of_another_app_is_found_out_before_a_subscription_is_missed() -> None:
    asked, state = look(meta(OURS), {"app": "2", "subscribed_at": NOW - 1})
    assert [request.path for request in asked] == [f"/{facebook.PAGE}/subscribed_apps", "/app"]
    assert state == {"app": "1", "subscribed_at": NOW}


def test_an_answer_without_a_listing_is_the_platforms_failure() -> None:
    with pytest.raises(PollFailed, match="no_listing"):
        look(lambda _request: {"id": "1"})


def test_any_field_makes_an_instagram_account_subscribed_to() -> None:
    ours = {"id": "1", "subscribed_fields": ["mentions"]}
    assert look(meta(ours), platform="instagram")[1] == {"app": "1", "subscribed_at": NOW}


HOOK = {"status": "active", "topic": "order.updated", "delivery_url": "https://e.example/webhooks/woocommerce"}


def shop(answer: Any, state: State | None = None) -> State:
    plan = plan_webhooks(job("webhooks", state or {}, account()))
    _, _, after = drive_all(plan, lambda _request: answer)
    return after


def test_a_shop_with_our_webhook_is_remembered_as_such() -> None:
    assert shop([HOOK]) == {"subscribed_at": NOW}


@pytest.mark.parametrize(
    "hooks",
    [
        [],
        [HOOK | {"status": "disabled"}],
        [HOOK | {"topic": "product.updated"}],
        [HOOK | {"delivery_url": "https://x"}],
    ],
)
def test_a_shop_that_disabled_or_deleted_it_is_told_of(hooks: list[dict[str, str]]) -> None:
    with pytest.raises(PollFailed) as failed:
        shop(hooks, {"subscribed_at": NOW - DAY_MS})
    assert failed.value.problem == "subscription_deleted"
    assert shop(hooks) == {}


def test_a_key_that_may_only_read_orders_says_nothing_of_webhooks() -> None:
    seen: State = {"subscribed_at": NOW - DAY_MS}
    assert shop(Failure("reauthorise", "woocommerce_rest_cannot_view"), seen) == seen


def test_webhooks_are_read_to_the_last_page() -> None:
    pages = {"1": [HOOK | {"topic": "product.updated"}] * 100, "2": [HOOK]}
    plan = plan_webhooks(job("webhooks", {}, account()))
    asked, _, state = drive_all(plan, lambda request: pages[request.params["page"]])
    assert len(asked) == 2
    assert state == {"subscribed_at": NOW}


def test_a_listing_of_webhooks_in_a_circle_ends_the_poll() -> None:
    with pytest.raises(PollFailed, match="paging_loop"):
        shop([HOOK | {"topic": "product.updated"}] * 100)


DENIAL = {"hub.mode": "denied", "hub.topic": websub.topic(CHANNEL), "hub.reason": "no more"}
SETTINGS = {
    "youtube_callback_url": ("https://engagement.example/webhooks/youtube",),
    "youtube_hub_url": ("https://hub.example/subscribe",),
    "youtube_hub_secrets": ("newer",),
}


def test_a_denial_wakes_the_lease_of_that_channel() -> None:
    (part,) = push.denied(DENIAL, receipt(received_at=NOW))
    assert isinstance(part.outcome, Keep)
    assert part.outcome.value == Wake(1, f"youtube:{CHANNEL}:lease", "youtube", CHANNEL, NOW)


@pytest.mark.parametrize(
    "query",
    [
        {},
        DENIAL | {"hub.mode": "subscribe"},
        DENIAL | {"hub.topic": websub.topic("UCsomebodyelse")},
        DENIAL | {"hub.topic": "https://elsewhere.example/feed"},
    ],
)
def test_what_denies_no_channel_of_ours_is_nothing(query: dict[str, str]) -> None:
    assert list(push.denied(query, receipt(received_at=NOW))) == []


def leased(left: int, answer: Failure | None, state: State | None = None, *, is_woken: bool = True) -> State:
    known = {LEASE_EXPIRES_AT: NOW + left} | (state or {})
    plan = lease.plan(job("lease", known, account(), is_woken=is_woken, **SETTINGS))
    _, _, after = drive_all(plan, lambda _request: answer or {})
    return after


def test_a_hub_that_was_said_to_have_ended_it_is_asked_though_the_lease_is_new() -> None:
    assert leased(5 * DAY_MS - 3_600_000, None)[LEASE_EXPIRES_AT] == NOW + 5 * DAY_MS


def test_if_it_does_not_grant_it_anew_the_subscription_is_gone_until_it_does() -> None:
    refused = Failure("refuse", "hub_409")
    denied: State = {"denied_at": NOW - 60_000}
    for state, is_woken in ((None, True), (denied, False)):
        with pytest.raises(PollFailed) as failed:
            leased(5 * DAY_MS - 3_600_000, refused, state, is_woken=is_woken)
        assert failed.value.problem == "subscription_deleted"
    assert leased(5 * DAY_MS - 3_600_000, None, denied)["denied_at"] is None


def test_one_that_was_granted_a_moment_ago_is_believed_to_stand() -> None:
    """Anybody may say that it was ended: that must not make us ask without end."""
    left = 5 * DAY_MS - 60_000
    assert leased(left, Failure("refuse", "hub_409")) == {LEASE_EXPIRES_AT: NOW + left}
