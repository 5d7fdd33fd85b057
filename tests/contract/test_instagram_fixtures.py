"""The wire as the platform documents it: every example a file, every file what it must become."""

import json
from datetime import UTC
from pathlib import Path

import pytest

from contracts.events import Post
from contracts.outcome import Keep
from contracts.reasons import DEAD_LETTERS, DROPS
from ingest.meta import signature
from ingest.meta.listing import page
from ingest.platforms import Answer, Part
from ingest.platforms.instagram import envelope, readings, responses
from ingest.platforms.instagram.errors import failure
from ingest.platforms.instagram.requests import MEDIA_METRICS
from tests.contract.instagram_golden import DELIVERIES, FIXTURES, GOLDEN, became
from tests.unit.ingest.instagram import ACCOUNT, MEDIA, event_of, only, receipt, snapshots

AS_OF = 1_790_000_150_000
WEBHOOK = FIXTURES / "webhook"


def graph(name: str) -> Answer:
    return Answer((FIXTURES / "graph" / f"{name}.json").read_bytes(), AS_OF, receipt())


@pytest.mark.parametrize("path", DELIVERIES, ids=lambda path: path.stem)
def test_every_delivery_becomes_what_was_reviewed(path: Path) -> None:
    assert became(path) == json.loads(GOLDEN.read_text(encoding="utf-8"))[path.stem]


@pytest.mark.parametrize("vector", json.loads((FIXTURES / "signatures.json").read_text(encoding="utf-8")))
def test_signatures_are_those_of_openssl_over_the_bytes_as_sent(vector: dict[str, str]) -> None:
    body = (WEBHOOK / f"{vector['delivery']}.json").read_bytes()
    assert signature.verify(body, [vector["signature"]], [b"another secret", vector["secret"].encode()]) == 1


def test_a_comment_is_one_fact_in_each_envelope() -> None:
    names = ("comment", "comment_flat", "comment_flat_without_list", "comment_id_of_other_name")
    events = [event_of(only((WEBHOOK / f"{name}.json").read_bytes())) for name in names]
    assert events == [events[0]] * len(names)


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


def test_a_media_becomes_a_post_and_a_snapshot_of_each_counter() -> None:
    found, spoiled = responses.media(ACCOUNT, page(graph("media")), graph("media"))
    assert spoiled == []
    posts = [parts[0].outcome.value for _, parts in found if isinstance(parts[0].outcome, Keep)]
    first = posts[0]
    assert isinstance(first, Post)
    assert (first.post_id, first.published_at, first.as_of) == (MEDIA, 1_789_898_400_000, AS_OF)
    assert (first.text_length, first.hashtags, first.mentions) == (50, ("spring",), ("ann",))
    assert (first.links, first.permalink) == (("https://ex.test/sale",), "https://www.instagram.com/p/Abc/")
    assert [post.format for post in posts if isinstance(post, Post)] == ["image", "reels", "carousel_album"]
    values = {
        (one.post_id, one.metric, one.scope): (one.value, one.value_state)
        for _, parts in found
        for one in snapshots(parts)
    }
    assert values == {
        ("1800", "likes", "organic"): (42, "known"),
        ("1800", "comments", "organic"): (9, "known"),
        ("1800", "likes", "total"): (57, "known"),
        ("1800", "comments", "total"): (11, "known"),
        ("1802", "likes", "organic"): (None, "hidden"),
        ("1802", "comments", "organic"): (0, "known"),
        ("1803", "likes", "organic"): (None, "unavailable"),
        ("1803", "comments", "organic"): (3, "known"),
    }
    assert [(one.media_id, one.comments, one.type) for one, _ in found] == [
        ("1800", 9, "FEED"),
        ("1802", 0, "REELS"),
        ("1803", 3, "CAROUSEL_ALBUM"),
    ]


def listed() -> dict[str, responses.Said]:
    found, spoiled = responses.comments(ACCOUNT, MEDIA, page(graph("comments")), graph("comments"))
    assert spoiled == []
    return {said.comment_id: said for said in found}


