"""The hub: it takes subscriptions, verifies them, and posts to those that have not lapsed."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha1
from hmac import new
from random import Random

import aiohttp
from aiohttp import web

from ingest.simulator.faults import Plan, Tally
from ingest.simulator.malformed import STRANGER
from ingest.simulator.outbox import Delivery
from ingest.simulator.sender import Endpoint, Sender
from ingest.simulator.shows import Setup

PATH = "/youtube/hub"
MOST_LEASE_SECONDS = 864_000
STALLS_EVERY = 3
_TOPIC = "https://www.youtube.com/xml/feeds/videos.xml?channel_id="


def sign(body: bytes, secret: str) -> Mapping[str, str]:
    return {"X-Hub-Signature": "sha1=" + new(secret.encode(), body, sha1).hexdigest()}


def _forge(body: bytes, rng: Random) -> Mapping[str, str]:
    wrong: tuple[Mapping[str, str], ...]
    wrong = ({}, {"X-Hub-Signature": "sha1="}, {"X-Hub-Signature": "sha1=" + "0" * 40}, sign(body, "guessed"))
    return rng.choice(wrong)


class Hub(Sender[Delivery]):
    """A courier that brings nothing to whom has not asked for it."""

    def __init__(
        self,
        setup: Setup,
        secrets_in: str,
        taken: Callable[[Delivery], None],
        plan: Plan,
        tally: Tally,
        rng: Random,
    ) -> None:
        headers = {"Content-Type": "application/atom+xml", "User-Agent": "FeedFetcher-Google"}
        url = f"{setup.receiver}/webhooks/youtube"
        super().__init__(Endpoint(url, setup.secrets[secrets_in], headers, sign, _forge), taken, plan, tally, rng)
        self._clock = setup.clock
        self._until: dict[str, int] = {}

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.post(PATH, self._subscribe)]

    def put(self, parcels: Iterable[Delivery]) -> None:
        """Those of channels that nobody has subscribed to, or no longer, are never told of."""
        subscribed = {channel for channel, until in self._until.items() if self._clock.now_ms() < until}
        for parcel in parcels:
            if subscribed and {change.page for change in parcel.changes} - {STRANGER} <= subscribed:
                super().put([parcel])
            else:
                self._tally.add("unsubscribed")

    async def _subscribe(self, request: web.Request) -> web.Response:
        """Verified before the answer: 204 if the subscriber wants it, 409 if not, and 503 when it pleases."""
        form = await request.post()
        wanted = {name: str(value) for name, value in form.items()}
        topic = wanted.get("hub.topic", "")
        if wanted.get("hub.mode") != "subscribe" or not topic.startswith(_TOPIC) or "hub.callback" not in wanted:
            return web.Response(status=400, text="no such subscription")
        if self._plan.server_error_every and self._tally.due("hub_stalled", STALLS_EVERY):
            self._tally.add("hub_stalled")
            return web.Response(
                status=503, text="Transient error; please try again later", headers={"Retry-After": "120"}
            )
        lease = min(int(wanted.get("hub.lease_seconds", MOST_LEASE_SECONDS)), MOST_LEASE_SECONDS)
        if not await self._is_wanted(wanted, topic, lease):
            return web.Response(status=409, text="the subscriber did not confirm it")
        self._until[topic.removeprefix(_TOPIC)] = self._clock.now_ms() + lease * 1000
        return web.Response(status=204)

    async def _is_wanted(self, wanted: Mapping[str, str], topic: str, lease: int) -> bool:
        challenge = secrets.token_urlsafe(24)
        query = {
            "hub.mode": "subscribe",
            "hub.topic": topic,
            "hub.challenge": challenge,
            "hub.lease_seconds": str(lease),
            "hub.verify_token": wanted.get("hub.verify_token", ""),
        }
        timeout = aiohttp.ClientTimeout(total=10)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(wanted["hub.callback"], params=query) as answer,
            ):
                return answer.status == 200 and await answer.text() == challenge
        except (aiohttp.ClientError, TimeoutError):
            return False
