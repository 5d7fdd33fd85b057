"""Records of every version that was ever written must decode for ever; what is written today is pinned byte by byte."""

from pathlib import Path

import pytest

from contracts import events, health, paid
from contracts.codec import UndecodableRecord, decoder, encode

GOLDEN = Path(__file__).parent.parent / "fixtures" / "wire"

EXAMPLES: dict[str, object] = {
    "event.1": events.EngagementEvent(
        schema=1,
        event_id="0f" * 16,
        platform="facebook",
        account_id="1001",
        kind="reaction",
        action="add",
        interaction_key="reaction|1001_2001|ann",
        version_key="love:1790000001000",
        post_id="1001_2001",
        target_id="1001_2001",
        occurred_at=1_790_000_001_000,
        occurred_quality="exact",
        received_at=1_790_000_002_345,
        channel="webhook",
        actor_id="ann",
        reaction="love",
        reaction_native="love",
    ),
    "snapshot.1": events.Snapshot(
        schema=1,
        platform="facebook",
        account_id="1001",
        post_id="1001_2001",
        metric="likes",
        scope="total",
        window=events.LIFETIME,
        value=42,
        value_state="known",
        as_of=1_790_000_000_000,
        received_at=1_790_000_000_500,
        poll_id="p1",
    ),
    "post.1": events.Post(
        schema=1,
        platform="facebook",
        account_id="1001",
        post_id="1001_2001",
        as_of=1_790_000_000_000,
        received_at=1_790_000_000_500,
        published_at=1_789_000_000_000,
        permalink="https://www.facebook.com/1001/posts/2001",
        format="added_photos",
        text_length=11,
        hashtags=("spring",),
        is_published=True,
    ),
    "tick.1": events.Tick(1, 1_790_000_000_000),
    "wake.1": events.Wake(1, "youtube:UC1:posts", "youtube", "UC1", 1_790_000_000_000),
    "erasure.1": events.Erasure(
        schema=1,
        erasure_id="7f" * 16,
        platform="facebook",
        pseudonym="ann",
        erased_at=1_790_000_000_000,
        produced={"engagement.events": {0: 8}},
    ),
    "person.1": events.Person(
        schema=1, platform="facebook", actor_id="ann", name="Ann Müller", seen_at=1_790_000_000_000
    ),
    "cursor.1": events.Cursor(
        schema=1,
        source="facebook:1001:posts",
        platform="facebook",
        account_id="1001",
        started_at=1_790_000_000_000,
        overlap_ms=600_000,
        healthy=True,
        recorded_at=1_790_000_000_900,
        state={"since": 1_789_999_400},
        produced={"engagement.snapshots": {0: 7}},
    ),
    "health.1": health.SourceHealth(
        schema=1,
        source="bluesky:did:plc:a:stream",
        platform="bluesky",
        account_id="did:plc:a",
        kind="stream",
        state="degraded",
        recorded_at=1_790_000_000_900,
        since=1_790_000_000_000,
        problem="gap",
        last_success_at=1_790_000_000_100,
        last_event_at=1_789_999_000_000,
        gap_from=1_789_990_000_000,
        gap_until=1_789_999_000_000,
        silences={497221: 60_000},
    ),
    "memory.1": events.Memory(
        schema=1,
        source="instagram:1784:comments",
        object_id="1800",
        listing=events.Listing({"1791": None, "1792": "1791"}, absent=("1792",), hidden=("1791",)),
    ),
    "dead_letter.1": events.DeadLetter(
        schema=1,
        dead_letter_id="ab" * 16,
        stage="ingest",
        origin="change",
        reason="unknown_item",
        detail="item",
        sealed=b"\x00\x01",
        received_at=1_790_000_000_000,
        code_version="1.0.0",
        platform="facebook",
    ),
    "flush_marker.1": events.FlushMarker(
        schema=1,
        processor="organic",
        partition=3,
        version=12,
        positions={"engagement.events": 12},
        rows_until={"agg.posts": 4},
        events=9,
        newest_event_at=1_790_000_000_000,
        oldest_received_at=None,
        newest_received_at=None,
    ),
    "ad_fact.1": paid.AdFact(
        schema=1,
        brand="acme",
        platform="meta_ads",
        account_id="900",
        level="ad",
        entity_id="a1",
        window="day:2026-03-11",
        currency="EUR",
        zone="Europe/Berlin",
        as_of=1_790_000_000_000,
        received_at=1_790_000_000_500,
        run_id="p1",
        campaign_id="c1",
        adset_id="s1",
        ad_id="a1",
        spend_micros=123_450_000,
        impressions=10_000,
        reach=7_500,
        results=(paid.AdResult("purchase", "default", 12_000_000, 480_500_000), paid.AdResult("lead", "1d_view", 1)),
        attribution_setting="7d_click_1d_view",
        provisional=True,
    ),
    "ad_entity.1": paid.AdEntity(
        schema=1,
        brand="acme",
        platform="meta_ads",
        account_id="900",
        kind="ad",
        entity_id="a1",
        as_of=1_790_000_000_000,
        received_at=1_790_000_000_500,
        name="Größe & Glück",
        status="ACTIVE",
        campaign_id="c1",
        adset_id="s1",
        post_platform="facebook",
        post_account_id="1001",
        post_id="1001_2001",
    ),
    "touch.1": paid.Touch(
        schema=1,
        brand="acme",
        site_id="shop",
        touch_id="t1",
        kind="click",
        occurred_at=1_790_000_000_000,
        received_at=1_790_000_000_500,
        consent="granted",
        hints=paid.Hints(source="facebook", click_ids={"fbclid": "IwAR0"}, landing="shop.test/a"),
        visitor_id="ann",
    ),
    "order.1": paid.Order(
        schema=1,
        brand="acme",
        source="shopify",
        shop_id="acme.myshopify.com",
        order_id="820982911946154508",
        version=1_790_000_000_001,
        status="paid",
        ordered_at=1_790_000_000_000,
        received_at=1_790_000_000_500,
        currency="EUR",
        gross_micros=49_900_000,
        customer_id="bob",
        visitor_id="ann",
        hints=paid.Hints(referrer="l.facebook.com"),
    ),
    "refund.1": paid.Refund(
        schema=1,
        brand="acme",
        source="stripe",
        shop_id="acct_1",
        order_id="pi_1",
        refund_id="ch_1",
        version=1_790_000_000_999,
        refunded_at=1_790_000_000_000,
        received_at=1_790_000_000_500,
        currency="EUR",
        amount_micros=10_000_000,
        is_total=True,
    ),
    "link.1": paid.Link(
        schema=1,
        brand="acme",
        link_id="ab" * 16,
        visitor_id="ann",
        customer_id="bob",
        at=1_790_000_000_000,
        received_at=1_790_000_000_500,
        source="order",
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_written_today_is_what_was_published(name: str) -> None:
    assert encode(EXAMPLES[name]) == (GOLDEN / f"{name}.json").read_bytes().rstrip(b"\n")


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_every_published_version_decodes(path: Path) -> None:
    example = EXAMPLES[f"{path.stem.rpartition('.')[0]}.1"]
    assert decoder(type(example))(path.read_bytes()) == example


def test_a_newer_schema_is_named_and_its_payload_is_not() -> None:
    newer = encode(EXAMPLES["tick.1"]).replace(b'"schema":1', b'"schema":2')
    with pytest.raises(UndecodableRecord) as refused:
        decoder(events.Tick)(newer)
    assert refused.value.reason == "unknown_schema"


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b"{", b'{"schema":1}', b"\xff", b'{"schema":1,"as_of":"secret"}']
)
def test_what_is_no_record_is_refused_with_a_reason_and_without_a_quotation(data: bytes) -> None:
    with pytest.raises(UndecodableRecord) as refused:
        decoder(events.Tick)(data)
    assert refused.value.reason == "invalid_record"
    assert "secret" not in str(refused.value)