@pytest.mark.parametrize(
    ("delivery", "comment_id"), [("comment", "1791"), ("comment_reply", "1792"), ("comment_of_owner", "1794")]
)
def test_a_comment_is_the_same_fact_whether_it_was_pushed_or_polled(delivery: str, comment_id: str) -> None:
    pushed = event_of(only((WEBHOOK / f"{delivery}.json").read_bytes()))
    polled = listed()[comment_id].added
    for name in ("event_id", "post_id", "target_id", "parent_id", "actor_is_owner", "text_length", "hashtags"):
        assert getattr(pushed, name) == getattr(polled, name), name
    assert (pushed.occurred_quality, polled.occurred_quality) == ("approx", "exact")


def test_comments_come_with_their_replies_but_for_those_that_have_more() -> None:
    said = listed()
    assert list(said) == ["1791", "1792", "1794", "1796"]
    assert [one.comment_id for one in said.values() if one.has_more] == ["1796"]
    assert [one.comment_id for one in said.values() if one.is_hidden] == ["1792", "1796"]
    assert [one.added.actor_id for one in said.values()] == ["<9001>", "<9001>", "<9500>", None]


def test_a_missing_metric_is_unavailable_and_zero_is_known() -> None:
    names = {theirs: MEDIA_METRICS["FEED"][theirs] for theirs in ("views", "saved", "shares", "reach")}
    answer = graph("media_insights")
    found = responses.media_insights(ACCOUNT, MEDIA, names, page(answer), answer)
    assert {(one.metric, one.value, one.value_state, one.scope) for one in snapshots(list(found))} == {
        ("views", 1190, "known", "organic"),
        ("saves", 12, "known", "organic"),
        ("shares", 0, "known", "organic"),
        ("reach", None, "unavailable", "organic"),
    }


def test_no_rows_at_all_are_no_zeros() -> None:
    answer = graph("insights_empty")
    names = MEDIA_METRICS["REELS"]
    found = snapshots(list(responses.media_insights(ACCOUNT, MEDIA, names, page(answer), answer)))
    assert {one.metric for one in found} == set(names.values())
    assert {(one.value, one.value_state) for one in found} == {(None, "unavailable")}


@pytest.mark.parametrize(
    ("name", "metric", "value"), [("account_insights", "views", 812), ("account_insights_series", "reach", 310)]
)
def test_a_days_total_comes_in_either_of_two_shapes(name: str, metric: str, value: int) -> None:
    (day,) = readings.ended_days(AS_OF - 86_400_000, AS_OF, UTC)
    answer = graph(name)
    found: list[Part] = list(
        responses.account_insights(ACCOUNT, metric, day.date, day.ends * 1000, page(answer), answer)
    )
    (one,) = snapshots(found)
    assert (one.post_id, one.metric, one.window, one.value) == (None, metric, "day:2026-09-20", value)
    assert one.source_end_time == 1_789_948_800_000


def test_followers_are_the_figure_of_the_day_on_which_they_were_asked_for() -> None:
    (one,) = snapshots([responses.followers(ACCOUNT, "2026-09-21", graph("account"))])
    assert (one.metric, one.scope, one.window, one.value) == ("followers", "total", "day:2026-09-21", 4218)


@pytest.mark.parametrize(
    ("name", "action", "code"),
    [
        ("error_not_enough_viewers", "refuse", "no_insights"),
        ("error_before_conversion", "refuse", "no_insights"),
        ("error_metric", "refuse", "100"),
        ("error_permission", "forbidden", "10"),
    ],
)
def test_a_documented_error_is_known(name: str, action: str, code: str) -> None:
    found = failure(400, graph(name).body)
    assert found is not None
    assert (found.action, found.code) == (action, code)


def test_a_good_answer_is_no_failure() -> None:
    assert failure(200, graph("media").body) is None
