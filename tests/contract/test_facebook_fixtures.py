"""The wire as the platform documents it: every example a file, every file what it must become."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contracts.events import EngagementEvent, Post, Snapshot
from contracts.outcome import Keep
from contracts.platforms import SENDS
from contracts.reasons import DEAD_LETTERS, DROPS
from ingest.meta import signature
from ingest.meta.errors import failure
from ingest.meta.listing import page
from ingest.platforms import Answer, Platform, load
from ingest.platforms.facebook import envelope, responses
from tests.contract.facebook_golden import DELIVERIES, FIXTURES, GOLDEN, became
from tests.unit.ingest.facebook import PAGE, POST, parts, receipt

AS_OF = 1_790_000_100_000


def graph(name: str) -> Answer:
    return Answer((FIXTURES / "graph" / f"{name}.json").read_bytes(), AS_OF, receipt())


@pytest.mark.parametrize("path", DELIVERIES, ids=lambda path: path.stem)
def test_every_delivery_becomes_what_was_reviewed(path: Path) -> None:
    assert became(path) == json.loads(GOLDEN.read_text(encoding="utf-8"))[path.stem]


@pytest.mark.parametrize("vector", json.loads((FIXTURES / "signatures.json").read_text(encoding="utf-8")))
def test_signatures_are_those_of_openssl_over_the_bytes_as_sent(vector: dict[str, str]) -> None:
    body = (FIXTURES / "webhook" / f"{vector['delivery']}.json").read_bytes()
    secrets = [b"another secret", vector["secret"].encode()]
    assert signature.signature(body, secrets[1]) == vector["signature"]
    assert signature.verify(body, [vector["signature"]], secrets) == 1
    dumped_again = json.dumps(json.loads(body), ensure_ascii=False).encode()
    assert signature.verify(dumped_again, [vector["signature"]], secrets) is None


def test_a_post_becomes_a_record_and_a_snapshot_of_each_counter() -> None:
    found, listed = responses.posts(PAGE, page(graph("posts")), graph("posts"))
    facts = [part.outcome.value for part in found if isinstance(part.outcome, Keep)]
    first = facts[0]
    assert isinstance(first, Post)
    assert (first.post_id, first.published_at, first.as_of) == (POST, 1_772_359_200_000, AS_OF)
    assert (first.text_length, first.hashtags, first.links) == (40, ("spring",), ("https://ex.test/sale",))
    assert (first.format, first.is_published, first.promotion_status) == ("added_photos", True, "ineligible")
    counters = {(one.post_id, one.metric): (one.value, one.value_state) for one in facts if isinstance(one, Snapshot)}
    assert counters == {
        (POST, "likes"): (42, "known"),
        (POST, "comments"): (9, "known"),
        (POST, "shares"): (7, "known"),
        (POST, "reactions.love"): (5, "known"),
        ("1001_2002", "likes"): (0, "known"),
        ("1001_2002", "comments"): (0, "known"),
        ("1001_2002", "shares"): (None, "unavailable"),
    }
    assert [(post.post_id, post.comments) for post in listed] == [(POST, 9), ("1001_2002", 0)]


@pytest.mark.parametrize(("delivery", "place"), [("comment_add", 0), ("comment_reply", 1)])
def test_a_comment_is_the_same_fact_whether_it_was_pushed_or_polled(delivery: str, place: int) -> None:
    (pushed,) = parts((FIXTURES / "webhook" / f"{delivery}.json").read_bytes())
    polled = list(responses.comments(PAGE, POST, page(graph("comments")), graph("comments")))[place]
    assert isinstance(pushed.outcome, Keep)
    assert isinstance(polled.outcome, Keep)
    one, other = pushed.outcome.value, polled.outcome.value
    assert isinstance(one, EngagementEvent)
    assert isinstance(other, EngagementEvent)
    for name in ("event_id", "post_id", "target_id", "parent_id", "occurred_at", "occurred_quality", "text_length"):
        assert getattr(one, name) == getattr(other, name), name
    assert (one.url, other.url) == (None, ("https://www.facebook.com/1001/posts/2001?comment_id=3001", None)[place])


def test_a_days_value_belongs_to_the_day_that_ends_at_its_end_time() -> None:
    answer = graph("page_insights")
    zone = ZoneInfo("America/Los_Angeles")
    found = list(responses.page_insights(PAGE, "views", page(answer), zone, answer))
    values = [part.outcome.value for part in found if isinstance(part.outcome, Keep)]
    assert [(one.window, one.value, one.value_state) for one in values if isinstance(one, Snapshot)] == [
        ("day:2026-03-01", 812, "known"),
        ("day:2026-03-02", None, "unavailable"),
    ]


def test_lifetime_insights_take_our_names() -> None:
    answer = graph("post_insights")
    names = {"post_media_view": "views", "post_total_media_view_unique": "reach"}
    found = responses.post_insights(PAGE, POST, names, page(answer), answer)
    values = [part.outcome.value for part in found if isinstance(part.outcome, Keep)]
    assert [(one.metric, one.value) for one in values if isinstance(one, Snapshot)] == [("views", 1200), ("reach", 900)]


def test_a_documented_error_is_known() -> None:
    found = failure(400, graph("error_page_limit").body)
    assert found is not None
    assert (found.action, found.code) == ("wait", "32")


def test_every_reason_that_the_fixtures_meet_is_a_word_of_the_contract() -> None:
    for outcomes in json.loads(GOLDEN.read_text(encoding="utf-8")).values():
        for outcome in outcomes:
            assert outcome.get("drop", "messaging") in DROPS
            assert outcome.get("refuse", "oversized") in DEAD_LETTERS


def test_every_fixture_is_ascii_and_nothing_but_the_platforms_shape() -> None:
    for path in DELIVERIES:
        assert path.read_bytes().isascii()
        for entry in envelope.read(path.read_bytes()):
            assert isinstance(entry, envelope.Entry)


@pytest.mark.parametrize("platform", load().values(), ids=lambda platform: platform.name)
def test_every_platform_has_fixtures_and_a_readme(platform: Platform) -> None:
    folder = Path(envelope.__file__).parents[1] / platform.name
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for heading in ("Credentials", "What it gives", "What it cannot give", "Facts as of"):
        assert f"## {heading}" in readme
    assert any((FIXTURES.parent / platform.name).rglob("*.json"))
    assert platform.webhook is not None or platform.poll is not None
    assert platform.name in SENDS
