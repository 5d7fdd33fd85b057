"""Items of a listing that cannot be right: alone, and in the middle of 499 good ones, which they cost nothing."""

import json
from typing import Any

import pytest
from msgspec import Raw

from contracts.outcome import Keep, Refuse
from ingest.meta.listing import Page
from ingest.platforms import Answer, Part
from ingest.platforms.facebook import responses
from tests.unit.ingest.facebook import PAGE, POST, receipt

AS_OF, RECEIVED_AT = 1_790_000_100_000, 1_790_000_400_000
ANSWER = Answer(b"", AS_OF, receipt(received_at=RECEIVED_AT))
GOOD_TIME = "2026-09-20T10:00:00+0000"
Row = tuple[str, object, str]


def post(number: int = 1, **fields: object) -> dict[str, Any]:
    return {"id": f"1001_{number}", "created_time": GOOD_TIME} | fields


def comment(number: int = 1, **fields: object) -> dict[str, Any]:
    return {"id": f"c{number}", "created_time": GOOD_TIME, "from": {"id": "55"}} | fields


def counted(count: object) -> dict[str, Any]:
    return post(comments={"data": [], "summary": {"total_count": count}})


def at(time: object) -> dict[str, Any]:
    return comment(created_time=time)


SHAPES: list[Row] = [
    ("null", None, "invalid_field"),
    ("true", True, "invalid_field"),
    ("zero", 0, "invalid_field"),
    ("a text", "post", "invalid_field"),
    ("a list", [], "invalid_field"),
    ("an empty object", {}, "missing_field"),
]
POSTS: list[Row] = [
    *SHAPES,
    ("no id", post() | {"id": None}, "missing_field"),
    ("an id that is a number", post() | {"id": 10012001}, "keep"),
    ("an id that is a boolean", post() | {"id": True}, "invalid_field"),
    ("an id with separators", post() | {"id": "a|b%7C"}, "keep"),
    ("no time", {"id": "1001_1"}, "missing_field"),
    ("a count below zero", counted(-1), "invalid_field"),
    ("a count that is a fraction", counted(1.5), "invalid_field"),
    ("a count that is a text", counted("12"), "invalid_field"),
    ("a count that is a boolean", counted(True), "invalid_field"),
    ("a count of 2^31", counted(2**31), "keep"),
    ("a count of 2^53 + 1", counted(2**53 + 1), "keep"),
    ("a count of 2^63", counted(2**63), "invalid_field"),
    ("a count of 2^64", counted(2**64), "invalid_field"),
    ("a count without end", Raw(json.dumps(counted("@")).replace('"@"', "9" * 5000).encode()), "unreadable_body"),
    ("a count that is infinite", Raw(json.dumps(counted("@")).replace('"@"', "1e999").encode()), "invalid_field"),
    ("a count that is an object", counted({}), "invalid_field"),
    ("comments that are a list", post(comments=[]), "invalid_field"),
    ("shares that are a number", post(shares=7), "invalid_field"),
    ("fields that nobody knows", post(__proto__={"a": 1}, schema=99), "keep"),
]
COMMENTS: list[Row] = [
    *SHAPES,
    ("no id", comment() | {"id": None}, "missing_field"),
    ("half a surrogate pair in an id", comment() | {"id": "\ud83d"}, "invalid_text"),
    ("half a surrogate pair in a text", comment(message="\ud83d"), "keep"),
    ("a person that is a text", comment() | {"from": "55"}, "invalid_field"),
    ("nobody", comment() | {"from": None}, "keep"),
    ("a parent that is a text", comment(parent="c1"), "invalid_field"),
    ("no time", comment() | {"created_time": None}, "missing_field"),
    ("an empty time", at(""), "invalid_time"),
    ("a time that is a number", at(1_790_000_000), "invalid_field"),
    ("a time without a zone", at("2026-09-20T10:00:00"), "invalid_time"),
    ("a zone of +14:00", at("2026-09-20T10:00:00+1400"), "keep"),
    ("a zone of -12:00", at("2026-09-20T10:00:00-1200"), "keep"),
    ("a zone of +99:00", at("2026-09-20T10:00:00+9900"), "invalid_time"),
    ("the second 60", at("2026-06-30T23:59:60+0000"), "invalid_time"),
    ("24 o'clock", at("2026-09-20T24:00:00+0000"), "invalid_time"),
    ("February 30", at("2026-02-30T00:00:00+0000"), "invalid_time"),
    ("the year 1", at("0001-01-01T00:00:00+0000"), "invalid_time"),
    ("the year 1 in a zone ahead", at("0001-01-01T00:00:00+1400"), "invalid_time"),
    ("the year 9999", at("9999-12-31T23:59:59+0000"), "invalid_time"),
    ("the year 10000", at("10000-01-01T00:00:00+0000"), "invalid_time"),
    ("a date of RFC 822", at("Mon, 21 Sep 2026 14:15:00 GMT"), "invalid_time"),
    ("not a number", at("NaN"), "invalid_time"),
    ("four minutes ahead", at("2026-09-21T14:23:00+0000"), "keep"),
    ("six minutes ahead", at("2026-09-21T14:26:00+0000"), "future_time"),
    ("ten years ahead", at("2036-09-21T14:20:00+0000"), "future_time"),
]


def raw(item: object) -> Raw:
    return item if isinstance(item, Raw) else Raw(json.dumps(item).encode())


def posts_of(items: list[object]) -> list[Part]:
    parts, _ = responses.posts(PAGE, Page([raw(item) for item in items]), ANSWER)
    return parts


def comments_of(items: list[object]) -> list[Part]:
    page = Page([raw(item) for item in items])
    return list(responses.comments(PAGE, POST, page, ANSWER))


def refusals(parts: list[Part]) -> list[str]:
    return [part.outcome.reason for part in parts if isinstance(part.outcome, Refuse)]


@pytest.mark.parametrize(("item", "outcome"), [row[1:] for row in POSTS], ids=[row[0] for row in POSTS])
def test_a_post_is_kept_or_refused_and_its_neighbours_are_kept(item: object, outcome: str) -> None:
    expected = [] if outcome == "keep" else [outcome]
    assert refusals(posts_of([item])) == expected
    good: list[object] = [post(number) for number in range(100, 599)]
    alone, among = posts_of(good), posts_of([*good[:250], item, *good[250:]])
    assert refusals(among) == expected
    kept = [part for part in among if isinstance(part.outcome, Keep)]
    assert [part for part in kept if part in alone] == alone if outcome != "keep" else len(kept) > len(alone)


@pytest.mark.parametrize(("item", "outcome"), [row[1:] for row in COMMENTS], ids=[row[0] for row in COMMENTS])
def test_a_comment_is_kept_or_refused_and_its_neighbours_are_kept(item: object, outcome: str) -> None:
    expected = [] if outcome == "keep" else [outcome]
    assert refusals(comments_of([item])) == expected
    good: list[object] = [comment(number) for number in range(100, 599)]
    among = comments_of([*good[:250], item, *good[250:]])
    assert refusals(among) == expected
    assert sum(isinstance(part.outcome, Keep) for part in among) == 499 + (outcome == "keep")
