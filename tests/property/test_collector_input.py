"""Whatever is posted to the collector, it is facts or a refusal; wherever a click asks to go, it is a listed host."""

import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from contracts import codec
from contracts.config import Partitions, Site
from contracts.paid import Link, Order, Touch
from contracts.reasons import DEAD_LETTERS
from ingest.collector import bots, parse, target
from ingest.collector.parse import Fact, Teller
from ingest.fields import Unusable
from ingest.identity import pseudonymiser
from ingest.records import Records
from tests.property.test_facebook_input import anything

NOW = 1_790_000_000_000
SITE = Site("shop", "acme", ("wk_0123456789abcdef",), origins=("https://shop.test",))
HOSTS = ("shop.test", "shop.test:8443")
READERS: tuple[Callable[[Raw, Teller], Iterator[Fact]], ...] = (parse.touch, parse.conversion)
NAMES = (
    *("event_id", "at", "consent", "visitor_id", "url", "referrer", "fbc", "kind", "session_id", "user_agent"),
    *("event_name", "order_id", "version", "status", "value", "currency", "refunded", "email", "phone"),
    *("customer_id", "new_customer", "write_key", "events"),
)
URLS = ("https://shop.test/?utm_source=%2526&fbclid=%00", "//", "https://[", "https://shop.test:x/?utm_campaign=\ud800")
WORDS = ("e1", "granted", "denied", "login", "click", "paid", "EUR", "49.90", "1e3", "a@b.test", "+49301234567", *URLS)
plausible = st.sampled_from((*WORDS, NOW, -1, 0, 10**20, True, 0.1))
events = st.dictionaries(st.sampled_from(NAMES), plausible | anything, max_size=12)
named = events.map(lambda event: {"event_id": "e1", **event})
bodies = st.builds(
    lambda key, some: {"write_key": key, "events": some},
    plausible | anything,
    st.lists(named | anything, max_size=4) | anything,
)


def teller() -> Teller:
    return Teller(
        SITE,
        NOW,
        lambda agent: bots.word("POST", {"User-Agent": agent or "Mozilla/5.0"}),
        pseudonymiser("k", "visitor"),
        pseudonymiser("k", "customer"),
    )


def dumped(document: object) -> bytes:
    return json.dumps(document).encode()


def known(refusal: Unusable) -> None:
    """Its reason is a word of ours, and its detail is made of our names."""
    assert refusal.reason in DEAD_LETTERS
    assert refusal.detail.isascii()


def read(raw: Raw) -> list[Fact]:
    """The facts of an event, by each reader."""
    found: list[Fact] = []
    for reader in READERS:
        try:
            found += reader(raw, teller())
        except Unusable as error:
            known(error)
    return found


@given(st.binary(max_size=200) | (bodies | named | anything).map(dumped))
def test_a_body_is_events_or_a_refusal(body: bytes) -> None:
    try:
        _, some = parse.opened(body)
    except Unusable as error:
        known(error)
    else:
        for one in some:
            read(one)


@given(named)
def test_what_comes_of_an_event_can_be_written_and_read(event: dict[str, object]) -> None:
    records = Records(Partitions())
    for fact in read(Raw(dumped(event))):
        record = records.of_fact(fact)
        assert record.value is not None
        assert codec.decoder(type(fact))(record.value) == fact
        assert fact.received_at == NOW
        match fact:
            case Touch():
                assert fact.occurred_at <= NOW
                assert fact.consent == "granted" or fact.visitor_id is None
            case Order():
                assert 0 <= fact.gross_micros < 2**63
            case Link():
                assert event["consent"] == "granted"


schemes = st.sampled_from(
    ("https://", "http://", "HTTPS://", "//", "https:/", "javascript:", "https:\\\\", "\thttps://", "")
)
pieces = st.sampled_from(
    (
        "shop.test",
        "evil.test",
        "@",
        ":",
        "8443",
        "443",
        "/",
        "\\",
        "?",
        "#",
        ".",
        "%2e",
        "%00",
        "\r\n",
        " ",
        "[",
        "]",
        "ѕ",
        "a",
    )
)
addresses = st.builds(lambda scheme, rest: scheme + "".join(rest), schemes, st.lists(pieces, max_size=6))


@given(addresses | st.text(max_size=40))
def test_a_click_goes_to_a_listed_host_as_others_read_the_address_too(address: str) -> None:
    if not target.allowed(address, HOSTS):
        return
    found = urlsplit(address)
    assert found.scheme in ("http", "https")
    assert found.hostname == "shop.test"
    assert found.username is found.password is None
    assert found.port in (None, 80, 443, 8443)
    assert not any(one in address for one in "\\\r\n\t ")
