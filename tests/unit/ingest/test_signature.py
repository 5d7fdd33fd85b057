"""Who may speak to the receiver."""

import hmac

import pytest

from ingest.meta.signature import answer_handshake, signature, verify

BODY = b'{"object":"page","entry":[]}'
CURRENT, PREVIOUS = b"current", b"previous"
SECRETS = [CURRENT, PREVIOUS]
GOOD = signature(BODY, CURRENT)


def test_the_current_and_the_previous_secret_sign_and_their_position_is_told() -> None:
    assert verify(BODY, [GOOD], SECRETS) == 0
    assert verify(BODY, [signature(BODY, PREVIOUS)], SECRETS) == 1


def test_a_dropped_secret_signs_no_more() -> None:
    assert verify(BODY, [signature(BODY, PREVIOUS)], [CURRENT]) is None
    assert verify(BODY, [GOOD], []) is None


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [GOOD, GOOD],
        [""],
        [GOOD.upper()],
        ["sha256=" + GOOD[7:].upper()],
        ["SHA256=" + GOOD[7:]],
        [GOOD[7:]],
        [GOOD[:-1]],
        [GOOD + "0"],
        [GOOD + "\n"],
        [" " + GOOD],
        ["sha1=" + hmac.new(CURRENT, BODY, "sha1").hexdigest()],
        ["sha256=" + "é" * 64],
        ["sha256=" + "0" * 64],
    ],
)
def test_anything_but_one_exact_header_is_refused(headers: list[str]) -> None:
    assert verify(BODY, headers, SECRETS) is None


def test_one_changed_byte_is_refused() -> None:
    assert verify(BODY + b" ", [GOOD], SECRETS) is None


QUERY = {"hub.mode": "subscribe", "hub.challenge": "115820", "hub.verify_token": "tökén"}


def test_a_handshake_gets_its_challenge_back() -> None:
    assert answer_handshake(QUERY, "tökén") == "115820"


@pytest.mark.parametrize(
    "change",
    [
        {"hub.verify_token": "token"},
        {"hub.verify_token": ""},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": ""},
        {"hub.challenge": "<script>"},
        {"hub.challenge": "x" * 129},
        {"hub.challenge": "1\n"},
    ],
)
def test_a_handshake_that_is_not_ours_gets_nothing(change: dict[str, str]) -> None:
    assert answer_handshake(QUERY | change, "tökén") is None
