"""Shops speak to a real receiver on a real broker, each in its own way; what was refused is replayed when it can be."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import requests

from contracts import codec, topics
from contracts.paid import Order
from ingest.kafka import read
from ingest.platforms.stripe.signature import signature as stripe_signature
from ingest.shops.signature import signature
from tests.integration.ingest_run import CURRENT, PREVIOUS, IngestRun, Receiver
from tests.unit.ingest.shops import shopify_order, stripe_session, woo_order

SHOPS = {"shopify": "acme.myshopify.com", "stripe": "acct_1", "woocommerce": "https://shop.test"}
SECRETS = {
    "ENGAGEMENT_SHOPIFY_APP_SECRETS": f"{CURRENT},{PREVIOUS}",
    "ENGAGEMENT_STRIPE_WEBHOOK_SECRETS": f"{CURRENT},{PREVIOUS}",
    "ENGAGEMENT_WOOCOMMERCE_WEBHOOK_SECRETS": f"{CURRENT},{PREVIOUS}",
}


def accounts(*shops: tuple[str, str]) -> str:
    return "".join(
        f'[[accounts]]\nplatform = "{platform}"\nid = "{name}"\nname = "A shop"\nbrand = "b"\n'
        'connected_at = 2026-01-01T00:00:00Z\ncurrency = "EUR"\n'
        for platform, name in shops
    )


@pytest.fixture(scope="module")
def run(kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> IngestRun:
    directory = tmp_path_factory.mktemp("shops")
    run = IngestRun(directory, kafka_bootstrap, sites=accounts(*SHOPS.items()), **SECRETS)
    run.command("topics", "apply")
    return run


@pytest.fixture(scope="module")
def receiver(run: IngestRun) -> Iterator[Receiver]:
    with run.receiver() as receiver:
        receiver.wait_ready()
        yield receiver


def orders(run: IngestRun) -> dict[str, list[Order]]:
    """Every order that was written, by its id."""
    found: dict[str, list[Order]] = {}
    for _, value in read(run.bootstrap, topics.CONVERSIONS.name):
        try:
            order = codec.decoder(Order)(value or b"")
        except codec.UndecodableRecord:
            continue
        found.setdefault(order.order_id, []).append(order)
    return found


def post(receiver: Receiver, path: str, body: bytes, headers: Mapping[str, str]) -> int:
    return requests.post(receiver.url(f"/webhooks/{path}"), data=body, headers=headers, timeout=60).status_code


def shopify(
    receiver: Receiver, name: str, secret: str = CURRENT, shop: str = SHOPS["shopify"], **fields: object
) -> int:
    body = json.dumps(shopify_order(id=name, **fields)).encode()
    signed = {"X-Shopify-Hmac-Sha256": signature(body, secret.encode())}
    headers = {"X-Shopify-Topic": "orders/paid", "X-Shopify-Shop-Domain": shop}
    return post(receiver, "shopify", body, headers | signed)


def stripe(receiver: Receiver, name: str, secret: str = CURRENT, seconds: int = 0) -> int:
    body = json.dumps(stripe_session(payment_intent=name), indent=2).encode()
    signed = {"Stripe-Signature": stripe_signature(body, secret.encode(), int(time.time()) + seconds)}
    return post(receiver, f"stripe/{SHOPS['stripe']}", body, signed)


def woocommerce(receiver: Receiver, name: str, secret: str = CURRENT) -> int:
    body = json.dumps(woo_order(id=name)).encode()
    headers = {"X-WC-Webhook-Topic": "order.updated", "X-WC-Webhook-Source": SHOPS["woocommerce"] + "/"}
    return post(receiver, "woocommerce", body, headers | {"X-WC-Webhook-Signature": signature(body, secret.encode())})


@pytest.mark.parametrize("send", [shopify, stripe, woocommerce])
def test_an_order_that_is_answered_200_is_in_kafka_by_the_current_and_the_previous_secret(
    run: IngestRun, receiver: Receiver, send: Callable[..., int]
) -> None:
    names = [f"{run.page}-{send.__name__}-{number}" for number in range(3)]
    assert send(receiver, names[0]) == 200
    assert send(receiver, names[1], PREVIOUS) == 200
    assert send(receiver, names[2], "a secret of nobody's") == 401
    assert send(receiver, names[0]) == 200
    found = orders(run)
    assert [len(found.get(name, ())) for name in names] == [2, 1, 0]
    first, again = found[names[0]]
    assert (first.source, first.shop_id, first.brand) == (send.__name__, SHOPS[send.__name__], "b")
    assert (first.version, first.gross_micros) == (again.version, again.gross_micros)


@pytest.mark.parametrize(("seconds", "status"), [(-600, 401), (600, 401), (-200, 200)])
def test_a_recorded_delivery_of_stripe_is_refused(
    run: IngestRun, receiver: Receiver, seconds: int, status: int
) -> None:
    name = f"{run.page}-recorded-{seconds}"
    assert stripe(receiver, name, seconds=seconds) == status
    assert (name in orders(run)) is (status == 200)


def test_the_form_that_a_new_webhook_posts_is_answered_200_and_nothing_else_unsigned_is(receiver: Receiver) -> None:
    assert post(receiver, "woocommerce", b"webhook_id=3", {}) == 200
    assert post(receiver, "woocommerce", json.dumps(woo_order()).encode(), {}) == 401
    assert post(receiver, "shopify", b"webhook_id=3", {}) == 401


def test_an_order_of_a_shop_that_is_not_configured_comes_back_when_it_is(
    run: IngestRun, receiver: Receiver, tmp_path: Path
) -> None:
    name, shop = f"{run.page}-replayed", f"shop-{run.page}.myshopify.com"
    assert shopify(receiver, name, shop=shop, email="canary@x.test") == 200
    assert name not in orders(run)
    config = tmp_path / "engagement.toml"
    config.write_text(run.config.read_text() + accounts(("shopify", shop)))
    run.command("dead-letters", "replay", "--reason", "unknown_account", ENGAGEMENT_CONFIG=str(config))
    (order,) = orders(run)[name]
    assert (order.shop_id, order.status) == (shop, "paid")
    assert "canary" not in receiver.log.read_text()
