"""What counts on Bluesky, and what goes when something goes."""

import pytest

from contracts.outcome import Keep
from ingest.platforms import Resume
from ingest.platforms.bluesky.connection import connect
from ingest.platforms.bluesky.errors import usage
from ingest.platforms.bluesky.uris import parse
from tests.unit.ingest.bluesky import (
    ANN,
    OWNER,
    POST,
    RECEIVED_AT,
    TIME_US,
    Stream,
    account,
    commit,
    deleted,
    events,
    left,
    like,
    posts,
    reasons,
    said,
)

OTHER = "did:plc:other"


def actions(parts: object) -> list[tuple[str, str]]:
    return [(event.kind, event.action) for event in events(parts)]  # type: ignore[arg-type]


def test_who_likes_twice_is_one_relation_and_likes_still_when_one_record_goes() -> None:
    stream = Stream()
    first, second = events(stream.tell(like("3l1", claimed="2026-09-21T13:33:19Z"), like("3l2", 5)))
    assert first.interaction_key == second.interaction_key
    assert first.event_id != second.event_id
    assert reasons(stream.tell(deleted("feed.like", "3l1", 6))) == ["still_stands"]
    assert actions(stream.tell(deleted("feed.like", "3l2", 7))) == [("reaction", "remove")]


def test_who_likes_again_after_taking_it_back_makes_new_facts() -> None:
    stream = Stream()
    later = "2026-09-21T14:00:00Z"
    told = stream.tell(
        like("3l1"), deleted("feed.like", "3l1", 1), like("3l2", 2, claimed=later), deleted("feed.like", "3l2", 3)
    )
    assert actions(told) == [("reaction", "add"), ("reaction", "remove")] * 2
    assert len({event.event_id for event in events(told)}) == 4


@pytest.mark.parametrize("again", range(4))
def test_messages_that_come_again_from_any_place_bring_the_same_facts_and_leave_the_same_memory(again: int) -> None:
    messages = [
        like("3l1"),
        said("3c1", 1, reply={"root": {"uri": POST}, "parent": {"uri": POST}}),
        like("3l2", 2, claimed="2026-09-21T14:00:00Z"),
        deleted("feed.like", "3l1", 3),
        deleted("feed.like", "3l2", 4),
        like("3l3", 5, claimed="2026-09-21T15:00:00Z"),
        deleted("feed.post", "3c1", 6),
    ]
    once, twice = Stream(), Stream()
    told = events(once.tell(*messages))
    retold = events(twice.tell(*messages[: again + 3], *messages[again:]))
    assert {event.event_id for event in retold} == {event.event_id for event in told}
    assert dict(twice.subjects.of(f"<{ANN}>")) == dict(once.subjects.of(f"<{ANN}>"))


def test_a_deletion_of_what_was_never_seen_is_nothing() -> None:
    assert Stream().tell(deleted("feed.like", "3l9"), left()) == []


def test_a_deletion_speaks_of_the_record_of_its_own_author_and_collection() -> None:
    stream = Stream()
    stream.tell(like("3l1"))
    assert stream.tell(deleted("feed.like", "3l1", did="did:plc:bo"), deleted("feed.repost", "3l1")) == []


@pytest.mark.parametrize("status", ["deactivated", "takendown", "suspended", None, 7])
def test_an_account_that_is_only_away_keeps_what_it_did(status: str) -> None:
    stream = Stream()
    stream.tell(like())
    assert stream.tell(left(1, status=status)) == []
    assert len(stream.subjects) == 1


def test_one_post_may_concern_several_accounts_and_goes_for_all_of_them() -> None:
    stream = Stream(OWNER, OTHER)
    theirs = f"at://{OTHER}/app.bsky.feed.post/3l7"
    both = said(
        reply={"root": {"uri": POST}, "parent": {"uri": POST}},
        embed={"$type": "app.bsky.embed.record", "record": {"uri": theirs}},
    )
    assert {(event.account_id, event.kind) for event in events(stream.tell(both))} == {
        (OWNER, "comment"),
        (OTHER, "share"),
    }
    gone = events(stream.tell(deleted("feed.post", "3c1", 1)))
    assert {(event.account_id, event.action) for event in gone} == {(OWNER, "remove"), (OTHER, "remove")}


def test_a_reply_that_also_quotes_and_names_the_account_is_a_reply_alone() -> None:
    facet = {"features": [{"$type": "app.bsky.richtext.facet#mention", "did": OWNER}]}
    whole = said(
        reply={"root": {"uri": POST}, "parent": {"uri": POST}},
        embed={"record": {"uri": POST}},
        facets=[facet],
    )
    assert actions(Stream().tell(whole)) == [("comment", "add")]


def test_an_answer_in_somebody_elses_thread_belongs_to_the_post_of_ours_that_it_answers() -> None:
    elsewhere = "at://did:plc:else/app.bsky.feed.post/3l0"
    (event,) = events(Stream().tell(said(reply={"root": {"uri": elsewhere}, "parent": {"uri": POST}})))
    assert (event.kind, event.post_id, event.parent_id) == ("comment", "3l3p", None)


