"""The wires of Shopify, Stripe and WooCommerce as documented: every example a file, every file what it becomes."""

import json
from pathlib import Path

import msgspec
import pytest
from msgspec import Raw

from contracts.outcome import Keep
from contracts.reasons import DEAD_LETTERS, DROPS
from ingest.platforms.woocommerce.parse import polled
from ingest.platforms.woocommerce.requests import failure
from tests.contract.shops_golden import FIXTURES, PLATFORMS, became, deliveries, golden
from tests.unit.ingest.shops import account, delivery, parts, receipt, webhook

DELIVERIES = [(platform, path) for platform in PLATFORMS for path in deliveries(platform)]
VECTORS = [
    (platform, vector)
    for platform in PLATFORMS
    for vector in json.loads((FIXTURES / platform / "signatures.json").read_text(encoding="utf-8"))
]
REST = FIXTURES / "woocommerce" / "rest"


def body_of(platform: str, name: str) -> bytes:
    return (FIXTURES / platform / "webhook" / f"{name}.json").read_bytes()


@pytest.mark.parametrize(("platform", "path"), DELIVERIES, ids=[f"{name}-{path.stem}" for name, path in DELIVERIES])
def test_every_delivery_becomes_what_was_reviewed(platform: str, path: Path) -> None:
    assert became(platform, path) == json.loads(golden(platform).read_text(encoding="utf-8"))[path.stem]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_reason_that_the_fixtures_meet_is_a_word_of_the_contract(platform: str) -> None:
    reviewed = json.loads(golden(platform).read_text(encoding="utf-8"))
    assert set(reviewed) == {path.stem for path in deliveries(platform)}
    for outcomes in reviewed.values():
        for outcome in outcomes:
            assert outcome.get("drop", "no_purchase") in DROPS
            assert outcome.get("refuse", "oversized") in DEAD_LETTERS


@pytest.mark.parametrize(("platform", "vector"), VECTORS)
def test_signatures_are_those_of_openssl_over_the_bytes_as_sent(platform: str, vector: dict[str, str]) -> None:
    body, hook = body_of(platform, vector["delivery"]), webhook(platform)
    secrets = [b"another secret", vector["secret"].encode()]
    sent = delivery(platform, body, signatures=[vector["signature"]])
    assert hook.verify(sent, secrets) == 1
    assert hook.verify(sent, secrets[:1]) is None
    dumped_again = json.dumps(json.loads(body)).encode()
    assert hook.verify(delivery(platform, dumped_again, signatures=[vector["signature"]]), secrets) is None


def test_an_order_is_the_same_whether_it_was_pushed_or_polled() -> None:
    raw = msgspec.json.decode((REST / "orders.json").read_bytes(), type=list[Raw])
    for one in raw:
        from_listing = list(polled(account("woocommerce"), one, receipt("woocommerce")))
        assert from_listing == parts("woocommerce", bytes(one), "order.updated")
        assert all(isinstance(part.outcome, Keep) for part in from_listing)


@pytest.mark.parametrize(
    ("name", "status", "action", "code"),
    [
        ("error_key", 401, "reauthorise", "woocommerce_rest_cannot_view"),
        ("error_parameter", 400, "refuse", "rest_invalid_param"),
        ("error_no_route", 404, "forbidden", "rest_no_route"),
    ],
)
def test_a_documented_error_of_a_shop_is_known(name: str, status: int, action: str, code: str) -> None:
    found = failure(status, (REST / f"{name}.json").read_bytes())
    assert found is not None
    assert (found.action, found.code) == (action, code)


def test_a_listing_is_no_failure() -> None:
    assert failure(200, (REST / "orders.json").read_bytes()) is None
