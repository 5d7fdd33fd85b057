"""Who may speak for a shop, and when."""

import pytest

from ingest.platforms.stripe.signature import signature as stripe_signature
from ingest.shops.signature import signature
from tests.unit.ingest.shops import RECEIVED_AT, delivery, webhook

BODY = b'{"id":7}'
CURRENT, PREVIOUS = b"current", b"previous"
SECRETS = [CURRENT, PREVIOUS]
GOOD = signature(BODY, CURRENT)
SECOND = RECEIVED_AT // 1000
STAMPED = stripe_signature(BODY, CURRENT, SECOND)
HEX = STAMPED.partition("v1=")[2]
OTHER = stripe_signature(BODY, b"nobody's", SECOND).partition("v1=")[2]


def signed_by(platform: str, headers: list[str], secrets: list[bytes] = SECRETS, body: bytes = BODY) -> int | None:
    return webhook(platform).verify(delivery(platform, body, signatures=headers), secrets)


@pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
def test_the_current_and_the_previous_secret_sign_and_a_dropped_one_does_not(platform: str) -> None:
    assert signed_by(platform, [GOOD]) == 0
    assert signed_by(platform, [signature(BODY, PREVIOUS)]) == 1
    assert signed_by(platform, [signature(BODY, PREVIOUS)], [CURRENT]) is None
    assert signed_by(platform, [GOOD], []) is None
    assert signed_by(platform, [GOOD], body=BODY + b" ") is None


@pytest.mark.parametrize("platform", ["shopify", "woocommerce"])
@pytest.mark.parametrize(
    "headers",
    [
        [],
        [GOOD, GOOD],
        [""],
        [GOOD.rstrip("=")],
        [GOOD + "="],
        [" " + GOOD],
        [GOOD + "\n"],
        [GOOD.replace("+", "-").replace("/", "_") + "x"],
        [GOOD.swapcase()],
        ["sha256=" + GOOD],
        [GOOD[:-2] + ("A" if GOOD[-2] != "A" else "B") + "="],
        ["é" * 44],
        ["\udcff" * 44],
    ],
)
def test_anything_but_one_exact_header_is_refused(platform: str, headers: list[str]) -> None:
    assert signed_by(platform, headers) is None


def test_stripes_current_and_previous_secret_sign_and_any_of_several_signatures_may_be_ours() -> None:
    assert signed_by("stripe", [STAMPED]) == 0
    assert signed_by("stripe", [stripe_signature(BODY, PREVIOUS, SECOND)]) == 1
    assert signed_by("stripe", [f"t={SECOND},v1={OTHER},v1={HEX},v0={OTHER}"]) == 0
    assert signed_by("stripe", [STAMPED], [PREVIOUS]) is None
    assert signed_by("stripe", [STAMPED], body=BODY + b" ") is None


@pytest.mark.parametrize(
    ("seconds", "is_taken"), [(-300, True), (-301, False), (300, True), (301, False), (360, False)]
)
def test_a_delivery_of_stripe_is_taken_for_five_minutes_around_its_time(seconds: int, is_taken: bool) -> None:
    stamped = stripe_signature(BODY, CURRENT, SECOND + seconds)
    assert (signed_by("stripe", [stamped]) == 0) is is_taken


@pytest.mark.parametrize(
    "header",
    [
        "",
        HEX,
        f"v1={HEX}",
        f"t={SECOND}",
        f"t=,v1={HEX}",
        f"t={SECOND},v0={HEX}",
        f"t={SECOND},v1={HEX.upper()}",
        f"t={SECOND},v1={HEX[:-1]}",
        f"t={SECOND},v1={HEX}0",
        f"t={SECOND},v1={OTHER}",
        f"t={SECOND}, v1={HEX}",
        f"t={SECOND},t={SECOND},v1={HEX}",
        f"t={SECOND + 1},v1={HEX}",
        f"t=+{SECOND},v1={HEX}",
        f"t={SECOND}.0,v1={HEX}",
        "t=" + "9" * 5000 + f",v1={HEX}",
        "t=١٧٩٠٠٠٠٤٠٠,v1=" + HEX,
        f"t={SECOND}," + f"v1={OTHER}," * 20 + f"v1={HEX}",
    ],
)
def test_a_header_of_stripe_that_is_not_exact_is_refused(header: str) -> None:
    assert signed_by("stripe", [header]) is None
    assert signed_by("stripe", [STAMPED, header]) is None


@pytest.mark.parametrize(
    ("body", "is_ping"),
    [
        (b"webhook_id=3", True),
        (b"webhook_id=", False),
        (b"webhook_id=3&order=7", False),
        (b"webhook_id=" + b"9" * 21, False),
        (b'{"id":7}', False),
        (b"", False),
    ],
)
def test_only_the_first_form_of_a_new_webhook_needs_no_signature(body: bytes, is_ping: bool) -> None:
    assert webhook("woocommerce").is_ping(delivery("woocommerce", body)) is is_ping
    assert not webhook("woocommerce").is_ping(delivery("woocommerce", body, signatures=["wrong"]))
    assert not webhook("shopify").is_ping(delivery("shopify", body))
