"""What the hub sends: who may speak, what a notification means, and what is wrong with one that means nothing."""

import hmac
from collections.abc import Sequence
from pathlib import Path

import pytest

from contracts.events import Post, Wake
from contracts.outcome import Keep, Refuse
from ingest.platforms import Delivery, Part, load
from ingest.platforms.youtube import websub
from ingest.platforms.youtube.push import parse
from ingest.settings import receiving
from ingest.webhooks.setup import endpoints
from tests.unit.ingest.test_ingest_settings import setenv
from tests.unit.ingest.youtube import CHANNEL, RECEIVED_AT, receipt

FIXTURES = Path(__file__).parents[2] / "fixtures" / "youtube"
PUBLISHED = (FIXTURES / "push_published.xml").read_bytes()
DELETED = (FIXTURES / "push_deleted.xml").read_bytes()
SECRETS = (b"newer", b"older")
TOPIC = websub.topic(CHANNEL)
YOUTUBE = load()["youtube"]

ENTRY = (
    "<entry><yt:videoId>{video}</yt:videoId><yt:channelId>{channel}</yt:channelId><title>A</title>"
    "<published>2026-09-21T13:49:57+00:00</published></entry>"
)
GONE = (
    '<at:deleted-entry ref="{ref}" when="{when}"><at:by><uri>https://www.youtube.com/channel/UC1</uri></at:by>'
    "</at:deleted-entry>"
)
WHEN = "2026-09-21T14:00:00+00:00"


def feed(*entries: str, before: str = "") -> bytes:
    spaces = (
        'xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:at="http://purl.org/atompub/tombstones/1.0" '
        'xmlns="http://www.w3.org/2005/Atom"'
    )
    return f"{before}<feed {spaces}>{''.join(entries)}</feed>".encode()


def entry(video: str = "vid1", channel: str = CHANNEL) -> str:
    return ENTRY.format(video=video, channel=channel)


def gone(ref: str = "yt:video:vid1", when: str = WHEN) -> str:
    return GONE.format(ref=ref, when=when)


def parsed(body: bytes) -> list[Part]:
    return list(parse(body, receipt(channel="webhook")))


def kept(parts: Sequence[Part]) -> list[object]:
    return [part.outcome.value for part in parts if isinstance(part.outcome, Keep)]


def refused(parts: Sequence[Part]) -> list[tuple[str, str]]:
    return [(part.outcome.reason, part.outcome.detail) for part in parts if isinstance(part.outcome, Refuse)]


def delivery(body: bytes, *signatures: str) -> Delivery:
    return Delivery(body, {}, signatures, RECEIVED_AT)


def signed(body: bytes, secret: bytes, algorithm: str = "sha1") -> str:
    return f"{algorithm}={hmac.new(secret, body, algorithm).hexdigest()}"


def test_a_signature_is_the_one_that_was_computed_elsewhere() -> None:
    body = b"<feed/>"  # printf '<feed/>' | openssl sha1 -hmac older
    known = "sha1=91ef877d659e796976c7c4d8be8ffd4f59e42dbd"
    assert websub.verify(delivery(body, known), SECRETS) == 1


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
@pytest.mark.parametrize("position", [0, 1])
def test_each_secret_and_each_algorithm_of_the_protocol_signs(algorithm: str, position: int) -> None:
    signature = signed(PUBLISHED, SECRETS[position], algorithm)
    assert websub.verify(delivery(PUBLISHED, signature), SECRETS) == position


@pytest.mark.parametrize(
    "signatures",
    [
        [],
        [""],
        ["sha1="],
        ["sha1=" + "0" * 40],
        [signed(PUBLISHED, b"guessed")],
        [signed(PUBLISHED, SECRETS[0]).upper()],
        [signed(PUBLISHED, SECRETS[0]) + " "],
        [signed(PUBLISHED, SECRETS[0]).replace("sha1", "md5")],
        [signed(PUBLISHED, SECRETS[0]).replace("sha1", "sha256")],
        [signed(PUBLISHED + b" ", SECRETS[0])],
        [signed(PUBLISHED, SECRETS[0])] * 2,
    ],
)
def test_anything_else_is_nobodys_signature(signatures: list[str]) -> None:
    assert websub.verify(delivery(PUBLISHED, *signatures), SECRETS) is None


def handshake(**changes: str) -> dict[str, str]:
    names = {"mode": "subscribe", "topic": TOPIC, "challenge": "c-1_2.3~", "lease_seconds": "432000"}
    names["verify_token"] = websub.token("newer", TOPIC)
    return {f"hub.{name}": value for name, value in (names | changes).items() if value}


def test_a_subscription_that_we_asked_for_is_confirmed() -> None:
    assert websub.answer_handshake(handshake(), "newer") == "c-1_2.3~"


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "unsubscribe"},
        {"mode": "denied", "challenge": ""},
        {"topic": websub.topic("UC2")},
        {"topic": ""},
        {"verify_token": ""},
        {"verify_token": "0" * 32},
        {"verify_token": "\u00e9"},
        {"verify_token": websub.token("older", TOPIC)},
        {"challenge": "<script>"},
        {"challenge": "c" * 257},
        {"challenge": ""},
    ],
)
def test_any_other_is_refused(changes: dict[str, str]) -> None:
    assert websub.answer_handshake(handshake(**changes), "newer") is None


