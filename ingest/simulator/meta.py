"""How Meta posts its webhooks: where, and signed with an app's secret."""

from collections.abc import Mapping
from random import Random

from ingest.simulator import wire
from ingest.simulator.sender import Endpoint
from ingest.simulator.shows import Setup

_HEADERS = {"Content-Type": "application/json", "User-Agent": "Webhooks/1.0 (https://fb.me/webhooks)"}


def endpoint(setup: Setup, secrets: str) -> Endpoint:
    """`secrets`: the setting of the pipeline that holds them."""
    return Endpoint(f"{setup.receiver}/webhooks/meta", setup.secrets[secrets], _HEADERS, _sign, _forge)


def _sign(body: bytes, secret: str) -> Mapping[str, str]:
    return {"X-Hub-Signature-256": wire.signature(secret, body)}


def _forge(body: bytes, rng: Random) -> Mapping[str, str]:
    wrong = rng.choice((None, "sha256=", "sha256=" + "0" * 64, wire.signature("guessed", body)))
    return {} if wrong is None else {"X-Hub-Signature-256": wrong}
