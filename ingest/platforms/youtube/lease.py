"""The subscription that has a channel's uploads pushed: it lapses without a word unless it is renewed in time.

A source like any other, which asks the hub and not the API: a poll that finds a day of the lease gone asks anew, and so
does one after somebody said that the hub has ended it. The cursor's state holds when the lease ends. While the hub
cannot be reached the videos are polled all the same.
"""

from ingest.asking import ask
from ingest.platforms import (
    LEASE_EXPIRES_AT,
    Elsewhere,
    Failure,
    Job,
    Plan,
    PollFailed,
    Reading,
    Request,
    Setting,
    State,
)
from ingest.platforms.youtube import websub
from ingest.subscribed import DELETED

CALLBACK = Setting("youtube_callback_url", "text", required=False)
"""Where the receiver's `/webhooks/youtube` is reached from outside; without it nothing is subscribed to."""
HUB = Setting("youtube_hub_url", "text", default="https://pubsubhubbub.appspot.com/subscribe")
HUB_SECRETS = Setting("youtube_hub_secrets", "secrets", required=False)
SETTINGS = (CALLBACK, HUB, HUB_SECRETS)

RENEW_AFTER_SECONDS = 86_400
"""So early that a hub which grants less than was asked for, or stalls for some days, costs nothing."""
ASKED_AGAIN_MS = 600_000
"""Who says that the hub has ended a subscription may be anybody: one that is newer is believed to stand."""
NAME = "lease"
LAPSED = "lease_lapsed"
_DENIED = "denied_at"
"""Name in the state: when the hub was said to have ended the subscription, until it has granted it anew."""
PENDING = "pending"
"""What the hub's answer is called that it will verify the subscription later, if at all."""


def failure(status: int, _body: bytes) -> Failure | None:
    """204 is a verified subscription, anything else is none yet: asked for again at the next poll, which comes soon."""
    if status == 204:
        return None
    return Failure("refuse", PENDING if status == 202 else f"hub_{status}")


def plan(job: Job) -> Plan:
    """Ask for the channel, if there is an address to push to and the lease is not new."""
    known = job.known[NAME].state
    ends_at, denied_at = known.get(LEASE_EXPIRES_AT), known.get(_DENIED)
    if not job.settings[CALLBACK.name] or not job.settings[HUB_SECRETS.name]:
        return Plan([])
    left = ends_at - job.now if isinstance(ends_at, int) else None
    if left is not None and job.is_woken and left < websub.LEASE_SECONDS * 1000 - ASKED_AGAIN_MS:
        denied_at = job.now
    if denied_at is None and left is not None and left > (websub.LEASE_SECONDS - RENEW_AFTER_SECONDS) * 1000:
        return Plan([], {LEASE_EXPIRES_AT: ends_at})
    lost = LAPSED if left is not None and left <= 0 else DELETED if denied_at is not None else None
    return Plan([_subscribe(job, lost)], {_DENIED: denied_at} if denied_at is not None else {})


def _subscribe(job: Job, lost: str | None) -> Reading:
    """The answer does not say how much was granted: it is taken to be what was asked for, from the asking on."""
    (callback,), (hub,) = job.settings[CALLBACK.name], job.settings[HUB.name]
    form = websub.subscription(job.account.id, callback, job.settings[HUB_SECRETS.name][0], websub.LEASE_SECONDS)
    answer = yield from ask(Request("", {}, form, Elsewhere(hub, failure)))
    if answer.failure is not None:
        raise PollFailed(lost or answer.failure.code)
    granted: State = {LEASE_EXPIRES_AT: job.now + websub.LEASE_SECONDS * 1000}
    return granted if lost is None else granted | {_DENIED: None}