def test_the_receiver_answers_with_the_secrets_that_subscriptions_are_made_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    setenv(monkeypatch, ENGAGEMENT_YOUTUBE_HUB_SECRETS="newer,older")
    endpoint = endpoints([YOUTUBE], receiving([YOUTUBE]).load())["youtube"]
    assert endpoint.verify_tokens == ("newer", "older")
    assert list(endpoint.signers) == [b"newer", b"older"]
    setenv(monkeypatch, ENGAGEMENT_YOUTUBE_HUB_SECRETS="")
    assert endpoints([YOUTUBE], receiving([YOUTUBE]).load())["youtube"].signers == {}


def test_a_published_video_wakes_the_poller() -> None:
    (wake,) = kept(parsed(PUBLISHED))
    assert wake == Wake(1, "youtube:UC1:posts", "youtube", "UC1", RECEIVED_AT)
    assert YOUTUBE.poll is not None
    assert "posts" in {source.name for source in YOUTUBE.poll.sources}


def test_a_deleted_video_is_gone_since_then() -> None:
    (post,) = kept(parsed(DELETED))
    assert isinstance(post, Post)
    assert (post.account_id, post.post_id, post.deleted_at, post.as_of) == (
        CHANNEL,
        "vid1",
        1_789_999_200_000,
        1_789_999_200_000,
    )


def test_every_entry_of_a_feed_is_read_in_order() -> None:
    found = kept(parsed(feed(entry("a"), gone("yt:video:b"), entry("c"))))
    assert [type(one) for one in found] == [Wake, Post, Wake]


BAD_ENTRIES = {
    "no video": (entry(video=""), ("missing_field", "videoId")),
    "no channel": (entry(channel=""), ("missing_field", "channelId")),
    "another's channel": (entry(channel="UC2"), ("unknown_account", "channelId")),
    "a long video id": (entry("v" * 256), ("invalid_field", "videoId: 1 to 255 characters")),
    "an author who is no channel": (gone().replace("/channel/", "/user/"), ("missing_field", "channelId")),
    "no reference": (gone(ref=""), ("missing_field", "ref")),
    "an empty reference": (gone(ref="yt:video:"), ("missing_field", "ref")),
    "another kind of reference": (gone(ref="yt:playlist:p"), ("invalid_field", "ref")),
    "no time": (gone().replace(f' when="{WHEN}"', ""), ("missing_field", "when")),
    "a time that is none": (gone(when="yesterday"), ("invalid_time", "when")),
    "a time without a zone": (gone(when="2026-09-21T14:00:00"), ("invalid_time", "when: no zone")),
    "a time to come": (gone(when="2036-09-21T14:00:00Z"), ("future_time", "when")),
    "a time before all of it": (gone(when="1999-09-21T14:00:00Z"), ("invalid_time", "when")),
}


@pytest.mark.parametrize("kind", BAD_ENTRIES)
def test_a_bad_entry_costs_only_itself(kind: str) -> None:
    bad, expected = BAD_ENTRIES[kind]
    assert refused(parsed(feed(bad))) == [expected]
    good = [entry(f"v{number}") for number in range(500)]
    parts = parsed(feed(*good[:250], bad, *good[250:]))
    assert (len(kept(parts)), refused(parts)) == (500, [expected])
    (letter,) = [part.body for part in parts if isinstance(part.outcome, Refuse)]
    assert refused(parsed(letter)) == [expected]
    assert b"v1<" not in letter


BOMB = '<!DOCTYPE feed [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
BAD_FEEDS = {
    "nothing": (b"", "unreadable_body"),
    "no XML": (b"{}", "unreadable_body"),
    "half of it": (PUBLISHED[:-20], "unreadable_body"),
    "another encoding": (PUBLISHED.decode().encode("utf-16"), "unreadable_body"),
    "no UTF-8": (PUBLISHED.replace(b"cake", b"\xff"), "unreadable_body"),
    "control characters": (PUBLISHED.replace(b"cake", b"\x00"), "unreadable_body"),
    "an unknown prefix": (b"<feed><a:b/></feed>", "invalid_envelope"),
    "an entity": (feed("<title>&a;</title>"), "unreadable_body"),
    "another root": (b"<rss/>", "invalid_envelope"),
    "a document type": (feed(entry(), before="<!DOCTYPE feed>"), "invalid_envelope"),
    "many laughs": (feed("<title>&b;</title>", before=BOMB), "invalid_envelope"),
    "a file of ours": (feed("<title>&x;</title>", before=OUTSIDE), "invalid_envelope"),
    "many levels": (feed("<a>" * 100 + "</a>" * 100), "too_deep"),
    "many elements": (feed("<a/>" * 30_000), "too_deep"),
    "a long text": (feed(f"<title>{'a' * 10_000}</title>"), "oversized"),
}


@pytest.mark.parametrize("kind", BAD_FEEDS)
def test_a_bad_feed_is_put_aside_whole(kind: str) -> None:
    body, reason = BAD_FEEDS[kind]
    (part,) = parsed(body)
    assert isinstance(part.outcome, Refuse)
    assert (part.outcome.reason, part.whole, part.body) == (reason, True, body)


def test_a_feed_without_entries_says_nothing() -> None:
    assert parsed(feed()) == []