def test_the_accounts_own_answer_is_the_owners_comment_and_its_deletion_no_posts() -> None:
    stream = Stream()
    parts = stream.tell(said("3a1", did=OWNER, reply={"root": {"uri": POST}, "parent": {"uri": POST}}))
    (event,) = events(parts)
    assert event.actor_is_owner
    gone = stream.tell(deleted("feed.post", "3a1", 1, did=OWNER))
    assert actions(gone) == [("comment", "remove")]
    assert posts(gone) == []


def test_an_answer_of_the_accounts_whose_deletion_comes_again_is_no_post_then_either() -> None:
    stream = Stream(OWNER, OTHER)
    to_itself = {"root": {"uri": POST}, "parent": {"uri": POST}}
    theirs = f"at://{OTHER}/app.bsky.feed.post/3l7"
    to_another = {"root": {"uri": theirs}, "parent": {"uri": theirs}}
    stream.tell(said("3a1", did=OWNER, reply=to_itself), said("3a2", 1, did=OWNER, reply=to_another))
    for number, name in enumerate(("3a1", "3a2"), 2):
        gone = deleted("feed.post", name, number, did=OWNER)
        first, again = stream.tell(gone), stream.tell(gone)
        assert actions(first) == [("comment", "remove")]
        assert posts(again) == []
        assert events(again) == events(first)


def test_with_the_account_itself_goes_once_more_nothing_that_it_took_back() -> None:
    stream = Stream()
    answer = {"root": {"uri": POST}, "parent": {"uri": POST}}
    stream.tell(said("3a1", did=OWNER, reply=answer), said("3a2", 1, did=OWNER, reply=answer))
    stream.tell(deleted("feed.post", "3a1", 2, did=OWNER))
    (event,) = events(stream.tell(left(3, did=OWNER)))
    assert event.interaction_key.endswith("3a2>")


def test_a_did_in_a_text_is_no_mention() -> None:
    assert Stream().tell(said(text=f"who is {OWNER}?")) == []


def test_no_raw_actor_leaves() -> None:
    stream = Stream()
    told = events(stream.tell(like(), said(reply={"root": {"uri": POST}, "parent": {"uri": POST}})))
    for event in told:
        bare = event.interaction_key.replace(f"<{ANN}>", "").replace(f"<at://{ANN}", "")
        assert ANN not in bare
    for name in stream.subjects.of(f"<{ANN}>"):
        assert ANN not in name.replace(f"<{ANN}>", "")


def test_what_a_client_claims_is_never_the_time() -> None:
    for claimed in ("1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "soon", 7, None):
        (event,) = events(Stream().tell(like(claimed=claimed)))
        assert event.occurred_at == TIME_US // 1000


def test_a_record_that_is_written_over_counts_as_it_was() -> None:
    over = commit("feed.post", "3c1", {"text": OWNER}, operation="update")
    assert reasons(Stream().tell(over)) == ["record_updated"]


@pytest.mark.parametrize("time_us", [0, -1, 4_000_000_000_000_000, 10**18])
def test_a_time_that_cannot_be_is_no_place_to_go_on_from(time_us: int) -> None:
    frame = Stream().frame(like() | {"time_us": time_us})
    assert (frame.position, frame.subjects) == (None, ())
    assert reasons(frame.parts) in (["invalid_time"], ["future_time"])
    stranger = like(uri="at://did:plc:else/app.bsky.feed.post/1") | {"time_us": time_us}
    assert Stream().tell(stranger) == []


@pytest.mark.parametrize(
    ("position", "is_elsewhere", "cursor"),
    [(None, True, "5000000"), ("77000000", False, "77000000"), ("77000000", True, "67000000")],
)
def test_a_connection_begins_with_the_position_and_on_another_host_a_little_before(
    position: str | None, is_elsewhere: bool, cursor: str
) -> None:
    address = connect(Resume([account()], position, 5_000, is_elsewhere, None))
    asked = [value for name, value in address.params if name == "wantedCollections"]
    assert len(asked) == 4
    assert dict(address.params)["cursor"] == cursor


def test_the_limit_is_read_from_the_headers() -> None:
    date = "Mon, 21 Sep 2026 10:00:00 GMT"
    told = {"ratelimit-limit": "3000", "ratelimit-remaining": "750", "ratelimit-reset": "1789984920", "date": date}
    found = usage(told)
    assert found is not None
    assert (found.ratio, found.regain_seconds) == (0.75, 120.0)
    assert usage({}) is None
    assert usage({"ratelimit-limit": "0", "ratelimit-remaining": "0"}) is None
    assert usage(told | {"ratelimit-remaining": "many"}) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "at://",
        f"at://{OWNER}",
        f"https://bsky.app/profile/{OWNER}",
        "at://ann.test/app.bsky.feed.post/1",
        f"at://{OWNER}/app.bsky.feed.post/a/b",
        f"at://{OWNER}/app.bsky.feed.post/ü",
        None,
        7,
    ],
)
def test_what_is_no_address_names_nothing(text: object) -> None:
    assert parse(text) is None


def test_everything_that_is_kept_was_received_when_it_was() -> None:
    (part,) = Stream().tell(like())
    assert isinstance(part.outcome, Keep)
    assert part.outcome.value.received_at == RECEIVED_AT  # type: ignore[union-attr]
